"""Schemas as CEL types, with the sizes that the cost estimate and the cardinality need.

`declared` makes a `Declared` of a node; where the server knows no type (no type, no items, unknown fields) it is
None and rules cannot see the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.escaping import escape
from opgen.apiextensions.cel.types import Type
from opgen.apiextensions.gojson import LARGEST_REQUEST
from opgen.ir.schema import Schema

SELF_TYPE = "selfType"
_STRING = Schema(type="string")
_METADATA = Schema(type="object", properties={"name": _STRING, "generateName": _STRING})


@dataclass(frozen=True, slots=True)
class Declared:
    """One node's type: `most` elements or bytes at most (0 for scalars), `least` bytes of JSON at least."""

    type: Type
    least: int
    most: int = 0
    fields: Mapping[str, Declared] = field(default_factory=dict)
    key: Declared | None = None
    element: Declared | None = None


_KEY = Declared(types.STRING, 2)
_SCALARS = {
    "boolean": Declared(types.BOOL, 4),
    "number": Declared(types.DOUBLE, 1),
    "integer": Declared(types.INT, 1),
}
# format: type, least and most bytes
_FORMATS = {
    "duration": (types.DURATION, 3, 32),
    "date": (types.TIMESTAMP, 12, 12),
    "date-time": (types.TIMESTAMP, 21, 32),
}


def with_object_meta(schema: Schema) -> Schema:
    """The schema of a resource's root: rules always see apiVersion, kind and the two names of metadata."""
    given = schema.properties
    metadata = given.get("metadata")
    if (
        metadata is not None
        and metadata.type == "object"
        and all(
            inner is not None and inner.type == "string"
            for inner in (
                given.get("kind"),
                given.get("apiVersion"),
                metadata.properties.get("name"),
                metadata.properties.get("generateName"),
            )
        )
    ):
        return schema
    properties = {**given, "kind": _STRING, "apiVersion": _STRING, "metadata": _METADATA}
    return schema.changed(properties=properties)


def declared(schema: Schema, *, root: bool, name: str = SELF_TYPE) -> Declared | None:
    """The type of a node; `root` if it is a resource's root, `name` the name of its object type."""
    if schema.x_int_or_string:
        most = LARGEST_REQUEST - 2 if schema.max_length is None else _runes(schema.max_length)
        return Declared(types.DYN, 1, most)
    if root:
        schema = with_object_meta(schema)
    match schema.type:
        case "array":
            return _array(schema, name)
        case "object":
            if isinstance(schema.additional_properties, Schema):
                return _map(schema, schema.additional_properties, name)
            return _object(schema, name)
        case "string":
            return _string(schema)
        case scalar:
            return _SCALARS.get(scalar)


def has_type(schema: Schema) -> bool:
    """Whether `declared` makes anything of a node."""
    while not schema.x_int_or_string:
        below = schema.items if schema.type == "array" else schema.additional_properties
        if schema.type not in ("array", "object"):
            return schema.type == "string" or schema.type in _SCALARS
        if not isinstance(below, Schema):
            return schema.type == "object"
        schema = below
    return True


def _array(schema: Schema, name: str) -> Declared | None:
    if schema.items is None:
        return None
    element = declared(schema.items, root=schema.items.x_embedded_resource, name=f"{name}.@idx")
    if element is None:
        return None
    most = (
        (LARGEST_REQUEST - 2) // (element.least + 1) if schema.max_items is None else max(schema.max_items, 0)
    )
    return Declared(types.list_of(element.type), 2, most, element=element)


def _map(schema: Schema, values: Schema, name: str) -> Declared | None:
    element = declared(values, root=values.x_embedded_resource, name=f"{name}.@elem")
    if element is None:
        return None
    limit = schema.max_properties
    most = (LARGEST_REQUEST - 2) // (element.least + 6) if limit is None else max(limit, 0)
    return Declared(types.map_of(types.STRING, element.type), 2, most, key=_KEY, element=element)


def _object(schema: Schema, name: str) -> Declared:
    fields: dict[str, Declared] = {}
    least = 2
    for prop, child in schema.properties.items():
        escaped = escape(prop)
        found = declared(child, root=child.x_embedded_resource, name=f"{name}.{escaped or prop}")
        if found is None:
            continue
        if escaped is not None:
            fields[escaped] = found
        if prop in schema.required and (child.default is None or child.default.json is None):
            least += len(prop.encode("utf-8", "surrogatepass")) + found.least + 4
    return Declared(types.struct(name), least, fields=fields)


def _string(schema: Schema) -> Declared:
    if schema.format == "byte":
        most = LARGEST_REQUEST - 2 if schema.max_length is None else max(schema.max_length, 0)
        return Declared(types.BYTES, 2, most)
    if schema.format in _FORMATS:
        return Declared(*_FORMATS[schema.format])
    if schema.max_length is not None:
        return Declared(types.STRING, 2, _runes(schema.max_length))
    if schema.enum:
        texts = [v.json.encode("utf-8", "surrogatepass") for v in schema.enum if isinstance(v.json, str)]
        return Declared(types.STRING, 2, max(map(len, texts), default=0))
    return Declared(types.STRING, 2, LARGEST_REQUEST - 2)


def _runes(length: int) -> int:
    """A bound in code points as bytes, within 64 bits as the server has it."""
    return max(length, 0) * 4 % (1 << 64)


def cardinality(node: Declared) -> int:
    """How often the node can occur at most in one request, where nothing above it is bounded."""
    return LARGEST_REQUEST // (node.least + 1)


def structs(node: Declared) -> dict[str, Mapping[str, Type]]:
    """The fields of every object type within."""
    found: dict[str, Mapping[str, Type]] = {}
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if here.element is not None:
            waiting.append(here.element)
        elif here.type.kind is types.Kind.STRUCT:
            found[here.type.name] = {name: child.type for name, child in here.fields.items()}
            waiting.extend(here.fields.values())
    return found
