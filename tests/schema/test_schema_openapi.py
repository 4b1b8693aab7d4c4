"""OpenAPI and JSON Schema: every construct is converted, or refused with a remedy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opgen import schema
from opgen.apiextensions import encode
from opgen.schema import Found, Given

WIDGET = Given(group="demo.example.com", version="v1", kind="Widget")


def load(document: Any, pointer: str = "") -> Found:
    return schema.load_text(
        json.dumps(document), "w.json", Given("demo.example.com", "v1", "Widget", pointer=pointer)
    )


def converted(field: Any, **document: Any) -> dict[str, Any]:
    found = load({"type": "object", "properties": {"f": field}, **document})
    assert found.ok, found.diagnostics
    raw: Any = encode(found.loaded[0].definition)
    result: dict[str, Any] = raw["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"][
        "properties"
    ]["f"]
    return result


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"type": "integer", "nullable": True}),
        ({"const": "a"}, {"type": "string", "enum": ["a"]}),
        ({"type": "number", "exclusiveMinimum": 3}, {"type": "number", "minimum": 3, "exclusiveMinimum": True}),
        ({"type": "number", "minimum": 5, "exclusiveMinimum": 3}, {"type": "number", "minimum": 5}),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True},
         {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]},
         {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}),
        ({"type": ["integer", "string"]},
         {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}),
        ({}, {"x-kubernetes-preserve-unknown-fields": True}),
        (True, {"x-kubernetes-preserve-unknown-fields": True}),
        ({"type": "object"}, {"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
        ({"type": "object", "additionalProperties": {"type": "integer"}},
         {"type": "object", "additionalProperties": {"type": "integer"}}),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
         {"type": "object", "properties": {"a": {"type": "string"}}}),
        ({"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
                    {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]}]},
         {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}),
        ({"enum": ["a", "b"]}, {"type": "string", "enum": ["a", "b"]}),
        ({"type": "string", "default": None}, {"type": "string"}),
        ({"type": "string", "examples": ["x"]}, {"type": "string", "example": "x"}),
        ({"type": "string", "contentEncoding": "base64"}, {"type": "string", "format": "byte"}),
        ({"type": "array"}, {"type": "array", "items": {"x-kubernetes-preserve-unknown-fields": True}}),
    ],
)  # fmt: skip
def test_conversion_table(given: Any, expected: dict[str, Any]) -> None:
    """One row of the table each."""
    assert converted(given) == expected


def test_references_are_inlined() -> None:
    """`$ref` brings its target, and keeps what stands beside it."""
    tls = {"type": "object", "properties": {"secret": {"type": "string"}}}
    field = converted({"$ref": "#/$defs/Tls", "description": "mine"}, **{"$defs": {"Tls": tls}})
    assert field == {**tls, "description": "mine"}


def test_a_union_of_objects_keeps_its_alternatives() -> None:
    """The fields of all, told apart by a junctor over their tags."""
    cat = {
        "type": "object",
        "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
        "required": ["kind", "lives"],
    }
    dog = {
        "type": "object",
        "properties": {"kind": {"const": "dog"}, "tricks": {"type": "integer"}},
        "required": ["kind"],
    }
    field = converted({"oneOf": [cat, dog]})
    assert sorted(field["properties"]) == ["kind", "lives", "tricks"]
    assert field["properties"]["kind"]["enum"] == ["cat", "dog"]
    assert field["required"] == ["kind"]
    assert field["oneOf"] == [
        {"properties": {"kind": {"enum": ["cat"]}}, "required": ["lives"]},
        {"properties": {"kind": {"enum": ["dog"]}}},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ({"if": {}, "then": {}, "type": "string"}, "`if` has no counterpart in a custom resource definition"),
        ({"prefixItems": [{"type": "string"}], "type": "array"}, "`prefixItems` has no counterpart"),
        ({"$ref": "other.json#/X"}, "`$ref: other.json#/X` leads out of this document"),
        ({"$ref": "#/$defs/Nowhere"}, "`$ref: #/$defs/Nowhere` leads nowhere"),
        ({"type": ["string", "boolean"]}, "a field has one type, not string, boolean"),
        ({"nonsense": 1, "type": "string"}, "`nonsense` is not a keyword of OpenAPI 3 or JSON Schema"),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}},
         "`properties` and `additionalProperties` exclude each other"),
        (False, "`false` allows no value at all"),
    ],
)  # fmt: skip
def test_what_has_no_counterpart_is_refused(field: Any, says: str) -> None:
    """An error names the construct, its path and the remedy."""
    found = load({"type": "object", "properties": {"f": field}})
    assert found.loaded == ()
    assert found.diagnostics[0].message.startswith(says)
    assert found.diagnostics[0].path.startswith("$.properties.f")


def test_cycles_are_named() -> None:
    """A schema that contains itself names the way round."""
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    found = load({"$ref": "#/$defs/Node", "$defs": {"Node": node}})
    assert found.diagnostics[0].message == "the schema contains itself: #/$defs/Node -> #/$defs/Node"
    assert "preserve-unknown-fields" in found.diagnostics[0].hint


def test_the_pointer_chooses_and_hints() -> None:
    """An OpenAPI document wants a pointer, and lists what there is."""
    document = {
        "openapi": "3.0.0",
        "components": {"schemas": {"Widget": {"type": "object", "properties": {}}}},
    }
    assert "/components/schemas/Widget" in load(document).diagnostics[0].hint
    assert load(document, "#/components/schemas/Widget").ok
    assert load(document, "/components/schemas/Gadget").diagnostics[0].message.endswith("leads nowhere")


def test_a_whole_object_and_a_spec() -> None:
    """A schema with `spec` is the object, any other is its spec."""
    whole = load(
        {
            "type": "object",
            "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}},
        }
    )
    spec = load({"type": "object", "properties": {"a": {"type": "string"}}})
    for found in (whole, spec):
        version = found.loaded[0].definition.versions[0].schema
        assert version is not None
        assert list(version.properties["spec"].properties) == ["a"]


def test_what_the_document_does_not_say_is_asked_for() -> None:
    """Group, version and kind come from the command line."""
    found = schema.load_text('{"type": "object", "properties": {}}', "w.json")
    assert [d.hint for d in found.diagnostics] == ["give --group", "give --version", "give --kind"]
