"""Decoding: Go's type errors, strict unknown fields, nulls, numbers; and that nothing is lost on the way back."""

from __future__ import annotations

from typing import Any

import pytest
from definition_support import definition, of_field

from opgen.apiextensions import decode, decode_schema, encode, encode_schema
from opgen.apiextensions.gojson import MAX_DEPTH
from opgen.ir.schema import Schema, Value

_SCHEMA = "JSONSchemaProps.spec.versions.schema.openAPIV3Schema.properties"


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"type": ["string", "null"]}, f"array into Go struct field {_SCHEMA}.type of type string"),
        ({"exclusiveMinimum": 3}, f"number into Go struct field {_SCHEMA}.exclusiveMinimum of type bool"),
        ({"maxLength": 5.0}, f"number 5.0 into Go struct field {_SCHEMA}.maxLength of type int64"),
        ({"maxLength": 2**63}, f"number {2**63} into Go struct field {_SCHEMA}.maxLength of type int64"),
        ({"minimum": "1"}, f"string into Go struct field {_SCHEMA}.minimum of type float64"),
        ({"required": True}, f"bool into Go struct field {_SCHEMA}.required of type []string"),
        ({"required": [1]}, f"number into Go struct field {_SCHEMA}.required of type string"),
        ({"properties": {"b": 1}}, f"number into Go struct field {_SCHEMA}.properties of type v1.JSONSchemaProps"),
        ({"properties": []}, f"array into Go struct field {_SCHEMA}.properties of type map[string]v1.JSONSchemaProps"),
        ({"allOf": {}}, f"object into Go struct field {_SCHEMA}.allOf of type []v1.JSONSchemaProps"),
        ({"items": {"type": 1}}, f"number into Go struct field {_SCHEMA}.items.type of type string"),
        ({"items": {"externalDocs": {"url": 1}}},
         f"number into Go struct field {_SCHEMA}.items.externalDocs.url of type string"),
        ({"items": {"items": {"x-kubernetes-validations": [{"rule": 1}]}}},
         f"number into Go struct field {_SCHEMA}.items.items.x-kubernetes-validations.rule of type string"),
        ({"x-kubernetes-validations": [{"rule": 1}]},
         f"number into Go struct field ValidationRule{_SCHEMA[15:]}.x-kubernetes-validations.rule of type string"),
    ],
)  # fmt: skip
def test_type_errors_are_gos(field: Any, message: str) -> None:
    assert decode(of_field(field)).error == f"json: cannot unmarshal {message}"


def test_the_first_type_error_is_reported_and_a_nested_decoders_before_it() -> None:
    assert "type of type string" in decode(of_field({"type": 1, "title": 2})).error
    assert "items.title of type string" in decode(of_field({"type": 1, "items": {"title": 2}})).error


def test_additional_properties_are_a_schema_or_a_bool() -> None:
    assert decode(of_field({"additionalProperties": 5})).error == "boolean or JSON schema expected"
    assert decode_schema({"additionalProperties": False})[0] == Schema(additional_properties=False)


def test_unknown_fields_are_strict_errors_in_the_documents_order_with_dotted_paths() -> None:
    raw = of_field({"const": 1, "allOf": [{"x": 1}]})
    raw["spec"]["extra"] = 1
    place = "spec.versions[0].schema.openAPIV3Schema.properties.a"
    assert decode(raw).unknown == (
        f'unknown field "{place}.const"',
        f'unknown field "{place}.allOf[0].x"',
        'unknown field "spec.extra"',
    )
    assert decode(raw).strict_error.startswith(
        f'strict decoding error: unknown field "{place}.const", unknown'
    )
    assert decode(raw, strict=False).unknown == ()


def test_names_of_fields_are_case_sensitive() -> None:
    assert decode(of_field({"Type": "string"})).unknown != ()


def test_unknown_fields_below_items_are_lost_without_a_word_and_named_in_dropped() -> None:
    decoded = decode(of_field({"type": "array", "items": {"const": 1, "additionalProperties": {"x": 1}}}))
    place = "spec.versions[0].schema.openAPIV3Schema.properties.a.items"
    assert decoded.unknown == ()
    assert decoded.dropped == (f"{place}.const", f"{place}.additionalProperties.x")


def test_at_most_a_hundred_strict_errors() -> None:
    raw = definition()
    raw["spec"].update({f"x{number}": 1 for number in range(150)})
    assert len(decode(raw).unknown) == 100


def test_null_is_absent_except_in_an_enum_and_as_a_property() -> None:
    schema, error = decode_schema(
        {
            "type": None,
            "default": None,
            "minimum": None,
            "items": None,
            "enum": [None],
            "properties": {"a": None},
            "allOf": [None],
        }
    )
    assert error == ""
    assert schema == Schema(enum=(Value(None),), properties={"a": Schema()}, all_of=(Schema(),))


def test_items_that_are_neither_schema_nor_list_read_as_an_empty_list() -> None:
    assert decode_schema({"items": 5})[0] == Schema(items_list=())


def test_numbers_keep_their_form() -> None:
    schema, _ = decode_schema({"minimum": 3, "maximum": 3.0})
    assert schema is not None
    assert isinstance(schema.minimum, int)
    assert isinstance(schema.maximum, float)


