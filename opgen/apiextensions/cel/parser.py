"""Tokens to a tree: CEL's grammar, with macros expanded where they are called.

`parse` reports to the source and returns the tree. A text that does not fit the grammar is read once more by
`recovery`, which goes on behind errors as the server does. Operators are reduced on a stack of their own, so that only
brackets nest calls of this module.
"""

from __future__ import annotations

from opgen.apiextensions.cel import literals
from opgen.apiextensions.cel.ast import (
    Bad,
    Call,
    Comprehension,
    Entry,
    Expr,
    Ident,
    ListExpr,
    Literal,
    MapExpr,
    Select,
    StructExpr,
    StructField,
    children,
)
from opgen.apiextensions.cel.escaping import RESERVED
from opgen.apiextensions.cel.grammar import OPERAND, listed
from opgen.apiextensions.cel.lexer import Lexeme, Token, tokenize
from opgen.apiextensions.cel.macros import expand
from opgen.apiextensions.cel.recovery import DEEPEST, GivenUp, read
from opgen.apiextensions.cel.source import MOST_ERRORS, NOWHERE, TOO_DEEP, TOO_MANY, Source
from opgen.apiextensions.cel.syntax import FUNCTIONS, PRECEDENCE, balanced
from opgen.apiextensions.cel.trees import expression

LONGEST = 100_000
_MOST_READ = 10_000


def parse(source: Source) -> Expr:
    """The tree of a rule; look at `source.issues` before using it."""
    if len(source.text) > LONGEST:
        source.report(
            NOWHERE, f"expression code point size exceeds limit: size: {len(source.text)}, limit {LONGEST}"
        )
        return Bad(NOWHERE)
    tokens = tokenize(source)
    told = len(source.issues)
    if told > MOST_ERRORS:
        del source.issues[MOST_ERRORS:]
        source.report(NOWHERE, TOO_MANY)
        return Bad(NOWHERE)
    parser = _Parser(source, tokens)
    try:
        tree = parser.whole()
    except _Misfit:
        pass
    except RecursionError:  # the reader of broken texts needs no calls within calls
        parser.too_deep = True
    else:
        if len(tokens) <= 2 * DEEPEST or not _too_deep(tree):
            return tree
        parser.too_deep = True
    del source.issues[told:]
    return _broken(source, tokens, parser)


class _Misfit(Exception):
    """The next token does not fit, or too many brackets are open."""


def _too_deep(tree: Expr) -> bool:
    """Whether operators and members may stand deeper within each other than the server goes."""
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            return True
        depth += isinstance(node, Select | Comprehension | Call)
        waiting += [(below, depth) for below in children(node)]
    return False


def _broken(source: Source, tokens: list[Lexeme], parser: _Parser) -> Expr:
    """A text that does not fit the grammar, with all that the server finds wrong with it.

    Of one that is very long only the first error, and that in one wording: reading on would take seconds.
    """
    if len(tokens) > _MOST_READ:
        here = parser.here
        if parser.too_deep:
            source.report(NOWHERE, TOO_DEEP)
        else:
            source.report(
                here.offset, f"Syntax error: mismatched input '{here.text}' expecting {listed(OPERAND)}"
            )
        return Bad(NOWHERE)
    try:
        return expression(source, read(source, tokens))
    except GivenUp:
        return Bad(NOWHERE)
    except RecursionError:  # of macros' complaints, which come after those of the syntax
        if not source.issues:
            raise
        return Bad(NOWHERE)


