"""Walks the schemas of one version, old and new side by side, and yields what changed at each node."""

from __future__ import annotations

from collections.abc import Iterator

from opgen.apiextensions.compare.fillings import victim
from opgen.apiextensions.compare.reasons import CODES, Reason
from opgen.apiextensions.compare.resources import embedded, whole
from opgen.apiextensions.compare.rules import rules
from opgen.apiextensions.compare.unions import is_new, key, unions
from opgen.apiextensions.compare.values import defaults, same_type, scalars, shown, type_name, types
from opgen.apiextensions.compare.where import Where
from opgen.ir.schema import JSON, Schema

_META = frozenset(("apiVersion", "kind", "metadata"))
_ANYTHING = Schema(x_preserve_unknown_fields=True)


def compare_resources(
    old: Schema, new: Schema, api_version: str, kind: str, where: Where
) -> Iterator[Reason]:
    """What changed for whole objects of a kind, with what each has whether its schema declares it or not."""
    if old != new:
        yield from compare_schemas(whole(old, api_version, kind), whole(new, api_version, kind), where)


def compare_schemas(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    """What changed from `old` to `new`, for objects that fitted the old one and for clients that knew it."""
    if old == new:
        return
    if old.x_embedded_resource and new.x_embedded_resource:
        old, new = embedded(old), embedded(new)
    yield from same_type(old, new, where)
    yield from defaults(old, new, where)
    if not types(old) <= types(new):
        return
    yield from scalars(old, new, where)
    yield from unions(old, new, where)
    yield from rules(old, new, where)
    yield from _lists(old, new, where)
    yield from _objects(old, new, where)
    if old.items is not None and new.items is not None:
        yield from compare_schemas(old.items, new.items, where.items())


# Lists -----------------------------------------------------------------------------------------------------


def _lists(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    if "array" not in types(old) or old.items is None:
        return
    before, after = old.x_list_type or "atomic", new.x_list_type or "atomic"
    if before == after:
        if before == "map" and set(old.x_list_map_keys) != set(new.x_list_map_keys):
            was, now = ", ".join(old.x_list_map_keys), ", ".join(new.x_list_map_keys)
            text = f"the keys of the list were {was} and are {now}"
            yield where.reason("list-keys-changed", text, "x-kubernetes-list-map-keys")
        return
    text = f"the list type was {before} and is {after}"
    if after == "map":
        text += f" with the keys {', '.join(new.x_list_map_keys)}"
    code = "list-type-loosened" if after == "atomic" else "list-type-tightened"
    yield where.reason(code, text, "x-kubernetes-list-type")


# Objects ---------------------------------------------------------------------------------------------------


def _objects(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    if "object" not in types(old):
        return
    before, after = old.x_map_type or "granular", new.x_map_type or "granular"
    if before != after and old.type == new.type:
        text = f"the map type was {before} and is {after}"
        yield where.reason("map-type-changed", text, "x-kubernetes-map-type")
    yield from _embedding(old, new, where)
    yield from _preserving(old, new, where)
    yield from _required(old, new, where)
    yield from _rest(old, new, where)
    for name in sorted({**old.properties, **new.properties}):
        before_, after_ = old.properties.get(name), new.properties.get(name)
        if after_ is not None and after_.default is not None and (before_ is None or before_.default is None):
            yield from _clash(name, after_.default.json, old, new, where.property(name))
        if before_ is not None and after_ is not None:
            yield from compare_schemas(before_, after_, where.property(name))
        elif after_ is not None:
            yield from _added(name, after_, old, where.property(name))
        elif before_ is not None:
            yield from _removed(name, before_, old, new, where)


def _clash(name: str, default: JSON, old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    found = victim(name, old, new)
    if found is not None:
        text = f"the default {shown(default)} is new, and with it {shown(found[0])} is refused: {found[1]}"
        yield where.reason("default-clashes", text, "default")


def _embedding(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    if new.x_embedded_resource and not old.x_embedded_resource:
        text = "must be a whole resource, with apiVersion and kind"
        yield where.reason("embedded-resource-added", text, "x-kubernetes-embedded-resource")
    elif old.x_embedded_resource and not new.x_embedded_resource:
        if new.x_preserve_unknown_fields or new.properties.keys() >= _META:
            yield where.reason("embedded-resource-loosened", "need not be a resource any more")
        else:
            text = "is no longer a resource: apiVersion, kind and metadata are dropped"
            yield where.reason("embedded-resource-removed", text)


def _preserving(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    before, after = bool(old.x_preserve_unknown_fields), bool(new.x_preserve_unknown_fields)
    if before and not after and new.additional_properties in (None, False):
        kept = f"only {_names(new)} are kept" if new.properties else "none is kept"
        text = f"unknown fields are dropped now, {kept}"
        yield where.reason("preserve-removed", text)
    elif after and not before and old.type:
        yield where.reason(
            "preserve-added", "unknown fields are kept now", "x-kubernetes-preserve-unknown-fields"
        )


def _names(schema: Schema) -> str:
    names = sorted(schema.properties)
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")


def _required(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    for name in new.required:
        if name in old.required:
            continue
        below = where.property(name)
        schema = new.properties.get(name)
        if schema is not None and schema.default is not None and schema.default.json is not None:
            text = f"is required, with the default {shown(schema.default.json)}"
            yield Reason("required-with-default", text, below.version, below.path, f"{where.place}.required")
        else:
            code = "required-added"
            text = "is new and required" if is_new(name, old) else "is required now"
            hint = CODES[code].hint
            yield Reason(code, text, below.version, below.path, f"{where.place}.required", hint)
    for name in old.required:
        if name not in new.required and name in new.properties:
            below = where.property(name)
            yield Reason("required-removed", "may be left out", below.version, below.path, below.place)


def _rest(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    """additionalProperties: what may stand beside the declared fields."""
    before, after = old.additional_properties, new.additional_properties
    if before in (None, False):
        free = old.x_preserve_unknown_fields and not (after is True and new.x_preserve_unknown_fields)
        if not free or after in (None, False):
            return
        before = _ANYTHING
    if after in (None, False):
        if not new.x_preserve_unknown_fields:
            kept = f"only {_names(new)} are kept" if new.properties else "none is kept"
            yield where.reason("map-removed", f"other keys are dropped now, {kept}", "properties")
    elif isinstance(before, Schema) and isinstance(after, Schema) and before is not _ANYTHING:
        yield from compare_schemas(before, after, where.values())
    elif isinstance(after, Schema) and not _takes_anything(after):
        text = f"values must be of type {type_name(after)} now"
        yield where.values().reason("map-values-restricted", text)
    elif isinstance(after, Schema):
        yield from compare_schemas(_ANYTHING, after, where.values())
    elif isinstance(before, Schema) and after is True and "object" in types(before):
        yield where.values().reason("map-values-restricted", "the fields of the values are dropped now")


def _takes_anything(schema: Schema) -> bool:
    return not schema.type and not schema.x_int_or_string and bool(schema.x_preserve_unknown_fields)


def _added(name: str, new: Schema, parent: Schema, where: Where) -> Iterator[Reason]:
    rest = parent.additional_properties
    if isinstance(rest, Schema):
        yield from compare_schemas(rest, new, where)
    elif is_new(name, parent):
        filled = "" if new.default is None else f", with the default {shown(new.default.json)}"
        yield where.reason("field-added", f"is new, of type {type_name(new)}{filled}")
    elif not _takes_anything(new):
        text = f"was taken whatever it held and must be of type {type_name(new)} now"
        yield where.reason("field-declared", text)
    else:
        yield from compare_schemas(_ANYTHING, new, where)


def _removed(name: str, before: Schema, old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    below = where.property(name)
    rest = new.additional_properties
    if isinstance(rest, Schema):
        yield from compare_schemas(before, rest, below)
    elif rest is True:
        if types(before) & {"object", "array"}:
            yield below.reason("field-undeclared", "is a key like any other now: its own fields are dropped")
    elif new.x_preserve_unknown_fields:
        yield below.reason("field-undeclared", "is no longer declared, yet kept")
    else:
        hint = CODES["field-removed"].hint
        twin = _twin(name, before, old, new)
        if twin:
            hint = f"if it is {twin} now, keep both for a while: nothing carries the old value over"
        yield Reason("field-removed", "is gone", below.version, below.path, where.place, hint)


def _twin(name: str, before: Schema, old: Schema, new: Schema) -> str:
    """The one new field that looks like the one which is gone."""
    added = [other for other in new.properties if other not in old.properties]
    same = [other for other in added if key(new.properties[other]) == key(before)]
    alike = [other for other in added if _letters(other) == _letters(name)]
    found = alike or same
    return found[0] if len(found) == 1 else ""


def _letters(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum()).removesuffix("s")
