"""Alternatives as one schema with a junctor over what tells them apart. Pure, on raw data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from opgen.schema.openapi.conversion import Raw
from opgen.schema.openapi.merging import TEXT

_RULES = "x-kubernetes-validations"
_ITS_OWN = ("minProperties", "maxProperties", "allOf", "anyOf", "oneOf", "not")
_OF_NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_OF_TEXTS = {"pattern", "minLength", "maxLength", "format"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a union: why there is no schema for it, or what is lost on the way (fractions, CEL rules)."""

    problem: str = ""
    fractions: bool = False
    rules: bool = False


def merge_union(
    into: Raw, junctor: str, schemas: list[Raw], own: Raw | None = None, closed: Sequence[bool] = ()
) -> Outcome:
    """Several alternatives as one structural schema; a message where that is impossible.

    Scalars of one type share it, numbers with strings are int-or-string, objects become one object that has
    the fields of all, with a junctor over what tells the alternatives apart, and lists have items of all.
    `own` holds the fields that the schema has beside its alternatives; `closed` says which of them take no others.
    """
    outcome = _merge_kinds(into, junctor, schemas, own or {}, closed)
    return replace(outcome, rules=outcome.rules or any(_RULES in schema for schema in schemas))


def _merge_kinds(into: Raw, junctor: str, schemas: list[Raw], own: Raw, closed: Sequence[bool]) -> Outcome:
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
        return _union_of_objects(into, junctor, schemas, own, closed)
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
    """Bounds hold numbers and patterns hold texts, so what each kind of alternative says may stand beside the other."""
    into.pop("type", None)
    into.update({"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]})
    if all("enum" in s for s in schemas):
        into["enum"] = [v for s in schemas for v in s["enum"]]
        return
    texts = [s for s in schemas if _kind(s) not in ("integer", "number")]
    numbers = [s for s in schemas if _kind(s) != "string"]
    for keys, alternatives in ((_OF_TEXTS, texts), (_OF_NUMBERS, numbers)):
        parts = [_of_one_kind(s, keys) for s in alternatives]
        if not all(parts):
            continue  # one alternative takes every text, or every number
        for key, value in (parts[0] if len(parts) == 1 else {"allOf": [{"anyOf": parts}]}).items():
            into[key] = [*into.get("allOf", ()), *value] if key == "allOf" else value


def _of_one_kind(schema: Raw, keys: set[str]) -> Raw:
    """What an alternative says of its texts or of its numbers, in words which the other kind satisfies anyhow."""
    made = {k: v for k, v in schema.items() if k in keys}
    values = schema.get("enum")
    if values is None:
        return made
    if keys is _OF_NUMBERS:
        return {**made, "allOf": [{"anyOf": [{"enum": values}, {"minimum": 1, "maximum": 0}]}]}
    text = f"^(?:{'|'.join(re.escape(value) for value in values if isinstance(value, str))})$"
    return {**made, "allOf": [{"pattern": text}]} if "pattern" in made else {**made, "pattern": text}


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
    parts = [{k: v for k, v in s.items() if k not in ("type", "nullable", _RULES, *TEXT)} for s in schemas]
    if any(not part for part in parts):
        return  # one alternative takes every value of the type
    into[junctor] = parts


def _union_of_objects(
    into: Raw, junctor: str, schemas: list[Raw], own: Raw, closed: Sequence[bool]
) -> Outcome:
    if any("additionalProperties" in s for s in schemas):
        return _union_of_maps(into, junctor, schemas)
    into["type"] = "object"
    if any(s.get("x-kubernetes-preserve-unknown-fields") for s in schemas):
        into["x-kubernetes-preserve-unknown-fields"] = True
    properties: Raw = into.setdefault("properties", {})
    names = {name for s in schemas for name in s.get("properties", {})}
    whole = Outcome()
    for name in sorted(names - own.keys()):
        children = [s["properties"][name] for s in schemas if name in s.get("properties", {})]
        outcome = _one_property(properties, name, junctor, children, everywhere=len(children) == len(schemas))
        if outcome.problem:
            return Outcome(f"the alternatives of `{junctor}` disagree on `{name}`: {outcome.problem}")
        whole = Outcome("", whole.fractions or outcome.fractions, whole.rules or outcome.rules)
    parts = _told_apart(schemas, {**properties, **own})
    for schema, part, alone in zip(schemas, parts, closed or [False] * len(schemas), strict=True):
        foreign = sorted(names - schema.get("properties", {}).keys() - own.keys())
        if alone and foreign:
            _add(part, {"not": {"anyOf": [{"required": [name]} for name in foreign]}})
    common = set.intersection(*(set(s.get("required", ())) for s in schemas))
    if common:
        into["required"] = sorted({*into.get("required", ()), *common})
    if junctor == "oneOf" and not _one_holds(schemas, parts, {**properties, **own}):
        junctor = "anyOf"
    for part in parts:
        left = [name for name in part.get("required", ()) if name not in common]
        part.pop("required", None)
        if left:
            part["required"] = left
    if all(parts):
        into[junctor] = parts
    return whole


def _add(part: Raw, condition: Raw) -> None:
    if part.keys() & condition.keys():
        part["allOf"] = [*part.get("allOf", ()), condition]
    else:
        part.update(condition)


def _one_holds(schemas: list[Raw], parts: list[Raw], properties: Raw) -> bool:
    """Whether no more parts hold than alternatives do, so that `oneOf` refuses nothing that is valid.

    So it is where a tag tells them apart, and where a part and the fields' own schemas say all of its alternative.
    """
    for name in sorted(set.intersection(*(set(s.get("required", ())) for s in schemas))):
        tags = [part.get("properties", {}).get(name, {}).get("enum", ()) for part in parts]
        values = [value for tag in tags for value in tag]
        if all(tags) and all(value not in values[:n] for n, value in enumerate(values)):
            return True
    for schema, part in zip(schemas, parts, strict=True):
        for name, child in schema.get("properties", {}).items():
            tag = {"enum"} if name in part.get("properties", {}) else set()
            if _bare(child, tag) != _bare(properties[name], tag):
                return False
    return True


def _bare(schema: Raw, without: set[str]) -> Raw:
    return {key: value for key, value in schema.items() if key not in TEXT and key not in without}


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
        texts = {key: value for child in reversed(children) for key, value in child.items() if key in TEXT}
        properties[name] = texts
        outcome = merge_union(properties[name], "anyOf", different)
    if not everywhere or any(
        child.get("default", ...) != children[0].get("default", ...) for child in children
    ):
        properties[name].pop("default", None)
    return outcome


def _told_apart(schemas: list[Raw], properties: Raw) -> list[Raw]:
    """What of each alternative tells it from the others: required fields, the values of tags, conditions of its own."""
    parts = []
    for schema in schemas:
        part: Raw = {key: schema[key] for key in _ITS_OWN if key in schema}
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
