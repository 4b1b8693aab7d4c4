"""Paths through the schema, as the server's estimate holds them: slices that may share their cells.

Where a path has room left in its cells, appending to it twice writes the same cell twice, so that the first
result then names the second's step. Two loop variables over a map of a map, for one, both come to mean the values.
The server's estimates depend on it, and so must ours.
"""

from __future__ import annotations


class Path:
    """The first `length` cells; `()` steps mean no path."""

    __slots__ = ("_cells", "_length")

    def __init__(self, *steps: str) -> None:
        self._cells = list(steps)
        self._length = len(steps)

    def __bool__(self) -> bool:
        return self._length > 0

    @property
    def steps(self) -> tuple[str, ...]:
        """What the path says now."""
        return tuple(self._cells[: self._length])

    def append(self, step: str) -> Path:
        """This path and a step; shares the cells if there is room."""
        longer = Path()
        longer._length = self._length + 1
        if self._length < len(self._cells):
            longer._cells = self._cells
        else:
            longer._cells = self._cells + [""] * max(1, self._length)
        longer._cells[self._length] = step
        return longer


NOWHERE = Path()
