"""The wording of syntax errors: what stood there and what could have.

The server's parser tries to mend the text at the first token that does not fit: it drops the token if the next
one fits ("extraneous"), supplies a missing one if the token would fit behind it ("missing"), else gives up
("mismatched"). Only the first error is reported here.
"""

from __future__ import annotations

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


class SyntaxFault(Exception):
    """The first token that does not fit; the message is the server's, without `Syntax error: `."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


def name_of(token: Lexeme) -> str:
    """A token as sets of expected tokens list it."""
    return f"'{token.text}'" if token.kind is Token.SYMBOL else token.kind.value


def unexpected(
    tokens: Sequence[Lexeme], at: int, expected: frozenset[str], *, looping: bool = False
) -> SyntaxFault:
    """A token at a place where one of several may stand; `looping` within a run of `!`."""
    found = tokens[at]
    following = tokens[min(at + 1, len(tokens) - 1)]
    verb = "extraneous" if looping or name_of(following) in expected else "mismatched"
    if found.kind is Token.END and not looping:
        verb = "mismatched"
    return SyntaxFault(found.offset, f"{verb} input '{found.text}' expecting {_list(expected)}")


def wanted(tokens: Sequence[Lexeme], at: int, symbol: str, behind: frozenset[str]) -> SyntaxFault:
    """A token where only `symbol` may stand; `behind` is what may follow it there."""
    found = tokens[at]
    following = tokens[min(at + 1, len(tokens) - 1)]
    if name_of(following) == symbol and found.kind is not Token.END:
        return SyntaxFault(found.offset, f"extraneous input '{found.text}' expecting {symbol}")
    if name_of(found) in behind:
        return SyntaxFault(found.offset, f"missing {symbol} at '{found.text}'")
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
