"""Words and operators that the parser and the reader of broken texts share."""

from __future__ import annotations

from collections.abc import Sequence

from opgen.apiextensions.cel.ast import Call, Expr
from opgen.apiextensions.cel.lexer import Lexeme

PRECEDENCE = {
    "||": 1, "&&": 2, "<": 3, "<=": 3, ">=": 3, ">": 3, "==": 3, "!=": 3, "in": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "%": 5,
}  # fmt: skip
FUNCTIONS = {symbol: f"_{symbol}_" for symbol in PRECEDENCE} | {"in": "@in"}


def balanced(function: str, terms: Sequence[Expr], run: Sequence[Lexeme], low: int, high: int) -> Expr:
    """The server turns a && b && c && d into a balanced tree; costs depend on its shape."""
    middle = (low + high + 1) // 2
    left = terms[middle] if middle == low else balanced(function, terms, run, low, middle - 1)
    right = terms[middle + 1] if middle == high else balanced(function, terms, run, middle + 1, high)
    return Call(run[middle].offset, function, None, [left, right])
