"""Objects that a real server has judged: verdicts, fields and types of errors, texts, stored form."""

from __future__ import annotations

import os

import pytest
from comparison.labelled import LABELLED, objects
from comparison.table import Tally

if not LABELLED.is_dir() and os.environ.get("CI") == "true":
    raise RuntimeError(f"no labelled objects in {LABELLED}")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not LABELLED.is_dir(), reason="needs ../shared/corpus"),
]


def test_answers_as_the_server_does() -> None:
    """Every one of 2,678 objects gets the server's verdict, errors (texts included) and stored form."""
    tally = Tally()
    objects(tally)
    assert tally.examples == {}
    assert tally.equal["verdicts"] > 2_000
