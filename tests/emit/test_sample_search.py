"""Samples of kinds that make it hard: texts that several patterns take, rules taken apart, random kinds."""

from __future__ import annotations

import importlib.util
import sys
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from opgen.apiextensions import decode_schema, patterns, review_definition, review_object
from opgen.emit.samples import sample
from opgen.emit.samples.automata import common
from opgen.ir.definition import Definition, Names, Version

SCRIPTS = Path(__file__).parents[2] / "scripts"


def definition(spec: dict[str, Any], **root: Any) -> Definition:
    raw = {"type": "object", "properties": {"spec": spec}, "required": ["spec"], **root}
    schema, problem = decode_schema(raw)
    assert schema is not None, problem
    version = Version(name="v1", served=True, storage=True, schema=schema)
    names = Names("hards", "hard", "Hard", "HardList")
    found = Definition(
        "hards.example.com",
        "example.com",
        names,
        "Namespaced",
        (version,),
        metadata={"name": "hards.example.com"},
    )
    verdict = review_definition(found)
    assert verdict.allowed, verdict.errors
    return found


TEXT = {"type": "string", "maxLength": 40}
COUNT = {"type": "integer", "minimum": 0, "maximum": 1000}
TEXTS = {"type": "array", "maxItems": 5, "items": TEXT}
WEIGHTS = {"type": "array", "maxItems": 4, "items": {"type": "object", "properties": {"w": COUNT, "n": TEXT}}}
MAP = {"type": "object", "maxProperties": 4, "additionalProperties": TEXT}
WHEN = {"type": "string", "format": "date-time"}


