"""What is dropped from an object and what is filled in."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.apiextensions import apply_defaults, prune
from opgen.apiextensions.defaulting import with_stored_defaults
from opgen.apiextensions.pruning import prune_nulls
from opgen.ir.schema import Schema, Value

TEXT = Schema(type="string")


def obj(**properties: Schema) -> Schema:
    return Schema(type="object", properties=properties)


CASES: list[tuple[Schema, Any, Any, tuple[str, ...]]] = [
    (obj(a=TEXT), {"a": "x", "b": 1}, {"a": "x"}, ("b",)),
    (obj(spec=obj(a=TEXT)), {"spec": {"b": 1, "a": ""}}, {"spec": {"a": ""}}, ("spec.b",)),
    (
        obj(spec=Schema(type="array", items=obj(a=TEXT))),
        {"spec": [{"b": 1}, {"a": ""}]},
        {"spec": [{}, {"a": ""}]},
        ("spec[0].b",),
    ),
    (
        obj(m=Schema(type="object", additional_properties=obj(a=TEXT))),
        {"m": {"k": {"b": 1}}},
        {"m": {"k": {}}},
        ("m.k.b",),
    ),
    # `true` keeps names, yet nothing below them
    (obj(m=Schema(type="object", additional_properties=True)), {"m": {"k": {"b": 1}}}, {"m": {"k": {}}}, ("m.k.b",)),
    (
        obj(p=Schema(type="object", x_preserve_unknown_fields=True, properties={"q": obj(a=TEXT)})),
        {"p": {"x": {"y": 1}, "q": {"b": 1}}},
        {"p": {"x": {"y": 1}, "q": {}}},
        ("p.q.b",),
    ),
    (
        obj(e=Schema(type="object", x_embedded_resource=True)),
        {"e": {"apiVersion": "v1", "kind": "X", "metadata": {"name": "n"}, "data": {}}},
        {"e": {"apiVersion": "v1", "kind": "X", "metadata": {"name": "n"}}},
        ("e.data",),
    ),
    (obj(), {"kind": "K", "metadata": {}, "spec": {}}, {"kind": "K", "metadata": {}}, ("spec",)),
    (obj(a=obj()), {"a": {"kind": "x"}}, {"a": {}}, ("a.kind",)),
    (obj(a=TEXT), {"a": {"not": "text"}}, {"a": {}}, ("a.not",)),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "left", "unknown"), CASES)
def test_prunes(schema: Schema, value: Any, left: Any, unknown: tuple[str, ...]) -> None:
    """What is undeclared goes and is told by its path."""
    assert prune(schema, value) == unknown
    assert value == left


def test_nulls_that_are_not_allowed_go() -> None:
    """Unless the field is nullable, has a default, or stands in a list."""
    schema = obj(
        a=TEXT,
        b=Schema(type="string", nullable=True),
        c=Schema(type="string", default=Value("x")),
        d=Schema(type="array", items=TEXT),
        e=Schema(type="object", additional_properties=TEXT),
    )
    value: Any = {"a": None, "b": None, "c": None, "d": [None], "e": {"k": None}, "f": None}
    prune_nulls(schema, value)
    assert value == {"b": None, "c": None, "d": [None], "e": {}, "f": None}


def test_defaults() -> None:
    """Absent fields and forbidden nulls get their default, at every depth, each a copy of its own."""
    inner = obj(x=Schema(type="integer", default=Value(1)))
    schema = obj(
        a=Schema(type="string", default=Value("d")),
        n=Schema(type="string", nullable=True, default=Value("d")),
        o=Schema(type="object", default=Value({}), properties=inner.properties),
        absent=inner,
        items=Schema(type="array", items=inner),
        m=Schema(type="object", additional_properties=inner),
        nothing=Schema(type="string", default=Value(None)),
    )
    value: Any = {"a": None, "n": None, "items": [{}, {"x": 2}], "m": {"k": {}}}
    apply_defaults(schema, value)
    assert value == {"a": "d", "n": None, "o": {"x": 1}, "items": [{"x": 1}, {"x": 2}], "m": {"k": {"x": 1}}}
    again: Any = {}
    apply_defaults(schema, again)
    assert again["o"] is not value["o"]
    assert schema.properties["o"].default == Value({})


def test_embedded_metadata_in_defaults_is_stored_as_the_server_reads_it() -> None:
    """Its validation of a definition leaves that reading in the default, which objects then get."""
    resource = Schema(type="object", x_embedded_resource=True, x_preserve_unknown_fields=True)
    given: Any = {"kind": "Pod", "apiVersion": "v1", "metadata": {"zz": 1, "labels": {}, "name": "a"}}
    read = {**given, "metadata": {"name": "a"}}
    schema = obj(
        a=Schema(type="array", items=resource, default=Value([given])),
        b=Schema(type="object", x_preserve_unknown_fields=True, default=Value(given)),
    )
    stored = with_stored_defaults(schema)
    assert stored.properties["a"].default == Value([read])
    assert stored.properties["b"].default == Value(given)
    assert schema.properties["a"].default == Value([given])
    value: Any = {}
    apply_defaults(schema, value)
    assert value == {"a": [read], "b": given}
