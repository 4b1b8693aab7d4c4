"""Patterns are Go's: what compiles, what the error says, what matches."""

from __future__ import annotations

import time

import pytest

from opgen.apiextensions import patterns


@pytest.mark.parametrize(
    "pattern",
    [
        "^a$", "[[:alpha:]]", "\\pL", "(?i)x", "\\z", "(?<n>a)", "(?P<n>a)", "\\Q\\C\\E", "\\\\C", "[]a]",
        "a{,5}", "(?s).",
    ],
)  # fmt: skip
def test_compile(pattern: str) -> None:
    assert patterns.complaint(pattern) == ""
    assert patterns.compile(pattern) is not None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?!a)", "invalid or unsupported Perl syntax: `(?!`"),
        ("(?<=a)b", "invalid named capture: `(?<=a)`"),
        ("(?<!a>)b", "invalid named capture: `(?<!a>`"),
        ("\\1", "invalid escape sequence: `\\1`"),
        ("\\Z", "invalid escape sequence: `\\Z`"),
        ("\\u1234", "invalid escape sequence: `\\u`"),
        ("\\C", "invalid escape sequence: `\\C`"),
        ("a++", "invalid nested repetition operator: `++`"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("(", "missing closing ): `(`"),
        ("a)", "unexpected ): `a)`"),
        ("[a", "missing closing ]: `[a`"),
        ("\\", "trailing backslash at end of expression: ``"),
        ("(?P<é>a)", "invalid named capture: `(?P<é>`"),
        ("(?P<n", "invalid named capture: `(?P<n`"),
    ],
)
def test_complaints(pattern: str, reason: str) -> None:
    assert patterns.complaint(pattern) == f"error parsing regexp: {reason}"
    assert patterns.compile(pattern) is None
    assert not patterns.matches(pattern, "a")


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("^a$", "a", True),
        ("^a$", "a\n", False),  # Python's $ takes it
        ("^\\d$", "٣", False),  # Python's \d takes it
        ("b", "abc", True),
        ("^\\p{Letter}+$", "aé", True),
        ("^\\p{uppercase letter}$", "A", True),
        ("^\\P{Letter}$", "a", False),
        ("^\\p{^Letter}$", "1", True),
        ("^\\p{ASCII}$", "a", True),
        ("^[\\P{ASCII}x]$", "é", True),
        ("^\\p{greek}$", "α", True),
        ("^.$", "\ud800", True),  # reaches the server as U+FFFD
    ],
)
def test_matches(pattern: str, text: str, expected: bool) -> None:
    assert patterns.matches(pattern, text) is expected


def test_many_unclosed_classes_are_read_in_linear_time() -> None:
    started = time.process_time()
    assert "invalid character class range" in patterns.complaint("\\p{" * 40_000)
    assert time.process_time() - started < 1


def test_an_explosive_pattern_is_matched_in_linear_time() -> None:
    assert not patterns.matches("^(a|aa)+$", "a" * 20_000 + "b")


@pytest.mark.parametrize(
    ("pattern", "sound"),
    [
        ("(" * 999 + ")" * 999, True),
        ("(" * 1000 + ")" * 1000, False),
        ("(?:" * 5000 + ")" * 5000, True),
        ("(?:" * 1000 + "a" + ")" * 1000, True),
        ("(?:" * 999 + "ab" + ")*" * 999, True),
        ("(?:" * 1000 + "ab" + ")*" * 1000, False),
        ("(?:a|" * 1001 + ")" * 1001, True),
        ("(a|b" * 333 + ")" * 333, True),
        ("(a|b" * 334 + ")" * 334, False),
        ("(?:[(*]" * 1001 + ")" * 1001, True),
        ("(a)" * 1001 + "b*" * 1001, True),
    ],
)
def test_what_nests_too_deeply_is_refused_as_go_does(pattern: str, sound: bool) -> None:
    expected = "" if sound else f"error parsing regexp: expression nests too deeply: `{pattern}`"
    assert patterns.complaint(pattern) == expected
