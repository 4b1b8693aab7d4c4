"""Merging schemas: `allOf` into one object, alternatives into one object with a junctor. Pure, on raw data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
_OF_NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_OF_TEXTS = {"pattern", "minLength", "maxLength", "format"}


def merge_objects(into: Raw, other: Raw) -> list[str]:
    """Merge `other` into `into` so that both hold; returns what can't hold together."""
    if into.get("x-kubernetes-preserve-unknown-fields") and "type" not in into and "type" in other:
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a union: why there is no schema for it, or whether fractions are lost on the way."""

    problem: str = ""
    fractions: bool = False


def merge_union(into: Raw, junctor: str, schemas: list[Raw], own: Raw | None = None) -> Outcome:
    """Several alternatives as one structural schema; a message where that is impossible.

    Scalars of one type share it, numbers with strings are int-or-string, objects become one object that has
    the fields of all, with a junctor over what tells the alternatives apart, and lists have items of all.
    `own` holds the fields that the schema has beside its alternatives.
    """
    kinds = {_kind(s) for s in schemas}
    if any(s.get("nullable") for s in schemas):
        into["nullable"] = True
    if kinds == {"integer", "number"}:
        into.setdefault("type", "number")
        return Outcome()
    if len(kinds) > 1 and kinds <= {"integer", "number", "string", "int-or-string"}:
        _int_or_string(into, schemas)
        return Outcome(fractions="number" in kinds)
    if kinds == {"int-or-string"}:
        _int_or_string(into, schemas)
        return Outcome()
    if kinds == {"any"}:
        into["x-kubernetes-preserve-unknown-fields"] = True
        return Outcome()
    if kinds == {"object"}:
        return _union_of_objects(into, junctor, schemas, own or {})
    if kinds == {"array"}:
        return _union_of_lists(into, junctor, schemas)
    if len(kinds) == 1:
        _union_of_scalars(into, junctor, schemas)
        return Outcome()
    named = sorted("any value" if k == "any" else k for k in kinds)
    return Outcome(f"`{junctor}` of {', '.join(named)} has no counterpart in a custom resource definition")


def _kind(schema: Raw) -> str:
    if schema.get("x-kubernetes-int-or-string"):
        return "int-or-string"
    return str(schema.get("type", "any"))


def _int_or_string(into: Raw, schemas: list[Raw]) -> None:
    """Bounds hold numbers and patterns hold texts, so both may stand, unless two alternatives differ in them."""
    into.pop("type", None)
    into.update({"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]})
    if all("enum" in s for s in schemas):
        into["enum"] = [v for s in schemas for v in s["enum"]]
        return
    texts = [s for s in schemas if _kind(s) != "integer" and _kind(s) != "number"]
    numbers = [s for s in schemas if _kind(s) != "string"]
    for keys, alternatives in ((_OF_TEXTS, texts), (_OF_NUMBERS, numbers)):
        free = any("enum" in s or not s.keys() & keys for s in alternatives)
        if len(alternatives) == 1 and not free:
            into.update({k: v for k, v in alternatives[0].items() if k in keys})


def _union_of_lists(into: Raw, junctor: str, schemas: list[Raw]) -> Outcome:
    into["type"] = "array"
    items: list[Raw] = []
    for schema in schemas:
        if schema.get("items", {}) not in items:
            items.append(schema.get("items", {}))
    outcome = Outcome()
    into["items"] = items[0]
    if len(items) > 1:
        into["items"] = {}
        outcome = merge_union(into["items"], junctor, items)
    for key, loosest in (("minItems", min), ("maxItems", max)):
        if all(key in s for s in schemas):
            into[key] = loosest(s[key] for s in schemas)
    if all(s.get("x-kubernetes-list-type") == "set" for s in schemas) and "type" in into["items"]:
        into["x-kubernetes-list-type"] = "set"
    return outcome


def _union_of_scalars(into: Raw, junctor: str, schemas: list[Raw]) -> None:
    into["type"] = schemas[0]["type"]
    if all("enum" in s for s in schemas):
        values: list[Any] = []
        for schema in schemas:
            values.extend(value for value in schema["enum"] if value not in values)
        into["enum"] = values
        return
    parts = [{k: v for k, v in s.items() if k not in ("type", "nullable", *_TEXT)} for s in schemas]
    if any(not part for part in parts):
        return  # one alternative takes every value of the type
    into[junctor] = parts


def _union_of_objects(into: Raw, junctor: str, schemas: list[Raw], own: Raw) -> Outcome:
    if any("additionalProperties" in s for s in schemas):
        return _union_of_maps(into, junctor, schemas)
    into["type"] = "object"
    if any(s.get("x-kubernetes-preserve-unknown-fields") for s in schemas):
        into["x-kubernetes-preserve-unknown-fields"] = True
    properties: Raw = into.setdefault("properties", {})
    names = {name for s in schemas for name in s.get("properties", {})}
    fractions = False
    for name in sorted(names - own.keys()):
        children = [s["properties"][name] for s in schemas if name in s.get("properties", {})]
        outcome = _one_property(properties, name, junctor, children, everywhere=len(children) == len(schemas))
        if outcome.problem:
            return Outcome(f"the alternatives of `{junctor}` disagree on `{name}`: {outcome.problem}")
        fractions = fractions or outcome.fractions
    parts = _told_apart(schemas, {**properties, **own})
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
    return Outcome(fractions=fractions)


def _union_of_maps(into: Raw, junctor: str, schemas: list[Raw]) -> Outcome:
    """Maps with maps have values of all; a map with an object has no counterpart."""
    if not all("additionalProperties" in s for s in schemas):
        return Outcome(f"`{junctor}` of open objects has no counterpart in a custom resource definition")
    into["type"] = "object"
    values: list[Raw] = []
    for schema in schemas:
        if schema["additionalProperties"] not in values:
            values.append(schema["additionalProperties"])
    into["additionalProperties"] = values[0]
    if len(values) == 1:
        return Outcome()
    into["additionalProperties"] = {}
    return merge_union(into["additionalProperties"], junctor, values)


def _one_property(
    properties: Raw, name: str, junctor: str, children: list[Raw], *, everywhere: bool
) -> Outcome:
    """A field of several alternatives: what each of them takes. It has a default only where all have that one."""
    different: list[Raw] = []
    for child in children:
        if child not in different:
            different.append(child)
    properties[name] = dict(different[0])
    outcome = Outcome()
    if len(different) > 1:
        texts = {key: value for child in reversed(children) for key, value in child.items() if key in _TEXT}
        properties[name] = texts
        outcome = merge_union(properties[name], "anyOf", different)
    if not everywhere or any(
        child.get("default", ...) != children[0].get("default", ...) for child in children
    ):
        properties[name].pop("default", None)
    return outcome


def _told_apart(schemas: list[Raw], properties: Raw) -> list[Raw]:
    """What of each alternative tells it from the others: its required fields, and the values of its tags."""
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
    return parts
