"""What is dumped is read back the same, by opgen's reader and by PyYAML's."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from opgen.documents import load
from opgen.emit.yaml import dump, dump_all

WORDS = [
    *[
        "yes",
        "No",
        "on",
        "OFF",
        "y",
        "N",
        "true",
        "~",
        "null",
        "",
        " ",
        "1e3",
        "0x1f",
        "0o14",
        "1_000",
        "12:30:45",
    ],
    *[
        "2020-01-01",
        "-",
        "- a",
        "--- a",
        "---",
        "...",
        "a: b",
        "a #b",
        "a#b",
        "a:",
        ":a",
        "*x",
        "&x",
        "!x",
        "%x",
        "@x",
    ],
    *[
        "`x",
        "|",
        ">",
        "?",
        "? a",
        "{a",
        "[a",
        "]",
        "a\nb",
        "a\nb\n",
        "\na",
        " a",
        "a ",
        "a\tb",
        "\t",
        "a \nb",
        "a\n\n",
    ],
    *[
        "a\n\nb",
        "a\n b",
        "é",
        "\u2028",
        "\x85",
        "\U0001f600",
        "'",
        '"',
        "\\d",
        "it's",
        "<<",
        "=",
        ".5",
        "+1",
        "1.",
    ],
    *[
        "-.inf",
        ".NaN",
        "1.2.3",
        "v1",
        "10h",
        "5Gi",
        "0",
        "-0",
        "\ufeff",
        "#",
        "a\rb",
        "\x00",
        "a\x7fb",
        "190:20:30",
    ],
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(WORDS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@pytest.mark.parametrize("word", WORDS)
def test_every_string_stays_a_string(word: str) -> None:
    for data in ({"k": word}, [word], {word: 1}, {"a": [{"b": word, word: word}]}):
        written = dump(data)
        assert load(written).documents[0].data == data
        assert yaml.load(written, Loader=yaml.CSafeLoader) == data


@given(JSON)
def test_everything_is_read_back(data: Any) -> None:
    wrapped = {"data": data}
    found = load(dump(wrapped))
    assert found.diagnostics == ()
    assert found.documents[0].data == wrapped


@given(JSON)
def test_what_was_written_before_is_written_alike(data: Any) -> None:
    """Names and short words are remembered within a document."""
    alone = dump({"a": data})
    assert dump({"a": data, "b": data, "c": {"a": data}}).startswith(alone)
    assert dump([{"a": data}, {"a": data}]).count(dump([{"a": data}])) == 2


@given(JSON)
def test_keys_are_sorted_on_request(data: Any) -> None:
    def in_order(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: in_order(value[key]) for key in sorted(value)}
        return [in_order(item) for item in value] if isinstance(value, list) else value

    assert dump({"z": 1, "data": data}, sort_keys=True) == dump({"data": in_order(data), "z": 1})


def test_it_reads_well() -> None:
    data = {
        "apiVersion": "v1",
        "list": ["a", {"b": 1, "c": [[1, 2], []]}],
        "text": "one\ntwo\n",
        "kept": "one\n\ntwo",
        "pattern": '^"\\d+"$',
        "number": "10",
        "empty": {},
    }
    assert dump(data) == (
        "apiVersion: v1\n"
        "list:\n- a\n- b: 1\n  c:\n  - - 1\n    - 2\n  - []\n"
        "text: |\n  one\n  two\n"
        "kept: |-\n  one\n\n  two\n"
        'pattern: ^"\\d+"$\n'
        'number: "10"\n'
        "empty: {}\n"
    )


def test_several_documents() -> None:
    assert dump_all([{"a": 1}, {"b": 2}]) == "a: 1\n---\nb: 2\n"


@pytest.mark.parametrize("data", [{"a": object()}, {1: 2}, {"a": math.inf}, {"a": math.nan}, [b"x"]])
def test_what_json_cannot_hold_is_a_type_error(data: Any) -> None:
    with pytest.raises(TypeError):
        dump(data)
