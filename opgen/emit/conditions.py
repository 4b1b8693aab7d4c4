"""Whether a status takes a condition: decides which status code the reconciler skeleton gets."""

from __future__ import annotations

import re

from opgen.apiextensions import cel, validate
from opgen.ir.definition import Version
from opgen.ir.schema import JSON, Schema, Value

_TEXTS = {"type": "Ready", "status": "True", "reason": "Available", "message": "", "lastTransitionTime": ""}
_MAY_BE_REQUIRED = frozenset(_TEXTS)


def status_of(version: Version | None) -> Schema | None:
    """The schema of `status` where it can be written by itself, else None."""
    if version is None or version.schema is None or not version.status_subresource:
        return None
    status = version.schema.properties.get("status")
    return status if status is not None and status.type == "object" else None


def takes_observed_generation(version: Version | None) -> bool:
    """Whether status.observedGeneration is there, an integer, and enough for a status together with conditions."""
    status = status_of(version)
    observed = status.properties.get("observedGeneration") if status else None
    if status is None or observed is None or observed.type != "integer" or observed.enum:
        return False
    ready = takes_ready_condition(version)
    return ready or _accepts(status, [{"observedGeneration": 1}, {"observedGeneration": 2}])


def takes_ready_condition(version: Version | None) -> bool:
    """Whether `status.conditions` is a list whose items would take a condition of the type Ready.

    Says no where in doubt: a skeleton without a condition is whole, one whose status is refused is not.
    """
    status = status_of(version)
    conditions = status.properties.get("conditions") if status else None
    if status is None or conditions is None or conditions.type != "array" or conditions.items is None:
        return False
    if conditions.max_items == 0 or (conditions.min_items or 0) > 1:
        return False
    if not _takes_condition(conditions.items):
        return False
    observed = status.properties.get("observedGeneration")
    counted = observed is not None and observed.type == "integer" and not observed.enum
    generation: dict[str, JSON] = {"observedGeneration": 1} if counted else {}
    known = conditions.items.properties
    values: list[dict[str, JSON]] = []
    for state, reason in (("False", "Progressing"), ("True", "Available"), ("False", "ReconcileFailed")):
        condition = {
            **_TEXTS,
            "status": state,
            "reason": reason,
            "lastTransitionTime": "2024-01-01T00:00:00Z",
        }
        kept: dict[str, JSON] = {name: text for name, text in condition.items() if name in known}
        values.append({**generation, "conditions": [kept]})
    return _accepts(status, values)


def _accepts(status: Schema, values: list[dict[str, JSON]]) -> bool:
    """Whether the API server would take each of the statuses, one after the other."""
    old: dict[str, JSON] | None = None
    for value in values:
        if validate(status, value, "status"):
            return False
        judged = cel.validate(status, value, old, field_path="status", has_old=old is not None, root=False)
        if judged.errors or judged.unchecked:
            return False
        old = value
    return True


def _takes_condition(item: Schema) -> bool:
    if item.type != "object" or not set(item.required) <= _MAY_BE_REQUIRED:
        return False
    if item.x_validations or item.all_of or item.any_of or item.one_of or item.not_:
        return False
    if not {"type", "status"} <= set(item.properties):
        return False
    samples = {
        "type": ("Ready",),
        "status": ("True", "False"),
        "reason": ("Available", "Progressing", "ReconcileFailed"),
        "message": ("",),
    }
    for name, values in samples.items():
        schema = item.properties.get(name)
        if schema is not None and not all(_takes_text(schema, value) for value in values):
            return False
    moved = item.properties.get("lastTransitionTime")
    return not (
        moved is not None
        and (moved.type != "string" or moved.format not in ("", "date-time") or moved.pattern)
    )


def _takes_text(schema: Schema, value: str) -> bool:
    if schema.type != "string" or schema.x_validations or schema.format:
        return False
    if schema.enum and Value(value) not in schema.enum:
        return False
    if len(value) < (schema.min_length or 0) or (
        schema.max_length is not None and len(value) > schema.max_length
    ):
        return False
    try:
        return not schema.pattern or re.search(schema.pattern, value) is not None
    except re.error:
        return False
