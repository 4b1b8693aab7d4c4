"""No alarm means no victim: random changes of a schema, tried on objects that the old one took."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from compare_support import decoded, fields

from opgen.apiextensions import review_definition, review_object
from opgen.apiextensions.compare import Severity, compare, compare_object

STRING: dict[str, Any] = {"type": "string"}
BASE: dict[str, Any] = {
    "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 20},
    "mode": {"type": "string", "enum": ["Fast", "Slow"], "default": "Fast"},
    "size": {"type": "integer", "minimum": 0, "format": "int32"},
    "share": {"type": "number", "nullable": True},
    "port": {"x-kubernetes-int-or-string": True},
    "labels": {"type": "object", "additionalProperties": STRING},
    "tags": {"type": "array", "maxItems": 4, "items": STRING},
    "rules": {
        "type": "array",
        "maxItems": 4,
        "items": {
            "type": "object",
            "properties": {"key": STRING, "value": STRING, "weight": {"type": "integer"}},
            "required": ["key"],
        },
    },
    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "auth": {"type": "object", "properties": {"token": STRING, "user": STRING}, "maxProperties": 2},
}
OBJECTS: list[dict[str, Any]] = [
    {},
    {"name": "abc", "mode": "Slow", "size": 0},
    {"name": "z", "size": 7, "share": 0.5, "port": 80, "labels": {"a": "b"}},
    {"share": None, "port": "http", "tags": []},
    {"tags": ["x", "x", "longer"], "rules": [{"key": "a"}, {"key": "a", "value": "v", "weight": 3}]},
    {"rules": [], "free": {"any": {"thing": [1]}}, "auth": {"token": "t"}},
    {"auth": {"token": "t", "user": "u"}, "labels": {}, "share": 3},
]
RULES = (
    "has(self.auth)",
    "!has(self.size) || self.size < 5",
    "!has(self.name) || self.name != 'z'",
    "!has(self.extra)",
)


def _set(name: str, *values: Any) -> Callable[[random.Random, dict[str, Any]], None]:
    return lambda source, node: node.__setitem__(name, deepcopy(source.choice(values)))


def _take(name: str) -> Callable[[random.Random, dict[str, Any]], None]:
    return lambda _, node: node.pop(name, None) and None


def _retype(source: random.Random, node: dict[str, Any]) -> None:
    node.clear()
    node.update(
        source.choice([{"type": "string"}, {"type": "integer"}, {"x-kubernetes-int-or-string": True}])
    )


def _drop_field(source: random.Random, node: dict[str, Any]) -> None:
    properties = node.get("properties") or {}
    if properties:
        name = source.choice(sorted(properties))
        del properties[name]
        node["required"] = [other for other in node.get("required", []) if other != name]


def _require(source: random.Random, node: dict[str, Any]) -> None:
    if node.get("properties"):
        node["required"] = sorted({*node.get("required", []), source.choice(sorted(node["properties"]))})


def _junctor(source: random.Random, node: dict[str, Any]) -> None:
    names = sorted(node.get("properties") or {})
    if len(names) > 1:
        branches = [{"required": [name]} for name in source.sample(names, 2)]
        keyword = source.choice(["anyOf", "oneOf", "not"])
        node[keyword] = branches[0] if keyword == "not" else branches


def _rule(source: random.Random, node: dict[str, Any]) -> None:
    if "auth" in (node.get("properties") or {}):
        node["properties"]["extra"] = STRING
        node["x-kubernetes-validations"] = [{"rule": source.choice(RULES)}]


CHANGES: tuple[Callable[[random.Random, dict[str, Any]], None], ...] = (
    _set("maxLength", 1, 3, 30), _set("minLength", 1, 2), _set("pattern", "^[a-c]+$", "^[a-z0-9]*$", "a"),
    _set("enum", ["Fast"], ["Fast", "Slow", "Off"], ["abc", "z", "x"]), _set("maximum", 3, 100), _set("minimum", -1, 1),
    _set("multipleOf", 2), _set("nullable", True), _set("format", "int64", "date-time", "ipv4"), _set("maxItems", 1, 9),
    _set("minItems", 1), _set("x-kubernetes-list-type", "set", "atomic"), _set("maxProperties", 1, 5),
    _set("minProperties", 1), _set("default", "abc", 3), _take("default"), _take("enum"), _take("pattern"),
    _take("nullable"), _take("maxItems"), _take("required"), _take("additionalProperties"), _take("format"),
    _take("x-kubernetes-preserve-unknown-fields"), _set("additionalProperties", {"type": "integer"}, STRING),
    _retype, _drop_field, _require, _junctor, _rule,
)  # fmt: skip


def _nodes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found = [schema]
    for child in (schema.get("properties") or {}).values():
        found += _nodes(child)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            found += _nodes(schema[keyword])
    return found


def test_what_is_no_breaking_change_breaks_no_object() -> None:
    source = random.Random(23)
    raw = fields(**BASE)
    old = decoded(raw)
    objects: list[dict[str, Any]] = [
        {
            "apiVersion": "example.com/v1",
            "kind": "Widget",
            "metadata": {"name": "w", "namespace": "n"},
            "spec": spec,
        }
        for spec in OBJECTS
    ]
    assert all(review_object(old, obj).allowed for obj in objects)
    quiet = loud = 0
    for _ in range(250):
        changed = deepcopy(raw)
        spec = changed["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
        for _ in range(source.choice([1, 1, 2])):
            source.choice(CHANGES)(source, source.choice(_nodes(spec)))
        new = decoded(changed)
        if any(not error.field.startswith("status") for error in review_definition(new).errors):
            continue
        reasons = compare(old, new)
        if any(reason.severity is Severity.BREAKING for reason in reasons):
            loud += 1
            continue
        quiet += 1
        for obj in objects:
            hurt = [r for r in compare_object(old, new, obj) if r.severity is Severity.BREAKING]
            assert not hurt, (hurt[0].text, [r.text for r in reasons], spec)
    assert quiet > 50
    assert loud > 25
