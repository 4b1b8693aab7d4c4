"""Hypothesis strategies over the makers of random kinds, and a seeded run of one.

The makers take all their decisions from a `random.Random`. In a property that Hypothesis shrinks, its own
(`choices`) makes them; where a server is asked about thousands of cases, one that is seeded by each example does.
"""

from __future__ import annotations

import random
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from comparison.definitions import Definitions
from comparison.values import Values

choices = st.randoms(use_true_random=False)
"""Decisions that Hypothesis takes and shrinks."""
seeded = st.randoms(use_true_random=True)
"""Decisions from a seed that Hypothesis draws: for cases too large to be drawn choice by choice."""


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Definitions that the server takes, most of them."""
    return Definitions(draw(seeded)).definition(draw(st.integers(0, 9)))


@st.composite
def broken_definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Definitions with something wrong."""
    makers = Definitions(draw(seeded))
    return makers.mutated(makers.definition(0))


@st.composite
def kinds_with_objects(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A definition, and objects of its first version: from fitting to wild."""
    rng = draw(seeded)
    raw = Definitions(rng).definition(0)
    schema, values = raw["spec"]["versions"][0]["schema"]["openAPIV3Schema"], Values(rng)
    head = {"apiVersion": f"{raw['spec']['group']}/v1", "kind": "K0", "metadata": {"name": "o"}}
    return raw, [head | values.resource(schema, wild) for wild in (0, 0.05, 0.3)]


def drawn(seed: int, count: int) -> list[random.Random]:
    """`count` different sources of decisions; the same for the same seed."""
    found: list[random.Random] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(seeded)
    def collect(rng: random.Random) -> None:
        found.append(random.Random(rng.getrandbits(64)))

    collect()
    return found
