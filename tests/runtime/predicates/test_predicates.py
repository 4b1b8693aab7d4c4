"""Predicates: which events pass, and how they combine."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opgen_runtime.client import Item, Metadata
from opgen_runtime.predicates import (
    AnnotationsChanged,
    Event,
    EventType,
    FieldsChanged,
    GenerationChanged,
    LabelsChanged,
    LabelSelector,
    Predicate,
    ResourceVersionChanged,
    Selector,
)


def item(raw: bytes = b"{}", **metadata: Any) -> Item:
    fields: dict[str, Any] = {"uid": "u", "resource_version": "1", "generation": 1} | metadata
    return Item(Metadata(**fields), raw)


def update(old: Item, new: Item) -> Event:
    return Event(EventType.UPDATE, new, old)


UNCHANGED = update(item(), item())


@pytest.mark.parametrize(
    ("predicate", "change"),
    [
        (GenerationChanged(), {"generation": 2}),
        (GenerationChanged(), {"deletion_timestamp": "2026-01-01T00:00:00Z"}),
        (GenerationChanged(), {"uid": "recreated"}),
        (ResourceVersionChanged(), {"resource_version": "2"}),
        (LabelsChanged(), {"labels": {"a": "b"}}),
        (AnnotationsChanged(), {"annotations": {"a": "b"}}),
        (FieldsChanged("spec.size"), {"deletion_timestamp": "2026-01-01T00:00:00Z"}),
        (FieldsChanged("spec.size"), {"uid": "recreated"}),
    ],
    ids=repr,
)
def test_a_change_of_its_kind_passes(predicate: Predicate, change: dict[str, Any]) -> None:
    assert predicate.matches(update(item(), item(**change)))
    assert not predicate.matches(UNCHANGED)


@pytest.mark.parametrize(
    "predicate",
    [GenerationChanged(), LabelsChanged(), AnnotationsChanged(), FieldsChanged("spec.size")],
    ids=repr,
)
def test_a_status_write_does_not(predicate: Predicate) -> None:
    assert not predicate.matches(update(item(), item(resource_version="2")))


@pytest.mark.parametrize("kind", [EventType.CREATE, EventType.DELETE, EventType.GENERIC])
def test_everything_but_updates_passes_those_that_compare(kind: EventType) -> None:
    compare = [GenerationChanged(), ResourceVersionChanged(), LabelsChanged(), FieldsChanged("spec")]
    assert all(predicate.matches(Event(kind, item())) for predicate in compare)


def test_a_kind_without_generations_passes_by_its_version() -> None:
    old, new = item(generation=0), item(generation=0, resource_version="2")
    assert GenerationChanged().matches(update(old, new))
    assert not GenerationChanged().matches(update(old, old))


def test_fields_are_compared_by_their_paths() -> None:
    old = item(b'{"spec":{"size":1,"tls":{"name":"x"}}}')
    resized = item(b'{"spec":{"size":2,"tls":{"name":"x"}}}', resource_version="2")
    bare = item(b'{"spec":{"size":1}}', resource_version="2")
    null = item(b'{"spec":{"size":1,"tls":null}}', resource_version="2")
    assert FieldsChanged("spec.size").matches(update(old, resized))
    assert not FieldsChanged("spec.tls").matches(update(old, resized))
    assert FieldsChanged("spec.image", "spec.tls.name").matches(update(old, bare))
    assert FieldsChanged("spec.tls").matches(update(bare, item(null.raw, resource_version="3")))


@pytest.mark.parametrize("paths", [(), ("",), ("spec..size",), ("spec.",)])
def test_impossible_paths_are_refused(paths: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="FieldsChanged"):
        FieldsChanged(*paths)


class Fixed(Predicate):
    def __init__(self, answer: bool) -> None:
        self.answer = answer

    def matches(self, event: Event, /) -> bool:
        return self.answer


@given(st.booleans(), st.booleans(), st.booleans())
def test_predicates_combine_as_booleans_do(a: bool, b: bool, c: bool) -> None:
    x, y, z = Fixed(a), Fixed(b), Fixed(c)
    assert (x & y).matches(UNCHANGED) == (a and b)
    assert (x | y).matches(UNCHANGED) == (a or b)
    assert (~x).matches(UNCHANGED) == (not a)
    assert (x & ~y | z).matches(UNCHANGED) == ((a and not b) or c)


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("", {}, True),
        ("app=web", {"app": "web"}, True),
        ("app==web", {"app": "db"}, False),
        ("app!=web", {}, True),
        ("tier in (gold, silver),!test", {"tier": "gold"}, True),
        ("tier in (gold,silver),!test", {"tier": "gold", "test": ""}, False),
        ("tier notin (gold)", {}, True),
        ("tier notin (gold)", {"tier": "gold"}, False),
        ("example.com/tier", {"example.com/tier": ""}, True),
        ("weight>5", {"weight": "6"}, True),
        ("weight<5", {"weight": "6"}, False),
        ("weight>5", {"weight": "heavy"}, False),
        ("empty=", {"empty": ""}, True),
        ("inner=x,in in (in)", {"inner": "x", "in": "in"}, True),
    ],
)
def test_selectors_are_read_as_kubectl_reads_them(text: str, labels: dict[str, str], expected: bool) -> None:
    assert Selector.parse(text).matches(labels) is expected
    assert LabelSelector(text).matches(Event(EventType.CREATE, item(labels=labels or None))) is expected


def test_a_mapping_selects_by_value_or_by_any_of_several() -> None:
    selector = Selector.parse({"app": "web", "tier": ["gold", "silver"]})
    assert selector.matches({"app": "web", "tier": "silver"})
    assert not selector.matches({"app": "web"})


@pytest.mark.parametrize("text", ["=x", "a in", "a in (b", "a b", "a=b,", ",", "a=b;c", "a in (b c)", "-a=b"])
def test_what_is_no_selector_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(ValueError, match="label selector"):
        Selector.parse(text)
