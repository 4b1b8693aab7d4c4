"""Texts that a regular expression (RE2 syntax) matches, plain ones first.

`texts` parses the expression into a small tree and reads it out: letters and digits where a class allows them,
few repetitions, the first alternative; each further text takes other choices. What can't be parsed gives
nothing; callers check every text with the real engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

_PREFERRED = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-._/:@ ,=+%#!*$&~;?"
ASCII = frozenset(map(chr, range(32, 127)))
_DIGITS = frozenset("0123456789")
_UPPER = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_LETTERS = _UPPER | _LOWER
_WORD = _LETTERS | _DIGITS | {"_"}
_SPACE = frozenset(" \t\n\r\f")
_ESCAPED = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_POSIX = {
    "alnum": _LETTERS | _DIGITS,
    "alpha": _LETTERS,
    "ascii": ASCII,
    "blank": frozenset(" \t"),
    "digit": _DIGITS,
    "graph": ASCII - {" "},
    "lower": _LOWER,
    "print": ASCII,
    "punct": ASCII - _LETTERS - _DIGITS - {" "},
    "space": _SPACE,
    "upper": _UPPER,
    "word": _WORD,
    "xdigit": _DIGITS | frozenset("abcdefABCDEF"),
}
_UNICODE = {"L": _LETTERS, "Lu": _UPPER, "Ll": _LOWER, "N": _DIGITS, "Nd": _DIGITS, "Z": frozenset(" ")}
_MOST = 2000  # no text longer than this is tried
_MOST_STEPS = 10 * _MOST


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of these, the plainest first."""

    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Anchor:
    """`^`: nothing stands before. `$`: nothing comes after."""

    mark: str


@dataclass(frozen=True, slots=True)
class Run:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """So many times; without end where `most` is None."""

    part: Node
    least: int
    most: int | None


Node: TypeAlias = "Anchor | Chars | Run | Choice | Repeat"


class Unreadable(Exception):
    """The expression holds something that is not known here."""


def parsed(pattern: str) -> Node:
    """The tree of an expression. Raises Unreadable, IndexError or ValueError."""
    return _Parser(pattern).parse()


def texts(pattern: str) -> Iterator[str]:
    """Different texts that probably match `pattern`, the plainest first; finitely many."""
    try:
        tree = parsed(pattern)
    except (Unreadable, IndexError, ValueError):
        return
    seen = set()
    for variant in range(12):
        for stretch in (1, 0, 2, 4, 8, 16, 32, 64):
            try:
                text = "".join(_Reader(variant, stretch).read(tree))
            except _TooLong:
                continue
            if text not in seen:
                seen.add(text)
                yield text


class _TooLong(Exception):
    """The text would be longer than any that is tried, or its expression has more parts than that takes."""


