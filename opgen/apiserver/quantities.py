"""Quantities in the form in which the real server stores them: `0.5` is `500m`, `1024Mi` is `1Gi`.

Source: k8s.io/apimachinery pkg/api/resource, the canonical form. Nothing below a nano is kept; it is rounded up.
"""

from __future__ import annotations

import re
from fractions import Fraction

_SHAPE = re.compile(r"[+-]?[0-9.]+[eEinumkKMGTP]*[-+]?[0-9]*\Z", re.A)
_QUANTITY = re.compile(
    r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([eE][+-]?[0-9]{1,4})|([numkMGTPE]|[KMGTPE]i)?)\Z", re.A
)
_TENS = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_TENS_BACK = {suffix: exponent for exponent, suffix in _TENS.items()}
_TWOS = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_NANO = Fraction(1, 10**9)


class NotAQuantity(ValueError):
    """The message is the real server's."""


def amount_of(text: str) -> Fraction:
    """The number that a quantity means, rounded up to a nano as the server does. Raises NotAQuantity."""
    found = _QUANTITY.match(canonical(text))
    assert found is not None  # the canonical form is one
    sign, whole, part, exponent, suffix = found.groups(default="")
    amount = Fraction(int((whole or "0") + part), 10 ** len(part))
    if suffix.endswith("i"):
        amount *= 1024 ** _TWOS.index(suffix)
    else:
        amount *= Fraction(10) ** (int(exponent[1:]) if exponent else _TENS_BACK[suffix])
    return -amount if sign == "-" else amount


def canonical(text: str) -> str:
    """The canonical form. Raises NotAQuantity."""
    text = text.strip()
    if not _SHAPE.match(text):
        raise NotAQuantity(
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        )
    found = _QUANTITY.match(text)
    if found is None:
        raise NotAQuantity("unable to parse quantity's suffix")
    sign, whole, part, exponent, suffix = found.groups(default="")
    amount = Fraction(int((whole or "0") + part), 10 ** len(part))
    binary = suffix.endswith("i")
    if binary:
        amount *= 1024 ** _TWOS.index(suffix)
    else:
        power = int(exponent[1:]) if exponent else _TENS_BACK[suffix]
        amount = amount * 10**power if power >= 0 else amount / 10**-power
    nanos = -(-amount // _NANO)  # up, whatever is below a nano
    if not nanos:
        return "0"
    if binary and amount >= 1024 and nanos % 10**9 == 0:
        number, times = _factors(nanos // 10**9, 1024, len(_TWOS) - 1)
        return f"{sign.replace('+', '')}{number}{_TWOS[times]}"
    number, times = _factors(nanos, 1000, None if exponent else (18 + 9) // 3)
    power = 3 * times - 9
    written = f"e{power}" if exponent and power else _TENS.get(power, "")
    return f"{sign.replace('+', '')}{number}{written}"


def _factors(number: int, base: int, most: int | None) -> tuple[int, int]:
    """How often the base divides the number, and what remains."""
    times = 0
    while number % base == 0 and (most is None or times < most):
        number, times = number // base, times + 1
    return number, times
