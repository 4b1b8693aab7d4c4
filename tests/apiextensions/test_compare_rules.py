"""Rules and junctors that came, went or changed: an alarm only where an object of the old definition can fail."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from compare_support import lines, of_spec

from opgen.apiextensions import cel, decode_schema, validate
from opgen.apiextensions.compare.rules import rules
from opgen.apiextensions.compare.where import Where
from opgen.ir.schema import JSON, Schema

STRING: dict[str, Any] = {"type": "string", "maxLength": 9}
INTEGER: dict[str, Any] = {"type": "integer"}
ENDS: dict[str, Any] = {"type": "object", "properties": {"a": STRING, "b": STRING}, "required": ["a"]}


def spec(*rules: Any, required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """A spec with fields and rules; a rule is its text, or all of it."""
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    if rules:
        schema["x-kubernetes-validations"] = [r if isinstance(r, dict) else {"rule": r} for r in rules]
    return schema


def said(old: Any, new: Any) -> list[str]:
    found = lines(of_spec(old), of_spec(new))
    return [text.replace("v1 spec: ", "") for text in found if "field-added" not in text]


def test_a_new_rule_breaks_and_says_what_it_asks_for() -> None:
    assert said(spec(a=INTEGER), spec("self.a < 5", a=INTEGER)) == [
        "breaking the rule self.a < 5 is new [rule-added]"
    ]
    assert said(spec(a=INTEGER), spec("self.a == oldSelf.a", a=INTEGER)) == [
        "breaking the rule self.a == oldSelf.a is new [transition-rule-added]"
    ]


def test_a_rule_that_is_gone() -> None:
    assert said(spec("self.a < 5", a=INTEGER), spec(a=INTEGER)) == [
        "dangerous the rule self.a < 5 is gone [rule-removed]"
    ]


def test_messages_and_layout_are_no_change() -> None:
    old = spec({"rule": "self.a<5&&self.a>1", "message": "no"}, a=INTEGER)
    new = spec({"rule": "self.a < 5\n && self.a > 1", "message": "small, please"}, a=INTEGER)
    assert said(old, new) == []


def test_a_transition_rule_that_now_holds_for_new_objects() -> None:
    rule = {"rule": "!oldSelf.hasValue() || self.a == oldSelf.value().a"}
    new = spec({**rule, "optionalOldSelf": True}, a=INTEGER)
    assert said(spec(rule, a=INTEGER), new)[0] == (
        "breaking the rule !oldSelf.hasValue() || self.a == oldSelf.value().a holds for new objects too [rule-added]"
    )


HARMLESS: list[tuple[str, Any, Any]] = [
    (
        "one more value that is listed",
        spec("[self.a, self.b] in [['x', 'y'], ['x', 'z']]", required=("a", "b"), a=STRING, b=STRING),
        spec(
            "[self.a, self.b] in [['x', 'y'], ['n', 'n'], ['x', 'z']]",
            required=("a", "b"),
            a=STRING,
            b=STRING,
        ),
    ),
    (
        "one value and a list with it",
        spec("self.a == 'x' || self.a == 'y'", required=("a",), a=STRING),
        spec("self.a in ['z', 'y', 'x']", required=("a",), a=STRING),
    ),
    ("of a new field", spec(a=STRING), spec("!has(self.n) || self.n.size() < 5", a=STRING, n=STRING)),
    (
        "forbids a new field beside an old one",
        spec(a=STRING),
        spec("!(has(self.a) && has(self.n))", a=STRING, n=STRING),
    ),
    (
        "counts fields",
        spec(a=STRING),
        spec("[has(self.a), has(self.n)].filter(x, x).size() <= 1", a=STRING, n=STRING),
    ),
    (
        "counts fields by numbers",
        spec(a=STRING),
        spec("(has(self.a) ? 1 : 0) + (has(self.n) ? 1 : 0) <= 1", a=STRING, n=STRING),
    ),
    (
        "exists_one of what is required",
        spec(a=STRING, required=("a",)),
        spec("[has(self.a), has(self.n)].exists_one(x, x)", a=STRING, n=STRING, required=("a",)),
    ),
    (
        "of a new value of an enum",
        spec(t={"type": "string", "enum": ["A"]}, required=("t",)),
        spec(
            "self.t == 'B' ? has(self.n) : !has(self.n)",
            t={"type": "string", "enum": ["A", "B"]},
            n=STRING,
            required=("t",),
        ),
    ),
    (
        "loosened by an alternative",
        spec("self.a > 3", a=INTEGER),
        spec("self.a > 3 || self.a == 0", a=INTEGER),
    ),
    (
        "loosened by a condition",
        spec("has(self.a)", a=STRING, b=STRING),
        spec("has(self.b) ? has(self.a) : true", a=STRING, b=STRING),
    ),
    (
        "loosened inside a condition",
        spec("self.m == 'T' ? size(self.a) > 0 : true", m=STRING, a=STRING, b=STRING),
        spec("self.m == 'T' ? size(self.a) > 0 || size(self.b) > 0 : true", m=STRING, a=STRING, b=STRING),
    ),
    (
        "loosened for elements",
        spec("self.l.all(x, x.a == 'u')", l={"type": "array", "maxItems": 9, "items": ENDS}),
        spec("self.l.all(x, x.a == 'u' || x.a == 'v')", l={"type": "array", "maxItems": 9, "items": ENDS}),
    ),
    (
        "of a new field of elements",
        spec(l={"type": "array", "maxItems": 9, "items": ENDS}, required=("l",)),
        spec(
            "self.l.all(x, !has(x.n) || x.n > 1)",
            l={
                "type": "array",
                "maxItems": 9,
                "items": {**ENDS, "properties": {**ENDS["properties"], "n": INTEGER}},
            },
            required=("l",),
        ),
    ),
    (
        "guarded where it was not",
        spec("self.a == 'x' && self.b == 'y'", a=STRING, b=STRING),
        spec("has(self.a) && self.a == 'x' && has(self.b) && self.b == 'y'", a=STRING, b=STRING),
    ),
    (
        "said otherwise",
        spec("(!has(self.a) && !has(self.b)) || (has(self.a) && has(self.b))", a=STRING, b=STRING),
        spec("has(self.a) == has(self.b)", a=STRING, b=STRING),
    ),
    (
        "a bound that the schema has",
        spec(a={"type": "array", "items": STRING, "maxItems": 3}, required=("a",)),
        spec("size(self.a) <= 3", a={"type": "array", "items": STRING, "maxItems": 3}, required=("a",)),
    ),
    (
        "a sum within what the schema allows",
        spec(l={"type": "array", "maxItems": 2, "items": {**ENDS, "maxProperties": 2}}, required=("l",)),
        spec(
            "(self.l.size() > 0 ? self.l[0].a.size() : 0) + (self.l.size() > 1 ? self.l[1].a.size() : 0) >= 0",
            l={"type": "array", "maxItems": 2, "items": {**ENDS, "maxProperties": 2}},
            required=("l",),
        ),
    ),
    (
        "keys that are unique already",
        spec(
            l={
                "type": "array",
                "items": ENDS,
                "maxItems": 9,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["a"],
            },
            required=("l",),
        ),
        spec(
            "self.l.all(x, self.l.exists_one(y, x.a == y.a))",
            l={
                "type": "array",
                "items": ENDS,
                "maxItems": 9,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["a"],
            },
            required=("l",),
        ),
    ),
]


@pytest.mark.parametrize(("old", "new"), [case[1:] for case in HARMLESS], ids=[case[0] for case in HARMLESS])
def test_a_rule_that_no_old_object_can_break_is_no_alarm(old: Any, new: Any) -> None:
    found = said(old, new)
    assert [text for text in found if text.startswith("breaking")] == []
    assert any("[rule-harmless]" in text for text in found)


_FREE: dict[str, Any] = {"x-kubernetes-preserve-unknown-fields": True}
_KIND: dict[str, Any] = {"t": {"type": "string", "enum": ["A", "B"]}}
BREAKING: list[tuple[str, Any, Any]] = [
    (
        "a value that is listed no more",
        spec("[self.a, self.b] in [['x', 'y'], ['x', 'z']]", required=("a", "b"), a=STRING, b=STRING),
        spec("[self.a, self.b] in [['x', 'y'], ['z', 'z']]", required=("a", "b"), a=STRING, b=STRING),
    ),
    (
        "a listed value that is read where it may be absent",
        spec("self.a in ['x']", required=("a",), a=STRING, b=STRING),
        spec("self.a in ['x', self.b]", required=("a",), a=STRING, b=STRING),
    ),
    ("an optional field that is read", spec(a=INTEGER), spec("self.a == self.a", a=INTEGER)),
    ("a field that was kept", {**spec(), **_FREE}, {**spec("!has(self.n)", n=STRING), **_FREE}),
    (
        "a new field with a default",
        spec(a=STRING),
        spec("!has(self.n)", a=STRING, n={**STRING, "default": "x"}),
    ),
    ("an old value", spec(required=("t",), **_KIND), spec("self.t == 'B'", required=("t",), **_KIND)),
    ("tightened", spec("self.a > 3 || self.a == 0", a=INTEGER), spec("self.a > 3", a=INTEGER)),
    (
        "a new field of a parent that may be absent",
        spec(p=ENDS),
        spec("!has(self.p.n)", p={**ENDS, "properties": {**ENDS["properties"], "n": STRING}}),
    ),
]


@pytest.mark.parametrize(("old", "new"), [case[1:] for case in BREAKING], ids=[case[0] for case in BREAKING])
def test_a_rule_that_an_old_object_can_break_is_one(old: Any, new: Any) -> None:
    assert any("rule-added]" in text and text.startswith("breaking") for text in said(old, new))


# Against evaluation -----------------------------------------------------------------------------------------

_FIELDS: dict[str, Any] = {"a": {"type": "string", "enum": ["x", "y"]}, "b": STRING, "c": {"type": "integer"}}
_NEW: dict[str, Any] = {**_FIELDS, "n": STRING, "d": {**INTEGER, "default": 1}}
_ATOMS = (
    "has(self.a)", "has(self.b)", "has(self.c)", "has(self.n)", "has(self.d)", "self.a == 'x'", "self.a != 'x'",
    "self.a == 'z'", "self.b == 'x'", "self.c > 1", "self.c <= 1", "self.n == 'x'", "self.d == 1",
    "self.a in ['x', 'y']", "self.b in ['x', 'y']", "!(self.b in ['x', 'y', 'z'])",
    "self.b in ['x', self.n, 'y']", "size(self.b) > 1", "[has(self.a), has(self.n)].filter(i, i).size() < 2",
    "['x', 'y'].all(i, self.a == i || self.a != i)", "['x'].exists(i, self.a == i)",
)  # fmt: skip


def _random_rule(source: random.Random, depth: int) -> str:
    if depth == 0 or source.random() < 0.2:
        return source.choice(_ATOMS)
    parts = [_random_rule(source, depth - 1) for _ in range(3)]
    forms = (
        "({0} && {1})",
        "({0} || {1})",
        "!({0})",
        "({0} ? {1} : {2})",
        "(({0}) == ({1}))",
        "(has(self.b) && {0})",
    )
    return source.choice(forms).format(*parts)


def _objects(fields: dict[str, list[JSON]]) -> list[dict[str, JSON]]:
    choices = [[None, *values] for values in fields.values()]
    return [
        {name: value for name, value in zip(fields, row, strict=True) if value is not None}
        for row in itertools.product(*choices)
    ]


def _decoded(raw: Any) -> Schema:
    schema, error = decode_schema(raw)
    assert schema is not None, error
    return schema


def test_rules_that_are_called_harmless_are() -> None:
    """Random rules, beside random old ones, tried on every small object that the old schema and rules took."""
    source = random.Random(5)
    objects = _objects({"a": ["x", "y"], "b": ["", "x", "long"], "c": [0, 1, 2]})
    harmless = 0
    for _ in range(120):
        before = [_random_rule(source, 2) for _ in range(source.randint(0, 2))]
        required = ("a",) if source.random() < 0.5 else ()
        old = _decoded(spec(*before, required=required, **_FIELDS))
        added = _random_rule(source, 3)
        new = _decoded(spec(*before, added, required=required, **_NEW))
        codes = [reason.code for reason in rules(old, new, Where("v1", "spec", ""))]
        if codes != ["rule-harmless"]:
            continue
        harmless += 1
        for obj in objects:
            if validate(old, obj) or cel.validate(old, obj, None).errors:
                continue
            filled = {"d": 1, **obj}
            assert not cel.validate(new, filled, None).errors, (before, added, obj)
    assert harmless > 8


# Junctors ---------------------------------------------------------------------------------------------------

_AB: dict[str, Any] = {"a": STRING, "b": STRING}
_A, _B, _N = {"required": ["a"]}, {"required": ["b"]}, {"required": ["n"]}


def junctor(keyword: str, value: Any, **more: Any) -> dict[str, Any]:
    """A spec with one junctor."""
    return {**spec(**_AB, **more), keyword: value}


_MORE = "safe anyOf has further alternatives, or is gone [junctors-loosened]"
_NOT_SO = "safe what must not be is gone, or can't be in old objects [junctors-loosened]"
_BOTH = '{"required":["a"]}, {"required":["b"]}'
JUNCTORS: list[tuple[str, Any, Any, list[str]]] = [
    (
        "anyOf",
        spec(**_AB),
        junctor("anyOf", [_A, _B]),
        [f"breaking anyOf is new: {_BOTH} [any-of-tightened]"],
    ),
    (
        "anyOf smaller",
        junctor("anyOf", [_A, _B]),
        junctor("anyOf", [_A]),
        ['breaking anyOf has no longer {"required":["b"]} [any-of-tightened]'],
    ),
    ("anyOf larger", junctor("anyOf", [_A]), junctor("anyOf", [_B, _A]), [_MORE]),
    ("anyOf that all fit", spec(**_AB), junctor("anyOf", [_A, {"not": _N}], n=STRING), [_MORE]),
    (
        "oneOf",
        spec(**_AB),
        junctor("oneOf", [_A, _B]),
        [f"breaking oneOf is new: {_BOTH} [one-of-tightened]"],
    ),
    (
        "oneOf smaller",
        junctor("oneOf", [_A, _B]),
        junctor("oneOf", [_B]),
        ['breaking oneOf has no longer {"required":["a"]} [one-of-tightened]'],
    ),
    (
        "oneOf larger",
        junctor("oneOf", [_A]),
        junctor("oneOf", [_A, _B]),
        [
            'breaking oneOf has {"required":["b"]} too, which objects may fit beside another [one-of-tightened]'
        ],
    ),
    (
        "oneOf with a new field",
        junctor("oneOf", [_A, _B]),
        junctor("oneOf", [_A, _B, _N], n=STRING),
        ["safe oneOf has further alternatives [junctors-loosened]"],
    ),
    (
        "allOf",
        spec(**_AB),
        junctor("allOf", [{"required": ["a", "b"]}]),
        ['breaking allOf asks for {"required":["a","b"]} too [all-of-added]'],
    ),
    (
        "allOf of a new field",
        spec(**_AB),
        junctor("allOf", [{"not": {"required": ["a", "n"]}}], n=STRING),
        [],
    ),
    (
        "allOf smaller",
        junctor("allOf", [_A, _B]),
        junctor("allOf", [_B]),
        ["safe allOf asks for less [junctors-loosened]"],
    ),
    (
        "not",
        spec(**_AB),
        junctor("not", {"required": ["a", "b"]}),
        ['breaking must not fit {"required":["a","b"]} [not-tightened]'],
    ),
    ("not of a new field", spec(**_AB), junctor("not", {"required": ["a", "n"]}, n=STRING), [_NOT_SO]),
    ("not gone", junctor("not", _A), spec(**_AB), [_NOT_SO]),
    (
        "order of required",
        junctor("anyOf", [{"required": ["a", "b"]}]),
        junctor("anyOf", [{"required": ["b", "a"]}]),
        [],
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), [c[1:] for c in JUNCTORS], ids=[c[0] for c in JUNCTORS])
def test_junctors(old: Any, new: Any, expected: list[str]) -> None:
    assert said(old, new) == expected
