"""Turns a model's annotations into pydantic-core schemas: one to construct and assign, one to read.

The annotations are the small set that the emitter writes: scalars, Literal, Any, list, dict, Structs, and
unions of these with None. *Constructing* checks strictly: types, enums, bounds. *Reading* checks shape only,
since what a server has stored must stay readable after its schema was tightened: any string passes for an
enum, nulls pass where the schema allowed them once, unknown fields are kept. Both are pydantic-core from end
to end, so that no Python runs while an object is read, save for the rare forms noted below.

`struct` owns the classes and calls this module once a class.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union

from pydantic.fields import FieldInfo
from pydantic_core import core_schema as cs

from opgen_runtime.objects.limits import INT64, Check, Limits, limits_of


@dataclass(frozen=True, slots=True)
class NullMarker:
    """Marks an annotation whose schema says `nullable: true`: None is written as null."""


@dataclass(frozen=True, slots=True)
class FieldShape:
    """What is known of one field: its Python and wire names, its type without the outer None."""

    name: str
    wire: str
    annotation: Any
    nullable: bool
    required: bool
    default: Any
    factory: bool
    constraints: Limits

    @property
    def null_reads_as_default(self) -> bool:
        """A defaulted field that isn't nullable: the server takes a null and stores the default."""
        return (self.default is not None or self.factory) and not self.nullable


def camel(name: str) -> str:
    """The wire name that an attribute stands for when nothing else is said: secret_name -> secretName."""
    if "_" not in name:
        return name
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def field_shape(name: str, info: FieldInfo) -> FieldShape:
    """Reads pydantic's FieldInfo; a factory stands for a field that is never None."""
    annotation, metadata = _strip(info.annotation)
    metadata += info.metadata
    marked = any(isinstance(item, NullMarker) for item in metadata)
    alias = info.validation_alias
    factory = info.default_factory is not None
    required = info.is_required()
    return FieldShape(
        name=name,
        wire=alias if isinstance(alias, str) else camel(name),
        annotation=annotation,
        nullable=marked or (required and _accepts_none(info.annotation)),
        required=required,
        default=None if required or factory else info.default,
        factory=factory,
        constraints=limits_of(metadata),
    )


def _accepts_none(annotation: Any) -> bool:
    return type(None) in typing.get_args(annotation)


def _strip(annotation: Any) -> tuple[Any, list[Any]]:
    """The annotation without its outer None and Annotated, and the metadata of the latter."""
    metadata: list[Any] = []
    while True:
        origin = typing.get_origin(annotation)
        if origin is Annotated:
            metadata += annotation.__metadata__
            annotation = annotation.__origin__
        elif origin is Union or origin is types.UnionType:
            members = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
            if len(members) == len(typing.get_args(annotation)):
                return annotation, metadata
            annotation = members[0] if len(members) == 1 else Union[tuple(members)]  # noqa: UP007
        else:
            return annotation, metadata


VALUE, NULL = "(value)", "(null)"
"""Steps in the path of an error that only say which side of a union refused."""

StructSchema = Callable[[type], cs.CoreSchema]
"""Gives the schema that stands for a nested Struct."""


def constructing(shape: FieldShape, struct: StructSchema) -> cs.CoreSchema:
    """Strict: what a constructor or an assignment may put into a field (None aside)."""
    schema = _strict(shape.annotation, shape.constraints, struct)
    return cs.nullable_schema(schema) if shape.nullable else schema


def reading(shape: FieldShape, struct: StructSchema) -> cs.CoreSchema:
    """Shape only: what a stored object may hold in a field. A null of an optional field is kept."""
    schema = _loose(shape.annotation, struct)
    if shape.null_reads_as_default:
        # Union, not nullable: the function runs only for a null, and tells `struct` that one was there.
        noted = cs.with_info_after_validator_function(_note_surprise, cs.none_schema())
        return cs.union_schema([(schema, VALUE), (noted, NULL)], mode="left_to_right")
    container = typing.get_origin(shape.annotation) in (list, dict)
    # A built-in kind's empty list is a null where Go's type doesn't omit it (endpoints of an EndpointSlice).
    if shape.required and not shape.nullable and not container:
        return schema
    return cs.nullable_schema(schema)


def _note_surprise(value: Any, info: Any) -> Any:
    info.context.append(value)
    return value


def surprising_key(names: list[str]) -> cs.CoreSchema:
    """Passes the names of unknown fields; notes one that is the attribute of a field named otherwise."""
    noted = cs.with_info_after_validator_function(_note_surprise, cs.literal_schema(names))
    return cs.union_schema([noted, cs.str_schema()], mode="left_to_right")


def _integral(value: float) -> int:
    if value != int(value):
        raise ValueError("not an integer")
    return int(value)


