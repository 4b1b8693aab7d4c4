"""Conditions by their text, and what is known of them: which hold, what follows, what holds for all of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from opgen.apiextensions.cel.ast import Call, Comprehension, Expr, Ident, ListExpr, Literal, Select, children
from opgen.apiextensions.cel.escaping import unescape
from opgen.ir.schema import Schema

COMPARISONS = frozenset(("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"))
ATOMS = COMPARISONS | {"@in", "matches", "startsWith", "endsWith", "contains"}
_STRICT = ATOMS | {"_+_", "_-_", "size"}


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


_Implication = tuple[str, bool, Expr, bool]
"""If the condition of this key has this value, that other one has that value."""


@dataclass(frozen=True, slots=True)
class Known:
    """Conditions that hold (True) or don't, by key; what follows from others; what holds for all elements of a list."""

    truths: Mapping[str, bool] = field(default_factory=dict)
    universals: tuple[Comprehension, ...] = ()
    implications: tuple[_Implication, ...] = ()
    composed: tuple[tuple[Expr, bool], ...] = ()
    memberships: tuple[tuple[str, frozenset[str], bool], ...] = ()
    impossible: bool = False

    def assume(self, node: Expr, value: bool) -> Known:
        """With one more condition, which was evaluated without an error."""
        own = key(node)
        if self.truths.get(own) is value:
            return self
        if own in self.truths:
            return replace(self, impossible=True)
        known = replace(self, truths={**self.truths, own: value})
        if isinstance(node, Call) and node.function in ("_||_", "_&&_", "_?_:_"):
            known = replace(known, composed=(*known.composed, (node, value)))
        listed = _listed(node)
        if listed is not None:
            known = replace(known, memberships=(*known.memberships, (*listed, value)))
            if not value and isinstance(node, Call) and isinstance(node.args[1], ListExpr):
                for item in filter(_constant, node.args[1].elements):
                    known = known.assume(Call(node.offset, "_==_", None, [node.args[0], item]), False)
        known = known._parts(node, value)
        for mark, when, then, result in known.implications:
            if mark == own and when is value:
                known = known.assume(then, result)
        return known

    def member(self, node: Call) -> bool | None:
        """What follows for `x in [...]` from other lists that x is in or not, and from what x equals."""
        listed = _listed(node)
        if listed is None:
            return None
        element, items = listed
        risky = _risky(node)
        for other, others, value in self.memberships:
            if other == element and (others <= items and risky <= others if value else items <= others):
                return value
        if not risky and any(self.truths.get(f"_==_({element}, {item})") for item in items):
            return True
        return None

    def _parts(self, node: Expr, value: bool) -> Known:
        match node:
            case Call(function="!_", args=[inner]):
                return self.assume(inner, not value)
            case Call(function="_&&_" | "_||_", args=[left, right]):
                if value is (node.function == "_&&_"):
                    return self.assume(left, value).assume(right, value)
                return self._follows(left, not value, right, value)._follows(right, not value, left, value)
            case Call(function="_?_:_", args=[condition, first, second]):
                known = self.reached(condition)
                return known._follows(condition, True, first, value)._follows(condition, False, second, value)
            case Comprehension():
                known = self.reached(node.range)
                if value and quantifier(node) == "all":
                    known = replace(known, universals=(*known.universals, node))
                return known
            case Select(operand=operand, test=True):
                return self.reached(operand)
            case Call(function=function) if function in _STRICT:
                known = self
                for part in children(node):
                    known = known.reached(part)
                return known
            case _:
                return self

    def _follows(self, condition: Expr, when: bool, then: Expr, result: bool) -> Known:
        while isinstance(condition, Call) and condition.function == "!_":
            condition, when = condition.args[0], not when
        mark = key(condition)
        if self.truths.get(mark) is when:
            return self.assume(then, result)
        return replace(self, implications=(*self.implications, (mark, when, then, result)))

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
        return replace(
            self,
            truths={text: value for text, value in self.truths.items() if mark not in text},
            implications=tuple(
                known for known in self.implications if mark not in known[0] and mark not in key(known[2])
            ),
            composed=tuple(known for known in self.composed if mark not in key(known[0])),
            memberships=tuple(
                known
                for known in self.memberships
                if mark not in known[0] and not any(mark in k for k in known[1])
            ),
        )


def _listed(node: Expr) -> tuple[str, frozenset[str]] | None:
    """The keys of an element and of the items of the list that it is looked for in."""
    match node:
        case Call(function="@in", args=[element, ListExpr(elements=elements) as items]) if (
            not items.optionals
        ):
            return key(element), frozenset(map(key, elements))
    return None


def _risky(node: Call) -> frozenset[str]:
    """The items that may be an error: all but constants."""
    match node.args[1]:
        case ListExpr(elements=elements):
            return frozenset(key(item) for item in elements if not _constant(item))
    return frozenset()


def _constant(node: Expr) -> bool:
    return isinstance(node, Literal) or (
        isinstance(node, ListExpr) and not node.optionals and all(map(_constant, node.elements))
    )


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


def predicate_of(node: Comprehension) -> Expr:
    assert isinstance(node.step, Call)
    return node.step.args[1]


def is_unique(node: Comprehension, old: Schema | None) -> bool:
    """Whether it says of a list of type map that its keys are unique: all(x, list.exists_one(y, x.k == y.k))."""
    inner = predicate_of(node)
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
