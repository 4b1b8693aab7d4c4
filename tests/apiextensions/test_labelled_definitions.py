"""Definitions that a real server has judged: verdicts, fields, types and texts of errors."""

from __future__ import annotations

import os
from typing import Any

import pytest
from comparison.labelled import LABELLED, definitions, lines, public_definitions
from comparison.table import Tally

from opgen.apiextensions import decode, encode

if not LABELLED.is_dir() and os.environ.get("CI") == "true":
    raise RuntimeError(f"no labelled definitions in {LABELLED}")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not LABELLED.is_dir(), reason="needs ../shared/corpus"),
]


@pytest.mark.parametrize(("name", "count"), [("crd_mutations", 1129), ("validation_test", 107)])
def test_answers_as_the_server_does(name: str, count: int) -> None:
    """Every definition gets the server's verdict, the decoder's message and all errors, texts included."""
    tally = Tally()
    definitions(tally, name)
    assert tally.examples == {}
    assert tally.equal["verdicts"] == count


@pytest.mark.parametrize("mode", ["Strict", "Ignore"])
def test_public_definitions_get_the_servers_status_and_message(mode: str) -> None:
    """146 public definitions, as a real server answered them with that field validation."""
    tally = Tally()
    public_definitions(tally, mode)
    assert tally.examples == {}
    assert tally.equal[f"verdict, {mode}"] == 146


def test_decoding_and_encoding_lose_nothing_of_a_valid_definition() -> None:
    """Raw data to a definition and back is the same, but for what the server itself does not keep."""
    compared = 0
    for row in lines("crd_mutations"):
        decoded = decode(row["crd"])
        if row["verdict"] == "valid" and not decoded.dropped:
            assert decoded.definition is not None
            encoded: Any = encode(decoded.definition)
            assert _without_empty(encoded["spec"]) == _without_empty(row["crd"]["spec"])
            again = decode(encoded).definition
            assert again is not None
            assert again.versions == decoded.definition.versions
            compared += 1
    assert compared > 350


def _without_empty(value: Any) -> Any:
    """Without what is false, null or empty: the server writes no such field."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if item not in ("", [], None) and item is not False}
        return {key: _without_empty(item) for key, item in kept.items()}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value
