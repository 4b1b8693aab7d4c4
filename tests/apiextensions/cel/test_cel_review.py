"""What a definition is told about its rules: shape, compilation, costs, use of `oldSelf`."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.apiextensions.cel import check_schema, review_schema
from opgen.apiextensions.decode import decode_schema
from opgen.apiextensions.errors import Omitted
from opgen.apiextensions.gotext import bad_value
from opgen.ir.schema import Schema

ROOT = "spec.validation.openAPIV3Schema"
TEXT = {"type": "string"}
DEAR = (
    "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are "
    "declared)"
)


def decoded(schema: dict[str, Any]) -> Schema:
    found = decode_schema({"type": "object", **schema})[0]
    assert found is not None
    return found


def errors(schema: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = check_schema(decoded(schema), ROOT)
    assert all(error.field.startswith(ROOT) for error in found)
    return [(error.field[len(ROOT) + 1 :], error.type.value, error.detail) for error in found]


def of_rule(**rule: Any) -> list[tuple[str, str, str]]:
    """The errors of one rule at `spec`, with paths below it."""
    spec = {
        "type": "object",
        "properties": {"a": TEXT, "n": {"type": "integer"}},
        "x-kubernetes-validations": [rule],
    }
    start = "properties[spec].x-kubernetes-validations[0]."
    return [
        (field.removeprefix(start), kind, detail)
        for field, kind, detail in errors({"properties": {"spec": spec}})
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"rule": "self.n > 1"}, []),
        ({"rule": " \t"}, [("rule", "FieldValueRequired", "rule is not specified")]),
        (
            {"rule": "self.n >\n1"},
            [("message", "FieldValueRequired", "message must be specified if rule contains line breaks")],
        ),
        ({"rule": "self.n >\n1", "message": "too small"}, []),
        (
            {"rule": "true", "message": " "},
            [("message", "FieldValueInvalid", "must be non-empty if specified")],
        ),
        (
            {"rule": "true", "message": "a\nb"},
            [("message", "FieldValueInvalid", "must not contain line breaks")],
        ),
        (
            {"rule": "true", "messageExpression": " "},
            [("messageExpression", "FieldValueRequired", "messageExpression must be non-empty if specified")],
        ),
        (
            {"rule": "true", "reason": "Because"},
            [
                (
                    "reason",
                    "FieldValueNotSupported",
                    'supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", '
                    '"FieldValueRequired"',
                )
            ],
        ),
        ({"rule": "true", "reason": "FieldValueRequired", "fieldPath": ".a"}, []),
        ({"rule": "true", "fieldPath": ".b"}, [("fieldPath", "FieldValueInvalid", "must be a valid path")]),
        ({"rule": "true", "fieldPath": "a"}, [("fieldPath", "FieldValueInvalid", "must be a valid path")]),
        ({"rule": "true", "fieldPath": "\t"}, None),
        (
            {"rule": "self.n"},
            [("rule", "FieldValueInvalid", "cel expression must evaluate to a bool")],
        ),
        (
            {"rule": "self.n > 'a'"},
            [
                (
                    "rule",
                    "FieldValueInvalid",
                    "compilation failed: ERROR: <input>:1:8: found no matching overload for '_>_' applied to "
                    "'(int, string)'\n | self.n > 'a'\n | .......^",
                )
            ],
        ),
        (
            {"rule": "self.x == 1 && self.y == 2"},
            [
                (
                    "rule",
                    "FieldValueInvalid",
                    "compilation failed: ERROR: <input>:1:5: undefined field 'x'\n | self.x == 1 && self.y == 2\n"
                    " | ....^\nERROR: <input>:1:20: undefined field 'y'\n | self.x == 1 && self.y == 2\n"
                    " | ...................^",
                )
            ],
        ),
        (
            {"rule": "self.a.matches('(')"},
            [
                (
                    "rule",
                    "FieldValueInvalid",
                    "compilation failed: ERROR: <input>:1:16: invalid matches argument\n | self.a.matches('(')\n"
                    " | ...............^",
                )
            ],
        ),
        (
            {"rule": "true", "messageExpression": "1"},
            [("messageExpression", "FieldValueInvalid", "messageExpression must evaluate to a string")],
        ),
        (
            {"rule": "true", "optionalOldSelf": True},
            [("optionalOldSelf", "FieldValueInvalid", "may not be set if oldSelf is not used in rule")],
        ),
        ({"rule": "oldSelf.orValue(self) == self", "optionalOldSelf": True}, []),
        ({"rule": "oldSelf.n <= self.n"}, []),
    ],
)
def test_one_rule(rule: dict[str, Any], expected: list[tuple[str, str, str]] | None) -> None:
    found = of_rule(**rule)
    if expected is None:
        assert found
    else:
        assert found == expected


def test_the_value_of_an_error_is_what_the_server_shows() -> None:
    schema = decoded({"x-kubernetes-validations": [{"rule": "1", "message": "m"}]})
    (error,) = check_schema(schema, ROOT)
    assert not isinstance(error.value, Omitted)
    assert bad_value(error.value) == (
        '{"Rule":"1","Message":"m","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}'
    )


def test_rules_are_judged_from_the_leaves_up() -> None:
    bad = [{"rule": "1"}]
    inner = {
        "type": "array",
        "items": {**TEXT, "x-kubernetes-validations": bad},
        "x-kubernetes-validations": bad,
    }
    spec = {
        "type": "object",
        "properties": {"b": inner, "a": {**TEXT, "x-kubernetes-validations": bad}},
        "x-kubernetes-validations": bad,
    }
    fields = [
        field for field, _, _ in errors({"properties": {"spec": spec}, "x-kubernetes-validations": bad})
    ]
    assert sorted(fields) == sorted(
        f"{at}x-kubernetes-validations[0].rule"
        for at in (
            "properties[spec].properties[b].items.",
            "properties[spec].properties[b].",
            "properties[spec].properties[a].",
            "properties[spec].",
            "",
        )
    )
    assert fields[-2:] == [
        "properties[spec].x-kubernetes-validations[0].rule",
        "x-kubernetes-validations[0].rule",
    ]


def test_a_rule_in_an_unbounded_list_costs_too_much() -> None:
    rule = {"rule": "self.contains('abc')"}
    items: dict[str, Any] = {"type": "array", "items": {**TEXT, "x-kubernetes-validations": [rule]}}
    found = errors({"properties": {"spec": items}})
    assert found == [
        (
            "properties[spec].items.x-kubernetes-validations[0].rule",
            "FieldValueForbidden",
            f"estimated rule cost exceeds budget by factor of more than 100x {DEAR}",
        ),
        (
            "properties[spec].items.x-kubernetes-validations[0].rule",
            "FieldValueForbidden",
            "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema",
        ),
        (
            "",
            "FieldValueForbidden",
            "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor "
            f"of more than 100x {DEAR}",
        ),
    ]
    bounded = {**items, "maxItems": 10, "items": {**items["items"], "maxLength": 100}}
    assert errors({"properties": {"spec": bounded}}) == []


@pytest.mark.parametrize(("most", "factor"), [(240_000, None), (250_000, "1.000040x"), (500_000, "2.0x")])
def test_the_factor_by_which_a_rule_costs_too_much(most: int, factor: str | None) -> None:
    rule = {"rule": "self.all(x, x.contains('abc'))"}
    spec = {
        "type": "array",
        "maxItems": 100,
        "items": {**TEXT, "maxLength": most},
        "x-kubernetes-validations": [rule],
    }
    found = errors({"properties": {"spec": spec}})
    if factor is None:
        assert found == []
    else:
        assert found[0][2] == f"estimated rule cost exceeds budget by factor of {factor} {DEAR}"


def test_the_bytes_of_a_bound_wrap_at_64_bits() -> None:
    """2^62 code points are 2^64 bytes, which are none: the server takes the rule for cheap."""
    rule = {"rule": "self.contains('abc')"}
    texts = [{**TEXT, "maxLength": most, "x-kubernetes-validations": [rule]} for most in (2**61, 2**62)]
    assert [bool(errors({"properties": {"spec": text}})) for text in texts] == [True, False]


def test_estimates_follow_the_server_where_its_paths_share_memory() -> None:
    """Over a map two fields down, both loop variables come to have the values' size, but not three fields down."""
    texts = {"type": "object", "maxProperties": 200, "additionalProperties": {**TEXT, "maxLength": 1_000_000}}
    nested = {
        "type": "object",
        "properties": {"m": texts, "e": {"type": "object", "properties": {"m": texts}}},
    }

    def dear(where: str) -> bool:
        rule = {"rule": f"self.{where}.m.all(k, v, k.contains('a'))"}
        return bool(errors({"properties": {"e": nested}, "x-kubernetes-validations": [rule]}))

    assert dear("e")
    assert not dear("e.e")


