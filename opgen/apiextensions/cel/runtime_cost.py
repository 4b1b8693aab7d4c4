"""What a call costs when it is made: from the sizes of its arguments and result, as the server counts.

`cost_of` gives a number where the cost is fixed, else a function; an argument that failed counts as size 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import NoneType
from typing import TypeAlias

from opgen.apiextensions.cel.operations import is_list, is_map
from opgen.apiextensions.cel.ranges import NEW_LIST, REGEX_FACTOR, STRING_FACTOR
from opgen.apiextensions.cel.values import (
    Broken,
    CelError,
    Duration,
    OptionalValue,
    Timestamp,
    TypeValue,
    UInt,
    Value,
)

Meter: TypeAlias = Callable[[Sequence[Value], Value], int]
_CHECK = 350_000


class Failed:
    """Stands for an argument or result that is an error."""

    __slots__ = ()


FAILED = Failed()


def size(value: Value) -> int:
    """The size by which the server charges; 1 for what has none."""
    if type(value) is str or type(value) is bytes or is_list(value) or is_map(value):
        return len(value)
    found = getattr(value, "size", 1)
    return found if type(found) is int else 1


def _size(value: Value) -> int:
    """As CEL's own functions see it: an optional has the size of what it holds."""
    while type(value) is OptionalValue and value.present:
        value = value.value
    return size(value)


def traversal(value: Value) -> int:
    """The cost of looking at everything within a value."""
    if type(value) is str:
        return int(len(value.encode("utf-8", "surrogatepass")) * STRING_FACTOR)
    if type(value) is bytes:
        return int(len(value) * STRING_FACTOR)
    if is_list(value):
        return sum(_traversal(value, index) for index in range(len(value)))
    if is_map(value):
        return sum(traversal(key) + _entry_traversal(value, key) for key in value)
    return 1


def _traversal(container: Value, index: int) -> int:
    try:
        return traversal(container.at(index))
    except CelError:
        return 1


def _entry_traversal(container: Value, key: Value) -> int:
    try:
        value, found = container.find(key)
    except CelError:
        return 1
    return traversal(value) if found else 1


def _up(amount: float) -> int:
    return math.ceil(amount)


def _by_first(factor: float) -> Meter:
    return lambda args, _: _up(size(args[0]) * factor)


def _pattern(args: Sequence[Value], _: Value) -> int:
    text = _up((1.0 + size(args[0])) * STRING_FACTOR)
    return text * _up(size(args[1]) * REGEX_FACTOR)


def _contains_ip(overload: str) -> Meter:
    def meter(args: Sequence[Value], _: Value) -> int:
        cost = _up((size(args[0]) * 2) * STRING_FACTOR)
        return cost + (_up(size(args[1]) * STRING_FACTOR) if overload == "cidr_contains_ip_string" else 0)

    return meter


def _contains_cidr(overload: str) -> Meter:
    def meter(args: Sequence[Value], _: Value) -> int:
        network = size(args[0])
        cost = _up((network * 2) * STRING_FACTOR) + _up(network * STRING_FACTOR) + 1
        return cost + (_up(size(args[1]) * STRING_FACTOR) if overload == "cidr_contains_cidr_string" else 0)

    return meter


def _validate(args: Sequence[Value], _: Value) -> int:
    pattern = getattr(args[0], "pattern_size", None)
    if pattern is None:
        return 1
    return _up((1.0 + size(args[1])) * STRING_FACTOR) * _up(pattern * REGEX_FACTOR)


def _selector(args: Sequence[Value], _: Value) -> int:
    length = size(args[1])
    return NEW_LIST + _up(length * STRING_FACTOR) + _up(_up(length * 0.5) * 50.0)


def _equality(args: Sequence[Value], _: Value) -> int:
    if getattr(args[0], "unit_equality", False):
        return 1
    return _up(min(_size(args[0]), _size(args[1])) * STRING_FACTOR)


def _inequality(args: Sequence[Value], _: Value) -> int:
    return _up(min(_size(args[0]), _size(args[1])) * STRING_FACTOR)


def _joined(args: Sequence[Value], result: Value) -> int:
    return _up(size(result) * 2 * STRING_FACTOR)


def _sets(factor: float) -> Meter:
    return lambda args, _: 1 + int(float(size(args[0]) * size(args[1])) * factor)


def _allocated(factor: float, count: int) -> int:
    return (_to_uint64(float(count) * factor) + 1 + NEW_LIST) % 2**64


def _to_uint64(value: float) -> int:
    """A float64 as Go converts it on amd64: below zero it wraps, beyond 64 bits it is 2**63."""
    if value < 2.0**63:
        return int(max(value, -(2.0**63))) % 2**64
    return int(value) if value < 2.0**64 else 2**63


