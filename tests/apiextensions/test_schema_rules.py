"""Keywords that no schema may have, list and map types, the root under the status subresource."""

from __future__ import annotations

from typing import Any

import pytest
from definition_support import definition, details, of_field, wrong


@pytest.mark.parametrize(
    ("keyword", "value", "text"),
    [
        ("id", "x", "id is not supported"),
        ("$ref", "#/x", "$ref is not supported"),
        ("definitions", {"x": {"type": "string"}}, "definitions is not supported"),
        ("dependencies", {"x": ["y"]}, "dependencies is not supported"),
        ("patternProperties", {"x": {}}, "patternProperties is not supported"),
        ("additionalItems", True, "additionalItems is not supported"),
        (
            "uniqueItems",
            True,
            "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
        ),
        ("items", [{}], "items must be a schema object and not an array"),
        ("x-kubernetes-preserve-unknown-fields", False, "must be true or undefined"),
    ],
)
def test_forbidden_keywords(keyword: str, value: Any, text: str) -> None:
    field = {"type": "object", keyword: value}
    assert (f".properties[a].{keyword}", text) in wrong(of_field(field))


def test_types_are_those_of_openapi() -> None:
    text = 'supported values: "array", "boolean", "integer", "number", "object", "string"'
    assert wrong(of_field({"type": "file"})) == [(".properties[a].type", text)]
    assert details(of_field({"type": "null"})) == [
        text,
        "type cannot be set to null, use nullable as an alternative",
    ]


@pytest.mark.parametrize(("rest", "sound"), [(True, True), (False, False), ({"type": "string"}, False)])
def test_properties_exclude_additional_properties(rest: Any, sound: bool) -> None:
    field = {"type": "object", "properties": {"b": {"type": "string"}}, "additionalProperties": rest}
    text = "additionalProperties and properties are mutual exclusive"
    assert details(of_field(field)) == ([] if sound else [text])


def test_defaults_are_forbidden_in_top_level_metadata() -> None:
    schema = {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "default": "Widget"},
            "metadata": {"type": "object", "properties": {"name": {"type": "string", "default": "x"}}},
        },
    }
    assert wrong(definition(schema)) == [
        (".properties[kind].default", "must not be set in top-level kind"),
        (".properties[metadata].properties[name].default", "must not be set in top-level metadata"),
    ]


def test_defaults_are_forbidden_in_maps_inside_embedded_metadata() -> None:
    labels = {"type": "object", "additionalProperties": {"type": "string", "default": "x"}}
    metadata = {"type": "object", "properties": {"labels": labels}}
    field = {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"metadata": metadata}}
    text = "must not be set inside additionalProperties applying to object metadata"
    assert details(of_field(field)) == [text]


def test_resources_are_not_embedded_in_metadata() -> None:
    inner = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "x-kubernetes-preserve-unknown-fields": True,
    }
    metadata = {"type": "object", "properties": {"labels": inner}}
    field = {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"metadata": metadata}}
    assert details(of_field(field)) == ["must not be used inside of resource meta"]


STRINGS = {"type": "array", "items": {"type": "string"}}
OBJECTS = {
    "type": "array",
    "items": {"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}}},
}
MAP = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (STRINGS | {"x-kubernetes-list-type": "set"}, []),
        (OBJECTS | MAP, []),
        (
            STRINGS | {"x-kubernetes-list-type": "bag"},
            [(".x-kubernetes-list-type", 'supported values: "atomic", "set", "map"')],
        ),
        (
            {"type": "object", "x-kubernetes-map-type": "loose"},
            [(".x-kubernetes-map-type", 'supported values: "atomic", "granular"')],
        ),
        (
            {"type": "string", "x-kubernetes-map-type": "atomic"},
            [(".type", "must be object if x-kubernetes-map-type is specified")],
        ),
        (
            {"type": "string", "x-kubernetes-list-type": "set"},
            [(".type", "must be array if x-kubernetes-list-type is specified")],
        ),
        (
            OBJECTS | {"x-kubernetes-list-type": "set"},
            [
                (
                    ".items.x-kubernetes-map-type",
                    "must be atomic as item of a list with x-kubernetes-list-type=set",
                )
            ],
        ),
        (
            {
                "type": "array",
                "x-kubernetes-list-type": "set",
                "items": STRINGS | {"x-kubernetes-list-type": "set"},
            },
            [
                (
                    ".items.x-kubernetes-list-type",
                    "must be atomic as item of a list with x-kubernetes-list-type=set",
                )
            ],
        ),
        (
            STRINGS | {"x-kubernetes-list-map-keys": ["k"]},
            [(".x-kubernetes-list-type", "must be map if x-kubernetes-list-map-keys is non-empty")],
        ),
        (
            OBJECTS | {"x-kubernetes-list-type": "map"},
            [(".x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map")],
        ),
        (
            STRINGS | MAP,
            [(".items.type", "must be object if parent array's x-kubernetes-list-type is map")],
        ),
        (
            OBJECTS | MAP | {"x-kubernetes-list-map-keys": ["k", "k", "z"]},
            [
                (".x-kubernetes-list-map-keys", "entries must all be names of item properties"),
                (".x-kubernetes-list-map-keys", "must not contain duplicate entries"),
            ],
        ),
    ],
)
def test_list_and_map_types(field: Any, expected: list[tuple[str, str]]) -> None:
    assert wrong(of_field(field)) == [(f".properties[a]{place}", text) for place, text in expected]


