"""Text to tokens. Characters that start no token are reported and skipped, as the server's lexer does."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from opgen.apiextensions.cel.source import Source


class Token(enum.Enum):
    """What a token is; the values are the grammar's names for them."""

    FLOAT = "NUM_FLOAT"
    INT = "NUM_INT"
    UINT = "NUM_UINT"
    STRING = "STRING"
    BYTES = "BYTES"
    IDENT = "IDENTIFIER"
    ESCAPED = "ESC_IDENTIFIER"
    SYMBOL = "symbol"
    END = "<EOF>"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A token, its text and where it starts. Keywords (`in`, `true`, `false`, `null`) are symbols."""

    kind: Token
    text: str
    offset: int


_ESCAPE = r"\\(?:[abfnrtv\"'\\?`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})"
_STRING = (
    rf'"""(?:{_ESCAPE}|[^\\])*?"""'
    rf"|'''(?:{_ESCAPE}|[^\\])*?'''"
    rf'|"(?:{_ESCAPE}|[^\\"\n\r])*"'
    rf"|'(?:{_ESCAPE}|[^\\'\n\r])*'"
    r'|[rR]"""[\s\S]*?"""'
    r"|[rR]'''[\s\S]*?'''"
    r'|[rR]"[^"\n\r]*"'
    r"|[rR]'[^'\n\r]*'"
)
_PATTERN = re.compile(
    r"(?P<skip>[\t \r\n\f]+|//[^\n]*)"
    r"|(?P<float>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<uint>0x[0-9a-fA-F]+[uU]|[0-9]+[uU])"
    r"|(?P<int>0x[0-9a-fA-F]+|[0-9]+)"
    rf"|(?P<bytes>[bB](?:{_STRING}))"
    rf"|(?P<string>{_STRING})"
    r"|(?P<ident>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<escaped>`[A-Za-z0-9_.\-/ ]+`)"
    r"|(?P<symbol>==|!=|<=|>=|&&|\|\||[<>\[\]{}().,\-!?:+*/%])"
)
_KINDS = {
    "float": Token.FLOAT,
    "uint": Token.UINT,
    "int": Token.INT,
    "bytes": Token.BYTES,
    "string": Token.STRING,
    "ident": Token.IDENT,
    "escaped": Token.ESCAPED,
    "symbol": Token.SYMBOL,
}
_KEYWORDS = {"in", "true", "false", "null"}
_WHOLE_ESCAPE = re.compile(_ESCAPE)
_PARTIAL_ESCAPE = re.compile(
    r"\\(?:[xX][0-9a-fA-F]{0,2}|u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8}|[0-3][0-7]{0,2})?"
)


def tokenize(source: Source) -> list[Lexeme]:
    """The tokens of a rule, the last of them END; what is no token is reported to `source`."""
    text, at, found = source.text, 0, []
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            stop = _where_it_fails(text, at)
            source.report(at, f"Syntax error: token recognition error at: '{text[at : stop + 1]}'")
            source.skipped.append((at, min(stop + 1, len(text))))
            at = stop + 1
            continue
        name = match.lastgroup or ""
        if name != "skip":
            word = match.group()
            kind = Token.SYMBOL if word in _KEYWORDS else _KINDS[name]
            found.append(Lexeme(kind, word, at))
        at = match.end()
    found.append(Lexeme(Token.END, "<EOF>", len(text)))
    return found


def _where_it_fails(text: str, at: int) -> int:
    """The offset of the first character that no token starting at `at` could have there."""
    char = text[at]
    if char in "&|=":
        return at + 1
    if char == "`":
        end = re.compile(r"[A-Za-z0-9_.\-/ ]*").match(text, at + 1)
        return end.end() if end else at + 1
    if char not in "\"'":
        return at
    here = at + 1
    while here < len(text) and text[here] not in "\n\r":
        if text[here] != "\\":
            here += 1
            continue
        whole = _WHOLE_ESCAPE.match(text, here)
        if whole is None:
            partial = _PARTIAL_ESCAPE.match(text, here)
            return partial.end() if partial else here
        here = whole.end()
    return here
