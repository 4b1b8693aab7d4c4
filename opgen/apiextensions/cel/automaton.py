"""The grammar as a network of states, as the server's generated parser walks it.

Where the server's parser stops, drops or supplies a token follows from this network, from the names of its rules and
from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

from opgen.apiextensions.cel.grammar import (
    EOF,
    EPSILON,
    Binds,
    Choice,
    Loop,
    Maybe,
    One,
    Part,
    Rule,
    Tokens,
    rules,
)

Stack: TypeAlias = tuple[int, ...]
"""States to return to, innermost first."""


class Kind(Enum):
    """What a state is, as far as recovery asks."""

    BASIC = auto()
    BLOCK = auto()
    LOOP_ENTRY = auto()
    LOOP_BACK = auto()
    STOP = auto()


@dataclass(frozen=True, slots=True)
class Edge:
    """A way out of a state: over a token, into a rule (then to `follow`), past a precedence, or for nothing.

    `returning` is the rule of operators that the edge leaves for good, on the edges out of a rule's end.
    """

    target: int
    tokens: Tokens | None = None
    rule: str = ""
    follow: int = -1
    precedence: int = -1
    returning: str = ""

    @property
    def free(self) -> bool:
        """Whether no token is taken."""
        return self.tokens is None


@dataclass(slots=True)
class State:
    """One state of the network."""

    rule: str
    kind: Kind = Kind.BASIC
    edges: list[Edge] = field(default_factory=list)
    operators: bool = False


class Network:
    """The states of all rules, and what may stand next."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.rules = rules()
        self.starts: dict[str, int] = {}
        self.stops: dict[str, int] = {}
        self._next: dict[int, Tokens] = {}
        for name in self.rules:
            self.starts[name] = self._state(name)
            self.stops[name] = self._state(name, Kind.STOP)
        for name, parts in self.rules.items():
            self._join(self._sequence(name, parts, self.starts[name]), self.stops[name])
        self._return()
        for parts in self.rules.values():
            self._firsts(parts)

    def _state(self, rule: str, kind: Kind = Kind.BASIC) -> int:
        self.states.append(State(rule, kind))
        return len(self.states) - 1

    def _join(self, start: int, target: int) -> None:
        self.states[start].edges.append(Edge(target))

    def _sequence(self, rule: str, parts: list[Part], start: int, end: int = -1) -> int:
        """Lay parts behind each other; a token or rule that is the last of a branch leads right to its `end`.

        It matters: branches that end alike are then at one place, and looking ahead stops there.
        """
        for part in parts:
            start = self._part(rule, part, start, end if part is parts[-1] else -1)
        return start

    def _part(self, rule: str, part: Part, start: int, behind: int) -> int:
        """Lay a part behind a state; the state behind the part."""
        match part:
            case Maybe() | Choice():
                part.state = self._state(rule, Kind.BLOCK)
                end = self._state(rule)
                bodies = [part.body, []] if isinstance(part, Maybe) else part.branches
                self._branches(rule, part.state, bodies, end)
            case Loop():
                return self._loop(rule, part, start)
            case _:
                part.state = self._state(rule)
                end = self._state(rule) if behind < 0 else behind
                self.states[part.state].edges.append(self._edge(part, end))
        self._join(start, part.state)
        return end

    def _edge(self, part: One | Rule | Binds, end: int) -> Edge:
        match part:
            case One():
                return Edge(end, tokens=part.tokens)
            case Rule():
                return Edge(self.starts[part.name], rule=part.name, follow=end, precedence=part.precedence)
            case Binds():
                return Edge(end, precedence=part.precedence)

    def _branches(self, rule: str, block: int, bodies: list[list[Part]], end: int) -> None:
        for body in bodies:
            start = self._state(rule)
            self._join(block, start)
            reached = self._sequence(rule, body, start, end)
            if reached != end:
                self._join(reached, end)

    def _loop(self, rule: str, part: Loop, start: int) -> int:
        block, end = self._state(rule, Kind.BLOCK), self._state(rule)
        inner = self._state(rule)
        part.back = self._state(rule, Kind.LOOP_BACK)
        choice = part.body[0]
        if isinstance(choice, Choice):
            choice.state = block
            self._branches(rule, block, choice.branches, inner)
        else:
            self._branches(rule, block, [part.body], inner)
        self._join(inner, part.back)
        if part.plus:
            part.state = block
            self._join(part.back, block)
            self._join(part.back, end)
        else:
            part.state = self._state(rule, Kind.LOOP_ENTRY)
            self.states[part.state].operators = part.operators
            self._join(part.state, block)
            self._join(part.state, end)
            self._join(part.back, part.state)
        self._join(start, part.state)
        return end

    def _return(self) -> None:
        """Edges from the end of each rule to wherever it may have been called."""
        operators = {
            name for name, parts in self.rules.items() if isinstance(parts[-1], Loop) and parts[-1].operators
        }
        for state in list(self.states):
            for edge in state.edges:
                if edge.rule:
                    leaving = edge.rule if edge.rule in operators and edge.precedence == 0 else ""
                    self.states[self.stops[edge.rule]].edges.append(Edge(edge.follow, returning=leaving))

    def _firsts(self, parts: list[Part]) -> None:
        for part in parts:
            if isinstance(part, Maybe | Loop):
                block = self.states[part.state]
                first = (
                    block.edges[0].target
                    if block.kind is not Kind.BLOCK or isinstance(part, Maybe)
                    else part.state
                )
                part.first = self.next_tokens(first)
                self._firsts(part.body)
            elif isinstance(part, Choice):
                for branch in part.branches:
                    self._firsts(branch)

    def next_tokens(self, state: int) -> Tokens:
        """What may stand next within the state's rule; EPSILON if the rule may end."""
        found = self._next.get(state)
        if found is None:
            found = self._next[state] = frozenset(self._look(state, None, set(), set()))
        return found

    def next_in(self, state: int, stack: Stack) -> Tokens:
        """What may stand next, with the rules that called this one."""
        return frozenset(self._look(state, stack, set(), set()))

    def expected(self, state: int, stack: Stack) -> Tokens:
        """What may stand next; where rules may end, what may stand behind those that called them too."""
        following = self.next_tokens(state)
        found = set(following)
        for follow in stack:
            if EPSILON not in following:
                break
            following = self.next_tokens(follow)
            found |= following
        found.discard(EPSILON)
        if EPSILON in following:
            found.add(EOF)
        return frozenset(found)

    def recovering(self, stack: Stack) -> Tokens:
        """What may stand behind any of the rules that are being read."""
        found: set[str] = set()
        for follow in stack:
            found |= self.next_tokens(follow)
        found.discard(EPSILON)
        return frozenset(found)

    def _look(
        self, state: int, stack: Stack | None, seen: set[tuple[int, Stack | None]], called: set[str]
    ) -> Iterator[str]:
        if (state, stack) in seen:
            return
        seen.add((state, stack))
        here = self.states[state]
        if here.kind is Kind.STOP:
            if not stack:
                yield EPSILON if stack is None else EOF
                return
            yield from self._look(stack[0], stack[1:], seen, called - {here.rule})
            return
        for edge in here.edges:
            if edge.tokens is not None:
                yield from edge.tokens
            elif not edge.rule:
                yield from self._look(edge.target, stack, seen, called)
            elif edge.rule not in called:
                below = None if stack is None else (edge.follow, *stack)
                yield from self._look(edge.target, below, seen, called | {edge.rule})
