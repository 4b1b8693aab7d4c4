"""Where in the user's file a value came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Path: TypeAlias = Sequence[str | int]


@dataclass(slots=True)
class Position:
    """The line (1-based) of one value and the positions of what it holds, by key or index.

    `file` is set where a part comes from another file than the whole.
    """

    line: int
    children: dict[str | int, Position] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True, slots=True)
class Origins:
    """Maps a path in a document back to file and line."""

    file: str = ""
    root: Position | None = None

    def locate(self, path: Path) -> tuple[str, int]:
        """File and line of the value at `path`, or of its nearest ancestor that has one; line 0 if unknown."""
        position, file = self.root, self.file
        if position is None:
            return file, 0
        file = position.file or file
        for step in path:
            child = position.children.get(step)
            if child is None:
                break
            position, file = child, child.file or file
        return file, position.line

    def line(self, path: Path) -> int:
        """The line alone; see `locate`."""
        return self.locate(path)[1]

    def at(self, path: Path) -> Origins:
        """The origins of the part of the document below `path`."""
        position = self.root
        for step in path:
            position = position.children.get(step) if position else None
        return Origins(self.file, position)


def json_path(path: Path) -> str:
    """`$.versions[0].spec` for ("versions", 0, "spec")."""
    return "$" + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in path)
