"""A definition as the YAML of a CustomResourceDefinition. Always from the IR, whatever form the input had."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from opgen.apiextensions import LINTS, encode, encode_schema
from opgen.apiextensions.lint_codes import TOO_LARGE
from opgen.emit.yaml import dump
from opgen.errors import Diagnostic, error, warning
from opgen.ir.definition import Definition
from opgen.ir.schema import Schema

SIZE_LIMIT = 256 * 1024
"""Bytes beyond which `kubectl apply` (client side) can't store its annotation; etcd itself takes 1.5 MiB."""


def crd_yaml(definition: Definition) -> str:
    """The definition as one YAML document, keys sorted, without status."""
    return dump(encode(definition), sort_keys=True)


def size_warnings(
    definition: Definition, text: str, file: str = "", budget: int | None = None
) -> tuple[Diagnostic, ...]:
    """A warning when the CRD is larger than client-side apply can take; an error when it is over a `budget` (bytes).

    `text` is its YAML; what the annotation holds is JSON, never twice as long. The hint says what costs most.
    """
    limit = SIZE_LIMIT if budget is None else budget
    if len(text) < limit // 2 or most_json_bytes(text) <= limit:
        return ()
    size = _bytes(encode(definition))
    if size <= limit:
        return ()
    hint = costs(definition, size) or LINTS[TOO_LARGE].hint
    if budget is not None:
        return (
            error(f"the CRD has {size:,} bytes as JSON, over its budget of {budget:,}", file=file, hint=hint),
        )
    return (
        warning(
            f"the CRD has {size:,} bytes as JSON; `kubectl apply` without --server-side takes {SIZE_LIMIT:,}",
            file=file,
            hint=hint,
            code=TOO_LARGE,
        ),
    )


def costs(definition: Definition, size: int) -> str:
    """What makes a CRD of `size` bytes large: the built-in types in it, and its descriptions. "" where neither does."""
    found: list[tuple[int, str]] = []
    described = 0
    for version in definition.versions:
        if version.schema is not None:
            described += _described(version.schema)
            prefix = f"{version.name}: " if len(definition.versions) > 1 else ""
            found.extend((weight, f"{prefix}{place}") for weight, place in _references(version.schema, ""))
    largest = ", ".join(f"{place} {weight:,}" for weight, place in sorted(found, key=lambda one: -one[0])[:3])
    said = [f"largest references: {largest}"] if largest else []
    if described * 4 > size:
        said.append(
            f"descriptions are {100 * described // size} % of it: `descriptions: false`, or a number of characters"
        )
    return "; ".join(said)


def _references(schema: Schema, place: str) -> Iterator[tuple[int, str]]:
    """The built-in types within a schema that stand in no other, with their bytes."""
    if schema.ref is not None:
        yield _bytes(encode_schema(schema)), f"{place} ({schema.ref})"
        return
    for name, below in schema.properties.items():
        yield from _references(below, f"{place}.{name}" if place else name)
    if schema.items is not None:
        yield from _references(schema.items, f"{place}[]")
    if isinstance(schema.additional_properties, Schema):
        yield from _references(schema.additional_properties, f"{place}.*")


def _described(schema: Schema) -> int:
    """The bytes of all descriptions in a schema."""
    below = [*schema.properties.values(), *(part for part in (schema.items,) if part is not None)]
    if isinstance(schema.additional_properties, Schema):
        below.append(schema.additional_properties)
    own = len(schema.description.encode()) + len(',"description":""') if schema.description else 0
    return own + sum(map(_described, below))


def most_json_bytes(text: str) -> int:
    """At least as many bytes as the JSON of a document has, by its YAML: names and values are all in there, and JSON
    has no more than three signs more on a line, and one more at a dash."""
    return len(json.dumps(text, ensure_ascii=False).encode()) + 3 * text.count("\n") + text.count("- ") + 4


def _bytes(data: Any) -> int:
    return len(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode())
