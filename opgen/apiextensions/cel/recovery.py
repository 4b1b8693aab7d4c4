"""Texts with syntax errors, read as the server's parser reads them: what it reports, drops, supplies and skips.

`read` gives a tree in which anything may be missing (`trees` makes an expression of it). It is slow; `parser` comes
here only where it finds an error, since what the server says of a broken text depends on how it goes on behind it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from opgen.apiextensions.cel.automaton import Kind, Network, Stack
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
    listed,
)
from opgen.apiextensions.cel.lexer import Lexeme, Token
from opgen.apiextensions.cel.prediction import DeadEnd, Predictor
from opgen.apiextensions.cel.source import MOST_ERRORS, NOWHERE, TOO_MANY, Source

DEEPEST = 250
_OPERATORS = frozenset({"relation", "calc", "member"})
_MOST_ATTEMPTS, _MOST_SKIPPED = 30, 256


@dataclass(slots=True)
class Node:
    """What was read of a rule: tokens and nodes by the names they have in it; `kind` is the branch taken."""

    kind: str
    offset: int
    parts: dict[str, list[Lexeme | Node]] = field(default_factory=dict)

    def add(self, label: str, part: Lexeme | Node) -> None:
        """Note a part."""
        if label:
            self.parts.setdefault(label, []).append(part)

    def token(self, label: str) -> Lexeme | None:
        """The last token of this name."""
        found = self.parts.get(label)
        return found[-1] if found and isinstance(found[-1], Lexeme) else None

    def node(self, label: str) -> Node | None:
        """The last node of this name."""
        found = self.parts.get(label)
        return found[-1] if found and isinstance(found[-1], Node) else None

    def tokens(self, label: str) -> list[Lexeme]:
        """All tokens of this name."""
        return [part for part in self.parts.get(label, []) if isinstance(part, Lexeme)]

    def nodes(self, label: str) -> list[Node]:
        """All nodes of this name."""
        return [part for part in self.parts.get(label, []) if isinstance(part, Node)]


class GivenUp(Exception):
    """The server reads no further; why is reported."""


class _Fault(Exception):
    """The rule being read cannot go on; the message is that of a mismatch or of a dead end."""

    def __init__(self, message: str, token: Lexeme) -> None:
        super().__init__(message)
        self.token = token


_Step: TypeAlias = Generator[Rule, Node, None]
"""Asks for a rule to be read."""


@cache
def _network() -> tuple[Network, Predictor]:
    network = Network()
    return network, Predictor(network)


def name_of(token: Lexeme) -> str:
    """A token as the grammar names it."""
    return f"'{token.text}'" if token.kind is Token.SYMBOL else token.kind.value


def read(source: Source, tokens: Sequence[Lexeme]) -> Node:
    """The tree of a text; errors are reported to the source, GivenUp if the server reads no further."""
    return _Reader(source, tokens).whole()


class _Reader:
    def __init__(self, source: Source, tokens: Sequence[Lexeme]) -> None:
        self._network, self._predictor = _network()
        self._source = source
        self._tokens = tokens
        self._names = [name_of(token) for token in tokens]
        self._at = 0
        self._state = -1
        self._stack: Stack = ()
        self._precedences = [0]
        self._depths: dict[str, int] = {}
        self._reports = 0
        self._attempts = 0
        self._recovering = False
        self._failed_at = -1
        self._failed_in: set[int] = set()

    def whole(self) -> Node:
        """Read rules one within the other, without calls within calls."""
        node = self._enter("start", 0)
        running = [("start", node, self._rule("start", node))]
        done: Node | None = None
        while running:
            name, node, steps = running[-1]
            try:
                wanted = steps.send(done) if done is not None else next(steps)
            except StopIteration:
                running.pop()
                done = node
                self._leave(name)
                continue
            done = None
            child = self._enter(wanted.name, wanted.precedence, wanted.state)
            running.append((wanted.name, child, self._rule(wanted.name, child)))
        return node

    def _enter(self, name: str, precedence: int, state: int = -1) -> Node:
        if state >= 0:
            self._stack = (self._network.states[state].edges[0].follow, *self._stack)
        self._state = self._network.starts[name]
        self._precedences.append(precedence if name in _OPERATORS else self._precedences[-1])
        self._depths[name] = self._depths.get(name, 0) + 1
        if self._depths[name] > DEEPEST:
            self._source.report(NOWHERE, f"expression recursion limit exceeded: {DEEPEST}")
            raise GivenUp
        return Node(name, self._here.offset)

    def _leave(self, name: str) -> None:
        self._stack = self._stack[1:]
        self._precedences.pop()
        self._depths[name] -= 1

    @property
    def _here(self) -> Lexeme:
        return self._tokens[self._at]

    @property
    def _next(self) -> str:
        return self._names[self._at]

    def _consume(self) -> None:
        if self._next != EOF:
            self._at += 1

    # rules

    def _rule(self, name: str, node: Node) -> _Step:
        try:
            yield from self._sequence(self._network.rules[name], node)
        except _Fault as fault:
            if not self._recovering:
                self._recovering = True
                self._notify(fault.token, str(fault))
            self._recover()

    def _sequence(self, parts: list[Part], node: Node) -> _Step:
        for part in parts:
            match part:
                case One():
                    self._state = part.state
                    node.add(part.label, self._match(part.tokens))
                case Rule():
                    self._state = part.state
                    node.add(part.label, (yield part))
                case Binds():
                    self._bound(part)
                case Maybe():
                    self._sync(part.state)
                    if self._next in part.first:
                        yield from self._sequence(part.body, node)
                case Choice():
                    self._sync(part.state)
                    yield from self._branch(part, node)
                case Loop():
                    yield from self._loop(part, node)

    def _bound(self, part: Binds) -> None:
        self._state = part.state
        if part.precedence < self._precedences[-1]:
            rule = self._network.states[part.state].rule
            failed = f"p.Precpred(p.GetParserRuleContext(), {part.precedence})"
            raise _Fault(f"rule {rule} failed predicate: {{{failed}}}?", self._here)

    def _branch(self, part: Choice, node: Node, *, nested: bool = False) -> _Step:
        if part.ahead:
            chosen = self._predict(part.state)
        else:
            fitting = [
                number + 1
                for number, edge in enumerate(self._network.states[part.state].edges)
                if self._next in self._network.next_tokens(edge.target)
            ]
            if not fitting:
                raise self._dead_end(DeadEnd(self._at, self._at))
            chosen = fitting[0]
        if nested:
            self._nest(node)
        node.kind = part.names[chosen - 1]
        yield from self._sequence(part.branches[chosen - 1], node)

    def _loop(self, part: Loop, node: Node) -> _Step:
        self._sync(part.state)
        if part.plus:
            more = True
        else:
            more = self._goes_on(part, part.state)
        while more:
            choice = part.body[0]
            if isinstance(choice, Choice):
                self._sync(choice.state)
                yield from self._branch(choice, node, nested=True)
            else:
                if part.operators:
                    self._nest(node)
                yield from self._sequence(part.body, node)
            self._sync(part.back)
            more = self._goes_on(part, part.back if part.plus else part.state)

    def _goes_on(self, part: Loop, decision: int) -> bool:
        return self._predict(decision) == 1 if part.ahead else self._next in part.first

    @staticmethod
    def _nest(node: Node) -> None:
        """What was read so far becomes the left side of an operator."""
        left = Node(node.kind, node.offset, node.parts)
        node.parts = {"left": [left]}

    def _predict(self, decision: int) -> int:
        try:
            return self._predictor.choose(self._names, self._at, decision, self._stack, self._precedences[-1])
        except DeadEnd as dead:
            raise self._dead_end(dead) from None

    def _dead_end(self, dead: DeadEnd) -> _Fault:
        first, last = self._tokens[dead.start], self._tokens[dead.at]
        if first.kind is Token.END:
            shown = EOF
        else:
            end = last.offset + (0 if last.kind is Token.END else len(last.text))
            shown = self._source.between(first.offset, end)
        if len(shown) > 1 and shown[1:] in ("true", "false", "null"):
            return _Fault(f"mismatched input '{shown[1:]}' expecting IDENTIFIER", last)
        return _Fault(f"no viable alternative at input {_quoted(shown)}", last)

    # tokens that do not fit

    def _match(self, tokens: Tokens) -> Lexeme:
        here = self._here
        if self._next in tokens:
            self._matched()
            self._consume()
            return here
        self._attempt()
        if self._dropped():
            here = self._here
            self._consume()
            return here
        following = self._network.states[self._state].edges[0].target
        if self._next in self._network.next_in(following, self._stack):
            self._report("missing ", f" at {_quoted(here.text)}")
            before = here.kind is Token.END and self._at > 0
            return Lexeme(Token.IDENT, "<missing>", self._tokens[self._at - before].offset)
        raise self._mismatch()

    def _sync(self, state: int) -> None:
        """At the beginning of a part: drop a token, or skip to what can stand there or behind."""
        self._state = state
        if self._recovering:
            return
        fitting = self._network.next_tokens(state)
        if EPSILON in fitting or self._next in fitting:
            return
        kind = self._network.states[state].kind
        if kind is Kind.LOOP_BACK:
            self._report(f"extraneous input {_quoted(self._here.text)} expecting ")
            self._skip(self._expected() | self._network.recovering(self._stack))
        elif kind is not Kind.BASIC and not self._dropped():
            raise self._mismatch()

    def _dropped(self) -> bool:
        """Whether the next token but one fits here, so that the next was dropped."""
        following = self._names[min(self._at + 1, len(self._names) - 1)]
        if following not in self._expected():
            return False
        self._report(f"extraneous input {_quoted(self._here.text)} expecting ")
        self._consume()
        self._matched()
        return True

    def _recover(self) -> None:
        """Skip to what may follow any of the rules being read."""
        self._attempt()
        skipped = 0
        if self._failed_at == self._at and self._state in self._failed_in:
            self._consume()
            skipped = 1
        self._failed_at = self._at
        self._failed_in.add(self._state)
        self._skip(self._network.recovering(self._stack), _MOST_SKIPPED - skipped)

    def _skip(self, tokens: Tokens, most: int | None = None) -> None:
        skipped = 0
        while self._next != EOF and self._next not in tokens:
            if most is not None and skipped >= most:
                text = f"error recovery token lookahead limit exceeded: {_MOST_SKIPPED}"
                self._source.report(NOWHERE, text)
                raise GivenUp
            self._consume()
            skipped += 1

    def _attempt(self) -> None:
        if self._attempts == _MOST_ATTEMPTS:
            self._notify(self._here, f"error recovery attempt limit exceeded: {_MOST_ATTEMPTS}")
            raise GivenUp
        self._attempts += 1

    def _matched(self) -> None:
        self._recovering = False
        self._failed_at = -1
        self._failed_in = set()

    def _expected(self) -> Tokens:
        return self._network.expected(self._state, self._stack)

    def _mismatch(self) -> _Fault:
        expected = listed(self._expected())
        return _Fault(f"mismatched input {_quoted(self._here.text)} expecting {expected}", self._here)

    def _report(self, before: str, behind: str = "") -> None:
        """Report the next token, with what may stand there between two parts of the message."""
        if self._recovering:
            return
        self._recovering = True
        self._notify(self._here, f"{before}{listed(self._expected())}{behind}")

    def _notify(self, token: Lexeme, message: str) -> None:
        if self._reports >= MOST_ERRORS:
            self._source.report(token.offset, TOO_MANY)
            raise GivenUp
        self._reports += 1
        self._source.report(token.offset, f"Syntax error: {message}")


def _quoted(text: str) -> str:
    text = text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{text}'"
