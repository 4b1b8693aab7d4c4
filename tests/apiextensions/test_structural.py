"""Structural schemas: types everywhere, declarations outside of junctors, special places."""

from __future__ import annotations

from typing import Any

import pytest
from definition_support import definition, of_field, wrong

INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, [(".type", "must not be empty at the root")]),
        ({"type": "string"}, [(".type", "must be object at the root")]),
        ({"type": "object", "nullable": True}, [(".nullable", "nullable cannot be true at the root")]),
        (
            {"type": "object", "additionalProperties": True},
            [(".additionalProperties", "must not be used at the root")],
        ),
    ],
)
def test_the_root_is_an_object(schema: Any, expected: list[tuple[str, str]]) -> None:
    assert wrong(definition(schema)) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ({}, [(".properties[a].type", "must not be empty for specified object fields")]),
        ({"type": "array"}, [(".properties[a].items", "must be specified")]),
        (
            {"type": "array", "items": {}},
            [(".properties[a].items.type", "must not be empty for specified array items")],
        ),
        (
            {"type": "object", "additionalProperties": {}},
            [(".properties[a].additionalProperties.type", "must not be empty for specified object fields")],
        ),
        ({"x-kubernetes-preserve-unknown-fields": True}, []),
        ({"x-kubernetes-int-or-string": True}, []),
    ],
)
def test_every_field_and_item_has_a_type(field: Any, expected: list[tuple[str, str]]) -> None:
    assert wrong(of_field(field)) == expected


@pytest.mark.parametrize(
    ("keyword", "value", "text"),
    [
        ("type", "string", "must be empty to be structural"),
        ("title", "t", "must be empty to be structural"),
        ("description", "d", "must be empty to be structural"),
        ("default", 1, "must be undefined to be structural"),
        ("additionalProperties", {}, "must be undefined to be structural"),
        ("additionalProperties", True, "must be undefined to be structural"),
        ("nullable", True, "must be false to be structural"),
        ("x-kubernetes-preserve-unknown-fields", True, "must be false to be structural"),
        ("x-kubernetes-embedded-resource", True, "must be false to be structural"),
        ("x-kubernetes-int-or-string", True, "must be false to be structural"),
    ],
)
@pytest.mark.parametrize("junctor", ["allOf", "anyOf", "oneOf", "not"])
def test_junctors_only_narrow(junctor: str, keyword: str, value: Any, text: str) -> None:
    branch = {keyword: value}
    field = {"type": "object", junctor: branch if junctor == "not" else [branch]}
    place = f".properties[a].{junctor}" + ("" if junctor == "not" else "[0]")
    assert (f"{place}.{keyword}", text) in wrong(of_field(field))


@pytest.mark.parametrize("keyword", ["x-kubernetes-list-type", "x-kubernetes-map-type"])
def test_junctors_have_no_list_or_map_types(keyword: str) -> None:
    field = {"type": "object", "allOf": [{keyword: "atomic"}]}
    assert (f".properties[a].allOf[0].{keyword}", "must be undefined to be structural") in wrong(
        of_field(field)
    )


def test_additional_properties_false_says_nothing_in_a_junctor() -> None:
    assert wrong(of_field({"type": "object", "anyOf": [{"additionalProperties": False}]})) == []


def test_rules_and_metadata_have_no_place_in_junctors() -> None:
    branch = {
        "x-kubernetes-validations": [{"rule": "true"}],
        "properties": {"metadata": {}},
    }
    found = wrong(
        of_field({"type": "object", "properties": {"metadata": {"type": "object"}}, "allOf": [branch]})
    )
    place = ".properties[a].allOf[0]"
    assert (f"{place}.x-kubernetes-validations", "must be empty to be structural") in found
    assert (f"{place}.properties[metadata]", "must not be specified in a nested context") in found


def test_what_the_roots_junctors_speak_of_is_declared() -> None:
    schema: dict[str, Any] = {"type": "object", "anyOf": [{"properties": {"b": {"items": {"minLength": 1}}}}]}
    missing = "because it is defined in spec.validation.openAPIV3Schema.anyOf[0].properties[b]"
    assert wrong(definition(schema)) == [(".properties[b]", missing)]
    schema["properties"] = {"b": {"type": "string"}}
    assert wrong(definition(schema)) == [(".properties[b].items", f"{missing}.items")]


@pytest.mark.parametrize(
    "field",
    [
        {"anyOf": INT_OR_STRING, "x-kubernetes-int-or-string": True},
        {"allOf": [{"anyOf": INT_OR_STRING}, {"minLength": 1}], "x-kubernetes-int-or-string": True},
    ],
)
def test_int_or_string_may_be_written_in_two_forms(field: Any) -> None:
    assert wrong(of_field(field)) == []


