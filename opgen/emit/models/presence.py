"""Reads a CEL rule that speaks only of which fields are there, and of texts: `has(self.a) != has(self.b)`.

The tree is run here over presence alone. A rule that looks at anything else is no formula.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from opgen.apiextensions.cel import ast
from opgen.apiextensions.cel.escaping import unescape
from opgen.apiextensions.cel.parser import parse
from opgen.apiextensions.cel.source import Source
from opgen.emit.models.formulas import Formula, Texts

Value: TypeAlias = "bool | int | str | list[Any]"

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
}
_CALLS = frozenset({*_COMPARISONS, "_==_", "_!=_", "_&&_", "_||_", "!_", "_?_:_", "_+_", "@in", "size"})


class _Fault(Exception):
    """The rule ends with an error, which refuses the object."""


def of_rule(text: str) -> Formula | None:
    """The rule as a formula, or None."""
    source = Source(text)
    tree = parse(source)
    if source.issues:
        return None
    nodes = list(_nodes(tree))
    tested: set[str] = set()
    read: set[str] = set()
    bound = {node.accumulator for node in nodes if isinstance(node, ast.Comprehension)}
    bound |= {node.var for node in nodes if isinstance(node, ast.Comprehension)}
    selected = [node for node in nodes if isinstance(node, ast.Select)]
    for select in selected:
        name = unescape(select.field)
        if name is None or not _is_self(select.operand):
            return None
        (tested if select.test else read).add(name)
    idents = [node for node in nodes if isinstance(node, ast.Ident)]
    plain = [ident for ident in idents if ident.name not in bound]
    # `self` stands only where a field of it is selected.
    if any(not _is_self(ident) for ident in plain) or len(plain) != len(selected):
        return None
    if not all(map(_is_known, nodes)):
        return None
    return Formula(
        frozenset(tested - read),
        frozenset(read),
        lambda present, texts: _Run(present, texts).allows(tree),
        symmetric=not read and _is_symmetric(tree, len(tested)),
    )


def _is_self(node: ast.Expr) -> bool:
    return isinstance(node, ast.Ident) and node.name == "self"


def _is_known(node: ast.Expr) -> bool:
    match node:
        case ast.Literal(value=value):
            return isinstance(value, bool | int | str)
        case ast.Call(function=function, target=target):
            return function in _CALLS and (target is None or function == "size")
        case ast.ListExpr(optionals=optionals):
            return not optionals
        case ast.Comprehension(var2=second):
            return not second
        case ast.Ident() | ast.Select():
            return True
        case _:
            return False


def _nodes(tree: ast.Expr) -> Iterator[ast.Expr]:
    yield tree
    for child in _children(tree):
        yield from _nodes(child)


def _children(node: ast.Expr) -> tuple[ast.Expr, ...]:
    match node:
        case ast.Select(operand=operand):
            return (operand,)
        case ast.Call(target=target, args=args):
            return (*args,) if target is None else (target, *args)
        case ast.ListExpr(elements=elements):
            return tuple(elements)
        case ast.Comprehension():
            return (node.range, node.init, node.condition, node.step, node.result)
        case _:
            return ()


def _is_symmetric(tree: ast.Expr, fields: int) -> bool:
    """Whether the rule compares a count of fields, each tested once, with a number."""
    match tree:
        case ast.Call(args=[counted, ast.Literal()]):
            return len(_terms(counted)) == fields
    return False


def _terms(counted: ast.Expr) -> set[str]:
    """The fields of `[has(self.a), ...].filter(...).size()` or `(has(self.a) ? 1 : 0) + ...`; else none."""
    match counted:
        case ast.Call(function="size", target=ast.Comprehension() as fold, args=[]):
            items = fold.range.elements if isinstance(fold.range, ast.ListExpr) else []
            inside = [node for part in _children(fold)[1:] for node in _nodes(part)]
            tests = [item.field for item in items if isinstance(item, ast.Select) and item.test]
            plain = len(set(tests)) == len(items) and not any(isinstance(node, ast.Select) for node in inside)
            return set(tests) if plain else set()
        case ast.Call(function="_+_", args=[left, right]):
            one, other = _terms(left), _terms(right)
            return one | other if one and other and not one & other else set()
        case ast.Call(
            function="_?_:_",
            args=[ast.Select(test=True, field=field), ast.Literal(value=1), ast.Literal(value=0)],
        ):
            return {field}
    return set()


@dataclass(slots=True)
class _Run:
    """Evaluates one tree for one state of the fields."""

    present: frozenset[str]
    texts: Texts

    def allows(self, tree: ast.Expr) -> bool:
        try:
            return self._value(tree, {}) is True
        except _Fault:
            return False

    def _value(self, node: ast.Expr, bound: Mapping[str, Value]) -> Value:
        match node:
            case ast.Literal(value=bool() | int() | str() as value):
                return value
            case ast.Ident(name=name):
                return bound[name]
            case ast.Select(field=field, test=test):
                return self._field(unescape(field) or field, test)
            case ast.ListExpr(elements=elements):
                return [self._value(element, bound) for element in elements]
            case ast.Comprehension():
                return self._fold(node, bound)
            case ast.Call():
                return self._call(node, bound)
        raise _Fault

    def _field(self, name: str, test: bool) -> Value:
        if test:
            return name in self.present or name in self.texts
        if name not in self.texts:
            raise _Fault
        return self.texts[name]

    def _fold(self, node: ast.Comprehension, bound: Mapping[str, Value]) -> Value:
        items = self._value(node.range, bound)
        if not isinstance(items, list):
            raise _Fault
        result = self._value(node.init, bound)
        for item in items:
            inner = {**bound, node.var: item, node.accumulator: result}
            result = self._value(node.step, inner)
        return self._value(node.result, {**bound, node.accumulator: result})

    def _call(self, node: ast.Call, bound: Mapping[str, Value]) -> Value:
        args = node.args if node.target is None else [node.target, *node.args]
        match node.function:
            case "_&&_" | "_||_":
                return self._junction(args, bound, decisive=node.function == "_||_")
            case "_?_:_":
                return self._value(args[1] if self._truth(args[0], bound) else args[2], bound)
            case "!_":
                return not self._truth(args[0], bound)
        values = [self._value(arg, bound) for arg in args]
        match node.function, values:
            case "_==_", [left, right]:
                return _same(left, right)
            case "_!=_", [left, right]:
                return not _same(left, right)
            case "size", [list() | str() as whole]:
                return len(whole)
            case "@in", [item, list() as items]:
                return any(_same(item, other) for other in items)
            case "_+_", [list() as left, list() as right]:
                return [*left, *right]
            case "_+_", [int() as left, int() as right] if not {type(left), type(right)} & {bool}:
                return left + right
            case symbol, [left, right] if symbol in _COMPARISONS and type(left) is type(right) is int:
                return _COMPARISONS[symbol](left, right)
        raise _Fault

    def _truth(self, node: ast.Expr, bound: Mapping[str, Value]) -> bool:
        value = self._value(node, bound)
        if not isinstance(value, bool):
            raise _Fault
        return value

    def _junction(self, args: list[ast.Expr], bound: Mapping[str, Value], *, decisive: bool) -> bool:
        """An error on one side counts only where the other does not decide."""
        faults = 0
        for arg in args:
            try:
                if self._truth(arg, bound) is decisive:
                    return decisive
            except _Fault:
                faults += 1
        if faults:
            raise _Fault
        return not decisive


def _same(left: Value, right: Value) -> bool:
    return type(left) is type(right) and left == right
