"""Keeps what is worked out once for a schema, by identity: schemas are frozen, yet have no hash."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from opgen.ir.schema import Schema

T = TypeVar("T")
_KEPT = 1024


class IdentityCache(Generic[T]):
    """A bounded cache over a function of a schema; holds the schema, so that no other takes its identity."""

    def __init__(self, make: Callable[[Schema], T]) -> None:
        self._make = make
        self._kept: OrderedDict[int, tuple[Schema, T]] = OrderedDict()

    def __call__(self, schema: Schema) -> T:
        found = self._kept.get(id(schema))
        if found is not None:
            return found[1]
        made = self._make(schema)
        self._kept[id(schema)] = schema, made
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return made


class Marked:
    """Which nodes of a schema hold, at or below them, what `sought` looks for; found once a schema.

    Calling it with a whole schema gives the ids of those nodes: a walk over an object passes by all others.
    """

    def __init__(self, sought: Callable[[Schema], bool]) -> None:
        self._sought = sought
        self._cache: IdentityCache[frozenset[int]] = IdentityCache(self._find)

    def __call__(self, schema: Schema) -> frozenset[int]:
        return self._cache(schema)

    def _find(self, schema: Schema) -> frozenset[int]:
        found: set[int] = set()
        self._visit(schema, found)
        return frozenset(found)

    def _visit(self, schema: Schema, found: set[int]) -> bool:
        holds = self._sought(schema)
        for below in children(schema):
            holds |= self._visit(below, found)
        if holds:
            found.add(id(schema))
        return holds


def children(schema: Schema) -> Iterator[Schema]:
    """The schemas of fields, items and further fields: all that describe parts of a value."""
    yield from schema.properties.values()
    if schema.items is not None:
        yield schema.items
    if isinstance(schema.additional_properties, Schema):
        yield schema.additional_properties
