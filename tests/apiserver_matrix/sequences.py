"""What several requests show together: pages, watches, shared ownership, bad bodies, discovery."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from apiserver_matrix.kinds import KINDS
from apiserver_matrix.request import (
    JSON_PATCH,
    MERGE,
    STRATEGIC,
    TABLE,
    Request,
    apply,
    delete,
    get,
    patch,
    post,
    put,
)

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def _namespace(name: str) -> Request:
    return post("/api/v1/namespaces", {"metadata": {"name": name}})


def _maps(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/configmaps"


def _map(name: str, **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {"n": name}},
        "data": data,
    }


def paging(namespace: str) -> Iterator[Request]:
    """Pages, with changes between them, and every selector."""
    maps = _maps(namespace)
    yield _namespace(namespace)
    for name in "abcdefg":
        yield post(maps, _map(name))
    yield get(f"{maps}?limit=3")
    yield get(f"{maps}?limit=3&continue={{token}}")
    yield post(maps, _map("bb"))
    yield delete(f"{maps}/g")
    yield get(f"{maps}?limit=3&continue={{token}}")
    yield get(f"{maps}?limit=100")
    yield get(f"{maps}?limit=2&labelSelector=" + quote("n in (a,c,e)"))
    yield get(f"{maps}?limit=2&labelSelector=" + quote("n in (a,c,e)") + "&continue={token}")
    yield get(f"{maps}?limit=2", TABLE)
    yield get(f"{maps}?limit=2&continue={{token}}", TABLE)
    yield get(f"{maps}?limit=2&continue={{token}}x")
    yield get(f"{maps}?limit=2&continue={{token}}&resourceVersion=1")
    yield get(f"{maps}?limit=0")
    yield get(f"{maps}?resourceVersion=0")
    yield get(f"{maps}?resourceVersion=0&limit=2")
    yield get(f"{maps}?resourceVersion={{rv}}&resourceVersionMatch=Exact")
    yield get(f"{maps}?resourceVersion={{rv}}&resourceVersionMatch=NotOlderThan")
    yield get(f"{maps}?resourceVersionMatch=Exact")
    yield get(f"{maps}?resourceVersion=0&resourceVersionMatch=Exact")
    for selector in (
        "n",
        "!n",
        "n=a",
        "n==a",
        "n!=a",
        "n in (a, b)",
        "n notin (a,b)",
        "n>1",
        "n<x",
        "x,y",
        "n=a,n=b",
        "n in a",
        "n=,",
        "a/b/c=d",
        "-=x",
        "",
    ):
        yield get(f"{maps}?labelSelector={quote(selector)}")
    for selector in (
        "metadata.name=a",
        "metadata.name!=a",
        f"metadata.namespace={namespace}",
        "metadata.name=a,metadata.name=b",
        "data.x=1",
        "metadata.name",
        "metadata.uid=x",
        "=",
        "metadata.name=a\\,b",
    ):
        yield get(f"{maps}?fieldSelector={quote(selector)}")
    for plural, selector in (
        ("pods", "status.phase=Pending"),
        ("pods", "spec.nodeName="),
        ("pods", "spec.nodeName=x"),
        ("pods", "spec.foo=1"),
        ("secrets", "type=Opaque"),
        ("events", "reason=x"),
        ("events", "involvedObject.kind=Pod"),
        ("services", "spec.type=ClusterIP"),
        ("replicationcontrollers", "status.replicas=1"),
    ):
        yield get(f"/api/v1/namespaces/{namespace}/{plural}?fieldSelector={quote(selector)}")
    yield get(f"/api/v1/namespaces?fieldSelector={quote('status.phase=Active,metadata.name=' + namespace)}")
    yield get(f"/apis/batch/v1/namespaces/{namespace}/jobs?fieldSelector={quote('status.successful=0')}")
    yield delete(f"{maps}?labelSelector={quote('n in (a,b)')}")
    yield delete(f"{maps}?fieldSelector={quote('metadata.name=c')}")
    yield get(maps)


def watching(namespace: str) -> Iterator[Request]:
    """What a watch shows of the changes since a version; each lasts a second on a real server."""
    maps = _maps(namespace)
    second = "timeoutSeconds=1"
    yield _namespace(namespace)
    yield get(maps)
    yield post(maps, _map("a", x="1"))
    yield patch(f"{maps}/a", {"data": {"x": "2"}})
    yield patch(f"{maps}/a", {"data": {"x": "2"}})
    yield post(maps, _map("b"))
    yield patch(f"{maps}/b", {"metadata": {"labels": {"n": "a"}}})
    yield patch(f"{maps}/b", {"metadata": {"labels": {"n": "z"}}})
    yield delete(f"{maps}/a")
    yield get(f"{maps}?watch=1&resourceVersion={{first}}&{second}")
    yield get(f"{maps}?watch=true&resourceVersion={{first}}&{second}&labelSelector=n%3Da")
    yield get(f"{maps}?watch=1&resourceVersion={{first}}&{second}&fieldSelector=metadata.name%3Db")
    yield get(f"{maps}?watch=1&resourceVersion={{first}}&{second}", TABLE)
    yield get(
        f"{maps}?watch=1&resourceVersion={{first}}&{second}",
        "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    )
    yield get(f"{maps}/b?watch=1&resourceVersion={{first}}&{second}")
    yield get(f"/api/v1/watch/namespaces/{namespace}/configmaps?resourceVersion={{first}}&{second}")
    yield get(f"/api/v1/watch/namespaces/{namespace}/configmaps/b?resourceVersion={{first}}&{second}")
    yield get(f"{maps}?watch=1&{second}")
    yield get(f"{maps}?watch=1&resourceVersion=0&{second}")
    yield get(f"{maps}?watch=1&resourceVersion=1&{second}")
    yield get(f"{maps}?watch=1&resourceVersion=abc&{second}")
    yield get(f"{maps}?watch=1&resourceVersion=-1&{second}")
    yield get(f"{maps}?watch=1&resourceVersion=99999999999&{second}")
    yield get(f"{maps}?watch=1&sendInitialEvents=true&{second}")
    yield get(f"{maps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&{second}")
    yield get(f"{maps}?watch=1&sendInitialEvents=true&resourceVersionMatch=Exact&{second}")
    yield get(
        f"{maps}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=2"
    )
    yield get(f"{maps}?watch=1&limit=1&{second}")
    yield get(f"{maps}?watch=1&continue=x&{second}")
    yield get(f"{maps}?watch=1&timeoutSeconds=x")
    yield get(f"/api/v1/namespaces/none-such/configmaps?watch=1&{second}")


FORGETTING: tuple[Any, ...] = (
    [],
    {},
    {"metadata": {"managedFields": [{}]}},
    {"metadata": {"managedFields": None}},
    {"metadata": {"managedFields": "x"}},
)


def ownership(namespace: str) -> Iterator[Request]:
    """Deployments by several appliers, and lists of every kind of merging."""
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    one = f"{path}/d"

    def spec(**more: Any) -> dict[str, Any]:
        container = {"name": "c", "image": "nginx:1", **more.pop("container", {})}
        pod = {"containers": [container, *more.pop("containers", [])], **more.pop("pod", {})}
        template = {"metadata": {"labels": {"a": "b"}}, "spec": pod}
        head = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}}
        return {**head, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template, **more}}

    yield _namespace(namespace)
    yield apply(one, spec(replicas=2), "m1")
    yield apply(
        one, spec(container={"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}), "m2"
    )
    yield apply(one, spec(container={"env": [{"name": "B", "value": "9"}]}), "m3")
    yield apply(one, spec(container={"env": [{"name": "B", "value": "9"}]}), "m3", force=True)
    yield apply(
        one,
        spec(container={"ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}]}),
        "m1",
    )
    yield apply(one, spec(containers=[{"name": "side", "image": "s:1"}]), "m4")
    yield apply(
        one,
        spec(
            pod={"volumes": [{"name": "v", "emptyDir": {}}]},
            container={"volumeMounts": [{"name": "v", "mountPath": "/v"}]},
        ),
        "m5",
    )
    yield apply(one, spec(container={"args": ["a", "b"]}), "m6")
    yield apply(one, spec(container={"args": ["b"]}), "m7")
    yield apply(one, spec(pod={"tolerations": [{"key": "x", "operator": "Exists"}]}), "m6")
    yield apply(one, spec(container={"resources": {"limits": {"cpu": "0.5", "memory": "1Gi"}}}), "m8")
    yield apply(one, spec(container={"resources": {"limits": {"cpu": "500m"}}}), "m9")
    yield apply(one, spec(strategy={"type": "Recreate"}), "m1")
    yield apply(one, spec(), "m2")
    yield apply(one, spec(replicas=None), "m1")
    yield apply(one, spec(replicas="x"), "m1")
    yield apply(one, spec(container={"image": "z"}), "m2")
    yield apply(one, spec(container={"foo": 1}), "m2")
    yield patch(
        one, {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "n:2"}]}}}}, STRATEGIC
    )
    yield patch(one, {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "n:3"}]}}}}, MERGE)
    yield patch(one, [{"op": "replace", "path": "/spec/replicas", "value": 5}], JSON_PATCH)
    yield patch(f"{one}/scale?fieldManager=scaler", {"spec": {"replicas": 6}})
    yield put(f"{one}/scale", {"metadata": {"name": "d"}, "spec": {"replicas": 7}})
    yield get(f"{one}/scale")
    yield apply(
        f"{one}/status",
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "d"},
            "status": {"conditions": [{"type": "Available", "status": "True"}]},
        },
        "ctl",
    )
    yield get(one)
    for change in FORGETTING:
        yield patch(one, change)
    yield get(one)


LABELS: tuple[Any, ...] = (
    {"a": "b"},
    {"a/b": "c"},
    {"a/b/c": "d"},
    {"a": "x" * 64},
    {"x" * 64: "a"},
    {"-a": "b"},
    {"a": "-"},
    {"A.b/C": "d"},
    {"é": "x"},
    {"": "x"},
    {"a": 1},
    {"a": None},
    "x",
    [],
    {"kubernetes.io/x": ""},
)

DELETE_OPTIONS: tuple[Any, ...] = (
    {"dryRun": ["All"]},
    {"dryRun": ["x"]},
    {"propagationPolicy": "x"},
    {"orphanDependents": True},
    {"gracePeriodSeconds": -1},
    {"gracePeriodSeconds": "x"},
    {"preconditions": {"uid": "x"}},
    {"preconditions": {"resourceVersion": "x"}},
    {"kind": "DeleteOptions", "apiVersion": "v1"},
    {"kind": "Pod", "apiVersion": "v1"},
    {"kind": "DeleteOptions", "apiVersion": "apps/v1"},
    {"unknown": 1},
    "x",
    [],
)

FINALIZERS: tuple[Any, ...] = (
    ["a"],
    ["a/b"],
    ["a.b/c", "a.b/c"],
    ["orphan"],
    ["foregroundDeletion"],
    ["orphan", "foregroundDeletion"],
    ["a/b/c"],
    [""],
    "x",
)


def bodies(namespace: str) -> Iterator[Request]:
    """Bodies, media types, names and options that are wrong, or just unusual."""
    maps = _maps(namespace)
    yield _namespace(namespace)
    good = _map("m")
    texts = (
        "",
        " ",
        "{",
        "[]",
        "null",
        "true",
        "1",
        '"x"',
        '{"metadata":{"name":"x"}}{}',
        '{"metadata":{"name":"x","name":"y"}}',
        '{"a":NaN}',
        '{"metadata":{"name":"\\ud800"}}',
        "{'a':1}",
        '{"data":{"a":1e400}}',
        '{"metadata":{"name":"x"},}',
        "\x00",
        "[[[[",
    )
    for text in texts:
        yield post(maps, text)
        yield put(f"{maps}/m", text)
    for kind in (
        "application/yaml",
        "text/plain",
        "application/xml",
        "",
        "application/json; charset=utf-8",
        "application/JSON",
        "application/merge-patch+json",
        "application/x-www-form-urlencoded",
    ):
        yield post(f"{maps}?dryRun=All", json.dumps(good), content_type=kind)
        yield patch(f"{maps}/m", "{}", kind)
    for accept in (
        "*/*",
        "application/*",
        "text/html",
        "application/yaml",
        "application/json;as=Table;v=v9;g=meta.k8s.io",
        "application/json;as=Nope;v=v1;g=meta.k8s.io",
        "application/json;q=0.5,application/yaml;q=0.1",
        "application/json;stream=watch",
        "",
    ):
        yield get(f"{maps}/none", accept)
        yield get(f"/api/v1/namespaces/{namespace}/pods", accept)
    names: tuple[Any, ...] = (
        "a",
        "A",
        "-a",
        "a-",
        "a.b",
        "a_b",
        "a" * 253,
        "a" * 254,
        "",
        "a/b",
        "..",
        ".",
        "a%",
        "é",
        5,
        None,
        [],
        {},
    )
    for name in names:
        yield post(f"{maps}?dryRun=All", {"metadata": {"name": name}})
    for name in ("a", "a.b", "a" * 63, "a" * 64, "1a", "A"):
        yield post(
            f"/api/v1/namespaces/{namespace}/services?dryRun=All",
            {"metadata": {"name": name}, "spec": {"ports": [{"port": 1}]}},
        )
        yield post("/api/v1/namespaces?dryRun=All", {"metadata": {"name": name}})
    for prefix in ("a-", "A", "a" * 300, "", 1):
        yield post(f"{maps}?dryRun=All", {"metadata": {"generateName": prefix}})
    for labels in LABELS:
        yield post(f"{maps}?dryRun=All", {"metadata": {"name": "l", "labels": labels}})
        yield post(f"{maps}?dryRun=All", {"metadata": {"name": "l", "annotations": labels}})
    yield post(f"{maps}?dryRun=All", {"metadata": {"name": "l", "annotations": {"a": "x" * 262144}}})
    for finalizers in FINALIZERS:
        yield post(f"{maps}?dryRun=All", {"metadata": {"name": "l", "finalizers": finalizers}})
    full = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}
    for owner in (
        {},
        full,
        {**full, "apiVersion": ""},
        {**full, "name": ""},
        {**full, "uid": ""},
        {**full, "kind": ""},
        {**full, "apiVersion": "a/b/c"},
        {**full, "controller": True},
        {**full, "kind": "Event"},
        {**full, "blockOwnerDeletion": "x"},
        5,
    ):
        yield post(f"{maps}?dryRun=All", {"metadata": {"name": "l", "ownerReferences": [owner]}})
    for query in (
        "dryRun=all",
        "dryRun=All&dryRun=All",
        "dryRun=",
        "fieldManager=%01",
        "fieldManager=" + "x" * 129,
        "fieldValidation=strict",
        "fieldValidation=",
        "pretty=true",
        "pretty=x",
        "unknown=1",
        "force=true",
        "limit=1",
    ):
        yield post(f"{maps}?{query}", _map("q"))
        yield delete(f"{maps}/q")
    for options in DELETE_OPTIONS:
        yield post(maps, _map("o"))
        yield delete(f"{maps}/o", options)
    yield from _places(namespace)


def _places(namespace: str) -> Iterator[Request]:
    """Paths that lead nowhere, and methods that a place doesn't know."""
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        for path in (
            "/api",
            "/apis",
            "/api/v1",
            "/apis/apps",
            "/apis/none.example.com/v1/x",
            "/api/v1/nones",
            f"/api/v1/namespaces/{namespace}/nones/x",
            f"/api/v1/namespaces/{namespace}/nodes/x",
            "/api/v1/configmaps/x",
            f"/api/v1/namespaces/{namespace}/configmaps/x/status",
            f"/api/v1/namespaces/{namespace}/pods/x/none",
            "/version",
            "/healthz",
            "/openapi",
        ):
            body: Any = None if method in ("GET", "DELETE") else {}
            yield Request(method, path, body, MERGE if method == "PATCH" else "application/json")


def discovery(namespace: str) -> Iterator[Request]:
    """What a client learns before its first request."""
    yield get("/api")
    yield get("/apis")
    yield get("/api", AGGREGATED)
    yield get("/api/v1")
    for api in sorted(
        {kind.api for kind in KINDS if "/" in kind.api}
        | {
            "apiextensions.k8s.io/v1",
            "events.k8s.io/v1",
            "authorization.k8s.io/v1",
            "authentication.k8s.io/v1",
        }
    ):
        yield get(f"/apis/{api.split('/')[0]}")
        yield get(f"/apis/{api}")
    yield get("/version")
