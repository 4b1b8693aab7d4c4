"""Random decisions, all from one `random.Random`, so that a seed tells the whole case."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """What the makers of random schemas, values and rules share."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def pick(self, some: Sequence[T]) -> T:
        return self.rng.choice(some)

    def sample(self, some: Sequence[T], least: int, most: int) -> list[T]:
        """Between `least` and `most` of them, in random order, as far as there are so many."""
        return self.rng.sample(some, min(len(some), self.rng.randint(least, most)))
