"""What an update may keep although a new definition may not have it: rules that the old one broke already.

The server never tightens a rule on data that it has stored; `demands_of_update` looks at the old definition and
says which rules hold for the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from opgen.apiextensions.conversion_rules import bundle_errors, has_known_version
from opgen.apiextensions.default_rules import has_unpruned_defaults
from opgen.apiextensions.layout import Layout, layout
from opgen.apiextensions.list_rules import has_shared_set, map_item_errors
from opgen.apiextensions.schema_rules import TYPES, Strictness
from opgen.apiextensions.selectable_rules import MOST
from opgen.apiextensions.structural import structural_errors, unconvertible
from opgen.ir.definition import Definition
from opgen.ir.schema import Schema


@dataclass(frozen=True, slots=True)
class Demands:
    """Which rules a definition is held to; the values here are those of a creation."""

    strictness: Strictness = field(default_factory=Strictness)
    schema: bool = True
    structural: bool = True
    pruned_defaults: bool = True
    known_review_version: bool = True
    sound_bundle: bool = False
    immutable_names: bool = False
    cheap_rules_in: frozenset[str] = frozenset()  # versions whose rules may cost what they cost
    unlimited_fields_in: frozenset[str] = frozenset()  # "" for the shared ones


def demands_of_update(new: Definition, old: Definition) -> Demands:
    """The rules for `new` where `old` is stored; both defaulted."""
    after, before = layout(new), layout(old)
    schemas = list(before.schemas())
    return Demands(
        strictness=Strictness(
            known_types=not _any(schemas, lambda s: bool(s.type) and s.type not in TYPES),
            atomic_sets=not _any(schemas, has_shared_set),
            sound_map_keys=not _any(schemas, lambda s: any(map_item_errors(s, ""))),
        ),
        schema=all(version.schema is not None for version in old.versions),
        structural=not any(map(_is_loose, schemas)),
        pruned_defaults=not any(has_unpruned_defaults(s) for s in schemas if not _is_loose(s)),
        known_review_version=has_known_version(old.conversion),
        sound_bundle=not _may_break_bundle(old),
        immutable_names=old.established,
        cheap_rules_in=frozenset(_unchanged(after, before)),
        unlimited_fields_in=frozenset(_unlimited(after, before)),
    )


def nodes(schema: Schema) -> Iterator[Schema]:
    """The schema and every schema below it."""
    waiting = [schema]
    while waiting:
        here = waiting.pop()
        yield here
        if not _NESTED.isdisjoint(here.given):
            waiting.extend(reversed(_below(here)))


_NESTED = frozenset(
    ("all_of", "any_of", "one_of", "not_", "properties", "items", "items_list", "additional_properties")
) | {"additional_items", "pattern_properties", "definitions", "dependencies"}
_OF_OBJECTS = frozenset(("properties",))


def _below(schema: Schema) -> list[Schema]:
    if schema.given.keys() & _NESTED == _OF_OBJECTS:  # most of those that have anything below
        return [*schema.properties.values()]
    below = [
        *schema.all_of,
        *schema.any_of,
        *schema.one_of,
        *schema.properties.values(),
        *(schema.items_list or ()),
        *schema.pattern_properties.values(),
        *schema.definitions.values(),
    ]
    for single in (schema.items, schema.not_, schema.additional_properties, schema.additional_items):
        if isinstance(single, Schema):
            below.append(single)
    below += [item for item in schema.dependencies.values() if isinstance(item, Schema)]
    return below


def _any(schemas: list[Schema], test: Callable[[Schema], bool]) -> bool:
    return any(test(node) for schema in schemas for node in nodes(schema))


def _is_loose(schema: Schema) -> bool:
    return bool(unconvertible(schema) or structural_errors(schema, ""))


def _may_break_bundle(old: Definition) -> bool:
    if not old.established:
        return True
    hook = old.conversion.webhook if old.conversion is not None else None
    return hook is not None and bool(hook.ca_bundle) and any(bundle_errors(hook.ca_bundle or "", ""))


def _unchanged(new: Layout, old: Layout) -> Iterator[str]:
    """The versions whose schema is the old one's; a shared old schema counts for new versions too."""
    own = {part.version: part.schema for part in old.versions}
    shared = all(schema is None for schema in own.values())
    for part in new.versions:
        if not shared and part.version not in own:
            continue
        before = old.top.schema if shared else own[part.version]
        if (part.schema or new.top.schema) == before:
            yield part.version


def _unlimited(new: Layout, old: Layout) -> Iterator[str]:
    before = {part.version: part.selectable_fields for part in old.versions}
    if _is_kept(new.top.selectable_fields, old.top.selectable_fields):
        yield ""
    for part in new.versions:
        if _is_kept(part.selectable_fields, before.get(part.version, ())):
            yield part.version


def _is_kept(new: tuple[str, ...], old: tuple[str, ...]) -> bool:
    return len(old) > MOST and new == old
