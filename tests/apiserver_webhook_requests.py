"""Writes under admission webhooks, and conversions: see `apiserver_requests`, and `webhook_server` for the paths."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from apiserver_requests import JP, MERGE, SMP, SSA, TABLE
from webhook_server import ca_bundle, place, serving

Send = Callable[..., None]

GROUP = "/apis/admissionregistration.k8s.io/v1"
CONFIG_MAPS = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["*"]}
SEEN = "0.5"
"""Seconds after which the real server has seen a new configuration."""


class Hooks:
    """Configures webhooks on both servers, one configuration at a time."""

    def __init__(self, r: Send, ns: str, url: str) -> None:
        self.r, self.ns, self.url = r, ns, url
        self.count = 0

    def hook(self, path: str, **more: Any) -> dict[str, Any]:
        """One webhook at this path, for the ConfigMaps of the namespace."""
        self.count += 1
        return {
            "name": f"h{self.count}.example.com",
            "clientConfig": {"url": self.url + path, "caBundle": ca_bundle()},
            "rules": [CONFIG_MAPS],
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.ns}},
            "timeoutSeconds": 20,
            **more,
        }

    def use(self, kind: str, *hooks: dict[str, Any], name: str = "c") -> None:
        """Make a configuration of the kind (mutating or validating) what is configured under the name."""
        path = f"{GROUP}/{kind}webhookconfigurations"
        self.r("DELETE", f"{path}/{self.ns}-{name}")
        if hooks:
            self.r("POST", path, {"metadata": {"name": f"{self.ns}-{name}"}, "webhooks": list(hooks)})
        self.r("WAIT", SEEN)

    def drop(self, kind: str, name: str = "c") -> None:
        """Remove a configuration."""
        self.r("DELETE", f"{GROUP}/{kind}webhookconfigurations/{self.ns}-{name}")
        self.r("WAIT", SEEN)


def webhook_requests(r: Send, ns: str, definition: Any) -> None:
    """Admission, then conversion."""
    r("POST", "/api/v1/namespaces", {"metadata": {"name": ns, "labels": {"a": "b"}}})
    with serving() as url:
        hooks = Hooks(r, ns, url)
        _refusals(r, hooks)
        _requests(r, hooks)
        _changes(r, hooks)
        _choices(r, hooks)
        _failures(r, hooks)
        _dry_runs(r, hooks)
        _custom(r, hooks, definition)
        _conversion(r, hooks, definition)


def _maps(ns: str) -> str:
    return f"/api/v1/namespaces/{ns}/configmaps"


def _map(name: str, **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **metadata}, "data": {"a": "b"}}


def _refusals(r: Send, hooks: Hooks) -> None:
    path = _maps(hooks.ns)
    r("POST", path, _map("held"))
    answers: list[dict[str, str]] = [
        {},
        {"message": "no"},
        {"message": "no", "code": "422", "reason": "Invalid"},
        {"reason": "Conflict", "code": "409"},
        {"code": "200"},
        {"message": "a b", "code": "503"},
    ]
    for parameters in answers:
        hooks.use("validating", hooks.hook(place("/deny", **parameters)))
        r("POST", path, _map("x"))
    r("PATCH", f"{path}/held", {"data": {"c": "d"}}, content_type=MERGE)
    r(
        "PATCH",
        f"{path}/made?fieldManager=m",
        {"apiVersion": "v1", "kind": "ConfigMap", **_map("made")},
        content_type=SSA,
    )
    r("DELETE", f"{path}/held")
    r("DELETE", f"{path}?labelSelector=none%3Dsuch")
    r("POST", path, _map("A_"))
    r("POST", path, _map("held"))
    r("GET", f"{path}/held")
    hooks.use("validating", hooks.hook("/warn"), hooks.hook("/warn"))
    r("POST", f"{path}?fieldValidation=Warn", {**_map("warned"), "nonsense": 1})
    r("DELETE", f"{path}/warned")
    hooks.drop("validating")


def _requests(r: Send, hooks: Hooks) -> None:
    """What the webhooks are sent."""
    path = _maps(hooks.ns)
    hooks.use("mutating", hooks.hook("/echo"))
    r("POST", f"{path}?fieldManager=m&fieldValidation=Strict", _map("e", labels={"l": "m"}))
    r("PUT", f"{path}/e", _map("e"), agent="other/1")
    r("PATCH", f"{path}/e", {"data": {"x": "y"}}, content_type=MERGE)
    r("PATCH", f"{path}/e", {"data": {"x": "z"}}, content_type=SMP)
    r("PATCH", f"{path}/e", [{"op": "remove", "path": "/data"}], content_type=JP)
    applied = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "s"}, "data": {"a": "b"}}
    for _ in range(2):
        r("PATCH", f"{path}/s?fieldManager=m&force=true", applied, content_type=SSA)
    r("POST", path, _map("g"),
      headers={"Impersonate-User": "bob", "Impersonate-Group": "system:masters"})  # fmt: skip
    hooks.drop("mutating")
    hooks.use("validating", hooks.hook("/tell", rules=[{**CONFIG_MAPS, "operations": ["DELETE"]}]))
    r("DELETE", f"{path}/e")
    r("DELETE", f"{path}/e", {"propagationPolicy": "Foreground"})
    r("DELETE", f"{path}?labelSelector=x%3Dy")
    hooks.use("validating", hooks.hook("/tell"))
    r("POST", path, _map("v"))
    r("PATCH", f"{path}/e", {"data": {"x": "y"}}, content_type=MERGE)
    deployments = {"apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments", "deployments/status"],
                   "operations": ["CREATE", "UPDATE"]}  # fmt: skip
    hooks.use("validating", hooks.hook("/tell", rules=[{**deployments, "operations": ["UPDATE"]}]))
    apps = f"/apis/apps/v1/namespaces/{hooks.ns}/deployments"
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    r("POST", apps, {"metadata": {"name": "d"}, "spec": spec})
    r("PATCH", f"{apps}/d", {"spec": {"paused": True}}, content_type=MERGE)
    r("PATCH", f"{apps}/d/status", {"status": {"replicas": 3}}, content_type=MERGE)
    hooks.drop("validating")


def _changes(r: Send, hooks: Hooks) -> None:
    path = _maps(hooks.ns)
    hooks.use(
        "mutating",
        hooks.hook(place("/mark", mark="a"), reinvocationPolicy="IfNeeded"),
        hooks.hook(place("/mark", mark="b")),
    )
    r("POST", path, _map("m1"))
    r("PATCH", f"{path}/m1", {"data": {"x": "y"}}, content_type=MERGE)
    hooks.use("mutating", hooks.hook(place("/mark", mark="a")), hooks.hook(place("/mark", mark="b")))
    r("POST", path, _map("m2"))
    hooks.use("mutating", hooks.hook("/once", reinvocationPolicy="IfNeeded"), hooks.hook("/once"))
    r("POST", path, _map("m3"))
    for index, operations in enumerate((
        [{"op": "add", "path": "/data/new", "value": "v"}],
        [{"op": "remove", "path": "/data"}],
        [{"op": "replace", "path": "/metadata/name", "value": "renamed"}],
        [{"op": "add", "path": "/nonsense", "value": 1}],
        [{"op": "add", "path": "/data/a", "value": 5}],
        [{"op": "add", "path": "/metadata/labels", "value": {"a b": "c"}}],
        [{"op": "add", "path": "/metadata/finalizers", "value": ["x.y/z"]}],
        [],
    )):  # fmt: skip
        hooks.use("mutating", hooks.hook(place("/patch", patch=json.dumps(operations))))
        r("POST", path, _map(f"p{index}"))
    hooks.drop("mutating")
    r("PATCH", f"{path}/p6", {"metadata": {"finalizers": None}}, content_type=MERGE)
    hooks.use("mutating", hooks.hook(place("/patch", patch='[{"op":"add","path":"/a","value":1}]')))
    r("DELETE", f"{path}/m2")
    hooks.drop("mutating")


def _choices(r: Send, hooks: Hooks) -> None:
    """Which writes a webhook is asked about."""
    path, ns = _maps(hooks.ns), hooks.ns

    def chosen(**more: Any) -> None:
        hooks.use("validating", hooks.hook(place("/deny", message="asked"), **more))

    for rule in (
        {**CONFIG_MAPS, "operations": ["UPDATE"]},
        {**CONFIG_MAPS, "resources": ["*"]},
        {**CONFIG_MAPS, "resources": ["*/*"]},
        {**CONFIG_MAPS, "resources": ["*/status"]},
        {**CONFIG_MAPS, "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["configmaps/*"]},
        {**CONFIG_MAPS, "apiVersions": ["v2"]},
        {**CONFIG_MAPS, "scope": "Cluster"},
        {**CONFIG_MAPS, "scope": "Namespaced"},
    ):
        chosen(rules=[rule])
        r("POST", f"{path}?dryRun=All", _map("c"))
    chosen(objectSelector={"matchLabels": {"pick": "me"}})
    r("POST", f"{path}?dryRun=All", _map("c"))
    r("POST", f"{path}?dryRun=All", _map("c", labels={"pick": "me"}))
    chosen(namespaceSelector={"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]})
    r("POST", f"{path}?dryRun=All", _map("c"))
    conditions = [
        "object.metadata.name.startsWith('c')",
        "request.operation == 'CREATE' && oldObject == null",
        "request.userInfo.username == 'nobody'",
        "object.data.absent == 'x'",
        "has(object.data.absent)",
        "'system:masters' in request.userInfo.groups && request.namespace == object.metadata.namespace",
    ]
    for expression in conditions:
        for policy in ("Fail", "Ignore"):
            chosen(matchConditions=[{"name": "one", "expression": expression}], failurePolicy=policy)
            r("POST", f"{path}?dryRun=All", _map("c"))
    chosen(matchConditions=[{"name": "one", "expression": "object."}])
    chosen(matchConditions=[{"name": "one", "expression": "1 + 1"}])
    namespaces = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "resources": ["namespaces"],
        "operations": ["CREATE"],
    }
    chosen(rules=[namespaces], namespaceSelector={"matchLabels": {"pick": ns}})
    r("POST", "/api/v1/namespaces?dryRun=All", {"metadata": {"name": f"{ns}-2"}})
    r("POST", "/api/v1/namespaces?dryRun=All", {"metadata": {"name": f"{ns}-2", "labels": {"pick": ns}}})
    hooks.drop("validating")


def _failures(r: Send, hooks: Hooks) -> None:
    path = _maps(hooks.ns)
    for trouble in ("/slow", "/status/500", "/status/404", "/status/400", "/status/403", "/status/204", "/garbage",
                  "/empty", "/absent", "/version", "/uid"):  # fmt: skip
        seconds = 1 if trouble == "/slow" else 20
        for policy in ("Fail", "Ignore"):
            hooks.use("validating", hooks.hook(trouble, failurePolicy=policy, timeoutSeconds=seconds))
            r("POST", f"{path}?dryRun=All", _map("f"))
    for raw in ('{"patch":"e30="}', '{"patchType":"JSONPatch"}'):
        for kind in ("mutating", "validating"):
            hooks.use(kind, hooks.hook(place("/raw", raw=raw)))
            r("POST", f"{path}?dryRun=All", _map("f"))
            hooks.drop(kind)
    for raw in ('{"patch":"!!","patchType":"JSONPatch"}', '{"patch":"W10=","patchType":"Other"}',
                '{"patch":"e30=","patchType":"JSONPatch"}', '{"patch":"W10=","patchType":""}'):  # fmt: skip
        hooks.use("mutating", hooks.hook(place("/raw", raw=raw)))
        r("POST", f"{path}?dryRun=All", _map("f"))
    hooks.drop("mutating")
    wrong = {"url": "https://127.0.0.1:1/x", "caBundle": ca_bundle()}
    hooks.use("validating", hooks.hook("/", clientConfig=wrong))
    r("POST", f"{path}?dryRun=All", _map("f"))
    hooks.use("validating", hooks.hook("/", clientConfig={"url": f"{hooks.url}/x"}))
    r("POST", f"{path}?dryRun=All", _map("f"))
    service = {
        "service": {"name": "absent", "namespace": "default", "path": "/x", "port": 444},
        "caBundle": ca_bundle(),
    }
    hooks.use("validating", hooks.hook("/", clientConfig=service))
    r("POST", f"{path}?dryRun=All", _map("f"))
    hooks.use("validating", hooks.hook("/", admissionReviewVersions=["v1beta1"]))
    r("POST", f"{path}?dryRun=All", _map("f"))
    hooks.drop("validating")


def _dry_runs(r: Send, hooks: Hooks) -> None:
    path = _maps(hooks.ns)
    for effects in ("None", "NoneOnDryRun"):
        hooks.use("mutating", hooks.hook(place("/mark", mark="a"), sideEffects=effects))
        r("POST", f"{path}?dryRun=All", _map("dry"))
    r("GET", f"{path}/dry")
    hooks.drop("mutating")


def _custom(r: Send, hooks: Hooks, definition: Any) -> None:
    """A custom resource under a webhook, its status too."""
    r("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
    r("WAIT", "3")
    path = f"/apis/example.com/v1/namespaces/{hooks.ns}/widgets"
    rule = {"apiGroups": ["example.com"], "apiVersions": ["v1"], "resources": ["widgets", "widgets/status"],
            "operations": ["CREATE", "UPDATE", "DELETE"]}  # fmt: skip
    widget = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w"},
        "spec": {"m": {"a": "b"}},
    }
    hooks.use("mutating", hooks.hook("/echo", rules=[{**rule, "operations": ["CREATE", "UPDATE"]}]))
    r("POST", f"{path}?fieldManager=m", {**widget, "unknown": 1})
    r("PATCH", f"{path}/w", {"spec": {"size": 4}}, content_type=MERGE)
    r("PATCH", f"{path}/w/status", {"status": {"ready": True}}, content_type=MERGE)
    for operations in (
        [
            {"op": "add", "path": "/spec/size", "value": 9},
            {"op": "add", "path": "/spec/nonsense", "value": 1},
        ],
        [{"op": "add", "path": "/spec/size", "value": 0}],
        [{"op": "add", "path": "/spec/size", "value": "x"}],
        [{"op": "remove", "path": "/spec"}],
    ):
        hooks.use("mutating", hooks.hook(place("/patch", patch=json.dumps(operations)), rules=[rule]))
        r("PATCH", f"{path}/w", {"spec": {"m": {"c": str(operations)[-9:]}}}, content_type=MERGE)
    hooks.drop("mutating")
    hooks.use("validating", hooks.hook("/tell", rules=[{**rule, "operations": ["DELETE"]}]))
    r("DELETE", f"{path}/w")
    hooks.drop("validating")


def _conversion(r: Send, hooks: Hooks, definition: Any) -> None:
    """Two versions and a webhook between them."""
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    r("POST", crds, gadgets(definition, hooks.url + "/convert"))
    r("WAIT", "4")
    ones, twos = (f"/apis/example.com/{version}/namespaces/{hooks.ns}/gadgets" for version in ("v1", "v2"))

    def gadget(name: str, version: str, **spec: Any) -> dict[str, Any]:
        return {
            "apiVersion": f"example.com/{version}",
            "kind": "Gadget",
            "metadata": {"name": name},
            "spec": spec,
        }

    r("POST", ones, gadget("a", "v1", size=1))
    r("POST", twos, gadget("b", "v2", sizes=[2, 3]))
    for path in (ones, twos):
        for name in ("a", "b"):
            r("GET", f"{path}/{name}")
        r("GET", path)
        r("GET", path, accept=TABLE)
        r("GET", f"{path}?watch=1&timeoutSeconds=1")
    r("PATCH", f"{ones}/b", {"spec": {"size": 7}}, content_type=MERGE)
    r("PATCH", f"{twos}/a", {"spec": {"sizes": [5]}}, content_type=MERGE)
    r("GET", f"{ones}/a")
    r("POST", ones, gadget("bad", "v1", size=0))
    r("POST", twos, gadget("bad", "v2", sizes="x"))
    rule = {
        "apiGroups": ["example.com"],
        "apiVersions": ["v2"],
        "resources": ["gadgets"],
        "operations": ["*"],
    }
    hooks.use("validating", hooks.hook("/tell", rules=[rule]))
    r("PATCH", f"{ones}/a", {"spec": {"size": 8}}, content_type=MERGE)
    hooks.use("validating", hooks.hook("/tell", rules=[rule], matchPolicy="Exact"))
    r("PATCH", f"{ones}/a", {"spec": {"size": 8}}, content_type=MERGE)
    hooks.drop("validating")
    query = {"url": f"{hooks.url}/x?y=z", "caBundle": ca_bundle()}
    hooks.use("validating", hooks.hook("/", clientConfig=query))
    for wrong in ("fail", "few", "name", "version"):
        client = {"url": hooks.url + place("/convert", wrong=wrong), "caBundle": ca_bundle()}
        r("PATCH", f"{crds}/gadgets.example.com", {"spec": {"conversion": {"webhook": {"clientConfig": client}}}},
          content_type=MERGE)  # fmt: skip
        r("WAIT", "4")
        for path in (ones, twos):
            r("GET", f"{path}/a")
            r("GET", path)
        r("POST", ones, gadget("never", "v1", size=1))


def gadgets(definition: Any, url: str) -> dict[str, Any]:
    """A definition with v1 (served) and v2 (stored), converted at `url`."""
    made: dict[str, Any] = copy.deepcopy(definition)
    made["metadata"]["name"] = "gadgets.example.com"
    spec = made["spec"]
    spec["names"] = {"plural": "gadgets", "kind": "Gadget"}

    def version(name: str, field: str, schema: dict[str, Any]) -> dict[str, Any]:
        properties = {"spec": {"type": "object", "properties": {field: schema}}}
        column = {"name": "Size", "type": "string", "jsonPath": f".spec.{field}"}
        return {
            "name": name,
            "served": True,
            "storage": name == "v2",
            "schema": {"openAPIV3Schema": {"type": "object", "properties": properties}},
            "additionalPrinterColumns": [column],
        }

    sizes = {"type": "array", "items": {"type": "integer"}}
    spec["versions"] = [
        version("v1", "size", {"type": "integer", "minimum": 1}),
        version("v2", "sizes", sizes),
    ]
    client = {"url": url, "caBundle": ca_bundle()}
    spec["conversion"] = {
        "strategy": "Webhook",
        "webhook": {"clientConfig": client, "conversionReviewVersions": ["v1"]},
    }
    return made