def test_old_self_needs_a_path_on_which_values_correlate() -> None:
    rule = [{"rule": "self == oldSelf"}]
    items = {**TEXT, "maxLength": 5, "x-kubernetes-validations": rule}
    found = errors({"properties": {"spec": {"type": "array", "maxItems": 5, "items": items}}})
    assert found == [
        (
            "properties[spec].items.x-kubernetes-validations[0].rule",
            "FieldValueInvalid",
            "oldSelf cannot be used on the uncorrelatable portion of the schema within "
            f"{ROOT}.properties[spec]",
        )
    ]
    keyed = {
        "type": "array",
        "maxItems": 5,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k"],
        "items": {
            "type": "object",
            "required": ["k"],
            "properties": {"k": TEXT, "v": {**TEXT, "maxLength": 5, "x-kubernetes-validations": rule}},
        },
    }
    assert errors({"properties": {"spec": keyed}}) == []


def test_rules_in_junctors_are_looked_at_but_not_compiled() -> None:
    branch = {"properties": {"a": {"x-kubernetes-validations": [{"rule": ""}, {"rule": "1"}]}}}
    found = errors({"properties": {"a": TEXT}, "allOf": [branch]})
    assert found == [
        (
            "allOf[0].properties[a].x-kubernetes-validations[0].rule",
            "FieldValueRequired",
            "rule is not specified",
        )
    ]


