"""Definitions for the tests of this package, and how to ask for what is wrong with one."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from opgen.apiextensions import review_definition


def definition(schema: Any = None, **spec: Any) -> dict[str, Any]:
    """A definition of one version that the server takes, with this schema; `spec` replaces parts of spec."""
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object"} if schema is None else deepcopy(schema)},
    }
    whole: dict[str, Any] = {
        "group": "example.com",
        "names": {"plural": "widgets", "kind": "Widget"},
        "scope": "Namespaced",
        "versions": [version],
    }
    whole.update(deepcopy(spec))
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{whole['names']['plural']}.{whole['group']}"},
        "spec": whole,
    }


def of_field(field: Any, **keywords: Any) -> dict[str, Any]:
    """A definition whose schema has the one property `a`; `keywords` stand at the root."""
    return definition({"type": "object", "properties": {"a": field}, **keywords})


def wrong(raw: Any, old: Any = None) -> list[tuple[str, str]]:
    """Path and text of each error; the paths without `spec.validation.openAPIV3Schema`, which is the usual place."""
    verdict = review_definition(raw, old)
    assert not verdict.decode, verdict.decode
    return sorted(
        (error.field.removeprefix("spec.validation.openAPIV3Schema"), error.detail)
        for error in verdict.errors
    )


def details(raw: Any, old: Any = None) -> list[str]:
    """The texts of the errors alone."""
    return [detail for _, detail in wrong(raw, old)]
