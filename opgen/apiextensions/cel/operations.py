"""Arithmetic, order, equality and membership of values, with CEL's rules across types and its overflow checks."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import TypeAlias

from opgen.apiextensions.cel.literals import INT_MAX, INT_MIN, UINT_MAX
from opgen.apiextensions.cel.times import duration, timestamp
from opgen.apiextensions.cel.values import (
    CelError,
    Duration,
    GrowingList,
    GrowingMap,
    ListValue,
    MapValue,
    OptionalValue,
    RawList,
    RawMap,
    Timestamp,
    TypeValue,
    UInt,
    Value,
)

Binary: TypeAlias = Callable[[Value, Value], Value]
NO_OVERLOAD = "no such overload"
_LISTS = {ListValue, GrowingList, RawList}
_MAPS = {MapValue, GrowingMap, RawMap}
_RECEIVERS = {str, Duration, Timestamp}


def register_list(kind: type) -> None:
    """Make a library's class a list: `len`, `at(index)`, `join`, `equal`, `contains`."""
    _LISTS.add(kind)


def register_map(kind: type) -> None:
    """Make a library's class a map: `len`, iteration over keys, `find(key)`, `equal`."""
    _MAPS.add(kind)


def is_list(value: Value) -> bool:
    """Whether a value is any kind of list."""
    return type(value) in _LISTS


def is_map(value: Value) -> bool:
    """Whether a value is any kind of map, objects of the schema included."""
    return type(value) in _MAPS


def no_trait(value: Value, function: str) -> CelError:
    """The error where the first operand's type has no such operation at all."""
    return CelError(NO_OVERLOAD if type(value) in _RECEIVERS else f"{NO_OVERLOAD}: {function}")


# arithmetic


def _int(value: int) -> int:
    if not INT_MIN <= value <= INT_MAX:
        raise CelError("integer overflow")
    return value


def _uint(value: int) -> UInt:
    if not 0 <= value <= UINT_MAX:
        raise CelError("unsigned integer overflow")
    return UInt(value)


def add(left: Value, right: Value) -> Value:
    """`left + right`."""
    kind, other = type(left), type(right)
    if kind is int or kind is str or kind is UInt or kind is float or kind is bytes:
        if kind is not other:
            raise CelError(NO_OVERLOAD)
        total = left + right
        return _int(total) if kind is int else _uint(total) if kind is UInt else total
    if kind in _LISTS:
        if other not in _LISTS:
            raise CelError(NO_OVERLOAD)
        return left.join(right)
    if kind is Duration or kind is Timestamp:
        if other is Duration:
            total = left.nanoseconds + right.nanoseconds
            return duration(total) if kind is Duration else timestamp(total, left.offset)
        if kind is Duration and other is Timestamp:
            return timestamp(left.nanoseconds + right.nanoseconds, right.offset)
        raise CelError(NO_OVERLOAD)
    raise no_trait(left, "_+_")


def subtract(left: Value, right: Value) -> Value:
    """`left - right`."""
    kind, other = type(left), type(right)
    if kind is int or kind is UInt or kind is float:
        if kind is not other:
            raise CelError(NO_OVERLOAD)
        rest = left - right
        return _int(rest) if kind is int else _uint(int(left) - int(right)) if kind is UInt else rest
    if kind is Duration or kind is Timestamp:
        rest = left.nanoseconds - right.nanoseconds if other in (Duration, Timestamp) else 0
        if other is Duration:
            if kind is Duration:
                return duration(rest)
            duration(-right.nanoseconds)
            return timestamp(rest, left.offset)
        if kind is Timestamp and other is Timestamp:
            return duration(rest)
        raise CelError(NO_OVERLOAD)
    raise no_trait(left, "_-_")


def multiply(left: Value, right: Value) -> Value:
    """`left * right`."""
    kind = type(left)
    if kind is not int and kind is not UInt and kind is not float:
        raise no_trait(left, "_*_")
    if kind is not type(right):
        raise CelError(NO_OVERLOAD)
    product = left * right
    return _int(product) if kind is int else _uint(product) if kind is UInt else product


def divide(left: Value, right: Value) -> Value:
    """`left / right`; integers are cut towards zero."""
    kind = type(left)
    if kind is not int and kind is not UInt and kind is not float:
        raise no_trait(left, "_/_")
    if kind is not type(right):
        raise CelError(NO_OVERLOAD)
    if kind is float:
        return _divide_doubles(left, right)
    if right == 0:
        raise CelError("division by zero")
    quotient = abs(int(left)) // abs(int(right))
    quotient = -quotient if (left < 0) != (right < 0) else quotient
    return _int(quotient) if kind is int else UInt(quotient)


