"""Samples that a kind's own definition takes: from schemas with junctors, rules, patterns and lists."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from opgen.apiextensions import patterns, review_object
from opgen.emit.samples import regular, sample
from opgen.emit.samples.hints import number_hint, text_hints
from opgen.emit.samples.regular import texts
from opgen.ir.definition import Definition, Names, Version
from opgen.ir.schema import Schema, ValidationRule, Value

TEXT = Schema(type="string")
INTEGER = Schema(type="integer")
BOOLEAN = Schema(type="boolean")


def obj(*required: str, rules: tuple[str, ...] = (), **properties: Schema) -> Schema:
    validations = tuple(ValidationRule(rule) for rule in rules)
    return Schema(type="object", properties=properties, required=required, x_validations=validations)


def definition(spec: Schema | None, **root: Any) -> Definition:
    properties = {} if spec is None else {"spec": spec}
    schema = Schema(type="object", properties={**properties, **root.pop("more", {})}, **root)
    version = Version(name="v1", served=True, storage=True, schema=schema, status_subresource=True)
    names = Names(plural="widgets", kind="Widget", singular="widget", list_kind="WidgetList")
    return Definition("widgets.example.com", "example.com", names, "Namespaced", (version,))


def made(spec: Schema, *, full: bool) -> Any:
    """The spec of the sample, which the definition takes as it is."""
    kind = definition(spec)
    found = sample(kind, "v1", full=full)
    assert found.obj is not None, found.reason
    verdict = review_object(kind, found.obj)
    assert verdict.allowed
    assert sample(kind, "v1", full=full) == found
    return found.obj["spec"]


def test_minimal_holds_what_is_required_and_full_everything() -> None:
    """Names give values; there is always a spec and a name, never a status."""
    spec = obj("image", image=TEXT, replicas=INTEGER, tls=obj("secretName", secretName=TEXT, port=INTEGER))
    kind = definition(spec, more={"status": obj(ready=BOOLEAN)})
    assert sample(kind, "v1", full=False).obj == {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "widget-sample"},
        "spec": {"image": "nginx:1.27"},
    }
    full = sample(kind, "v1", full=True).obj
    assert full is not None
    assert full["spec"] == {
        "image": "nginx:1.27",
        "replicas": 1,
        "tls": {"port": 8080, "secretName": "example"},
    }
    assert "status" not in full
    assert made(obj(a=TEXT), full=False) == {}


SCALARS: list[tuple[Schema, Any]] = [
    (TEXT, "example"),
    (Schema(type="string", default=Value("blue")), "blue"),
    (Schema(type="string", enum=(Value(""), Value("b"))), "b"),
    (Schema(type="string", format="date-time"), "2026-01-01T00:00:00Z"),
    (Schema(type="string", pattern="^[A-Z]{3}$", min_length=3), "EXA"),
    (Schema(type="string", max_length=3), "exa"),
    (Schema(type="integer", minimum=3), 3),
    (Schema(type="integer", maximum=-7), -7),
    (Schema(type="integer", multiple_of=7, minimum=8), 14),
    (Schema(type="number", minimum=0.25, maximum=0.3), 0.25),
    (BOOLEAN, True),
    (Schema(x_int_or_string=True, pattern="^[0-9]+%$"), "50%"),
    (Schema(type="object", x_preserve_unknown_fields=True), {}),
    (Schema(type="object", additional_properties=TEXT), {"example": "example"}),
    (
        Schema(type="object", x_embedded_resource=True, x_preserve_unknown_fields=True),
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "example"}},
    ),
    (Schema(type="array", items=TEXT), ["example"]),
    (Schema(type="array", items=INTEGER, min_items=2, x_list_type="set"), [1, 2]),
    (Schema(type="array", items=TEXT, max_items=0), []),
    (
        Schema(
            type="array",
            items=obj("k", k=TEXT, v=INTEGER),
            min_items=2,
            x_list_type="map",
            x_list_map_keys=("k",),
        ),
        [{"k": "example", "v": 1}, {"k": "example-2", "v": 1}],
    ),
    (
        Schema(type="object", properties={"x": TEXT, "y": TEXT}, min_properties=1),
        {"x": "example", "y": "example"},
    ),
]


@pytest.mark.parametrize(("schema", "value"), SCALARS)
def test_values(schema: Schema, value: Any) -> None:
    """A field called `a` gets the plainest value that its schema allows."""
    found = made(obj(a=schema), full=True)["a"]
    if schema.pattern.startswith("^[A-Z]"):
        assert patterns.matches(schema.pattern, found)
    else:
        assert found == value


CHOICE = Schema(type="string", enum=(Value("A"), Value("B")))
UNION = (Schema(required=("a",)), Schema(required=("b",)))


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    "spec",
    [
        Schema(type="object", properties={"a": TEXT, "b": TEXT, "c": TEXT}, one_of=UNION),
        Schema(type="object", properties={"a": TEXT, "b": TEXT}, any_of=UNION),
        Schema(type="object", properties={"a": TEXT, "b": TEXT}, not_=Schema(required=("a", "b"))),
        Schema(
            type="object",
            properties={"a": TEXT, "b": TEXT},
            one_of=(
                Schema(required=("a",), not_=Schema(required=("b",))),
                Schema(required=("b",), properties={"b": Schema(min_length=20)}),
            ),
        ),
        obj("n", n=Schema(type="integer", all_of=(Schema(minimum=5), Schema(maximum=6)))),
        obj("n", n=Schema(type="string", any_of=(Schema(format="ipv4"), Schema(format="ipv6")))),
        obj(a=TEXT, b=TEXT, rules=("has(self.a) != has(self.b)",)),
        obj("k", k=CHOICE, a=TEXT, rules=("self.k == 'A' || has(self.a)",)),
        obj("a", "b", a=INTEGER, b=INTEGER, rules=("self.a > self.b",)),
        obj("a", a=TEXT, rules=("self.a == 'just this'",)),
        obj("a", a=TEXT, rules=("self.a.matches('^v[0-9]+(alpha[0-9]+)$')",)),
        obj("l", l=Schema(type="array", items=TEXT, max_items=9), rules=("size(self.l) == 3",)),
        obj("l", l=Schema(type="array", max_items=9, items=obj("x", x=BOOLEAN)), rules=("self.l.all(i, !i.x)",)),
        obj(a=obj("b", b=TEXT, c=TEXT), rules=("!has(self.a) || !has(self.a.c) || self.a.b == 'b'",)),
        Schema(type="object", properties=dict.fromkeys("abcde", TEXT), max_properties=2),
    ],
)  # fmt: skip
def test_unions_and_rules(spec: Schema, full: bool) -> None:
    """What junctors and rules refuse at first is mended, in minimal and in full samples."""
    made(spec, full=full)


def test_the_name_follows_the_rules() -> None:
    """A pattern of metadata.name or a rule about it is heeded."""
    metadata = Schema(type="object", properties={"name": Schema(type="string", pattern="^[a-f]{2,4}$")})
    found = sample(definition(obj(), more={"metadata": metadata}), "v1", full=False).obj
    assert found is not None
    name = found["metadata"]
    assert isinstance(name, dict)
    assert patterns.matches("^[a-f]{2,4}$", str(name["name"]))
    single = definition(obj(), x_validations=(ValidationRule("self.metadata.name == 'cluster'"),))
    found = sample(single, "v1", full=True).obj
    assert found is not None
    assert found["metadata"] == {"name": "cluster"}


def test_gives_a_reason() -> None:
    """Where nothing can be found the reason names the place; there is no traceback and no wrong object."""
    kind = definition(obj("a", a=Schema(type="integer", minimum=5, maximum=4)), required=("spec",))
    assert sample(kind, "v1", full=False).obj is None
    assert sample(kind, "v1", full=False).reason == "spec.a: no value found that its schema takes"
    never = sample(definition(obj(a=TEXT, rules=("false",)), required=("spec",)), "v1", full=True)
    assert never.obj is None
    assert never.reason.startswith("spec: ")
    without = sample(definition(obj(a=TEXT, rules=("false",))), "v1", full=True).obj
    assert without is not None
    assert "spec" not in without
    assert sample(kind, "v9", full=True).reason == "there is no version v9"


def test_a_field_that_has_no_value_is_left_out() -> None:
    """If it is optional."""
    assert made(obj(a=Schema(type="integer", minimum=5, maximum=4), b=TEXT), full=True) == {"b": "example"}


@pytest.mark.parametrize(
    "pattern",
    [
        "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", r"^\d+(\.\d+)?(Ki|Mi|Gi)$", "^(?:a|b){2,3}$", r"(?i)^abc\x41$",
        r"^\Qa.b\E$", r"^[[:alpha:]_][^\s/]{3}$", r"\pL\p{Nd}", r"^(?P<n>x)\w+?z$", "^[^a-z]+$", "a{0}b",
        r"^[\]\\^-]$", "^$", "^a|b$", r"^.{5}$",
        r"^[+-]?\d$", r"^arn:aws:[a-z]+$",
    ],
)  # fmt: skip
def test_texts_of_patterns(pattern: str) -> None:
    """RE2's syntax, read out into a text that it matches."""
    assert any(patterns.matches(pattern, text) for text in texts(pattern))


