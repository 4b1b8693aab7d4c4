"""Resource quantities: `quantity("1.5Gi")` and its methods, with apimachinery's two representations.

Small numbers are a 64-bit integer and a power of ten, others a decimal rounded up to nano; which of them a number
is decides whether it `isInteger`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from opgen.apiextensions.cel.literals import INT_MAX, INT_MIN
from opgen.apiextensions.cel.values import CelError, Unsupported, Value, register_type

_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[+-]?[0-9]*)\Z")
_TENS = {"": 0, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_TWOS = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_EXPONENT = re.compile(r"[eE]([+-]?[0-9]+)\Z")
_NANO = -9
_DIGITS = 18
_MOST_EXPONENT = 10_000
_REGEX = r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"


@dataclass(frozen=True, slots=True)
class QuantityValue:
    """`number` times ten to the `scale`; `small` if it is held as a 64-bit integer.

    What `add` and `sub` return is `computed`: the server's equality takes it on its left side only.
    """

    number: int
    scale: int
    small: bool
    computed: bool = False

    @property
    def unit_equality(self) -> bool:
        """Comparing two costs one unit."""
        return True

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        if type(other) is not QuantityValue or other.computed:
            raise CelError("no such overload")
        return compare(self, other) == 0


register_type(QuantityValue, "kubernetes.Quantity")


def parse(text: str) -> QuantityValue:
    """`quantity(text)`."""
    if not text:
        raise CelError(f"quantities must match the regular expression '{_REGEX}'")
    found = _NUMBER.match(text)
    if found is None or not text.isascii():
        raise CelError(f"quantities must match the regular expression '{_REGEX}'")
    sign, whole, fraction, suffix = found.groups()
    base, exponent = _suffix(suffix)
    whole, fraction = whole.lstrip("0"), fraction or ""
    digits = (whole or "0") + fraction
    value = int(digits) if len(digits) < _MOST_EXPONENT else 0
    if len(digits) >= _MOST_EXPONENT:
        raise Unsupported("a quantity with too many digits")
    small = _small(base, exponent, whole or "0", fraction, value)
    if small is not None:
        return QuantityValue(-small[0] if sign == "-" else small[0], small[1], small=True)
    return _decimal(base, exponent, value, len(fraction), negative=sign == "-")


def _suffix(suffix: str) -> tuple[int, int]:
    if suffix in _TENS:
        return 10, _TENS[suffix]
    if suffix in _TWOS:
        return 2, _TWOS[suffix]
    found = _EXPONENT.match(suffix)
    if found is None or len(found[1]) > 12:
        raise CelError("unable to parse quantity's suffix")
    exponent = int(found[1])
    if abs(exponent) > _MOST_EXPONENT:
        raise Unsupported("a quantity with too large an exponent")
    return 10, exponent


def _small(base: int, exponent: int, whole: str, fraction: str, value: int) -> tuple[int, int] | None:
    """The 64-bit form, if the server takes it."""
    if base == 10:
        scale, factor = exponent, 1
        precision = _DIGITS - len(whole) - len(fraction)
    elif not fraction:
        scale, factor = 0, 1 << exponent
        precision = 15 - len(whole) - exponent * 3 // 10 - 1
    else:
        return None
    scale -= len(fraction)
    if precision < 0 or scale < _NANO or value * factor > INT_MAX:
        return None
    return value * factor, scale


def _decimal(base: int, exponent: int, value: int, places: int, *, negative: bool) -> QuantityValue:
    """The decimal form, rounded up to nano and, with a binary suffix, capped."""
    scale = -places
    if base == 10:
        scale += exponent
    else:
        value <<= exponent
    if value:
        if scale >= _NANO:
            value *= 10 ** (scale - _NANO)
        else:
            value = -(-value // 10 ** (_NANO - scale))
        scale = _NANO
    if base == 2 and value > INT_MAX * 10**-_NANO:
        value, scale = INT_MAX, 0
    return QuantityValue(-value if negative else value, scale, small=False)


def _aligned(one: QuantityValue, two: QuantityValue) -> tuple[int, int, int]:
    scale = min(one.scale, two.scale)
    return one.number * 10 ** (one.scale - scale), two.number * 10 ** (two.scale - scale), scale


def compare(one: QuantityValue, two: QuantityValue) -> int:
    """-1, 0 or 1."""
    left, right, _ = _aligned(one, two)
    return (left > right) - (left < right)


def add(one: QuantityValue, two: QuantityValue) -> QuantityValue:
    """The sum."""
    small = one.small and two.small
    if small and two.number == 0:
        return replace(one, computed=True)
    if small and one.number == 0:
        return replace(two, computed=True)
    left, right, scale = _aligned(one, two)
    total = left + right
    fits = all(INT_MIN <= part <= INT_MAX for part in (left, right, total))
    return QuantityValue(total, scale, small=small and fits, computed=True)


def subtract(one: QuantityValue, two: QuantityValue) -> QuantityValue:
    """The difference; the server negates within 64 bits, where the smallest integer stays what it is."""
    if one.small and two.small and two.number == INT_MIN:
        wrapped = add(one, two)
        if wrapped.small:
            return wrapped
    return add(one, _negative(two))


def _negative(value: QuantityValue) -> QuantityValue:
    return QuantityValue(-value.number, value.scale, value.small)


def as_integer(value: QuantityValue) -> int | None:
    """The whole number, None if it is not held as one."""
    if not value.small or value.scale < 0:
        return None
    whole = value.number * 10**value.scale
    return whole if INT_MIN <= whole <= INT_MAX else None


def _as_integer(value: QuantityValue) -> int:
    whole = as_integer(value)
    if whole is None:
        raise CelError("cannot convert value to integer")
    return whole


def _as_float(value: QuantityValue) -> float:
    try:
        return float(value.number) if value.scale == 0 else float(value.number) * float(f"1e{value.scale}")
    except OverflowError:
        return float("inf") if value.number > 0 else float("-inf")


def is_quantity(text: str) -> bool:
    """`isQuantity(text)`."""
    try:
        parse(text)
    except CelError:
        return False
    return True


def _of(value: int) -> QuantityValue:
    return QuantityValue(value, 0, small=True)


OVERLOADS: dict[str, Callable[..., Value]] = {
    "string_to_quantity": parse,
    "is_quantity_string": is_quantity,
    "quantity_sign": lambda value: (value.number > 0) - (value.number < 0),
    "quantity_is_greater_than": lambda one, two: compare(one, two) > 0,
    "quantity_is_less_than": lambda one, two: compare(one, two) < 0,
    "quantity_compare_to": compare,
    "quantity_get_float": _as_float,
    "quantity_get_int": _as_integer,
    "quantity_is_integer": lambda value: as_integer(value) is not None,
    "quantity_add": add,
    "quantity_add_int": lambda one, two: add(one, _of(two)),
    "quantity_sub": subtract,
    "quantity_sub_int": lambda one, two: subtract(one, _of(two)),
}
