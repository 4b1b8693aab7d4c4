"""Finds built-in types in a schema that somebody wrote out, so that models share their classes.

A node counts as a built-in type if it is equal to that type's structural schema, descriptions aside. Types
that look like another one are never taken: which was meant can't be known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any

from opgen.coretypes.inline import inlined
from opgen.coretypes.lookups import models
from opgen.ir.schema import CoreRef, Schema

Print = tuple[Any, ...]
"""What of a schema makes it equal to another one, hashable."""

# Of the place where a type is used, not of the type; and what says nothing of the values.
_IGNORED = frozenset({"description", "title", "example", "external_docs", "default", "nullable", "ref"})
_KEPT = tuple(f.name for f in fields(Schema) if f.name not in _IGNORED)
_OF_THE_PLACE = ("default", "nullable")
# Smaller ones mean too little: any object with one field would turn into a core type.
_LEAST_PROPERTIES = 3


def recognise(schema: Schema) -> Schema:
    """The same schema with `ref` set on each node that is a built-in type; nodes that have one keep it."""
    known, sizes = _known()
    found, _ = _recognised(schema, known, sizes)
    return found


def _recognised(
    schema: Schema, known: Mapping[Print, CoreRef], sizes: frozenset[int]
) -> tuple[Schema, Print]:
    """The schema with references, and its print, in one pass from the leaves up."""
    parts: list[Any] = []
    changed: dict[str, Any] = {}
    for name in _KEPT:
        value = getattr(schema, name)
        if isinstance(value, Schema):
            inner, inner_print = _recognised(value, known, sizes)
            if inner is not value:
                changed[name] = inner
            parts.append((name, inner_print, *_place(value)))
        elif name == "properties" and value:
            properties, prints = {}, []
            for wire in sorted(value):
                properties[wire], inner_print = _recognised(value[wire], known, sizes)
                prints.append((wire, inner_print, *_place(value[wire])))
            if any(properties[wire] is not value[wire] for wire in value):
                changed[name] = {wire: properties[wire] for wire in value}
            parts.append((name, tuple(prints)))
        elif name == "required":
            if value:
                parts.append((name, tuple(sorted(value))))
        elif value not in (None, False, "", (), {}):
            parts.append((name, repr(value)))
    own = tuple(parts)
    if schema.ref is None and len(schema.properties) in sizes and own in known:
        changed["ref"] = known[own]
    return (replace(schema, **changed) if changed else schema), own


def _place(schema: Schema) -> tuple[str, bool]:
    return repr(schema.default), schema.nullable


@cache
def _known() -> tuple[Mapping[Print, CoreRef], frozenset[int]]:
    """Prints of the built-in types with a model, without those that two types share."""
    found: dict[Print, CoreRef | None] = {}
    sizes = set()
    for ref in sorted(models(), key=str):
        schema = inlined(ref, False)
        if schema is None or len(schema.properties) < _LEAST_PROPERTIES:
            continue
        sizes.add(len(schema.properties))
        _, own = _recognised(schema, {}, frozenset())
        found[own] = None if own in found else ref
    return {own: ref for own, ref in found.items() if ref is not None}, frozenset(sizes)
