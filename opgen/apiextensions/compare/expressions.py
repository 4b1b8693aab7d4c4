"""Parses the common part of RE2's syntax into a tree for `regular`; what is beyond it is `Beyond`.

A class of characters is a tuple of ranges of code points, both ends included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]
_LAST = 0x10FFFF
_DIGITS: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = ((9, 10), (12, 13), (32, 32))
_ESCAPES = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_POSIX = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "digit": _DIGITS,
    "lower": ((97, 122),),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": _WORD,
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
_FOLDED = {0x4B: 0x212A, 0x6B: 0x212A, 0x53: 0x17F, 0x73: 0x17F}  # K and long s
MOST_REPEATED = 1000


class Beyond(Exception):
    """The pattern uses something that is not read here, or does not compile."""


@dataclass(frozen=True, slots=True)
class One:
    """One character of a class."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts one after the other; none of them is the empty text."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`least` to `most` times; None is without end."""

    part: Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """The start of the text, or its end."""

    end: bool


Node: TypeAlias = One | Sequence | Choice | Repeat | Edge


def parse(pattern: str) -> Node:
    """The tree of a pattern. Raises Beyond."""
    parser = _Parser(pattern)
    node = parser.choice()
    if parser.at < len(pattern):
        raise Beyond
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.fold = False
        self.dot_all = False
        self.depth = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise Beyond
        self.at += 1
        return char

    def choice(self) -> Node:
        self.depth += 1
        if self.depth > 100:
            raise Beyond
        parts = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            parts.append(self.sequence())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.peek() not in ("", "|", ")"):
            atom = self.atom()
            parts.append(self.repeated(atom))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self, atom: Node) -> Node:
        bounds: tuple[int, int | None] | None = None
        match self.peek():
            case "*":
                bounds = (0, None)
            case "+":
                bounds = (1, None)
            case "?":
                bounds = (0, 1)
            case "{":
                bounds = self.counted()
        if bounds is None:
            return atom
        self.at += 1
        if self.peek() == "?":  # lazy: the same texts
            self.at += 1
        if self.peek() and self.peek() in "*+?":
            raise Beyond
        return Repeat(atom, *bounds)

    def counted(self) -> tuple[int, int | None] | None:
        """The bounds of `{n}`, `{n,}` or `{n,m}`, standing on its last brace; None where it is plain text."""
        end = self.text.find("}", self.at)
        least, comma, most = self.text[self.at + 1 : end].partition(",") if end > 0 else ("", "", "")
        if not least.isdecimal() or (most and not most.isdecimal()):
            return None
        bounds = (int(least), int(most) if most else None if comma else int(least))
        if max(bounds[0], bounds[1] or 0) > MOST_REPEATED or (
            bounds[1] is not None and bounds[1] < bounds[0]
        ):
            raise Beyond
        self.at = end
        return bounds

    def atom(self) -> Node:
        char = self.take()
        match char:
            case "(":
                return self.group()
            case "[":
                return One(self.charset())
            case ".":
                return One(((0, _LAST),) if self.dot_all else ((0, 9), (11, _LAST)))
            case "^":
                return Edge(end=False)
            case "$":
                return Edge(end=True)
            case "\\":
                return self.escape()
            case "*" | "+" | "?":
                raise Beyond
            case _:
                return self.literal(ord(char))

    def literal(self, code: int) -> Node:
        return One(self.folded(((code, code),)))

    def folded(self, ranges: Ranges) -> Ranges:
        if not self.fold:
            return ranges
        if any(high > 127 for _, high in ranges):
            raise Beyond
        found = set(ranges)
        for low, high in ranges:
            for code in range(low, high + 1):
                other = ord(chr(code).swapcase())
                found.add((other, other))
                if code in _FOLDED:
                    found.add((_FOLDED[code], _FOLDED[code]))
        return tuple(sorted(found))

    def group(self) -> Node:
        fold, dot_all = self.fold, self.dot_all
        if self.text.startswith("?", self.at):
            self.at += 1
            if self.text.startswith(("P<", "<"), self.at):
                end = self.text.find(">", self.at)
                if end < 0 or self.text.startswith(("<=", "<!"), self.at):
                    raise Beyond
                self.at = end + 1
            elif self.flags():
                return Sequence(())  # (?i) holds until the group around it ends
        node = self.choice()
        if self.take() != ")":
            raise Beyond
        self.fold, self.dot_all = fold, dot_all
        return node

    def flags(self) -> bool:
        """Reads flags; True where they stand alone, False where a group follows."""
        on = True
        while True:
            match self.take():
                case "-":
                    on = False
                case "i":
                    self.fold = on
                case "s":
                    self.dot_all = on
                case "U":
                    continue
                case ":":
                    return False
                case ")":
                    return True
                case _:
                    raise Beyond

    def escape(self) -> Node:
        char = self.peek()
        if char == "A":
            self.at += 1
            return Edge(end=False)
        if char == "z":
            self.at += 1
            return Edge(end=True)
        return One(self.folded(self.escaped()))

    def escaped(self) -> Ranges:
        """What follows a backslash, in a class or outside of it."""
        char = self.take()
        if char.lower() in _ESCAPES:
            ranges = _ESCAPES[char.lower()]
            return ranges if char.islower() else inverted(ranges)
        if char in _CONTROLS:
            return ((_CONTROLS[char], _CONTROLS[char]),)
        if char == "x":
            return self.hexadecimal()
        if char.isascii() and not char.isalnum():
            return ((ord(char), ord(char)),)
        raise Beyond

    def hexadecimal(self) -> Ranges:
        if self.peek() == "{":
            end = self.text.find("}", self.at)
            digits, self.at = self.text[self.at + 1 : end], end + 1
        else:
            digits, self.at = self.text[self.at : self.at + 2], self.at + 2
        try:
            code = int(digits, 16)
        except ValueError:
            raise Beyond from None
        if code > _LAST:
            raise Beyond
        return ((code, code),)

    def charset(self) -> Ranges:
        negated = self.peek() == "^"
        self.at += negated
        found: list[tuple[int, int]] = []
        first = True
        while first or self.peek() != "]":
            first = False
            found.extend(self.member())
        self.at += 1
        ranges = self.folded(tuple(found))
        return inverted(ranges) if negated else ranges

    def member(self) -> Ranges:
        if self.text.startswith("[:", self.at):
            end = self.text.find(":]", self.at)
            name, self.at = self.text[self.at + 2 : end], end + 2
            ranges = _POSIX.get(name.removeprefix("^"))
            if ranges is None:
                raise Beyond
            return inverted(ranges) if name.startswith("^") else ranges
        low = self.single()
        if len(low) != 1 or low[0][0] != low[0][1]:
            return low
        if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
            self.at += 1
            high = self.single()
            if len(high) != 1 or high[0][0] != high[0][1] or high[0][0] < low[0][0]:
                raise Beyond
            return ((low[0][0], high[0][0]),)
        return low

    def single(self) -> Ranges:
        char = self.take()
        return self.escaped() if char == "\\" else ((ord(char), ord(char)),)


def inverted(ranges: Ranges) -> Ranges:
    """All characters but these."""
    found: list[tuple[int, int]] = []
    start = 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    if start <= _LAST:
        found.append((start, _LAST))
    return tuple(found)
