"""Finds built-in types in a schema, so that models share their classes.

The structure alone decides, also where a schema names a type itself: so a kind has the same models whether its
types were referred to or written out.

A node counts as a built-in type if it is equal to that type's structural schema, descriptions aside. Types
that look like another one are never taken, since which was meant can't be known; neither are small ones
without a mark of Kubernetes, since any two objects with one field look alike.

Equality goes by digests. Those of the built-in types are vendored, since making them takes half a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any

from opgen.coretypes import data
from opgen.coretypes.inline import inlined, parse
from opgen.coretypes.lookups import MODELS
from opgen.ir.schema import CoreRef, Schema

# Of the place where a type is used, not of the type; and what says nothing of the values.
_IGNORED = frozenset(
    {"description", "title", "example", "external_docs", "default", "nullable", "ref", "written_empty"}
)
_OWN = {
    f.name: rank
    for rank, f in enumerate(fields(Schema))
    if f.name not in _IGNORED | {"properties", "required", "items", "additional_properties"}
}
_EMPTY: tuple[Any, ...] = (None, False, "", (), {})
_APIS = ("apps", "autoscaling", "batch", "core", "meta", "networking", "policy", "rbac")
_LEAST_PROPERTIES = 3


def recognise(schema: Schema) -> Schema:
    """The same schema with `ref` set on each node that is a built-in type, and on no other."""
    return _searched(schema, _known(), _shapes())


def digests() -> dict[str, str]:
    """The digest of each built-in type that can be told from all others, for the vendored data."""
    found: dict[str, str] = {}
    ambiguous = set()
    for ref in sorted(MODELS, key=str):
        schema = inlined(ref, False) if ref.api.split("/")[0] in _APIS else None
        if schema is None or not _telling(schema):
            continue
        _, own = _recognised(schema, {})
        ambiguous.update({own} & set(found))
        found[own] = str(ref)
    return {own: name for own, name in sorted(found.items()) if own not in ambiguous}


def _telling(schema: Schema) -> bool:
    return (
        len(schema.properties) >= _LEAST_PROPERTIES
        or schema.x_map_type is not None
        or any(_telling(node) for node in schema.properties.values() if node.properties)
    )


@cache
def _known() -> Mapping[str, CoreRef]:
    return {own: parse(name) for own, name in data.digests().items()}


@cache
def _own(ref: CoreRef) -> tuple[Schema, str]:
    """A built-in type's own schema, recognised, and its digest."""
    schema = inlined(ref, False)
    assert schema is not None
    return _walked(schema, _known())


@cache
def _shapes() -> frozenset[str]:
    return frozenset(data.shapes())


def shapes() -> list[str]:
    """The shapes of all objects in the types that `digests` names, for the vendored data."""
    types = (inlined(parse(name), False) for name in digests().values())
    return sorted({_shape(node) for schema in types if schema is not None for node in _objects(schema)})


def _objects(schema: Schema) -> Iterator[Schema]:
    if schema.properties:
        yield schema
    for part in _parts(schema):
        yield from _objects(part)


def _shape(schema: Schema) -> str:
    """Something quickly made that differs between most objects: how many properties, the first, the last."""
    properties = schema.properties
    return f"{len(properties)} {min(properties)} {max(properties)}"


def _parts(schema: Schema) -> list[Schema]:
    """The nodes right below that aren't plain."""
    found = [node for node in schema.properties.values() if not node.plain]
    for node in (schema.items, schema.additional_properties):
        if isinstance(node, Schema):
            found.append(node)
    return found


def _searched(schema: Schema, known: Mapping[str, CoreRef], shapes: frozenset[str]) -> Schema:
    """The schema with references. A node takes a digest only if it, and what is below it, is shaped like one."""
    if schema.ref is not None:
        return _recognised(schema, known)[0]
    properties = schema.properties
    if properties and _shape(schema) in shapes:
        below = (part for part in _parts(schema) if part.properties)
        if all(_shape(part) in shapes for part in below):
            return _walked(schema, known)[0]
    changed: dict[str, Any] = {}
    for name in ("items", "additional_properties"):
        value = schema.given.get(name)
        if isinstance(value, Schema) and (inner := _searched(value, known, shapes)) is not value:
            changed[name] = inner
    found = {
        wire: inner
        for wire, node in properties.items()
        if not node.plain and (inner := _searched(node, known, shapes)) is not node
    }
    if found:
        changed["properties"] = {**properties, **found}
    return schema.changed(**changed) if changed else schema


def _same(schema: Schema, other: Schema | None) -> bool:
    """Whether they hold the very same parts, so that what is known of the one is known of the other."""
    return other is not None and all(
        getattr(schema, f.name) is getattr(other, f.name) for f in fields(Schema) if f.name not in _IGNORED
    )


def _recognised(schema: Schema, known: Mapping[str, CoreRef]) -> tuple[Schema, str]:
    """The schema with references, and its digest."""
    if known and schema.ref is not None and _same(schema, inlined(schema.ref, False)):
        found, own = _own(schema.ref)
        kept = {name: getattr(schema, name) for name in _IGNORED if name != "ref"}
        return found.changed(**kept), own
    return _walked(schema, known)


def _walked(schema: Schema, known: Mapping[str, CoreRef]) -> tuple[Schema, str]:
    """One pass from the leaves up."""
    given = schema.given
    changed: dict[str, Any] = {}
    parts = [
        f"{name}={given[name]!r}"
        for name in sorted([name for name in given if name in _OWN], key=_OWN.__getitem__)
        if given[name] not in _EMPTY
    ]
    for name in ("items", "additional_properties"):
        value = given.get(name)
        if isinstance(value, Schema):
            inner, own = _below(value, known)
            parts.append(f"{name}={own}")
            if inner is not value:
                changed[name] = inner
        elif value is not None:
            parts.append(f"{name}={value}")
    if schema.required:
        parts.append(f"required={sorted(schema.required)}")
    if schema.properties:
        properties = {}
        for wire in sorted(schema.properties):
            properties[wire], own = _below(schema.properties[wire], known)
            parts.append(f"{wire!r}:{own}")
        if any(properties[wire] is not node for wire, node in schema.properties.items()):
            changed["properties"] = {wire: properties[wire] for wire in schema.properties}
    digest = _digest("\n".join(parts))
    ref = known.get(digest) if schema.properties else None
    if ref != schema.ref:
        changed["ref"] = ref
    return (schema.changed(**changed) if changed else schema), digest


def _below(node: Schema, known: Mapping[str, CoreRef]) -> tuple[Schema, str]:
    """A node within another, which counts with its default and whether it may be null."""
    inner, own = _recognised(node, known)
    if node.default is None and not node.nullable:
        return inner, own
    default = "" if node.default is None else repr(node.default.json)
    return inner, f"{own}{default}{'?' if node.nullable else ''}"


def _digest(text: str) -> str:
    if len(text) > _SHORT:
        return _hashed(text)
    return _hashed_once(text)  # most nodes are like many others: `type='string'`


def _hashed(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


_SHORT = 128
_hashed_once = lru_cache(maxsize=1024)(_hashed)
