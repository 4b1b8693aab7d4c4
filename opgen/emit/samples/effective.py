"""Folds the junctors of a schema into it: what a value looks like that takes one branch of each anyOf and oneOf.

`effective` answers with a schema without junctors and the names of fields that had better stay away; a value
made for it usually satisfies the real schema, which the caller checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opgen.ir.schema import Schema, Value


@dataclass(frozen=True, slots=True)
class Effective:
    """A schema with one choice of branches folded in.

    `avoid` names the fields which that choice excludes; of all its patterns, which `patterns` has, the schema has one.
    """

    schema: Schema
    avoid: frozenset[str]
    patterns: tuple[str, ...] = ()


def has_junctors(schema: Schema) -> bool:
    """Whether there is anything to fold."""
    return bool(schema.any_of or schema.one_of or schema.all_of) or schema.not_ is not None


def choices(schema: Schema) -> int:
    """In how many ways the branches of a schema's anyOf and oneOf can be chosen."""
    count = max(1, len(schema.any_of)) * max(1, len(schema.one_of))
    for branch in schema.all_of:
        count *= choices(branch)
    return min(count, 64)


def effective(schema: Schema, choice: int) -> Effective:
    """The schema with branch number `choice` (0 up to `choices` - 1) of its junctors folded in."""
    folder = _Folder(choice)
    folded = folder.fold(_bare(schema), schema)
    patterns = tuple(dict.fromkeys(filter(None, (schema.pattern, *folder.patterns))))
    return Effective(folded, frozenset(folder.avoid - set(folded.required)), patterns)


def _bare(schema: Schema) -> Schema:
    return schema.changed(all_of=(), any_of=(), one_of=(), not_=None)


class _Folder:
    def __init__(self, choice: int) -> None:
        self._rest = choice
        self.avoid: set[str] = set()
        self.patterns: list[str] = []

    def fold(self, base: Schema, junctors: Schema) -> Schema:
        for branch in junctors.all_of:
            base = self._merged(base, branch)
        if junctors.any_of:
            base = self._merged(base, junctors.any_of[self._pick(len(junctors.any_of))])
        if junctors.one_of:
            chosen = self._pick(len(junctors.one_of))
            base = self._merged(base, junctors.one_of[chosen])
            for place, branch in enumerate(junctors.one_of):
                if place != chosen:
                    self.avoid.update(name for name in branch.required if name not in base.required)
        if junctors.not_ is not None:
            self.avoid.update(_excluded(junctors.not_))
        return base

    def _pick(self, count: int) -> int:
        self._rest, picked = divmod(self._rest, count)
        return picked

    def _merged(self, base: Schema, branch: Schema) -> Schema:
        self.patterns.append(branch.pattern)
        merged = base.changed(
            type=base.type or branch.type,
            format=branch.format or base.format,
            enum=_both(base.enum, branch.enum),
            minimum=_most(base.minimum, branch.minimum),
            maximum=_least(base.maximum, branch.maximum),
            exclusive_minimum=base.exclusive_minimum or branch.exclusive_minimum,
            exclusive_maximum=base.exclusive_maximum or branch.exclusive_maximum,
            multiple_of=branch.multiple_of or base.multiple_of,
            min_length=_whole(_most(base.min_length, branch.min_length)),
            max_length=_whole(_least(base.max_length, branch.max_length)),
            pattern=branch.pattern or base.pattern,
            min_items=_whole(_most(base.min_items, branch.min_items)),
            max_items=_whole(_least(base.max_items, branch.max_items)),
            min_properties=_whole(_most(base.min_properties, branch.min_properties)),
            max_properties=_whole(_least(base.max_properties, branch.max_properties)),
            required=tuple(dict.fromkeys((*base.required, *branch.required))),
            properties=_properties(base, branch),
            items=_beside(base.items, branch.items),
        )
        return self.fold(merged, branch)


def _properties(base: Schema, branch: Schema) -> dict[str, Schema]:
    merged = dict(base.properties)
    for name, below in branch.properties.items():
        merged[name] = _beside(merged.get(name), below) or below
    return merged


def _beside(base: Schema | None, branch: Schema | None) -> Schema | None:
    """A part's schema beside what a branch says of the same part: an allOf, folded when that part is made."""
    if base is None or branch is None:
        return base if branch is None else branch
    return base.changed(all_of=(*base.all_of, branch))


def _excluded(schema: Schema) -> Iterator[str]:
    """Fields whose absence keeps a value from matching a `not`."""
    if schema.required:
        yield schema.required[-1]
    for branch in (*schema.any_of, *schema.one_of):
        yield from _excluded(branch)


def _both(left: tuple[Value, ...], right: tuple[Value, ...]) -> tuple[Value, ...]:
    if not left or not right:
        return left or right
    return tuple(value for value in left if value in right) or right


def _most(left: float | None, right: float | None) -> float | None:
    return max((x for x in (left, right) if x is not None), default=None)


def _least(left: float | None, right: float | None) -> float | None:
    return min((x for x in (left, right) if x is not None), default=None)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
