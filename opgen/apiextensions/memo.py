"""Keeps what is worked out once for a schema, by identity: schemas are frozen, yet have no hash."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from opgen.ir.schema import Schema

T = TypeVar("T")


class IdentityCache(Generic[T]):
    """A bounded cache over a function of a schema; holds the schema, so that no other takes its identity."""

    def __init__(self, make: Callable[[Schema], T], *, keep: int = 256) -> None:
        self._make = make
        self._keep = keep
        self._kept: OrderedDict[int, tuple[Schema, T]] = OrderedDict()

    def __call__(self, schema: Schema) -> T:
        found = self._kept.get(id(schema))
        if found is not None:
            return found[1]
        made = self._make(schema)
        self._kept[id(schema)] = schema, made
        while len(self._kept) > self._keep:
            self._kept.popitem(last=False)
        return made