class _Parser:
    def __init__(self, source: Source, tokens: list[Lexeme]) -> None:
        self._source = source
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self.too_deep = False

    def whole(self) -> Expr:
        tree = self._expr()
        if self.here.kind is not Token.END:
            raise _Misfit
        return tree

    # tokens

    @property
    def here(self) -> Lexeme:
        """The next token."""
        return self._tokens[self._at]

    def _is(self, symbol: str) -> bool:
        here = self._tokens[self._at]
        return here.kind is Token.SYMBOL and here.text == symbol

    def _take(self, symbol: str) -> Lexeme | None:
        if not self._is(symbol):
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def _need(self, symbol: str) -> Lexeme:
        taken = self._take(symbol)
        if taken is None:
            raise _Misfit
        return taken

    def _another(self, closer: str) -> bool:
        """Whether another item follows before the bracket that closes them, which is taken if not."""
        more = self._take(",") is not None and not self._is(closer)
        if not more:
            self._need(closer)
        return more

    # expressions

    def _expr(self) -> Expr:
        self._depth += 1
        if self._depth > DEEPEST:
            self.too_deep = True
            raise _Misfit
        condition = self._operators()
        mark = self._take("?")
        if mark is not None:
            then = self._operators()
            self._need(":")
            condition = Call(mark.offset, "_?_:_", None, [condition, then, self._expr()])
        self._depth -= 1
        return condition

    def _operators(self) -> Expr:
        operands, operators = [self._operand()], list[Lexeme]()
        while (level := self._level()) is not None:
            while operators and self._reduces(operators[-1], level):
                _reduce(operands, operators)
            operators.append(self.here)
            self._at += 1
            operands.append(self._operand())
        while operators:
            _reduce(operands, operators)
        return operands[0]

    def _level(self) -> int | None:
        here = self.here
        return PRECEDENCE.get(here.text) if here.kind is Token.SYMBOL else None

    @staticmethod
    def _reduces(before: Lexeme, level: int) -> bool:
        earlier = PRECEDENCE[before.text]
        return earlier > level or (earlier == level and level > 2)

    def _operand(self) -> Expr:
        bangs: list[Lexeme] = []
        symbol = "!" if self._is("!") else "-"
        while (taken := self._take(symbol)) is not None:
            bangs.append(taken)
        if symbol == "-" and len(bangs) == 1 and self.here.kind in (Token.INT, Token.FLOAT):
            return self._suffixes(self._literal(bangs[0].offset, negative=True))
        operand = self._suffixes(self._primary())
        if len(bangs) % 2 == 0:
            return operand
        return Call(bangs[0].offset, f"{symbol}_", None, [operand])

    def _suffixes(self, node: Expr) -> Expr:
        while True:
            if (dot := self._take(".")) is not None:
                node = self._member(node, dot)
            elif (bracket := self._take("[")) is not None:
                function = "_[_]" if self._take("?") is None else "_[?_]"
                index = self._expr()
                self._need("]")
                node = Call(bracket.offset, function, None, [node, index])
            else:
                return node

    def _member(self, operand: Expr, dot: Lexeme) -> Expr:
        optional = self._take("?") is not None
        name = self.here
        if name.kind is Token.IDENT:
            self._at += 1
            if not optional and (bracket := self._take("(")) is not None:
                return self._call(bracket.offset, name.text, operand, self._arguments())
        else:
            raise _Misfit
        if optional:
            return Call(dot.offset, "_?._", None, [operand, Literal(name.offset, name.text)])
        return Select(dot.offset, operand, name.text)

    def _call(self, offset: int, function: str, target: Expr | None, args: list[Expr]) -> Expr:
        expanded = expand(self._source, offset, function, target, args)
        return Call(offset, function, target, args) if expanded is None else expanded

    def _arguments(self) -> list[Expr]:
        args: list[Expr] = []
        if self._take(")") is not None:
            return args
        while True:
            args.append(self._expr())
            if self._take(",") is None:
                self._need(")")
                return args

    def _primary(self) -> Expr:
        here = self.here
        match here.kind, here.text:
            case ((Token.INT | Token.UINT | Token.FLOAT | Token.STRING | Token.BYTES), _):
                return self._literal(here.offset, negative=False)
            case Token.SYMBOL, "true" | "false" | "null":
                self._at += 1
                return Literal(here.offset, {"true": True, "false": False, "null": None}[here.text])
            case Token.SYMBOL, "(":
                self._at += 1
                inner = self._expr()
                self._need(")")
                return inner
            case Token.SYMBOL, "[":
                return self._list()
            case Token.SYMBOL, "{":
                return self._map()
            case (Token.IDENT, _) | (Token.SYMBOL, "."):
                return self._name()
            case _:
                raise _Misfit

    # names

    def _name(self) -> Expr:
        start = self.here.offset
        dot = "." if self._take(".") is not None else ""
        name = self.here
        if name.kind is not Token.IDENT:
            raise _Misfit
        message = self._message_name()
        if message is not None:
            return self._message(dot + message)
        self._at += 1
        bracket = self._take("(")
        if name.text in RESERVED:
            self._source.report(start, f"reserved identifier: {name.text}")
            if bracket is not None:
                self._arguments()
            return Bad(start)
        if bracket is not None:
            return self._call(bracket.offset, dot + name.text, None, self._arguments())
        return Ident(name.offset, dot + name.text)

    def _message_name(self) -> str | None:
        at, parts = self._at, list[str]()
        while self._tokens[at].kind is Token.IDENT:
            parts.append(self._tokens[at].text)
            after = self._tokens[at + 1]
            if after.kind is not Token.SYMBOL or after.text not in (".", "{"):
                return None
            if after.text == "{":
                self._at = at + 1
                return ".".join(parts)
            at += 2
        return None

    def _message(self, name: str) -> Expr:
        brace = self._need("{")
        fields: list[StructField] = []
        more = not self._nothing("}")
        while more:
            optional = self._take("?") is not None
            field = self.here
            if field.kind is not Token.IDENT:
                raise _Misfit
            self._at += 1
            colon = self._need(":")
            fields.append(StructField(colon.offset, field.text, self._expr(), optional))
            more = self._another("}")
        return StructExpr(brace.offset, name, fields)

    def _nothing(self, closer: str) -> bool:
        """Whether the brackets just opened hold nothing, or a single comma; they are then closed."""
        if self._take(",") is not None:
            self._need(closer)
            return True
        return self._take(closer) is not None

    # literals

    def _literal(self, start: int, *, negative: bool) -> Expr:
        token = self.here
        self._at += 1
        try:
            return Literal(start, literals.value_of(token, negative=negative))
        except literals.BadLiteral as bad:
            self._source.report(start, str(bad))
            return Bad(start)

    def _list(self) -> Expr:
        bracket = self._need("[")
        elements: list[Expr] = []
        optionals: set[int] = set()
        more = not self._nothing("]")
        while more:
            if self._take("?") is not None:
                optionals.add(len(elements))
            elements.append(self._expr())
            more = self._another("]")
        return ListExpr(bracket.offset, elements, frozenset(optionals))

    def _map(self) -> Expr:
        brace = self._need("{")
        entries: list[Entry] = []
        more = not self._nothing("}")
        while more:
            optional = self._take("?") is not None
            key = self._expr()
            colon = self._need(":")
            entries.append(Entry(colon.offset, key, self._expr(), optional))
            more = self._another("}")
        return MapExpr(brace.offset, entries)


def _reduce(operands: list[Expr], operators: list[Lexeme]) -> None:
    operator = operators.pop()
    if operator.text not in ("&&", "||"):
        right = operands.pop()
        left = operands.pop()
        operands.append(Call(operator.offset, FUNCTIONS[operator.text], None, [left, right]))
        return
    run = [operator]
    while operators and operators[-1].text == operator.text:
        run.insert(0, operators.pop())
    terms = operands[-len(run) - 1 :]
    del operands[-len(run) - 1 :]
    operands.append(balanced(FUNCTIONS[operator.text], terms, run, 0, len(run) - 1))