def item(**keywords: Any) -> dict[str, Any]:
    """A list of type map whose item has these keywords beside the key."""
    items = {"type": "object", "properties": {"k": {"type": "string"}}, **keywords}
    return {"type": "array", "items": items, **MAP}


def test_keys_of_a_map_are_always_there() -> None:
    text = (
        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
    )
    assert details(of_field(item())) == [text]
    assert details(of_field(item(required=["k"]))) == []
    assert details(of_field(item(properties={"k": {"type": "string", "default": ""}}))) == []


def test_keys_and_items_are_scalars_and_never_null() -> None:
    nullable = item(required=["k"], nullable=True, properties={"k": {"type": "string", "nullable": True}})
    assert details(of_field(nullable)) == [
        "cannot be nullable when x-kubernetes-list-type is map",
        "this property is in x-kubernetes-list-map-keys, so it cannot be nullable",
    ]
    composed = item(required=["k"], properties={"k": {"type": "object"}})
    assert details(of_field(composed)) == [
        "must be a scalar type if parent array's x-kubernetes-list-type is map"
    ]


def with_status(schema: Any) -> dict[str, Any]:
    raw = definition(schema)
    raw["spec"]["versions"][0]["subresources"] = {"status": {}}
    return raw


def test_a_map_has_one_schema_for_its_items() -> None:
    nothing = {"type": "array", **MAP}
    assert (".properties[a].items", "must have a schema if x-kubernetes-list-type is map") in wrong(
        of_field(nothing)
    )
    several = {"type": "array", "items": [], **MAP}
    text = "must only have a single schema if x-kubernetes-list-type is map"
    assert (".properties[a].items", text) in wrong(of_field(several))


def test_list_and_map_types_want_a_type() -> None:
    untyped = {"x-kubernetes-preserve-unknown-fields": True, "x-kubernetes-list-type": "set"}
    assert details(of_field(untyped)) == ["must be array if x-kubernetes-list-type is specified"]
    keys = {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}
    keys["x-kubernetes-list-map-keys"] = ["k"]
    assert details(of_field(keys)) == ["must be map if x-kubernetes-list-map-keys is non-empty"]


def test_with_a_status_subresource_the_root_has_few_keywords() -> None:
    allowed = {
        "type": "object",
        "description": "d",
        "required": ["a"],
        "properties": {"a": {"type": "string"}},
    }
    assert wrong(with_status(allowed)) == []
    (found,) = wrong(with_status({"type": "object", "maxProperties": 1}))
    assert found[0] == ""
    assert found[1].startswith("only [Description Type Format Title Maximum")
    assert found[1].endswith(
        "fields are allowed at the root of the schema if the status subresource is enabled"
    )
    text = (
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
    )
    assert (".type", text) in wrong(with_status({"type": "array", "items": {"type": "string"}}))


def test_a_keyword_that_is_present_and_empty_counts_at_that_root() -> None:
    (found,) = wrong(with_status({"type": "object", "enum": []}))
    assert found[1].startswith("only [Description")
    assert wrong(definition({"type": "object", "enum": []})) == []


def test_rules_are_compiled_where_the_schema_is_sound() -> None:
    broken = {"type": "string", "x-kubernetes-validations": [{"rule": "self +"}]}
    (found,) = wrong(of_field(broken))
    assert found[0] == ".properties[a].x-kubernetes-validations[0].rule"
    assert found[1].startswith("compilation failed: ERROR: <input>")
    unsound = of_field(broken, anyOf=[{"type": "string"}])
    assert [text for _, text in wrong(unsound)] == ["must be empty to be structural"]
