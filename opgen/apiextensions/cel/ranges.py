"""Least and most of a size or a cost, in the server's unsigned 64-bit arithmetic, which stops at its largest."""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST = 2**64 - 1
STRING_FACTOR = 0.1
REGEX_FACTOR = 0.25
NEW_LIST = 10
NEW_MAP = 30
NEW_STRUCT = 40


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included."""

    low: int
    high: int

    def __add__(self, other: Range) -> Range:
        return Range(min(self.low + other.low, MOST), min(self.high + other.high, MOST))

    def __mul__(self, other: Range) -> Range:
        return Range(min(self.low * other.low, MOST), min(self.high * other.high, MOST))

    def __or__(self, other: Range) -> Range:
        """The smallest range that holds both."""
        return Range(min(self.low, other.low), max(self.high, other.high))

    def times(self, factor: float) -> Range:
        """Both ends by a factor, rounded up."""
        return Range(scale(self.low, factor), scale(self.high, factor))


ONE = Range(1, 1)
ZERO = Range(0, 0)
UNKNOWN = Range(0, MOST)


def fixed(value: int) -> Range:
    """A range of one value; negative values wrap as unsigned integers do."""
    value &= MOST
    return Range(value, value)


def scale(value: int, factor: float) -> int:
    """`value * factor`, rounded up, computed as a double."""
    as_double = float(value)
    if as_double > 0 and factor > 0 and as_double > MOST / factor:
        return MOST
    product = math.ceil(as_double * factor)
    return MOST if product >= 2**64 else product