def _self_compared(position: int) -> Meter:
    def meter(args: Sequence[Value], _: Value) -> int:
        compared = args[position]
        if not is_list(compared):
            found = _GO_NAMES.get(type(compared), "another")
            missing = "Contains" if type(compared) in _ADDERS else "Add"
            raise Broken(f"interface conversion: {found} is not traits.Lister: missing method {missing}")
        count = size(compared)
        factor = 2.0
        if count:
            try:
                if type(compared.at(0)) in (str, bytes):
                    factor += STRING_FACTOR
            except CelError:
                pass
        return _allocated(factor, count * count)

    return meter


def _flattened(args: Sequence[Value], _: Value) -> int:
    depth = args[1] if len(args) == 2 else 1
    if type(depth) is not int:
        found = _GO_NAMES.get(type(depth), "another")
        raise Broken(f"interface conversion: ref.Val is {found}, not types.Int")
    return _allocated(float(depth), size(args[0]))


_GO_NAMES: dict[type, str] = {
    Failed: "*types.Err", bool: "types.Bool", UInt: "types.Uint", int: "types.Int", float: "types.Double",
    str: "types.String", bytes: "types.Bytes", NoneType: "types.Null", OptionalValue: "*types.Optional",
    Timestamp: "types.Timestamp", Duration: "types.Duration", TypeValue: "*types.Type",
}  # fmt: skip
_ADDERS = (UInt, int, float, str, bytes, Timestamp, Duration)


_BY_FUNCTION: dict[str, int | Meter] = {
    "check": _CHECK,
    "fieldSelector": _selector,
    "labelSelector": _selector,
    "ip.isCanonical": _by_first(2 * STRING_FACTOR),
    "validate": _validate,
    "join": _joined,
    "find": _pattern,
    "findAll": _pattern,
    "replace": _by_first(2 * STRING_FACTOR),
    "split": _by_first(2 * STRING_FACTOR),
}
for _name in ("isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"):
    _BY_FUNCTION[_name] = lambda args, _: traversal(args[0])
for _name in (
    "url", "lowerAscii", "upperAscii", "substring", "trim", "cidr", "isIP", "isCIDR", "ip", "quantity",
    "isQuantity", "semver", "isSemver",
):  # fmt: skip
    _BY_FUNCTION[_name] = _by_first(STRING_FACTOR)

_BY_OVERLOAD: dict[str, int | Meter] = {
    "equals": _equality,
    "not_equals": _inequality,
    "in_list": lambda args, _: _size(args[1]),
    "add_string": lambda args, _: _up((_size(args[0]) + _size(args[1])) * STRING_FACTOR),
    "add_bytes": lambda args, _: _up((_size(args[0]) + _size(args[1])) * STRING_FACTOR),
    "matches_string": _pattern,
    "contains_string": lambda args, _: (
        _up(_size(args[0]) * STRING_FACTOR) * _up(_size(args[1]) * STRING_FACTOR)
    ),
    "list_sets_contains_list": _sets(1),
    "list_sets_intersects_list": _sets(1),
    "list_sets_equivalent_list": _sets(2),
    "list_slice": lambda _, result: _allocated(1, size(result)),
    "lists_range": lambda _, result: _allocated(1, size(result)),
    "list_reverse": lambda _, result: _allocated(1, size(result)),
    "list_flatten": _flattened,
    "list_flatten_int": _flattened,
    "list_distinct": _self_compared(0),
}
for _name in (
    "starts_with_string",
    "ends_with_string",
    "string_to_bytes",
    "bytes_to_string",
    "strings_quote",
):
    _BY_OVERLOAD[_name] = lambda args, _: _up(_size(args[0]) * STRING_FACTOR)
_BY_OVERLOAD["string_format"] = _BY_OVERLOAD["strings_quote"]
for _relation in ("less", "greater", "less_equals", "greater_equals"):
    for _kind in ("string", "bytes"):
        _BY_OVERLOAD[f"{_relation}_{_kind}"] = _inequality


def cost_of(function: str, overload: str) -> int | Meter:
    """The cost of a call of `function`; `overload` is "" where it is found out only at run time."""
    if overload.endswith("_sort"):
        return _self_compared(0)
    if overload.endswith("_sortByAssociatedKeys"):
        return _self_compared(1)
    if overload.startswith(("list_sets_", "list_slice", "list_flatten", "list_reverse", "list_distinct")):
        return _BY_OVERLOAD[overload]
    if function == "ip" and overload == "cidr_ip":
        return 1
    if function == "containsIP":
        return _contains_ip(overload)
    if function == "containsCIDR":
        return _contains_cidr(overload)
    by_function = _BY_FUNCTION.get(function)
    return by_function if by_function is not None else _BY_OVERLOAD.get(overload, 1)