def test_int_or_string_has_its_types_in_that_order() -> None:
    field = {"anyOf": INT_OR_STRING[::-1], "x-kubernetes-int-or-string": True}
    assert [text for _, text in wrong(of_field(field))] == ["must be empty to be structural"] * 2


@pytest.mark.parametrize("keyword", ["required", "x-kubernetes-list-map-keys", "x-kubernetes-validations"])
def test_an_empty_list_in_a_branch_of_int_or_string_is_a_keyword(keyword: str) -> None:
    branches = [{"type": "integer", keyword: []}, {"type": "string"}]
    found = [text for _, text in wrong(of_field({"anyOf": branches, "x-kubernetes-int-or-string": True}))]
    assert "must be empty to be structural" in found


@pytest.mark.parametrize("extra", [{"additionalProperties": False}, {"enum": []}, {"items": []}])
def test_what_conversion_drops_in_a_branch_of_int_or_string_counts_for_nothing(extra: Any) -> None:
    branches = [{"type": "integer", **extra}, {"type": "string"}]
    assert wrong(of_field({"anyOf": branches, "x-kubernetes-int-or-string": True})) == []


def test_int_or_string_excludes_other_extensions() -> None:
    field = {
        "type": "object",
        "x-kubernetes-int-or-string": True,
        "x-kubernetes-preserve-unknown-fields": True,
        "x-kubernetes-embedded-resource": True,
    }
    text = "must be false if x-kubernetes-int-or-string is true"
    assert wrong(of_field(field)) == [
        (".properties[a].x-kubernetes-embedded-resource", text),
        (".properties[a].x-kubernetes-preserve-unknown-fields", text),
    ]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            {"type": "object", "x-kubernetes-embedded-resource": True},
            [
                (
                    ".properties[a].properties",
                    "must not be empty if x-kubernetes-embedded-resource is true without "
                    "x-kubernetes-preserve-unknown-fields",
                )
            ],
        ),
        (
            {"x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True},
            [(".properties[a].type", "must be object if x-kubernetes-embedded-resource is true")],
        ),
        (
            {
                "type": "object",
                "x-kubernetes-embedded-resource": True,
                "x-kubernetes-preserve-unknown-fields": True,
                "additionalProperties": True,
            },
            [
                (
                    ".properties[a].additionalProperties",
                    "must not be used if x-kubernetes-embedded-resource is set",
                )
            ],
        ),
        (
            {
                "type": "object",
                "x-kubernetes-embedded-resource": True,
                "properties": {"kind": {"type": "integer"}, "metadata": {"type": "string"}},
            },
            [
                (".properties[a].properties[kind].type", "must be string"),
                (".properties[a].properties[metadata].type", "must be object"),
            ],
        ),
    ],
)
def test_embedded_resources(field: Any, expected: list[tuple[str, str]]) -> None:
    assert wrong(of_field(field)) == expected


@pytest.mark.parametrize(
    ("metadata", "sound"),
    [
        ({"type": "object"}, True),
        ({"type": "object", "properties": {"name": {"type": "string", "maxLength": 9}}}, True),
        ({"type": "object", "properties": {"labels": {"type": "object"}}}, False),
        ({"type": "object", "description": "d"}, False),
        ({"type": "object", "required": []}, False),
        ({"type": "object", "x-kubernetes-validations": []}, False),
        ({"type": "object", "properties": {}, "enum": []}, True),
    ],
)
def test_the_roots_metadata_may_only_narrow_names(metadata: Any, sound: bool) -> None:
    found = wrong(definition({"type": "object", "properties": {"metadata": metadata}}))
    text = "must not specify anything other than name and generateName, but metadata is implicitly specified"
    assert found == ([] if sound else [(".properties[metadata]", text)])


def test_an_empty_reference_at_the_roots_metadata_is_only_a_reference() -> None:
    raw = definition({"type": "object", "properties": {"metadata": {"type": "object", "$ref": ""}}})
    assert wrong(raw) == [(".properties[metadata].$ref", "$ref is not supported")]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("[a", "missing closing ]: `[a`"),
        ("\\C", "invalid escape sequence: `\\C`"),
    ],
)
def test_patterns_are_gos_also_in_junctors(pattern: str, reason: str) -> None:
    text = f"must be a valid regular expression, but isn't: error parsing regexp: {reason}"
    assert wrong(of_field({"type": "string", "pattern": pattern})) == [(".properties[a].pattern", text)]
    nested = of_field({"type": "string", "not": {"pattern": pattern}})
    assert wrong(nested) == [(".properties[a].not.pattern", text)]


@pytest.mark.parametrize(
    ("keyword", "value", "text"),
    [
        ("$schema", "x", "OpenAPIV3Schema 'schema' is not supported"),
    ],
)
def test_a_schema_that_cannot_be_structural_is_told_so_once(keyword: str, value: str, text: str) -> None:
    assert wrong(of_field({"type": "string", keyword: value})) == [("", text)]
