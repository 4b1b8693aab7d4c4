"""Tokens to a tree: CEL's grammar, with macros expanded where they are called.

`parse` reports to the source and returns the tree; after a syntax error that cannot be mended nothing more is read.
Operators are reduced on a stack of their own, so that only brackets nest calls of this module.
"""

from __future__ import annotations

from opgen.apiextensions.cel import literals
from opgen.apiextensions.cel.ast import (
    Bad,
    Call,
    Entry,
    Expr,
    Ident,
    ListExpr,
    Literal,
    LiteralValue,
    MapExpr,
    Select,
    StructExpr,
    StructField,
)
from opgen.apiextensions.cel.lexer import Lexeme, Token, tokenize
from opgen.apiextensions.cel.macros import expand
from opgen.apiextensions.cel.source import NOWHERE, Source
from opgen.apiextensions.cel.syntax import (
    OPERAND,
    Mend,
    SyntaxFault,
    after_operand,
    no_alternative,
    unexpected,
    wanted,
)
from opgen.apiextensions.cel.values import UInt

DEEPEST = 250
LONGEST = 100_000
_RESERVED = frozenset(
    {
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let",
        "loop", "package", "namespace", "null", "return", "true", "var", "void", "while",
    }
)  # fmt: skip
_PRECEDENCE = {
    "||": 1, "&&": 2, "<": 3, "<=": 3, ">=": 3, ">": 3, "==": 3, "!=": 3, "in": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "%": 5,
}  # fmt: skip
_FUNCTIONS = {symbol: f"_{symbol}_" for symbol in _PRECEDENCE} | {"in": "@in"}


class TooDeep(Exception):
    """The expression nests deeper than the server reads."""


def parse(source: Source) -> Expr:
    """The tree of a rule; look at `source.issues` before using it."""
    if len(source.text) > LONGEST:
        source.report(
            NOWHERE, f"expression code point size exceeds limit: size: {len(source.text)}, limit {LONGEST}"
        )
        return Bad(NOWHERE)
    try:
        return _Parser(source).whole()
    except SyntaxFault as fault:
        source.report(fault.offset, f"Syntax error: {fault}")
    except TooDeep:
        source.report(NOWHERE, f"expression recursion limit exceeded: {DEEPEST}")
    return Bad(NOWHERE)


