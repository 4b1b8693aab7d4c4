"""What every resource has whether its schema declares it or not: apiVersion, kind, metadata.

Comparing looks at schemas that say so, and then needs no exceptions: a pattern for `metadata.name` is as new as
one for a field of the spec.
"""

from __future__ import annotations

from opgen.ir.schema import Schema, Value

_TEXT = Schema(type="string")


def whole(schema: Schema, api_version: str, kind: str) -> Schema:
    """The schema of a version with what all its objects have; the server lets it say no more of metadata."""
    declared = schema.properties
    metadata = declared.get("metadata", Schema(type="object"))
    names = {name: metadata.properties.get(name, _TEXT) for name in ("name", "generateName")}
    head = {
        "apiVersion": _fixed(declared.get("apiVersion", _TEXT), api_version),
        "kind": _fixed(declared.get("kind", _TEXT), kind),
        "metadata": metadata.changed(
            properties=names, required=(*{**dict.fromkeys(metadata.required), "name": None},)
        ),
    }
    return _with(schema, head, tuple(head))


def embedded(schema: Schema) -> Schema:
    """The schema of an embedded resource likewise: its metadata are read as such and never pruned."""
    declared = schema.properties
    metadata = declared.get("metadata", Schema(type="object"))
    head = {name: _present(declared.get(name, _TEXT)) for name in ("apiVersion", "kind")}
    kept = {"metadata": metadata.changed(x_preserve_unknown_fields=True)}
    return _with(schema, {**head, **kept}, tuple(head))


def _fixed(schema: Schema, value: str) -> Schema:
    """With the one value that it has, unless an enum refuses that."""
    if schema.enum and all(item.json != value for item in schema.enum):
        return schema
    return schema.changed(enum=(Value(value),))


def _present(schema: Schema) -> Schema:
    return schema.changed(min_length=max(schema.min_length or 0, 1))


def _with(schema: Schema, head: dict[str, Schema], required: tuple[str, ...]) -> Schema:
    names = dict.fromkeys((*schema.required, *required))
    return schema.changed(properties={**schema.properties, **head}, required=tuple(names))
