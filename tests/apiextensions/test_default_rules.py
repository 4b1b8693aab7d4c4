"""Defaults must be what the server would take and keep as values."""

from __future__ import annotations

from typing import Any

import pytest
from definition_support import definition, of_field, wrong

OBJECT = {"type": "object", "properties": {"b": {"type": "string"}}}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ({"type": "string", "default": "x"}, []),
        (OBJECT | {"default": {"b": "x"}}, []),
        (OBJECT | {"default": {"z": 1}}, [("", "must not have unknown fields")]),
        (OBJECT | {"default": {"b": 1}}, [(".b", 'b in body must be of type string: "integer"')]),
        (OBJECT | {"default": {}, "required": ["b"]}, [(".b", "")]),
        ({"type": "string", "pattern": "^a+$", "default": "b"}, [("", " in body should match '^a+$'")]),
        ({"type": "string", "enum": ["a"], "default": "b"}, [("", 'supported values: "a"')]),
        (
            {"type": "integer", "maximum": 1, "default": 2},
            [("", " in body should be less than or equal to 1")],
        ),
        ({"type": "string", "default": None}, []),
    ],
)
def test_defaults_are_valid_and_pruned(field: Any, expected: list[tuple[str, str]]) -> None:
    assert wrong(of_field(field)) == [(f".properties[a].default{place}", text) for place, text in expected]


def test_defaults_of_items_are_judged_and_those_below_additional_properties_are_not() -> None:
    bad = {"type": "string", "default": 1}
    text = ' in body must be of type string: "integer"'
    assert wrong(of_field({"type": "array", "items": bad})) == [(".properties[a].items.default", text)]
    assert wrong(of_field({"type": "object", "additionalProperties": bad})) == []


def test_rules_run_over_defaults() -> None:
    rules = [{"rule": "self > 3"}]
    field = {"type": "integer", "default": 2, "x-kubernetes-validations": rules}
    ((place, text),) = wrong(of_field(field))
    assert place == ".properties[a].default"
    assert text == "failed rule: self > 3"


def test_a_default_is_judged_as_a_new_value_too() -> None:
    rules = [{"rule": "oldSelf.hasValue()", "optionalOldSelf": True}]
    field = {"type": "integer", "default": 2, "x-kubernetes-validations": rules}
    assert [place for place, _ in wrong(of_field(field))] == [".properties[a].default"]


def embedded(metadata: Any, **keywords: Any) -> dict[str, Any]:
    properties = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": metadata}
    return {"type": "object", "x-kubernetes-embedded-resource": True, "properties": properties, **keywords}


NAMED = {"type": "object", "properties": {"name": {"type": "string"}}}


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}, []),
        ({"metadata": {}}, [(".apiVersion", ""), (".kind", "")]),
        (
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a/b"}},
            [(".metadata.name", "may not contain '/'")],
        ),
        ({"apiVersion": "v1", "kind": 1}, [(".kind", "must be a string")]),
        (
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": 1}},
            [
                (
                    ".metadata",
                    "json: cannot unmarshal number into Go struct field ObjectMeta.name of type string",
                )
            ],
        ),
    ],
)
def test_defaults_of_embedded_resources_have_a_type_and_sound_metadata(
    default: Any, expected: list[tuple[str, str]]
) -> None:
    found = wrong(of_field(embedded(NAMED, default=default)))
    assert found == [(f".properties[a].default{place}", text) for place, text in expected]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x", ""),
        ("a/b", "must result in valid metadata: metadata.name: Invalid value: \"a/b\": may not contain '/'"),
        (
            1,
            'must result in valid metadata: metadata: Invalid value: {"name":1}: json: cannot unmarshal number into '
            "Go struct field ObjectMeta.name of type string",
        ),
    ],
)
def test_defaults_inside_embedded_metadata_are_judged_in_the_resource_around_them(
    name: Any, text: str
) -> None:
    metadata = {"type": "object", "properties": {"name": {"type": "string", "default": name}}}
    place = ".properties[a].properties[metadata].properties[name].default"
    assert wrong(of_field(embedded(metadata))) == ([(place, text)] if text else [])


def test_the_roots_own_metadata_counts_as_that_of_a_resource() -> None:
    metadata = {"type": "object", "properties": {"name": {"type": "string", "default": "a/b"}}}
    found = wrong(definition({"type": "object", "properties": {"metadata": metadata}}))
    assert [text.split(":")[0] for _, text in found] == [
        "must not be set in top-level metadata",
        "must result in valid metadata",
    ]