def test_a_whole_definition_survives_decoding_and_encoding() -> None:
    field = {
        "description": "d", "title": "t", "type": "array", "format": "f", "nullable": True, "default": [{"x": None}],
        "example": {}, "enum": [None, 1], "maximum": 0, "exclusiveMaximum": True, "minimum": -1.5, "multipleOf": 2,
        "exclusiveMinimum": True, "maxLength": 0, "minLength": 0, "pattern": "p", "maxItems": 0, "minItems": 0,
        "uniqueItems": True, "maxProperties": 0, "minProperties": 0, "required": ["x"], "items": {"type": "object"},
        "allOf": [{}], "oneOf": [{}], "anyOf": [{}], "not": {}, "properties": {"x": {}}, "id": "i", "$schema": "s",
        "$ref": "", "additionalProperties": {"type": "string"}, "patternProperties": {"x": {}},
        "dependencies": {"x": ["y"], "z": {}}, "additionalItems": False, "definitions": {"x": {}},
        "externalDocs": {"description": "d", "url": "u"}, "x-kubernetes-preserve-unknown-fields": False,
        "x-kubernetes-embedded-resource": True, "x-kubernetes-int-or-string": True,
        "x-kubernetes-list-map-keys": ["x"], "x-kubernetes-list-type": "map", "x-kubernetes-map-type": "atomic",
        "x-kubernetes-validations": [{"rule": "r", "message": "m", "messageExpression": "e", "reason": "",
                                      "fieldPath": "p", "optionalOldSelf": False}],
    }  # fmt: skip
    raw = of_field(field)
    raw["metadata"].update(labels={"a": "b"}, annotations={"c": "d"}, finalizers=["e"], generation=3)
    raw["spec"]["names"].update(singular="s", shortNames=["w"], categories=["all"], listKind="L")
    raw["spec"]["preserveUnknownFields"] = True
    raw["spec"]["versions"][0].update(
        deprecated=True,
        deprecationWarning="",
        subresources={"status": {}, "scale": {"specReplicasPath": ".a", "statusReplicasPath": ".b",
                                              "labelSelectorPath": ""}},
        additionalPrinterColumns=[{"name": "n", "type": "t", "format": "f", "description": "d", "priority": 1,
                                   "jsonPath": ".a"}],
        selectableFields=[{"jsonPath": ".a"}],
    )  # fmt: skip
    service = {"namespace": "ns", "name": "n", "path": "/p", "port": 0}
    raw["spec"]["conversion"] = {
        "strategy": "Webhook",
        "webhook": {
            "clientConfig": {"url": "", "service": service, "caBundle": "Zm9v"},
            "conversionReviewVersions": ["v1"],
        },
    }
    decoded = decode(raw)
    assert decoded.strict_error == ""
    assert decoded.definition is not None
    assert encode(decoded.definition) == raw


def test_encoding_shares_nothing_with_the_definition() -> None:
    schema = Schema(default=Value({"a": [1]}))
    encoded: Any = encode_schema(schema)
    encoded["default"]["a"].append(2)
    assert schema.default == Value({"a": [1]})


def test_the_status_tells_what_is_stored_and_whether_the_names_are_established() -> None:
    raw = definition()
    raw["status"] = {
        "storedVersions": ["v1alpha1", "v1"],
        "acceptedNames": {"plural": "widgets", "kind": "Widget"},
        "conditions": [
            {"type": "Established", "status": "True", "lastTransitionTime": "2026-01-02T03:04:05Z"}
        ],
    }
    found = decode(raw).definition
    assert found is not None
    assert found.stored_versions == ("v1alpha1", "v1")
    assert found.established
    assert found.accepted_names is not None
    assert "status" not in encode(found)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (None, "json: null is not a definition"),
        ([], "json: cannot unmarshal array into Go value of type v1.CustomResourceDefinition"),
        ({1: 2}, "json: object keys must be strings"),
        ({"spec": float("inf")}, "json: unsupported value: inf"),
        ({"spec": b""}, "json: unsupported type: bytes"),
        (
            {"metadata": {"creationTimestamp": "yesterday"}},
            'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
        ),
        (
            {"spec": {"conversion": {"webhook": {"clientConfig": {"caBundle": "!"}}}}},
            "illegal base64 data at input byte 0",
        ),
    ],
)
def test_what_is_no_definition_at_all(raw: Any, message: str) -> None:
    assert decode(raw).error == message
    assert decode(raw).definition is None


def test_nesting_and_size_are_bounded() -> None:
    deep: Any = {}
    for _ in range(MAX_DEPTH * 10):
        deep = {"items": deep}
    assert "exceeded max depth" in decode({"spec": deep}).error
    wide: Any = {}
    for _ in range(40):
        wide = {"properties": {"a": wide, "b": wide}}  # two to the fortieth values, through shared ones
    assert decode_schema(wide)[1].startswith("Request entity too large")


@pytest.mark.parametrize(
    ("given", "kept"),
    [("eA==", "eA=="), ("e\nA==", "eA=="), ("eB==", "eA=="), ([1, None, 255], "AQD/"), ("", "")],
)
def test_bytes_are_text_or_numbers_and_written_as_go_writes_them(given: Any, kept: str) -> None:
    raw = definition(conversion={"strategy": "Webhook", "webhook": {"clientConfig": {"caBundle": given}}})
    found = decode(raw).definition
    assert found is not None
    assert found.conversion is not None
    assert found.conversion.webhook is not None
    assert found.conversion.webhook.ca_bundle == kept


def test_bytes_are_between_0_and_255() -> None:
    raw = definition(conversion={"webhook": {"clientConfig": {"caBundle": [256]}}})
    assert decode(raw).error.endswith("clientConfig.caBundle of type uint8")


@pytest.mark.parametrize(
    ("key", "shown"), [('a"b', 'a\\"b'), ("\0", "\\x00"), ("ä", "ä"), ("\ud800", "\ufffd")]
)
def test_unknown_fields_are_quoted_as_go_does(key: str, shown: str) -> None:
    assert decode(of_field({"type": "object", key: 1})).unknown[0].endswith(f'properties.a.{shown}"')