def fields(*rules: str, required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        found["required"] = list(required)
    return {**found, "x-kubernetes-validations": [{"rule": rule} for rule in rules]}


SPECS = [
    fields("self.min <= self.max", "self.min > 41", min=COUNT, max=COUNT, required=("min", "max")),
    fields("has(self.a) != has(self.b)", "has(self.b) == has(self.c)", a=TEXT, b=TEXT, c=TEXT),
    fields("self.all(x, x.startsWith('a'))", required=())
    | {"type": "array", "maxItems": 5, "minItems": 2, "items": TEXT},
    fields(
        "self.l.all(x, x.startsWith('a') && x.endsWith('z') && x.size() == 7)",
        l={**TEXTS, "minItems": 2},
        required=("l",),
    ),
    fields("self.l.exists_one(x, x == 'here')", "size(self.l) == 3", l=TEXTS, required=("l",)),
    fields("size(self.l) == self.n", "self.n > 1", l=TEXTS, n=COUNT, required=("l", "n")),
    fields("self.m.all(k, k.matches('^[a-z]+-[0-9]{3}$'))", "size(self.m) == 2", m=MAP, required=("m",)),
    fields("'key' in self.m && self.m['key'] == 'value'", m=MAP, required=("m",)),
    fields(
        "self.l.map(x, x.w).sum() == 100",
        "self.l.all(x, has(x.w))",
        l={**WEIGHTS, "minItems": 3},
        required=("l",),
    ),
    fields("self.a + self.b * 2 == 77", "self.a % 5 == 3", a=COUNT, b=COUNT, required=("a", "b")),
    fields("[has(self.a), has(self.b), has(self.c)].filter(x, x).size() == 2", a=TEXT, b=TEXT, c=TEXT),
    fields(
        "self.kind == 'A' ? has(self.a) && !has(self.b) : !has(self.a)",
        "self.kind != 'B'",
        kind={"type": "string", "enum": ["B", "A"]},
        a=TEXT,
        b=TEXT,
        required=("kind",),
    ),
    fields(
        "self.start < self.end",
        "self.start > timestamp('2027-01-01T00:00:00Z')",
        start=WHEN,
        end=WHEN,
        required=("start", "end"),
    ),
    fields("duration(self.d) >= duration('36h')", d=TEXT, required=("d",)),
    fields("quantity(self.q).isGreaterThan(quantity('5Gi'))", q=TEXT, required=("q",)),
    fields("isURL(self.u) && url(self.u).getScheme() == 'https'", u=TEXT, required=("u",)),
    fields(
        "cidr(self.c).containsIP(ip(self.i))",
        c={"type": "string", "format": "cidr", "maxLength": 40},
        i={"type": "string", "format": "ipv4", "maxLength": 40},
        required=("c", "i"),
    ),
    fields(
        "self.s.startsWith('ab')",
        "self.s.contains('-9-')",
        s={**TEXT, "pattern": "^[a-z]+(-[0-9])+-[a-z]{2}$"},
        required=("s",),
    ),
    fields(
        "!self.s.contains('xample')",
        "self.s == self.t",
        s=TEXT,
        t={**TEXT, "pattern": "^[A-Z]{4}$"},
        required=("s", "t"),
    ),
    fields("!has(self.x) || self.x == oldSelf.x", "self.x > 3", x=COUNT, required=("x",)),
    fields("int(self.s) > 1500", s={**TEXT, "pattern": "^[0-9]+$"}, required=("s",)),
    fields(
        "self.o.a < self.o.b", o=fields("self.b < 5", a=COUNT, b=COUNT, required=("a", "b")), required=("o",)
    ),
    fields(
        "self.l.all(x, self.l.exists_one(y, y.n == x.n))",
        "self.l.all(x, has(x.n))",
        l={**WEIGHTS, "minItems": 2},
        required=("l",),
    ),
    fields("isIP(self.a) && ip(self.a).family() == 6", "!ip(self.a).isLoopback()", a=TEXT, required=("a",)),
    fields(
        "cidr(self.c).containsIP(ip(self.a))",
        "cidr(self.c).prefixLength() == 20",
        a=TEXT,
        c=TEXT,
        required=("a", "c"),
    ),
    fields(
        "isURL(self.u) && url(self.u).getScheme() == 'oci' && url(self.u).getPort() == '5000'",
        "url(self.u).getEscapedPath().startsWith('/charts')",
        u=TEXT,
        required=("u",),
    ),
    fields(
        "semver(self.v).isGreaterThan(semver('1.4.9')) && semver(self.v).major() == 1",
        v=TEXT,
        required=("v",),
    ),
    fields("self.b.split('/').size() == 3 && self.b.split('/')[1] == 'v1'", b=TEXT, required=("b",)),
    fields("self.a.startsWith(self.b + '-')", "self.a.contains('xyz')", a=TEXT, b=TEXT, required=("a", "b")),
    fields("self.l.all(i, x, x.w == i * 10)", l={**WEIGHTS, "minItems": 2}, required=("l",)),
    fields(
        "type(self.a) == string ? self.a.endsWith('%') : self.a > 5",
        "type(self.b) == int && self.b > 1000",
        a={"x-kubernetes-int-or-string": True},
        b={"x-kubernetes-int-or-string": True},
        required=("a", "b"),
    ),
    fields(
        "self.a != ''",
        a={
            "type": "string",
            "maxLength": 8,
            "not": {"pattern": "^(foo|example)"},
            "allOf": [{"pattern": "^[a-z]"}, {"pattern": "[0-9]$"}],
            "anyOf": [{"pattern": "-"}, {"pattern": "_"}],
        },
        required=("a",),
    ),
    fields(
        "self.l.all(x, x.port % 2 == 0) && self.l.exists(x, x.port > 8000)",
        l={
            "type": "array",
            "minItems": 3,
            "maxItems": 6,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["port"],
            "items": {
                "type": "object",
                "properties": {"port": {**COUNT, "maximum": 9000}},
                "required": ["port"],
            },
        },
        required=("l",),
    ),
    fields(
        "self.m.all(k, k.matches('^[a-z]+/[a-z]+$') && self.m[k].size() > 2 && self.m[k].size() < 6)",
        "'app/name' in self.m",
        m={**MAP, "minProperties": 3},
        required=("m",),
    ),
]


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec["x-kubernetes-validations"][0]["rule"])
def test_rules_are_satisfied(spec: dict[str, Any], full: bool) -> None:
    """What the rules wish for is found, whatever it takes: presence, sizes, keys, values, equations."""
    if spec["type"] == "array":
        spec = {"type": "object", "properties": {"l": spec}, "required": ["l"]}
    kind = definition(spec)
    found = sample(kind, "v1", full=full)
    assert found.obj is not None, found.reason
    assert review_object(kind, found.obj).allowed


