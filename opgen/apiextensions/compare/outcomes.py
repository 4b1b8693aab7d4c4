"""Whether a rule can fail for an object that the old definition took: abstract evaluation of its expression.

`Known` holds what is taken for true: the old rules, and inside `a && b`, `a || b` and `a ? b : c` what the part
before has decided. In doubt, everything can come out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from opgen.apiextensions.cel.ast import (
    ACCUMULATOR,
    Call,
    Comprehension,
    Expr,
    Ident,
    ListExpr,
    Literal,
    Select,
    children,
)
from opgen.apiextensions.cel.escaping import unescape
from opgen.apiextensions.compare.abstract import (
    EITHER,
    ERROR,
    FALSE,
    TRUE,
    UNKNOWN,
    Abstract,
    Constant,
    Field,
    Items,
    Number,
    Other,
    Outcome,
    Outcomes,
    Truth,
    as_number,
    as_truth,
    below,
    equals,
    fails,
    joined,
    negated,
    size,
)
from opgen.apiextensions.compare.unions import is_new
from opgen.ir.schema import Schema

MOST_STEPS = 20_000
_STRICT = frozenset(
    ("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_+_", "_-_", "size", "matches", "startsWith", "endsWith")
)


class Exhausted(Exception):
    """The expression is too large to be looked through."""


def key(node: Expr) -> str:
    """The same for expressions that are the same, whatever their layout."""
    match node:
        case Literal(value=value):
            return f"{type(value).__name__}:{value!r}"
        case Ident(name=name):
            return f"`{name}`"
        case Select(operand=operand, field=name, test=test):
            return f"{'has ' if test else ''}{key(operand)}.{name}"
        case Comprehension():
            head = f"fold `{node.var}` `{node.var2}` `{node.accumulator}`"
            return f"{head}({', '.join(map(key, children(node)))})"
        case Call(function=function, target=target):
            return f"{function}{'.' if target is not None else ''}({', '.join(map(key, children(node)))})"
        case _:
            return f"{type(node).__name__}({', '.join(map(key, children(node)))})"


@dataclass(frozen=True, slots=True)
class Known:
    """Conditions that hold (True) or don't, by key; and what holds for all elements of a list."""

    truths: Mapping[str, bool] = field(default_factory=dict)
    universals: tuple[Comprehension, ...] = ()

    def assume(self, node: Expr, value: bool) -> Known:
        """With one more condition, which was evaluated without an error."""
        known = replace(self, truths={**self.truths, key(node): value})
        match node:
            case Call(function="!_", args=[inner]):
                return known.assume(inner, not value)
            case Call(function="_&&_", args=parts) if value:
                return known.assume(parts[0], True).assume(parts[1], True)
            case Call(function="_||_", args=parts) if not value:
                return known.assume(parts[0], False).assume(parts[1], False)
            case Comprehension() if value and quantifier(node) == "all":
                return replace(known, universals=(*known.universals, node))
            case Select(operand=operand, test=True):
                return known.reached(operand)
            case Call(function=function) if function in _STRICT:
                for part in children(node):
                    known = known.reached(part)
                return known
            case _:
                return known

    def reached(self, node: Expr) -> Known:
        """With everything present that evaluating `node` reads."""
        match node:
            case Select(operand=operand, field=name, test=False):
                present = Select(node.offset, operand, name, test=True)
                known = replace(self, truths={**self.truths, key(present): True})
                return known.reached(operand)
            case Select(operand=operand, test=True):
                return self.reached(operand)
            case Call(function=function) if function in _STRICT:
                known = self
                for part in children(node):
                    known = known.reached(part)
                return known
            case _:
                return self

    def without(self, variable: str) -> Known:
        """Without what is said of an outer variable of that name."""
        mark = f"`{variable}`"
        return replace(self, truths={text: value for text, value in self.truths.items() if mark not in text})


def quantifier(node: Comprehension) -> str:
    """all or exists, "" for other folds."""
    match node.step, node.init:
        case Call(function="_&&_", args=[Ident(name=name), _]), Literal(value=True) if (
            name == node.accumulator
        ):
            return "all"
        case Call(function="_||_", args=[Ident(name=name), _]), Literal(value=False) if (
            name == node.accumulator
        ):
            return "exists"
    return ""


def _predicate(node: Comprehension) -> Expr:
    assert isinstance(node.step, Call)
    return node.step.args[1]


