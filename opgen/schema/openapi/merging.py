"""Two schemas that both hold, as `allOf` and the siblings of `$ref` have it, as one. Pure, on raw data."""

from __future__ import annotations

import math
from typing import Any

from opgen.schema.openapi.conversion import Raw
from opgen.schema.openapi.values import whole_bounds

_TIGHTER = {
    "minLength": max,
    "minItems": max,
    "minProperties": max,
    "maxLength": min,
    "maxItems": min,
    "maxProperties": min,
}
_BOUNDS = (("minimum", "exclusiveMinimum", max), ("maximum", "exclusiveMaximum", min))
_OF_BOUNDS = frozenset({"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"})
TEXT = ("title", "description", "example", "default")
_OPEN = "x-kubernetes-preserve-unknown-fields"
_EITHER = "x-kubernetes-int-or-string"
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]


def merge_objects(into: Raw, other: Raw) -> list[str]:
    """Merge `other` into `into` so that both hold; returns what can't hold together."""
    null = (into.get("nullable") or other.get("nullable")) and _takes_null(into) and _takes_null(other)
    if into.get(_OPEN) and "type" not in into and "type" in other:
        into.pop(_OPEN)
    other = _one_type(into, other)
    _merge_bounds(into, other)
    conflicts: list[str] = []
    for key, value in other.items():
        if key in _OF_BOUNDS or (key == _OPEN and "type" not in other and "type" in into):
            continue
        if key not in into or into[key] == value:
            into[key] = value
        elif key == "properties":
            for name, child in value.items():
                if name in into[key] and into[key][name] != child:
                    conflicts.extend(f"{name}: {text}" for text in merge_objects(into[key][name], child))
                else:
                    into[key][name] = child
        elif key in ("items", "additionalProperties") and isinstance(into[key], dict):
            conflicts.extend(merge_objects(into[key], value))
        elif key not in TEXT and (mine := into[key]) is not None and not _merge_values(into, key, value):
            conflicts.append(f"{key} can't be {mine!r} and {value!r} at once")
    if into.get("properties") and (values := into.get("additionalProperties")):
        del into["additionalProperties"]
        into[_OPEN] = True
        if not (isinstance(values, dict) and values.get(_OPEN) and "type" not in values):
            conflicts.append("`properties` and `additionalProperties` exclude each other")
    if into.get("type") == "integer":
        whole_bounds(into, into.get("format", ""))
    if null:
        into["nullable"] = True
    else:
        into.pop("nullable", None)
    return conflicts


def _takes_null(schema: Raw) -> bool:
    """Whether null is not refused; a schema without a type says nothing of it."""
    return bool(schema.get("nullable")) or not (schema.get("type") or schema.get(_EITHER))


def _one_type(into: Raw, other: Raw) -> Raw:
    """Leave the narrower of two types in both: integer of integer and number, one of int-or-string's two."""
    for wide, narrow in ((into, other), (other, into)):
        kind = narrow.get("type")
        if wide.get(_EITHER) and kind in ("string", "integer", "number"):
            made = {k: v for k, v in wide.items() if k != _EITHER and (k, v) != ("anyOf", _INT_OR_STRING)}
            made["type"] = "string" if kind == "string" else "integer"
        elif wide.get("type") == "number" and kind == "integer":
            made = {**wide, "type": "integer"}
        else:
            continue
        if wide is other:
            return made
        into.clear()
        into.update(made)
        if kind == "number":
            return {**other, "type": "integer"}
    if other.get(_EITHER) and "anyOf" in into and into["anyOf"] != _INT_OR_STRING:
        into["allOf"] = [*into.get("allOf", ()), {"anyOf": into.pop("anyOf")}]
    return other


def _merge_bounds(into: Raw, other: Raw) -> None:
    """The tighter of two bounds, with its own word on whether the bound itself is refused."""
    for bound, exclusive, tighter in _BOUNDS:
        mine, its = into.get(bound), other.get(bound)
        if its is None or (mine is not None and tighter(mine, its) != its):
            continue
        strict = bool(other.get(exclusive)) or (mine == its and bool(into.get(exclusive)))
        into[bound] = its
        if strict:
            into[exclusive] = True
        else:
            into.pop(exclusive, None)


def _merge_values(into: Raw, key: str, value: Any) -> bool:
    """Merge one keyword about values that both schemas have; False where no value satisfies both."""
    mine = into[key]
    if key == "required":
        into[key] = [*mine, *(name for name in value if name not in mine)]
    elif key in _TIGHTER:
        into[key] = _TIGHTER[key](mine, value)
    elif key == "enum":
        into[key] = [v for v in mine if v in value]
        return bool(into[key])
    elif key == "multipleOf" and isinstance(mine, int) and isinstance(value, int):
        into[key] = math.lcm(mine, value)
    elif key in ("x-kubernetes-validations", "allOf"):
        into[key] = [*mine, *value]
    elif key in ("anyOf", "oneOf", "not", "pattern"):
        if key == "anyOf" and mine != _INT_OR_STRING and value == _INT_OR_STRING:
            into[key], value = value, mine
        into["allOf"] = [*into.get("allOf", ()), {key: value}]
    else:
        return key == "nullable"
    return True