def _divide_doubles(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or isnan(left) or isnan(right):
        return float("nan")
    return float("inf") if (str(left)[0] == "-") == (str(right)[0] == "-") else float("-inf")


def modulo(left: Value, right: Value) -> Value:
    """`left % right`, with the sign of `left`."""
    kind = type(left)
    if kind is not int and kind is not UInt:
        raise no_trait(left, "_%_")
    if kind is not type(right):
        raise CelError(NO_OVERLOAD)
    if right == 0:
        raise CelError("modulus by zero")
    if left == INT_MIN and right == -1:
        raise CelError("integer overflow")
    rest = abs(int(left)) % abs(int(right))
    return UInt(rest) if kind is UInt else -rest if left < 0 else rest


def negate(value: Value) -> Value:
    """`-value`."""
    kind = type(value)
    if kind is int:
        return _int(-value)
    if kind is float:
        return -value
    if kind is Duration:
        return duration(-value.nanoseconds)
    if kind is bool:
        raise CelError(NO_OVERLOAD)
    raise no_trait(value, "-_")


def logical_not(value: Value) -> Value:
    """`!value`."""
    if type(value) is bool:
        return not value
    raise CelError(NO_OVERLOAD)


# order

_NUMBERS = {int, UInt, float}
_ORDERED = {bool, str, bytes}


def compare(left: Value, right: Value) -> int:
    """-1, 0 or 1."""
    kind, other = type(left), type(right)
    if kind is other and (kind in _ORDERED or kind is int or kind is UInt):
        if kind is str and not (left.isascii() and right.isascii()):
            left, right = left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass")
        return _sign(left, right)
    if kind in _NUMBERS and other in _NUMBERS:
        if (kind is float and isnan(left)) or (other is float and isnan(right)):
            raise CelError("NaN values cannot be ordered")
        return _compare_numbers(left, right)
    if kind is other and (kind is Duration or kind is Timestamp):
        return _sign(left.nanoseconds, right.nanoseconds)
    raise CelError(NO_OVERLOAD)


def _sign(left: Value, right: Value) -> int:
    return int(left > right) - int(left < right)


def _compare_numbers(left: float, right: float) -> int:
    if type(left) is float or type(right) is float:
        one, two = _as_double(left, right), _as_double(right, left)
        return (one > two) - (one < two)
    return (left > right) - (left < right)


def _as_double(value: float, beside: float) -> float:
    """As the server compares: an integer becomes a double unless the double is out of its range."""
    if type(value) is not float and type(beside) is float:
        low, high = (0.0, 2.0**64) if type(value) is UInt else (-(2.0**63), 2.0**63)
        if beside < low or beside > high:
            return 0.0
    return float(value)


def ordering(function: str, accept: Callable[[int], bool]) -> Binary:
    """One of the four comparisons."""

    def apply(left: Value, right: Value) -> bool:
        kind = type(left)
        if kind in _NUMBERS or kind in _ORDERED or kind is Duration or kind is Timestamp:
            return accept(compare(left, right))
        raise no_trait(left, function)

    return apply


# equality


def equal(left: Value, right: Value) -> bool:
    """`left == right` across types; raises where the server's equality is an error."""
    if left is None or right is None:
        return left is right
    return equal_values(left, right)


def unequal(left: Value, right: Value) -> bool:
    """`left != right`: two that the server's equality can't compare differ."""
    try:
        return not equal(left, right)
    except CelError:
        return True


def equal_values(left: Value, right: Value) -> bool:
    """The equality of a value that is not null with any other."""
    kind, other = type(left), type(right)
    if kind is str or kind is bool or kind is bytes:
        return kind is other and bool(left == right)
    if kind in _NUMBERS:
        if other not in _NUMBERS or (kind is float and isnan(left)) or (other is float and isnan(right)):
            return False
        return _compare_numbers(left, right) == 0
    if kind is ListValue or kind is GrowingList or kind is RawList:
        return other in _LISTS and len(left) == len(right) and _same_elements(left, right)
    if kind is MapValue or kind is GrowingMap or kind is RawMap:
        return other in _MAPS and len(left) == len(right) and _same_entries(left, right)
    if kind is Duration or kind is Timestamp:
        return kind is other and bool(left.nanoseconds == right.nanoseconds)
    if kind is OptionalValue:
        if other is not OptionalValue or left.present != right.present:
            return False
        return not left.present or _unguarded(left.value, right.value)
    if kind is TypeValue:
        return other is TypeValue and bool(left.name == right.name)
    if left is None:
        return right is None
    return bool(left.equal(right))


def _unguarded(left: Value, right: Value) -> bool:
    return right is None if left is None else equal_values(left, right)


def _same_elements(left: Value, right: Value) -> bool:
    for index in range(len(left)):
        try:
            mine = left.at(index)
        except CelError:
            continue
        try:
            if not equal(mine, right.at(index)):
                return False
        except CelError:
            if not hasattr(mine, "equal"):  # a scalar is like no error
                return False
    return True


def _same_entries(left: Value, right: Value) -> bool:
    for key in left:
        value, _ = left.find(key)
        try:
            other, found = right.find(key)
            if not found or not equal(value, other):
                return False
        except CelError:
            continue
    return True


# membership


def contains(wanted: Value, container: Value) -> bool:
    """`wanted in container`."""
    kind = type(container)
    if kind in (ListValue, GrowingList, RawList):
        return _is_element(wanted, container)
    if kind in _LISTS:
        return bool(container.contains(wanted))
    if kind in _MAPS:
        return bool(container.find(wanted)[1])
    raise CelError(NO_OVERLOAD)


def _is_element(wanted: Value, container: Value) -> bool:
    for index in range(len(container)):
        try:
            if _unguarded(wanted, container.at(index)):
                return True
        except CelError:
            continue
    return False
