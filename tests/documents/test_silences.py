"""Comments that silence lints: which lines they hold for."""

from __future__ import annotations

import pytest

from opgen.documents import load

TEXT = """\
spec: # opgen: ignore OPG101
  a: 1
  list:
  - name: x # opgen: ignore OPG102
    b: 2
  - name: y
# opgen: ignore OPG103, OPG104 since it is so

# another comment
status:
  c: 3
text: |
  not # opgen: noted OPG105
---
d: 4
# opgen: ignore-file OPG201
"""


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("OPG101", [1, 2, 3, 4, 5, 6]),
        ("OPG102", [4, 5]),
        ("OPG103", [10, 11]),
        ("OPG104", [10, 11]),
        ("OPG105", []),
        ("OPG201", list(range(16))),
    ],
)
def test_a_comment_holds_for_its_line_and_what_is_below(code: str, lines: list[int]) -> None:
    silences = load(TEXT).silences
    assert [line for line in range(16) if silences.cover(line, code)] == lines


def test_nothing_is_silenced_by_what_is_no_comment_of_ours() -> None:
    for text in (
        "a: 1 # opgen: ignore",
        "a: 1 # opgen ignore OPG101",
        "a: 'x'",
        "# noqa: OPG101",
        '{"a": 1}',
    ):
        assert not load(text).silences.found
