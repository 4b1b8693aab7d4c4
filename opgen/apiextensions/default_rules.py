"""Whether a schema's defaults are what the server would accept as values: pruned, valid, with sound metadata.

A default inside a resource's metadata is judged in the smallest object that holds it. Defaults below
additionalProperties are not looked at, as the server doesn't.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from opgen.apiextensions import cel
from opgen.apiextensions.complaints import aggregate, invalid
from opgen.apiextensions.defaulting import copy_json
from opgen.apiextensions.embedded import validate_embedded
from opgen.apiextensions.errors import FieldError
from opgen.apiextensions.metadata import Malformed, coerce_embedded
from opgen.apiextensions.pruning import prune
from opgen.apiextensions.validation import validate
from opgen.ir.schema import JSON, Schema

_META_FIELDS = ("metadata", "apiVersion", "kind")


@dataclass(slots=True)
class DefaultReview:
    """What was found in all defaults of a schema; `unchecked` names rules that could not be run."""

    errors: list[FieldError] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands: the nearest resource's schema, the way from there, whether inside its metadata."""

    resource: Schema
    steps: tuple[str | None, ...] = ()  # None is a step into a list
    inside_meta: bool = False


def review_defaults(schema: Schema, path: str, *, pruned: bool = True) -> DefaultReview:
    """Judges the defaults of a version's structural schema; `pruned` asks that they hold no unknown fields."""
    root = schema if schema.x_embedded_resource else schema.changed(x_embedded_resource=True)
    review = DefaultReview()
    _visit(root, path, _Place(root), pruned, review)
    return review


def _visit(schema: Schema, path: str, place: _Place, pruned: bool, review: DefaultReview) -> None:
    if schema.x_embedded_resource:
        place = _Place(schema)
    if schema.default is not None:
        where = f"{path}.default"
        if place.inside_meta:
            _judge_in_meta(schema, schema.default.json, where, place, review)
        else:
            _judge(schema, schema.default.json, where, pruned, review)
    if schema.items is not None:
        below = _Place(place.resource, (*place.steps, None), place.inside_meta)
        _visit(schema.items, f"{path}.items", below, pruned, review)
    for name, child in schema.properties.items():
        if child.plain:
            continue
        inside = place.inside_meta or (schema.x_embedded_resource and name in _META_FIELDS)
        below = _Place(place.resource, (*place.steps, name), inside)
        _visit(child, f"{path}.properties[{name}]", below, pruned, review)


def _judge(schema: Schema, default: JSON, path: str, pruned: bool, review: DefaultReview) -> None:
    resource = schema.x_embedded_resource
    if pruned:
        trimmed = copy_json(default)
        prune(schema, trimmed, root=resource)
        if trimmed != default:
            review.errors.append(invalid(path, default, "must not have unknown fields"))
    value = copy_json(default)
    try:
        coerce_embedded(schema, value)
    except Malformed as malformed:
        joint = "" if malformed.field.startswith("[") else "."
        review.errors.append(invalid(f"{path}{joint}{malformed.field}", malformed.value, malformed.detail))
        return
    wrong = validate_embedded(schema, value, path)
    if wrong:
        review.errors += wrong
        return
    _judge_value(schema, value, path, review)


def _judge_in_meta(schema: Schema, default: JSON, path: str, place: _Place, review: DefaultReview) -> None:
    value: Any = _surrounded(copy_json(default), place.steps)
    value.setdefault("kind", "Validation")
    value.setdefault("apiVersion", "validation/v1")
    try:
        coerce_embedded(place.resource, value)
    except Malformed as malformed:
        review.errors.append(invalid(path, default, f"must result in valid metadata: {malformed}"))
        return
    wrong = validate_embedded(place.resource, value)
    if wrong:
        detail = f"must result in valid metadata: {aggregate(wrong)}"
        review.errors.append(invalid(path, default, detail))
        return
    _judge_value(schema, copy_json(default), path, review)


def _surrounded(value: Any, steps: Sequence[str | None]) -> Any:
    """The smallest data that holds `value` where `steps` lead."""
    for step in reversed(steps):
        value = [value] if step is None else {step: value}
    return value


def has_unpruned_defaults(schema: Schema) -> bool:
    """Whether pruning whole objects would change a default of a structural schema.

    Unlike the review it goes below additionalProperties; one default that no object can hold ends it with no.
    """
    root = schema if schema.x_embedded_resource else schema.changed(x_embedded_resource=True)
    try:
        return any(list(_changes(root, schema, ())))
    except _NoObject:
        return False


class _NoObject(Exception):
    """The default would stand in something other than an object."""


def _changes(root: Schema, schema: Schema, steps: tuple[str | None, ...]) -> Iterator[bool]:
    if schema.default is not None:
        value: Any = _surrounded(copy_json(schema.default.json), steps)
        if not isinstance(value, dict):
            raise _NoObject
        try:
            coerce_embedded(root, value)
        except Malformed:
            yield True
        else:
            prune(root, value, root=True)
            yield bool(value != _surrounded(schema.default.json, steps))
    if isinstance(schema.additional_properties, Schema):
        yield from _changes(root, schema.additional_properties, (*steps, "*"))
    if schema.items is not None:
        yield from _changes(root, schema.items, (*steps, None))
    for name, child in schema.properties.items():
        yield from _changes(root, child, (*steps, name))


def _judge_value(schema: Schema, value: JSON, path: str, review: DefaultReview) -> None:
    wrong = validate(schema, value, path, structural=True)
    if wrong:
        review.errors += wrong
        return
    # As an unchanged value and as a new one: rules with optionalOldSelf may tell the two apart.
    for old, has_old in ((value, True), (None, False)):
        result = cel.validate(
            schema,
            value,
            old,
            field_path=path,
            has_old=has_old,
            root=schema.x_embedded_resource,
            ratchet=False,
        )
        review.unchecked += result.unchecked
        review.errors += result.errors
        if result.errors or result.unchecked:
            return
