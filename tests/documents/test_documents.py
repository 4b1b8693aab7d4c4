"""YAML and JSON as Kubernetes reads them, bounded, with lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opgen.documents import MAX_DEPTH, load, read


def value(text: str) -> object:
    found = load(f"a: {text}\n")
    assert not [d for d in found.diagnostics if d.level == "error"]
    return found.documents[0].data["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", True), ("off", False), ("y", True), ("~", None), ("", None),
        ("010", 8), ("0x1F", 31), ("0b11", 3), ("1_000", 1000), ("1e3", 1000.0), ("3.0", 3.0), ("3", 3),
        ("2024-01-01", "2024-01-01"), ("12:30:00", "12:30:00"), ("'yes'", "yes"), ("18446744073709551616", 2.0**64),
        ("-9223372036854775808", -(2**63)), ("!!str 5", "5"), ("1.2.3", "1.2.3"), ("0o14", 12), ("08", 8.0),
    ],
)  # fmt: skip
def test_scalars(text: str, expected: object) -> None:
    """go-yaml v2's rules, which the Kubernetes tools read with."""
    assert value(text) == expected
    assert type(value(text)) is type(expected)


def test_keys_become_text() -> None:
    """Keys are JSON keys; one that changes its spelling is pointed out."""
    found = load("1: a\ny: b\ntrue: c\n")
    assert found.documents == ()
    assert [d.message for d in found.diagnostics] == [
        'key y is read as "true", as Kubernetes does',
        'key "true" is set twice',
    ]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"a: 1\nb: 2\na: 3\n", 3, 'key "a" is set twice'),
        (b"a:\n\tb: 1\n", 2, "YAML syntax: found character that cannot start any token"),
        (b"a: must be: x\n", 1, "YAML syntax: mapping values are not allowed in this context"),
        (b"a: \0\n", 0, "is not a text file (it holds a NUL byte)"),
        (b"a: 1\nb: \xff\n", 2, "is not UTF-8 text"),
        (b"a: &x {b: *x}\n", 1, "alias *x names nothing above it"),
        (b"a: .inf\n", 1, ".inf is not a number that JSON can hold"),
        (b"? {a: 1}\n: 2\n", 1, "a key must be text"),
        (b"a: !!python/name:x y\n", 1, "YAML tag tag:yaml.org,2002:python/name:x is not known here"),
        (b"[" * 5000, 1, f"is nested deeper than {MAX_DEPTH} levels"),
        (b'{"a": 1,\n "a": 2}', 2, 'key "a" is set twice'),
        ((b'{"a":' * 1000) + b"1" + b"}" * 1000, 1, f"is nested deeper than {MAX_DEPTH} levels"),
    ],
)  # fmt: skip
def test_bad_input(content: bytes, line: int, message: str) -> None:
    """A diagnostic, with the line, never an exception."""
    found = load(content, "f.yaml")
    assert found.documents == ()
    assert (found.diagnostics[-1].line, found.diagnostics[-1].message) == (line, message)


def test_objects_without_a_line_between_them() -> None:
    """A key that stands once in each object shows what is missing."""
    found = load("apiVersion: v1\nkind: A\napiVersion: v1\nkind: B\n")
    assert [d.hint for d in found.diagnostics] == [
        "it was first set on line 1; another object begins with a line of ---",
        "it was first set on line 2",
    ]


def test_alias_bombs_are_counted_before_they_go_off() -> None:
    """What aliases would expand to is bounded."""
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
    )
    found = load(bomb, "f.yaml")
    assert found.diagnostics[0].message == "expands to more than 2,000,000 values"


def test_merge_keys_and_anchors() -> None:
    """`<<` gives what is not set already."""
    found = load("base: &b {x: 1, y2: 2}\nmine: {<<: *b, x: 5}\n")
    assert found.documents[0].data["mine"] == {"x": 5, "y2": 2}


def test_lines_of_values() -> None:
    """Every value knows its line, and the path's nearest ancestor answers for what isn't there."""
    origins = load("a:\n  b:\n  - x\n  - y: 1\n", "f.yaml").documents[0].origins
    assert origins.locate(("a", "b", 1, "y")) == ("f.yaml", 4)
    assert origins.line(("a", "b", 7, "z")) == 2


def test_documents_of_one_file_are_read_apart() -> None:
    """A fault in one document leaves the others."""
    found = load("a: 1\n---\nb: 1\nb: 2\n---\n---\nc: 3\n")
    assert [d.data for d in found.documents] == [{"a": 1}, {"c": 3}]


def test_json_is_read_strictly_and_flow_yaml_still_as_yaml() -> None:
    """A brace at the beginning may be either."""
    assert load(json.dumps({"a": "\ud83d\ude00"})).documents[0].data == {"a": "\U0001f600"}
    assert load("{a: b}\n").documents[0].data == {"a": "b"}


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """No file, a folder: said, not raised."""
    assert read(tmp_path / "none.yaml").diagnostics[0].message == "no such file"
    assert read(tmp_path).diagnostics[0].message == "is a folder, not a file"


def test_json_has_lines_too() -> None:
    """Where it is written over several; its data are JSON's own, also where YAML would read them otherwise."""
    found = load('{\n "a": [1,\n  {"b": "\\ud83d\\ude00", "c": 1e3}],\n "d": "yes"\n}').documents[0]
    assert found.data == {"a": [1, {"b": "\N{GRINNING FACE}", "c": 1000.0}], "d": "yes"}
    found = load('{\n "a": [1,\n  {"b": 2}],\n "d": "x"\n}').documents[0]
    assert [found.origins.line(path) for path in (("a",), ("a", 1, "b"), ("d",))] == [2, 3, 4]


def test_a_key_is_read_by_its_quotes_wherever_it_stood_before() -> None:
    """Keys that are text are remembered: in quotes, plain, tagged, as an alias."""
    text = """\
a: {"yes": 1, name: 1, "name2": 1}
b: {yes: 2, "name": 2, name2: 2}
c: {"yes": 3, !!str name: 3, &k name2: 3}
d: {*k : 4, "012": 4}
e: {012: 5, 0x1: 5}
"""
    found = load(text, "x.yaml")
    assert found.documents[0].data == {
        "a": {"yes": 1, "name": 1, "name2": 1},
        "b": {"true": 2, "name": 2, "name2": 2},
        "c": {"yes": 3, "name": 3, "name2": 3},
        "d": {"name2": 4, "012": 4},
        "e": {"10": 5, "1": 5},
    }
    assert [said.message for said in found.diagnostics] == ['key yes is read as "true", as Kubernetes does']


def test_every_value_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and scalars as they stand, a collection by what an alias repeats of it."""
    monkeypatch.setattr("opgen.documents.reader.MAX_VALUES", 8)
    assert load("a: &x [1, 2]\nb: *x\n").diagnostics == ()  # 2 keys, 2 scalars, 3 once more
    (said,) = load("a: &x [1, 2]\nb: *x\nc: *x\n").diagnostics
    assert (said.line, said.message) == (3, "expands to more than 8 values")
    (said,) = load("a: {b: 1, c: 2, d: 3}\ne: 4\n").diagnostics
    assert (said.line, said.message) == (2, "expands to more than 8 values")


def test_a_file_with_no_end_of_problems_tells_the_first() -> None:
    found = load(b"a: 1\n" * 5000, "x.yaml")
    assert 100 <= len(found.diagnostics) < 1000
    assert found.diagnostics[0].line == 2
