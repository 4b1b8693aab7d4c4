"""What becomes of stored objects under a new definition."""

from __future__ import annotations

from typing import Any

from compare_support import decoded, fields, line, of_spec
from definition_support import definition

from opgen.apiextensions.compare import compare_object, fits_definition

STRING, INTEGER = {"type": "string"}, {"type": "integer"}


def widget(spec: Any, **more: Any) -> dict[str, Any]:
    """An object of the tests' kind."""
    return {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": "n"},
        "spec": spec,
        **more,
    }


def said(old: Any, new: Any, obj: dict[str, Any]) -> list[str]:
    return [line(reason) for reason in compare_object(decoded(old), decoded(new), obj)]


def test_an_object_that_stays_as_it_is() -> None:
    assert said(fields(a=STRING), fields(a=STRING, b=STRING), widget({"a": "x"})) == []


def test_an_object_that_would_be_refused_anew_and_is_spared_as_long_as_it_is() -> None:
    reasons = compare_object(
        decoded(fields(a=INTEGER)), decoded(fields(a={**INTEGER, "maximum": 3})), widget({"a": 5})
    )
    assert [line(reason) for reason in reasons] == [
        "breaking v1 spec.a: n/w: refused anew: spec.a: spec.a in body should be less than or equal to 3 "
        "[object-refused]"
    ]
    assert reasons[0].hint.startswith("the object itself stays valid until that field changes")


def test_an_object_that_can_not_be_written_any_more() -> None:
    old = of_spec({"type": "object", "properties": {"a": INTEGER}})
    rule = {"rule": "self.a == oldSelf.a && self.a < 3"}
    new = of_spec({"type": "object", "properties": {"a": INTEGER}, "x-kubernetes-validations": [rule]})
    assert said(old, new, widget({"a": 5})) == [
        "breaking v1 spec: n/w: every update is refused: spec: failed rule: self.a == oldSelf.a && self.a < 3 "
        "[object-stuck]"
    ]


def test_fields_that_are_lost() -> None:
    assert said(fields(a=STRING, b=STRING), fields(b=STRING), widget({"a": "x", "b": "y"})) == [
        "breaking v1 spec.a: n/w: loses spec.a [object-pruned]"
    ]
    # What the old definition dropped as well is no news.
    assert said(fields(b=STRING), fields(b=STRING), widget({"zzz": "x", "b": "y"})) == []


def test_defaults_that_appear() -> None:
    old, new = fields(a=STRING), fields(a=STRING, b={**STRING, "default": "z"})
    assert said(old, new, widget({"a": "x"})) == [
        'dangerous v1 spec.b: n/w: is read with spec.b = "z" [object-defaulted]'
    ]


def test_an_object_that_was_broken_before() -> None:
    assert said(fields(a=INTEGER), fields(a=STRING), widget({"a": "x"})) == [
        'dangerous v1: n/w: was refused already: spec.a: spec.a in body must be of type integer: "string" '
        "[object-broken-before]"
    ]


def test_a_version_that_is_gone() -> None:
    old = definition(versions=[*_versions("v1", "v1beta1")])
    new = definition(versions=[*_versions("v1")])
    obj = widget({}, apiVersion="example.com/v1beta1")
    assert said(old, new, obj) == [
        "breaking v1beta1: n/w: Widget has no version v1beta1 any more [object-refused]"
    ]


def _versions(*names: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "served": True,
            "storage": name == "v1",
            "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}}}},
        }
        for name in names
    ]


def test_objects_of_other_kinds_are_told_apart() -> None:
    kind = decoded(fields(a=STRING))
    assert fits_definition(kind, widget({}))
    assert fits_definition(kind, widget({}, apiVersion="example.com/v0"))
    assert not fits_definition(kind, widget({}, apiVersion="other.com/v1"))
    assert not fits_definition(kind, widget({}, kind="Gadget"))
    assert not fits_definition(kind, ["no object"])


def test_what_the_old_definition_refuses_to_write_is_not_the_new_one_s_doing() -> None:
    rule = {"rule": "self.a != oldSelf.a"}
    old = of_spec({"type": "object", "properties": {"a": INTEGER}, "x-kubernetes-validations": [rule]})
    new = of_spec(
        {"type": "object", "properties": {"a": INTEGER, "b": INTEGER}, "x-kubernetes-validations": [rule]}
    )
    assert said(old, new, widget({"a": 5})) == [
        "dangerous v1: n/w: every update was refused already: spec: failed rule: self.a != oldSelf.a "
        "[object-broken-before]"
    ]
