"""Schema validation: texts, types, places and choices of errors as kube-apiserver words them."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.apiextensions import validate
from opgen.ir.schema import Schema, Value


def said(schema: Schema, value: Any, path: str = "") -> list[tuple[str, str, str]]:
    return [
        (e.field, str(e.type).removeprefix("FieldValue"), e.detail) for e in validate(schema, value, path)
    ]


def under(name: str, schema: Schema) -> Schema:
    return Schema(type="object", properties={name: schema})


CASES = [
    (Schema(type="string"), 5, ("a", "TypeInvalid", 'a in body must be of type string: "integer"')),
    (Schema(type="string"), None, ("a", "TypeInvalid", 'a in body must be of type string: "null"')),
    (Schema(type="boolean"), "true", ("a", "TypeInvalid", 'a in body must be of type boolean: "string"')),
    (Schema(type="integer"), True, ("a", "TypeInvalid", 'a in body must be of type integer: "boolean"')),
    (Schema(type="array"), {}, ("a", "TypeInvalid", 'a in body must be of type array: "object"')),
    (Schema(type="object"), [], ("a", "TypeInvalid", 'a in body must be of type object: "array"')),
    (
        Schema(type="integer", format="int32"),
        "x",
        ("a", "TypeInvalid", 'a in body must be of type integer: "string"'),
    ),
    (Schema(type="integer", format="int32"), {}, ("a", "TypeInvalid", 'a in body must be of type int32: ""')),
    (
        Schema(x_int_or_string=True),
        1.5,
        ("a", "TypeInvalid", 'a in body must be of type integer,string: "number"'),
    ),
    (
        Schema(type="string", enum=(Value("x"), Value("y"))),
        "z",
        ("a", "NotSupported", 'supported values: "x", "y"'),
    ),
    (Schema(type="integer", enum=(Value(1),)), 2, ("a", "NotSupported", 'supported values: "1"')),
    (
        Schema(type="integer", minimum=3),
        2,
        ("a", "Invalid", "a in body should be greater than or equal to 3"),
    ),
    (
        Schema(type="integer", minimum=3, exclusive_minimum=True),
        3,
        ("a", "Invalid", "a in body should be greater than 3"),
    ),
    (Schema(type="number", maximum=1.5), 2, ("a", "Invalid", "a in body should be less than or equal to 1")),
    (
        Schema(type="number", maximum=1.5),
        1.75,
        ("a", "Invalid", "a in body should be less than or equal to 1.5"),
    ),
    (Schema(type="integer", multiple_of=3), 4, ("a", "Invalid", "a in body should be a multiple of 3")),
    (
        Schema(type="number", multiple_of=0.5),
        1,
        ("a", "Invalid", "factor MultipleOf declared for a must be positive: 0"),
    ),
    (
        Schema(type="integer", format="int32"),
        1 << 31,
        ("<nil>", "Invalid", "Checked value must be of type integer with format int32 in a"),
    ),
    (Schema(type="string", max_length=1), "éé", ("a", "TooLong", "may not be more than 1 byte")),
    (Schema(type="string", min_length=2), "é", ("a", "Invalid", "a in body should be at least 2 chars long")),
    (Schema(type="string", pattern="^a$"), "b", ("a", "Invalid", "a in body should match '^a$'")),
    (
        Schema(type="string", format="date"),
        'x"',
        ("a", "TypeInvalid", 'a in body must be of type date: "x\\""'),
    ),
    (Schema(type="array", max_items=1), [1, 2], ("a", "TooMany", "must have at most 1 item")),
    (Schema(type="array", min_items=1), [], ("a", "Invalid", "a in body should have at least 1 items")),
    (Schema(type="object", max_properties=0), {"x": 1}, ("a", "TooMany", "must have at most 0 items")),
    (
        Schema(type="object", min_properties=1),
        {},
        ("a", "Invalid", "a in body should have at least 1 properties"),
    ),
    (Schema(type="object", required=("x",)), {}, ("a.x", "Required", "")),
    (
        Schema(type="array", items=Schema(type="string")),
        ["", 1],
        ("a[1]", "TypeInvalid", 'a[1] in body must be of type string: "integer"'),
    ),
    (
        Schema(type="object", additional_properties=Schema(type="string")),
        {"k": 1},
        ("a.k", "TypeInvalid", 'a.k in body must be of type string: "integer"'),
    ),
    (
        Schema(not_=Schema(required=("x",))),
        {"x": 1},
        ("<nil>", "Invalid", '"a" must not validate the schema (not)'),
    ),
]


@pytest.mark.parametrize(("schema", "value", "expected"), CASES)
def test_one_error(schema: Schema, value: Any, expected: tuple[str, str, str]) -> None:
    """Each keyword's error, with the server's type and text."""
    assert said(under("a", schema), {"a": value}) == [expected]


TAKEN: list[tuple[Schema, Any]] = [
    (Schema(type="integer"), 5.0),
    (Schema(type="number"), 5),
    (Schema(type="string", nullable=True), None),
    (Schema(x_int_or_string=True), "x"),
    (Schema(x_int_or_string=True), 5),
    (Schema(type="integer", enum=(Value(5),)), 5.0),
    (Schema(type="number", enum=(Value(5),)), 5.5),  # Go converts the float before it compares
    (Schema(type="string", format="date"), []),  # the server's type check passes lists by
    (Schema(type="string", format="unheard-of"), "x"),
    (Schema(), {"anything": [1]}),
    (Schema(type="object"), {"undeclared": None}),
    (Schema(type="number", format="float"), 3.4028235e38),
]


@pytest.mark.parametrize(("schema", "value"), TAKEN)
def test_taken(schema: Schema, value: Any) -> None:
    """What the server takes, its oddities included."""
    assert said(under("a", schema), {"a": value}) == []


def test_a_fraction_for_an_integer_is_two_errors() -> None:
    """The type check and the range check both speak, the latter without a place."""
    assert said(under("a", Schema(type="integer")), {"a": 5.5}) == [
        ("a", "TypeInvalid", 'a in body must be of type integer: "number"'),
        ("<nil>", "Invalid", "Checked value must be of type integer (default format) in a"),
    ]


def test_a_bound_that_its_type_cannot_hold_refuses_everything() -> None:
    """int32 with a maximum above its range."""
    schema = Schema(type="integer", format="int32", maximum=4294967295)
    text = "Maximum boundary value must be of type integer with format int32 in a"
    assert said(under("a", schema), {"a": 1}) == [("<nil>", "Invalid", text)]


def test_null_is_never_in_an_enum() -> None:
    """Neither nullable nor a null in the enum helps."""
    schema = Schema(type="string", nullable=True, enum=(Value(None), Value("x")))
    assert said(under("a", schema), {"a": None}) == [("a", "NotSupported", 'supported values: "null", "x"')]


def test_one_of_shows_the_best_branch() -> None:
    """None valid: the branch with most checks passed is told; two valid: just their number."""
    branches = (
        Schema(required=("x",), properties={"x": Schema(min_length=3)}),
        Schema(required=("y", "z")),
    )
    schema = Schema(type="object", one_of=branches)
    assert said(under("a", schema), {"a": {"x": "q"}}) == [
        ("<nil>", "Invalid", '"a" must validate one and only one schema (oneOf). Found none valid'),
        ("a.x", "Invalid", "a.x in body should be at least 3 chars long"),
    ]
    assert said(under("a", schema), {"a": {"x": "qqq", "y": 1, "z": 1}}) == [
        ("<nil>", "Invalid", '"a" must validate one and only one schema (oneOf). Found 2 valid alternatives'),
    ]
    assert said(under("a", schema), {"a": {"y": 1, "z": 1}}) == []


def test_any_of_and_all_of() -> None:
    """Their own texts stand beside those of the branches."""
    schema = Schema(any_of=(Schema(required=("x",)), Schema(required=("y",))))
    assert said(under("a", schema), {"a": {}}) == [
        ("<nil>", "Invalid", '"a" must validate at least one schema (anyOf)'),
        ("a.x", "Required", ""),
    ]
    schema = Schema(all_of=(Schema(maximum=5), Schema(minimum=3)))
    assert said(under("a", schema), {"a": 6}) == [
        ("a", "Invalid", "a in body should be less than or equal to 5"),
        ("<nil>", "Invalid", '"a" must validate all the schemas (allOf)'),
    ]


def test_paths_at_the_root_and_below_another() -> None:
    """Without a name the field is `<nil>`, or the path that was given."""
    assert said(Schema(type="object"), 1) == [
        ("<nil>", "TypeInvalid", ' in body must be of type object: "integer"')
    ]
    assert said(Schema(type="object"), 1, "status") == [
        ("status", "TypeInvalid", ' in body must be of type object: "integer"')
    ]
    assert said(Schema(required=("x",)), {}, "status") == [("status.x", "Required", "")]
    rest = Schema(type="object", additional_properties=Schema(type="string"))
    assert said(rest, {"k": 1}) == [("k", "TypeInvalid", '.k in body must be of type string: "integer"')]


def test_the_same_text_is_told_once() -> None:
    """Two branches that fail alike give one error."""
    schema = Schema(all_of=(Schema(required=("x",)), Schema(required=("x",))))
    assert said(under("a", schema), {"a": {}})[0] == ("a.x", "Required", "")
    assert len(said(under("a", schema), {"a": {}})) == 2


def test_defaults_are_judged_by_the_structural_form() -> None:
    """There an int-or-string has no type of its own."""
    schema = Schema(x_int_or_string=True)
    assert validate(schema, True, structural=True) == ()
    assert validate(schema, True) != ()
