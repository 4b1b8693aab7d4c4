"""An expression from the tree of a text with syntax errors: parts may be missing, and macros still complain.

The expression itself is of no use; making it finds the errors that the server reports beside those of the syntax.
"""

from __future__ import annotations

from collections.abc import Callable

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
from opgen.apiextensions.cel.escaping import RESERVED
from opgen.apiextensions.cel.lexer import Lexeme
from opgen.apiextensions.cel.macros import expand
from opgen.apiextensions.cel.recovery import DEEPEST, GivenUp, Node
from opgen.apiextensions.cel.source import BEFORE, NOWHERE, TOO_DEEP, Source
from opgen.apiextensions.cel.syntax import FUNCTIONS, balanced

_THROUGH = {
    "expr": "e", "conditionalOr": "e", "conditionalAnd": "e", "relation": "e", "calc": "e", "member": "member",
    "primary": "primary", "nested": "e", "literal": "literal",
}  # fmt: skip

_COUNTED = frozenset({"expr", "relation", "calc", "select", "method", "index"})
"""What must not stand too deep within each other."""


def expression(source: Source, tree: Node) -> Expr:
    """The expression of a whole text; what is wrong with it beyond its syntax is reported."""
    return _Builder(source).expr(tree.node("e"))


class _Builder:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._depth = 0
        self._makers: dict[str, Callable[[Node], Expr]] = {
            "expr": self._conditional, "conditionalOr": self._logic, "conditionalAnd": self._logic,
            "relation": self._binary, "calc": self._binary, "not": self._sign, "negate": self._sign,
            "select": self._select, "method": self._method, "index": self._index, "ident": self._ident,
            "call": self._call, "list": self._list, "map": self._map, "message": self._message,
            "number": self._number, "text": self._text, "word": self._word,
        }  # fmt: skip

    def _report(self, offset: int, message: str) -> Expr:
        self._source.report(offset, message)
        return Bad(offset)

    def expr(self, node: Node | None) -> Expr:
        """What a node stands for; where there is none, a part before the text."""
        while node is not None:
            through = _THROUGH.get(node.kind)
            if node.kind == "member" and "primary" in node.parts:
                through = "primary"
            if through is None or "op" in node.parts or "ops" in node.parts:
                break
            node = node.node(through)
        if node is None:
            return self._unknown()
        if node.kind == "unary":
            return Literal(node.offset, "<<error>>")
        maker = self._makers.get(node.kind)
        if maker is None:
            return self._unknown()
        self._depth += node.kind in _COUNTED
        if self._depth > DEEPEST:
            self._source.report(NOWHERE, TOO_DEEP)
            raise GivenUp
        made = maker(node)
        self._depth -= node.kind in _COUNTED
        return made

    def _unknown(self) -> Expr:
        if not self._source.issues:
            return self._report(NOWHERE, "unknown parse element encountered: <<nil>>")
        return Bad(BEFORE)

    # operators

    def _conditional(self, node: Node) -> Expr:
        condition = self.expr(node.node("e"))
        mark = node.token("op")
        then, otherwise = self.expr(node.node("e1")), self.expr(node.node("e2"))
        return Call(_offset(mark), "_?_:_", None, [condition, then, otherwise])

    def _logic(self, node: Node) -> Expr:
        operators, rest = node.tokens("ops"), node.nodes("rest")
        symbol = "||" if node.kind == "conditionalOr" else "&&"
        terms = [self.expr(node.node("e"))]
        for index in range(len(operators)):
            if index >= len(rest):
                return self._report(node.offset, f"unexpected character, wanted '{symbol}'")
            terms.append(self.expr(rest[index]))
        return balanced(FUNCTIONS[symbol], terms, operators, 0, len(operators) - 1)

    def _binary(self, node: Node) -> Expr:
        operator = node.token("op")
        function = FUNCTIONS.get(operator.text) if operator is not None else None
        if operator is None or function is None:
            return self._report(node.offset, "operator not found")
        left, right = self.expr(node.node("left")), self.expr(node.node("right"))
        return Call(operator.offset, function, None, [left, right])

    def _sign(self, node: Node) -> Expr:
        signs = node.tokens("ops")
        operand = self.expr(node.node("member"))
        if len(signs) % 2 == 0:
            return operand
        return Call(signs[0].offset, "!_" if node.kind == "not" else "-_", None, [operand])

    # members

    def _select(self, node: Node) -> Expr:
        operand = self.expr(node.node("left"))
        name, dot = node.node("id"), node.token("op")
        if name is None or dot is None:
            return Bad(node.offset)
        field = self._name(name, name.offset)
        if node.token("opt") is not None:
            token = name.token("id")
            return Call(dot.offset, "_?._", None, [operand, Literal(_offset(token), field or "")])
        return Select(dot.offset, operand, field or "")

    def _name(self, node: Node, complain_at: int) -> str | None:
        token = node.token("id")
        if node.kind == "simple":
            return token.text if token is not None else ""
        escaped = node.kind == "escaped"
        self._report(complain_at, "unsupported syntax: '`'" if escaped else "unsupported ident kind")
        return None

    def _method(self, node: Node) -> Expr:
        operand = self.expr(node.node("left"))
        name = node.token("id")
        if name is None:
            return Bad(node.offset)
        bracket = node.token("open")
        return self._called(_offset(bracket), name.text, operand, self._arguments(node))

    def _index(self, node: Node) -> Expr:
        operand = self.expr(node.node("left"))
        bracket = node.token("op")
        if bracket is None:
            return Bad(node.offset)
        function = "_[_]" if node.token("opt") is None else "_[?_]"
        return Call(bracket.offset, function, None, [operand, self.expr(node.node("index"))])

    def _arguments(self, node: Node) -> list[Expr]:
        args = node.node("args")
        return [] if args is None else [self.expr(arg) for arg in args.nodes("e")]

    def _called(self, offset: int, function: str, target: Expr | None, args: list[Expr]) -> Expr:
        expanded = expand(self._source, offset, function, target, args)
        return Call(offset, function, target, args) if expanded is None else expanded

    # primaries

    def _free_name(self, node: Node) -> Lexeme | None:
        """A name that stands by itself; None where it is missing or reserved."""
        name = node.token("id")
        if name is not None and name.text in RESERVED:
            self._source.report(node.offset, f"reserved identifier: {name.text}")
            return None
        return name

    def _ident(self, node: Node) -> Expr:
        name = self._free_name(node)
        if name is None:
            return Bad(node.offset)
        return Ident(name.offset, _dotted(node, name.text))

    def _call(self, node: Node) -> Expr:
        name = self._free_name(node)
        if name is None:
            return Bad(node.offset)
        offset = _offset(node.token("op"))
        return self._called(offset, _dotted(node, name.text), None, self._arguments(node))

    def _list(self, node: Node) -> Expr:
        given = node.node("elems")
        items = [] if given is None else given.nodes("elems")
        elements = [self.expr(item.node("e")) for item in items]
        optionals = frozenset(i for i, item in enumerate(items) if item.token("opt") is not None)
        return ListExpr(_offset(node.token("op")), elements, optionals)

    def _map(self, node: Node) -> Expr:
        given = node.node("entries")
        entries: list[Entry] = []
        if given is not None:
            keys, values = given.nodes("keys"), given.nodes("values")
            for index, colon in enumerate(given.tokens("cols")):
                if index >= len(keys) or index >= len(values):
                    entries = []
                    break
                key, value = self.expr(keys[index].node("e")), self.expr(values[index])
                entries.append(Entry(colon.offset, key, value, keys[index].token("opt") is not None))
        return MapExpr(_offset(node.token("op")), entries)

    def _message(self, node: Node) -> Expr:
        name = ".".join(token.text for token in node.tokens("ids"))
        given = node.node("entries")
        fields = [] if given is None else self._fields(given)
        return StructExpr(_offset(node.token("op")), _dotted(node, name), fields)

    def _fields(self, given: Node) -> list[StructField]:
        colons, values = given.tokens("cols"), given.nodes("values")
        fields: list[StructField] = []
        for index, field in enumerate(given.nodes("fields")):
            if index >= len(colons) or index >= len(values):
                return []
            named = field.node("id")
            name = None if named is None else self._name(named, given.offset)
            if name is not None:
                value = self.expr(values[index])
                optional = field.token("opt") is not None
                fields.append(StructField(colons[index].offset, name, value, optional))
        return fields

    # literals

    def _number(self, node: Node) -> Expr:
        token, negative = node.token("tok"), node.token("sign") is not None
        if token is None:
            return Bad(node.offset)
        try:
            return Literal(node.offset, literals.value_of(token, negative=negative))
        except literals.BadLiteral as bad:
            return self._report(node.offset, str(bad))

    def _text(self, node: Node) -> Expr:
        token = node.token("tok")
        if token is None:
            return Bad(node.offset)
        value: LiteralValue
        try:
            value = literals.value_of(token)
        except literals.BadLiteral as bad:
            self._source.report(node.offset, str(bad))
            value = token.text
        return Literal(node.offset, value)

    def _word(self, node: Node) -> Expr:
        token = node.token("tok")
        words: dict[str, LiteralValue] = {"true": True, "false": False, "null": None}
        return Literal(node.offset, None if token is None else words.get(token.text))


def _offset(token: Lexeme | None) -> int:
    return NOWHERE if token is None else token.offset


def _dotted(node: Node, name: str) -> str:
    return name if node.token("dot") is None else f".{name}"