def test_types_come_from_the_schema() -> None:
    properties = {
        "with-dash": {"type": "integer"},
        "namespace": TEXT,
        "any": {"x-kubernetes-int-or-string": True},
        "loose": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "when": {**TEXT, "format": "date-time"},
        "map": {"type": "object", "additionalProperties": {"type": "number"}},
        "pod": {"type": "object", "x-kubernetes-embedded-resource": True},
    }
    good = [
        "self.with__dash__dash == 1",
        "self.__namespace__ == 'a'",
        "self.any == 1 || self.any == 'a'",
        "self.when > timestamp('2020-01-01T00:00:00Z')",
        "self.map.all(k, k.size() > 0 && self.map[k] > 1.5)",
        "self.map.all(k, v, v > 1.5)",
        "self.pod.metadata.name == self.pod.kind",
        "has(self.?loose.x) || true",
    ]
    bad = ["self.loose.x == 1", "self.pod.spec == 1", "self.when == 'a'", "self.any + 1 == 'a'[0]"]
    spec = {"type": "object", "properties": properties}

    def wrong(rule: str) -> bool:
        return any(
            "compilation failed" in detail
            for _, _, detail in errors(
                {"properties": {"spec": {**spec, "x-kubernetes-validations": [{"rule": rule}]}}}
            )
        )

    assert [rule for rule in good if wrong(rule)] == ["has(self.?loose.x) || true"]
    assert all(wrong(rule) for rule in bad)


def test_metadata_of_the_root_is_declared() -> None:
    rule = {
        "rule": "self.metadata.name.startsWith('a') && self.kind != self.apiVersion && has(self.metadata.generateName)"
    }
    assert errors({"properties": {"spec": TEXT}, "x-kubernetes-validations": [rule]}) == []
    (error,) = errors({"x-kubernetes-validations": [{"rule": "has(self.metadata.labels)"}]})
    assert "undefined field 'labels'" in error[2]


def test_what_cannot_be_judged_is_named() -> None:
    rule = "google.protobuf.Int32Value{value: 1} == 1"
    schema = decoded({"x-kubernetes-validations": [{"rule": rule}]})
    result = review_schema(schema, ROOT)
    assert len(result.unchecked) == 1
    assert result.unchecked[0].startswith(f"{ROOT}.x-kubernetes-validations[0]: {rule}: ")


@pytest.mark.parametrize("above", [False, True])
def test_rules_above_see_only_the_names_of_embedded_metadata_and_so_do_those_at_it(above: bool) -> None:
    """Without rules above it a node has its own type, with such it has what they see of it."""
    labels = {"type": "object", "maxProperties": 3, "additionalProperties": {**TEXT, "maxLength": 9}}
    rule = {"rule": "has(self.labels)"}
    metadata = {"type": "object", "properties": {"labels": labels}, "x-kubernetes-validations": [rule]}
    embedded: dict[str, Any] = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "properties": {"metadata": metadata},
    }
    if above:
        embedded["x-kubernetes-validations"] = [{"rule": "true"}]
    found = errors({"properties": {"spec": embedded}})
    assert ["undefined field 'labels'" in text for _, _, text in found] == [True] * above


@pytest.mark.parametrize("above", [False, True])
def test_rules_below_a_node_without_a_type_have_none_where_rules_stand_above(above: bool) -> None:
    leaf = {
        "type": "object",
        "properties": {"x": {"type": "integer"}},
        "x-kubernetes-validations": [{"rule": "self.x > 0"}],
    }
    untyped = {"x-kubernetes-preserve-unknown-fields": True, "properties": {"leaf": leaf}}
    spec: dict[str, Any] = {"type": "object", "properties": {"untyped": untyped}}
    if above:
        spec["x-kubernetes-validations"] = [{"rule": "true"}]
    found = errors({"properties": {"spec": spec}})
    assert ["failed to construct type information" in text for _, _, text in found] == [True] * above
