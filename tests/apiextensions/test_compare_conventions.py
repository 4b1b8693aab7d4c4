"""Kubernetes' API conventions, for what is new alone."""

from __future__ import annotations

from typing import Any

import pytest
from compare_support import fields, lines
from definition_support import definition

STRING: dict[str, Any] = {"type": "string"}
CONDITION: dict[str, Any] = {
    "type": "object",
    "properties": dict.fromkeys(
        ("lastTransitionTime", "message", "observedGeneration", "reason", "status", "type"), STRING
    ),
    "required": ["type"],
}


def said(old: Any, new: Any) -> list[str]:
    found = lines(old, new, conventions=True)
    return [text.removeprefix("dangerous v1 ") for text in found if "[convention-" in text]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "boolean"}, "is a boolean [convention-bool]"),
        ({"type": "number"}, "is a floating-point number [convention-float]"),
        ({"type": "integer", "format": "uint32"}, "is an unsigned integer [convention-uint]"),
        ({"type": "object", "additionalProperties": STRING}, "is a map [convention-map]"),
        ({"type": "array", "items": STRING}, "has no x-kubernetes-list-type [convention-list-type]"),
    ],
)
def test_a_new_field(schema: Any, expected: str) -> None:
    assert said(fields(a=STRING), fields(a=STRING, b=schema)) == [f"spec.b: {expected}"]
    assert said(fields(b=schema), fields(a=STRING, b=schema)) == []  # it was so before
    assert lines(fields(b=STRING), fields(a=schema, b=STRING)) == [
        f"safe v1 spec.a: is new, of type {schema['type']} [field-added]"
    ]


def test_a_list_with_its_type() -> None:
    listed = {"type": "array", "items": STRING, "x-kubernetes-list-type": "atomic"}
    assert said(fields(a=STRING), fields(a=STRING, b=listed)) == []


def status(**properties: Any) -> dict[str, Any]:
    raw = definition(
        {"type": "object", "properties": {"status": {"type": "object", "properties": properties}}}
    )
    raw["spec"]["versions"][0]["subresources"] = {"status": {}}
    return raw


def test_conditions() -> None:
    plain = {"type": "array", "items": CONDITION, "x-kubernetes-list-type": "atomic"}
    assert said(status(), status(conditions=plain)) == [
        "status.conditions: are not a list of type map with the key type [convention-conditions]"
    ]
    keyed = {**plain, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}
    assert said(status(), status(conditions=keyed)) == []
    bare = {**keyed, "items": {"type": "object", "properties": {"type": STRING}, "required": ["type"]}}
    assert said(status(), status(conditions=bare)) == [
        "status.conditions[]: have no lastTransitionTime, message, observedGeneration, reason, status "
        "[convention-conditions]"
    ]


def test_a_status_without_its_subresource() -> None:
    raw = status(ready=STRING)
    raw["spec"]["versions"][0].pop("subresources")
    assert said(definition(), raw) == ["status: has no status subresource [convention-status]"]
    assert said(raw, raw) == []


def test_rules_beyond_the_server_s_budget_are_refused() -> None:
    lists = {"type": "array", "items": {"type": "array", "items": STRING}}
    rule = {"rule": "self.all(x, x.all(y, y.contains('a')))"}
    found = lines(fields(a=lists), fields(a={**lists, "x-kubernetes-validations": [rule]}))
    assert any(
        "estimated rule cost exceeds budget" in text and "[refused-by-server]" in text for text in found
    )
