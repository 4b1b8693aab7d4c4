"""Unions in models: what counts as one, and that the constructor and the server's rules say the same of each."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from model_support import imported, module_for
from pydantic import ValidationError

from opgen.apiextensions import cel, validate
from opgen.emit.models.unions import Choice, Tagged, unions
from opgen.ir.schema import JSON, Schema, ValidationRule, Value

STRING = Schema(type="string")
NAMES = ("a", "b", "c", "d", "e", "f", "g", "h")


def part(*fields: str, rules: tuple[str, ...] = (), kind: Schema | None = None, **more: Any) -> Schema:
    properties = {**dict.fromkeys(fields, STRING), **({"kind": kind} if kind else {})}
    validations = tuple(ValidationRule(rule) for rule in rules)
    return Schema(type="object", properties=properties, x_validations=validations, **more)


def needs(*names: str) -> Schema:
    return Schema(required=names)


def choice(*texts: str, default: str | None = None) -> Schema:
    values = tuple(Value(text) for text in texts)
    return Schema(type="string", enum=values, default=None if default is None else Value(default))


def kinds(kind: str, *names: str) -> Schema:
    return Schema(properties={"kind": Schema(enum=(Value(kind),))}, required=names)


ONE_OF_TWO = (Choice(("a", "b"), needed=True),)
SOME_OF_TWO = (Choice(("a", "b"), needed=False),)
EIGHT = (Choice(NAMES, needed=True),)
TAGS = (Tagged("kind", {"A": "a", "B": "b", "None": None}),)
KIND = choice("A", "B", "None", default="None")
COUNTED = "[" + ",".join(f"has(self.{name})" for name in NAMES) + "]"

UNIONS: dict[str, tuple[Schema, tuple[Choice | Tagged, ...]]] = {
    "concise": (
        part("a", "b", rules=("[has(self.a), has(self.b)].filter(set, set).size() == 1",)),
        ONE_OF_TWO,
    ),
    "controller-gen": (
        part("a", "b", rules=("[has(self.a),has(self.b)].filter(x,x==true).size() <= 1",)),
        SOME_OF_TWO,
    ),
    "sum": (part("a", "b", rules=("(has(self.a)?1:0)+(has(self.b)?1:0) == 1",)), ONE_OF_TWO),
    "sum below": (part("a", "b", rules=("(has(self.a)?1:0)+(has(self.b)?1:0) < 2",)), SOME_OF_TWO),
    "unequal": (part("a", "b", "c", rules=("has(self.a) != has(self.b)",)), ONE_OF_TWO),
    "not both": (part("a", "b", rules=("!(has(self.a) && has(self.b))",)), SOME_OF_TWO),
    "spelled out": (
        part("a", "b", rules=("has(self.a) && !has(self.b) || !has(self.a) && has(self.b)",)),
        ONE_OF_TWO,
    ),
    "exists_one": (part("a", "b", rules=("[has(self.a), has(self.b)].exists_one(x, x)",)), ONE_OF_TWO),
    "many": (part(*NAMES, rules=(f"{COUNTED}.filter(x,x==true).size() == 1",)), EIGHT),
    "many summed": (
        part(*NAMES, rules=(" + ".join(f"(has(self.{name}) ? 1 : 0)" for name in NAMES) + " == 1",)),
        EIGHT,
    ),
    "oneOf": (part("a", "b", "c", one_of=(needs("a"), needs("b"))), ONE_OF_TWO),
    "many in oneOf": (part(*NAMES, one_of=tuple(map(needs, NAMES))), EIGHT),
    "oneOf or none": (
        part(
            "a",
            "b",
            one_of=(needs("a"), needs("b"), Schema(not_=Schema(any_of=(needs("a"), needs("b"))))),
        ),
        SOME_OF_TWO,
    ),
    "not allOf": (part("a", "b", not_=Schema(all_of=(needs("a"), needs("b")))), SOME_OF_TWO),
    "not required": (part("a", "b", not_=needs("a", "b")), SOME_OF_TWO),
    "within allOf": (part("a", "b", all_of=(Schema(one_of=(needs("a"), needs("b"))),)), ONE_OF_TWO),
    "one property": (part("a", "b", min_properties=1, max_properties=1), ONE_OF_TWO),
    "at most one property": (part(*NAMES, max_properties=1), (Choice(NAMES, needed=False),)),
    "two unions": (
        part("a", "b", "c", "d", rules=("has(self.a) != has(self.b)", "has(self.c) != has(self.d)")),
        (*ONE_OF_TWO, Choice(("c", "d"), needed=True)),
    ),
    "said twice": (
        part("a", "b", rules=("has(self.a) != has(self.b)",), max_properties=1),
        ONE_OF_TWO,
    ),
    "ternary tags": (
        part(
            "a",
            "b",
            kind=KIND,
            rules=(
                "self.kind == 'A' ? has(self.a) : !has(self.a)",
                "has(self.kind) && self.kind == 'B' ? has(self.b) : !has(self.b)",
            ),
        ),
        TAGS,
    ),
    "gateway tags": (
        part(
            "a",
            "b",
            kind=KIND,
            rules=(
                "!(has(self.a) && self.kind != 'A')",
                "!(!has(self.a) && self.kind == 'A')",
                "self.kind == 'B' || !has(self.b)",
                "self.kind in ['A', 'None'] || has(self.b)",
            ),
        ),
        TAGS,
    ),
    "tags and a union": (
        part(
            "a",
            "b",
            kind=choice("A", "B"),
            required=("kind",),
            rules=("self.kind != 'A' || has(self.a)", "self.kind != 'B' || has(self.b)"),
            one_of=(needs("a"), needs("b")),
        ),
        (Tagged("kind", {"A": "a", "B": "b"}),),
    ),
    "tags in oneOf": (
        part(
            "a",
            "b",
            kind=choice("A", "B"),
            required=("kind",),
            one_of=(
                Schema(properties=kinds("A").properties, required=("a",), not_=needs("b")),
                Schema(properties=kinds("B").properties, required=("b",), not_=needs("a")),
            ),
        ),
        (Tagged("kind", {"A": "a", "B": "b"}),),
    ),
}


@pytest.mark.parametrize("name", UNIONS)
def test_what_is_a_union(name: str) -> None:
    schema, expected = UNIONS[name]
    assert unions(schema) == expected


@pytest.mark.parametrize(
    "schema",
    [
        part("a", "b"),
        part("a", "b", rules=("has(self.a) || has(self.b)",)),
        part("a", "b", rules=("has(self.a) == has(self.b)",)),
        part("a", "b", rules=("has(self.a) && self.a == 'x' || has(self.b)",)),
        part("a", "b", rules=("has(self.a) != has(oldSelf.b)",)),
        part("a", "b", rules=("size(self) == 1",)),
        part("a", "b", rules=("has(self.a) !=",)),
        part("a", "b", rules=("has(self.a) != has(self.b) && self.a.startsWith('x')",)),
        part("a", "b", rules=("[has(self.a), has(self.b)].filter(x, x).size() == 2",)),
        part("a", rules=("has(self.a) != has(self.other)",)),
        part(*NAMES, rules=(f"{COUNTED}[0] != {COUNTED}[1]",)),
        part("a", "b", required=("a",), one_of=(needs("a"), needs("b"))),
        part("a", "b", any_of=(needs("a"), needs("b"))),
        part("a", "b", "c", one_of=(needs("a", "b"), needs("c"))),
        part("a", "b", one_of=(Schema(required=("a",), min_properties=1), needs("b"))),
        part("a", "b", min_properties=1, max_properties=2),
        part("a", "b", max_properties=1, x_preserve_unknown_fields=True),
        Schema(
            type="object",
            properties={"a": Schema(type="string", default=Value("x")), "b": STRING},
            max_properties=1,
        ),
        part("a", "b", kind=choice("A", "B"), rules=("self.kind == 'A' ? has(self.a) : !has(self.a)",)),
        part("a", "b", kind=KIND, rules=("self.kind != 'A' || has(self.a)",)),
        part("a", kind=KIND, rules=("self.kind == 'A' || self.kind == 'B' ? has(self.a) : true",)),
    ],
)
def test_what_only_resembles_one(schema: Schema) -> None:
    assert unions(schema) == ()


def subsets(schema: Schema) -> Iterator[dict[str, JSON]]:
    """Objects with each set of the fields, and each text of `kind`."""
    names = [name for name in schema.properties if name != "kind"]
    texts = (
        [value.json for value in schema.properties["kind"].enum] if "kind" in schema.properties else [None]
    )
    for size, text in itertools.product(range(len(names) + 1), texts):
        for chosen in itertools.combinations(names, size):
            yield {**dict.fromkeys(chosen, "x"), **({"kind": str(text)} if text else {})}


@pytest.mark.parametrize("name", UNIONS)
def test_the_constructor_agrees_with_the_server(name: str) -> None:
    schema, _ = UNIONS[name]
    cls = imported(module_for(Schema(type="object", properties={"part": schema})).source).WidgetSpecPart
    taken = 0
    for given in subsets(schema):
        refused = bool(
            validate(schema, given, "spec") or cel.validate(schema, given, None, root=False).errors
        )
        try:
            made = cls(**given)
        except ValidationError:
            assert refused, given
        else:
            assert not refused, given
            assert made.to_dict() == given
            taken += 1
        # Reading takes anything, and says so.
        read = cls.from_dict(given)
        assert read.to_dict() == given
        told = [getattr(read, method)() for method in vars(cls) if method.startswith("which")]
        assert told
        if refused:
            assert None in told, given
    assert taken


def test_which_tells_the_alternative_that_is_taken() -> None:
    schema, _ = UNIONS["two unions"]
    cls = imported(module_for(Schema(type="object", properties={"part": schema})).source).WidgetSpecPart
    part_ = cls(b="x", c="y")
    assert (part_.which_a_or_b(), part_.which_c_or_d()) == (("b", "x"), ("c", "y"))
    part_.a = "z"
    assert part_.which_a_or_b() is None
    part_.b = None
    assert part_.which_a_or_b() == ("a", "z")
    del part_.a
    assert part_.which_a_or_b() is None


def test_which_tells_the_tag_and_its_value() -> None:
    schema, _ = UNIONS["ternary tags"]
    cls = imported(module_for(Schema(type="object", properties={"part": schema})).source).WidgetSpecPart
    assert cls().which() == ("None", None)
    assert cls(kind="A", a="x").which() == ("A", "x")
    assert cls.from_dict({"kind": "A"}).which() is None
    assert cls.from_dict({"kind": "Newer", "a": "x"}).which() is None


def test_errors_name_the_fields_on_the_wire() -> None:
    one = (needs("secretName"), needs("issuerRef"))
    schema = part("secretName", "issuerRef", one_of=one)
    cls = imported(module_for(Schema(type="object", properties={"part": schema})).source).WidgetSpecPart
    with pytest.raises(ValidationError, match="exactly one of issuerRef, secretName must be set, not none"):
        cls()
    with pytest.raises(ValidationError, match="must be set, not issuerRef and secretName"):
        cls(secret_name="a", issuer_ref="b")
    assert cls(secret_name="a", issuer_ref=None).to_dict() == {"secretName": "a"}


def test_any_field_names_beside_a_union() -> None:
    """Names that the class's own methods or what they call would have."""
    names = (
        "which",
        "tuple",
        "overload",
        "tagged",
        "exactly_one",
        "at_most_one",
        "__init__",
        "Any",
        "class",
        "self",
        "_self",
    )
    for first, second in itertools.pairwise(names):
        schema = part(first, second, "other", one_of=(needs(first), needs(second)))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            module = imported(module_for(Schema(type="object", properties={"part": schema})).source)
        data = {first: "x"}
        assert module.WidgetSpecPart.from_dict(data).to_dict() == data


def test_a_class_with_very_many_alternatives_keeps_one_constructor() -> None:
    names = [f"field{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    schema = part(*names, one_of=tuple(map(needs, names)))
    source = module_for(Schema(type="object", properties={"part": schema})).source
    assert "overload" not in source
    cls = imported(source).WidgetSpecPart
    assert cls(fielda="x").which() == ("fielda", "x")
    with pytest.raises(ValidationError):
        cls(fielda="x", fieldb="y")


@pytest.mark.parametrize("required", [(), ("c",)])
def test_a_field_of_all_alternatives_is_no_part_of_the_union(required: tuple[str, ...]) -> None:
    schema = part("a", "b", "c", required=required, one_of=(needs("a", "c"), needs("b", "c")))
    assert unions(schema) == ONE_OF_TWO


def test_many_unions_together_have_no_constructors_of_their_own() -> None:
    """2^30 would have to be looked through."""
    pairs = (Schema(one_of=(needs(f"a{n}"), needs(f"b{n}"))) for n in range(30))
    names = [f"{letter}{n}" for n in range(30) for letter in "ab"]
    source = module_for(part(*names, all_of=tuple(pairs))).source
    assert "def which_a29_or_b29(self)" in source
    assert "def __init__" not in source
