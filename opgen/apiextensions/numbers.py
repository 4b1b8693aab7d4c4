"""The checks of a number: its type's and format's range, multipleOf, minimum and maximum.

As in the server, a bound is a float64, an integer is compared with the bound cut to an int64, and a bound
that its own type can't hold refuses every value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from opgen.apiextensions.gotext import fits, is_json_integer, number, plain, to_int64
from opgen.apiextensions.issues import INVALID, PATHLESS, Issue, Issues
from opgen.ir.schema import Schema

NumberCheck: TypeAlias = "Callable[[int | float, str, Issues], None]"

# Half a step above the largest float32: from here on a number rounds to infinity.
_FLOAT32 = 3.4028235677973366e38


def checks(schema: Schema, types: tuple[str, ...], format_: str) -> tuple[NumberCheck, ...]:
    """The checks that a node makes of a number, in the server's order."""
    type_ = types[0] if len(types) == 1 and types[0] in ("integer", "number") else ""
    range_ = _Range(type_, format_ if format_ in _FORMATS.get(type_, ()) else "")
    found: list[NumberCheck] = []
    if type_:
        found.append(range_.check)
    if schema.multiple_of is not None:
        found.append(_multiple_of(float(schema.multiple_of), range_))
    if schema.minimum is not None:
        found.append(_bound("Minimum", float(schema.minimum), schema.exclusive_minimum, range_))
    if schema.maximum is not None:
        found.append(_bound("Maximum", float(schema.maximum), schema.exclusive_maximum, range_))
    return tuple(found)


_FORMATS = {"integer": ("int32", "int64"), "number": ("float", "double")}


class _Range:
    """What a type and format can hold."""

    __slots__ = ("_format", "_type")

    def __init__(self, type_: str, format_: str) -> None:
        self._type = type_
        self._format = format_

    def check(self, value: int | float, path: str, issues: Issues) -> None:
        if not self.holds(value):
            issues.append(self.issue("Checked", path))

    def holds(self, value: int | float) -> bool:
        if self._type == "integer":
            bits = 32 if self._format == "int32" else 64
            if isinstance(value, int):
                return fits(value, bits)
            text = plain(value)
            return "." not in text and fits(int(text), bits)
        return self._format != "float" or abs(value) < _FLOAT32

    def issue(self, prefix: str, path: str) -> Issue:
        what = f"with format {self._format}" if self._format else "(default format)"
        message = f"{prefix} value must be of type {self._type} {what} in {path}"
        return Issue(PATHLESS, path, message)


def _multiple_of(factor: float, range_: _Range) -> NumberCheck:
    held = range_.holds(factor)

    def check(value: int | float, path: str, issues: Issues) -> None:
        if not held:
            issues.append(range_.issue("MultipleOf", path))
        divisor: int | float = to_int64(factor) if held and isinstance(value, int) else factor
        if divisor <= 0:
            message = f"factor MultipleOf declared for {path} must be positive: {number(divisor)}"
            issues.append(Issue(INVALID, path, message, divisor))
            return
        if isinstance(divisor, int) and isinstance(value, int):
            whole = value % divisor == 0
        else:
            value = float(value)
            whole = is_json_integer(1 / divisor * value if divisor < 1 else value / divisor)
        if not whole:
            shown = str(divisor) if isinstance(divisor, int) else number(divisor)
            message = f"{path} in body should be a multiple of {shown}"
            issues.append(Issue(INVALID, path, message, value))

    return check


def _bound(what: str, limit: float, exclusive: bool, range_: _Range) -> NumberCheck:
    held = range_.holds(limit)
    upper = what == "Maximum"
    words = f"should be {'less' if upper else 'greater'} than{'' if exclusive else ' or equal to'}"
    whole_limit = to_int64(limit)

    def check(value: int | float, path: str, issues: Issues) -> None:
        if not held:
            issues.append(range_.issue(f"{what} boundary", path))
        whole = held and isinstance(value, int)
        bound: int | float = whole_limit if whole else limit
        number_ = value if whole else float(value)
        beyond = number_ > bound if upper else number_ < bound
        if beyond or (exclusive and number_ == bound):
            shown = str(bound) if isinstance(bound, int) else number(bound)
            issues.append(Issue(INVALID, path, f"{path} in body {words} {shown}", number_))

    return check
