"""The record of a status' changes: what it replays to, and the merge patch that says so."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from opgen_runtime.client.changes import merge_patch, record, replay, same

SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, "", "a", "b"])
NAMES = st.sampled_from(["a", "b", "conditions", "type"])
CONDITIONS = st.lists(
    st.fixed_dictionaries({"type": st.sampled_from("XYZ"), "status": st.booleans()}),
    unique_by=lambda c: c["type"],
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS | CONDITIONS,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(NAMES, v, max_size=3),
    max_leaves=8,
)
STATUSES = st.dictionaries(NAMES, VALUES, max_size=4)


def server_merge(target: Any, patch: Any) -> Any:
    """RFC 7396, as a server applies it."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = server_merge(result.get(key), value)
    return result


def by_type(value: Any) -> Any:
    """Conditions without their order."""
    if isinstance(value, dict):
        return {
            k: sorted(map(by_type, v), key=repr) if k == "conditions" and isinstance(v, list) else by_type(v)
            for k, v in value.items()
        }
    return [by_type(v) for v in value] if isinstance(value, list) else value


@given(STATUSES, STATUSES)
def test_a_replayed_record_gives_what_was_wanted(before: dict[str, Any], after: dict[str, Any]) -> None:
    kept = copy.deepcopy(before)
    assert same(by_type(replay(record(before, after), before)), by_type(after))
    assert before == kept


@given(STATUSES, STATUSES)
def test_a_merge_patch_gives_what_was_wanted(before: dict[str, Any], after: dict[str, Any]) -> None:
    patch, _ = merge_patch(before, after)
    assert same(server_merge(before, patch), after)


@given(STATUSES)
def test_nothing_changed_is_nothing_to_send(status: dict[str, Any]) -> None:
    assert not record(status, copy.deepcopy(status))
    assert merge_patch(status, copy.deepcopy(status)) == ({}, False)


def test_true_is_not_one_and_null_is_absent() -> None:
    assert not same({"a": True}, {"a": 1})
    assert same({"a": None}, {})
    assert same({"a": 1}, {"a": 1.0})


def test_conditions_of_others_are_kept() -> None:
    mine = record(
        {"conditions": [{"type": "Mine", "status": "False"}, {"type": "Old", "status": "True"}]},
        {"conditions": [{"type": "Mine", "status": "True"}, {"type": "New", "status": "True"}]},
    )
    theirs = {
        "conditions": [{"type": "Old"}, {"type": "Theirs"}, {"type": "Mine", "status": "False"}],
        "size": 1,
    }
    assert replay(mine, theirs) == {
        "conditions": [
            {"type": "Theirs"},
            {"type": "Mine", "status": "True"},
            {"type": "New", "status": "True"},
        ],
        "size": 1,
    }


def test_a_path_that_others_removed_is_made_again() -> None:
    changes = record({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}})
    assert replay(changes, {}) == {"a": {"b": {"c": 2}}}


def test_removing_what_others_removed_is_no_change() -> None:
    changes = record({"a": {"b": 1}}, {"a": {}})
    assert replay(changes, {"x": 1}) == {"x": 1}


def test_a_patch_knows_whether_it_replaces_a_list() -> None:
    assert merge_patch({"a": 1}, {"a": 2}) == ({"a": 2}, False)
    assert merge_patch({"a": {"l": [1]}}, {"a": {"l": [2]}}) == ({"a": {"l": [2]}}, True)
    assert merge_patch({"l": [1]}, {}) == ({"l": None}, True)


def test_the_order_of_conditions_means_nothing() -> None:
    one, two = {"type": "A"}, {"type": "B"}
    changes = record({"conditions": [one, two]}, {"conditions": [two, one]})
    assert replay(changes, {"conditions": [one, two]}) == {"conditions": [one, two]}
