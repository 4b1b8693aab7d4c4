"""What a literal token stands for: numbers within 64 bits, strings and bytes without their escapes."""

from __future__ import annotations

import re

from opgen.apiextensions.cel.lexer import Lexeme, Token
from opgen.apiextensions.cel.values import UInt

_SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "`": "`", "?": "?",
}  # fmt: skip
_ESCAPED = re.compile(
    r"\\(?:(?P<simple>[abfnrtv\\'\"`?])|[xX](?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})"
    r"|U(?P<U>[0-9a-fA-F]{8})|(?P<octal>[0-3][0-7]{2}))"
)
INT_MIN, INT_MAX, UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1
_MOST_DIGITS = 20


class BadLiteral(ValueError):
    """A token that the lexer takes, but that stands for nothing; the message is the server's."""


def value_of(token: Lexeme, *, negative: bool = False) -> int | float | str | bytes:
    """The value of a literal's token; raises BadLiteral. `negative`: a minus sign stands right before a number."""
    match token.kind:
        case Token.INT:
            return integer(token.text, negative=negative)
        case Token.UINT:
            return UInt(unsigned(token.text))
        case Token.STRING:
            return string(token.text)
        case Token.BYTES:
            return byte_string(token.text)
        case _:
            return double(token.text, negative=negative)


def integer(text: str, *, negative: bool) -> int:
    """A signed literal."""
    value = _magnitude(text)
    value = -value if negative else value
    if not INT_MIN <= value <= INT_MAX:
        raise BadLiteral("invalid int literal")
    return value


def unsigned(text: str) -> int:
    """An unsigned literal, `u` included."""
    value = _magnitude(text[:-1])
    if value > UINT_MAX:
        raise BadLiteral("invalid uint literal")
    return value


def _magnitude(text: str) -> int:
    digits, base = (text[2:], 16) if text.startswith("0x") else (text, 10)
    digits = digits.lstrip("0") or "0"
    return UINT_MAX + 1 if len(digits) > _MOST_DIGITS else int(digits, base)


def double(text: str, *, negative: bool) -> float:
    """A floating-point literal."""
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise BadLiteral("invalid double literal")
    return -value if negative else value


def string(text: str) -> str:
    """A string token's content."""
    body, raw = _body(text)
    if raw or "\\" not in body:
        return body
    return _ESCAPED.sub(_char, body)


def byte_string(text: str) -> bytes:
    """A bytes token's content; \\x and octal escapes are bytes, everything else is UTF-8."""
    body, raw = _body(text[1:])
    if raw or "\\" not in body:
        return body.encode("utf-8", "surrogatepass")
    found, at = bytearray(), 0
    for match in _ESCAPED.finditer(body):
        found += body[at : match.start()].encode("utf-8", "surrogatepass")
        found.append(_byte(match))
        at = match.end()
    return bytes(found + body[at:].encode("utf-8", "surrogatepass"))


def _body(text: str) -> tuple[str, bool]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    raw = text[0] in "rR"
    text = text[1:] if raw else text
    quotes = 3 if len(text) >= 6 and text[:3] in ("'''", '"""') else 1
    return text[quotes:-quotes], raw


def _char(match: re.Match[str]) -> str:
    simple = match.group("simple")
    if simple:
        return _SIMPLE[simple]
    octal = match.group("octal")
    code = int(octal, 8) if octal else int(match.group("x") or match.group("u") or match.group("U"), 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise BadLiteral("invalid unicode code point")
    return chr(code)


def _byte(match: re.Match[str]) -> int:
    simple = match.group("simple")
    if simple:
        return ord(_SIMPLE[simple])
    if match.group("u") or match.group("U"):
        raise BadLiteral("unable to unescape string")
    octal = match.group("octal")
    return int(octal, 8) if octal else int(match.group("x"), 16)
