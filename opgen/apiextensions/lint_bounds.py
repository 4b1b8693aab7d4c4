"""Lints of one node's bounds and enum: values that can never be given, and bounds that refuse all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction

from opgen.apiextensions import lint_codes as codes
from opgen.apiextensions.gotext import to_json
from opgen.apiextensions.lint_objects import Finding, keeps_rest
from opgen.apiextensions.validation import validate
from opgen.ir.schema import JSON, Schema

_PAIRS = (
    ("minLength", "maxLength", "min_length", "max_length"),
    ("minItems", "maxItems", "min_items", "max_items"),
    ("minProperties", "maxProperties", "min_properties", "max_properties"),
)

BOUNDS = frozenset(("minimum", "maximum", "multiple_of", *(name for pair in _PAIRS for name in pair[2:])))

_OF_TYPES: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "minLength": ("min_length", ("string",), "texts"),
    "maxLength": ("max_length", ("string",), "texts"),
    "pattern": ("pattern", ("string",), "texts"),
    "minimum": ("minimum", ("integer", "number"), "numbers"),
    "maximum": ("maximum", ("integer", "number"), "numbers"),
    "multipleOf": ("multiple_of", ("integer", "number"), "numbers"),
    "minItems": ("min_items", ("array",), "lists"),
    "maxItems": ("max_items", ("array",), "lists"),
    "minProperties": ("min_properties", ("object",), "objects"),
    "maxProperties": ("max_properties", ("object",), "objects"),
}
"""Keywords with their attributes, the types for whose values they are, and what those are called."""
TYPED = frozenset(attribute for attribute, _, _ in _OF_TYPES.values())


def unfit(schema: Schema, path: str, root: bool) -> Iterator[Finding]:
    """Keywords for values that the field never has."""
    if not schema.type:
        return
    for keyword, (attribute, types, values) in _OF_TYPES.items():
        if schema.type not in types and getattr(schema, attribute) not in (None, ""):
            message = f"{keyword} is for {values} and has no effect on type {schema.type}"
            yield codes.UNFIT_KEYWORD, f"{path}.{keyword}", message


def example(schema: Schema, path: str, root: bool) -> Iterator[Finding]:
    """An example of another type than the field's."""
    if schema.example is not None and not _is_of_type(schema, schema.example.json):
        message = f"the example {to_json(schema.example.json)} is not of type {schema.type}"
        yield codes.EXAMPLE_TYPE, f"{path}.example", message


def bounds(schema: Schema, path: str, root: bool) -> Iterator[Finding]:
    """Bounds that refuse everything, or nothing."""
    yield from _numbers(schema, path)
    for lower, upper, least_name, most_name in _PAIRS:
        least: int | None = getattr(schema, least_name)
        most: int | None = getattr(schema, most_name)
        for name, value in ((lower, least), (upper, most)):
            if value is not None and value < 0:
                yield codes.NEGATIVE_BOUND, f"{path}.{name}", f"{name} is {value}"
        if least is not None and most is not None and least > most >= 0:
            yield codes.EMPTY_RANGE, f"{path}.{lower}", f"{lower} is {least}, {upper} is {most}"
    yield from _counts(schema, path)
    yield from _unfit_bounds(schema, path)


def _numbers(schema: Schema, path: str) -> Iterator[Finding]:
    """Ranges of numbers in which none lies."""
    low, high = schema.minimum, schema.maximum
    if low is None or high is None:
        return
    exclusive = schema.exclusive_minimum or schema.exclusive_maximum
    if low > high or (low == high and exclusive):
        yield codes.EMPTY_RANGE, f"{path}.minimum", f"no number is at least {low} and at most {high}"
        return
    step = Fraction(str(schema.multiple_of)) if schema.multiple_of else Fraction(0)
    if step <= 0:
        if schema.type != "integer":
            return
        step = Fraction(1)
    first = math.ceil(Fraction(str(low)) / step)
    last = math.floor(Fraction(str(high)) / step)
    first += schema.exclusive_minimum and first * step == Fraction(str(low))
    last -= schema.exclusive_maximum and last * step == Fraction(str(high))
    if first > last:
        what = "no integer" if step == 1 else f"no multiple of {schema.multiple_of}"
        yield codes.EMPTY_RANGE, f"{path}.minimum", f"{what} lies between {low} and {high}"


def _counts(schema: Schema, path: str) -> Iterator[Finding]:
    """Counts of fields and items that what is declared can't reach or must exceed."""
    least, most = schema.min_properties, schema.max_properties
    declared = len(schema.properties)
    if least is not None and schema.properties and not keeps_rest(schema) and least > declared:
        message = f"minProperties is {least}, yet only {declared} {'is' if declared == 1 else 'are'} declared"
        yield codes.EMPTY_RANGE, f"{path}.minProperties", message
    required = len(set(schema.required))
    if most is not None and required > most >= 0:
        message = f"maxProperties is {most}, yet {required} are required"
        yield codes.EMPTY_RANGE, f"{path}.maxProperties", message
    items = schema.items
    if schema.x_list_type == "set" and items is not None and items.enum and schema.min_items is not None:
        different = len({to_json(value.json) for value in items.enum})
        if schema.min_items > different:
            message = f"minItems is {schema.min_items}, yet a set of {different} values has no more"
            yield codes.EMPTY_RANGE, f"{path}.minItems", message


def _unfit_bounds(schema: Schema, path: str) -> Iterator[Finding]:
    for name, value in (
        ("minimum", schema.minimum),
        ("maximum", schema.maximum),
        ("multipleOf", schema.multiple_of),
    ):
        if value is None or schema.type not in ("integer", "number"):
            continue
        alone = Schema(
            type=schema.type,
            format=schema.format,
            minimum=value if name == "minimum" else None,
            maximum=value if name == "maximum" else None,
            multiple_of=value if name == "multipleOf" else None,
        )
        # No value is to blame for what the validator says of the bound itself.
        if any("must be of type" in error.detail for error in validate(alone, 0)):
            kind = f"{schema.type} with format {schema.format}" if schema.format else schema.type
            yield codes.BOUND_OUT_OF_FORMAT, f"{path}.{name}", f"{name} {value} does not fit {kind}"


def enums(schema: Schema, path: str, root: bool) -> Iterator[Finding]:
    """Values of an enum that the field's own type or bounds refuse, and null, which an enum never takes."""
    if not schema.enum:
        return
    rest = schema.changed(enum=())
    seen: set[str] = set()
    for index, value in enumerate(schema.enum):
        where = f"{path}.enum[{index}]"
        written = to_json(value.json)
        if written in seen:
            yield codes.ENUM_TWICE, where, f"{written} is there already"
            continue
        seen.add(written)
        if not _is_of_type(schema, value.json):
            shown = to_json(value.json)
            yield (
                codes.ENUM_TYPE,
                where,
                f"{shown} is not of type {schema.type}, so it can never be given",
            )
        elif value.json is not None and (errors := validate(rest, value.json)):
            why = errors[0].detail.partition(" in body ")[2] or errors[0].detail
            if "must be of type" not in why:  # the bound's own fault
                yield codes.ENUM_REFUSED, where, f"{to_json(value.json)} can never be given: it {why}"
    if schema.nullable:
        yield (
            codes.NULLABLE_ENUM,
            f"{path}.nullable",
            "null is refused by the enum, whether or not it lists it",
        )


def _is_of_type(schema: Schema, value: JSON) -> bool:
    if schema.x_int_or_string or not schema.type:
        return True
    if value is None:
        return schema.nullable
    match schema.type:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return not isinstance(value, bool) and (
                isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            )
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
    return True
