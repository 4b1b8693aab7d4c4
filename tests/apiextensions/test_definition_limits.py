"""Hostile definitions are answered, in bounded time and without a traceback."""

from __future__ import annotations

from typing import Any

import pytest
from definition_support import definition, of_field

from opgen.apiextensions import decode, encode, lint, review_definition


def nested(levels: int, keyword: str) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(levels):
        match keyword:
            case "items":
                schema = {"type": "array", "items": schema}
            case "properties":
                schema = {"type": "object", "properties": {"a": schema}}
            case "not":
                schema = {"not": schema}
            case _:
                schema = {keyword: [schema]}
    return schema


@pytest.mark.parametrize(
    ("keyword", "levels"), [("items", 145), ("properties", 74), ("not", 145), ("allOf", 72), ("anyOf", 72)]
)
def test_the_deepest_schemas_that_are_read_are_judged_linted_and_written(keyword: str, levels: int) -> None:
    raw = of_field(nested(levels, keyword))
    raw["metadata"]["resourceVersion"] = "1"
    verdict = review_definition(raw, raw)
    assert not verdict.decode
    assert not verdict.unchecked
    decoded = decode(raw).definition
    assert decoded is not None
    assert lint(decoded) == ()
    written: Any = encode(decoded)
    assert written["spec"] == raw["spec"]


@pytest.mark.parametrize("keyword", ["items", "properties", "not", "allOf"])
def test_deeper_ones_are_refused(keyword: str) -> None:
    raw = definition()
    raw["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = nested(5000, keyword)
    assert "exceeded max depth" in review_definition(raw).decode


def test_a_default_as_deep_as_can_be_read() -> None:
    default: Any = 1
    for _ in range(140):
        default = [default]
    assert review_definition(
        of_field({"x-kubernetes-preserve-unknown-fields": True, "default": default})
    ).allowed


@pytest.mark.parametrize("raw", [None, 5, [], "x", {"spec": []}, {"metadata": 1}, {"status": []}])
def test_junk_is_the_decoders_error(raw: Any) -> None:
    verdict = review_definition(raw)
    assert verdict.decode.startswith("json: ")
    assert verdict.stored is None


@pytest.mark.parametrize("raw", [{}, {"spec": None}, {"spec": {"versions": [None]}}])
def test_empty_definitions_have_errors(raw: Any) -> None:
    assert review_definition(raw).errors


def test_an_old_definition_that_cannot_be_decoded_is_the_callers_fault() -> None:
    with pytest.raises(ValueError, match="cannot unmarshal"):
        review_definition(definition(), [])


def test_a_definition_that_aliases_blow_up_beyond_a_request_is_refused_before_it_is_read() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(18):
        schema = {"type": "object", "properties": {"left": schema, "right": schema}}
    verdict = review_definition(of_field(schema))
    assert verdict.decode == "Request entity too large: limit is 3145728"
