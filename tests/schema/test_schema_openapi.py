"""OpenAPI and JSON Schema: every construct is converted, or refused with a remedy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opgen import schema
from opgen.apiextensions import encode, review_object
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
        ({"prefixItems": [{"type": "string"}, {"type": "boolean"}]}, "`prefixItems` of items as different"),
        ({"allOf": 3}, "`allOf` must be a list of schemas"),
        ({"$ref": "other.json#/X"}, "`$ref: other.json#/X` leads out of this document"),
        ({"$ref": "#/$defs/Nowhere"}, "`$ref: #/$defs/Nowhere` leads nowhere"),
        ({"type": ["string", "boolean"]}, "a field has one type, not string, boolean"),
        ({"maxlength": 1, "type": "string"}, "`maxlength` is not a keyword of OpenAPI 3 or JSON Schema"),
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


@pytest.mark.parametrize(
    ("ref", "defs"),
    [
        ("#tls", {"Tls": {"$anchor": "tls", "type": "string"}}),
        ("#tls", {"Tls": {"$id": "#tls", "type": "string"}}),
        ("#/$defs/a~1b~0c%20d", {"a/b~c d": {"type": "string"}}),
        ("https://example.com/tls", {"Tls": {"$id": "https://example.com/tls", "type": "string"}}),
        ("tls.json#/$defs/Name", {"Tls": {"$id": "tls.json", "$defs": {"Name": {"type": "string"}}}}),
        (
            "#/$defs/Outer",
            {"Outer": {"$id": "o.json", "$ref": "#/$defs/X", "$defs": {"X": {"type": "string"}}}},
        ),
    ],
)
def test_references_by_every_name(ref: str, defs: Any) -> None:
    """JSON pointers, anchors, and the `$id`s of bundled schemas, relative ones too."""
    assert converted({"$ref": ref}, **{"$defs": defs}) == {"type": "string"}


def test_a_cycle_is_cut_where_the_author_says_so() -> None:
    """`x-kubernetes-preserve-unknown-fields` beside the reference ends the recursion."""
    node = {
        "type": "object",
        "properties": {"next": {"$ref": "#/$defs/Node", "x-kubernetes-preserve-unknown-fields": True}},
    }
    field = converted({"$ref": "#/$defs/Node"}, **{"$defs": {"Node": node}})
    assert field["properties"]["next"] == {"x-kubernetes-preserve-unknown-fields": True}


def test_texts_beside_a_reference_are_about_the_field() -> None:
    """The field's own description and default go before those of its type."""
    color = {"type": "string", "description": "A color.", "enum": ["red"]}
    field = converted(
        {"$ref": "#/$defs/C", "description": "Of it.", "default": "red"}, **{"$defs": {"C": color}}
    )
    assert (field["description"], field["default"], field["enum"]) == ("Of it.", "red", ["red"])


def test_alternatives_constrain_fields_that_stand_beside_them() -> None:
    """Constraints on declared fields stay a junctor: they hold for their alternative alone."""
    field = converted(
        {
            "type": "object",
            "properties": {"mode": {"type": "string"}, "size": {"type": "integer"}},
            "oneOf": [
                {"properties": {"mode": {"const": "auto"}}, "title": "auto"},
                {
                    "properties": {"mode": {"const": "manual"}, "size": {"exclusiveMinimum": 0}},
                    "required": ["size"],
                },
            ],
        }
    )
    assert field["properties"] == {"mode": {"type": "string"}, "size": {"type": "integer"}}
    assert field["oneOf"] == [
        {"properties": {"mode": {"enum": ["auto"]}}},
        {
            "properties": {"mode": {"enum": ["manual"]}, "size": {"minimum": 0, "exclusiveMinimum": True}},
            "required": ["size"],
        },
    ]


def test_alternatives_that_disagree_about_a_field_widen_it() -> None:
    """The field takes what either takes; where nothing does, it is named."""
    by_number = {"type": "object", "properties": {"mode": {"type": "integer"}}, "required": ["mode"]}
    by_text = {"type": "object", "properties": {"mode": {"type": "string"}}}
    by_flag = {"type": "object", "properties": {"mode": {"type": "boolean"}}}
    assert converted({"oneOf": [by_number, by_text]})["properties"]["mode"]["x-kubernetes-int-or-string"]
    found = load({"type": "object", "properties": {"f": {"oneOf": [by_number, by_flag]}}})
    assert found.diagnostics[0].message.startswith("the alternatives of `oneOf` disagree on `mode`")


