"""Whether Go's net/mail takes a text for one address: `user@host`, `Name <user@host>`, a group of one."""

from __future__ import annotations

import re

from opgen.apiextensions.goip import is_ip

_ATEXT = re.compile(r"[^\x00-\x20\x7f()<>\[\]:;@\\,\"]+")
_QUOTED = re.compile(r'"((?:[^\x00-\x08\x0a-\x1f\x7f"\\]|\\[^\x00-\x08\x0a-\x1f\x7f])*)"')
_LITERAL = re.compile(r"\[([^\x00-\x20\x7f\[\]\\]*)\]")
_ENCODED = re.compile(r"=\?([^?]+)\?([bBqQ])\?([^?]*)\?=")
_CHARSETS = ("utf-8", "us-ascii", "iso-8859-1")


class _Refused(Exception):
    """The text is no address."""


def is_address(text: str) -> bool:
    """One mailbox, as Go reads it."""
    parser = _Parser(text)
    try:
        count = parser.address(groups=True)
        parser.comments()
    except _Refused:
        return False
    return count == 1 and not parser.rest


class _Parser:
    def __init__(self, text: str) -> None:
        self.rest = text

    def space(self) -> None:
        self.rest = self.rest.lstrip(" \t")

    def take(self, char: str) -> bool:
        if not self.rest.startswith(char):
            return False
        self.rest = self.rest[1:]
        return True

    def expect(self, char: str) -> None:
        if not self.take(char):
            raise _Refused

    def comments(self) -> None:
        """Skips space and comments in parentheses."""
        self.space()
        while self.take("("):
            self.comment()
            self.space()

    def comment(self) -> str:
        depth, at, text = 1, 0, self.rest
        kept = []
        while at < len(text) and depth:
            if text[at] == "\\" and at + 1 < len(text):
                at += 1
            else:
                depth += (text[at] == "(") - (text[at] == ")")
            kept.append(text[at] if depth else "")
            at += 1
        self.rest = text[at:]
        if depth:
            raise _Refused
        return "".join(kept)

    def address(self, *, groups: bool) -> int:
        """How many mailboxes are read: one, or those of a group."""
        self.space()
        if not self.rest:
            raise _Refused
        start = self.rest
        try:
            self.specification()
        except _Refused:
            self.rest = start
        else:
            self.space()
            if self.take("("):
                for word in re.split("[ \t]+", self.comment()):
                    _check_encoded(word)
            return 1
        if not self.rest.startswith("<"):
            self.phrase()
        self.space()
        if groups and self.take(":"):
            return self.group()
        self.expect("<")
        self.specification()
        self.expect(">")
        return 1

    def group(self) -> int:
        self.space()
        if self.take(";"):
            self.comments()
            return 0
        count = 0
        while True:
            self.space()
            count += self.address(groups=False)
            self.comments()
            if self.take(";"):
                self.comments()
                return count
            self.expect(",")

    def specification(self) -> None:
        self.space()
        if self.rest.startswith('"'):
            if not self.quoted():
                raise _Refused
        else:
            self.atom(strict=True)
        self.expect("@")
        self.space()
        literal = _LITERAL.match(self.rest)
        if literal is not None:
            self.rest = self.rest[literal.end() :]
            if not is_ip(literal[1]):
                raise _Refused
        else:
            self.atom(strict=True)

    def quoted(self) -> str:
        found = _QUOTED.match(self.rest)
        if found is None:
            raise _Refused
        self.rest = self.rest[found.end() :]
        return found[1]

    def atom(self, *, strict: bool) -> str:
        found = _ATEXT.match(self.rest)
        if found is None:
            raise _Refused
        self.rest = self.rest[found.end() :]
        atom = found[0]
        if strict and (atom.startswith(".") or atom.endswith(".") or ".." in atom):
            raise _Refused
        return atom

    def phrase(self) -> None:
        words = 0
        while True:
            if words:
                self.comments()
            self.space()
            if not self.rest:
                return
            start = self.rest
            try:
                if start.startswith('"'):
                    self.quoted()
                else:
                    _check_encoded(self.atom(strict=False))
            except _Refused:
                if not words:
                    raise
                return
            words += 1


def _check_encoded(word: str) -> None:
    """An encoded word (RFC 2047) in a character set that Go does not know is refused."""
    found = _ENCODED.fullmatch(word)
    if found is not None and found[1].lower() not in _CHARSETS:
        raise _Refused
