"""Lists: order, pages from a consistent snapshot, selectors, and the forms of an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MERGE = "application/merge-patch+json"
MAPS = "/api/v1/namespaces/n/configmaps"
WIDGET = "/apis/example.com/v1/namespaces/n/widgets"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


@pytest.fixture
def full(api: Any) -> Any:
    for name, labels in (("b", {"l": "1"}), ("a", {}), ("c", {"l": "2", "m": "x"})):
        api("POST", MAPS, {"metadata": {"name": name, "labels": labels}, "data": {}})
    return api


def names(found: Any) -> list[str]:
    return [item["metadata"]["name"] for item in found["items"]]


def test_a_list_is_sorted_and_has_a_version(full: Any) -> None:
    found = full("GET", MAPS)
    assert (found["kind"], names(found)) == ("ConfigMapList", ["a", "b", "c"])
    assert int(found["metadata"]["resourceVersion"]) > 0
    assert "kind" not in found["items"][0]


def test_items_of_custom_kinds_carry_their_kind(api: Any) -> None:
    api("POST", WIDGET, {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}})
    assert api("GET", WIDGET)["items"][0]["kind"] == "Widget"


def test_pages_show_one_moment(full: Any) -> None:
    first = full("GET", f"{MAPS}?limit=1")
    assert names(first) == ["a"]
    assert first["metadata"]["remainingItemCount"] == 2
    full("DELETE", f"{MAPS}/b")
    full("POST", MAPS, {"metadata": {"name": "bb"}})
    second = full("GET", f"{MAPS}?limit=5&continue={first['metadata']['continue']}")
    assert names(second) == ["b", "c"]
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert "continue" not in second["metadata"]


def test_a_page_whose_moment_is_forgotten_is_gone(full: Any) -> None:
    token = full("GET", f"{MAPS}?limit=1")["metadata"]["continue"]
    full("POST", MAPS, {"metadata": {"name": "d"}})
    full.server.context.store.compact()
    refused = full.fails(410, "GET", f"{MAPS}?limit=5&continue={token}")
    assert refused["reason"] == "Expired"
    rest = full("GET", f"{MAPS}?continue={refused['metadata']['continue']}")
    assert names(rest) == ["b", "c", "d"]


def test_an_exact_version_shows_the_past(full: Any) -> None:
    version = full("GET", MAPS)["metadata"]["resourceVersion"]
    full("DELETE", f"{MAPS}/a")
    past = full("GET", f"{MAPS}?resourceVersion={version}&resourceVersionMatch=Exact")
    assert names(past) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("l", ["b", "c"]),
        ("!l", ["a"]),
        ("l=1", ["b"]),
        ("l==1", ["b"]),
        ("l!=1", ["a", "c"]),
        ("l in (1,2)", ["b", "c"]),
        ("l notin (1)", ["a", "c"]),
        ("l>1", ["c"]),
        ("l<2", ["b"]),
        ("l=2,m=x", ["c"]),
        ("l=2,m=y", []),
    ],
)
def test_label_selectors(full: Any, selector: str, found: list[str]) -> None:
    assert names(full("GET", f"{MAPS}?labelSelector={selector.replace('=', '%3D')}")) == found


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("l===1", "unable to parse requirement: found '=', expected: identifier"),
        ("l in 1", "unable to parse requirement: found '1' expected: '('"),
        ("l=1,", "found '', expected: identifier after ','"),
        ("(l)", "found '(', expected: !, identifier, or 'end of string'"),
        ("l>x", "for 'Gt', 'Lt' operators, the value must be an integer"),
    ],
)
def test_selectors_that_are_none(full: Any, selector: str, message: str) -> None:
    refused = full.fails(400, "GET", f"{MAPS}?labelSelector={selector.replace('=', '%3D')}")
    assert message in refused["message"]


def test_field_selectors(full: Any) -> None:
    assert names(full("GET", f"{MAPS}?fieldSelector=metadata.name%3Db")) == ["b"]
    assert names(full("GET", f"{MAPS}?fieldSelector=metadata.name!%3Db")) == ["a", "c"]
    refused = full.fails(400, "GET", f"{MAPS}?fieldSelector=data.x%3D1")
    assert refused["message"].startswith('"data.x" is not a known field selector')
    assert names(full("GET", "/api/v1/namespaces?fieldSelector=status.phase%3DActive"))[:1] == ["default"]


def test_versions_that_are_none_or_not_yet(full: Any) -> None:
    assert full.fails(400, "GET", f"{MAPS}?resourceVersion=x")["reason"] == "BadRequest"
    late = full.fails(504, "GET", f"{MAPS}?resourceVersion=999999")
    assert late["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"
    assert full.fails(400, "GET", f"{MAPS}?limit=x")["message"].startswith("strconv.ParseInt")
    assert full.fails(400, "GET", f"{MAPS}?continue=x")["message"].startswith("invalid continue token")


def test_tables_hold_the_declared_columns(api: Any) -> None:
    api(
        "POST",
        WIDGET,
        {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {}},
    )
    table = api.request("GET", WIDGET, Accept=TABLE).json()
    assert table["kind"] == "Table"
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Size", "Age"]
    assert table["rows"][0]["cells"] == ["w", 3, "0s"]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


def test_metadata_alone(full: Any) -> None:
    accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    found = full.request("GET", MAPS, Accept=accept).json()
    assert found["kind"] == "PartialObjectMetadataList"
    assert set(found["items"][0]) == {"kind", "apiVersion", "metadata"}
    assert full.request("GET", MAPS, Accept="application/xml").status == 406


def test_deleting_a_collection_deletes_what_is_selected(full: Any) -> None:
    deleted = full("DELETE", f"{MAPS}?labelSelector=l")
    assert names(deleted) == ["b", "c"]
    assert names(full("GET", MAPS)) == ["a"]


def test_the_clock_is_the_callers(make_api: Callable[..., Any]) -> None:
    from datetime import UTC, datetime

    api = make_api(now=lambda: datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC))
    made = api("POST", "/api/v1/namespaces", {"metadata": {"name": "n"}})
    assert made["metadata"]["creationTimestamp"] == "2030-01-02T03:04:05Z"