def test_a_discriminator_is_required() -> None:
    cat = {"type": "object", "properties": {"kind": {"const": "cat", "default": "cat"}}}
    dog = {"type": "object", "properties": {"kind": {"const": "dog", "default": "dog"}}}
    field = converted({"oneOf": [cat, dog], "discriminator": {"propertyName": "kind"}})
    assert field["required"] == ["kind"]
    assert "default" not in field["properties"]["kind"]


def taken(given: dict[str, Any], value: Any) -> bool:
    """Whether a field of this schema takes the value, by the rules of the API server."""
    found = schema.load_text(
        json.dumps({"type": "object", "properties": {"f": given}}),
        "f.json",
        Given("g.example.com", "v1", "F"),
    )
    assert found.ok, found.diagnostics
    head: dict[str, Any] = {"apiVersion": "g.example.com/v1", "kind": "F", "metadata": {"name": "a"}}
    return review_object(found.loaded[0].definition, {**head, "spec": {"f": value}}).allowed


_TEXT = {"type": "string"}
_PAIR = {
    "oneOf": [
        {"type": "object", "properties": {"a": _TEXT, "n": _TEXT}, "required": ["a", "n"]},
        {"type": "object", "properties": {"a": {"type": "integer"}, "m": _TEXT}, "required": ["a", "m"]},
    ]
}
_CLOSED = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"a": _TEXT, "b": _TEXT},
            "required": ["a"],
            "additionalProperties": False,
        },
        {"type": "object", "properties": {"b": _TEXT}, "required": ["b"], "additionalProperties": False},
    ]
}
_FORBID = {
    "anyOf": [
        {"type": "object", "properties": {"a": _TEXT}, "required": ["a"], "additionalProperties": False},
        {"type": "object", "properties": {"b": _TEXT, "c": _TEXT}, "additionalProperties": False},
    ]
}
_OWN = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"t": {"const": "x"}, "a": _TEXT},
            "required": ["t"],
            "minProperties": 2,
        },
        {"type": "object", "properties": {"t": {"const": "y"}, "b": _TEXT}, "required": ["t"]},
    ]
}
_AUTO = {"anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 3}, {"type": "integer", "maximum": -3}]}
_BOTH = [{"minimum": 5, "type": "number"}, {"exclusiveMinimum": 3}]


@pytest.mark.parametrize(
    ("given", "value", "valid"),
    [
        (_PAIR, {"a": 1, "m": "x", "n": "y"}, True),
        (_CLOSED, {"a": "x", "b": "y"}, True),
        (_CLOSED, {}, False),
        (_FORBID, {"b": "x", "c": "y"}, True),
        (_FORBID, {"a": "x"}, True),
        (_FORBID, {"a": "x", "b": "y"}, False),
        (_OWN, {"t": "x"}, False),
        (_OWN, {"t": "y"}, True),
        (_AUTO, "auto", True),
        (_AUTO, "other", False),
        (_AUTO, -4, True),
        (_AUTO, 0, False),
        ({"anyOf": [{"enum": [1, 2]}, {"type": "string", "maxLength": 2}]}, 3, False),
        ({"anyOf": [{"enum": [1, 2]}, {"type": "string", "maxLength": 2}]}, "ab", True),
        ({"allOf": _BOTH}, 5, True),
        ({"allOf": _BOTH}, 4, False),
        ({"allOf": _BOTH[::-1]}, 5, True),
        ({"allOf": [{"type": ["string", "null"]}, {"type": "string"}]}, None, False),
        ({"allOf": [{"type": "string"}, {"description": "of any type"}]}, None, False),
        ({"allOf": [{"type": "string"}], "nullable": True}, None, True),
        ({"allOf": [{"type": "integer", "multipleOf": 4}, {"multipleOf": 6}]}, 12, True),
        ({"allOf": [{"type": "integer", "multipleOf": 4}, {"multipleOf": 6}]}, 6, False),
        (
            {"allOf": [{"anyOf": [{"maxLength": 1}, {"minLength": 5}]}, {"anyOf": [{"pattern": "a"}]}]},
            "b",
            False,
        ),
        ({"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}, 1, True),
        ({"type": "integer", "minimum": 1.5, "maximum": 9.5}, 2, True),
        ({"type": "integer", "minimum": 1.5, "maximum": 9.5}, 10, False),
        ({"type": "integer", "format": "int32", "maximum": 2**40}, 1, True),
        ({"type": "integer", "allOf": [{"type": "integer", "exclusiveMinimum": -0.5}]}, 0, True),
        ({"type": "integer", "not": {"minimum": 1.5}}, 1, True),
        ({"allOf": [{"enum": [2]}, {"type": "number", "exclusiveMinimum": 1.5}]}, 2, True),
        ({"type": "integer", "anyOf": [{"maximum": 2**63}]}, 0, True),
        ({"type": "integer", "maximum": 10**400}, 1, True),
        ({"type": "number", "maximum": 1e308}, -3, True),
        ({"type": "array", "prefixItems": [_TEXT, _TEXT], "unevaluatedItems": False}, ["a", "b", "c"], False),
        ({"type": ["string", None]}, None, True),
    ],
)
def test_a_field_takes_what_its_schema_takes(given: dict[str, Any], value: Any, valid: bool) -> None:
    field = {"type": "array", "items": given}  # null at a field that is not nullable is no more than absent
    assert taken(field, [value]) is valid


def test_every_keyword_of_a_wrong_form_is_told_on_its_line() -> None:
    text = """{"type": "object", "properties": {
"a": {"type": "string", "minLength": "3"},
"b": {"type": "string", "required": true},
"c": {"type": "string", "maxLength": 3.0},
"d": {"enum": []},
"e": {"type": "array", "items": {"$ref": 5}},
"f": {"$ref": "#/$defs/x"}, "g": {"$ref": "#/$defs/x"},
"h": {"type": false}},
"$defs": {"x": {"type": "string", "pattern": 5}}}"""
    found = schema.load_text(text, "w.json", Given("g.example.com", "v1", "W"))
    assert [(d.line, d.path) for d in found.diagnostics] == [
        (2, "$.properties.a.minLength"),
        (3, "$.properties.b.required"),
        (5, "$.properties.d.enum"),
        (6, "$.properties.e.items.$ref"),
        (9, "$.$defs.x.pattern"),
        (8, "$.properties.h.type"),
    ]
    assert "beside `properties`" in found.diagnostics[1].hint


def test_a_count_without_bounds_is_an_error() -> None:
    text = '{"type": "object", "properties": {"a": {"type": "string", "maxLength": 1%s}}}' % ("0" * 400)
    found = schema.load_text(text, "w.json", Given("g.example.com", "v1", "W"))
    assert "cannot unmarshal" in found.diagnostics[0].message


def test_rules_of_alternatives_are_told_to_be_lost() -> None:
    rule = {"x-kubernetes-validations": [{"rule": "self.a != ''"}]}
    one = {"type": "object", "properties": {"a": _TEXT}, "required": ["a"], **rule}
    other = {"type": "object", "properties": {"b": _TEXT}, "required": ["b"]}
    document = {"type": "object", "properties": {"f": {"oneOf": [one, other]}}}
    found = schema.load_text(json.dumps(document), "w.json", Given("g.example.com", "v1", "W"))
    assert found.ok
    assert [d.message for d in found.diagnostics] == [
        "rules within `oneOf` are left out: a rule holds for every alternative"
    ]


@pytest.mark.parametrize(
    ("bound", "value", "says"),
    [
        ({"minimum": 0.5}, 0, "and takes 0"),
        ({"maximum": -1.5}, -1, "and takes -1"),
        ({"exclusiveMaximum": 1.5}, 1, "and refuses 1"),
        ({"exclusiveMinimum": -1.5}, -1, "and refuses -1"),
        ({"minimum": -1.5}, -1, ""),
        ({"exclusiveMinimum": 0.5}, 1, ""),
        ({"maximum": 1.5}, 1, ""),
        ({"minimum": 2.0}, 2, ""),
    ],
)
def test_a_bound_that_the_server_cuts_is_told(bound: dict[str, Any], value: int, says: str) -> None:
    field = {"type": "number", **bound}
    document = {"type": "object", "properties": {"f": field}}
    found = schema.load_text(json.dumps(document), "b.json", Given("g.example.com", "v1", "B"))
    assert [d.message.endswith(says) for d in found.diagnostics] == [True] * bool(says)
    assert taken(field, value) is ("refuses" not in says)
