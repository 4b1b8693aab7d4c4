"""The wording of syntax errors: what stood there and what could have.

The server's parser tries to mend the text at the first token that does not fit: it drops the token if the next
one fits ("extraneous"), supplies a missing one if the token would fit behind it ("missing"), else gives up
("mismatched"). Here reading ends where the server gives up, though it tries further on.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from opgen.apiextensions.cel.lexer import Lexeme, Token

# The grammar's order of tokens, which is the order in which errors list them.
_ORDER = (
    "'['", "']'", "'{'", "'}'", "'('", "')'", "'.'", "','", "'-'", "'!'", "'?'", "':'", "'true'", "'false'",
    "'null'", "NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER", "ESC_IDENTIFIER", "<EOF>",
)  # fmt: skip
OPERAND = frozenset(
    {"'['", "'{'", "'('", "'.'", "'-'", "'!'", "'true'", "'false'", "'null'"}
    | {"NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER"}
)
_OPERATORS = frozenset(
    f"'{symbol}'"
    for symbol in ("==", "!=", "<", "<=", ">", ">=", "in", "&&", "||", "+", "-", "*", "/", "%", "?")
) | {"'.'", "'['"}


class Mend(enum.Enum):
    """How reading can go on after a token that does not fit."""

    NONE = enum.auto()
    DROP = enum.auto()
    SUPPLY = enum.auto()


class SyntaxFault(Exception):
    """A token that does not fit; the message is the server's, without `Syntax error: `."""

    def __init__(self, offset: int, message: str, mend: Mend = Mend.NONE) -> None:
        super().__init__(message)
        self.offset = offset
        self.mend = mend


def name_of(token: Lexeme) -> str:
    """A token as sets of expected tokens list it."""
    return f"'{token.text}'" if token.kind is Token.SYMBOL else token.kind.value


def unexpected(
    tokens: Sequence[Lexeme], at: int, expected: frozenset[str], *, looping: bool = False
) -> SyntaxFault:
    """A token at a place where one of several may stand; `looping` within a run of `!`."""
    found = tokens[at]
    following = tokens[min(at + 1, len(tokens) - 1)]
    fits = name_of(following) in expected and found.kind is not Token.END
    verb = "extraneous" if looping or fits else "mismatched"
    mend = Mend.DROP if fits and not looping else Mend.NONE
    return SyntaxFault(found.offset, f"{verb} input '{found.text}' expecting {_list(expected)}", mend)


def wanted(tokens: Sequence[Lexeme], at: int, symbol: str, behind: frozenset[str]) -> SyntaxFault:
    """A token where only `symbol` may stand; `behind` is what may follow it there."""
    found = tokens[at]
    following = tokens[min(at + 1, len(tokens) - 1)]
    if name_of(following) == symbol and found.kind is not Token.END:
        return SyntaxFault(found.offset, f"extraneous input '{found.text}' expecting {symbol}", Mend.DROP)
    if name_of(found) in behind:
        return SyntaxFault(found.offset, f"missing {symbol} at '{found.text}'", Mend.SUPPLY)
    return SyntaxFault(found.offset, f"mismatched input '{found.text}' expecting {symbol}")


def no_alternative(text: str, start: int, found: Lexeme) -> SyntaxFault:
    """A dot or minus sign that leads nowhere; the error shows the text from it to the token."""
    if found.text in ("true", "false", "null") and text[start] == ".":
        return SyntaxFault(found.offset, f"mismatched input '{found.text}' expecting IDENTIFIER")
    end = found.offset + (0 if found.kind is Token.END else len(found.text))
    shown = text[start:end].rstrip() if found.kind is Token.END else text[start:end]
    return SyntaxFault(found.offset, f"no viable alternative at input '{shown}'")


def after_operand(closers: Sequence[str]) -> frozenset[str]:
    """What may follow an operand within these open brackets, innermost last."""
    if not closers:
        return _OPERATORS | {"<EOF>"}
    return _OPERATORS | {f"'{closers[-1]}'"} | ({"','"} if closers[-1] != "':'" else set())


def _list(expected: frozenset[str]) -> str:
    ordered = [name for name in _ORDER if name in expected]
    return ordered[0] if len(ordered) == 1 else f"{{{', '.join(ordered)}}}"
