"""Server-side apply: ownership, conflicts, force, what is dropped, and updates beside it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opgen.apiserver.apply import fieldset
from opgen.apiserver.apply.typed import compare, merge, remove, to_set
from opgen.apiserver.apply.types import DEDUCED, Node, object_node
from opgen.ir.schema import Schema

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
WIDGET = "/apis/example.com/v1/namespaces/n/widgets/w"


def config(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}


def owners(obj: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {
        (entry["manager"], entry.get("subresource", "")): entry["fieldsV1"]
        for entry in obj["metadata"].get("managedFields", ())
    }


class Applier:
    """Applies configurations to one object."""

    def __init__(self, api: Any) -> None:
        self.api = api

    def __call__(self, manager: str, body: Any, path: str = "", *, force: bool = False) -> Any:
        query = f"?fieldManager={manager}" + ("&force=true" if force else "")
        return self.api("PATCH", WIDGET + path + query, body, APPLY)

    def conflicts(self, manager: str, body: Any) -> Any:
        return self.api.fails(409, "PATCH", f"{WIDGET}?fieldManager={manager}", body, APPLY)


@pytest.fixture
def apply(api: Any) -> Applier:
    return Applier(api)


def test_apply_creates_and_owns_what_it_names(apply: Applier) -> None:
    response = apply.api.request("PATCH", f"{WIDGET}?fieldManager=m", config(size=1, tags=["x"]), APPLY)
    assert response.status == 201
    assert owners(response.json()) == {("m", ""): {"f:spec": {"f:size": {}, "f:tags": {'v:"x"': {}}}}}


def test_applying_the_same_again_changes_nothing(apply: Applier) -> None:
    assert apply("m", config(size=1)) == apply("m", config(size=1))


def test_lists_and_maps_merge_by_their_items(apply: Applier) -> None:
    apply("m1", config(items=[{"name": "a", "v": "1"}, {"name": "b"}], tags=["x"], m={"k": "1"}))
    merged = apply("m2", config(items=[{"name": "c"}, {"name": "a", "v": "1"}], tags=["y"], m={"j": "2"}))[
        "spec"
    ]
    assert [item["name"] for item in merged["items"]] == ["c", "a", "b"]
    assert (sorted(merged["tags"]), merged["m"]) == (["x", "y"], {"k": "1", "j": "2"})


def test_what_is_named_no_longer_goes_unless_shared(apply: Applier) -> None:
    apply("m1", config(items=[{"name": "a"}, {"name": "b"}], m={"k": "1", "both": "x"}))
    apply("m2", config(items=[{"name": "b"}], m={"both": "x"}))
    left = apply("m1", config())["spec"]
    assert (left["items"], left["m"]) == ([{"name": "b"}], {"both": "x"})
    assert "items" not in apply("m2", config())["spec"]


def test_conflicts_name_manager_and_field(apply: Applier) -> None:
    apply("m1", config(size=1, m={"k": "1"}))
    refused = apply.conflicts("m2", config(size=2, m={"k": "2"}))
    assert (
        refused["message"] == 'Apply failed with 2 conflicts: conflicts with "m1":\n- .spec.size\n- .spec.m.k'
    )
    assert refused["details"]["causes"][0] == {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "m1"',
        "field": ".spec.size",
    }
    alone = apply.conflicts("m2", config(size=2))
    assert alone["message"] == 'Apply failed with 1 conflict: conflict with "m1": .spec.size'


def test_force_takes_the_field(apply: Applier) -> None:
    apply("m1", config(size=1))
    forced = apply("m2", config(size=2), force=True)
    assert owners(forced) == {("m2", ""): {"f:spec": {"f:size": {}}}}
    assert apply.conflicts("m1", config(size=1))["reason"] == "Conflict"


def test_equal_values_are_shared(apply: Applier) -> None:
    apply("m1", config(size=1))
    shared = owners(apply("m2", config(size=1)))
    assert shared[("m1", "")] == shared[("m2", "")] == {"f:spec": {"f:size": {}}}


def test_an_update_takes_what_it_changes(apply: Applier) -> None:
    apply("m1", config(size=1, m={"k": "1"}))
    changed = apply.api("PATCH", f"{WIDGET}?fieldManager=hand", {"spec": {"size": 5}}, MERGE)
    assert owners(changed) == {
        ("m1", ""): {"f:spec": {"f:m": {"f:k": {}}}},
        ("hand", ""): {"f:spec": {"f:size": {}}},
    }
    refused = apply.conflicts("m1", config(size=1, m={"k": "1"}))
    assert refused["details"]["causes"][0]["message"] == 'conflict with "hand" using example.com/v1'


def test_a_first_apply_over_an_old_object_keeps_what_was_there(apply: Applier) -> None:
    apply("m1", config(size=1))
    reset: Any = {"metadata": {"managedFields": [{}]}}
    cleared = apply.api("PATCH", WIDGET, reset, MERGE)
    assert "managedFields" not in cleared["metadata"]
    found = owners(apply("m2", config(m={"k": "1"})))
    assert found[("before-first-apply", "")]["f:spec"] == {".": {}, "f:size": {}}


def test_status_has_owners_of_its_own(apply: Applier) -> None:
    apply("m1", {**config(size=1), "status": {"ready": True}})
    changed = apply("m1", {**config(size=9), "status": {"ready": True}}, "/status")
    assert (changed["spec"], changed["status"]) == ({"size": 1}, {"ready": True})
    assert owners(changed) == {
        ("m1", ""): {"f:spec": {"f:size": {}}},
        ("m1", "status"): {"f:status": {"f:ready": {}}},
    }


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"nothing": 1}, ".spec.nothing: field not declared in schema"),
        ({"size": "a"}, ".spec.size: expected numeric (int or float), got string"),
        ({"m": {"k": 5}}, ".spec.m.k: expected string, got &value.valueUnstructured{Value:5}"),
        ({"tags": ["a", "a"]}, '.spec.tags: duplicate entries for key [="a"]'),
        ({"items": [{"name": "a"}, {"name": "a"}]}, '.spec.items: duplicate entries for key [name="a"]'),
        (
            {"items": [{"v": "a"}]},
            ".spec.items: element 0: associative list with keys has an element that omits",
        ),
        ({"tags": "a"}, ".spec.tags: expected list, got &{a}"),
    ],
)
def test_configurations_that_do_not_fit_the_schema(apply: Applier, spec: Any, message: str) -> None:
    refused = apply.api.fails(500, "PATCH", f"{WIDGET}?fieldManager=m", config(**spec), APPLY)
    assert refused["message"].startswith(
        "failed to create typed patch object (/w; example.com/v1, Kind=Widget): "
    )
    assert message in refused["message"]


def test_apply_needs_a_manager_and_its_own_kind(api: Any) -> None:
    refused = api.fails(422, "PATCH", WIDGET, config(), APPLY)
    assert "fieldManager: Required value: is required for apply patch" in refused["message"]
    other = {**config(), "kind": "Gadget"}
    refused = api.fails(400, "PATCH", f"{WIDGET}?fieldManager=m", other, APPLY)
    assert refused["message"] == "invalid object type: example.com/v1, Kind=Gadget"


def test_apply_reads_yaml(apply: Applier) -> None:
    text = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec:\n  m: {on: 'yes', 1: x}\n"
    assert apply("m", text)["spec"]["m"] == {"true": "yes", "1": "x"}


def test_old_updaters_are_merged_into_one(api: Any) -> None:
    maps = "/api/v1/namespaces/n/configmaps"
    api("POST", maps, {"metadata": {"name": "a"}, "data": {"k": "v"}})
    for number in range(15):
        changed = api("PATCH", f"{maps}/a?fieldManager=m{number:02}", {"data": {f"k{number}": "v"}}, MERGE)
    names = [entry["manager"] for entry in changed["metadata"]["managedFields"]]
    assert len(names) == 10
    assert names.count("ancient-changes") == 1


def test_manager_names_come_from_the_user_agent(api: Any) -> None:
    made = api("POST", "/api/v1/namespaces/n/configmaps", {"metadata": {"name": "a"}, "data": {"k": "v"}})
    assert made["metadata"]["managedFields"][0]["manager"] == "probe"


# -- the sets and the structure beneath

PATHS: st.SearchStrategy[Any] = st.recursive(
    st.just({}),
    lambda inner: st.dictionaries(
        st.sampled_from(["f:a", "f:b", 'v:"x"', 'k:{"n":1}', "."]), inner, max_size=4
    ),
    max_leaves=12,
)


def members(node: fieldset.FieldSet) -> set[tuple[str, ...]]:
    return set(fieldset.paths(node))


def clean(node: dict[str, Any]) -> dict[str, Any]:
    """A trie as the server writes them: "." is a leaf, and never the only key."""
    inner = {key: clean(child) for key, child in node.items() if key != "."}
    return {".": {}, **inner} if inner and "." in node else inner


def root(node: dict[str, Any]) -> dict[str, Any]:
    return {key: child for key, child in clean(node).items() if key != "."}


@settings(max_examples=40)
@given(PATHS, PATHS)
def test_sets_of_paths_are_sets(a: Any, b: Any) -> None:
    left, right = root(a), root(b)
    assert members(fieldset.union(left, right)) == members(left) | members(right)
    assert members(fieldset.difference(left, right)) == members(left) - members(right)
    assert members(fieldset.intersection(left, right)) == members(left) & members(right)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("abc", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3)
    ),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text("abc", max_size=2), JSON_VALUES, max_size=4)


@settings(max_examples=40)
@given(OBJECTS, OBJECTS)
def test_a_merged_object_holds_the_configuration(live: Any, applied: Any) -> None:
    merged = merge(DEDUCED, live, applied)
    changes = compare(DEDUCED, merged, merge(DEDUCED, merged, applied))
    assert changes.same


@settings(max_examples=40)
@given(OBJECTS)
def test_comparing_with_nothing_adds_everything(obj: Any) -> None:
    changes = compare(DEDUCED, {}, obj)
    assert not members(changes.removed)
    assert members(to_set(DEDUCED, obj)) <= members(changes.added)


@settings(max_examples=40)
@given(OBJECTS)
def test_removing_all_paths_leaves_nothing(obj: Any) -> None:
    assert remove(DEDUCED, obj, to_set(DEDUCED, obj)) == {}


def test_list_order_follows_the_configuration_where_it_says() -> None:
    items = Schema(type="object", properties={"n": Schema(type="integer")})
    node: Node = object_node(
        Schema(
            type="object",
            properties={"l": Schema(type="array", items=items, x_list_type="map", x_list_map_keys=("n",))},
        )
    )
    chooser = random.Random(7)
    for _ in range(200):
        live = [{"n": n} for n in chooser.sample(range(8), 5)]
        wanted = [{"n": n} for n in chooser.sample(range(8), 3)]
        merged = merge(node, {"l": live}, {"l": wanted})["l"]
        assert {i["n"] for i in merged} == {i["n"] for i in live + wanted}
        assert [i for i in merged if i in wanted] == wanted
        rest = [i for i in live if i not in wanted]
        assert [i for i in merged if i in rest] == rest
