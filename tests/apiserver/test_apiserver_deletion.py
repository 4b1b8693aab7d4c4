"""Finalizers, propagation, owners, namespaces, and definitions that go with their objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MERGE = "application/merge-patch+json"
MAPS = "/api/v1/namespaces/n/configmaps"
WIDGET = "/apis/example.com/v1/namespaces/n/widgets"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def config_map(
    name: str, *owners: Any, finalizers: tuple[str, ...] = (), block: bool = False
) -> dict[str, Any]:
    references = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": o["metadata"]["name"], "uid": o["metadata"]["uid"]}
        | ({"blockOwnerDeletion": True} if block else {})
        for o in owners
    ]
    return {"metadata": {"name": name, "ownerReferences": references, "finalizers": list(finalizers)}}


def exists(api: Any, name: str) -> bool:
    return bool(api.request("GET", f"{MAPS}/{name}").status == 200)


def test_a_finalizer_holds_the_object(api: Any) -> None:
    api("POST", MAPS, config_map("a", finalizers=("x.y/z",)))
    marked = api("DELETE", f"{MAPS}/a")
    assert marked["metadata"]["deletionTimestamp"]
    assert marked["metadata"]["deletionGracePeriodSeconds"] == 0
    assert api("DELETE", f"{MAPS}/a")["metadata"]["resourceVersion"] == marked["metadata"]["resourceVersion"]
    more = {"metadata": {"finalizers": ["x.y/z", "new.one/z"]}}
    assert "no new finalizers can be added" in api.fails(422, "PATCH", f"{MAPS}/a", more, MERGE)["message"]
    api("PATCH", f"{MAPS}/a", {"metadata": {"finalizers": None}}, MERGE)
    assert not exists(api, "a")


def test_deletion_answers_with_a_status(api: Any) -> None:
    uid = api("POST", MAPS, config_map("a"))["metadata"]["uid"]
    status = api("DELETE", f"{MAPS}/a")
    assert status["status"] == "Success"
    assert status["details"] == {"name": "a", "kind": "configmaps", "uid": uid}


@pytest.mark.parametrize(
    ("preconditions", "word"), [({"uid": "other"}, "UID"), ({"resourceVersion": "1"}, "ResourceVersion")]
)
def test_preconditions(api: Any, preconditions: Any, word: str) -> None:
    api("POST", MAPS, config_map("a"))
    refused = api.fails(409, "DELETE", f"{MAPS}/a", {"preconditions": preconditions})
    assert f"the {word} in the precondition" in refused["message"]
    assert exists(api, "a")


def test_owned_objects_go_with_their_last_owner(api: Any) -> None:
    first, second = (api("POST", MAPS, config_map(name)) for name in ("o1", "o2"))
    api("POST", MAPS, config_map("shared", first, second))
    api("POST", MAPS, config_map("own", first))
    api("DELETE", f"{MAPS}/o1")
    assert (exists(api, "own"), exists(api, "shared")) == (False, True)
    references = api("GET", f"{MAPS}/shared")["metadata"]["ownerReferences"]
    assert [reference["name"] for reference in references] == ["o2"]
    api("DELETE", f"{MAPS}/o2")
    assert not exists(api, "shared")


def test_chains_of_owners_go_whole(api: Any) -> None:
    a = api("POST", MAPS, config_map("a"))
    b = api("POST", MAPS, config_map("b", a))
    api("POST", MAPS, config_map("c", b))
    api("DELETE", f"{MAPS}/a")
    assert [exists(api, name) for name in "abc"] == [False, False, False]


def test_orphans_stay(api: Any) -> None:
    a = api("POST", MAPS, config_map("a"))
    api("POST", MAPS, config_map("b", a))
    api("DELETE", f"{MAPS}/a?propagationPolicy=Orphan")
    assert not exists(api, "a")
    assert "ownerReferences" not in api("GET", f"{MAPS}/b")["metadata"]


def test_in_the_foreground_the_owner_waits(api: Any) -> None:
    a = api("POST", MAPS, config_map("a"))
    api("POST", MAPS, config_map("b", a, finalizers=("x.y/z",), block=True))
    api("DELETE", f"{MAPS}/a?propagationPolicy=Foreground")
    assert api("GET", f"{MAPS}/a")["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert api("GET", f"{MAPS}/b")["metadata"]["deletionTimestamp"]
    api("PATCH", f"{MAPS}/b", {"metadata": {"finalizers": None}}, MERGE)
    assert (exists(api, "a"), exists(api, "b")) == (False, False)


def test_a_namespace_takes_its_contents_along(api: Any) -> None:
    api("POST", MAPS, config_map("a"))
    api("POST", MAPS, config_map("held", finalizers=("x.y/z",)))
    api("DELETE", "/api/v1/namespaces/n")
    assert api("GET", "/api/v1/namespaces/n")["status"]["phase"] == "Terminating"
    assert (exists(api, "a"), exists(api, "held")) == (False, True)
    refused = api.fails(403, "POST", MAPS, config_map("late"))
    assert refused["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    api("PATCH", f"{MAPS}/held", {"metadata": {"finalizers": None}}, MERGE)
    api.fails(404, "GET", "/api/v1/namespaces/n")


def test_without_controllers_nothing_follows(make_api: Callable[..., Any]) -> None:
    api = make_api(controllers=False)
    api("POST", "/api/v1/namespaces", {"metadata": {"name": "n"}})
    a = api("POST", MAPS, config_map("a"))
    api("POST", MAPS, config_map("b", a))
    api("DELETE", f"{MAPS}/a")
    assert exists(api, "b")
    api("DELETE", "/api/v1/namespaces/n")
    assert api("GET", "/api/v1/namespaces/n")["status"]["phase"] == "Terminating"


def test_a_definition_goes_after_its_objects(api: Any) -> None:
    held = {"name": "w", "finalizers": ["x.y/z"]}
    api("POST", WIDGET, {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": held})
    going = api("DELETE", f"{CRDS}/widgets.example.com")
    assert going["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    assert api("GET", f"{WIDGET}/w")["metadata"]["deletionTimestamp"]
    api("PATCH", f"{WIDGET}/w", {"metadata": {"finalizers": None}}, MERGE)
    api.fails(404, "GET", f"{CRDS}/widgets.example.com")
    assert api.request("GET", WIDGET).status == 404


def test_eviction_deletes_a_pod(api: Any) -> None:
    pods = "/api/v1/namespaces/n/pods"
    api("POST", pods, {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "x"}]}})
    api("POST", f"{pods}/p/eviction", {"metadata": {"name": "p"}})
    api.fails(404, "GET", f"{pods}/p")
