"""A schema's node keeps the fields that it has, and is a frozen dataclass to all who use it."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

from opgen.ir.schema import Schema, Value

STRING = Schema(type="string")
OBJECT = Schema(type="object", properties={"a": STRING}, required=("a",))


def test_absent_fields_read_as_their_defaults() -> None:
    assert {name: OBJECT.given[name] for name in ("type", "required")} == {
        "type": "object",
        "required": ("a",),
    }
    assert (STRING.properties, STRING.required, STRING.items, STRING.nullable) == ({}, (), None, False)
    with pytest.raises(TypeError):
        STRING.properties["b"] = STRING  # type: ignore[index]  # what no checker lets through


def test_a_default_that_is_given_is_not_kept() -> None:
    bare = Schema(type="", properties={}, minimum=None, required=(), nullable=False)
    assert (dict(bare.given), bare) == ({}, Schema())
    assert dict(Schema(minimum=0, x_preserve_unknown_fields=False).given) == {
        "minimum": 0,
        "x_preserve_unknown_fields": False,
    }


def test_equality_goes_by_all_that_counts() -> None:
    """What was written empty does not, as ever."""
    assert Schema(required=("a",), properties={"a": Schema(type="string")}, type="object") == OBJECT
    assert replace(OBJECT, required=()) != OBJECT
    assert Schema(type="object", written_empty=frozenset({"required"})) == Schema(type="object")
    assert Schema() != "Schema()"


def test_it_is_frozen_and_takes_no_other_field() -> None:
    with pytest.raises(FrozenInstanceError):
        STRING.type = "integer"  # type: ignore[misc]  # what no checker lets through
    wrong: dict[str, Any] = {"kind": "string"}
    with pytest.raises(TypeError, match="kind"):
        Schema(**wrong)


def test_it_prints_what_it_has_in_the_order_of_the_fields() -> None:
    shown = "Schema(type='object', properties={'a': Schema(type='string')}, required=('a',))"
    assert repr(replace(OBJECT, written_empty=frozenset({"enum"}))) == shown


def test_it_can_be_copied_and_kept() -> None:
    for twin in (copy.copy(OBJECT), copy.deepcopy(OBJECT), pickle.loads(pickle.dumps(OBJECT))):
        assert (twin, twin.properties["a"].plain) == (OBJECT, True)


@pytest.mark.parametrize("type", ["boolean", "integer", "number", "string"])
def test_plain_is_a_scalar_that_nothing_narrows(type: str) -> None:
    assert Schema(type=type, description="A text.", title="Text", format="date").plain


@pytest.mark.parametrize("name", [each.name for each in fields(Schema)])
def test_any_other_field_makes_a_scalar_more_than_plain(name: str) -> None:
    told: dict[str, Any] = {name: Value(1)}
    texts = ("description", "title", "format")
    assert Schema(**{"type": "string", **told}).plain is (name in texts)
    assert not Schema(type="object").plain
