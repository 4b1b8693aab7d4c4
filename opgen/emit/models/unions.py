"""Finds the unions of an object: fields of which one is set, and fields that go with a discriminator's text.

Decided by trying out what the schema's formulas allow, whatever they are spelled like: an opgen `exactlyOneOf`,
controller-gen's rules, oneOf with `required`, `maxProperties: 1`. What only resembles a union is none.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from opgen.emit.models.bounds import tightened
from opgen.emit.models.formulas import Formula, Texts, formulas
from opgen.ir.schema import Schema

_MOST_TRIED = 6
"""So many fields are tried in all combinations; more only where just their number counts."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `fields` is set, or with `needed` False none of them. Wire names, sorted."""

    fields: tuple[str, ...]
    needed: bool


@dataclass(frozen=True, slots=True)
class Tagged:
    """Each text of the field `by` goes with one field, or with none; the others are absent then."""

    by: str
    members: Mapping[str, str | None]


Union: TypeAlias = Choice | Tagged


def unions(schema: Schema) -> tuple[Union, ...]:
    """The unions of an object's schema, in a fixed order."""
    found = [formula for formula in formulas(schema) if _is_about(formula, schema)]
    if not found:
        return ()
    free = {name for name, field in schema.properties.items() if _is_free(schema, name, field)}
    choices = sorted({choice for formula in found for choice in _choice(formula, free)}, key=_order)
    tags = [
        tagged for name in sorted(schema.properties) for tagged in _tagged(schema, name, found, choices, free)
    ]
    covered = [{member for member in tagged.members.values() if member} for tagged in tags]
    chosen = [choice for choice in choices if not any({*choice.fields} <= members for members in covered)]
    needed = {choice.fields for choice in chosen if choice.needed}
    return (*tags, *(choice for choice in chosen if choice.needed or choice.fields not in needed))


def _order(choice: Choice) -> tuple[tuple[str, ...], bool]:
    return choice.fields, choice.needed


def _is_about(formula: Formula, schema: Schema) -> bool:
    return formula.tested | formula.read <= schema.properties.keys()


def _is_free(schema: Schema, name: str, field: Schema) -> bool:
    """Whether the field may be absent when the server looks: it fills in defaults first."""
    return name not in schema.required and field.default is None


def _choice(formula: Formula, free: set[str]) -> Iterator[Choice]:
    if not formula.read and not formula.symmetric:
        formula = _without_common(formula)
    names = sorted(formula.tested)
    if formula.read or len(names) < 2 or not formula.tested <= free:
        return
    allowed = {size: {formula.allows(present, {}) for present in _sets(formula, size)} for size in range(3)}
    more = (
        formula.allows(present, {}) for size in range(3, len(names) + 1) for present in _sets(formula, size)
    )
    if allowed[1] == {True} and allowed[2] == {False} and not any(more):
        for answer in allowed[0]:
            yield Choice(tuple(names), needed=not answer)


def _without_common(formula: Formula) -> Formula:
    """What the formula says of the other fields, where some stand in all that it allows: `{a, b}` or `{a, c}`."""
    allowed = [
        present
        for size in range(len(formula.tested) + 1)
        for present in _sets(formula, size)
        if formula.allows(present, {})
    ]
    common = frozenset.intersection(*allowed) if allowed else frozenset()
    if not common:
        return formula
    allows = formula.allows
    return Formula(
        formula.tested - common, frozenset(), lambda present, texts: allows(present | common, texts)
    )


def _sets(formula: Formula, size: int) -> Iterable[frozenset[str]]:
    """The sets of so many fields that have to be tried; none where there would be too many."""
    names = sorted(formula.tested)
    if formula.symmetric:
        return [frozenset(names[:size])]
    return map(frozenset, itertools.combinations(names, size)) if len(names) <= _MOST_TRIED else []


def _tagged(
    schema: Schema, by: str, found: Sequence[Formula], choices: Sequence[Choice], free: set[str]
) -> Iterator[Tagged]:
    texts = _texts(schema, by)
    about = [one for one in found if one.read == {by} and one.tested and len(one.tested) <= _MOST_TRIED]
    if not texts or not about:
        return
    needs = {
        text: {name for one in about for name in one.tested if _needs(one, {by: text}, name)}
        for text in texts
    }
    forbids = {
        text: {name for one in about for name in one.tested if _forbids(one, {by: text}, name)}
        for text in texts
    }
    for text, choice in itertools.product(texts, choices):
        if needs[text] & {*choice.fields}:
            forbids[text] |= {*choice.fields} - needs[text]
    members = set().union(*needs.values(), *forbids.values())
    fits = all(len(needs[text]) <= 1 and members - needs[text] <= forbids[text] for text in texts)
    used = set().union(*needs.values())
    if (
        fits
        and used == members
        and members <= free
        and all(forbids[text].isdisjoint(needs[text]) for text in texts)
    ):
        yield Tagged(by, {text: next(iter(needs[text]), None) for text in texts})


def _texts(schema: Schema, by: str) -> list[str]:
    """The texts of a field that always has one; empty for any other."""
    field = tightened(schema.properties[by])
    values = [value.json for value in field.enum]
    texts = [value for value in values if isinstance(value, str)]
    always = by in schema.required or (field.default is not None and field.default.json in texts)
    return (
        texts
        if field.type == "string" and always and not field.nullable and len(texts) == len(values)
        else []
    )


def _needs(formula: Formula, texts: Texts, name: str) -> bool:
    return not any(formula.allows(present, texts) for present in _others(formula, name))


def _forbids(formula: Formula, texts: Texts, name: str) -> bool:
    return not any(formula.allows(present | {name}, texts) for present in _others(formula, name))


def _others(formula: Formula, name: str) -> Iterator[frozenset[str]]:
    """All sets of the formula's fields without `name`."""
    rest = sorted(formula.tested - {name})
    for size in range(len(rest) + 1):
        yield from map(frozenset, itertools.combinations(rest, size))