class _Parser:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._tokens = tokenize(source)
        self._at = 0
        self._depth = 0
        self._open: list[str] = []
        # What else than an operand may stand at the next operand's place.
        self._instead: frozenset[str] = frozenset()

    def whole(self) -> Expr:
        tree = self._expr()
        if self._here.kind is not Token.END:
            self._mend(wanted(self._tokens, self._at, "<EOF>", frozenset()))
        return tree

    # tokens

    @property
    def _here(self) -> Lexeme:
        return self._tokens[self._at]

    def _is(self, symbol: str) -> bool:
        here = self._tokens[self._at]
        return here.kind is Token.SYMBOL and here.text == symbol

    def _take(self, symbol: str) -> Lexeme | None:
        if not self._is(symbol):
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def _need(self, symbol: str, behind: frozenset[str] = frozenset()) -> Lexeme:
        taken = self._take(symbol)
        if taken is not None:
            return taken
        self._mend(wanted(self._tokens, self._at, f"'{symbol}'", behind))
        return self._take(symbol) or self._here

    def _mend(self, fault: SyntaxFault) -> None:
        """Report a fault and go on behind it, if the server does."""
        if fault.mend is Mend.NONE:
            raise fault
        self._source.report(fault.offset, f"Syntax error: {fault}")
        if fault.mend is Mend.DROP:
            self._at += 1

    def _begin(self, closer: str) -> None:
        self._open.append(closer)

    def _close(self) -> None:
        """The bracket that closes what `_begin` opened, where nothing else may stand."""
        closer = self._open.pop()
        self._need(closer, after_operand(self._open))

    def _another(self) -> bool:
        """Whether another item follows before the bracket that closes what `_begin` opened, which is taken if not."""
        closer = self._open[-1]
        if not self._is(",") and not self._is(closer):
            self._mend(unexpected(self._tokens, self._at, frozenset({f"'{closer}'", "','"})))
        if self._take(",") is not None and not self._ends(closer):
            return True
        self._open.pop()
        self._take(closer)
        return False

    # expressions

    def _expr(self) -> Expr:
        self._depth += 1
        if self._depth > DEEPEST:
            raise TooDeep
        condition = self._operators()
        mark = self._take("?")
        if mark is not None:
            then = self._operators()
            self._need(":", OPERAND)
            condition = Call(mark.offset, "_?_:_", None, [condition, then, self._expr()])
        self._depth -= 1
        return condition

    def _operators(self) -> Expr:
        operands, operators = [self._operand()], list[Lexeme]()
        chain = {3: 2, 4: 2}
        while (level := self._level()) is not None:
            while operators and self._reduces(operators[-1], level):
                _reduce(operands, operators)
            row = min(level, 4)
            if row in chain:
                chain[row] += 1
                if chain[row] > DEEPEST:
                    raise TooDeep
            elif level < 3:
                chain = {3: 2, 4: 2}
            operators.append(self._here)
            self._at += 1
            operands.append(self._operand())
        while operators:
            _reduce(operands, operators)
        return operands[0]

    def _level(self) -> int | None:
        here = self._here
        return _PRECEDENCE.get(here.text) if here.kind is Token.SYMBOL else None

    @staticmethod
    def _reduces(before: Lexeme, level: int) -> bool:
        earlier = _PRECEDENCE[before.text]
        return earlier > level or (earlier == level and level > 2)

    def _operand(self) -> Expr:
        bangs: list[Lexeme] = []
        symbol = "!" if self._is("!") else "-"
        while (taken := self._take(symbol)) is not None:
            bangs.append(taken)
        if symbol == "-" and len(bangs) == 1 and self._here.kind in (Token.INT, Token.FLOAT):
            return self._suffixes(self._number(bangs[0].offset, negative=True))
        operand = self._suffixes(self._primary(bangs))
        if len(bangs) % 2 == 0:
            return operand
        return Call(bangs[0].offset, f"{symbol}_", None, [operand])

    def _suffixes(self, node: Expr) -> Expr:
        links = 1
        while True:
            if (dot := self._take(".")) is not None:
                node = self._member(node, dot)
            elif (bracket := self._take("[")) is not None:
                self._begin("]")
                self._instead = frozenset({"'?'"})
                function = "_[_]"
                if self._take("?") is not None:
                    function, self._instead = "_[?_]", frozenset()
                index = self._expr()
                self._close()
                node = Call(bracket.offset, function, None, [node, index])
            else:
                return node
            links += 1
            if links > DEEPEST:
                raise TooDeep

    def _member(self, operand: Expr, dot: Lexeme) -> Expr:
        optional = self._take("?") is not None
        name = self._here
        if name.kind is Token.IDENT:
            self._at += 1
            if not optional and (bracket := self._take("(")) is not None:
                return self._call(bracket.offset, name.text, operand, self._arguments())
        elif name.kind is Token.ESCAPED:
            self._at += 1
            self._source.report(name.offset, "unsupported syntax: '`'")
            return Bad(name.offset)
        elif optional:
            self._mend(unexpected(self._tokens, self._at, frozenset({"IDENTIFIER", "ESC_IDENTIFIER"})))
            return self._member(operand, dot)
        else:
            raise no_alternative(self._source.text, dot.offset, name)
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
        self._begin(")")
        self._instead = frozenset({"')'"})
        while True:
            args.append(self._expr())
            if self._take(",") is None:
                self._close()
                return args

    def _primary(self, signs: list[Lexeme]) -> Expr:
        here = self._here
        instead, self._instead = self._instead, frozenset()
        match here.kind, here.text:
            case Token.INT | Token.UINT | Token.FLOAT, _:
                return self._number(here.offset, negative=False)
            case ((Token.STRING | Token.BYTES), _):
                return self._text()
            case Token.SYMBOL, "true" | "false" | "null":
                self._at += 1
                return Literal(here.offset, {"true": True, "false": False, "null": None}[here.text])
            case Token.SYMBOL, "(":
                self._at += 1
                self._begin(")")
                inner = self._expr()
                self._close()
                return inner
            case Token.SYMBOL, "[":
                return self._list()
            case Token.SYMBOL, "{":
                return self._map()
            case (Token.IDENT, _) | (Token.SYMBOL, "."):
                return self._name()
            case _:
                if signs and signs[0].text == "-":
                    raise no_alternative(self._source.text, signs[0].offset, here)
                expected = OPERAND if signs else OPERAND | instead
                self._mend(unexpected(self._tokens, self._at, expected, looping=bool(signs)))
                return self._primary(signs)

    # names

    def _name(self) -> Expr:
        start = self._here.offset
        dot = "." if self._take(".") is not None else ""
        name = self._here
        if name.kind is not Token.IDENT:
            raise no_alternative(self._source.text, start, name)
        message = self._message_name()
        if message is not None:
            return self._message(dot + message)
        self._at += 1
        bracket = self._take("(")
        if name.text in _RESERVED:
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
        self._begin("}")
        fields: list[StructField] = []
        more = not self._nothing()
        while more:
            fields.append(self._message_field(first=not fields))
            more = self._another()
        return StructExpr(brace.offset, name, fields)

    def _message_field(self, *, first: bool) -> StructField:
        optional = self._take("?") is not None
        field = self._here
        if field.kind is not Token.IDENT:
            instead = {"'}'", "','", "'?'"} if first and not optional else set()
            self._mend(
                unexpected(self._tokens, self._at, frozenset({"IDENTIFIER", "ESC_IDENTIFIER", *instead}))
            )
            return self._message_field(first=first)
        self._at += 1
        colon = self._need(":", OPERAND)
        return StructField(colon.offset, field.text, self._expr(), optional)

    def _nothing(self) -> bool:
        """Whether the brackets just opened hold nothing, or a single comma; they are then closed."""
        closer = self._open[-1]
        if not self._is(closer):
            if self._take(",") is None:
                return False
            if not self._is(closer):
                self._mend(self._closer_wanted())
        self._open.pop()
        self._take(closer)
        return True

    def _closer_wanted(self) -> SyntaxFault:
        return wanted(self._tokens, self._at, f"'{self._open[-1]}'", after_operand(self._open[:-1]))

    # literals

    def _number(self, start: int, *, negative: bool) -> Expr:
        token = self._here
        self._at += 1
        try:
            match token.kind:
                case Token.INT:
                    return Literal(start, literals.integer(token.text, negative=negative))
                case Token.UINT:
                    return Literal(start, UInt(literals.unsigned(token.text)))
                case _:
                    return Literal(start, literals.double(token.text, negative=negative))
        except literals.BadLiteral as bad:
            self._source.report(start, str(bad))
            return Bad(start)

    def _text(self) -> Expr:
        token = self._here
        self._at += 1
        read = literals.string if token.kind is Token.STRING else literals.byte_string
        try:
            value: LiteralValue = read(token.text)
        except literals.BadLiteral as bad:
            self._source.report(token.offset, str(bad))
            return Bad(token.offset)
        return Literal(token.offset, value)

    def _list(self) -> Expr:
        bracket = self._need("[")
        self._begin("]")
        elements: list[Expr] = []
        optionals: set[int] = set()
        more = not self._nothing()
        while more:
            self._instead = frozenset({"']'", "','", "'?'"}) if not elements else frozenset({"'?'"})
            if self._take("?") is not None:
                self._instead = frozenset()
                optionals.add(len(elements))
            elements.append(self._expr())
            more = self._another()
        return ListExpr(bracket.offset, elements, frozenset(optionals))

    def _map(self) -> Expr:
        brace = self._need("{")
        self._begin("}")
        entries: list[Entry] = []
        more = not self._nothing()
        while more:
            self._instead = frozenset({"'}'", "','", "'?'"}) if not entries else frozenset({"'?'"})
            optional = self._take("?") is not None
            key = self._expr()
            colon = self._need(":", OPERAND)
            entries.append(Entry(colon.offset, key, self._expr(), optional))
            more = self._another()
        return MapExpr(brace.offset, entries)

    def _ends(self, closer: str) -> bool:
        """Whether a comma just taken was the last thing before the bracket."""
        if self._is(closer):
            return True
        if self._is(",") or self._here.kind is Token.END:
            self._mend(self._closer_wanted())
            return True
        return False


def _reduce(operands: list[Expr], operators: list[Lexeme]) -> None:
    operator = operators.pop()
    if operator.text not in ("&&", "||"):
        right = operands.pop()
        left = operands.pop()
        operands.append(Call(operator.offset, _FUNCTIONS[operator.text], None, [left, right]))
        return
    run = [operator]
    while operators and operators[-1].text == operator.text:
        run.insert(0, operators.pop())
    terms = operands[-len(run) - 1 :]
    del operands[-len(run) - 1 :]
    operands.append(_balance(_FUNCTIONS[operator.text], terms, run, 0, len(run) - 1))


def _balance(function: str, terms: list[Expr], run: list[Lexeme], low: int, high: int) -> Expr:
    """The server turns a && b && c && d into a balanced tree; costs depend on its shape."""
    middle = (low + high + 1) // 2
    left = terms[middle] if middle == low else _balance(function, terms, run, low, middle - 1)
    right = terms[middle + 1] if middle == high else _balance(function, terms, run, middle + 1, high)
    return Call(run[middle].offset, function, None, [left, right])
