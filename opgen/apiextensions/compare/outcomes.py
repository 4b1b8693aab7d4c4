"""Whether a rule can fail for an object that the old definition took: abstract evaluation of its expression.

`Known` holds what is taken for true: the old rules, and inside `a && b`, `a || b` and `a ? b : c` what the part
before has decided. In doubt, everything can come out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from opgen.apiextensions.cel.ast import (
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
from opgen.apiextensions.compare.conditions import (
    ATOMS,
    COMPARISONS,
    Known,
    is_unique,
    key,
    predicate_of,
    quantifier,
)
from opgen.apiextensions.compare.guards import with_step
from opgen.apiextensions.compare.unions import is_new
from opgen.ir.schema import Schema

MOST_STEPS = 40_000
MOST_CASES = 8
"""How many undecided conditions are gone through, true and false each."""


class Exhausted(Exception):
    """The expression is too large to be looked through."""


class Evaluator:
    """Evaluates expressions over `self`, a node of the old and the new schema."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._names: dict[str, Abstract] = {"self": Field(old, new), "oldSelf": Other(fails=False)}
        self._steps = 0

    def proved(self, node: Expr, known: Known, premises: Sequence[Expr], depth: int = MOST_CASES) -> Outcomes:
        """As `truth`, going through the cases of what neither the premises nor the schemas decide."""
        outcomes = self.truth(node, known)
        atom = None if outcomes == TRUE or depth == 0 else self._undecided((node, *premises), known)
        if atom is None:
            return outcomes
        found: Outcomes = frozenset()
        for value in (True, False):
            case = known.assume(atom, value)
            if self._is_possible(case):
                found |= self.proved(node, case, premises, depth - 1)
        return found or TRUE  # no case is left: nothing like it can be

    def _is_possible(self, known: Known) -> bool:
        """Whether what is known as a whole fits to what is known of its parts."""
        if known.impossible:
            return False
        plain = replace(known, implications=(), composed=())  # what follows from the whole would confirm it
        return all(
            (Outcome.TRUE if value else Outcome.FALSE) in self.truth(node, plain, fresh=True)
            for node, value in known.composed
        )

    def _undecided(self, nodes: Iterable[Expr], known: Known) -> Expr | None:
        """A condition that can be true or false, and nothing else."""
        for node in nodes:
            if isinstance(node, Comprehension):
                continue
            if isinstance(node, Call) and node.function == "_?_:_":
                condition = node.args[0]  # as a whole: the premises ask the same often
                if key(condition) not in known.truths and self.truth(condition, known) == EITHER:
                    return condition
            found = self._undecided(children(node), known)
            if found is not None:
                return found
            is_atom = isinstance(node, Select) and node.test
            is_atom = is_atom or (isinstance(node, Call) and node.function in ATOMS)
            if is_atom and key(node) not in known.truths and self.truth(node, known) == EITHER:
                return node
        return None

    def simplified(self, node: Expr, known: Known) -> Expr:
        """The same condition without what the schemas decide (has() of a required field), and without `!=`."""
        self._step()
        match node:
            case Call(function="_&&_" | "_||_", args=[left, right]):
                left, right = self.simplified(left, known), self.simplified(right, known)
                stop = node.function == "_||_"
                for part, other in ((left, right), (right, left)):
                    if isinstance(part, Literal) and isinstance(part.value, bool):
                        return part if part.value is stop else other
                return Call(node.offset, node.function, None, [left, right])
            case Call(function="_?_:_", args=[condition, first, second]):
                condition = self.simplified(condition, known)
                if isinstance(condition, Literal):
                    return self.simplified(first if condition.value is True else second, known)
                branches = [self.simplified(first, known), self.simplified(second, known)]
                return Call(node.offset, node.function, None, [condition, *branches])
            case Select(test=True):
                outcomes = self.truth(node, known)
                return node if outcomes not in (TRUE, FALSE) else Literal(node.offset, outcomes == TRUE)
            case Call(function=function, target=target):
                parts = [self.simplified(part, known) for part in node.args]
                if function == "!_" and isinstance(parts[0], Literal):
                    return Literal(node.offset, parts[0].value is not True)
                if function == "_!=_":
                    return Call(node.offset, "!_", None, [Call(node.offset, "_==_", None, parts)])
                owner = None if target is None else self.simplified(target, known)
                return Call(node.offset, function, owner, parts)
            case Comprehension():
                return self._simplified_fold(node, known)
            case _:
                return node

    def _simplified_fold(self, node: Comprehension, known: Known) -> Expr:
        over = self.value(node.range, known)
        saved = dict(self._names)
        self._names[node.var] = _element(over) if isinstance(over, Field) else Other()
        try:
            inner = known.without(node.var)
            if quantifier(node) and isinstance(
                node.step, Call
            ):  # stays one, whatever becomes of its condition
                parts = [node.step.args[0], self.simplified(node.step.args[1], inner)]
                step: Expr = Call(node.step.offset, node.step.function, None, parts)
            else:
                step = self.simplified(node.step, inner)
        finally:
            self._names = saved
        return with_step(node, step, self.simplified(node.range, known))

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Exhausted

    def truth(self, node: Expr, known: Known, *, fresh: bool = False) -> Outcomes:
        """What can come out of a condition; `fresh` looks at its parts although it is known as a whole."""
        decided = None if fresh or isinstance(node, Literal | Ident) else known.truths.get(key(node))
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
                return as_truth(self.value(node, known, fresh=True))

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

    def value(self, node: Expr, known: Known, *, fresh: bool = False) -> Abstract:
        """What can come out of an expression; `fresh` as in `truth`."""
        self._step()
        if not fresh and isinstance(node, Call | Comprehension | Select) and key(node) in known.truths:
            return Truth(TRUE if known.truths[key(node)] else FALSE)
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
            case "_[_]", [collection, Literal(value=int() as index)]:
                return _at(self.value(collection, known), index, collection, known)
            case "@in", [_, _] if (decided := known.member(node)) is not None:
                return Truth(TRUE if decided else FALSE)
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
        span = key(node.range)
        alike = [other for other in known.universals if other.var == node.var and key(other.range) == span]
        premises = [predicate_of(other) for other in alike]
        for premise in premises:
            known = known.assume(premise, True)
        outcomes = self.proved(predicate_of(node), known, premises)
        if quantifier(node) == "all" and is_unique(node, over.old):
            outcomes = TRUE
        error: Outcomes = ERROR if over.fails else frozenset()
        return outcomes | (TRUE if quantifier(node) == "all" else FALSE) | error


def _at(collection: Abstract, index: int, node: Expr, known: Known) -> Abstract:
    """An element by its index, which is an error beyond the end: unless the size was looked at before."""
    if not isinstance(collection, Field) or collection.absent or index < 0:
        return Other()
    element = _element(collection)
    within = any(
        known.truths.get(f"{function}({size_of}({key(node)}), int:{number})")
        for size_of in ("size.", "size")
        for function, number in (("_>_", index), ("_>=_", index + 1))
    )
    if within and not collection.fails and isinstance(element, Field):
        return element
    return replace(element, fails=True) if isinstance(element, Field) else Other()


_BINARY = COMPARISONS | {"_+_", "_-_"}


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
