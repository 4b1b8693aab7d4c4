"""The CEL rules of one schema node in parts: their trees, and what any part of one says of a value.

The search asks which part of a rule fails and what would mend it; loops are unrolled by writing the item's place for
the loop's variable, so that every part speaks of `self` alone.
"""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.ast import (
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
)
from opgen.apiextensions.cel.checker import check
from opgen.apiextensions.cel.environment import Environment
from opgen.apiextensions.cel.escaping import unescape
from opgen.apiextensions.cel.parser import parse
from opgen.apiextensions.cel.plan import Program, plan
from opgen.apiextensions.cel.schema_types import declared, structs, with_object_meta
from opgen.apiextensions.cel.source import Source
from opgen.apiextensions.cel.unstructured import Shape
from opgen.apiextensions.cel.values import NONE, CelError, CostExceeded, Unsupported
from opgen.emit.samples.plan import Path
from opgen.ir.schema import JSON, Schema


class Rules:
    """The rules of one node. `trees` holds those that can be read, in order; those about updates are left out."""

    def __init__(self, schema: Schema, *, root: bool) -> None:
        node = declared(schema, root=root)
        self._environment: Environment | None = None
        self.trees: list[Expr] = []
        if node is None:
            return
        variables = {"self": node.type, "oldSelf": types.optional_of(node.type)}
        self._environment = Environment(variables, structs(node))
        self._shape = Shape(with_object_meta(schema) if root else schema)
        self._programs: dict[int, tuple[Expr, Program | None]] = {}
        for rule in schema.x_validations:
            updates = "oldSelf" in rule.rule and not rule.optional_old_self
            source = Source(rule.rule)
            tree = parse(source)
            if not source.issues and not updates:
                self.trees.append(tree)

    def says(self, part: Expr, value: JSON) -> Any:
        """What a part says of a value of the node; None where it is an error or can't be run."""
        program = self._program(part)
        if program is None:
            return None
        try:
            result, _ = program.evaluate(self._shape.convert(value), NONE)
        except (CelError, CostExceeded, Unsupported, RecursionError):
            return None
        return None if isinstance(result, CelError) else result

    def _program(self, part: Expr) -> Program | None:
        known = self._programs.get(id(part))
        if known is None:
            known = part, self._planned(part)
            self._programs[id(part)] = known
        return known[1]

    def _planned(self, part: Expr) -> Program | None:
        if self._environment is None:
            return None
        source = Source("")
        tree = substituted(part, {})
        try:
            check(source, tree, self._environment)
            return None if source.issues else plan(tree)
        except (CelError, Unsupported, RecursionError):
            return None


def substituted(node: Expr, bound: dict[str, Expr]) -> Expr:
    """A copy in which expressions stand for names."""
    match node:
        case Ident(name=name) if name in bound:
            return substituted(bound[name], {})
        case Literal():
            return Literal(node.offset, node.value)
        case Ident():
            return Ident(node.offset, node.name)
        case Select():
            return Select(node.offset, substituted(node.operand, bound), node.field, node.test)
        case Call():
            target = None if node.target is None else substituted(node.target, bound)
            return Call(node.offset, node.function, target, [substituted(arg, bound) for arg in node.args])
        case ListExpr():
            return ListExpr(node.offset, [substituted(e, bound) for e in node.elements], node.optionals)
        case MapExpr():
            entries = [
                Entry(e.offset, substituted(e.key, bound), substituted(e.value, bound), e.optional)
                for e in node.entries
            ]
            return MapExpr(node.offset, entries)
        case Comprehension():
            inner = {
                name: e for name, e in bound.items() if name not in (node.var, node.var2, node.accumulator)
            }
            return Comprehension(
                node.offset, substituted(node.range, bound), node.var, node.accumulator, substituted(node.init, bound),
                substituted(node.condition, inner), substituted(node.step, inner), substituted(node.result, inner),
                node.var2,
            )  # fmt: skip
        case StructExpr():
            return node
    return node


def place_of(node: Expr) -> Path | None:
    """The place below `self` that an expression names, or None where it names none."""
    match node:
        case Ident(name="self"):
            return ()
        case Select(operand=operand, field=field, test=False):
            name = unescape(field)
            above = place_of(operand)
            return None if above is None or name is None else (*above, name)
        case Call(function="_[_]" | "_?._" | "_[?_]", args=[operand, Literal(value=str() | int() as step)]):
            if isinstance(step, bool):
                return None
            above = place_of(operand)
            return (
                None if above is None else (*above, unescape(step) or step if isinstance(step, str) else step)
            )
        case Call(function="orValue" | "value", target=target) if target is not None:
            return place_of(target)
    return None
