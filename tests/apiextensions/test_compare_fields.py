"""What is said of a field that changed: every keyword, tightened and loosened."""

from __future__ import annotations

from typing import Any

import pytest
from compare_support import fields, lines, of_field_lines, of_spec_lines

STRING, INTEGER, LIST = (
    {"type": "string"},
    {"type": "integer"},
    {"type": "array", "items": {"type": "string"}},
)
OBJECT: dict[str, Any] = {"type": "object", "properties": {"x": {"type": "string"}}}
KEYED = {"type": "object", "properties": {"k": STRING, "l": STRING}, "required": ["k", "l"]}
FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}

CHANGES: list[tuple[str, Any, Any, list[str]]] = [
    ("type", STRING, INTEGER, ["breaking the type was string and is integer [type-changed]"]),
    (
        "type narrowed",
        {"type": "number"},
        INTEGER,
        ["breaking the type was number and is integer [type-changed]"],
    ),
    (
        "type widened",
        INTEGER,
        {"type": "number"},
        ["dangerous the type was integer and is number [type-widened]"],
    ),
    (
        "int-or-string",
        STRING,
        {"x-kubernetes-int-or-string": True},
        ["dangerous the type was string and is integer or string [type-widened]"],
    ),
    (
        "int-or-string with its anyOf",
        INTEGER,
        {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
        ["dangerous the type was integer and is integer or string [type-widened]"],
    ),
    (
        "no longer int-or-string",
        {"x-kubernetes-int-or-string": True},
        STRING,
        ["breaking the type was integer or string and is string [type-changed]"],
    ),
    ("nullable", STRING, {**STRING, "nullable": True}, ["dangerous null is accepted now [nullable-added]"]),
    (
        "not nullable",
        {**STRING, "nullable": True},
        STRING,
        ["breaking null is no longer accepted [nullable-removed]"],
    ),
    (
        "default added",
        STRING,
        {**STRING, "default": "x"},
        ['dangerous the default "x" is new [default-added]'],
    ),
    (
        "default removed",
        {**STRING, "default": "x"},
        STRING,
        ['breaking the default "x" is gone [default-removed]'],
    ),
    (
        "default changed",
        {**STRING, "default": "x"},
        {**STRING, "default": "y"},
        ['breaking the default was "x" and is "y" [default-changed]'],
    ),
    (
        "default changed inside",
        {**OBJECT, "default": {"x": "a"}},
        {**OBJECT, "default": {"x": "b"}},
        ['breaking the default at x was "a" and is "b" [default-changed]'],
    ),
    (
        "enum",
        STRING,
        {**STRING, "enum": ["a", "b"]},
        ['breaking only "a", "b" are accepted now [enum-added]'],
    ),
    (
        "enum value removed",
        {**STRING, "enum": ["a", "b"]},
        {**STRING, "enum": ["b"]},
        ['breaking the value "a" is no longer accepted [enum-value-removed]'],
    ),
    (
        "enum value added",
        {**STRING, "enum": ["a"]},
        {**STRING, "enum": ["a", "b"]},
        ['dangerous the value "b" is accepted now [enum-value-added]'],
    ),
    ("enum order", {**STRING, "enum": ["a", "b"]}, {**STRING, "enum": ["b", "a"]}, []),
    (
        "no enum",
        {**STRING, "enum": ["a"]},
        STRING,
        ["dangerous any value is accepted, not only those of the enum [enum-removed]"],
    ),
    (
        "an enum's value breaks a new bound",
        {**STRING, "enum": ["a", "long"]},
        {**STRING, "enum": ["a", "long"], "maxLength": 3},
        ['breaking the value "long" is refused: may not be more than 3 bytes [enum-value-removed]'],
    ),
    (
        "an enum's values keep a new bound",
        {**STRING, "enum": ["a"]},
        {**STRING, "enum": ["a"], "maxLength": 3},
        [],
    ),
    ("minimum", INTEGER, {**INTEGER, "minimum": 1}, ["breaking minimum 1 is new [bound-tightened]"]),
    (
        "minimum raised",
        {**INTEGER, "minimum": 1},
        {**INTEGER, "minimum": 2},
        ["breaking minimum was 1 and is 2 [bound-tightened]"],
    ),
    (
        "minimum excluded",
        {**INTEGER, "minimum": 1},
        {**INTEGER, "minimum": 1, "exclusiveMinimum": True},
        ["breaking minimum was 1 and is 1 (excluded) [bound-tightened]"],
    ),
    (
        "minimum lowered",
        {**INTEGER, "minimum": 1},
        {**INTEGER, "minimum": 0},
        ["safe minimum was 1 and is 0 [bound-loosened]"],
    ),
    ("minimum removed", {**INTEGER, "minimum": 1}, INTEGER, ["safe minimum 1 is gone [bound-loosened]"]),
    ("maximum", INTEGER, {**INTEGER, "maximum": 9}, ["breaking maximum 9 is new [bound-tightened]"]),
    (
        "maximum lowered",
        {**INTEGER, "maximum": 9},
        {**INTEGER, "maximum": 8},
        ["breaking maximum was 9 and is 8 [bound-tightened]"],
    ),
    (
        "maximum excluded",
        {"type": "number", "maximum": 9.5},
        {"type": "number", "maximum": 9.5, "exclusiveMaximum": True},
        ["breaking maximum was 9.5 and is 9.5 (excluded) [bound-tightened]"],
    ),
    (
        "maximum raised",
        {**INTEGER, "maximum": 8},
        {**INTEGER, "maximum": 9},
        ["safe maximum was 8 and is 9 [bound-loosened]"],
    ),
    (
        "minimum in a format",
        {**INTEGER, "format": "int32"},
        {**INTEGER, "format": "int32", "minimum": 0},
        ["breaking minimum 0 is new [bound-tightened]"],
    ),
    (
        "a maximum that the format has",
        {**INTEGER, "format": "int32"},
        {**INTEGER, "format": "int32", "maximum": 2**31 - 1},
        [],
    ),
    ("multipleOf", INTEGER, {**INTEGER, "multipleOf": 5}, ["breaking multipleOf 5 is new [bound-tightened]"]),
    (
        "multipleOf changed",
        {**INTEGER, "multipleOf": 5},
        {**INTEGER, "multipleOf": 10},
        ["breaking multipleOf was 5 and is 10 [bound-tightened]"],
    ),
    (
        "multipleOf divided",
        {**INTEGER, "multipleOf": 10},
        {**INTEGER, "multipleOf": 5},
        ["safe multipleOf 10 is gone, or divides what it was [bound-loosened]"],
    ),
    ("minLength", STRING, {**STRING, "minLength": 1}, ["breaking minLength 1 is new [bound-tightened]"]),
    ("minLength 0", STRING, {**STRING, "minLength": 0}, []),
    (
        "minLength raised",
        {**STRING, "minLength": 1},
        {**STRING, "minLength": 2},
        ["breaking minLength was 1 and is 2 [bound-tightened]"],
    ),
    ("minLength removed", {**STRING, "minLength": 1}, STRING, ["safe minLength 1 is gone [bound-loosened]"]),
    ("maxLength", STRING, {**STRING, "maxLength": 9}, ["breaking maxLength 9 is new [bound-tightened]"]),
    (
        "maxLength lowered",
        {**STRING, "maxLength": 9},
        {**STRING, "maxLength": 8},
        ["breaking maxLength was 9 and is 8 [bound-tightened]"],
    ),
    (
        "maxLength raised",
        {**STRING, "maxLength": 8},
        {**STRING, "maxLength": 9},
        ["safe maxLength was 8 and is 9 [bound-loosened]"],
    ),
    (
        "a maxLength that the pattern has",
        {**STRING, "pattern": "^[a-z]{1,5}$"},
        {**STRING, "pattern": "^[a-z]{1,5}$", "maxLength": 5},
        [],
    ),
    ("minItems", LIST, {**LIST, "minItems": 1}, ["breaking minItems 1 is new [bound-tightened]"]),
    ("maxItems", LIST, {**LIST, "maxItems": 9}, ["breaking maxItems 9 is new [bound-tightened]"]),
    (
        "maxItems lowered",
        {**LIST, "maxItems": 9},
        {**LIST, "maxItems": 8},
        ["breaking maxItems was 9 and is 8 [bound-tightened]"],
    ),
    (
        "minProperties",
        OBJECT,
        {**OBJECT, "minProperties": 1},
        ["breaking minProperties 1 is new [bound-tightened]"],
    ),
    (
        "minProperties that are required",
        {**OBJECT, "required": ["x"]},
        {**OBJECT, "required": ["x"], "minProperties": 1},
        [],
    ),
    (
        "maxProperties",
        OBJECT,
        {**OBJECT, "maxProperties": 1},
        ["breaking maxProperties 1 is new [bound-tightened]"],
    ),
    (
        "maxProperties lowered",
        {**OBJECT, "maxProperties": 2},
        {**OBJECT, "maxProperties": 1},
        ["breaking maxProperties was 2 and is 1 [bound-tightened]"],
    ),
    (
        "format",
        STRING,
        {**STRING, "format": "date-time"},
        ["breaking format date-time is new [format-tightened]"],
    ),
    ("unknown format", STRING, {**STRING, "format": "nonsense"}, []),
    (
        "format changed",
        {**STRING, "format": "ipv4"},
        {**STRING, "format": "ipv6"},
        ["breaking format was ipv4 and is ipv6 [format-tightened]"],
    ),
    ("format spelled otherwise", {**STRING, "format": "date-time"}, {**STRING, "format": "datetime"}, []),
    ("format removed", {**STRING, "format": "ipv4"}, STRING, ["safe format ipv4 is gone [format-loosened]"]),
    ("int32", INTEGER, {**INTEGER, "format": "int32"}, ["breaking format int32 is new [format-tightened]"]),
    ("int64", INTEGER, {**INTEGER, "format": "int64"}, ["safe format int64 is new [format-loosened]"]),
    (
        "int32 to int64",
        {**INTEGER, "format": "int32"},
        {**INTEGER, "format": "int64"},
        ["safe format was int32 and is int64 [format-loosened]"],
    ),
    (
        "int64 to int32",
        {**INTEGER, "format": "int64"},
        {**INTEGER, "format": "int32"},
        ["breaking format was int64 and is int32 [format-tightened]"],
    ),
    (
        "int32 where the bounds are within",
        {**INTEGER, "minimum": 0, "maximum": 100},
        {**INTEGER, "minimum": 0, "maximum": 100, "format": "int32"},
        ["safe format int32 is new [format-loosened]"],
    ),
    (
        "int32 around new bounds",
        INTEGER,
        {**INTEGER, "minimum": 0, "maximum": 100, "format": "int32"},
        [
            "breaking minimum 0 is new [bound-tightened]",
            "breaking maximum 100 is new [bound-tightened]",
            "safe format int32 is new [format-loosened]",
        ],
    ),
    (
        "pattern",
        STRING,
        {**STRING, "pattern": "^[a-z]+$"},
        ['breaking the pattern ^[a-z]+$ is new: "" is refused [pattern-tightened]'],
    ),
    (
        "pattern narrowed",
        {**STRING, "pattern": "^[a-z0-9]+$"},
        {**STRING, "pattern": "^[a-z]+$"},
        ['breaking the pattern was ^[a-z0-9]+$ and is ^[a-z]+$: "0" is refused [pattern-tightened]'],
    ),
    (
        "pattern widened",
        {**STRING, "pattern": "^[a-z]+$"},
        {**STRING, "pattern": "^[a-z0-9]+$"},
        ["safe the pattern was ^[a-z]+$ and is ^[a-z0-9]+$: it takes all that was taken [pattern-loosened]"],
    ),
    (
        "pattern that can't be told",
        {**STRING, "pattern": r"^\pL+$"},
        {**STRING, "pattern": r"^[\pL\d]+$"},
        [r"breaking the pattern was ^\pL+$ and is ^[\pL\d]+$ [pattern-changed]"],
    ),
    (
        "pattern removed",
        {**STRING, "pattern": "^a$"},
        STRING,
        ["safe the pattern ^a$ is gone [pattern-loosened]"],
    ),
    (
        "list type set",
        LIST,
        {**LIST, "x-kubernetes-list-type": "set"},
        ["breaking the list type was atomic and is set [list-type-tightened]"],
    ),
    ("list type spelled out", LIST, {**LIST, "x-kubernetes-list-type": "atomic"}, []),
    (
        "list type map",
        {"type": "array", "items": KEYED},
        {
            "type": "array",
            "items": KEYED,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k"],
        },
        ["breaking the list type was atomic and is map with the keys k [list-type-tightened]"],
    ),
    (
        "list type atomic",
        {**LIST, "x-kubernetes-list-type": "set"},
        LIST,
        ["dangerous the list type was set and is atomic [list-type-loosened]"],
    ),
    (
        "list keys",
        {
            "type": "array",
            "items": KEYED,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k"],
        },
        {
            "type": "array",
            "items": KEYED,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["l", "k"],
        },
        ["breaking the keys of the list were k and are l, k [list-keys-changed]"],
    ),
    (
        "map type",
        OBJECT,
        {**OBJECT, "x-kubernetes-map-type": "atomic"},
        ["dangerous the map type was granular and is atomic [map-type-changed]"],
    ),
    (
        "preserve removed",
        {**FREE, "properties": {"x": STRING}},
        OBJECT,
        ["breaking unknown fields are dropped now, only x are kept [preserve-removed]"],
    ),
    (
        "preserve added",
        OBJECT,
        {**FREE, "properties": {"x": STRING}},
        ["dangerous unknown fields are kept now [preserve-added]"],
    ),
    (
        "embedded resource",
        FREE,
        {**FREE, "x-kubernetes-embedded-resource": True},
        ["breaking must be a whole resource, with apiVersion and kind [embedded-resource-added]"],
    ),
    (
        "no embedded resource",
        {**OBJECT, "x-kubernetes-embedded-resource": True},
        OBJECT,
        [
            "breaking is no longer a resource: apiVersion, kind and metadata are dropped [embedded-resource-removed]"
        ],
    ),
    (
        "embedded resource loosened",
        {**FREE, "x-kubernetes-embedded-resource": True},
        FREE,
        ["safe need not be a resource any more [embedded-resource-loosened]"],
    ),
    (
        "description",
        {**STRING, "description": "a"},
        {**STRING, "description": "b", "title": "t", "example": 5},
        [],
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "said"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES]
)
def test_a_change_of_a_field_is_said_in_one_line(old: Any, new: Any, said: list[str]) -> None:
    assert of_field_lines(old, new) == said


def test_nothing_is_said_of_what_did_not_change() -> None:
    assert all(not of_field_lines(schema, schema) for _, old, new, _ in CHANGES for schema in (old, new))


def test_items_that_must_differ_are_refused_by_the_server_too() -> None:
    assert of_field_lines(LIST, {**LIST, "uniqueItems": True}) == [
        "breaking items must differ now [unique-items-added]",
        "breaking spec.validation.openAPIV3Schema.properties[spec].properties[a].uniqueItems: uniqueItems cannot be "
        "set to true since the runtime complexity becomes quadratic [refused-by-server]",
    ]


def test_a_field_that_is_gone_is_said_once_whatever_it_held() -> None:
    assert lines(fields(a=OBJECT, b=STRING), fields(b=STRING)) == [
        "breaking v1 spec.a: is gone [field-removed]"
    ]


def test_a_renamed_field_is_recognised() -> None:
    from compare_support import decoded

    from opgen.apiextensions.compare import compare

    reasons = compare(decoded(fields(secretName=STRING)), decoded(fields(secret_names=STRING)))
    assert reasons[0].code == "field-removed"
    assert reasons[0].hint.startswith("if it is secret_names now, keep both")


def test_a_new_field_is_safe_with_all_that_it_requires() -> None:
    nested = {"type": "object", "properties": {"x": STRING}, "required": ["x"]}
    assert lines(fields(b=STRING), fields(a=nested, b=STRING)) == [
        "safe v1 spec.a: is new, of type object [field-added]"
    ]


def test_required_fields() -> None:
    plain: dict[str, Any] = {"type": "object", "properties": {"a": STRING, "b": STRING}}
    assert of_spec_lines(plain, {**plain, "required": ["a"]}) == [
        "breaking v1 spec.a: is required now [required-added]"
    ]
    assert of_spec_lines({**plain, "required": ["a"]}, plain) == [
        "safe v1 spec.a: may be left out [required-removed]"
    ]
    new = {"type": "object", "properties": {**plain["properties"], "c": STRING}, "required": ["c"]}
    assert of_spec_lines(plain, new) == [
        "breaking v1 spec.c: is new and required [required-added]",
        "safe v1 spec.c: is new, of type string [field-added]",
    ]
    filled = {"type": "object", "properties": {"a": {**STRING, "default": "x"}}, "required": ["a"]}
    assert of_spec_lines({**filled, "required": []}, filled) == [
        'dangerous v1 spec.a: is required, with the default "x" [required-with-default]'
    ]


def test_maps() -> None:
    of = {"type": "object", "additionalProperties": STRING}
    assert of_field_lines(of, {**of, "additionalProperties": INTEGER})[0].startswith(
        "breaking v1 spec.a.*: the type"
    )
    assert of_field_lines(of, OBJECT) == [
        "breaking other keys are dropped now, only x are kept [map-removed]"
    ]
    assert of_field_lines(OBJECT, of) == []
    assert of_field_lines({**of, "additionalProperties": True}, of) == [
        "breaking v1 spec.a.*: values must be of type string now [map-values-restricted]"
    ]
    assert of_field_lines(FREE, {**FREE, "additionalProperties": STRING}) == [
        "breaking v1 spec.a.*: values must be of type string now [map-values-restricted]"
    ]
    assert of_field_lines(of, FREE) == ["dangerous unknown fields are kept now [preserve-added]"]


def test_fields_that_were_free_and_are_declared() -> None:
    assert of_spec_lines(FREE, {**FREE, "properties": {"a": STRING}}) == [
        "dangerous v1 spec.a: was taken whatever it held and must be of type string now [field-declared]"
    ]
    assert of_spec_lines({**FREE, "properties": {"a": STRING}}, FREE) == [
        "dangerous v1 spec.a: is no longer declared, yet kept [field-undeclared]"
    ]


def test_what_a_status_begins_with_may_change() -> None:
    def with_default(text: str) -> dict[str, Any]:
        from definition_support import definition

        return definition({"type": "object", "properties": {"status": {**OBJECT, "default": {"x": text}}}})

    assert lines(with_default("a"), with_default("b")) == [
        'dangerous v1 status: the default at x was "a" and is "b" [status-default-changed]'
    ]


def test_items_and_the_resource_s_own_fields() -> None:
    from definition_support import definition

    root = {
        "type": "object",
        "properties": {"apiVersion": STRING, "kind": STRING, "metadata": {"type": "object"}},
    }
    assert lines(definition(root), definition({"type": "object"})) == []
    assert lines(definition(root), definition({**root, "required": ["apiVersion", "kind", "metadata"]})) == []
    deep = {"type": "array", "items": {"type": "object", "properties": {"x": STRING}}}
    gone = {"type": "array", "items": {"type": "object", "properties": {}}}
    assert lines(fields(a=deep), fields(a=gone)) == ["breaking v1 spec.a[].x: is gone [field-removed]"]


def test_what_every_resource_has_is_compared_like_any_field() -> None:
    from definition_support import definition

    def of(**properties: Any) -> Any:
        return definition({"type": "object", "properties": properties})

    short = {"type": "object", "properties": {"name": {**STRING, "maxLength": 10}}}
    assert lines(of(), of(metadata=short)) == [
        "breaking v1 metadata.name: maxLength 10 is new [bound-tightened]"
    ]
    assert lines(of(metadata=short), of()) == ["safe v1 metadata.name: maxLength 10 is gone [bound-loosened]"]
    assert lines(of(), of(kind={**STRING, "enum": ["Widget", "Gadget"]})) == []
    assert lines(of(), of(kind={**STRING, "enum": ["Gadget"]})) == [
        'breaking v1 kind: the value "Widget" is no longer accepted [enum-value-removed]',
        'dangerous v1 kind: the value "Gadget" is accepted now [enum-value-added]',
    ]
    whole = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "x-kubernetes-preserve-unknown-fields": True,
    }
    pods = {**whole, "properties": {"kind": {**STRING, "pattern": "^Pod$"}}}
    assert lines(of(a=whole), of(a=pods)) == [
        'breaking v1 a.kind: the pattern ^Pod$ is new: "0" is refused [pattern-tightened]'
    ]
    assert lines(of(a=pods), of(a={**whole, "required": ["kind"]})) == [
        "safe v1 a.kind: the pattern ^Pod$ is gone [pattern-loosened]"
    ]


