"""Tokens, impersonation and RBAC, apart from what `test_apiserver_recorded` compares with the real server."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from opgen.apiserver.access.attributes import attributes_of
from opgen.apiserver.access.rules import Rule, missing
from opgen.apiserver.http import serve_in_thread
from opgen.apiserver.routing import Query

RBAC = "/apis/rbac.authorization.k8s.io/v1"


def grant(api: Any, *rules: dict[str, Any], name: str = "r") -> None:
    """Give these rules to the ServiceAccount n/sa."""
    api("POST", f"{RBAC}/namespaces/n/roles", {"metadata": {"name": name}, "rules": list(rules)})
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    subject = {"kind": "ServiceAccount", "name": "sa", "namespace": "n"}
    binding = {"metadata": {"name": name}, "roleRef": reference, "subjects": [subject]}
    api("POST", f"{RBAC}/namespaces/n/rolebindings", binding)


@pytest.fixture
def token(api: Any) -> str:
    """A token of the ServiceAccount n/sa."""
    api("POST", "/api/v1/namespaces/n/serviceaccounts", {"metadata": {"name": "sa"}})
    answer = api("POST", "/api/v1/namespaces/n/serviceaccounts/sa/token", {"spec": {}})
    return str(answer["status"]["token"])


def status(api: Any, token: str, method: str, path: str, body: Any = None) -> int:
    found: int = api.request(method, path, body, Authorization=f"Bearer {token}").status
    return found


def test_a_token_holds_until_the_servers_clock_passes_its_end(make_api: Callable[..., Any]) -> None:
    now = [datetime(2030, 1, 1, tzinfo=UTC)]
    api = make_api(now=lambda: now[0])
    path = "/api/v1/namespaces/default/serviceaccounts"
    api("POST", path, {"metadata": {"name": "sa"}})
    answer = api("POST", f"{path}/sa/token", {"spec": {"expirationSeconds": 600}})
    token = answer["status"]["token"]
    assert answer["status"]["expirationTimestamp"] == "2030-01-01T00:10:00Z"
    assert status(api, token, "GET", "/api") == 200
    now[0] += timedelta(seconds=600)
    assert status(api, token, "GET", "/api") == 401
    review = api("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": token}})
    assert review["status"]["error"] == "[invalid bearer token, service account token has expired]"


def test_a_service_account_may_do_what_its_bindings_say(api: Any, token: str) -> None:
    path = "/api/v1/namespaces/n/configmaps"
    assert status(api, token, "GET", path) == 403
    grant(api, {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list", "create"]})
    assert status(api, token, "GET", path) == 200
    assert status(api, token, "POST", path, {"metadata": {"name": "a"}}) == 201
    assert status(api, token, "DELETE", f"{path}/a") == 403
    api("DELETE", f"{RBAC}/namespaces/n/rolebindings/r")
    assert status(api, token, "GET", path) == 403


def test_without_credentials_it_is_the_administrator_who_asks_in_memory(api: Any) -> None:
    assert api.request("GET", "/api/v1/secrets").status == 200
    assert api.request("GET", "/api/v1/secrets", Authorization="Bearer nobody's").status == 401
    assert api.request("GET", "/api/v1/secrets", Authorization="Basic YTpi").status == 401


def test_a_custom_resource_and_its_subresources_have_rights_of_their_own(api: Any, token: str) -> None:
    path = "/apis/example.com/v1/namespaces/n/widgets"
    api("POST", path, {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}})
    grant(api, {"apiGroups": ["example.com"], "resources": ["widgets/status"], "verbs": ["get"]})
    assert status(api, token, "GET", f"{path}/w/status") == 200
    assert status(api, token, "GET", f"{path}/w") == 403
    assert status(api, token, "GET", f"{path}/w/scale") == 403


def test_aggregated_roles_follow_those_that_they_select(api: Any) -> None:
    def resources(name: str) -> set[str]:
        rules = api("GET", f"{RBAC}/clusterroles/{name}")["rules"]
        return {resource for rule in rules for resource in rule.get("resources") or ()}

    assert "configmaps" in resources("view")
    assert "secrets" not in resources("view")
    assert {"secrets", "rolebindings"} <= resources("admin")
    rule = {"apiGroups": ["example.com"], "resources": ["widgets"], "verbs": ["get"]}
    labels = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    api("POST", f"{RBAC}/clusterroles", {"metadata": {"name": "w", "labels": labels}, "rules": [rule]})
    assert all("widgets" in resources(name) for name in ("view", "edit", "admin"))
    api("DELETE", f"{RBAC}/clusterroles/w")
    assert not any("widgets" in resources(name) for name in ("view", "edit", "admin"))


def test_without_controllers_they_stay_as_the_server_made_them(make_api: Callable[..., Any]) -> None:
    assert make_api(controllers=False)("GET", f"{RBAC}/clusterroles/view")["rules"] is None


def test_a_token_in_the_path_is_who_asks_over_http(api: Any, token: str) -> None:
    grant(api, {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]})
    with serve_in_thread(api.server) as running:
        connection = http.client.HTTPConnection(urlsplit(running.url).netloc)

        def ask(path: str, **headers: str) -> tuple[int, Any]:
            connection.request("GET", path, headers=headers)
            with connection.getresponse() as answer:
                return answer.status, json.loads(answer.read())

        for path in ("/api/v1/namespaces/n/configmaps", "/api/v1/namespaces/n/secrets"):
            by_path = ask(f"/{token}{path}")
            assert by_path == ask(path, Authorization=f"Bearer {token}")
            assert by_path[0] == (200 if path.endswith("configmaps") else 403)
        assert ask(f"/{running.token}/api/v1/namespaces/n/secrets")[0] == 200
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/api/v1/namespaces/a", ("get", "", "namespaces", "", "a", "a")),
        ("PUT", "/api/v1/namespaces/a/finalize", ("update", "", "namespaces", "finalize", "a", "a")),
        ("GET", "/api/v1/namespaces/a/pods", ("list", "", "pods", "", "a", "")),
        ("GET", "/api/v1/watch/pods", ("watch", "", "pods", "", "", "")),
        ("DELETE", "/apis/g/v1/things", ("deletecollection", "g", "things", "", "", "")),
        ("HEAD", "/apis/g/v1/things/x/log/y", ("get", "g", "things", "log", "", "x")),
    ],
)
def test_what_a_path_asks_permission_for(method: str, path: str, found: tuple[str, ...]) -> None:
    asked = attributes_of(method, path, Query(()))
    assert (
        asked.verb,
        asked.group,
        asked.resource,
        asked.subresource,
        asked.namespace,
        asked.name,
    ) == found
    assert asked.on_resource


def test_missing_rights_are_named_by_resource() -> None:
    held = [Rule(("get",), ("",), ("*",)), Rule(("*",), ("apps",), ("deployments",), ("a",))]
    wanted = [
        Rule(("get", "list", "watch"), ("",), ("pods",)),
        Rule(("delete",), ("apps",), ("deployments",), ("a", "b")),
        Rule(("get",), ("apps",), ("deployments",)),
    ]
    assert list(map(str, missing(held, wanted))) == [
        '{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}',
        '{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["b"], Verbs:["delete"]}',
        '{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}',
    ]
