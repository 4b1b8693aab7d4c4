"""Conversions between types: `int()`, `string()`, `timestamp()`, ... with Go's rules for text."""

from __future__ import annotations

import re
from collections.abc import Callable

from opgen.apiextensions.cel.literals import INT_MAX, INT_MIN, UINT_MAX
from opgen.apiextensions.cel.times import (
    parse_duration,
    parse_time,
    show_duration,
    show_time,
    timestamp,
)
from opgen.apiextensions.cel.values import (
    CelError,
    Duration,
    ListValue,
    RawList,
    Timestamp,
    TypeValue,
    UInt,
    Value,
    elements,
    type_name,
)
from opgen.apiextensions.gotime import SECOND

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_RUN = r"[0-9]+(?:_[0-9]+)*"
_DECIMAL = re.compile(rf"[+-]?(?:{_RUN}\.?(?:{_RUN})?|\.{_RUN})(?:[eE][+-]?{_RUN})?\Z")
_HEX = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F_]+\.?[0-9a-fA-F_]*|\.[0-9a-fA-F_]+)[pP][+-]?[0-9]+\Z")
_SPECIAL = re.compile(r"(?:[+-]?(?:inf|infinity)|nan)\Z", re.IGNORECASE)
_TRUE = {"1", "t", "T", "TRUE", "true", "True"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False"}
_LONGEST = 400
_EXPONENT_FROM = 6


def _no(value: Value, target: str) -> CelError:
    return CelError(f"type conversion error from '{type_name(value)}' to '{target}'")


def to_int(value: Value) -> int:
    """`int(x)`."""
    match value:
        case bool():
            raise _no(value, "int")
        case UInt():
            if value > INT_MAX:
                raise CelError("integer overflow")
            return int(value)
        case int():
            return value
        case float():
            if not -(2.0**63) < value < 2.0**63:
                raise CelError("integer overflow")
            return int(value)
        case Duration():
            return value.nanoseconds
        case Timestamp():
            return value.nanoseconds // SECOND
        case str():
            if _INTEGER.match(value) and len(value.lstrip("+-0")) < 20:
                number = int(value)
                if INT_MIN <= number <= INT_MAX:
                    return number
    raise _no(value, "int")


def to_uint(value: Value) -> UInt:
    """`uint(x)`."""
    match value:
        case bool():
            raise _no(value, "uint")
        case UInt():
            return value
        case int():
            if value < 0:
                raise CelError("unsigned integer overflow")
            return UInt(value)
        case float():
            if not 0 <= value < 2.0**64:
                raise CelError("unsigned integer overflow")
            return UInt(int(value))
        case str():
            if re.match(r"[0-9]+\Z", value) and len(value.lstrip("0")) < 21:
                number = int(value)
                if number <= UINT_MAX:
                    return UInt(number)
    raise _no(value, "uint")


def to_double(value: Value) -> float:
    """`double(x)`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        number = parse_float(value)
        if number is not None:
            return number
    raise _no(value, "double")


def parse_float(text: str) -> float | None:
    """A number as Go's ParseFloat reads it, None if it refuses."""
    if _SPECIAL.match(text):
        return float(text)
    number: float | None = None
    if _DECIMAL.match(text):
        number = float(text.replace("_", ""))
    elif _HEX.match(text) and len(text) < _LONGEST:
        try:
            number = float.fromhex(text.replace("_", ""))
        except (ValueError, OverflowError):
            return None
    if number is None or number in (float("inf"), float("-inf")):
        return None
    return number


def to_bool(value: Value) -> bool:
    """`bool(x)`."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _TRUE | _FALSE:
        return value in _TRUE
    raise _no(value, "bool")


def to_bytes(value: Value) -> bytes:
    """`bytes(x)`."""
    match value:
        case bytes():
            return value
        case str():
            return value.encode("utf-8", "surrogatepass")
    raise _no(value, "bytes")


def to_string(value: Value) -> str:
    """`string(x)`."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return int.__repr__(value)
        case float():
            return show_double(value)
        case bytes():
            try:
                return value.decode("utf-8")
            except UnicodeDecodeError:
                raise CelError("invalid UTF-8 in bytes, cannot convert to string") from None
        case Duration():
            return show_duration(value)
        case Timestamp():
            return show_time(value)
        case None:
            return "null"
        case TypeValue():
            return value.name
    shown = getattr(value, "text", None)
    if isinstance(shown, str):
        return shown
    raise _no(value, "string")


def to_duration(value: Value) -> Duration:
    """`duration(x)`."""
    match value:
        case Duration():
            return value
        case str():
            found = parse_duration(value)
            if found is not None:
                return found
    raise _no(value, "google.protobuf.Duration")


def to_timestamp(value: Value) -> Timestamp:
    """`timestamp(x)`."""
    match value:
        case Timestamp():
            return value
        case bool():
            pass
        case int() if not isinstance(value, UInt):
            return timestamp(value * SECOND)
        case str():
            found = parse_time(value)
            if found is not None:
                return timestamp(found.nanoseconds, found.offset)
    raise _no(value, "google.protobuf.Timestamp")


def show_double(value: float) -> str:
    """A double as Go's %g prints it."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    sign, size = ("-", -value) if str(value).startswith("-") else ("", value)
    shortest, _, written = repr(size).partition("e")
    whole, _, fraction = shortest.partition(".")
    digits = (whole + fraction).lstrip("0").rstrip("0") or "0"
    leading = len(fraction) - len(fraction.lstrip("0"))
    power = 0 if size == 0 else int(written or 0) + (len(whole) - 1 if whole != "0" else -leading - 1)
    if power < -4 or power >= _EXPONENT_FROM:
        point = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{sign}{point}e{'-' if power < 0 else '+'}{abs(power):02d}"
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    digits = digits.ljust(power + 1, "0")
    return sign + digits[: power + 1] + ("." + digits[power + 1 :] if len(digits) > power + 1 else "")


CONVERSIONS: dict[str, Callable[[Value], Value]] = {
    "int": to_int,
    "uint": to_uint,
    "double": to_double,
    "bool": to_bool,
    "bytes": to_bytes,
    "string": to_string,
    "duration": to_duration,
    "timestamp": to_timestamp,
}


def not_optional(what: str, value: Value) -> CelError:
    """The complaint of an optional part of a list, map or message that is given a plain value."""
    return CelError(f"cannot initialize optional {what} from non-optional value {printed(value)}")


def printed(value: Value) -> str:
    """A value as errors show it, with Go's `%v`."""
    if value is None:
        return "0"
    if type(value) is bool:
        return "true" if value else "false"
    if isinstance(value, (ListValue, RawList)):
        return "[" + ", ".join(map(printed, elements(value))) + "]"
    return show_double(value) if type(value) is float else str(value)
