"""Decides which limits of a schema a constructor and an assignment check, and spells them.

Limits that pydantic's `Field` has are its arguments; the rest are markers within `Annotated`. What an allOf says of
the value itself counts, since a value takes all of it. Patterns and formats of strings are left to the server's
rules (`review_object`): they need RE2, which no operator's image should carry.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from opgen.emit.models.shape import Anything, Core, IntOrString, ListOf, MapOf, Object, Scalar, Shape
from opgen.ir.names import STRUCT_NAMES, attributes
from opgen.ir.schema import JSON, Schema, Value

# Half a step above the largest float32: from here on a number rounds to infinity.
_FLOAT32 = 3.4028235677973366e38
_INT32 = (-(2**31), 2**31 - 1)


def tightened(schema: Schema) -> Schema:
    """The schema with the limits of its allOf folded in."""
    for branch in map(tightened, schema.all_of):
        least, above = _stricter(schema, branch, "minimum", 1)
        most, below = _stricter(schema, branch, "maximum", -1)
        schema = schema.changed(
            enum=_both(schema.enum, branch.enum),
            minimum=least,
            exclusive_minimum=above,
            maximum=most,
            exclusive_maximum=below,
            multiple_of=schema.multiple_of if schema.multiple_of is not None else branch.multiple_of,
            min_length=_of(max, schema.min_length, branch.min_length),
            max_length=_of(min, schema.max_length, branch.max_length),
            min_items=_of(max, schema.min_items, branch.min_items),
            max_items=_of(min, schema.max_items, branch.max_items),
            min_properties=_of(max, schema.min_properties, branch.min_properties),
            max_properties=_of(min, schema.max_properties, branch.max_properties),
        )
    return schema


def _stricter(left: Schema, right: Schema, name: str, sign: int) -> tuple[int | float | None, bool]:
    """The stricter of two bounds, and whether the bound itself is excluded."""
    sides = [
        (sign * limit, bool(getattr(side, f"exclusive_{name}")))
        for side in (left, right)
        if (limit := getattr(side, name)) is not None
    ]
    if not sides:
        return None, False
    limit, exclusive = max(sides)
    return sign * limit, exclusive


def _of(choose: Callable[[int, int], int], left: int | None, right: int | None) -> int | None:
    return choose(left, right) if left is not None and right is not None else left if right is None else right


def _both(left: tuple[Value, ...], right: tuple[Value, ...]) -> tuple[Value, ...]:
    """The values of both enums; the first one's where none is in both, for no value fits anyhow."""
    if not left or not right:
        return left or right
    return tuple(value for value in left if value in right) or left


def is_int32(schema: Schema, shape: Shape) -> bool:
    """Whether the format bounds an integer more than what else the schema says."""
    if schema.format != "int32" or shape != Scalar("integer"):
        return False
    least, most = _INT32
    lower, upper = schema.minimum, schema.maximum
    return lower is None or lower < least or upper is None or upper > most


def bounds(schema: Schema, shape: Shape) -> list[str]:
    """The limits as arguments of `Field`."""
    if schema.plain and not schema.format:
        return []
    match shape:
        case Scalar(type="string"):
            return _sizes(schema.min_length, schema.max_length)
        case Scalar(type="integer"):
            return _integer_bounds(schema)
        case Scalar(type="number"):
            return _number_bounds(schema)
        case IntOrString():
            return [*_number_bounds(schema), *_sizes(schema.min_length, schema.max_length)]
        case ListOf():
            return _sizes(schema.min_items, schema.max_items)
        case MapOf() | Object():
            return _sizes(schema.min_properties, schema.max_properties)
        case _:
            return []


def allowed(schema: Schema, shape: Shape) -> list[JSON]:
    """The values of an enum that Literal can't hold; empty where any value goes."""
    values: list[JSON] = [value.json for value in schema.enum if value.json is not None]
    match shape:
        case Scalar(type="number"):
            return [value for value in values if _is_number(value)]
        case IntOrString():
            return [value for value in values if isinstance(value, str) or _is_number(value)]
        case ListOf() | MapOf() | Anything():
            return values
        case _:
            return []


def unique_by(schema: Schema, shape: Shape, models_of: Callable[[Schema], Shape]) -> tuple[str, ...] | None:
    """What a list's items differ by: () for as wholes, None where they need not.

    The keys are attributes where the items are models, else the fields of plain data.
    """
    if not isinstance(shape, ListOf):
        return None
    if schema.x_list_type == "set":
        return ()
    if schema.x_list_type != "map" or shape.items is None:
        return None
    if isinstance(models_of(shape.items), Object | Core):
        names = attributes(sorted(shape.items.properties), STRUCT_NAMES)
        return tuple(names.get(key, key) for key in schema.x_list_map_keys)
    return schema.x_list_map_keys


def literal(value: JSON) -> str:
    """The value as ruff's formatter would leave it: ASCII, double quotes unless that needs more escapes."""
    match value:
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in value.items())}}}"
        case str():
            quoted = ascii(value)
            return quoted if quoted[0] == '"' or '"' in value else f'"{quoted[1:-1]}"'
        case _:
            return repr(value)


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sizes(least: int | None, most: int | None) -> list[str]:
    return [f"min_length={least}"] * bool(least) + [f"max_length={most}"] * (most is not None)


def _integer_bounds(schema: Schema) -> list[str]:
    """Whole numbers: a limit between two of them is moved to the nearer one inside."""
    found = []
    if schema.minimum is not None:
        whole = math.ceil(schema.minimum)
        strict = schema.exclusive_minimum and whole == schema.minimum
        found.append(f"{'gt' if strict else 'ge'}={whole}")
    if schema.maximum is not None:
        whole = math.floor(schema.maximum)
        strict = schema.exclusive_maximum and whole == schema.maximum
        found.append(f"{'lt' if strict else 'le'}={whole}")
    step = schema.multiple_of
    if step is not None and step == int(step):
        found.append(f"multiple_of={int(step)}")
    return found


def _number_bounds(schema: Schema) -> list[str]:
    found = []
    if schema.minimum is not None:
        found.append(f"{'gt' if schema.exclusive_minimum else 'ge'}={literal(schema.minimum)}")
    elif schema.type == "number" and schema.format == "float":
        found.append(f"gt={-_FLOAT32}")
    if schema.maximum is not None:
        found.append(f"{'lt' if schema.exclusive_maximum else 'le'}={literal(schema.maximum)}")
    elif schema.type == "number" and schema.format == "float":
        found.append(f"lt={_FLOAT32}")
    if schema.multiple_of is not None and schema.multiple_of > 0:
        found.append(f"multiple_of={literal(schema.multiple_of)}")
    return found
