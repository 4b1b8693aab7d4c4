"""What a schema bounds beyond Python's types, and the checks of it: for the constructor and for assignment only.

pydantic's `Field` carries the plain limits (`ge`, `max_length`); the markers here carry the rest, within
`Annotated`. Every check is a function from a value to a problem, so that an error keeps the path of wire names.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError, PydanticKnownError

Limits: TypeAlias = Mapping[str, Any]
"""Keyword arguments of `Field` (`ge`, `max_length` and the like), and the markers `one_of` and `unique`."""

Int32: TypeAlias = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
"""An integer whose schema says `format: int32`. Any other has the range of an int64."""

INT64: Limits = {"ge": -(2**63), "le": 2**63 - 1}

_LOWER = ("ge", "gt", "min_length")
_UPPER = ("le", "lt", "max_length")
_OTHER = ("multiple_of",)
# Half as many integers as a float holds exactly, on either side of zero: the server's own margin.
_WHOLE = 2**53 - 1
_EPSILON = 1e-9


class OneOf:
    """Marks what may be one of a few values that Literal can't hold: numbers, ints and strings mixed, lists.

    `Annotated[int | float, OneOf(1, 1.5)]`.
    """

    __slots__ = ("values",)

    def __init__(self, *values: Any) -> None:
        self.values = values

    def __repr__(self) -> str:
        return f"OneOf{self.values!r}"


class Unique:
    """Marks a list whose items differ: as wholes, or by the given attributes (`x-kubernetes-list-type`).

    `Annotated[list[str], Unique()]`, `Annotated[list[Port], Unique("port", "protocol")]`.
    """

    __slots__ = ("keys",)

    def __init__(self, *keys: str) -> None:
        self.keys = keys

    def __repr__(self) -> str:
        return f"Unique{self.keys!r}"


def limits_of(metadata: Iterable[Any]) -> dict[str, Any]:
    """The limits that an annotation's or a field's metadata say, each at its tightest."""
    found: dict[str, Any] = {}
    for item in metadata:
        match item:
            case OneOf():
                found["one_of"] = item.values
            case Unique():
                found["unique"] = item.keys
            case FieldInfo():
                _tighten(found, limits_of(item.metadata))
            case _:
                names = (*_LOWER, *_UPPER, *_OTHER)
                _tighten(found, {name: getattr(item, name, None) for name in names})
    return found


def _tighten(found: dict[str, Any], more: Limits) -> None:
    for name, value in more.items():
        if value is None:
            continue
        before = found.get(name, value)
        found[name] = (
            max(before, value) if name in _LOWER else min(before, value) if name in _UPPER else value
        )


@dataclass(frozen=True, slots=True)
class Check:
    """Refuses a value that breaks the limits which pydantic-core does not check by itself."""

    limits: Limits

    def __call__(self, value: Any) -> Any:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        for name, limit in self.limits.items():
            check = _CHECKS[name]
            if name in _OF_NUMBERS and not number:
                continue
            if name in _OF_SIZES and number:
                continue
            check(value, limit)
        return value


def _at_least(value: Any, limit: Any) -> None:
    if value < limit:
        raise PydanticKnownError("greater_than_equal", {"ge": limit})


def _above(value: Any, limit: Any) -> None:
    if value <= limit:
        raise PydanticKnownError("greater_than", {"gt": limit})


def _at_most(value: Any, limit: Any) -> None:
    if value > limit:
        raise PydanticKnownError("less_than_equal", {"le": limit})


def _below(value: Any, limit: Any) -> None:
    if value >= limit:
        raise PydanticKnownError("less_than", {"lt": limit})


def _multiple(value: Any, step: Any) -> None:
    """As the server has it: exact for integers, within a relative 1e-9 otherwise."""
    if isinstance(value, int) and isinstance(step, int):
        whole = value % step == 0
    else:
        whole = _is_whole(1 / step * value if step < 1 else value / step)
    if not whole:
        raise PydanticKnownError("multiple_of", {"multiple_of": step})


def _is_whole(value: float) -> bool:
    if not math.isfinite(value) or abs(value) > _WHOLE:
        return False
    whole = float(int(value))
    return value == whole or (whole > 0 and (value - whole) / (value + whole) < _EPSILON)


def _long_enough(value: Any, limit: int) -> None:
    size = _size(value)
    if size < limit:
        raise _size_error("too_short", value, min_length=limit, actual_length=size)


def _short_enough(value: Any, limit: int) -> None:
    size = _size(value)
    if size > limit:
        raise _size_error("too_long", value, max_length=limit, actual_length=size)


def _size(value: Any) -> int:
    return len(value.to_dict() if isinstance(value, BaseModel) and hasattr(value, "to_dict") else value)


def _size_error(kind: Any, value: Any, **context: int) -> Exception:
    if isinstance(value, str):
        return PydanticKnownError("string_too_short" if kind == "too_short" else "string_too_long", context)
    what = "List" if isinstance(value, list) else "Object"
    return PydanticKnownError(kind, {"field_type": what, **context})


def _one_of(value: Any, values: tuple[Any, ...]) -> None:
    key = _key(value)
    if all(key != _key(other) for other in values):
        shown = ", ".join(json.dumps(other) for other in values)
        raise PydanticCustomError("one_of", "Input should be one of {expected}", {"expected": shown})


def _unique(value: Any, keys: tuple[str, ...]) -> None:
    seen: dict[Any, int] = {}
    for position, item in enumerate(value):
        key = tuple(_key(_part(item, name)) for name in keys) if keys else _key(item)
        if key in seen:
            where = {"position": position, "other": seen[key], "keys": ", ".join(keys)}
            told = (
                "Item {position} has the {keys} of item {other}"
                if keys
                else "Item {position} repeats item {other}"
            )
            raise PydanticCustomError("not_unique", told, where)
        seen[key] = position


def _part(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else getattr(item, name, None)


def _key(value: Any) -> Any:
    """Equal for equal JSON values: 1 and 1.0 are, 1 and true are not."""
    match value:
        case bool():
            return bool, value
        case float() if value.is_integer():
            return int(value)
        case list():
            return list, tuple(_key(item) for item in value)
        case dict():
            return dict, frozenset((key, _key(item)) for key, item in value.items())
        case BaseModel() if hasattr(value, "to_dict"):
            return _key(value.to_dict())
        case _:
            return value


_OF_NUMBERS = frozenset({"ge", "gt", "le", "lt", "multiple_of"})
_OF_SIZES = frozenset({"min_length", "max_length"})
_CHECKS: Mapping[str, Callable[[Any, Any], None]] = {
    "ge": _at_least,
    "gt": _above,
    "le": _at_most,
    "lt": _below,
    "multiple_of": _multiple,
    "min_length": _long_enough,
    "max_length": _short_enough,
    "one_of": _one_of,
    "unique": _unique,
}
