"""Merging schemas: `allOf` into one object, alternatives into one object with a junctor. Pure, on raw data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opgen.documents import Position

Raw = dict[str, Any]
_TIGHTER = {
    "minimum": max,
    "minLength": max,
    "minItems": max,
    "minProperties": max,
    "maximum": min,
    "maxLength": min,
    "maxItems": min,
    "maxProperties": min,
}
_TEXT = ("title", "description", "example", "default")


@dataclass(frozen=True, slots=True)
class Branch:
    """One alternative, converted, and its lines."""

    schema: Raw
    position: Position


def merge_objects(into: Raw, other: Raw) -> list[str]:
    """Merge `other` into `into` so that both hold; returns what can't hold together."""
    if into.get("x-kubernetes-preserve-unknown-fields") and "type" not in into and len(other) > 1:
        into.pop("x-kubernetes-preserve-unknown-fields")
    conflicts: list[str] = []
    for key, value in other.items():
        if key == "x-kubernetes-preserve-unknown-fields" and "type" not in other and "type" in into:
            continue
        if key not in into or into[key] == value:
            into[key] = value
        elif key == "properties":
            for name, child in value.items():
                if name in into[key] and into[key][name] != child:
                    conflicts.extend(f"{name}: {text}" for text in merge_objects(into[key][name], child))
                else:
                    into[key][name] = child
        elif key == "required":
            into[key] = [*into[key], *(name for name in value if name not in into[key])]
        elif key in _TIGHTER:
            into[key] = _TIGHTER[key](into[key], value)
        elif key == "enum":
            into[key] = [v for v in into[key] if v in value]
        elif key in ("x-kubernetes-validations", "allOf"):
            into[key] = [*into[key], *value]
        elif key == "nullable":
            into[key] = into[key] and value
        elif key in _TEXT:
            continue
        elif key == "pattern":
            into.setdefault("allOf", []).append({"pattern": value})
        elif (
            key in ("items", "additionalProperties")
            and isinstance(into[key], dict)
            and isinstance(value, dict)
        ):
            conflicts.extend(merge_objects(into[key], value))
        else:
            conflicts.append(f"{key} can't be {into[key]!r} and {value!r} at once")
    return conflicts


def merge_union(into: Raw, junctor: str, branches: list[Branch]) -> str:
    """Several alternatives as one structural schema; a message where that is impossible.

    Scalars of one type share it, integer with string is int-or-string, objects become one object that has
    the fields of all, with a junctor over what tells the alternatives apart.
    """
    schemas = [b.schema for b in branches]
    kinds = {s.get("type", "") for s in schemas}
    if kinds == {"integer", "string"} and not any("enum" in s for s in schemas):
        into.update({"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]})
        bounds = [{k: v for k, v in s.items() if k in _TIGHTER or k == "pattern"} for s in schemas]
        for extra in bounds:
            into.update(extra)
        return ""
    if kinds == {"integer", "number"}:
        into.setdefault("type", "number")
        return ""
    if kinds == {""} and all(s.get("x-kubernetes-preserve-unknown-fields") for s in schemas):
        into["x-kubernetes-preserve-unknown-fields"] = True
        return ""
    if kinds == {"object"}:
        return _union_of_objects(into, junctor, schemas)
    if len(kinds) == 1 and kinds <= {"string", "integer", "number", "boolean"}:
        return _union_of_scalars(into, junctor, schemas)
    named = sorted(k or "any" for k in kinds)
    return f"`{junctor}` of {', '.join(named)} has no counterpart in a custom resource definition"


def _union_of_scalars(into: Raw, junctor: str, schemas: list[Raw]) -> str:
    into["type"] = schemas[0]["type"]
    if all(s.keys() <= {"type", "enum", *_TEXT} and "enum" in s for s in schemas):
        into["enum"] = list(dict.fromkeys(v for s in schemas for v in s["enum"]))
        return ""
    parts = [{k: v for k, v in s.items() if k not in ("type", *_TEXT)} for s in schemas]
    if any(not part for part in parts):
        return ""  # one alternative takes every value of the type
    into[junctor] = parts
    return ""


def _union_of_objects(into: Raw, junctor: str, schemas: list[Raw]) -> str:
    if any("additionalProperties" in s or s.get("x-kubernetes-preserve-unknown-fields") for s in schemas):
        return f"`{junctor}` of open objects has no counterpart in a custom resource definition"
    into["type"] = "object"
    properties: Raw = into.setdefault("properties", {})
    for schema in schemas:
        for name, child in schema.get("properties", {}).items():
            if name not in properties:
                properties[name] = dict(child)
            elif properties[name] != child:
                problem = _widen(properties[name], child)
                if problem:
                    return f"the alternatives of `{junctor}` disagree on `{name}`: {problem}"
    parts = []
    for schema in schemas:
        part: Raw = {}
        if schema.get("required"):
            part["required"] = sorted(schema["required"])
        tags = {
            name: {"enum": child["enum"]}
            for name, child in sorted(schema.get("properties", {}).items())
            if "enum" in child and child["enum"] != properties[name].get("enum")
        }
        if tags:
            part["properties"] = tags
        parts.append(part)
    common = set.intersection(*(set(s.get("required", ())) for s in schemas))
    if common:
        into["required"] = sorted({*into.get("required", ()), *common})
    for part in parts:
        left = [name for name in part.get("required", ()) if name not in common]
        part.pop("required", None)
        if left:
            part["required"] = left
    if all(parts):
        into[junctor] = parts
    return ""


def _widen(into: Raw, other: Raw) -> str:
    """Let `into` take what `other` takes too, where only enums and texts differ."""
    rest = {k: v for k, v in into.items() if k not in ("enum", *_TEXT)}
    rest_other = {k: v for k, v in other.items() if k not in ("enum", *_TEXT)}
    if rest != rest_other:
        return "their schemas differ"
    if "enum" in into and "enum" in other:
        into["enum"] = [*into["enum"], *(v for v in other["enum"] if v not in into["enum"])]
    else:
        into.pop("enum", None)
    into.pop("default", None)
    return ""
