"""Texts that several regular expressions match at once, within bounds of length: a search through their automata.

Expressions become automata (`_compiled`), which are walked side by side one character at a time; the shortest text that
all of them take comes first. The walk is bounded; callers check every text with the real engine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from opgen.emit.samples.regular import ASCII, Anchor, Chars, Choice, Node, Repeat, Run, Unreadable, parsed

_MOST_STATES = 1500  # of one automaton
_MOST_STEPS = 4000  # of one walk
_MOST_TEXTS = 24
_State: TypeAlias = "frozenset[int]"


@dataclass(slots=True)
class _Automaton:
    """States by number; `free` moves cost no character, those with an anchor only at the start or the end."""

    free: list[list[tuple[int, str]]] = field(default_factory=list)
    moves: list[list[tuple[frozenset[str], int]]] = field(default_factory=list)
    start: int = 0
    end: int = 0
    known: dict[tuple[_State, str], _State] = field(default_factory=dict)

    def state(self) -> int:
        if len(self.free) >= _MOST_STATES:
            raise Unreadable
        self.free.append([])
        self.moves.append([])
        return len(self.free) - 1

    def closure(self, states: Iterator[int] | Sequence[int], *, first: bool, last: bool) -> _State:
        """The states reached for free; `first` and `last` say that no character comes before, or after."""
        found = set(states)
        todo = list(found)
        while todo:
            for target, anchor in self.free[todo.pop()]:
                if target not in found and (not anchor or (first if anchor == "^" else last)):
                    found.add(target)
                    todo.append(target)
        return frozenset(found)

    def after(self, states: _State, char: str) -> _State:
        """Where a character leads."""
        key = (states, char)
        if key not in self.known:
            targets = [target for state in states for chars, target in self.moves[state] if char in chars]
            self.known[key] = self.closure(targets, first=False, last=False)
        return self.known[key]


def common(patterns: Sequence[str], least: int = 0, most: int | None = None) -> Iterator[str]:
    """Texts of `least` to `most` characters in which each pattern is found, the shortest first, not many."""
    try:
        automata = [_compiled(pattern) for pattern in patterns]
    except Unreadable:
        return
    starts = tuple(one.closure([one.start], first=True, last=False) for one in automata)
    if not _alive(starts):
        return
    seen = {(starts, 0)}
    letters = _letters(automata)
    todo: deque[tuple[tuple[_State, ...], str]] = deque([(starts, "")])
    steps = found = 0
    while todo and steps < _MOST_STEPS and found < _MOST_TEXTS:
        states, text = todo.popleft()
        steps += 1
        if len(text) >= least and _accepts(automata, states, first=not text):
            found += 1
            yield text
        if most is not None and len(text) >= most:
            continue
        for char in letters:
            after = _after(automata, states, char)
            # How long a text is tells states apart only until it is long enough.
            key = (after, min(len(text) + 1, least + 8))
            if _alive(after) and key not in seen:
                seen.add(key)
                todo.append((after, text + char))


def _alive(states: tuple[_State, ...]) -> bool:
    return all(states)


def _accepts(automata: Sequence[_Automaton], states: tuple[_State, ...], *, first: bool) -> bool:
    return all(
        one.end in one.closure(list(state), first=first, last=True)
        for one, state in zip(automata, states, strict=True)
    )


def _after(automata: Sequence[_Automaton], states: tuple[_State, ...], char: str) -> tuple[_State, ...]:
    return tuple(one.after(held, char) for one, held in zip(automata, states, strict=True))


def _letters(automata: Sequence[_Automaton]) -> list[str]:
    """One character for each way in which the automata tell characters apart, the plainest of its kind."""
    classes = {chars for one in automata for moves in one.moves for chars, _ in moves}
    found: dict[tuple[bool, ...], str] = {}
    for char in _ORDER:
        found.setdefault(tuple(char in chars for chars in classes), char)
    return list(found.values())


_ORDER = (
    "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-._/:@ ,=+%#!*$&~;?\"'()<>[\\]^`{|}\t\n"
)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> _Automaton:
    """The automaton of an expression that is looked for anywhere in a text. Raises Unreadable."""
    try:
        tree = parsed(pattern)
    except (IndexError, ValueError) as problem:
        raise Unreadable from problem
    made = _Automaton()
    made.start, made.end = made.state(), made.state()
    inner, outer = made.state(), made.state()
    for state in (made.start, made.end):
        made.moves[state].append((ASCII, state))
    made.free[made.start].append((inner, ""))
    made.free[outer].append((made.end, ""))
    _build(made, tree, inner, outer, 0)
    return made


def _build(made: _Automaton, node: Node, start: int, end: int, depth: int) -> None:
    if depth > 100:
        raise Unreadable
    match node:
        case Chars(allowed):
            made.moves[start].append((frozenset(allowed), end))
        case Anchor(mark):
            made.free[start].append((end, mark))
        case Run(parts):
            for part in parts[:-1]:
                after = made.state()
                _build(made, part, start, after, depth + 1)
                start = after
            if parts:
                _build(made, parts[-1], start, end, depth + 1)
            else:
                made.free[start].append((end, ""))
        case Choice(options):
            for option in options:
                _build(made, option, start, end, depth + 1)
        case Repeat(part, least, most):
            for _ in range(least):
                after = made.state()
                _build(made, part, start, after, depth + 1)
                start = after
            if most is None:
                hub = made.state()
                made.free[start].append((hub, ""))
                back = made.state()
                _build(made, part, hub, back, depth + 1)
                made.free[back].append((hub, ""))
                made.free[hub].append((end, ""))
                return
            for _ in range(most - least):
                made.free[start].append((end, ""))
                after = made.state()
                _build(made, part, start, after, depth + 1)
                start = after
            made.free[start].append((end, ""))
