"""Whether every text that one pattern finds is found by another: `included`, by walking both automata at once.

Patterns are searched for anywhere in the text, as the API server does. Beyond what `expressions` reads, and
beyond `MOST_PAIRS` states, the answer is UNDECIDED.
"""

from __future__ import annotations

import bisect
import enum
from collections import deque
from functools import lru_cache

from opgen.apiextensions.compare.expressions import (
    Beyond,
    Choice,
    Edge,
    Node,
    One,
    Ranges,
    Repeat,
    Sequence,
    parse,
)

MOST_STATES = 4000
MOST_PAIRS = 4000
_LAST = 0x10FFFF
_READABLE = "ab0-zA._ /1"


class Undecided(enum.Enum):
    """The answer could not be found."""

    UNDECIDED = enum.auto()


UNDECIDED = Undecided.UNDECIDED


@lru_cache(maxsize=256)
def included(old: str, new: str, least: int = 0, most: int | None = None) -> str | Undecided | None:
    """None where `new` finds all that `old` finds, else a text of `least` to `most` characters that it does not."""
    try:
        first, second = _Automaton(parse(old)), _Automaton(parse(new))
        atoms = _atoms(first.ranges() | second.ranges())
        first.cut(atoms)
        second.cut(atoms)
        return _search(first, second, atoms, least, most)
    except Beyond:
        return UNDECIDED


def _search(
    old: _Automaton, new: _Automaton, atoms: list[int], least: int, most: int | None
) -> str | Undecided | None:
    letters = [_letter(atoms, index) for index in range(len(atoms) - 1)]
    order = sorted((i for i in range(len(letters)) if letters[i]), key=lambda i: letters[i] not in _READABLE)
    start = (_START, _START, 0)
    seen = {start}
    waiting: deque[tuple[tuple[_State, _State, int], str]] = deque([(start, "")])
    while waiting:
        (before, after, length), text = waiting.popleft()
        if length >= least and old.ends(before) and not new.ends(after):
            return text
        if most is not None and len(text) >= most:
            continue
        for index in order:
            then = new.step(after, index)
            if then is _FOUND:  # whatever follows, it is found
                continue
            pair = (old.step(before, index), then, min(length + 1, least))
            if pair in seen or (pair[0] is not _FOUND and not old.alive(pair[0])):
                continue
            if len(seen) > MOST_PAIRS:
                return UNDECIDED
            seen.add(pair)
            waiting.append((pair, text + letters[index]))
    return None


def _atoms(ranges: set[tuple[int, int]]) -> list[int]:
    """The borders between characters that no class tells apart."""
    cuts = {0, 0xD800, 0xE000, _LAST + 1}
    for low, high in ranges:
        cuts |= {low, high + 1}
    return sorted(cuts)


def _letter(atoms: list[int], index: int) -> str:
    """A character of an atom that is good to read, "" for surrogates."""
    low, high = atoms[index], atoms[index + 1] - 1
    if low >= 0xD800 and high < 0xE000:
        return ""
    for char in _READABLE:
        if low <= ord(char) <= high:
            return char
    if low <= 126 and high >= 33:
        return chr(max(low, 33))
    return chr(low)


_State = tuple[bool, frozenset[int]]
_START: _State = (True, frozenset())
_FOUND: _State = (False, frozenset((-1,)))


class _Automaton:
    """A non-deterministic automaton; state 0 begins a match, state 1 ends it."""

    def __init__(self, node: Node) -> None:
        self._free: list[list[int]] = [[], []]
        self._edges: list[list[tuple[bool, int]]] = [[], []]
        self._moves: list[list[tuple[Ranges, int]]] = [[], []]
        self._by_atom: list[dict[int, list[int]]] = []
        self._closures: dict[tuple[frozenset[int], bool, bool], frozenset[int]] = {}
        self._steps: dict[tuple[_State, int], _State] = {}
        self._build(node, 0, 1)

    def _new(self) -> int:
        if len(self._free) > MOST_STATES:
            raise Beyond
        self._free.append([])
        self._edges.append([])
        self._moves.append([])
        return len(self._free) - 1

    def _build(self, node: Node, begin: int, end: int) -> None:
        match node:
            case One(ranges):
                self._moves[begin].append((ranges, end))
            case Edge(at_end):
                self._edges[begin].append((at_end, end))
            case Choice(parts):
                for part in parts:
                    self._build(part, begin, end)
            case Sequence(parts):
                for part in parts[:-1]:
                    following = self._new()
                    self._build(part, begin, following)
                    begin = following
                if parts:
                    self._build(parts[-1], begin, end)
                else:
                    self._free[begin].append(end)
            case Repeat(part, least, most):
                self._repeat(part, least, most, begin, end)

    def _repeat(self, part: Node, least: int, most: int | None, begin: int, end: int) -> None:
        for _ in range(least):
            following = self._new()
            self._build(part, begin, following)
            begin = following
        if most is None:
            loop = self._new()
            self._free[begin].append(loop)
            back = self._new()
            self._build(part, loop, back)
            self._free[back].append(loop)
            begin = loop
        else:
            for _ in range(most - least):
                self._free[begin].append(end)
                following = self._new()
                self._build(part, begin, following)
                begin = following
        self._free[begin].append(end)

    def ranges(self) -> set[tuple[int, int]]:
        """All ranges that tell characters apart."""
        return {part for moves in self._moves for ranges, _ in moves for part in ranges}

    def cut(self, atoms: list[int]) -> None:
        """Prepare moves by atom."""
        for moves in self._moves:
            table: dict[int, list[int]] = {}
            for ranges, target in moves:
                for low, high in ranges:
                    first, last = bisect.bisect_right(atoms, low) - 1, bisect.bisect_right(atoms, high) - 1
                    for index in range(first, last + 1):
                        table.setdefault(index, []).append(target)
            self._by_atom.append(table)

    def _closure(self, state: _State, at_end: bool) -> frozenset[int]:
        at_start, states = state
        key = (states, at_start, at_end)
        if key not in self._closures:
            found: set[int] = set()
            waiting = [0, *states]  # a match may begin anywhere
            while waiting:
                current = waiting.pop()
                if current in found:
                    continue
                found.add(current)
                waiting += self._free[current]
                waiting += [to for end, to in self._edges[current] if (at_end if end else at_start)]
            self._closures[key] = frozenset(found)
        return self._closures[key]

    def step(self, state: _State, atom: int) -> _State:
        """The state after one more character."""
        if state is _FOUND:
            return _FOUND
        key = (state, atom)
        if key not in self._steps:
            reached = self._closure(state, False)
            if 1 in reached:
                self._steps[key] = _FOUND
            else:
                moved = frozenset(to for s in reached for to in self._by_atom[s].get(atom, ()))
                self._steps[key] = (False, moved)
        return self._steps[key]

    def ends(self, state: _State) -> bool:
        """Whether a text that ends here is one in which the pattern is found."""
        return state is _FOUND or 1 in self._closure(state, True)

    def alive(self, state: _State) -> bool:
        """Whether anything can still be found; False only where it is sure."""
        if state[1]:
            return True
        reached = self._closure(state, False)
        return 1 in self._closure(state, True) or any(self._by_atom[s] for s in reached)
