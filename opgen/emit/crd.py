"""A definition as the YAML of a CustomResourceDefinition. Always from the IR, whatever form the input had."""

from __future__ import annotations

import json
from typing import Any

from opgen.apiextensions import LINTS, encode
from opgen.apiextensions.lint_codes import TOO_LARGE
from opgen.emit.yaml import dump
from opgen.errors import Diagnostic, warning
from opgen.ir.definition import Definition
from opgen.ir.schema import Schema

SIZE_LIMIT = 256 * 1024
"""Bytes beyond which `kubectl apply` (client side) can't store its annotation; etcd itself takes 1.5 MiB."""


def crd_yaml(definition: Definition) -> str:
    """The definition as one YAML document, keys sorted, without status."""
    return dump(_sorted(encode(definition)))


def _sorted(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _sorted(data[key]) for key in sorted(data)}
    if isinstance(data, list):
        return [_sorted(item) for item in data]
    return data


def size_warnings(definition: Definition, text: str, file: str = "") -> tuple[Diagnostic, ...]:
    """A warning when the CRD is larger than client-side apply can take, naming the core types that cost most.

    `text` is its YAML: what the annotation holds is JSON, never twice as long.
    """
    if len(text) < SIZE_LIMIT // 2:
        return ()
    size = len(json.dumps(encode(definition), separators=(",", ":"), ensure_ascii=False).encode())
    if size <= SIZE_LIMIT:
        return ()
    costs: dict[str, int] = {}
    for version in definition.versions:
        if version.schema is not None:
            _costs(version.schema, costs)
    most = sorted(costs.items(), key=lambda entry: -entry[1])[:3]
    named = ", ".join(f"{ref} ({weight} nodes)" for ref, weight in most)
    return (
        warning(
            f"the CRD has {size:,} bytes as JSON; `kubectl apply` without --server-side takes {SIZE_LIMIT:,}",
            file=file,
            hint=f"largest references: {named}" if named else LINTS[TOO_LARGE].hint,
            code=TOO_LARGE,
        ),
    )


def _costs(schema: Schema, costs: dict[str, int]) -> int:
    children = [*schema.properties.values()]
    if schema.items is not None:
        children.append(schema.items)
    if isinstance(schema.additional_properties, Schema):
        children.append(schema.additional_properties)
    weight = 1 + sum(_costs(child, costs) for child in children)
    if schema.ref is not None:
        costs[str(schema.ref)] = costs.get(str(schema.ref), 0) + weight
    return weight
