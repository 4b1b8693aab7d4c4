"""Versions of a custom resource whose schemas differ: what is lost and what is added on the way to storage and back.

And rules that objects broke before they were there: what an update that leaves them broken is forgiven.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apiserver_matrix.custom import DEFINITIONS
from apiserver_matrix.request import APPLY, JSON_PATCH, Request, apply, delete, get, patch, post, put

_SHARED = {"both": {"type": "string"}, "size": {"type": "integer", "minimum": 0, "maximum": 9}}
_OLD = {**_SHARED, "old": {"type": "string"}, "given": {"type": "string", "default": "by v1"}}
_NEW = {
    **_SHARED,
    "new": {
        "type": "object",
        "properties": {"x": {"type": "integer", "default": 1}, "y": {"type": "string"}},
    },
    "given": {"type": "string", "default": "by v2"},
    "more": {"type": "string", "default": "more"},
    "size": {"type": "integer", "maximum": 5},
}


def _definition(group: str) -> dict[str, Any]:
    def version(name: str, spec: dict[str, Any], *, storage: bool) -> dict[str, Any]:
        own = {name: {"type": "string"}, "shared": {"type": "string"}, "replicas": {"type": "integer"}}
        status = {"type": "object", "properties": own}
        properties = {"spec": {"type": "object", "properties": spec}, "status": status}
        return {
            "name": name,
            "served": True,
            "storage": storage,
            "schema": {"openAPIV3Schema": {"type": "object", "properties": properties}},
            "subresources": {
                "status": {},
                "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.replicas"},
            },
        }

    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"twofolds.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "twofolds", "kind": "Twofold"},
            "versions": [version("v1", _OLD, storage=False), version("v2", _NEW, storage=True)],
        },
    }


def versions(ns: str) -> Iterator[Request]:
    """Writes in either version, read in both."""
    yield post("/api/v1/namespaces", {"metadata": {"name": ns}})
    group = f"{ns}.example.com"
    yield post(DEFINITIONS, _definition(group))

    def path(version: str) -> str:
        return f"/apis/{group}/{version}/namespaces/{ns}/twofolds"

    def body(version: str, name: str, **spec: Any) -> dict[str, Any]:
        head = {"apiVersion": f"{group}/{version}", "kind": "Twofold"}
        return {**head, "metadata": {"name": name}, "spec": spec}

    whole = {"both": "b", "old": "o", "new": {"y": "z"}, "size": 3, "nonsense": 1}
    yield Request("POST", path("v2"), body("v2", "waited"), wait=3.0)
    for version, other in (("v1", "v2"), ("v2", "v1")):
        own, theirs = path(version), path(other)
        for dry in ("?dryRun=All", ""):
            yield post(f"{own}{dry}", body(version, f"whole-{version}", **whole))
            yield post(f"{own}{dry}", body(version, f"empty-{version}"))
            yield post(f"{own}{dry}", body(version, f"bare-{version}", new={}, given="me"))
            yield post(f"{own}{dry}", body(version, f"big-{version}", size=7))
        for name in ("whole", "empty", "bare", "big"):
            for where in (own, theirs):
                yield get(f"{where}/{name}-{version}")
        for where, named in ((own, version), (theirs, other)):
            name = f"{where}/whole-{version}"
            yield patch(f"{name}?dryRun=All", {"spec": {"both": "c"}})
            yield patch(name, {"spec": {"both": f"via {named}"}})
            yield patch(name, {"spec": {"both": f"via {named}"}})
            yield patch(name, {"spec": {"old": "again", "new": {"y": "again"}}})
            yield patch(name, {"spec": {"given": None}})
            yield patch(name, [{"op": "add", "path": "/spec/old", "value": "o"}], JSON_PATCH)
            yield patch(f"{name}/status", {"status": {"v1": "a", "v2": "b", "shared": "c"}})
            yield get(f"{own}/whole-{version}")
            yield get(f"{theirs}/whole-{version}")
            yield get(f"{name}/scale")
            yield patch(f"{name}/scale", {"spec": {"replicas": 4}})
            yield get(name)
            full = body(named, f"whole-{version}", both="put", size=2)
            yield put(name, {**full, "metadata": {"name": f"whole-{version}", "resourceVersion": "{rv}"}})
            yield get(f"{theirs}/whole-{version}")
            yield patch(f"{where}/big-{version}", {"metadata": {"labels": {"a": named}}})
            yield patch(f"{where}/big-{version}", {"spec": {"both": "x"}})
        for name in ("applied", "whole"):
            for where, named in ((own, version), (theirs, other)):
                config = body(named, f"{name}-{version}", both="mine", old="mine", given="mine")
                if named == "v2":
                    config["spec"].pop("old")
                yield apply(f"{where}/{name}-{version}", config, force=True)
                yield apply(f"{where}/{name}-{version}", config, force=True)
                yield get(f"{where}/{name}-{version}")
        yield get(own)
    yield get(f"{path('v1')}?watch=1&timeoutSeconds=1&sendInitialEvents=false&resourceVersion=0")
    yield delete(f"{path('v1')}/whole-v2")
    yield delete(f"{DEFINITIONS}/twofolds.{group}")


def _ruled(group: str, rules: list[dict[str, Any]], *, most: int) -> dict[str, Any]:
    item: dict[str, Any] = {"type": "object", "properties": {"n": {"type": "integer"}}}
    if rules:
        item["x-kubernetes-validations"] = [{"rule": "!has(self.n) || self.n < 5"}]
    parts = {"type": "array", "items": item}
    spec: dict[str, Any] = {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "maximum": most},
            "b": {"type": "string"},
            "parts": {**parts, "x-kubernetes-list-type": "atomic"},
            "kept": {"type": "string", "x-kubernetes-validations": rules[1:]},
        },
        "x-kubernetes-validations": rules[:1],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"ruleds.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "ruleds", "kind": "Ruled"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                        "spec": spec, "status": {"type": "object", "properties": {"x": {"type": "string"}}}}}},
                }
            ],
        },
    }  # fmt: skip


def forgiven(ns: str) -> Iterator[Request]:
    """A definition that becomes stricter than the objects that are there."""
    yield post("/api/v1/namespaces", {"metadata": {"name": ns}})
    group = f"{ns}.example.com"
    yield post(DEFINITIONS, _ruled(group, [], most=100))
    path = f"/apis/{group}/v1/namespaces/{ns}/ruleds"
    head = {"apiVersion": f"{group}/v1", "kind": "Ruled", "metadata": {"name": "r"}}
    broken = {"a": 50, "b": "x", "kept": "wrong"}
    yield Request("POST", path, {**head, "spec": broken}, wait=3.0)
    listed = {"a": 1, "kept": "right", "parts": [{"n": 1}, {"n": 9}]}
    yield post(path, {**head, "metadata": {"name": "parts"}, "spec": listed})
    rules = [
        {"rule": "self.a < 10", "message": "too much"},
        {"rule": "self == 'right'", "messageExpression": "'not ' + self"},
    ]
    yield patch(f"{DEFINITIONS}/ruleds.{group}", {"spec": _ruled(group, rules, most=20)["spec"]})
    for number, change in enumerate((
        {"metadata": {"labels": {"a": "b"}}},
        {"spec": {"b": "y"}},
        {"spec": {"a": 51}},
        {"spec": {"a": 15}},
        {"spec": {"a": 5}},
        {"spec": {"kept": "other"}},
        {"spec": {"b": "z"}},
        {"status": {"x": "y"}},
    )):  # fmt: skip
        request = patch(f"{path}/r", change)
        yield Request(
            request.method, request.path, request.body, request.content_type, wait=0 if number else 3.0
        )
    for parts in ([{"n": 2}, {"n": 9}], [{"n": 2}, {"n": 8}], [{"n": 9}], [{"n": 9}, {"n": 9}]):
        yield patch(f"{path}/parts", {"spec": {"parts": parts}})
    yield patch(f"{path}/parts", {"spec": {"b": "z"}})
    yield patch(f"{path}/r/status", {"status": {"x": "y"}})
    yield patch(f"{path}/r?fieldManager=m&force=true", {**head, "spec": {"b": "applied"}}, APPLY)
    yield post(path, {**head, "metadata": {"name": "s"}, "spec": broken})
    yield delete(f"{DEFINITIONS}/ruleds.{group}")
