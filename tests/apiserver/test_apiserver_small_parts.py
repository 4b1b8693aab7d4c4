"""Ages, JSON paths, the special subresources, and bodies that nobody should send."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from opgen.apiserver import Request
from opgen.apiserver.cells.ages import human_duration
from opgen.apiserver.jsonpath import find

PODS = "/api/v1/namespaces/n/pods"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (150, "2m30s"),
        (600, "10m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 300, "3h5m"),
        (8 * 3600 + 300, "8h"),
        (48 * 3600, "2d"),
        (51 * 3600, "2d3h"),
        (40 * 86400, "40d"),
        (800 * 86400, "2y70d"),
        (3000 * 86400, "8y"),
    ],
)
def test_ages_are_written_as_kubectl_does(seconds: int, text: str) -> None:
    assert human_duration(seconds) == text


OBJECT: dict[str, Any] = {
    "spec": {"a": {"b.c": 1}, "list": [{"name": "x", "v": 1}, {"name": "y", "v": 2}]},
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "False"}]},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.list[0].name", ["x"]),
        (".spec.list[-1].name", ["y"]),
        (".spec.list[*].v", [1, 2]),
        (".spec.list[0:1].v", [1]),
        (".spec.list[5].v", []),
        (r".spec.a.b\.c", [1]),
        (".spec.a['b.c']", [1]),
        ("{.spec.a['b.c']}", [1]),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        (".status.conditions[?(@.type!='Ready')].status", ["False"]),
        ("..name", ["x", "y"]),
        (".spec.*", [{"b.c": 1}, OBJECT["spec"]["list"]]),
        (".nothing.at.all", []),
        (".spec[", []),
    ],
)
def test_json_paths(path: str, found: list[Any]) -> None:
    assert find(OBJECT, path) == found


def test_pods_are_bound_to_nodes(api: Any) -> None:
    api("POST", PODS, {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "x"}]}})
    api(
        "POST", f"{PODS}/p/binding", {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "node-1"}}
    )
    assert api("GET", f"{PODS}?fieldSelector=spec.nodeName%3Dnode-1")["items"][0]["metadata"]["name"] == "p"


def test_service_accounts_get_tokens(api: Any) -> None:
    api("POST", "/api/v1/namespaces/n/serviceaccounts", {"metadata": {"name": "sa"}})
    made = api("POST", "/api/v1/namespaces/n/serviceaccounts/sa/token", {"spec": {"audiences": ["a"]}})
    assert made["kind"] == "TokenRequest"
    assert made["status"]["token"]
    api.fails(404, "POST", "/api/v1/namespaces/n/serviceaccounts/none/token", {})


def test_a_namespace_is_finalized_by_hand(make_api: Any) -> None:
    api = make_api(controllers=False)
    api("POST", "/api/v1/namespaces", {"metadata": {"name": "n"}})
    held = api("DELETE", "/api/v1/namespaces/n")
    held["spec"]["finalizers"] = []
    api("PUT", "/api/v1/namespaces/n/finalize", held)
    api.fails(404, "GET", "/api/v1/namespaces/n")


JUNK: list[Any] = [None, 0, -1, 1.5, True, "", "x", [], {}, [None], [{}], {"a": None}, 10**30, [[]], {"": ""}]
KEYS = ("metadata", "name", "status", "$patch", "$retainKeys", "$setElementOrder/containers")


def spoilt(value: Any, chooser: random.Random) -> Any:
    """The value with some of its parts replaced, dropped or added."""
    if chooser.random() < 0.06:
        return chooser.choice(JUNK)
    if isinstance(value, dict):
        result = {key: spoilt(item, chooser) for key, item in value.items() if chooser.random() > 0.03}
        if chooser.random() < 0.05:
            result[chooser.choice(KEYS)] = chooser.choice(JUNK)
        return result
    if isinstance(value, list):
        return [spoilt(item, chooser) for item in value]
    return value


TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
BODIES: dict[str, Any] = {
    "/api/v1/namespaces/n/configmaps": {
        "metadata": {
            "name": "a",
            "labels": {"a": "b"},
            "finalizers": ["a.b/c"],
            "ownerReferences": [{"uid": "u"}],
        },
        "data": {"k": "v"},
    },
    "/apis/apps/v1/namespaces/n/deployments": {
        "metadata": {"name": "a"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE},
    },
    "/api/v1/namespaces/n/services": {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}]}},
    "/apis/example.com/v1/namespaces/n/widgets": {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "a"},
        "spec": {"size": 2, "items": [{"name": "a"}], "tags": ["a"], "m": {"k": "v"}},
    },
}
TYPES = (
    "application/json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/json-patch+json",
    "application/apply-patch+yaml",
)


SAID_WITH_500 = (
    "failed to create typed patch object",
    "does not contain declared merge key",
    "expecting a list",
    "Unknown patch type",
    "resourceVersion should not be set",
)


@pytest.mark.parametrize("seed", range(4))
def test_no_body_makes_the_server_stumble(api: Any, seed: int) -> None:
    """Whatever is sent, the answer is one; 500 is only said where the real server says it, too."""
    chooser = random.Random(seed)
    for _ in range(300):
        path = chooser.choice(list(BODIES))
        method = chooser.choice(("POST", "PUT", "PATCH", "PATCH", "DELETE"))
        kind = chooser.choice(TYPES) if method == "PATCH" else "application/json"
        if method != "POST":
            path += "/a" + chooser.choice(("", "", "/status", "/scale"))
        query = (("fieldManager", "m"), ("force", "true")) if kind.endswith("yaml") else ()
        body = next(obj for prefix, obj in BODIES.items() if path.startswith(prefix))
        raw = json.dumps(spoilt(body, chooser))
        response = api.server.respond(Request(method, path, query, {"Content-Type": kind}, raw.encode()))
        text = response.body.decode()
        assert response.status < 500 or any(said in text for said in SAID_WITH_500), text
