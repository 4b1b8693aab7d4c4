"""Definitions of v1beta1, written as v1: what moves, what is made explicit, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.apiextensions import convert_v1beta1, decode, review_definition
from opgen.errors import Level


def old(**spec: Any) -> dict[str, Any]:
    whole = {
        "group": "example.com",
        "names": {"plural": "widgets", "kind": "Widget"},
        "version": "v1",
        "preserveUnknownFields": False,
        "validation": {"openAPIV3Schema": {"type": "object"}},
        **spec,
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1beta1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {key: value for key, value in whole.items() if value is not None},
    }


def converted(raw: Any) -> Any:
    """The v1 form, which the server takes."""
    result, diagnostics = convert_v1beta1(raw)
    assert result is not None, diagnostics
    assert all(diagnostic.level is Level.WARNING for diagnostic in diagnostics)
    assert decode(result).strict_error == ""
    assert review_definition(result).allowed
    return result


@pytest.mark.parametrize("scope", [None, ""])
def test_without_a_scope_it_is_namespaced(scope: str | None) -> None:
    raw = old()
    raw["spec"]["scope"] = scope
    assert converted(raw)["spec"]["scope"] == "Namespaced"


def test_what_stood_at_the_top_moves_below_each_version() -> None:
    raw = old(
        version=None,
        versions=[
            {"name": "v1", "served": True, "storage": True},
            {"name": "v2", "served": True, "storage": False},
        ],
        subresources={"status": {}},
        additionalPrinterColumns=[{"name": "A", "type": "date", "JSONPath": ".metadata.creationTimestamp"}],
    )
    spec = converted(raw)["spec"]
    assert spec["scope"] == "Namespaced"
    assert not {"validation", "subresources", "additionalPrinterColumns"} & spec.keys()
    for version in spec["versions"]:
        assert version["schema"] == {"openAPIV3Schema": {"type": "object"}}
        assert version["subresources"] == {"status": {}}
        assert version["additionalPrinterColumns"] == [
            {"name": "A", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
        ]
    assert spec["versions"][0]["schema"] is not spec["versions"][1]["schema"]


def test_a_single_version_becomes_a_list() -> None:
    spec = converted(old())["spec"]
    assert [(v["name"], v["served"], v["storage"]) for v in spec["versions"]] == [("v1", True, True)]
    assert "version" not in spec


def test_unknown_fields_are_preserved_by_the_schema_where_v1beta1_did() -> None:
    root = converted(old(preserveUnknownFields=None))["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert root["x-kubernetes-preserve-unknown-fields"] is True


def test_a_missing_schema_becomes_one_that_takes_everything() -> None:
    root = converted(old(validation=None))["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert root == {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def test_the_webhook_moves() -> None:
    conversion = {"strategy": "Webhook", "webhookClientConfig": {"url": "https://a.b"}}
    assert converted(old(conversion=conversion))["spec"]["conversion"] == {
        "strategy": "Webhook",
        "webhook": {"clientConfig": {"url": "https://a.b"}, "conversionReviewVersions": ["v1beta1"]},
    }


def test_each_change_is_a_warning() -> None:
    _, diagnostics = convert_v1beta1(old(validation=None))
    assert [diagnostic.path for diagnostic in diagnostics] == [
        "$.apiVersion",
        "$.spec.version",
        "$.spec.versions[0].schema",
    ]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, "not a definition of apiextensions.k8s.io/v1beta1"),
        ({"apiVersion": "apiextensions.k8s.io/v1"}, "not a definition of apiextensions.k8s.io/v1beta1"),
        ({"apiVersion": "apiextensions.k8s.io/v1beta1"}, "a definition needs a spec"),
        (old(versions=[1]), "must be a list of objects"),
        (
            old(versions=[{"name": "v2", "served": True, "storage": True}]),
            "must match the first version in spec.versions",
        ),
        (
            old(versions=[{"name": "v1", "schema": {"openAPIV3Schema": {}}}]),
            "top-level and per-version schemas are mutually exclusive",
        ),
        (
            old(validation={"openAPIV3Schema": {"properties": {"a": {}}}}),
            "spec.validation.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified "
            "object fields",
        ),
        (
            old(validation={"openAPIV3Schema": {"type": 1}}),
            "json: cannot unmarshal number into Go struct field "
            "JSONSchemaProps.spec.versions.schema.openAPIV3Schema.type of type string",
        ),
    ],
)
def test_what_has_no_form_in_v1_is_refused_with_the_reason(raw: Any, text: str) -> None:
    result, diagnostics = convert_v1beta1(raw)
    assert result is None
    assert [d.message for d in diagnostics if d.level is Level.ERROR] == [text]
