"""Rules that guard what they read by has(), with and without the guard: rules are made robust so, not stricter."""

from __future__ import annotations

from collections.abc import Iterable

from opgen.apiextensions.cel.ast import Call, Comprehension, Expr, Literal, Select, children, conjuncts
from opgen.apiextensions.compare.conditions import key, quantifier


def unguarded(node: Expr, *, positive: bool = True) -> Expr:
    """A condition that is no weaker, without `has(x)` beside what reads x: where that is no error, they are the same.

    `positive` says that the whole can't come true by this part failing: there `a && has(x) ? b : true` may ask for b
    whenever a.
    """
    match node:
        case Call(function="_&&_"):
            parts = [unguarded(part, positive=positive) for part in conjuncts(node)]
            kept = [
                part for part in parts if not _is_guard(part, [other for other in parts if other is not part])
            ]
            return _joined(node.offset, kept or parts)
        case Call(function="_?_:_", args=[condition, first, second]):
            parts = conjuncts(unguarded(condition, positive=False))
            if positive and isinstance(second, Literal) and second.value is True:
                parts = [part for part in parts if not (isinstance(part, Select) and part.test)] or parts
            branches = [unguarded(part, positive=positive) for part in (first, second)]
            return Call(node.offset, node.function, None, [_joined(node.offset, parts), *branches])
        case Call(function=function, target=target, args=args):
            owner = None if target is None else unguarded(target, positive=False)
            return Call(node.offset, function, owner, [unguarded(part, positive=False) for part in args])
        case Comprehension():
            inner = positive and quantifier(node) == "all"
            return with_step(node, unguarded(node.step, positive=inner), node.range)
        case _:
            return node


def _joined(offset: int, parts: list[Expr]) -> Expr:
    whole = parts[0]
    for part in parts[1:]:
        whole = Call(offset, "_&&_", None, [whole, part])
    return whole


def _is_guard(node: Expr, others: Iterable[Expr]) -> bool:
    if not isinstance(node, Select) or not node.test:
        return False
    read = key(Select(node.offset, node.operand, node.field))
    return any(_reads(other, read) for other in others)


def _reads(node: Expr, path: str) -> bool:
    """Whether evaluating the node always reads the path."""
    if isinstance(node, Select) and not node.test and key(node) == path:
        return True
    match node:
        case Call(function="_&&_" | "_||_" | "_?_:_"):
            return False
        case Comprehension():
            return _reads(node.range, path)
        case _:
            return any(_reads(part, path) for part in children(node))


def with_step(node: Comprehension, step: Expr, span: Expr) -> Comprehension:
    """The fold over another range, with another step."""
    return Comprehension(
        node.offset, span, node.var, node.accumulator, node.init, node.condition, step, node.result, node.var2
    )
