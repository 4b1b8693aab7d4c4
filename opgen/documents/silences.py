"""Comments that silence lints: `# opgen: ignore OPG103` and `# opgen: ignore-file OPG103`.

The first holds for the line that it ends, or for the next line where it stands alone, and for everything that is
indented below that line; the second for the whole file. What the codes mean is the lints' affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"(?:^|\s)#\s*opgen:\s*ignore(-file)?\s+([A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)")
_ALL = 1 << 31


@dataclass(frozen=True, slots=True)
class Silence:
    """Lines (1-based, inclusive) in which the codes are not told; `line` is the comment's own."""

    first: int
    last: int
    codes: frozenset[str]
    line: int


@dataclass(frozen=True, slots=True)
class Silences:
    """All such comments of one file."""

    found: tuple[Silence, ...] = ()

    def cover(self, line: int, code: str) -> bool:
        """Whether a finding with that code at that line (0 if unknown) is silenced."""
        return any(
            code in silence.codes
            and (silence.first <= line <= silence.last or (not line and silence.last == _ALL))
            for silence in self.found
        )


def silences(text: str) -> Silences:
    """The comments in YAML text."""
    if "opgen:" not in text:
        return Silences()
    return Silences(tuple(_found(text.splitlines())))


def _found(lines: list[str]) -> Iterator[Silence]:
    for index, line in enumerate(lines):
        comment = _COMMENT.search(line)
        if comment is None:
            continue
        codes = frozenset(re.findall(r"[A-Z]+[0-9]+", comment[2]))
        if comment[1]:
            yield Silence(1, _ALL, codes, index + 1)
            continue
        start = index
        while start < len(lines) and not _content(lines[start]):
            start += 1
        if start < len(lines):
            yield Silence(start + 1, _end(lines, start), codes, index + 1)


def _content(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#")


def _end(lines: list[str], start: int) -> int:
    """The last line of the value that begins on line `start` (from 0), as a count from 1."""
    indent = _indent(lines[start])
    last = start
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if not _content(line):
            continue
        if line.startswith(("---", "...")) or _indent(line) <= indent:
            break
        last = index
    return last + 1


def _indent(line: str) -> float:
    """The column of a line's content; an item's dash counts as deeper than the key above it in its column."""
    column = len(line) - len(line.lstrip(" "))
    return column + 0.5 if line[column : column + 2] in ("-", "- ") else column