class Evaluator:
    """Evaluates expressions over `self`, a node of the old and the new schema."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._names: dict[str, Abstract] = {"self": Field(old, new), "oldSelf": Other(fails=False)}
        self._steps = 0

    def truth(self, node: Expr, known: Known) -> Outcomes:
        """What can come out of a condition."""
        decided = known.truths.get(key(node)) if not isinstance(node, Literal | Ident) else None
        if decided is not None:
            return TRUE if decided else FALSE
        match node:
            case Call(function="_||_", args=[left, right]):
                return self._either(left, right, known, stop=True)
            case Call(function="_&&_", args=[left, right]):
                return self._either(left, right, known, stop=False)
            case Call(function="!_", args=[inner]):
                return negated(self.truth(inner, known))
            case Call(function="@not_strictly_false", args=[inner]):
                return TRUE if Outcome.FALSE not in self.truth(inner, known) else EITHER
            case _:
                return as_truth(self.value(node, known))

    def _either(self, left: Expr, right: Expr, known: Known, *, stop: bool) -> Outcomes:
        """`||`, which stops at true, or `&&`, which stops at false; an error on one side yields to the other."""
        stops, goes = (Outcome.TRUE, Outcome.FALSE) if stop else (Outcome.FALSE, Outcome.TRUE)
        first = self.truth(left, known)
        found: set[Outcome] = set()
        if stops in first:
            found.add(stops)
        if goes in first:
            found |= self.truth(right, known.assume(left, goes is Outcome.TRUE))
        if Outcome.ERROR in first:
            second = self.truth(right, known)
            found |= {outcome if outcome is stops else Outcome.ERROR for outcome in second}
        return frozenset(found)

    def value(self, node: Expr, known: Known) -> Abstract:
        """What can come out of an expression."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Exhausted
        match node:
            case Literal(value=bool() | int() | float() | str() | None as value):
                return Constant(value)
            case Ident(name=name):
                return self._names.get(name, Other())
            case Select(test=True):
                return Truth(self._has(node, known))
            case Select():
                return self._select(node, known)
            case ListExpr(elements=elements) if not node.optionals:
                parts = tuple(self.value(element, known) for element in elements)
                count = len(parts)
                return Items(Number(count, count, any(map(fails, parts))), parts)
            case Comprehension():
                return self._fold(node, known)
            case Call():
                return self._call(node, known)
            case _:
                return Other()

    def _select(self, node: Select, known: Known) -> Abstract:
        parent = self.value(node.operand, known)
        name = unescape(node.field)
        if not isinstance(parent, Field) or name is None:
            return Other()
        if parent.absent:
            return parent
        before, after = _child(parent.old, name), _child(parent.new, name)
        present = known.truths.get(key(Select(node.offset, node.operand, node.field, test=True)))
        if present:
            return Field(before, after)
        filled = after is not None and after.default is not None
        if parent.old is not None and is_new(name, parent.old) and not filled:
            return Field(before, after, absent=True)
        sure = filled or (parent.old is not None and name in parent.old.required)
        return Field(
            before, after, fails=parent.fails or not sure or (before is not None and before.nullable)
        )

    def _has(self, node: Select, known: Known) -> Outcomes:
        parent = self.value(node.operand, known)
        name = unescape(node.field)
        if not isinstance(parent, Field) or name is None or parent.old is None:
            return UNKNOWN
        if parent.absent:
            return ERROR
        error: Outcomes = ERROR if parent.fails else frozenset()
        after = _child(parent.new, name)
        if after is not None and after.default is not None and not after.nullable:
            return TRUE | error
        if name in parent.old.required:
            before = _child(parent.old, name)
            return (EITHER if before is None or before.nullable else TRUE) | error
        return (FALSE if is_new(name, parent.old) else EITHER) | error

    def _call(self, node: Call, known: Known) -> Abstract:
        arguments = ([] if node.target is None else [node.target]) + node.args
        match node.function, arguments:
            case "_?_:_", [condition, first, second]:
                return self._choice(condition, first, second, known)
            case (("_||_" | "_&&_" | "!_" | "@not_strictly_false"), _):
                return Truth(self.truth(node, known))
            case "size", [operand]:
                return size(self.value(operand, known))
            case "@in", [element, collection]:
                return Truth(self._in(self.value(element, known), self.value(collection, known)))
            case _, [left, right] if node.function in _BINARY:
                return _binary(node.function, self.value(left, known), self.value(right, known))
            case _:
                return Other()

    def _choice(self, condition: Expr, first: Expr, second: Expr, known: Known) -> Abstract:
        outcomes = self.truth(condition, known)
        found: list[Abstract] = []
        if Outcome.TRUE in outcomes:
            found.append(self.value(first, known.assume(condition, True)))
        if Outcome.FALSE in outcomes:
            found.append(self.value(second, known.assume(condition, False)))
        if not found:
            return Truth(ERROR)
        value = found[0] if len(found) == 1 else joined(*found)
        if Outcome.ERROR not in outcomes:
            return value
        number = as_number(value)
        if number is not None:
            return replace(number, fails=True)
        return Truth(as_truth(value) | ERROR) if isinstance(value, Truth | Constant) else Other()

    def _in(self, element: Abstract, collection: Abstract) -> Outcomes:
        if not isinstance(collection, Items) or collection.known is None:
            return UNKNOWN
        results = [equals(element, item) for item in collection.known]
        if any(result == TRUE for result in results):
            return TRUE
        found = frozenset().union(*results) if results else FALSE
        covered = isinstance(element, Field) and element.old is not None and element.old.enum
        if covered and isinstance(element, Field) and element.old is not None:
            listed = [item.value for item in collection.known if isinstance(item, Constant)]
            settled = element.new is None or element.new.default is None or element.new.default.json in listed
            if settled and all(item.json in listed for item in element.old.enum):
                return TRUE | (found & ERROR)
        return found

    def _fold(self, node: Comprehension, known: Known) -> Abstract:
        over = self.value(node.range, known)
        inner = known.without(node.var).without(node.accumulator).without(node.var2 or node.var)
        saved = dict(self._names)
        try:
            if isinstance(over, Items) and over.known is not None and not node.var2 and not over.size.fails:
                self._names[node.accumulator] = self.value(node.init, known)
                for element in over.known:
                    self._names[node.var] = element
                    self._names[node.accumulator] = self.value(node.step, inner)
                return self.value(node.result, inner)
            if isinstance(over, Field) and quantifier(node) and not node.var2:
                return Truth(self._quantified(node, over, inner))
            return Other()
        finally:
            self._names = saved

    def _quantified(self, node: Comprehension, over: Field, known: Known) -> Outcomes:
        if over.absent:
            return ERROR
        self._names[node.var] = _element(over)
        for other in known.universals:
            if key(other.range) == key(node.range) and other.var == node.var:
                known = known.assume(_predicate(other), True)
        outcomes = self.truth(_predicate(node), known)
        if quantifier(node) == "all" and _is_unique(node, over):
            outcomes = TRUE
        error: Outcomes = ERROR if over.fails else frozenset()
        return outcomes | (TRUE if quantifier(node) == "all" else FALSE) | error


