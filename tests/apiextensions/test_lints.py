"""Each lint: what it finds, and the sound neighbour that it leaves alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from definition_support import definition, of_field

from opgen.apiextensions import LINTS, decode, lint, review_definition, review_object
from opgen.documents import load


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
            [("OPG101", ".maximum")],
        ),
        ({"type": "integer", "format": "int64", "maximum": 4294967295}, []),
        ({"type": "integer", "minimum": 1.5}, [("OPG101", ".minimum")]),
        ({"type": "integer", "minimum": 2, "maximum": 1}, [("OPG102", ".minimum")]),
        ({"type": "number", "minimum": 1, "maximum": 1}, []),
        (
            {"type": "number", "minimum": 1, "maximum": 1, "exclusiveMaximum": True},
            [("OPG102", ".minimum")],
        ),
        ({"type": "string", "minLength": 2, "maxLength": 1}, [("OPG102", ".minLength")]),
        ({"type": "string", "minLength": -1}, [("OPG103", ".minLength")]),
        ({"type": "string", "enum": ["a", 1]}, [("OPG104", ".enum[1]")]),
        ({"type": "string", "nullable": True, "enum": ["a", None]}, [("OPG107", ".nullable")]),
        ({"type": "string", "enum": [None]}, [("OPG104", ".enum[0]")]),
        ({"type": "integer", "enum": [1, 2.0]}, []),
        ({"type": "string", "enum": ["a", "b", "a"]}, [("OPG108", ".enum[2]")]),
        (
            {"type": "integer", "minLength": 1, "maxLength": 2, "pattern": "a"},
            [("OPG305", ".minLength"), ("OPG305", ".maxLength"), ("OPG305", ".pattern")],
        ),
        ({"type": "string", "minimum": 1, "maximum": 2}, [("OPG305", ".minimum"), ("OPG305", ".maximum")]),
        (
            {"type": "boolean", "minItems": 0, "maxProperties": 2},
            [("OPG305", ".minItems"), ("OPG305", ".maxProperties")],
        ),
        ({"x-kubernetes-int-or-string": True, "pattern": "^[0-9]+$", "minimum": 1}, []),
        ({"type": "integer", "example": "3"}, [("OPG406", ".example")]),
        ({"type": "boolean", "example": 1}, [("OPG406", ".example")]),
        ({"type": "number", "example": 3}, []),
        ({"type": "number", "enum": [True]}, [("OPG104", ".enum[0]")]),
        ({"x-kubernetes-int-or-string": True, "enum": [1, "1"]}, []),
        ({"type": "object"}, [("OPG201", "")]),
        ({"type": "object", **OPEN}, []),
        ({"type": "object", "additionalProperties": {"type": "string"}}, []),
        ({"type": "object", "additionalProperties": False}, [("OPG201", "")]),
        ({"type": "object", "required": ["b"], **OPEN}, []),
        (
            {"type": "object", "required": ["b"], "properties": {"c": {"type": "string"}}},
            [("OPG106", ".required")],
        ),
        ({"type": "string", "format": "magic"}, [("OPG303", ".format")]),
        ({"type": "string", "format": "date-time"}, []),
        ({"type": "integer", "format": "date-time"}, [("OPG303", ".format")]),
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
    assert found(of_field(template)) == [("OPG202", place)]
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
    assert found(of_field(field)) == [("OPG301", place)] * 2
    assert found(of_field(field | {"additionalProperties": True})) == []


def test_junctors_inside_junctors_and_below_fields_and_items() -> None:
    field = {
        "type": "object",
        "properties": {
            "b": {"type": "array", "items": {"type": "object", "properties": {"c": {"type": "string"}}}}
        },
        "anyOf": [{"not": {"properties": {"b": {"items": {"required": ["d"]}}}}}],
    }
    assert found(of_field(field)) == [("OPG301", ".properties[a].anyOf[0].not.properties[b].items")]


def test_keywords_that_vanish_without_a_word() -> None:
    field = {"type": "array", "items": {"type": "string", "const": "x"}}
    assert found(of_field(field)) == [("OPG302", ".properties.a.items.const")]


def test_findings_go_below_items_and_maps() -> None:
    bad = {"type": "string", "minLength": -1}
    inner = {"type": "array", "items": {"type": "object", "additionalProperties": bad}}
    place = ".properties[a].items.additionalProperties.minLength"
    assert found(of_field(inner)) == [("OPG103", place)]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            {"type": "integer", "minimum": 1, "maximum": 2, "multipleOf": 5},
            [(".minimum", "no multiple of 5")],
        ),
        ({"type": "integer", "minimum": 0, "maximum": 4, "multipleOf": 5}, []),
        ({"type": "number", "minimum": 0.5, "maximum": 0.7, "multipleOf": 0.1}, []),
        (
            {
                "type": "integer",
                "minimum": 1,
                "exclusiveMinimum": True,
                "maximum": 2,
                "exclusiveMaximum": True,
            },
            [(".minimum", "no integer lies")],
        ),
        (
            {"type": "object", "properties": {"b": {"type": "string"}}, "minProperties": 2},
            [(".minProperties", "only 1 is declared")],
        ),
        (
            {"type": "object", "properties": {"b": {"type": "string"}}, "minProperties": 2, **OPEN},
            [],
        ),
        (
            {
                "type": "object",
                "properties": {"b": {"type": "string"}, "c": {"type": "string"}},
                "required": ["b", "c"],
                "maxProperties": 1,
            },
            [(".maxProperties", "2 are required")],
        ),
        (
            {
                "type": "array",
                "x-kubernetes-list-type": "set",
                "minItems": 3,
                "items": {"type": "string", "enum": ["a", "b"]},
            },
            [(".minItems", "a set of 2 values")],
        ),
        (
            {"type": "string", "enum": ["a", "bcd"], "maxLength": 2},
            [(".enum[1]", "can never be given")],
        ),
        ({"type": "integer", "enum": [1, 9], "maximum": 5}, [(".enum[1]", "can never be given")]),
        ({"type": "string", "enum": ["a"], "nullable": True}, [(".nullable", "null is refused")]),
    ],
)
def test_what_no_value_satisfies(field: Any, expected: list[tuple[str, str]]) -> None:
    """Each message is judged by the server's own rules too: no value passes what is found."""
    raw = of_field(field)
    decoded = decode(raw).definition
    assert decoded is not None
    findings = lint(decoded)
    place = "spec.versions[0].schema.openAPIV3Schema.properties[a]"
    assert [finding.path.removeprefix(place) for finding in findings] == [path for path, _ in expected]
    assert all(text in finding.message for finding, (_, text) in zip(findings, expected, strict=True))


