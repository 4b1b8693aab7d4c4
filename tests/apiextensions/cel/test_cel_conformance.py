"""The public CEL conformance cases: all that apply pass; what does not apply has a cause."""

from __future__ import annotations

import os

import pytest
from comparison.conformance import CASES, conformance, needless
from comparison.table import Tally

if not CASES.exists() and os.environ.get("CI") == "true":
    raise RuntimeError(f"{CASES} is absent")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CASES.exists(), reason="needs ../shared/corpus"),
]


def test_every_case_that_applies_passes() -> None:
    """All but the exceptions, each of which has a cause."""
    tally = Tally()
    conformance(tally)
    assert tally.examples == {}
    assert tally.equal["cases"] > 1_300


def test_no_exception_is_needless() -> None:
    """An exception whose case would pass must go."""
    assert needless() == []
