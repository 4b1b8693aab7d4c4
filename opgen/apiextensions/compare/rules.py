"""x-kubernetes-validations of one node, before and after.

A rule that no object of the old definition can break is no alarm: what is new is looked at by `outcomes`, beside
the old rules, which those objects obeyed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opgen.apiextensions.cel.ast import Expr, Ident, children
from opgen.apiextensions.cel.parser import parse
from opgen.apiextensions.cel.source import Source
from opgen.apiextensions.cel.values import Unsupported
from opgen.apiextensions.compare.abstract import TRUE
from opgen.apiextensions.compare.conditions import Known, key
from opgen.apiextensions.compare.guards import unguarded
from opgen.apiextensions.compare.outcomes import Evaluator, Exhausted
from opgen.apiextensions.compare.reasons import Reason
from opgen.apiextensions.compare.where import Where
from opgen.ir.schema import Schema, ValidationRule

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule with its tree; None where it can't be read, and the text stands for it."""

    rule: ValidationRule
    tree: Expr | None
    key: str

    @property
    def shown(self) -> str:
        text = " ".join(self.rule.rule.split())
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def rules(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    """What the rules of one node ask for now."""
    if old.x_validations == new.x_validations:
        return
    before, after = [_read(rule) for rule in old.x_validations], [_read(rule) for rule in new.x_validations]
    was: dict[str, set[bool]] = {}
    for rule in before:
        was.setdefault(rule.key, set()).add(bool(rule.rule.optional_old_self))
    for index, rule in enumerate(after):
        place = f"x-kubernetes-validations[{index}]"
        if rule.key not in was:
            yield from _added(rule, before, old, new, where, place)
        elif rule.rule.optional_old_self and True not in was[rule.key]:
            yield where.reason("rule-added", f"the rule {rule.shown} holds for new objects too", place)
    for rule in before:
        alike = [other.rule for other in after if other.key == rule.key]
        if not alike:
            if not _holds(rule, after, new, new):
                yield where.reason("rule-removed", f"the rule {rule.shown} is gone")
            continue
        if rule.rule.optional_old_self and not any(other.optional_old_self for other in alike):
            yield where.reason("rule-removed", f"the rule {rule.shown} no longer holds for new objects")
        if all(_answer(other) != _answer(rule.rule) for other in alike):
            text = f"the rule {rule.shown} answers {_answer(alike[0])}, not {_answer(rule.rule)}"
            yield where.reason("rule-reason-changed", text, "x-kubernetes-validations")


def _answer(rule: ValidationRule) -> str:
    """The machine-readable reason of a refusal."""
    return rule.reason or "FieldValueInvalid"


def _added(
    rule: _Rule, before: Sequence[_Rule], old: Schema, new: Schema, where: Where, place: str
) -> Iterator[Reason]:
    if _holds(rule, before, old, new):
        yield where.reason("rule-harmless", f"the rule {rule.shown} is new, and old objects keep it", place)
        return
    transition = rule.tree is not None and _mentions(rule.tree, "oldSelf")
    yield where.reason(
        "transition-rule-added" if transition else "rule-added", f"the rule {rule.shown} is new", place
    )


def _holds(rule: _Rule, others: Sequence[_Rule], old: Schema, new: Schema) -> bool:
    """Whether the rule can't fail for an object of `old` that keeps the others."""
    if rule.tree is None:
        return False
    evaluator = Evaluator(old, new)
    try:
        wanted = evaluator.simplified(rule.tree, Known())
        premises = [
            evaluator.simplified(other.tree, Known())
            for other in others
            if other.tree is not None and not _mentions(other.tree, "oldSelf")
        ]
        known = Known()
        for premise in premises:
            known = known.assume(premise, True)
        return any(evaluator.proved(form, known, premises) == TRUE for form in (wanted, unguarded(wanted)))
    except (Exhausted, RecursionError):
        return False


def _read(rule: ValidationRule) -> _Rule:
    source = Source(rule.rule)
    try:
        tree = parse(source)
        if not source.issues:
            return _Rule(rule, tree, key(tree))
    except (Unsupported, RecursionError):
        pass  # the text stands for a rule that is too deep to be read
    return _Rule(rule, None, " ".join(rule.rule.split()))


def _mentions(tree: Expr, name: str) -> bool:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Ident) and node.name == name:
            return True
        waiting.extend(children(node))
    return False
