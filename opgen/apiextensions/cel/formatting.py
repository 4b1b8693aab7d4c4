"""`string.format` at run time: what each clause makes of a value."""

from __future__ import annotations

import math

from opgen.apiextensions.cel.convert import to_double, to_string
from opgen.apiextensions.cel.format_string import FormatFault, interpolate
from opgen.apiextensions.cel.operations import is_list, is_map
from opgen.apiextensions.cel.times import show_time
from opgen.apiextensions.cel.values import (
    CelError,
    CostExceeded,
    Duration,
    Timestamp,
    TypeValue,
    UInt,
    Value,
    elements,
    type_name,
)
from opgen.apiextensions.gotext import quote

_PRECISION = 6
_LARGEST = 50_000_000
_MOST_PRECISION = 10_000
_PLAIN = (int, UInt, float, bool, str, bytes, Timestamp, Duration, TypeValue)
_WORDS = ("NaN", "Infinity", "-Infinity")


class _Misfit(FormatFault):
    """The argument does not fit the clause."""

    def __init__(self, complaint: str) -> None:
        super().__init__(f"error during formatting: {complaint}")


def format_string(text: str, args: Value) -> str:
    """`text.format(args)`."""
    size = 0

    def clause(letter: str, precision: int | None, index: int) -> str:
        nonlocal size
        made = _clause(letter, precision, args.at(index))
        size += len(made)
        if size > _LARGEST:
            raise CostExceeded
        return made

    try:
        return interpolate(text, len(args), clause, early=True)
    except FormatFault as fault:
        raise CelError(str(fault)) from None


def _clause(letter: str, precision: int | None, value: Value) -> str:
    match letter:
        case "s":
            return _text(value)
        case "d":
            return _decimal(value)
        case "f":
            return _fixed(value, precision)
        case "e":
            return _scientific(value, precision)
        case "b":
            return _binary(value)
        case "o":
            if type(value) in (int, UInt):
                return f"{int(value):o}"
            raise _Misfit(f"octal clause can only be used on integers, was given {type_name(value)}")
        case _:
            return _hex(value, letter)


def _text(value: Value) -> str:
    if is_list(value):
        return "[" + ", ".join(map(_inner, elements(value))) + "]"
    if is_map(value):
        return "{" + ", ".join(f"{key}:{item}" for key, item in sorted(_entries(value))) + "}"
    if type(value) in _PLAIN:
        return _shown(value)
    if value is None:
        return "null"
    raise _Misfit(
        "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, "
        f"and timestamps, was given {type_name(value)}"
    )


def _shown(value: Value) -> str:
    try:
        return to_string(value)
    except CelError as error:
        raise _Misfit(f'could not convert argument "{error}" to string') from None


def _entries(value: Value) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key in value:
        if type(key) not in (str, bool, int, UInt):
            raise _Misfit(f"no formatting function for map key of type {type_name(key)}")
        shown = quote(key) if type(key) is str else to_string(key)
        item, _ = value.find(key)
        found.append((shown, _inner(item)))
    return found


def _inner(value: Value) -> str:
    """A value within a list or map: strings in quotes, doubles with six digits."""
    if type(value) is str:
        return quote(value)
    if type(value) is bytes:
        return "b" + quote(_shown(value))
    if type(value) is float:
        if math.isnan(value) or math.isinf(value):
            return '"NaN"' if math.isnan(value) else '"+Inf"' if value > 0 else '"-Inf"'
        return f"{value:.6f}"
    if type(value) is Duration:
        return f'duration("{to_string(value)}")'
    if type(value) is Timestamp:
        return f'timestamp("{show_time(value)}")'
    if type(value) in _PLAIN or value is None or is_list(value) or is_map(value):
        return _text(value)
    raise _Misfit(f"no formatting function for {type_name(value)}")


def _decimal(value: Value) -> str:
    if type(value) in (int, UInt):
        return str(int(value))
    raise _Misfit(f"decimal clause can only be used on integers, was given {type_name(value)}")


def _number(value: float, precision: int, letter: str) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if precision > _MOST_PRECISION:
        raise CostExceeded
    return f"{value:,.{precision}f}" if letter == "f" else f"{value:.{precision}e}"


def _double(value: Value, complaint: str) -> float:
    if type(value) is float:
        return value
    if type(value) is str and value in _WORDS:
        return to_double(value)
    raise _Misfit(f"{complaint}, was given {type_name(value)}")


def _fixed(value: Value, precision: int | None) -> str:
    number = _double(value, "fixed-point clause can only be used on doubles")
    return _number(number, _PRECISION if precision is None else precision, "f")


_SUPERSCRIPT = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")


def _scientific(value: Value, precision: int | None) -> str:
    """As golang.org/x/text prints in English, with the exponent raised; the precision is taken for a width."""
    number = _double(value, "scientific clause can only be used on doubles")
    width = _PRECISION if precision is None else precision
    if width > _MOST_PRECISION:
        raise CostExceeded
    shown = _number(number, _PRECISION, "e")
    mantissa, mark, exponent = shown.partition("e")
    if mark:
        power = int(exponent)
        sign = "-" if power < 0 else ""
        shown = f"{mantissa}×10{f'{sign}{abs(power):02d}'.translate(_SUPERSCRIPT)}"
    return shown.rjust(width)


def _binary(value: Value) -> str:
    if type(value) is bool:
        return "1" if value else "0"
    if type(value) in (int, UInt):
        return f"{int(value):b}"
    raise _Misfit(f"only integers and bools can be formatted as binary, was given {type_name(value)}")


def _hex(value: Value, letter: str) -> str:
    if type(value) in (int, UInt):
        return f"{int(value):{letter}}"
    if type(value) in (str, bytes):
        data = value if type(value) is bytes else value.encode("utf-8", "surrogatepass")
        return data.hex().upper() if letter == "X" else str(data.hex())
    raise _Misfit(
        f"only integers, byte buffers, and strings can be formatted as hex, was given {type_name(value)}"
    )