def _is_unique(node: Comprehension, over: Field) -> bool:
    """Whether it says of a list of type map that its keys are unique: all(x, list.exists_one(y, x.k == y.k))."""
    inner, old = _predicate(node), over.old
    if not isinstance(inner, Comprehension) or key(inner.range) != key(node.range) or inner.var2:
        return False
    if old is None or old.x_list_type != "map" or old.items is None:
        return False
    match inner.step, inner.result:
        case Call(function="_?_:_", args=[predicate, _, _]), Call(
            function="_==_", args=[_, Literal(value=1)]
        ):
            fields = _compared(predicate, {node.var, inner.var})
            items = old.items
            return (
                fields is not None
                and set(old.x_list_map_keys) <= fields
                and all(
                    name in items.required
                    or (name in items.properties and items.properties[name].default is not None)
                    for name in fields
                )
            )
    return False


def _compared(predicate: Expr, variables: set[str]) -> set[str] | None:
    """The fields in which two elements are compared, None where that is not all that is asked."""
    match predicate:
        case Call(function="_&&_", args=[left, right]):
            one, other = _compared(left, variables), _compared(right, variables)
            return None if one is None or other is None else one | other
        case Call(
            function="_==_",
            args=[
                Select(operand=Ident(name=first), field=name, test=False),
                Select(operand=Ident(name=second), field=twin, test=False),
            ],
        ) if name == twin and {first, second} == variables:
            return {unescape(name) or name}
    return None


_BINARY = frozenset(("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_+_", "_-_"))


def _binary(function: str, left: Abstract, right: Abstract) -> Abstract:
    match function:
        case "_==_":
            return Truth(equals(left, right))
        case "_!=_":
            return Truth(negated(equals(left, right)))
        case "_<_" | "_<=_":
            return Truth(below(left, right, or_equal=function == "_<=_"))
        case "_>_" | "_>=_":
            return Truth(below(right, left, or_equal=function == "_>=_"))
    if isinstance(left, Items) and isinstance(right, Items):
        known = None if left.known is None or right.known is None else left.known + right.known
        return Items(_sum(left.size, right.size), known)
    one, other = as_number(left), as_number(right)
    if one is None or other is None:
        return Other()
    return _sum(one, other if function == "_+_" else Number(-other.high, -other.low, other.fails))


def _sum(one: Number, other: Number) -> Number:
    low, high = one.low + other.low, one.high + other.high
    overflow = high > 2**62 or low < -(2**62) or math.isnan(low + high)
    return Number(low, high, one.fails or other.fails or overflow)


def _child(schema: Schema | None, name: str) -> Schema | None:
    if schema is None:
        return None
    if name in schema.properties:
        return schema.properties[name]
    rest = schema.additional_properties
    return rest if isinstance(rest, Schema) else None


def _element(over: Field) -> Abstract:
    """An element of a list, or a key of a map."""
    if over.old is None or over.old.items is None:
        return Other(fails=False)
    return Field(over.old.items, None if over.new is None else over.new.items, fails=over.old.items.nullable)


__all__ = ["ACCUMULATOR", "Evaluator", "Exhausted", "Known", "key"]
