"""Decides what a schema node is to a model: one closed union, matched exhaustively by `spell` and `plan`.

A format or a pattern is validation, never a type: strings stay strings. What the server would accept in more
than one shape (preserved unknown fields without a type, int-or-string) is typed as that.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import TypeAlias

from opgen.ir.schema import JSON, CoreRef, Schema


@dataclass(frozen=True, slots=True)
class Scalar:
    """`type` is string, integer, number or boolean."""

    type: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values, none of them null."""

    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class IntOrString:
    """An integer or a string."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Plain data of any shape."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; `items` is None where the schema says nothing of them."""

    items: Schema | None


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map with any keys; `values` is None where the schema says nothing of them."""

    values: Schema | None


@dataclass(frozen=True, slots=True)
class Object:
    """An object with declared properties: a class of its own. `open` if undeclared ones are kept."""

    schema: Schema
    open: bool


@dataclass(frozen=True, slots=True)
class Core:
    """A built-in type that has a model."""

    ref: CoreRef


Shape: TypeAlias = Scalar | Choice | IntOrString | Anything | ListOf | MapOf | Object | Core

_SCALARS = {type: Scalar(type) for type in ("string", "integer", "number", "boolean")}
_INT_OR_STRING = IntOrString()
_ANYTHING = Anything()


def shape_of(schema: Schema, core: Container[CoreRef]) -> Shape:
    """What `schema` is; `core` holds the references that have a model."""
    if schema.plain:
        return _SCALARS[schema.type]
    if schema.ref is not None and schema.ref in core:
        return Core(schema.ref)
    if schema.x_int_or_string:
        return _INT_OR_STRING
    if schema.type in _SCALARS:
        return _choice(schema) or _SCALARS[schema.type]
    if schema.type == "array":
        return ListOf(schema.items)
    if schema.type == "object":
        if schema.properties:
            return Object(schema, bool(schema.x_preserve_unknown_fields or schema.additional_properties))
        values = schema.additional_properties
        return MapOf(values if isinstance(values, Schema) else None)
    return _ANYTHING


def _choice(schema: Schema) -> Choice | None:
    """Literal holds strings, integers and booleans; a number's enum would refuse 1.0 for 1."""
    if not schema.enum or schema.type == "number":
        return None
    values: list[str | int | bool] = []
    for value in (item.json for item in schema.enum):
        fitting = _fitting(value, schema.type)
        if fitting is not None:
            values.append(fitting)
    unique = dict.fromkeys((type(value), value) for value in values)
    return Choice(tuple(value for _, value in unique)) if unique else None


def _fitting(value: JSON, type: str) -> str | int | bool | None:
    match value:
        case bool():
            return value if type == "boolean" else None
        case str():
            return value if type == "string" else None
        case int():
            return value if type == "integer" else None
        case float():
            return int(value) if type == "integer" and value.is_integer() else None
    return None


def scalar_default(schema: Schema, shape: Shape) -> str | int | float | bool | None:
    """The default that an absent field reads as; None where it has none, or one that isn't a scalar."""
    if schema.default is None:
        return None
    value = schema.default.json
    match shape:
        case Scalar(type="number"):
            return value if isinstance(value, int | float) and not isinstance(value, bool) else None
        case Scalar(type=kind):
            return _fitting(value, kind)
        case Choice(values=values):
            kinds = {bool: "boolean", int: "integer", str: "string"}
            fitting = _fitting(value, kinds[type(values[0])])
            return fitting if fitting in values else None
        case IntOrString():
            return value if isinstance(value, str) else _fitting(value, "integer")
        case Anything():
            return value if isinstance(value, str | int | float | bool) else None
        case _:
            return None
