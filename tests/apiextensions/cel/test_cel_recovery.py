"""Broken texts get all the errors that the server reports of them, and reading them stays bounded."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from opgen.apiextensions.cel.parser import parse
from opgen.apiextensions.cel.source import Source

DATA = Path(__file__).parent / "data" / "syntax_errors.jsonl"  # as the server's own code answered
CASES = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
_ERROR = re.compile(r"^ERROR: <input>:(-?\d+:-?\d+): (.*?)(?=\n \| |\nERROR|\Z)", re.DOTALL | re.MULTILINE)


def complaints(text: str) -> list[str]:
    source = Source(text)
    parse(source)
    return [
        f"{place} {what.removeprefix('Syntax error: ')}" for place, what in _ERROR.findall(source.render())
    ]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[repr(text) for text, _ in CASES])
def test_every_error_is_the_servers(text: str, expected: list[str]) -> None:
    assert complaints(text) == expected


def test_a_number_with_a_sign_may_follow_a_bang() -> None:
    assert complaints("!-5") == []


def test_reading_ends_after_thirty_errors() -> None:
    found = complaints("[" + " + , " * 60 + "]")
    assert found[-1].endswith("error recovery attempt limit exceeded: 30")
    assert len(found) == 33  # dropping a token at the beginning of a part is no attempt


def test_skipping_ends_after_256_tokens() -> None:
    assert complaints("f(a ) b" + " c" * 300)[0] == "-1:0 error recovery token lookahead limit exceeded: 256"


@pytest.mark.parametrize("text", ["a" + ".b" * 251, "1" + "+1" * 251, "a" + "[0]" * 251, "a" + ".b()" * 251])
def test_members_and_operators_stand_250_deep_at_most(text: str) -> None:
    assert complaints(text) == ["-1:0 max recursion depth exceeded"]
    shorter = text.removesuffix("+1").removesuffix("[0]").removesuffix(".b()").removesuffix(".b")
    assert complaints(shorter) == []


def test_errors_of_syntax_are_told_of_whatever_is_too_deep_to_be_built() -> None:
    assert complaints("f(" * 249 + "a b" + ")" * 249)[0].startswith("1:501 extraneous input 'b' expecting")


@pytest.mark.parametrize("unit", ["-5.a ", "(", "a.", "[", "{1:", "a?b:", "!", "- ", "a+", "f(-1,", "a.b{c:"])
def test_long_broken_texts_take_no_longer_than_their_length(unit: str) -> None:
    assert complaints(unit * (20_000 // len(unit)) + " $ ]")
