"""The wording of syntax errors: what stood there and what could have."""

from __future__ import annotations

from collections.abc import Sequence

from opgen.apiextensions.cel.lexer import Lexeme, Token

_OPERAND = (
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, "
    "IDENTIFIER}"
)


class SyntaxFault(Exception):
    """The first token that does not fit; the message is the server's, without `Syntax error: `."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


def unexpected(tokens: Sequence[Lexeme], at: int, *, after_operand: bool, wanted: str) -> SyntaxFault:
    """The fault for the token at `at`, where `wanted` (a symbol or a token's name) or an operand belongs."""
    found = tokens[at]
    expecting = f"'{wanted}'" if wanted and wanted not in ("<EOF>", "IDENTIFIER") else wanted or _OPERAND
    if after_operand and found.kind is not Token.END and wanted == "<EOF>":
        return SyntaxFault(found.offset, f"extraneous input '{found.text}' expecting {expecting}")
    return SyntaxFault(found.offset, f"mismatched input '{found.text}' expecting {expecting}")