@pytest.mark.parametrize("values", [["x"], ["x", None]])
def test_null_is_refused_beside_an_enum(values: list[Any]) -> None:
    """The harm behind OPG107, by the rules that a real server has too."""
    field = {"type": "string", "nullable": True, "enum": values}
    decoded = decode(of_field({"type": "object", "properties": {"b": field}})).definition
    assert decoded is not None
    obj: Any = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "a": {"b": None}}
    assert [error.field for error in review_object(decoded, obj).errors] == ["a.b"]


FIXED = [{"rule": "self == oldSelf", "message": "no"}]


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ({}, ["OPG304"]),
        ({"required": ["b"]}, []),
        ({"x-kubernetes-validations": [{"rule": "!has(oldSelf.b) || has(self.b)"}]}, []),
    ],
)
def test_a_fixed_field_that_can_be_removed(parent: Any, expected: list[str]) -> None:
    child = {"type": "string", "x-kubernetes-validations": FIXED}
    field = {"type": "object", "properties": {"b": child}, **parent}
    assert [code for code, _ in found(of_field(field))] == expected


def test_a_default_or_an_optional_old_value_closes_the_gap() -> None:
    child: Any = {"type": "string", "default": "x", "x-kubernetes-validations": FIXED}
    assert found(of_field({"type": "object", "properties": {"b": child}})) == []
    rule = {"rule": "oldSelf.hasValue() ? self == oldSelf.value() : true", "optionalOldSelf": True}
    child = {"type": "string", "x-kubernetes-validations": [rule]}
    assert found(of_field({"type": "object", "properties": {"b": child}})) == []