def test_patterns_beyond_reading_give_nothing() -> None:
    """Without a traceback."""
    for pattern in ("(", "[a", "\\", "a)", r"\p{Greek}"):
        assert list(texts(pattern)) == []


def test_hints_follow_the_end_of_a_name() -> None:
    """The longest known ending counts, in the singular too."""
    assert text_hints("storageClassName") == ("standard",)
    assert text_hints("images") == ("nginx:1.27",)
    assert text_hints("somethingElse") == ("example",)
    assert number_hint("containerPort") == 8080
    assert number_hint("x") is None


def test_no_two_samples_of_a_kind_have_one_name() -> None:
    """Applied one over the other they would be merged."""
    one = definition(obj(a=TEXT))
    (version,) = one.versions
    two = replace(one, versions=(version, replace(version, name="v1beta1", storage=False)))
    found = [
        sample(kind, name, full=full).obj
        for kind, names in ((one, ("v1",)), (two, ("v1", "v1beta1")))
        for name in names
        for full in (False, True)
    ]
    assert [made["metadata"] for made in found if made] == [
        {"name": "widget-sample"},
        {"name": "widget-sample-full"},
        {"name": "widget-sample-v1"},
        {"name": "widget-sample-full-v1"},
        {"name": "widget-sample-v1beta1"},
        {"name": "widget-sample-full-v1beta1"},
    ]


@pytest.mark.parametrize(
    "pattern", ["a" * 300_000, "(?:)" * 100_000, "(a{1000}){1000}", "((((a?){9}){99}){99}){99}"]
)
def test_texts_of_a_pattern_that_is_too_large_are_given_up_soon(pattern: str) -> None:
    """Counted, not timed: the reading of one text stops after so many steps."""
    reader = regular._Reader(0, 64)
    with pytest.raises(regular._TooLong):
        list(reader.read(regular.parsed(pattern)))
    assert reader._steps <= regular._MOST_STEPS + 1