def test_an_optional_old_self_and_a_message_expression() -> None:
    rule = {"rule": "!oldSelf.hasValue() || self.n == oldSelf.value().n", "optionalOldSelf": True}
    said = {"rule": "self.n == 42", "messageExpression": "'not ' + 'this'"}
    spec = {
        "type": "object",
        "properties": {"n": COUNT},
        "required": ["n"],
        "x-kubernetes-validations": [rule, said],
    }
    found = sample(definition(spec), "v1", full=False)
    assert found.obj is not None
    assert found.obj["spec"] == {"n": 42}


@pytest.mark.parametrize(
    ("given", "least", "most"),
    [
        (["^[a-z]+$", "^ab", "yz$"], 0, None),
        (["^(tcp|udp)://[^:]+:[0-9]+$", "9$", "host"], 20, 30),
        ([r"^\d{4}-\d{2}$", "^19", "[37]$"], 0, 7),
        (["^(a|bc)*$", "cb", "a$"], 6, 6),
        (["^$"], 0, 0),
        (["b"], 1, 1),
        ([r"(?i)^TRUE$", "u"], 0, None),
        ([r"^\p{Lu}[[:alpha:]]*$", "z"], 0, 3),
    ],
)
def test_texts_that_all_patterns_take(given: list[str], least: int, most: int | None) -> None:
    found = list(islice(common(given, least, most), 5))
    assert found
    for text in found:
        assert all(patterns.matches(pattern, text) for pattern in given)
        assert least <= len(text) <= (most if most is not None else 99)


@pytest.mark.parametrize(
    "given", [["^a$", "b"], ["^a{3}$", "^.{4}$"], ["(?<=a)b"], ["^x{1,2}$", "^x{900}$", "y" * 2000]]
)
def test_patterns_that_have_no_text_in_common(given: list[str]) -> None:
    assert list(common(given)) == []


@pytest.fixture(scope="module")
def hard() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hard_schemas", SCRIPTS / "hard_schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hard_schemas"] = module
    spec.loader.exec_module(module)
    return module


def test_random_hard_kinds(hard: ModuleType) -> None:
    """Nearly all kinds that have a valid object get samples, none a wrong one (scripts/sample_search.py has more)."""
    missed = 0
    for kind in hard.hard_schemas(30, 700_000):
        for full in (False, True):
            found = sample(kind.definition, "v1", full=full)
            if found.obj is None:
                missed += 1
            else:
                assert review_object(kind.definition, found.obj).allowed
    assert missed <= 2


def test_the_objects_own_name_may_be_what_a_rule_is_about() -> None:
    rules = ("self.metadata.name.size() <= 10", "self.metadata.name == 'cfg-' + self.spec.a")
    spec = {"type": "object", "properties": {"a": TEXT}, "required": ["a"]}
    found = definition(spec, **{"x-kubernetes-validations": [{"rule": rule} for rule in rules]})
    for full in (False, True):
        made = sample(found, "v1", full=full)
        assert made.obj is not None, made.reason
        assert review_object(found, made.obj).allowed


@pytest.mark.parametrize(
    "huge",
    [
        {"type": "string", "minLength": 2**63 - 1},
        {"type": "array", "minItems": 1_000_000, "items": TEXT},
        {"type": "object", "minProperties": 1_000_000, "additionalProperties": TEXT},
        {"type": "array", "minItems": 1000, "items": {"type": "array", "minItems": 1000, "items": TEXT}},
    ],
    ids=["text", "list", "map", "nested"],
)
def test_what_has_to_be_huge_has_no_sample(huge: dict[str, Any]) -> None:
    found = definition({"type": "object", "properties": {"a": huge}, "required": ["a"]})
    assert sample(found, "v1", full=False).obj is None


@pytest.mark.parametrize("rule", ["uint(self.a) == 5u", "self.a * 2 == int(10u)", "dyn(self.a) == 5u"])
def test_numbers_without_a_sign_are_tried_as_numbers(rule: str) -> None:
    spec = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    found = definition({**spec, "x-kubernetes-validations": [{"rule": rule}]})
    made = sample(found, "v1", full=False)
    assert made.obj is not None, made.reason
    assert made.obj["spec"] == {"a": 5}
