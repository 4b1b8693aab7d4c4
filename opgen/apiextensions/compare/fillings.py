"""Whether a new default makes objects fail that left the field out: it counts, fits alternatives and meets rules.

Nothing is proved here, a victim is looked for: small objects that the old schema takes are tried under the new one.
"""

from __future__ import annotations

from collections.abc import Iterator

from opgen.apiextensions.cel.validation import validate as keeps_rules
from opgen.apiextensions.defaulting import apply_defaults, copy_json
from opgen.apiextensions.validation import validate
from opgen.ir.schema import JSON, Schema

_MOST = 40
_LONGEST = 10_000
_EMPTY: dict[str, JSON] = {
    "array": [],
    "boolean": False,
    "integer": 0,
    "number": 0,
    "object": {},
    "string": "",
}


def victim(name: str, old: Schema, new: Schema) -> tuple[dict[str, JSON], str] | None:
    """An object without the field that `old` takes and `new` refuses, and why; None where none was found."""
    if not (
        new.max_properties is not None
        or new.one_of
        or new.not_
        or new.any_of
        or new.all_of
        or new.x_validations
    ):
        return None
    without = new.properties[name].changed(default=None)
    unfilled = new.changed(properties={**new.properties, name: without})
    for candidate in _candidates(name, old):
        if _problem(old, candidate) or _problem(unfilled, candidate):
            continue  # refused whatever the default is
        if problem := _problem(new, candidate):
            return candidate, problem
    return None


def _problem(schema: Schema, obj: dict[str, JSON]) -> str:
    filled = copy_json(obj)
    apply_defaults(schema, filled)
    errors = validate(schema, filled, "it") or keeps_rules(schema, filled, None, root=False).errors
    return errors[0].detail.removeprefix('"" ') if errors else ""


def _candidates(name: str, old: Schema) -> Iterator[dict[str, JSON]]:
    names = [other for other in sorted(old.properties) if other != name]
    if name in old.required:
        return
    values = {other: _value(old.properties[other]) for other in names}
    always = {other: values[other] for other in old.required if other in values}
    yield dict(always)
    for branch in (*old.one_of, *old.any_of, *old.all_of):
        if name not in branch.required:
            yield always | {other: values[other] for other in branch.required if other in values}
    for other in names[:_MOST]:
        yield always | {other: values[other]}
    yield dict(values)
    bound = old.max_properties
    if bound is not None:
        yield always | dict(list(values.items())[: max(bound - len(always), 0)])


def _value(schema: Schema, most: int = _MOST) -> JSON:
    """A value that may well fit; whether it does is tried. `most` items are in its lists altogether."""
    if schema.default is not None:
        return _copy(schema.default.json)
    if schema.enum:
        return _copy(schema.enum[0].json)
    if schema.type == "string" and schema.min_length:
        return "a" * min(schema.min_length, _LONGEST)
    if schema.type in ("integer", "number") and schema.minimum is not None:
        return schema.minimum + (1 if schema.exclusive_minimum else 0)
    if schema.type == "object":
        needed = (name for name in schema.required if name in schema.properties)
        return {name: _value(schema.properties[name], most) for name in needed}
    if schema.type == "array" and schema.items is not None and schema.min_items:
        count = min(schema.min_items, most)
        return [_value(schema.items, most // count) for _ in range(count)]
    return _copy(_EMPTY.get(schema.type, 0))


def _copy(value: JSON) -> JSON:
    copied: JSON = copy_json(value)
    return copied
