"""Quantities (`500m`, `1Gi`, `1e3`) as exact decimals, and back. Models keep them as they were written."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext

_SUFFIXES: dict[str, Decimal] = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal(10) ** 3,
    "M": Decimal(10) ** 6,
    "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12,
    "P": Decimal(10) ** 15,
    "E": Decimal(10) ** 18,
    "Ki": Decimal(2) ** 10,
    "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40,
    "Pi": Decimal(2) ** 50,
    "Ei": Decimal(2) ** 60,
}
_FORM = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))((?:[eE][+-]?[0-9]+)|[numkMGTPE]|[KMGTPE]i)?")
_DECIMAL = ("E", "P", "T", "G", "M", "k", "", "m", "u", "n")
_BINARY = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki", "")


def parse_quantity(text: str | int | float) -> Decimal:
    """The exact value of a quantity; bytes for storage, cores for CPU. Raises ValueError on anything else."""
    match = _FORM.fullmatch(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a quantity such as 500m, 2 or 1Gi")
    number, suffix = match.group(1), match.group(2) or ""
    with localcontext() as context:
        context.prec = 60
        if suffix[:1] in ("e", "E") and len(suffix) > 1 and suffix != "Ei":
            return Decimal(number + suffix)
        return Decimal(number) * _SUFFIXES[suffix]


def format_quantity(value: Decimal | int, *, binary: bool = False) -> str:
    """The canonical text: the largest suffix that leaves a whole number. `binary` writes Ki, Mi, Gi.

    Fractions below one billionth are rounded up, as the server does.
    """
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value)
        if exact == 0:
            return "0"
        if binary and exact == exact.to_integral_value():
            return _with_suffix(exact, _BINARY)
        nano = _SUFFIXES["n"]
        rounded = (exact / nano).to_integral_value(rounding="ROUND_UP") * nano
        return _with_suffix(rounded, _DECIMAL)


def _with_suffix(value: Decimal, suffixes: tuple[str, ...]) -> str:
    for suffix in suffixes:
        scaled = value / _SUFFIXES[suffix]
        if scaled == scaled.to_integral_value():
            return f"{int(scaled)}{suffix}"
    return str(value)


def same_quantity(left: str | int | float, right: str | int | float) -> bool:
    """Whether two quantities mean the same: `1` and `1000m`. Raises ValueError if one is no quantity."""
    return parse_quantity(left) == parse_quantity(right)
