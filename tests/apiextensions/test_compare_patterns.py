"""Whether one pattern takes all that another took: held against RE2 itself."""

from __future__ import annotations

import random

import pytest

from opgen.apiextensions import patterns
from opgen.apiextensions.compare.regular import UNDECIDED, included

LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
BOUNDED = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("^[a-z]+$", "^[a-z0-9]+$"),
        ("^[a-z]+$", "[a-z]"),
        ("foo", "o"),
        ("^a{1,3}$", "^a*$"),
        (rf"^{LABEL}(\.{LABEL})*$", rf"^(\*\.)?{LABEL}(\.{LABEL})*$"),
        (f"^{BOUNDED}$", f"^{LABEL}$"),
        (r"^\d+$", "^[[:digit:]]*$"),
        ("(?i)^ab$", "^[aA][bB]$"),
        ("^(?:a|b)$", "^(?P<x>[ab])$"),
        (r"^\x61\.\-$", r"\Aa[.][-]\z"),
        ("^a+?$", "^a+$"),
        ("x", ""),
        ("", "^"),
        ("^.$", "(?s)^.$"),
        (r"^[\s\S]$", "(?s)^.$"),
        ("a|^b$", "[ab]"),
    ],
)
def test_wider_patterns(old: str, new: str) -> None:
    assert included(old, new) is None
    assert included(new, old) is None or isinstance(included(new, old), str)


@pytest.mark.parametrize(
    ("old", "new", "example"),
    [
        ("^[a-z0-9]+$", "^[a-z]+$", "0"),
        ("", "^a?$", "0"),
        ("", "^.+$", ""),
        ("", ".", ""),
        ("(?i)^k$", "^[kK]$", "\u212a"),
        ("^a|b$", "^a$", "b"),
        ("[ab]", "a", "b"),
    ],
)
def test_narrower_patterns_have_an_example(old: str, new: str, example: str) -> None:
    assert included(old, new) == example


def test_lengths_count() -> None:
    assert isinstance(included(f"^{LABEL}$", f"^{BOUNDED}$"), str)
    assert included(f"^{LABEL}$", f"^{BOUNDED}$", 0, 63) is None
    assert included("", "(?s).", 1) is None


@pytest.mark.parametrize(
    "pattern", [r"\bfoo", r"^\pL+$", "(?m)^a$", "a{1,2000}", "(", r"\Qa.b\E", "(?i)ä", "[b-a]"]
)
def test_what_is_not_read_is_undecided(pattern: str) -> None:
    assert included("^a$", pattern) is UNDECIDED
    assert included(pattern, "^a$") is UNDECIDED


def test_what_grows_too_large_is_undecided() -> None:
    assert included("^(a|b)*a(a|b){14}$", "^(a|b)*b(a|b){14}$|^(a|b)*a(a|b){13}a$|^(a|b)*a(a|b){13}b$") in (
        UNDECIDED,
        None,
    )


def _random_pattern(source: random.Random, depth: int = 3) -> str:
    if depth == 0 or source.random() < 0.3:
        return source.choice(["a", "b", "[ab]", "[^a]", ".", "^", "$", r"\d", "(?:)", "c"])
    inner = [_random_pattern(source, depth - 1) for _ in range(2)]
    return source.choice(
        [
            "{0}{1}",
            "(?:{0}|{1})",
            "(?:{0})*",
            "(?:{0})+",
            "(?:{0})?",
            "(?:{0}){{1,2}}",
            "({0}){1}",
            "^{0}$",
            "{0}{1}$",
        ]
    ).format(*inner)


def test_random_patterns_agree_with_re2() -> None:
    """An answer of yes holds for every short text, and an example is one."""
    source = random.Random(11)
    texts = [""]
    for _ in range(4):
        texts += [text + char for text in texts for char in "ab1\n" if len(text) < 4]
    texts = sorted(set(texts))
    answered = {"yes": 0, "no": 0}
    for _ in range(250):
        old, new = _random_pattern(source), _random_pattern(source)
        if source.random() < 0.4:
            new = f"{old}|{new}"
        found = included(old, new)
        if found is None:
            answered["yes"] += 1
            wrong = [t for t in texts if patterns.matches(old, t) and not patterns.matches(new, t)]
            assert not wrong, (old, new, wrong[:3])
        elif isinstance(found, str):
            answered["no"] += 1
            assert patterns.matches(old, found), (old, new, found)
            assert not patterns.matches(new, found), (old, new, found)
    assert answered["yes"] > 60
    assert answered["no"] > 60
