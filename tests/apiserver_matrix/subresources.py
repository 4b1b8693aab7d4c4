"""Scale, eviction, binding, tokens, finalizing and reviews: under webhooks and policies, and on their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from webhook_server import ca_bundle, place, serving

from apiserver_matrix.custom import DEFINITIONS, definition
from apiserver_matrix.policy_support import GROUP, Policies, path_of, rule_of, waited
from apiserver_matrix.request import Request, delete, get, patch, post, put

_POD = {"containers": [{"name": "c", "image": "i"}]}


class _Hooks:
    """Configures one webhook at a time, for one namespace."""

    def __init__(self, namespace: str, url: str) -> None:
        self._namespace, self._url = namespace, url

    def use(self, kind: str, path: str, *rules: dict[str, Any], **more: Any) -> Iterator[Request]:
        where = f"{GROUP}/{kind}webhookconfigurations"
        hook = {
            "name": "h.example.com",
            "clientConfig": {"url": self._url + path, "caBundle": ca_bundle()},
            "rules": list(rules),
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            "timeoutSeconds": 20,
            "matchConditions": [
                {"name": "mine", "expression": f"request.userInfo.username == 'u{self._namespace}'"}
            ],
            **more,
        }
        yield post(where, {"metadata": {"name": f"{self._namespace}-h"}, "webhooks": [hook]})

    def drop(self, kind: str) -> Iterator[Request]:
        yield delete(f"{GROUP}/{kind}webhookconfigurations/{self._namespace}-h")


def _rule(group: str, *resources: str, version: str = "v1") -> dict[str, Any]:
    return {"apiGroups": [group], "apiVersions": [version], "resources": list(resources), "operations": ["*"]}


def subresources(ns: str) -> Iterator[Request]:
    """What the subresources answer, and what webhooks are asked about them."""
    yield post("/api/v1/namespaces", {"metadata": {"name": ns}})
    group = f"{ns}.example.com"
    yield post(DEFINITIONS, definition(group, namespaced=True))
    pods, accounts = f"/api/v1/namespaces/{ns}/pods", f"/api/v1/namespaces/{ns}/serviceaccounts"
    deployments = f"/apis/apps/v1/namespaces/{ns}/deployments"
    gadgets = f"/apis/{group}/v1/namespaces/{ns}/gadgets"
    yield post(accounts, {"metadata": {"name": "default"}})
    yield post(accounts, {"metadata": {"name": "a"}})
    for name in ("p1", "p2", "p3"):
        yield post(pods, {"metadata": {"name": name}, "spec": _POD})
    spec = {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": _POD},
    }
    yield post(deployments, {"metadata": {"name": "d"}, "spec": spec})
    gadget = {"apiVersion": f"{group}/v1", "kind": "Gadget", "metadata": {"name": "g"}, "spec": {"size": 1}}
    yield Request("POST", gadgets, gadget, wait=3.0)
    with serving() as url:
        yield from _asked(ns, url, pods, accounts, deployments, gadgets, group)
    yield from _judged(ns, pods, accounts, deployments, gadgets, group)
    yield from _plain(pods)


def _as(ns: str, request: Request) -> Request:
    """The request as the user that the webhooks are about."""
    headers = (("Impersonate-User", f"u{ns}"), ("Impersonate-Group", "system:masters"))
    return Request(
        request.method, request.path, request.body, request.content_type, headers=headers, wait=request.wait
    )


def _writes(pods: str, accounts: str, deployments: str, gadgets: str) -> Iterator[Request]:
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale"}
    for path, name in ((deployments, "d"), (gadgets, "g")):
        namespace = path.split("/")[5]
        whole = {**scale, "metadata": {"name": name, "namespace": namespace}, "spec": {"replicas": 3}}
        yield put(f"{path}/{name}/scale", whole)
        yield patch(f"{path}/{name}/scale", {"spec": {"replicas": 4}})
        yield patch(f"{path}/{name}/scale?dryRun=All", {"spec": {"replicas": 5}})
        yield get(f"{path}/{name}/scale")
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p1"}}
    yield post(f"{pods}/p1/eviction?dryRun=All", eviction)
    yield post(f"{pods}/p1/eviction?dryRun=All", {**eviction, "deleteOptions": {"gracePeriodSeconds": 0}})
    binding = {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": "p2"},
        "target": {"kind": "Node", "name": "n"},
    }
    yield post(f"{pods}/p2/binding?dryRun=All", binding)
    token = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": 700, "audiences": ["them"]},
    }
    yield post(f"{accounts}/a/token", token)


def _asked(
    ns: str, url: str, pods: str, accounts: str, deployments: str, gadgets: str, group: str
) -> Iterator[Request]:
    hooks = _Hooks(ns, url)
    rules = (
        _rule("apps", "deployments/scale"),
        _rule(group, "gadgets/scale"),
        _rule("", "pods/eviction", "pods/binding", "serviceaccounts/token"),
    )
    for kind, path in (
        ("validating", "/tell"),
        ("mutating", "/tell"),
        ("validating", place("/deny", message="no")),
    ):
        yield from hooks.use(kind, path, *rules)
        first = True
        for request in _writes(pods, accounts, deployments, gadgets):
            yield _as(ns, waited(request) if first else request)
            first = False
        yield from hooks.drop(kind)
    change = json.dumps([{"op": "replace", "path": "/spec/replicas", "value": 7}])
    yield from hooks.use("mutating", place("/patch", patch=change), *rules[:2])
    first = True
    for path, name in ((deployments, "d"), (gadgets, "g")):
        request = patch(f"{path}/{name}/scale", {"spec": {"replicas": 2}})
        yield _as(ns, waited(request) if first else request)
        yield get(f"{path}/{name}/scale")
        first = False
    yield from hooks.drop("mutating")
    yield from hooks.use(
        "validating", place("/deny", message="no"), _rule("apps", "deployments"), _rule(group, "gadgets")
    )
    first = True
    for path, name in ((deployments, "d"), (gadgets, "g")):
        request = patch(f"{path}/{name}/scale", {"spec": {"replicas": 1}})
        yield _as(ns, waited(request) if first else request)
        first = False
    yield from hooks.drop("validating")
    yield from hooks.use("validating", place("/deny", message="no"), _rule("", "pods"))
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p3"}}
    yield _as(ns, waited(delete(f"{pods}/p3")))
    yield _as(ns, post(f"{pods}/p3/eviction?dryRun=All", eviction))
    yield from hooks.drop("validating")


def _judged(
    ns: str, pods: str, accounts: str, deployments: str, gadgets: str, group: str
) -> Iterator[Request]:
    """The same under a policy."""
    made = Policies(ns)
    rules = [
        rule_of("apps", "v1", "deployments/scale", "*"),
        rule_of(group, "v1", "gadgets/scale", "*"),
        rule_of("", "v1", "pods/eviction", "*"),
        rule_of("", "v1", "pods/binding", "*"),
        rule_of("", "v1", "serviceaccounts/token", "*"),
    ]
    told = (
        "request.kind.kind + ' ' + request.resource.resource + '/' + request.subResource + ' ' + object.kind + ' ' + "
        "object.apiVersion + ' ' + request.operation + ' ' + request.name + ' ' + string(oldObject == null) + ' ' + "
        "string(authorizer.requestResource.check('create').allowed())"
    )
    spec = {"validations": [{"expression": "false", "messageExpression": told}]}
    yield from made.use("validating", spec, constraints=made.constraints(resourceRules=rules))
    first = True
    for request in _writes(pods, accounts, deployments, gadgets):
        yield waited(request) if first else request
        first = False
    yield from made.drop()
    yield get(path_of("validating") + f"?labelSelector=of%3D{ns}")


def _plain(pods: str) -> Iterator[Request]:
    """What the subresources refuse of themselves."""
    eviction: dict[str, Any] = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p1"}}
    binding: dict[str, Any] = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p2"}}
    target = {"target": {"kind": "Node", "name": "n"}}
    yield post(f"{pods}/p1/eviction", {**eviction, "metadata": {"name": "other"}})
    yield post(f"{pods}/p1/eviction", {**eviction, "metadata": {}})
    yield post(f"{pods}/absent/eviction", {**eviction, "metadata": {"name": "absent"}})
    yield post(f"{pods}/p1/eviction", {**eviction, "deleteOptions": {"preconditions": {"uid": "x"}}})
    yield post(f"{pods}/p2/binding", {**binding, "metadata": {"name": "other"}, **target})
    yield post(f"{pods}/absent/binding", {**binding, "metadata": {"name": "absent"}, **target})
    for wrong in ({}, {"kind": "Pod", "name": "n"}, {"kind": "Pod"}, {"name": "n"}):
        yield post(f"{pods}/p2/binding?dryRun=All", {**binding, "target": wrong})
    yield post(f"{pods}/p2/binding?dryRun=All", {**binding, **target})
    yield get(f"{pods}/p2")
    yield post(f"{pods}/p2/binding", {**binding, **target})
    yield post(f"{pods}/p2/binding", {**binding, **target})
    yield post(f"{pods}/p1/eviction", eviction)
    yield get(f"{pods}/p1")
