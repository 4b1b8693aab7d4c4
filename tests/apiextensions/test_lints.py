"""Each lint: what it finds, and the sound neighbour that it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest
from definition_support import definition, of_field

from opgen.apiextensions import HARMS, decode, lint, review_definition


def found(raw: Any) -> list[tuple[str, str]]:
    """Code and path of each finding; the definition is one that the server takes."""
    assert review_definition(raw).allowed
    decoded = decode(raw)
    assert decoded.definition is not None
    place = "spec.versions[0].schema.openAPIV3Schema"
    return [
        (finding.code, finding.path.removeprefix(place))
        for finding in lint(decoded.definition, decoded.dropped)
    ]


OPEN = {"x-kubernetes-preserve-unknown-fields": True}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            {"type": "integer", "format": "int32", "maximum": 4294967295},
            [("bound-out-of-format", ".maximum")],
        ),
        ({"type": "integer", "format": "int64", "maximum": 4294967295}, []),
        ({"type": "integer", "minimum": 1.5}, [("bound-out-of-format", ".minimum")]),
        ({"type": "integer", "minimum": 2, "maximum": 1}, [("empty-range", ".minimum")]),
        ({"type": "number", "minimum": 1, "maximum": 1}, []),
        (
            {"type": "number", "minimum": 1, "maximum": 1, "exclusiveMaximum": True},
            [("empty-range", ".minimum")],
        ),
        ({"type": "string", "minLength": 2, "maxLength": 1}, [("empty-range", ".minLength")]),
        ({"type": "string", "minLength": -1}, [("negative-bound", ".minLength")]),
        ({"type": "string", "enum": ["a", 1]}, [("enum-type", ".enum[1]")]),
        ({"type": "string", "nullable": True, "enum": ["a", None]}, []),
        ({"type": "string", "enum": [None]}, [("enum-type", ".enum[0]")]),
        ({"type": "integer", "enum": [1, 2.0]}, []),
        ({"type": "number", "enum": [True]}, [("enum-type", ".enum[0]")]),
        ({"x-kubernetes-int-or-string": True, "enum": [1, "1"]}, []),
        ({"type": "object"}, [("prunes-everything", "")]),
        ({"type": "object", **OPEN}, []),
        ({"type": "object", "additionalProperties": {"type": "string"}}, []),
        ({"type": "object", "additionalProperties": False}, [("prunes-everything", "")]),
        ({"type": "object", "required": ["b"], **OPEN}, []),
        (
            {"type": "object", "required": ["b"], "properties": {"c": {"type": "string"}}},
            [("required-undeclared", ".required")],
        ),
        ({"type": "string", "format": "magic"}, [("unknown-format", ".format")]),
        ({"type": "string", "format": "date-time"}, []),
        ({"type": "integer", "format": "date-time"}, [("unknown-format", ".format")]),
    ],
)
def test_one_field(field: Any, expected: list[tuple[str, str]]) -> None:
    assert found(of_field(field)) == [(code, f".properties[a]{place}") for code, place in expected]


def test_metadata_that_declares_nothing_loses_labels_unless_it_is_a_resources() -> None:
    template = {
        "type": "object",
        "properties": {"metadata": {"type": "object"}, "spec": {"type": "object", **OPEN}},
    }
    place = ".properties[a].properties[metadata]"
    assert found(of_field(template)) == [("prunes-metadata", place)]
    assert found(of_field(template | {"x-kubernetes-embedded-resource": True})) == []
    root = {"type": "object", "properties": {"metadata": {"type": "object"}}}
    assert found(definition(root)) == []


def test_a_resource_need_not_declare_what_every_resource_has() -> None:
    field = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "required": ["kind"],
        "properties": {"b": {"type": "string"}},
    }
    assert found(of_field(field, required=["metadata"])) == []


@pytest.mark.parametrize("junctor", ["allOf", "anyOf", "oneOf", "not"])
def test_junctors_below_the_root_speak_of_declared_fields(junctor: str) -> None:
    branch: Any = {"required": ["z"], "properties": {"b": {"minLength": 1}, "y": {"minLength": 1}}}
    value = branch if junctor == "not" else [branch]
    field = {"type": "object", "properties": {"b": {"type": "string"}}, junctor: value}
    place = f".properties[a].{junctor}" + ("" if junctor == "not" else "[0]")
    assert found(of_field(field)) == [("undeclared-in-junctor", place)] * 2
    assert found(of_field(field | {"additionalProperties": True})) == []


def test_junctors_inside_junctors_and_below_fields_and_items() -> None:
    field = {
        "type": "object",
        "properties": {
            "b": {"type": "array", "items": {"type": "object", "properties": {"c": {"type": "string"}}}}
        },
        "anyOf": [{"not": {"properties": {"b": {"items": {"required": ["d"]}}}}}],
    }
    assert found(of_field(field)) == [
        ("undeclared-in-junctor", ".properties[a].anyOf[0].not.properties[b].items")
    ]


def test_keywords_that_vanish_without_a_word() -> None:
    field = {"type": "array", "items": {"type": "string", "const": "x"}}
    assert found(of_field(field)) == [("dropped-keyword", ".properties.a.items.const")]


def test_findings_go_below_items_and_maps() -> None:
    bad = {"type": "string", "minLength": -1}
    inner = {"type": "array", "items": {"type": "object", "additionalProperties": bad}}
    place = ".properties[a].items.additionalProperties.minLength"
    assert found(of_field(inner)) == [("negative-bound", place)]


def test_every_code_has_a_harm() -> None:
    raw = of_field({"type": "object"})
    decoded = decode(raw)
    assert decoded.definition is not None
    (finding,) = lint(decoded.definition)
    assert finding.code in HARMS
    assert finding.hint
    assert all(harm.endswith(".") for harm in HARMS.values())