class _Reader:
    """Reads one text out of a tree: `variant` turns the choices, `stretch` adds repetitions. Raises _TooLong."""

    def __init__(self, variant: int, stretch: int) -> None:
        self._variant = variant
        self._stretch = stretch
        self._count = 0
        self._steps = 0

    def read(self, node: Node) -> Iterator[str]:
        self._steps += 1
        if self._count > _MOST or self._steps > _MOST_STEPS:
            raise _TooLong
        match node:
            case Chars(allowed):
                self._count += 1
                yield allowed[
                    (self._variant + (self._count if self._stretch > 1 else 0)) % min(len(allowed), 26)
                ]
            case Anchor():
                return
            case Run(parts):
                for part in parts:
                    yield from self.read(part)
            case Choice(options):
                yield from self.read(options[self._variant % len(options)])
            case Repeat(part, least, most):
                times = least if most == 1 and self._stretch < 2 else max(least, self._stretch)
                if most is not None:
                    times = min(times, most)
                for _ in range(times):
                    yield from self.read(part)


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._fold = False

    def parse(self) -> Node:
        node = self._choice()
        if self._at < len(self._text):
            raise Unreadable
        return node

    def _peek(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def _next(self) -> str:
        char = self._text[self._at]
        self._at += 1
        return char

    def _choice(self) -> Node:
        options = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            atom = self._atom()
            if atom is not None:
                parts.append(self._repeated(atom))
        return parts[0] if len(parts) == 1 else Run(tuple(parts))

    def _repeated(self, atom: Node) -> Node:
        while True:
            char = self._peek()
            if char == "*":
                atom = Repeat(atom, 0, None)
            elif char == "+":
                atom = Repeat(atom, 1, None)
            elif char == "?":
                atom = Repeat(atom, 0, 1)
            elif char == "{" and (bounds := self._bounds()) is not None:
                atom = Repeat(atom, *bounds)
                continue
            else:
                return atom
            self._at += 1
            if self._peek() == "?":
                self._at += 1

    def _bounds(self) -> tuple[int, int | None] | None:
        end = self._text.find("}", self._at)
        inside = self._text[self._at + 1 : end]
        least, comma, most = inside.partition(",")
        if end < 0 or not least.isdigit() or (most and not most.isdigit()):
            return None
        self._at = end + 1
        if self._peek() == "?":
            self._at += 1
        return int(least), (int(most) if most else None) if comma else int(least)

    def _atom(self) -> Node | None:
        char = self._next()
        if char in "^$":
            return Anchor(char)
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == ".":
            return _chars(ASCII)
        if char == "\\":
            return self._escape()
        return self._literal(char)

    def _literal(self, char: str) -> Node:
        if self._fold and char.lower() != char.upper():
            return _chars(frozenset((char.lower(), char.upper())))
        return Chars((char,))

    def _group(self) -> Node | None:
        fold = self._fold
        if self._peek() == "?":
            self._at += 1
            if self._peek() in ("P", "<"):
                self._at = self._text.index(">", self._at) + 1
            else:
                flags = ""
                while self._peek() not in (":", ")"):
                    flags += self._next()
                on, _, off = flags.partition("-")
                self._fold = ("i" in on or self._fold) and "i" not in off
                if self._next() == ")":
                    return None
        node = self._choice()
        if self._peek() != ")":
            raise Unreadable
        self._at += 1
        self._fold = fold
        return node

    def _escape(self) -> Node | None:
        char = self._next()
        if char in "bB":
            return None
        if char in "Az":
            return Anchor("^" if char == "A" else "$")
        if char == "Q":
            end = self._text.find("\\E", self._at)
            end = len(self._text) if end < 0 else end
            literal, self._at = self._text[self._at : end], min(end + 2, len(self._text))
            return Run(tuple(Chars((c,)) for c in literal))
        allowed = self._escaped_class(char)
        if allowed is not None:
            return _chars(allowed)
        return self._literal(self._escaped_char(char))

    def _escaped_class(self, char: str) -> frozenset[str] | None:
        """The characters of \\d, \\W, \\pL and the like, None for an escaped character."""
        if char.lower() in _ESCAPED:
            allowed = _ESCAPED[char.lower()]
        elif char in "pP":
            name = self._next()
            if name == "{":
                end = self._text.index("}", self._at)
                name, self._at = self._text[self._at : end], end + 1
            allowed = _UNICODE.get(name, _UNICODE.get(name[:1], frozenset()))
            if char == "p" and not allowed:
                raise Unreadable
        else:
            return None
        return ASCII - allowed if char.isupper() else allowed

    def _escaped_char(self, char: str) -> str:
        if char == "x":
            if self._peek() == "{":
                end = self._text.index("}", self._at)
                code, self._at = self._text[self._at + 1 : end], end + 1
            else:
                code, self._at = self._text[self._at : self._at + 2], self._at + 2
            return chr(int(code, 16))
        return _CONTROL.get(char, char)

    def _class(self) -> Node:
        negated = self._peek() == "^"
        if negated:
            self._at += 1
        allowed: set[str] = set()
        first = True
        while first or self._peek() != "]":
            first = False
            allowed |= self._class_part()
        self._at += 1
        if self._fold:
            allowed |= {c.lower() for c in allowed} | {c.upper() for c in allowed if len(c.upper()) == 1}
        return _chars(ASCII - allowed if negated else frozenset(allowed))

    def _class_part(self) -> frozenset[str]:
        if self._text.startswith("[:", self._at):
            end = self._text.index(":]", self._at)
            name, self._at = self._text[self._at + 2 : end], end + 2
            allowed = _POSIX.get(name.removeprefix("^"), frozenset())
            return ASCII - allowed if name.startswith("^") else allowed
        char = self._next()
        if char == "\\":
            char = self._next()
            allowed_class = self._escaped_class(char)
            if allowed_class is not None:
                return allowed_class
            char = self._escaped_char(char)
        if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
            self._at += 1
            last = self._next()
            if last == "\\":
                last = self._escaped_char(self._next())
            codes = range(ord(char), min(ord(last), ord(char) + 1000) + 1)
            return frozenset(map(chr, codes))
        return frozenset((char,))


def _chars(allowed: frozenset[str]) -> Node:
    """A class, its plainest characters first."""
    if not allowed:
        raise Unreadable
    known = tuple(char for char in _PREFERRED if char in allowed)
    return Chars(known + tuple(sorted(allowed - set(known))))
