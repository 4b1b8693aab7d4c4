"""Finds the classes of one module: an object with properties anywhere in a schema is a class, named by its path.

`spell` turns the result into Python text.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from opgen.emit.models.shape import ListOf, MapOf, Object, shape_of
from opgen.ir.names import RESOURCE_NAMES, STRUCT_NAMES, attributes, pascal_case
from opgen.ir.schema import CoreRef, Schema

Path = tuple[str, ...]
"""The wire names from the root; ITEM and VALUE stand for a list's items and a map's values."""

ITEM = "[]"
VALUE = "{}"
_PARTS = {ITEM: "Item", VALUE: "Value"}
_RESOURCE_FIELDS = frozenset({"apiVersion", "kind", "metadata"})


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """One class to write. `fields` maps wire names to attributes, in alphabetical order of the former."""

    name: str
    path: Path
    schema: Schema
    open: bool
    fields: Mapping[str, str]


def plan(root: str, schema: Schema, core: Container[CoreRef], *, resource: bool) -> tuple[ClassPlan, ...]:
    """The classes of `schema`, each after those that it uses; the last one is `root`'s own.

    With `resource` the root has apiVersion, kind and metadata already. A root that is no object with
    properties still gets its class.
    """
    found = list(_below(schema, (), core, resource=resource))
    found.append(((), Object(schema, bool(schema.x_preserve_unknown_fields or schema.additional_properties))))
    names = class_names(root, [path for path, _ in found])
    return tuple(_class(names[path], path, node, resource=resource and path == ()) for path, node in found)


def _class(name: str, path: Path, node: Object, *, resource: bool) -> ClassPlan:
    wires = sorted(node.schema.properties)
    if resource:
        wires = [wire for wire in wires if wire not in _RESOURCE_FIELDS]
    fields = attributes(wires, RESOURCE_NAMES if resource else STRUCT_NAMES)
    return ClassPlan(name, path, node.schema, node.open, fields)


def _objects(schema: Schema, path: Path, core: Container[CoreRef]) -> Iterator[tuple[Path, Object]]:
    match shape_of(schema, core):
        case Object() as node:
            yield from _below(schema, path, core)
            yield path, node
        case ListOf(items=Schema() as items):
            yield from _objects(items, (*path, ITEM), core)
        case MapOf(values=Schema() as values):
            yield from _objects(values, (*path, VALUE), core)
        case _:
            pass


def _below(
    schema: Schema, path: Path, core: Container[CoreRef], *, resource: bool = False
) -> Iterator[tuple[Path, Object]]:
    for wire in sorted(schema.properties):
        child = schema.properties[wire]
        if not (child.plain or (resource and wire in _RESOURCE_FIELDS)):
            yield from _objects(child, (*path, wire), core)


def class_names(root: str, paths: list[Path]) -> dict[Path, str]:
    """A name for each path, all different, never numbered, whatever else the schema holds.

    `spec.tls` is <Root>SpecTls, the items of `spec.hosts` <Root>SpecHostsItem. Paths that would share a name
    get underscores between their last parts, as few as tell them apart; names that differ by their
    punctuation alone (foo-bar, fooBar) get underscores at the end.
    """
    groups: dict[str, list[Path]] = {}
    for path in paths:
        groups.setdefault(_joined(root, path, 0), []).append(path)
    names: dict[Path, str] = {}
    taken = set(groups)
    for name, members in sorted(groups.items()):
        for path, chosen in _distinguished(root, name, sorted(members), taken).items():
            names[path] = chosen
            taken.add(chosen)
    return names


def _distinguished(root: str, name: str, members: list[Path], taken: set[str]) -> dict[Path, str]:
    if len(members) == 1:
        return {members[0]: name}
    longest = max(len(path) for path in members)
    for separators in range(1, longest + 1):
        spelled = {path: _joined(root, path, separators) for path in members}
        if len(set(spelled.values())) == len(members) and not taken & set(spelled.values()):
            return spelled
    result: dict[Path, str] = {}
    for path in members:
        chosen = name
        while chosen in result.values() or (chosen != name and chosen in taken):
            chosen += "_"
        result[path] = chosen
    return result


def _joined(root: str, path: Path, separators: int) -> str:
    """The parts in one word, with underscores before the last `separators` of them."""
    parts = [_PARTS.get(step) or pascal_case(step) or "Field" for step in path]
    plain = len(parts) - min(separators, len(parts))
    return "_".join([root + "".join(parts[:plain]), *parts[plain:]])
