"""The tree of an expression, after macros: what the parser makes and the checker annotates.

`offset` is where an error about the node is shown; `type` and, for calls, `overloads` come from the checker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from opgen.apiextensions.cel.types import DYN, Type
from opgen.apiextensions.cel.values import Unsupported

LiteralValue: TypeAlias = "bool | int | float | str | bytes | None"
ACCUMULATOR = "@result"


@dataclass(slots=True, eq=False)
class Literal:
    """A constant; `value` is a CEL value (`values.UInt` for unsigned integers)."""

    offset: int
    value: LiteralValue
    type: Type = DYN


@dataclass(slots=True, eq=False)
class Ident:
    """A name. `name` is what the checker resolved it to."""

    offset: int
    name: str
    type: Type = DYN
    type_name: str = ""


@dataclass(slots=True, eq=False)
class Select:
    """`operand.field`, or with `test` the presence test that `has()` makes of it.

    `ident` is set where the whole chain is the qualified name of a declaration.
    """

    offset: int
    operand: Expr
    field: str
    test: bool = False
    type: Type = DYN
    ident: Ident | None = None


@dataclass(slots=True, eq=False)
class Call:
    """A function, operator or method (`target`) applied to arguments; `overloads` are those that may apply."""

    offset: int
    function: str
    target: Expr | None
    args: list[Expr]
    type: Type = DYN
    overloads: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class ListExpr:
    """`[a, ?b]`; `optionals` are the indices of elements with a question mark."""

    offset: int
    elements: list[Expr]
    optionals: frozenset[int] = frozenset()
    type: Type = DYN


@dataclass(slots=True, eq=False)
class Entry:
    """One `key: value` of a map."""

    offset: int
    key: Expr
    value: Expr
    optional: bool = False


@dataclass(slots=True, eq=False)
class MapExpr:
    """`{key: value}`."""

    offset: int
    entries: list[Entry]
    type: Type = DYN


@dataclass(slots=True, eq=False)
class StructField:
    """One `name: value` of a message literal."""

    offset: int
    name: str
    value: Expr
    optional: bool = False


@dataclass(slots=True, eq=False)
class StructExpr:
    """`Name{field: value}`."""

    offset: int
    name: str
    fields: list[StructField]
    type: Type = DYN


@dataclass(slots=True, eq=False)
class Comprehension:
    """The fold that macros expand into; `var2` is set for the two-variable forms."""

    offset: int
    range: Expr
    var: str
    accumulator: str
    init: Expr
    condition: Expr
    step: Expr
    result: Expr
    var2: str = ""
    type: Type = DYN


@dataclass(slots=True, eq=False)
class Bad:
    """Stands for an expression that did not parse; the error is reported elsewhere."""

    offset: int
    type: Type = field(default=DYN)


Expr: TypeAlias = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Comprehension | Bad


def children(node: Expr) -> Iterator[Expr]:
    """The direct parts of a node, in the order in which CEL walks them."""
    match node:
        case Select():
            yield node.operand
        case Call():
            if node.target is not None:
                yield node.target
            yield from node.args
        case ListExpr():
            yield from node.elements
        case MapExpr():
            for entry in node.entries:
                yield entry.key
                yield entry.value
        case StructExpr():
            for part in node.fields:
                yield part.value
        case Comprehension():
            yield from (node.range, node.init, node.condition, node.step, node.result)
        case _:
            return


def qualified_name(node: Expr) -> str | None:
    """`a.b.c` if the node is nothing but names and dots."""
    names: list[str] = []
    while isinstance(node, Select) and not node.test:
        names.append(node.field)
        node = node.operand
    if not isinstance(node, Ident):
        return None
    return ".".join([node.name, *reversed(names)])


def conjuncts(node: Expr) -> list[Expr]:
    """The parts that all have to hold: those of `&&`, or the one that it is."""
    if isinstance(node, Call) and node.function == "_&&_":
        return [part for side in node.args for part in conjuncts(side)]
    return [node]


MOST_COPIED = 2_000


def copy(node: Expr) -> Expr:
    """A deep copy, for macros that use an operand twice; nested, they double it every time."""
    waiting, count = [node], 0
    while waiting:
        count += 1
        if count > MOST_COPIED:
            raise Unsupported("macros that expand too far")
        waiting += children(waiting.pop())
    return _copy(node)


def _copy(node: Expr) -> Expr:
    match node:
        case Literal():
            return Literal(node.offset, node.value)
        case Ident():
            return Ident(node.offset, node.name)
        case Select():
            return Select(node.offset, _copy(node.operand), node.field, node.test)
        case Call():
            target = None if node.target is None else _copy(node.target)
            return Call(node.offset, node.function, target, [_copy(a) for a in node.args])
        case ListExpr():
            return ListExpr(node.offset, [_copy(e) for e in node.elements], node.optionals)
        case MapExpr():
            entries = [Entry(e.offset, _copy(e.key), _copy(e.value), e.optional) for e in node.entries]
            return MapExpr(node.offset, entries)
        case StructExpr():
            fields = [StructField(f.offset, f.name, _copy(f.value), f.optional) for f in node.fields]
            return StructExpr(node.offset, node.name, fields)
        case Comprehension():
            return Comprehension(
                node.offset,
                _copy(node.range),
                node.var,
                node.accumulator,
                _copy(node.init),
                _copy(node.condition),
                _copy(node.step),
                _copy(node.result),
                node.var2,
            )
        case Bad():
            return Bad(node.offset)
