"""A rule's text, places in it, and errors printed as the server prints them."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field

MOST_ERRORS = 100
TOO_MANY = f"Syntax error: More than {MOST_ERRORS} syntax errors"
TOO_DEEP = "max recursion depth exceeded"
_LONGEST_SNIPPET = 16384
NOWHERE = -1
BEFORE = -2
"""Where the server puts a part that is missing altogether: one column before the text."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One error: `offset` in code points from the start of the rule, `NOWHERE` if it has no place."""

    offset: int
    message: str


@dataclass(slots=True)
class Source:
    """The text of an expression and what was found wrong with it; `skipped` are the stretches that are no token."""

    text: str
    issues: list[Issue] = field(default_factory=list)
    skipped: list[tuple[int, int]] = field(default_factory=list)
    _lines: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lines = [0] + [i + 1 for i, char in enumerate(self.text) if char == "\n"]

    def report(self, offset: int, message: str) -> None:
        """Record an error at `offset`."""
        self.issues.append(Issue(offset, message))

    def between(self, start: int, end: int) -> str:
        """The text from one offset to another, without what is no token."""
        pieces = []
        for low, high in self.skipped:
            if start <= low < end:
                pieces.append(self.text[start:low])
                start = high
        return "".join((*pieces, self.text[start:end]))

    def place(self, offset: int) -> tuple[int, int]:
        """Line (1-based) and column (0-based) of an offset; (-1, -1) if nowhere, (1, -1) before the text."""
        if offset == BEFORE:
            return 1, -1
        if offset == NOWHERE:
            return -1, -1
        line = bisect.bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1]

    def render(self) -> str:
        """All errors, in the order of their places, each with its line and a mark beneath it."""
        ordered = sorted(self.issues[:MOST_ERRORS], key=lambda issue: self.place(issue.offset))
        shown = [self._render(issue) for issue in ordered]
        if len(self.issues) > MOST_ERRORS:
            shown.append(f"{len(self.issues) - MOST_ERRORS} more errors were truncated")
        return "\n".join(shown)

    def _render(self, issue: Issue) -> str:
        line, column = self.place(issue.offset)
        head = f"ERROR: <input>:{line}:{column + 1}: {issue.message}"
        if line < 1 or not self.text:
            return head
        end = self._lines[line] - 1 if line < len(self._lines) else len(self.text)
        snippet = self.text[self._lines[line - 1] : end].replace("\t", " ")
        if len(snippet.encode("utf-8", "surrogatepass")) > _LONGEST_SNIPPET:
            return head
        column = max(column, 0)
        mark = "".join("." if char < "\x80" else "．" for char in snippet[:column])
        under = snippet[column : column + 1]
        return f"{head}\n | {snippet}\n | {mark}{'^' if under < chr(128) else '＾'}"
