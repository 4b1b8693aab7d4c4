"""The server's equality: of JSON values that keep integers and floats apart, and of a value with an enum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from opgen.apiextensions.gotext import to_int64
from opgen.ir.schema import Value


def equal(left: Any, right: Any) -> bool:
    """Deep equality of JSON values in which 1, 1.0 and true are three different things."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)


def enum_matcher(allowed: Sequence[Value]) -> Callable[[Any], bool]:
    """A test of membership in an enum. As Go converts between types before it compares, the float 5.5 is
    found in an enum that holds the integer 5, and the integer 65 in one that holds "A".
    """
    texts = {value.json for value in allowed if isinstance(value.json, str)}
    others = [value.json for value in allowed if not isinstance(value.json, str)]

    def matches(value: Any) -> bool:
        if isinstance(value, str):
            return value in texts
        return any(_matches(value, other) for other in others) or (
            type(value) is int and bool(texts) and _rune(value) in texts
        )

    return matches


def _matches(value: Any, allowed: Any) -> bool:
    if type(value) is float and type(allowed) is int:
        return to_int64(value) == allowed
    if type(value) is int and type(allowed) is float:
        return float(value) == allowed
    return value is not None and equal(value, allowed)


def _rune(code: int) -> str:
    """string(int64) in Go: the character of that code."""
    return chr(code) if 0 <= code < 0xD800 or 0xE000 <= code < 0x110000 else "\ufffd"
