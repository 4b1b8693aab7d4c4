"""The lints of one node of a schema: each yields a code, a path and a message. `lints` walks."""

from __future__ import annotations

from collections.abc import Iterator

from opgen.apiextensions.gotext import to_json
from opgen.apiextensions.schema_rules import META_FIELDS
from opgen.apiextensions.validation import validate
from opgen.ir.schema import JSON, Schema

Finding = tuple[str, str, str]

_PAIRS = (
    ("minLength", "maxLength", "min_length", "max_length"),
    ("minItems", "maxItems", "min_items", "max_items"),
    ("minProperties", "maxProperties", "min_properties", "max_properties"),
)


def bounds(schema: Schema, path: str, root: bool) -> Iterator[Finding]:
    """Bounds that refuse everything, or nothing."""
    low, high = schema.minimum, schema.maximum
    if low is not None and high is not None:
        exclusive = schema.exclusive_minimum or schema.exclusive_maximum
        if low > high or (low == high and exclusive):
            yield "empty-range", f"{path}.minimum", f"no number is at least {low} and at most {high}"
    for lower, upper, least_name, most_name in _PAIRS:
        least: int | None = getattr(schema, least_name)
        most: int | None = getattr(schema, most_name)
        for name, value in ((lower, least), (upper, most)):
            if value is not None and value < 0:
                yield "negative-bound", f"{path}.{name}", f"{name} is {value}"
        if least is not None and most is not None and least > most >= 0:
            yield "empty-range", f"{path}.{lower}", f"{lower} is {least}, {upper} is {most}"
    yield from _unfit_bounds(schema, path)


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
            yield "bound-out-of-format", f"{path}.{name}", f"{name} {value} does not fit {kind}"


def enums(schema: Schema, path: str, root: bool) -> Iterator[Finding]:
    """Values of an enum that the field's own type refuses."""
    for index, value in enumerate(schema.enum):
        if not _is_of_type(schema, value.json):
            shown = to_json(value.json)
            message = f"{shown} is not of type {schema.type}, so it can never be given"
            yield "enum-type", f"{path}.enum[{index}]", message


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


def objects(schema: Schema, path: str, root: bool) -> Iterator[Finding]:
    """Objects that lose what they are given, and fields that are asked for and never kept."""
    resource = root or schema.x_embedded_resource
    if schema.type == "object" and not schema.properties and not _keeps_rest(schema):
        if path.endswith(".properties[metadata]"):
            yield (
                "prunes-metadata",
                path,
                "the embedded metadata declares no field: labels and annotations are dropped",
            )
        else:
            yield "prunes-everything", path, "the object declares no field: all of its content is dropped"
    elif not _keeps_rest(schema):
        for name in schema.required:
            if not _declares(schema, name, resource=resource):
                yield "required-undeclared", f"{path}.required", f"{name} is required, yet not declared"
    for where, branch in _branches(schema):
        yield from _junctor(branch, schema, f"{path}.{where}", resource=resource)


def _keeps_rest(schema: Schema) -> bool:
    return bool(schema.x_preserve_unknown_fields) or schema.additional_properties not in (None, False)


def _declares(schema: Schema, name: str, *, resource: bool) -> bool:
    return name in schema.properties or (resource and name in META_FIELDS)


def _branches(schema: Schema) -> Iterator[tuple[str, Schema]]:
    for name, branches in (("allOf", schema.all_of), ("anyOf", schema.any_of), ("oneOf", schema.one_of)):
        for index, branch in enumerate(branches):
            yield f"{name}[{index}]", branch
    if schema.not_ is not None:
        yield "not", schema.not_


def _junctor(value: Schema, declared: Schema, path: str, *, resource: bool) -> Iterator[Finding]:
    """What a junctor speaks of and `declared`, the node that it narrows, does not declare."""
    if declared.type == "object" and not _keeps_rest(declared):
        for name in dict.fromkeys((*value.properties, *value.required)):
            if not _declares(declared, name, resource=resource):
                yield "undeclared-in-junctor", path, f"{name} is not declared outside of junctors"
    for name, child in value.properties.items():
        below = declared.properties.get(name)
        if below is not None:
            yield from _junctor(
                child, below, f"{path}.properties[{name}]", resource=below.x_embedded_resource
            )
    if value.items is not None and declared.items is not None:
        items = declared.items
        yield from _junctor(value.items, items, f"{path}.items", resource=items.x_embedded_resource)
    for where, branch in _branches(value):
        yield from _junctor(branch, declared, f"{path}.{where}", resource=resource)
