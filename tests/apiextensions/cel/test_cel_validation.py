"""Rules over objects: order, messages, reasons, paths, budgets, old values, and what cannot be run."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.apiextensions.cel import CelResult, validate
from opgen.apiextensions.decode import decode_schema
from opgen.apiextensions.errors import OMITTED

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
ABSENT: Any = object()


def run(schema: dict[str, Any], obj: Any, old: Any = ABSENT, **options: Any) -> CelResult:
    decoded = decode_schema({"type": "object", **schema})[0]
    assert decoded is not None
    has_old = old is not ABSENT
    return validate(decoded, obj, old if has_old else None, has_old=has_old, **options)


def shown(result: CelResult) -> list[tuple[str, str, str]]:
    assert result.unchecked == ()
    return [(error.field, error.type.value, error.detail) for error in result.errors]


def of_rule(
    rule: dict[str, Any], spec: Any, old: Any = ABSENT, **properties: Any
) -> list[tuple[str, str, str]]:
    """The errors of a rule on `spec` {a: string, n: integer}."""
    known = {"a": TEXT, "n": NUMBER, **properties}
    schema = {
        "properties": {"spec": {"type": "object", "properties": known, "x-kubernetes-validations": [rule]}}
    }
    return shown(run(schema, {"spec": spec}, {"spec": old} if old is not ABSENT else old))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, ("spec", "FieldValueInvalid", "failed rule: self.n > 1")),
        ({"message": " too small "}, ("spec", "FieldValueInvalid", "too small")),
        ({"reason": "FieldValueForbidden"}, ("spec", "FieldValueForbidden", "failed rule: self.n > 1")),
        ({"reason": "FieldValueRequired"}, ("spec", "FieldValueRequired", "failed rule: self.n > 1")),
        ({"reason": "FieldValueDuplicate", "message": "m"}, ("spec", "FieldValueDuplicate", "")),
        ({"fieldPath": ".n"}, ("spec.n", "FieldValueInvalid", "failed rule: self.n > 1")),
        ({"fieldPath": "['n']"}, ("spec.n", "FieldValueInvalid", "failed rule: self.n > 1")),
        ({"messageExpression": "'not %d'.format([self.n])"}, ("spec", "FieldValueInvalid", "not 1")),
        (
            {"messageExpression": "'x' + string(1 / 0)", "message": "static"},
            ("spec", "FieldValueInvalid", "static"),
        ),
        ({"messageExpression": "' '"}, ("spec", "FieldValueInvalid", "failed rule: self.n > 1")),
        ({"messageExpression": "'a\\nb'"}, ("spec", "FieldValueInvalid", "failed rule: self.n > 1")),
    ],
)
def test_a_failed_rule(rule: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert of_rule({"rule": "self.n > 1", **rule}, {"n": 1}) == [expected]
    assert of_rule({"rule": "self.n > 1", **rule}, {"n": 2}) == []


def test_a_rule_that_cannot_be_evaluated() -> None:
    assert of_rule({"rule": "self.n / 0 == 1"}, {"n": 1}) == [
        ("spec", "FieldValueInvalid", "division by zero evaluating rule: self.n / 0 == 1")
    ]
    assert of_rule({"rule": "self.a == 'x'", "message": "m"}, {"n": 1}) == [
        ("spec", "FieldValueInvalid", "no such key: a evaluating rule: m")
    ]
    assert of_rule({"rule": "dyn(self.n) + 'a' == 'b'"}, {"n": 1}) == [
        (
            "spec",
            "FieldValueInvalid",
            "'no such overload': call arguments did not match a supported operator, function or macro signature for "
            "rule: dyn(self.n) + 'a' == 'b'",
        )
    ]


def test_a_rule_that_does_not_compile_fails_every_object() -> None:
    ((field, kind, detail),) = of_rule({"rule": "self.x"}, {"n": 1})
    assert (field, kind) == ("spec", "FieldValueInvalid")
    assert detail.startswith(
        "rule compile error: compilation failed: ERROR: <input>:1:5: undefined field 'x'"
    )


def test_rules_run_from_the_root_down() -> None:
    def rule(text: str) -> list[dict[str, Any]]:
        return [{"rule": "false", "message": text}]

    schema = {
        "x-kubernetes-validations": [*rule("first"), *rule("second")],
        "properties": {
            "items": {
                "type": "array",
                "x-kubernetes-validations": rule("list"),
                "items": {**TEXT, "x-kubernetes-validations": rule("item")},
            },
            "map": {
                "type": "object",
                "additionalProperties": {"type": "object", "x-kubernetes-validations": rule("value")},
            },
        },
    }
    found = run(schema, {"items": ["a", "b"], "map": {"x.y": {}, "none": None}})
    assert [(error.field, error.detail, error.value) for error in found.errors] == [
        ("<nil>", "first", OMITTED),
        ("<nil>", "second", OMITTED),
        ("items", "list", OMITTED),
        ("items[0]", "item", "a"),
        ("items[1]", "item", "b"),
        ("map[x.y]", "value", OMITTED),
    ]


def test_null_and_absent_values_are_not_looked_at() -> None:
    assert of_rule({"rule": "false"}, None) == []
    schema = {"properties": {"spec": {**TEXT, "x-kubernetes-validations": [{"rule": "false"}]}}}
    assert shown(run(schema, {})) == []


@pytest.mark.parametrize(
    ("old", "optional", "fails"),
    [
        (ABSENT, False, False),
        (ABSENT, True, False),
        ({"n": 1}, False, False),
        ({"n": 9}, False, True),
        ({"n": 9}, True, True),
    ],
)
def test_transition_rules(old: Any, optional: bool, fails: bool) -> None:
    if optional:
        rule = {"rule": "!oldSelf.hasValue() || oldSelf.value().n <= self.n", "optionalOldSelf": True}
    else:
        rule = {"rule": "oldSelf.n <= self.n"}
    assert bool(of_rule(rule, {"n": 2}, old)) is fails


def test_old_items_of_a_keyed_list_are_found_by_key() -> None:
    items = {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k"],
        "items": {
            "type": "object",
            "properties": {"k": TEXT, "v": NUMBER},
            "x-kubernetes-validations": [{"rule": "self.v >= oldSelf.v"}],
        },
    }
    schema = {"properties": {"l": items}}
    old = {"l": [{"k": "a", "v": 5}, {"k": "b", "v": 5}]}
    new = {"l": [{"k": "c", "v": 0}, {"k": "b", "v": 4}, {"k": "a", "v": 6}]}
    assert [field for field, _, _ in shown(run(schema, new, old))] == ["l[1]"]


def test_unchanged_parts_are_forgiven_on_update() -> None:
    rule = [{"rule": "self < 5"}]
    schema = {
        "properties": {
            "a": {**NUMBER, "x-kubernetes-validations": rule},
            "b": {**NUMBER, "x-kubernetes-validations": rule},
        }
    }
    old, new = {"a": 9, "b": 9}, {"a": 9, "b": 8}
    assert [field for field, _, _ in shown(run(schema, new, old))] == ["b"]
    assert [field for field, _, _ in shown(run(schema, new, old, ratchet=False))] == ["a", "b"]


def test_one_call_has_a_budget() -> None:
    rule = {"rule": "self.l.all(a, self.l.all(b, self.l.all(c, a == b && b == c)))", "message": "m"}
    numbers = {"type": "array", "items": NUMBER}
    assert of_rule(rule, {"l": [1] * 100}, l=numbers) == [
        (
            "spec",
            "FieldValueInvalid",
            "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call "
            "cost exceeds limit for rule: m",
        )
    ]
    assert of_rule(rule, {"l": [1] * 10}, l=numbers) == []


def test_one_object_has_a_budget() -> None:
    rules = [{"rule": "!self.contains('b')"}, {"rule": "true"}]
    schema = {"properties": {"l": {"type": "array", "items": {**TEXT, "x-kubernetes-validations": rules}}}}
    found = shown(run(schema, {"l": ["a" * 1_000_000] * 200}))
    out = "validation failed due to running out of cost budget, no further validation rules will be run"
    assert found == [("l[99]", "FieldValueInvalid", out)]


def test_integers_that_came_as_decimals_are_integers_to_their_schema() -> None:
    assert of_rule({"rule": "self.n == 3 && type(self.n) == int"}, {"n": 3}) == []


def test_names_are_escaped() -> None:
    properties = {"a-b": TEXT, "namespace": TEXT, "x.y": TEXT}
    rule = "self.a__dash__b == '1' && self.__namespace__ == '2' && self.x__dot__y == '3'"
    spec = {"type": "object", "properties": properties, "x-kubernetes-validations": [{"rule": rule}]}
    obj = {"spec": {"a-b": "1", "namespace": "2", "x.y": "3"}}
    assert shown(run({"properties": {"spec": spec}}, obj)) == []


def test_sets_and_keyed_lists_compare_without_order() -> None:
    members = {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"}
    assert of_rule({"rule": "self.s == ['b', 'a']"}, {"s": ["a", "b"]}, s=members) == []
    assert of_rule({"rule": "self.s + ['b', 'c'] == ['a', 'b', 'c']"}, {"s": ["a", "b"]}, s=members) == []
    plain = {"type": "array", "items": TEXT}
    assert of_rule({"rule": "self.s != ['b', 'a']"}, {"s": ["a", "b"]}, s=plain) == []


def test_what_cannot_be_run_is_named() -> None:
    rule = "google.protobuf.Int32Value{value: 1} == 1"
    schema = {"properties": {"spec": {"type": "object", "x-kubernetes-validations": [{"rule": rule}]}}}
    result = run(schema, {"spec": {}})
    assert result.errors == ()
    assert result.unchecked[0].startswith(f"spec: {rule}: ")


def test_paths_start_at_the_prefix() -> None:
    schema = {"properties": {"a": {**TEXT, "x-kubernetes-validations": [{"rule": "false"}]}}}
    result = run(schema, {"a": "x"}, field_path="spec.template", root=False)
    assert [error.field for error in result.errors] == ["spec.template.a"]


@pytest.mark.parametrize(
    ("new", "old", "detail"),
    [
        ({"s": "a"}, {"s": 5}, "failed rule: self == oldSelf"),  # no scalar is like what doesn't fit
        ({"s": 5}, {"s": "a"}, "invalid data, expected string, got int64 evaluating rule: self == oldSelf"),
        ({"s": 5}, {"t": "a"}, "failed rule: self == oldSelf"),
        (
            {"l": []},
            {"l": 5},
            "invalid data, expected an array for the provided schema with type=array evaluating rule",
        ),
        ({"set": ["a"]}, {"set": [5]}, "failed rule: self == oldSelf"),
        (
            {"set": [[]]},
            {"set": ["a"]},
            "internal error: runtime error: hash of unhashable type []interface {} evaluating",
        ),
        ({"map": [{"k": "a"}]}, {"map": ["a"]}, "failed rule: self == oldSelf"),
    ],
)
def test_equality_with_stored_data_that_does_not_fit(new: Any, old: Any, detail: str) -> None:
    """Such data is there after a schema has changed, or where another version wrote it."""
    keyed = {"type": "object", "properties": {"k": TEXT}}
    by_key = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}
    properties = {
        "s": TEXT,
        "t": TEXT,
        "l": {"type": "array", "items": TEXT},
        "set": {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"},
        "map": {"type": "array", "items": keyed, **by_key},
    }
    found = of_rule({"rule": "self == oldSelf"}, new, old, **properties)
    assert [text.startswith(detail) for _, _, text in found] == [True], found


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("0000-12-31T23:30:00Z", "self.at.getFullYear() == 0 && self.at.getDayOfYear() == 365"),
        ("0000-12-31T23:30:00Z", "self.at.getFullYear('+01:00') == 1 && self.at.getDayOfWeek('+01:00') == 1"),
        ("9999-12-31T23:30:00-01:00", "self.at.getFullYear() == 10000 && self.at.getDate() == 1"),
        ("9999-12-31T23:30:00-01:00", "string(self.at) == '9999-12-31T23:30:00-01:00'"),
        (
            "9999-12-31T23:30:00-01:00",
            "self.at.getFullYear('Asia/Tokyo') == 10000 && self.at.getHours('Asia/Tokyo') == 9",
        ),
        ("9999-12-31T23:30:00-01:00", "'%s'.format([self.at]) == '9999-12-31T23:30:00-01:00'"),
    ],
)
def test_times_in_years_that_no_expression_can_make(text: str, rule: str) -> None:
    assert of_rule({"rule": rule}, {"at": text}, at={"type": "string", "format": "date-time"}) == []


def test_a_version_whose_part_is_one_letter_of_many_bytes() -> None:
    text = 'Invalid character(s) found in major number "0\u212a" evaluating rule: semver(self.a, true).major() == 1'
    assert of_rule({"rule": "semver(self.a, true).major() == 1"}, {"a": "\u212a"}) == [
        ("spec", "FieldValueInvalid", text)
    ]


def test_a_rule_at_embedded_metadata_runs_with_the_names_alone() -> None:
    """Its definition is taken where no rule stands above; each object is then told that it does not compile."""
    metadata = {
        "type": "object",
        "properties": {"labels": {"type": "object", "additionalProperties": TEXT}},
        "x-kubernetes-validations": [{"rule": "has(self.labels)"}],
    }
    embedded = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "properties": {"metadata": metadata},
    }
    found = shown(run({"properties": {"e": embedded}}, {"e": {"metadata": {"name": "a", "labels": {}}}}))
    assert [(field, "undefined field 'labels'" in text) for field, _, text in found] == [("e.metadata", True)]


@pytest.mark.parametrize(
    ("rule", "detail"),
    [
        ("self.l.max() == b'a'", "'no such overload: max(list)': call arguments did not match"),
        ("self.l.isSorted()", "'no such overload: isSorted(list)': call arguments did not match"),
        ("self.l.sort() == []", "list elements must be comparable evaluating rule"),
        ("self.l.indexOf(b'hello') == 1 && self.l.lastIndexOf(b'hello') == 1", ""),
        (
            "self.l.distinct().size() == 2 && self.l.slice(0, 2).size() == 2 && self.l.sortBy(x, 1).size() == 2",
            "",
        ),
        ("self.l.reverse()[0] == b'hello'", ""),
        ("self.l.reverse()[1] == b'hello'", "Invalid byte formatted string /+8=: illegal base64 data"),
        ("[b'hello', b'a'] == self.l.reverse()", "failed rule"),
        ("{self.l[1]: 1}.size() == 1", "internal error: runtime error: hash of unhashable type types.Bytes"),
    ],
)
def test_lists_of_bytes_that_are_valid_and_yet_none_of_cels(rule: str, detail: str) -> None:
    """The server checks the format byte by one alphabet of base64 and reads it by another."""
    found = of_rule(
        {"rule": rule}, {"l": ["/+8=", "aGVsbG8="]}, l={"type": "array", "items": {**TEXT, "format": "byte"}}
    )
    assert [text.startswith(detail) for _, _, text in found] == ([True] if detail else [])