def test_a_default_that_makes_other_objects_fail() -> None:
    def spec(default: Any = None, **more: Any) -> dict[str, Any]:
        a = STRING if default is None else {**STRING, "default": default}
        return {"type": "object", "properties": {"a": a, "b": STRING}, **more}

    either = {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    assert of_spec_lines(spec(**either), spec("x", **either)) == [
        'breaking v1 spec.a: the default "x" is new, and with it {"b":""} is refused: must validate one and only '
        "one schema (oneOf). Found 2 valid alternatives [default-clashes]",
        'dangerous v1 spec.a: the default "x" is new [default-added]',
    ]
    few = {"maxProperties": 1}
    found = of_spec_lines(spec(**few), spec("x", **few))
    assert "[default-clashes]" in found[0]
    rule = {"x-kubernetes-validations": [{"rule": "!has(self.a) || !has(self.b)"}]}
    assert "[default-clashes]" in of_spec_lines(spec(**rule), spec("x", **rule))[0]
    assert of_spec_lines(spec(**few), spec("x", maxProperties=1, required=["b"]))[0].endswith(
        "[required-added]"
    )
    harmless = {"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "maxProperties": 2}
    assert of_spec_lines(spec(**harmless), spec("x", **harmless)) == [
        'dangerous v1 spec.a: the default "x" is new [default-added]'
    ]


def test_an_alternative_that_stands_there_twice_fits_nobody() -> None:
    alternatives = [{"required": ["a"]}]
    once: dict[str, Any] = {"type": "object", "properties": {"a": STRING}, "oneOf": alternatives}
    twice = {**once, "oneOf": alternatives * 2}
    assert of_spec_lines(once, twice) == [
        'breaking v1 spec: oneOf has no longer {"required":["a"]} [one-of-tightened]'
    ]
    assert [text[:8] for text in of_spec_lines(twice, once)] == ["safe v1 "]


def test_a_victim_that_would_have_to_be_huge_is_not_made() -> None:
    """What a default clashes with is looked for among small objects."""
    lists: dict[str, Any] = {"type": "string", "minLength": 2**50}
    for _ in range(6):
        lists = {"type": "array", "minItems": 40, "items": lists}

    def spec(**default: str) -> dict[str, Any]:
        properties = {"l": lists, "n": {"type": "string", **default}}
        return {"type": "object", "properties": properties, "required": ["l"], "maxProperties": 1}

    assert "[default-clashes]" not in " ".join(of_spec_lines(spec(), spec(default="x")))