_STR = cs.str_schema(strict=True)
_INT = cs.int_schema(strict=True)
_FLOAT = cs.float_schema(strict=True, allow_inf_nan=False)
_BOOL = cs.bool_schema(strict=True)
# 5.0 is a valid integer to the server, which stores 5.
_INTEGRAL = cs.no_info_after_validator_function(_integral, _FLOAT)
_LOOSE_INT = cs.union_schema(
    [_INT, _INTEGRAL],
    mode="left_to_right",
    custom_error_type="int_type",
)
_NUMBER = cs.union_schema(
    [_INT, _FLOAT],
    mode="left_to_right",
    custom_error_type="float_type",
)
_LOOSE: dict[Any, cs.CoreSchema] = {
    str: _STR,
    int: _LOOSE_INT,
    bool: _BOOL,
    float: _NUMBER,
    Any: cs.any_schema(),
}


def _loose(annotation: Any, struct: StructSchema) -> cs.CoreSchema:
    simple = _LOOSE.get(annotation) if isinstance(annotation, type) or annotation is Any else None
    if simple is not None:
        return simple
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        kinds = {type(value) for value in args if value is not None}
        return _LOOSE.get(kinds.pop(), _LOOSE[Any]) if len(kinds) == 1 else _LOOSE[Any]
    if origin is list:
        return cs.list_schema(_nullable(_loose(_strip(args[0])[0], struct)))
    if origin is dict:
        return cs.dict_schema(_STR, _nullable(_loose(_strip(args[1])[0], struct)))
    if origin is Union or origin is types.UnionType:
        return _loose_union({*args})
    return struct(annotation)


def _nullable(schema: cs.CoreSchema) -> cs.CoreSchema:
    return schema if schema["type"] == "any" else cs.nullable_schema(schema)


def _loose_union(members: set[Any]) -> cs.CoreSchema:
    if members == {int, float}:
        return _NUMBER
    if members == {int, str}:
        # A fraction too: built-in quantities may be numbers of any kind.
        return _either([_STR, _INT, _INTEGRAL, _FLOAT])
    return _LOOSE[Any]


def _either(schemas: list[cs.CoreSchema | tuple[cs.CoreSchema, str]]) -> cs.CoreSchema:
    return cs.union_schema(
        schemas,
        mode="left_to_right",
        custom_error_type="int_or_string",
        custom_error_message="Input should be an integer or a string",
    )


def _strict(annotation: Any, limits: Limits, struct: StructSchema) -> cs.CoreSchema:
    """The checks of a type and of its limits: pydantic-core's own where it has them, `Check` for the rest."""
    schema, checked = _strict_type(annotation, limits, struct)
    rest = {name: limit for name, limit in limits.items() if name not in checked}
    return cs.no_info_after_validator_function(Check(rest), schema) if rest else schema


def _strict_type(
    annotation: Any, limits: Limits, struct: StructSchema
) -> tuple[cs.CoreSchema, tuple[str, ...]]:
    """The schema, and the names of the limits that it checks."""
    if annotation is Any:
        return cs.any_schema(), ()
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return cs.literal_schema(list(args)), ()
    if origin is list:
        return cs.list_schema(_strict_inner(args[0], struct), **_given(limits, _SIZES)), _SIZES
    if origin is dict:
        return cs.dict_schema(_STR, _strict_inner(args[1], struct), **_given(limits, _SIZES)), _SIZES
    if origin is Union or origin is types.UnionType:
        return _strict_union({*args}, limits)
    if annotation is str:
        return cs.str_schema(strict=True, **_given(limits, _SIZES)), _SIZES
    if annotation is bool:
        return _BOOL, ()
    if annotation is int:
        bounds = _given({**INT64, **limits}, _BOUNDS)
        whole = cs.int_schema(strict=True, **bounds)
        return cs.no_info_before_validator_function(_integral_or_same, whole), _BOUNDS
    if annotation is float:
        return _strict_union({int, float}, limits)
    return struct(annotation), ()


def _strict_inner(annotation: Any, struct: StructSchema) -> cs.CoreSchema:
    """A list's items or a map's values: `list[Annotated[int, Field(ge=1)]]`."""
    inner, metadata = _strip(annotation)
    schema = _strict(inner, limits_of(metadata), struct)
    return cs.nullable_schema(schema) if _accepts_none(annotation) else schema


def _strict_union(members: set[Any], limits: Limits) -> tuple[cs.CoreSchema, tuple[str, ...]]:
    if members == {int, float}:
        bounds = _given(limits, _RANGE)
        number = cs.float_schema(strict=True, allow_inf_nan=False, **bounds)
        return cs.no_info_wrap_validator_function(_keep_number, number), _RANGE
    if members == {int, str}:
        return _either([_STR, _INT, _INTEGRAL]), ()
    return cs.any_schema(), ()


def _integral_or_same(value: Any) -> Any:
    return int(value) if type(value) is float and value.is_integer() else value


def _keep_number(value: Any, check: Callable[[Any], Any]) -> Any:
    """3 stays 3: the float that was checked is dropped."""
    check(value)
    return value


_SIZES = ("min_length", "max_length")
_RANGE = ("ge", "gt", "le", "lt")
_BOUNDS = (*_RANGE, "multiple_of")


def _given(limits: Limits, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: limits[name] for name in names if name in limits}
