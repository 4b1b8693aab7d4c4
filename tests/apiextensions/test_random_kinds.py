"""Random definitions and objects: a verdict for each, never a crash, and nothing lost of what is accepted."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from comparison.strategies import broken_definitions, definitions, drawn, kinds_with_objects
from hypothesis import HealthCheck, given, settings

from opgen.apiextensions import decode, encode, review_definition, review_object, through_storage

few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@few
@given(definitions())
def test_a_definition_that_is_taken_is_taken_again_as_stored(raw: dict[str, Any]) -> None:
    before = deepcopy(raw)
    verdict = review_definition(raw)
    assert raw == before
    if verdict.allowed:
        assert verdict.stored is not None
        again = review_definition(verdict.stored)
        assert again.allowed
        assert again.stored == verdict.stored


@few
@given(broken_definitions())
def test_a_broken_definition_gets_a_verdict(raw: dict[str, Any]) -> None:
    verdict = review_definition(raw)
    assert verdict.allowed == (verdict.decode == "" and verdict.errors == ())
    decoded = decode(raw).definition
    if decoded is not None:
        assert decode(encode(decoded)).definition is not None


@few
@given(kinds_with_objects())
def test_an_object_that_is_taken_is_taken_again_as_stored(
    case: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    raw, objects = case
    definition = decode(raw).definition
    assert definition is not None
    sound = review_definition(raw).allowed
    for obj in objects:
        before = deepcopy(obj)
        verdict = review_object(definition, obj, field_validation="Ignore")
        assert obj == before
        if verdict.allowed and sound:
            assert verdict.stored is not None
            again = review_object(definition, verdict.stored)
            assert again.allowed
            assert again.stored == verdict.stored
            answered = through_storage(definition, verdict.stored, "v1")
            assert answered["metadata"] == verdict.stored["metadata"]


def test_a_seed_gives_the_same_cases() -> None:
    first, second = ([rng.random() for rng in drawn(7, 5)] for _ in range(2))
    assert first == second
    assert len(set(first)) == 5