def test_columns_lead_into_maps_lists_and_open_objects() -> None:
    spec = {
        "type": "object",
        "properties": {
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "free": {"type": "object", **OPEN},
            "ports": {
                "type": "array",
                "items": {"type": "object", "properties": {"name": {"type": "string"}}},
            },
        },
    }
    paths = {
        ".metadata.creationTimestamp": False,
        ".spec.labels.app": False,
        ".spec.labels['a.b/c']": False,
        ".spec.free.any.thing": False,
        ".spec.ports[0].name": False,
        ".spec.ports[?(@.name=='x')].name": False,
        ".spec.ports[*].port": True,
        ".spec.nothing": True,
        ".spec.labels..deep": False,
    }
    raw = definition({"type": "object", "properties": {"spec": spec}})
    raw["spec"]["versions"][0]["additionalPrinterColumns"] = [
        {"name": str(number), "type": "string", "jsonPath": path} for number, path in enumerate(paths)
    ]
    wrong = [number for number, missing in enumerate(paths.values()) if missing]
    assert found(raw) == [
        ("OPG403", f"spec.versions[0].additionalPrinterColumns[{number}].jsonPath") for number in wrong
    ]


def test_scale_wants_numbers() -> None:
    schema = {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"size": {"type": "string"}}},
            "status": {"type": "object", "properties": {"size": {"type": "integer"}}},
        },
    }
    raw = definition(schema)
    scale = {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}
    raw["spec"]["versions"][0]["subresources"] = {"status": {}, "scale": scale}
    assert found(raw) == [("OPG404", "spec.versions[0].subresources.scale.specReplicasPath")]


def test_a_webhook_keeps_what_the_storage_version_lacks() -> None:
    def version(name: str, field: str) -> Any:
        inner = {"type": "object", "properties": {field: {"type": "string"}}}
        schema = {"type": "object", "properties": {"spec": inner}}
        return {
            "name": name,
            "served": True,
            "storage": name == "v1",
            "schema": {"openAPIV3Schema": schema},
        }

    raw = definition(versions=[version("v1", "a"), version("v2", "b")])
    place = "spec.versions[1].schema.openAPIV3Schema.properties[spec].properties[b]"
    assert found(raw) == [("OPG203", place)]
    webhook = {"conversionReviewVersions": ["v1"], "clientConfig": {"url": "https://example.com/"}}
    raw["spec"]["conversion"] = {"strategy": "Webhook", "webhook": webhook}
    assert found(raw) == []


def test_every_code_has_a_harm_and_a_remedy() -> None:
    assert all(known.harm.endswith(".") and known.hint and known.name for known in LINTS.values())
    assert len({known.name for known in LINTS.values()}) == len(LINTS)


# docs/lint.md -------------------------------------------------------------------------------------------------

DOCS = Path(__file__).parents[2] / "docs" / "lint.md"
SECTIONS = dict(
    re.findall(r"^## (OPG\d+) [a-z-]+\n(.*?)(?=^## |\Z)", DOCS.read_text(encoding="utf-8"), re.M | re.S)
)


def test_the_docs_have_a_section_and_a_row_for_each_code() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert list(SECTIONS) == list(LINTS)
    for code, known in LINTS.items():
        assert f"\n## {code} {known.name}\n" in text
        assert f"\n| [{code}](#{code.lower()}-{known.name}) | {known.name} | " in text
        assert " ".join(SECTIONS[code].split()).startswith(known.harm)


@pytest.mark.parametrize("code", LINTS)
def test_the_docs_examples_are_found_and_mended(code: str) -> None:
    """What a section shows as found is found, with that code alone; what it shows as better is not."""
    blocks = dict(re.findall(r"```yaml (found|better)\n(.*?)```", SECTIONS[code], re.S))
    assert set(blocks) == ({"found", "better"} if code != "OPG401" else set())
    for title, text in blocks.items():
        raw = documented(load(text).documents[0].data)
        assert {finding for finding, _ in found(raw)} == ({code} if title == "found" else set())


def documented(part: Any) -> dict[str, Any]:
    """A whole definition around what the docs show of one."""
    if "versions" not in part:
        return definition({"type": "object", **part})
    versions = [{"served": True, **version} for version in part["versions"]]
    return definition(versions=versions)
