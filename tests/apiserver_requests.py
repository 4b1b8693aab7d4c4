"""The requests that the differential test sends to the in-process server and to a real kube-apiserver.

Each function calls `r(method, path, body, content_type, accept, agent)` for one request after the other; what a
request finds depends on those before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

MERGE = "application/merge-patch+json"
SMP = "application/strategic-merge-patch+json"
JP = "application/json-patch+json"
SSA = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

Send = Callable[..., None]


def basic_requests(r: Send, ns: str, definition: Any = None) -> None:
    """A built-in kind without subresources: verbs, patches, apply, lists, deletion, and bad requests of each."""
    b = f"/api/v1/namespaces/{ns}"
    r("POST", "/api/v1/namespaces", {"metadata": {"name": ns}})
    r("GET", f"/api/v1/namespaces/{ns}")
    r("POST", "/api/v1/namespaces", {"metadata": {"name": ns}})
    r("POST", "/api/v1/namespaces", {"metadata": {"name": "T_1"}})
    for body in [
        {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "t1"}},
        "{bad",
        "",
        "[]",
        {"metadata": {}},
        {"metadata": {"name": "x", "namespace": "other"}},
        {"metadata": {"name": "x"}, "data": {"a": 1}},
        {"metadata": {"name": "A_"}},
        {"metadata": {"name": "x", "labels": {"a b": "c"}}},
        {"metadata": {"name": "x", "labels": {"a": "c!"}}},
        {"metadata": {"name": "x", "annotations": {"a b": "c!"}}},
        {"metadata": {"name": "x", "finalizers": ["foo"]}},
        {"metadata": {"name": "x", "ownerReferences": [{"kind": "x"}]}},
        {
            "metadata": {
                "name": "x",
                "ownerReferences": [
                    {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", "controller": True},
                    {"apiVersion": "v1", "kind": "Pod", "name": "q", "uid": "v", "controller": True},
                ],
            }
        },
        {"metadata": {"name": "x"}, "data": {"a b": "c"}},
        {"metadata": {"name": "x", "resourceVersion": "5"}},
        {"metadata": "x"},
        {"metadata": {"name": 5}},
        {"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "x"}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}},
        "null",
        "5",
        '{"a":1}x',
        '{"metadata":{"name":"x"}',
        {
            "metadata": {
                "name": "y",
                "namespace": ns,
                "uid": "abc",
                "generation": 7,
                "creationTimestamp": "2020-01-01T00:00:00Z",
                "selfLink": "x",
                "labels": {},
            },
            "data": {},
        },
        {"metadata": {"name": "zero", "labels": None}, "data": None},
    ]:
        r("POST", b + "/configmaps", body)
    r(
        "POST",
        b + "/configmaps?fieldValidation=Strict",
        {"metadata": {"name": "x", "foo": 1}, "datas": {"a": 1}, "foo": 1},
    )
    r(
        "POST",
        b + "/configmaps?fieldValidation=Warn",
        {"metadata": {"name": "x"}, "datas": {"a": 1}, "foo": 1},
    )
    r("POST", b + "/configmaps?fieldValidation=Foo", {"metadata": {"name": "x"}})
    r("POST", b + "/configmaps?dryRun=Foo", {"metadata": {"name": "x"}})
    r("POST", b + "/configmaps?dryRun=All", {"metadata": {"name": "dry"}, "data": {"a": "b"}})
    r("GET", b + "/configmaps/dry")
    r("POST", b + "/configmaps?fieldManager=" + "x" * 200, {"metadata": {"name": "xx"}})
    r(
        "POST",
        b + "/configmaps",
        {"metadata": {"name": "c1", "labels": {"l": "1"}}, "data": {"a": "b", "c": "d"}},
    )
    r("PUT", b + "/configmaps/c1", {"metadata": {"name": "c1", "resourceVersion": "1"}})
    r("PUT", b + "/configmaps/c1", {"metadata": {"name": "y"}})
    r("PUT", b + "/configmaps/c1", {"metadata": {}})
    r("PUT", b + "/configmaps/c1", {"metadata": {"name": "c1", "uid": "nope"}})
    r("PUT", b + "/configmaps/zz", {"metadata": {"name": "zz", "resourceVersion": "1"}})
    r("PUT", b + "/configmaps/zz", {"metadata": {"name": "zz"}})
    r("PUT", b + "/configmaps/c1", {"metadata": {"name": "c1"}, "data": {"a": "2"}}, agent="other/2")
    r(
        "PUT",
        b + "/configmaps/c1?fieldManager=mgr",
        {"metadata": {"name": "c1", "labels": {"l": "2"}}, "data": {"a": "2", "n": "3"}},
    )
    r("PATCH", b + "/configmaps/c1", {"metadata": {"name": "c1"}})
    r("PATCH", b + "/configmaps/c1", {"data": {"name": "x"}}, MERGE)
    r("PATCH", b + "/configmaps/c1", {"data": {"name": "x"}}, MERGE)
    r("PATCH", b + "/configmaps/c1", {"data": {"name": None, "q": "1"}}, SMP)
    r("PATCH", b + "/configmaps/c1", {"data": {"name": 5}}, MERGE)
    r("PATCH", b + "/configmaps/c1", {"metadata": {"name": "other"}}, MERGE)
    r("PATCH", b + "/configmaps/c1", {"metadata": {"resourceVersion": "1"}}, MERGE)
    r("PATCH", b + "/configmaps/c1", {"metadata": {"uid": "1"}}, MERGE)
    r("PATCH", b + "/configmaps/c1", {"datum": {"name": None, "q": "1"}}, MERGE)
    r("PATCH", b + "/configmaps/c1?fieldValidation=Strict", {"datum": {"name": None, "q": "1"}}, MERGE)
    r("PATCH", b + "/configmaps/nope", {"data": {"name": "x"}}, MERGE)
    r("PATCH", b + "/configmaps/c1?force=true", {"data": {"name": "x"}}, MERGE)
    for jp in [
        [{"op": "test", "path": "/data/q", "value": "q"}],
        [{"op": "remove", "path": "/data/nameq"}],
        [{"op": "add", "path": "/data/z", "value": "1"}],
        [{"op": "replace", "path": "/data/none", "value": "1"}],
        [{"op": "foo", "path": "/data/z"}],
        {"op": "foo"},
        [{"op": "copy", "from": "/data/z", "path": "/data/y"}],
        [{"op": "move", "from": "/data/z", "path": "/data/w"}],
        [{"op": "replace", "path": "", "value": {}}],
        [{"op": "add", "path": "data", "value": "1"}],
        [],
    ]:
        r("PATCH", b + "/configmaps/c1", jp, JP)
    r("PATCH", b + "/configmaps/c1", "{", MERGE)
    r("PATCH", b + "/configmaps/c1", "[]", MERGE)
    r("PATCH", b + "/configmaps/c1", "5", SMP)
    r("PATCH", b + "/configmaps/c1", "x", JP)

    A = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "s1"}, "data": {"a": "1", "b": "2"}}
    r("PATCH", b + "/configmaps/s1", A, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", A, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", A, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m2", {**A, "data": {"a": "2", "c": "3"}}, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m2", {**A, "data": {"a": "2", "b": "9", "c": "3"}}, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m2&force=true", {**A, "data": {"a": "2", "c": "3"}}, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", {**A, "data": {"b": "2"}}, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", {**A, "data": {}}, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", {"apiVersion": "v1", "kind": "ConfigMap"}, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", {"kind": "ConfigMap", "metadata": {"name": "s1"}}, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", {"apiVersion": "v1", "metadata": {"name": "s1"}}, SSA)
    r(
        "PATCH",
        b + "/configmaps/s1?fieldManager=m1",
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s1"}},
        SSA,
    )
    r(
        "PATCH",
        b + "/configmaps/s1?fieldManager=m1",
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "s1"}},
        SSA,
    )
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", {**A, "metadata": {"name": "s2"}}, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", {**A, "foo": 1}, SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", {**A, "data": {"a": 5}}, SSA)
    r(
        "PATCH",
        b + "/configmaps/s1?fieldManager=m1&force=true",
        {
            **A,
            "metadata": {
                "name": "s1",
                "managedFields": [
                    {
                        "manager": "x",
                        "operation": "Apply",
                        "apiVersion": "v1",
                        "fieldsType": "FieldsV1",
                        "fieldsV1": {},
                    }
                ],
            },
        },
        SSA,
    )
    r(
        "PATCH",
        b + "/configmaps/s1?fieldManager=m1&force=true",
        {**A, "metadata": {"name": "s1", "resourceVersion": "1"}},
        SSA,
    )
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", "{", SSA)
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", "a: [", SSA)
    r(
        "PATCH",
        b + "/configmaps/s9?fieldManager=m1",
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "s9", "resourceVersion": "5"}},
        SSA,
    )
    r("PUT", b + "/configmaps/s1", {**A, "metadata": {"name": "s1", "managedFields": [{}]}})
    r("PATCH", b + "/configmaps/s1?fieldManager=m1", {**A, "data": {"a": "1", "z": "0"}}, SSA)
    r(
        "PATCH",
        b + "/configmaps/s1?fieldManager=m1&force=1&dryRun=All",
        {**A, "data": {"a": "1", "z": "0"}},
        SSA,
    )
    r("PATCH", b + "/configmaps/s1?fieldManager=m1&force=1", {**A, "data": {"a": "7", "z": "0"}}, SSA)
    r("PATCH", b + "/configmaps/s1", {"data": {"a": None}}, MERGE, agent="kubectl/v1.3 (linux)")

    r("GET", b + "/configmaps")
    r("GET", b + "/configmaps?limit=1&labelSelector=l")
    for s in [
        "a===b",
        "a in (b",
        "a notin (b,c)",
        "!l",
        "l=1,",
        "l in ()",
        "a b",
        "a>1",
        "a>x",
        "(a)",
        "l!=1",
        "l==2",
        "a=b=c",
    ]:
        r("GET", b + "/configmaps?labelSelector=" + quote(s))
    for s in [
        "data.x=b",
        "metadata.name=c1",
        "metadata.name!=c1",
        "metadata.name",
        "metadata.namespace=zz",
        "metadata.name=c1,metadata.namespace=" + ns,
        "=x",
    ]:
        r("GET", b + "/configmaps?fieldSelector=" + quote(s))
        r("GET", b + "/secrets?fieldSelector=" + quote(s))
    for q in [
        "resourceVersion=abc",
        "resourceVersion=99999999",
        "limit=abc",
        "limit=-1",
        "continue=abc",
        "resourceVersionMatch=Exact",
        "resourceVersionMatch=Foo&resourceVersion=1",
        "resourceVersion=0&resourceVersionMatch=Exact",
        "timeoutSeconds=abc",
        "limit=1&continue=abc&resourceVersion=5",
        "sendInitialEvents=true",
        "watch=1&sendInitialEvents=true&timeoutSeconds=1",
        "watch=1&sendInitialEvents=foo&timeoutSeconds=1",
        "watch=1&resourceVersion=99999999&timeoutSeconds=1",
        "watch=1&resourceVersion=abc",
        "watch=1&resourceVersionMatch=NotOlderThan&timeoutSeconds=1",
    ]:
        r("GET", b + "/configmaps?" + q)
    r("GET", b + "/configmaps", accept="application/xml")
    r("POST", b + "/configmaps", "<x/>", "application/xml")
    r(
        "POST",
        b + "/configmaps",
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yml}\ndata: {a: "1"}\n',
        "application/yaml",
    )
    r("POST", b + "/configmaps", "a: [", "application/yaml")

    r("DELETE", b + "/configmaps/c1", {"preconditions": {"uid": "zz"}})
    r("DELETE", b + "/configmaps/c1", {"preconditions": {"resourceVersion": "1"}})
    r("DELETE", b + "/configmaps/c1?propagationPolicy=Foo")
    r("DELETE", b + "/configmaps/c1?dryRun=All")
    r("DELETE", b + "/configmaps/c1?dryRun=Foo")
    r("DELETE", b + "/configmaps/c1", "{")
    r("DELETE", b + "/configmaps/c1", {"propagationPolicy": "Orphan", "orphanDependents": True})
    r("DELETE", b + "/configmaps/c1")
    r("DELETE", b + "/configmaps/c1")
    r("POST", b + "/configmaps", {"metadata": {"name": "f1", "finalizers": ["a.b/c"]}})
    r("DELETE", b + "/configmaps/f1")
    r("DELETE", b + "/configmaps/f1")
    r("PATCH", b + "/configmaps/f1", {"metadata": {"finalizers": ["a.b/c", "d.e/f"]}}, MERGE)
    r("PATCH", b + "/configmaps/f1", {"metadata": {"finalizers": []}}, MERGE)
    r("GET", b + "/configmaps/f1")
    r("POST", b + "/configmaps", {"metadata": {"name": "f2"}})
    r("DELETE", b + "/configmaps/f2?propagationPolicy=Foreground")
    r("POST", b + "/configmaps", {"metadata": {"name": "f3"}})
    r("DELETE", b + "/configmaps/f3?propagationPolicy=Orphan")
    r("DELETE", b + "/configmaps?labelSelector=zz")
    r("DELETE", b + "/configmaps/s1", {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0})

    r("POST", b + "/configmaps/x", {})
    r("PUT", b + "/configmaps", {})
    r("PATCH", b + "/configmaps", {}, MERGE)
    r("DELETE", "/api/v1/configmaps")
    r("POST", "/api/v1/configmaps", {"metadata": {"name": "x"}})
    r("GET", "/api/v1/configmaps/x")
    r("GET", "/api/v1/namespaces/nope/configmaps")
    r("GET", "/api/v1/namespaces/nope")
    r("POST", "/api/v1/namespaces/nope/configmaps", {"metadata": {"name": "x"}})
    r("GET", "/api/v1/nopes")
    r("GET", "/apis/nope.io/v1")
    r("GET", "/apis/apps/v1/nopes")
    r("GET", "/apis/apps/v9/deployments")
    r("GET", "/nope")
    r("GET", "/api/v2")
    r("GET", "/apis/apps/v9")
    r("GET", "/apis/nope")
    r("GET", b + "/configmaps/x/status")
    r("GET", b + "/nodes")
    r("GET", "/api/v1/nodes/x/y/z")
    r("DELETE", "/api/v1/namespaces")
    r("GET", "/apis/apps")
    r("GET", "/readyz")
    r("GET", "/healthz")


def custom_requests(r: Send, ns: str, definition: dict[str, Any]) -> None:
    """A custom resource: its definition, pruning, validation, status, scale, and apply by several managers."""
    G = f"e{ns}.example.com"
    crd = json.loads(json.dumps(definition).replace("example.com", G))
    r("POST", "/api/v1/namespaces", {"metadata": {"name": ns}})
    C = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    r(
        "POST",
        C,
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "x"},
        },
    )
    r("POST", C + "?fieldValidation=Strict", {**crd, "foo": 1})
    r("POST", C, crd)
    r("WAIT", "")
    r("GET", C + "/widgets." + G)
    w = f"/apis/{G}/v1/namespaces/{ns}/widgets"
    r("GET", f"/apis/{G}/v1")
    r("GET", f"/apis/{G}")
    W = {"apiVersion": f"{G}/v1", "kind": "Widget", "metadata": {"name": "w1"}, "spec": {}}
    for body in [
        {},
        {"metadata": {"name": "x"}},
        {**W, "kind": "Foo"},
        {**W, "apiVersion": "v1"},
        {**W, "apiVersion": f"{G}/v2"},
        {**W, "metadata": {}},
        {**W, "metadata": {"name": "X"}},
        {**W, "spec": {"size": 0}},
        {**W, "spec": {"size": "a"}},
        {**W, "spec": {"items": [{"name": "a"}, {"name": "a"}]}},
        {**W, "spec": {"tags": ["a", "a"]}},
        {**W, "spec": {"foo": 1}},
        {**W, "metadata": {"name": "x", "labels": 5}},
        "{bad",
        "[]",
        "null",
        "",
        {**W, "metadata": {"name": "x", "finalizers": ["foo"]}},
    ]:
        r("POST", w, body)
    r("POST", w + "?fieldValidation=Strict", {**W, "spec": {"foo": 1}, "bar": 1})
    r("POST", w + "?fieldValidation=Ignore", {**W, "metadata": {"name": "ign"}, "spec": {"foo": 1}, "bar": 1})
    r("POST", w, W)
    r("POST", w, W)
    r("GET", w + "/w1")
    r("PUT", w + "/w1", W)
    r("PUT", w + "/w1", {**W, "metadata": {"name": "w1", "resourceVersion": "1"}})
    r("PATCH", w + "/w1", {"spec": {"size": 5}}, MERGE)
    r("PATCH", w + "/w1", {"spec": {"size": 5}}, MERGE)
    r("PATCH", w + "/w1", {"spec": {"size": 5}}, SMP)
    r("PATCH", w + "/w1", {"spec": {"size": -1}}, MERGE)
    r("PATCH", w + "/w1", {"spec": {"size": None}}, MERGE)
    r("PATCH", w + "/w1", {"spec": {"foo": 5}}, MERGE)
    r("PATCH", w + "/w1?fieldValidation=Strict", {"spec": {"foo": 5}}, MERGE)
    r("PATCH", w + "/w1", {"status": {"ready": True}}, MERGE)
    r(
        "PATCH",
        w + "/w1/status",
        {"status": {"ready": True}, "spec": {"size": 9}, "metadata": {"labels": {"z": "y"}}},
        MERGE,
    )
    r("PATCH", w + "/w1/status", {"status": {"ready": "x"}}, MERGE)
    r("GET", w + "/w1/status")
    r("PUT", w + "/w1/status", {**W, "status": {"size": 3}})
    r("GET", w + "/w1/scale")
    r("PATCH", w + "/w1/scale", {"spec": {"replicas": 4}}, MERGE)
    r("PATCH", w + "/w1/scale", {"spec": {"replicas": -4}}, MERGE)
    r(
        "PUT",
        w + "/w1/scale",
        {
            "apiVersion": "autoscaling/v1",
            "kind": "Scale",
            "metadata": {"name": "w1", "namespace": ns},
            "spec": {"replicas": 6},
        },
    )
    r("GET", w + "/w1")
    r("PATCH", w + "/w1", [{"op": "add", "path": "/spec/tags", "value": ["a", "b"]}], JP)
    r("PATCH", w + "/w1", [{"op": "test", "path": "/spec/tags", "value": ["a"]}], JP)

    def A(**spec: Any) -> dict[str, Any]:
        return {"apiVersion": f"{G}/v1", "kind": "Widget", "metadata": {"name": "s"}, "spec": spec}

    def ap(mgr: str, obj: Any, force: bool = False, sub: str = "", q: str = "") -> None:
        query = f"?fieldManager={mgr}" + ("&force=true" if force else "") + q
        r("PATCH", w + "/s" + sub + query, obj, SSA)

    ap(
        "m1",
        A(size=1, items=[{"name": "a", "v": "1"}, {"name": "b", "v": "2"}], tags=["x", "y"], m={"k": "v"}),
    )
    ap(
        "m1",
        A(size=1, items=[{"name": "a", "v": "1"}, {"name": "b", "v": "2"}], tags=["x", "y"], m={"k": "v"}),
    )
    ap("m2", A(items=[{"name": "c", "v": "3"}, {"name": "a", "v": "1"}], tags=["z", "x"], m={"j": "v"}))
    ap("m2", A(items=[{"name": "c", "v": "3"}, {"name": "a", "v": "9"}]))
    ap("m2", A(items=[{"name": "c", "v": "3"}, {"name": "a", "v": "9"}]), force=True)
    ap("m1", A(size=1, items=[{"name": "b", "v": "2"}], tags=["y"]))
    ap("m2", A(items=[]))
    ap("m2", A())
    ap("m1", A(size=2))
    ap("m1", {**A(), "spec": None})
    ap("m1", A(size="a"))
    ap("m1", A(foo=1))
    ap("m1", A(foo=1), q="&fieldValidation=Strict")
    ap("m1", A(items=[{"name": "a"}, {"name": "a"}]))
    ap("m1", A(items=[{"v": "a"}]))
    ap("m1", A(tags=["a", "a"]))
    ap("m1", A(tags="a"))
    ap("m1", A(m={"k": 5}))
    ap("st", {**A(size=7), "status": {"ready": True, "size": 2}}, sub="/status")
    ap("st", {**A(size=7), "status": {"size": 2}}, sub="/status")
    ap("st2", {**A(), "status": {"size": 3}}, sub="/status")
    ap("m1", {**A(size=3), "status": {"ready": True}})
    ap(
        "m3",
        {
            **A(size=3),
            "metadata": {
                "name": "s",
                "labels": {"a": "b"},
                "annotations": {"x": "y"},
                "finalizers": ["a.b/c"],
                "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "x", "uid": "u1"}],
            },
        },
        force=True,
    )
    ap("m3", {**A(size=3), "metadata": {"name": "s", "labels": {"a": "b"}}})
    r("PATCH", w + "/s?fieldManager=kubectl-edit", {"spec": {"size": 10}}, MERGE)
    ap("m1", A(size=3))
    ap("m1", A(size=3), force=True)
    r("GET", w + "/s")
    r("PATCH", w + "/new?fieldManager=m", {**A(size=1), "metadata": {"name": "new"}}, SSA)
    r(
        "PATCH",
        w + "/new/status?fieldManager=m",
        {**A(size=1), "metadata": {"name": "new"}, "status": {"ready": True}},
        SSA,
    )
    r(
        "PATCH",
        w + "/nope/status?fieldManager=m",
        {**A(size=1), "metadata": {"name": "nope"}, "status": {"ready": True}},
        SSA,
    )
    r("GET", w)
    r("GET", w + "?limit=2")
    T = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    r("GET", w, accept=T)
    r("GET", w + "/w1", accept=T)
    P = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
    r("GET", w, accept=P)
    r("GET", w + "/w1", accept="application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io")
    r("GET", w + "?fieldSelector=spec.size%3D1")
    r("GET", w + "?fieldSelector=metadata.name%3Dw1")
    r("DELETE", w + "/w1")
    r("DELETE", w + "/s?propagationPolicy=Background")
    r("PATCH", w + "/s", {"metadata": {"finalizers": None}}, MERGE)
    r("GET", w + "/s")
    r("DELETE", w)
    r("DELETE", C + "/widgets." + G)


def workload_requests(r: Send, ns: str, definition: Any = None) -> None:
    """Built-in kinds with defaults, validation, strategic patches and tables of their own."""
    b = f"/api/v1/namespaces/{ns}"
    a = f"/apis/apps/v1/namespaces/{ns}"
    bt = f"/apis/batch/v1/namespaces/{ns}"
    r("POST", "/api/v1/namespaces", {"metadata": {"name": ns}})

    def pt(**kw: Any) -> dict[str, Any]:
        return {
            "metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "c", "image": "nginx:1", **kw}]},
        }

    sel = {"matchLabels": {"a": "b"}}
    D: dict[str, Any] = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d1"},
        "spec": {"selector": sel, "template": pt()},
    }
    r("POST", a + "/deployments", D)
    r(
        "POST",
        a + "/deployments",
        {
            **D,
            "metadata": {"name": "d2"},
            "spec": {
                "replicas": 0,
                "selector": sel,
                "template": {
                    "metadata": {"labels": {"a": "b"}},
                    "spec": {
                        "containers": [
                            {
                                "name": "c",
                                "image": "nginx",
                                "command": [],
                                "ports": [{"containerPort": 80, "name": "http"}],
                                "env": [
                                    {"name": "X", "value": "1"},
                                    {"name": "Y", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                                ],
                                "resources": {"limits": {"cpu": "100m", "memory": "64Mi"}},
                                "livenessProbe": {"httpGet": {"port": 80}},
                                "volumeMounts": [{"name": "v", "mountPath": "/v"}],
                                "securityContext": {"runAsNonRoot": True},
                            }
                        ],
                        "volumes": [
                            {"name": "v"},
                            {"name": "w", "configMap": {"name": "cm"}},
                            {"name": "s", "secret": {"secretName": "s"}},
                        ],
                        "serviceAccountName": "sa",
                        "initContainers": [{"name": "i", "image": "x@sha256:abc"}],
                    },
                },
            },
        },
    )
    for spec in [
        {},
        {"selector": sel},
        {"selector": sel, "template": {"spec": {}}},
        {
            "selector": sel,
            "template": {
                "metadata": {"labels": {"x": "y"}},
                "spec": {"containers": [{"name": "c", "image": "x"}]},
            },
        },
        {"selector": sel, "template": pt(), "replicas": -1},
        {"selector": sel, "template": pt(), "replicas": "x"},
        {"selector": sel, "template": pt(image="")},
        {"selector": sel, "template": pt(name="C_")},
        {"selector": sel, "template": pt(ports=[{"containerPort": 0}])},
        {"selector": sel, "template": pt(ports=[{"containerPort": 70000}])},
        {"selector": sel, "template": pt(volumeMounts=[{"name": "z", "mountPath": "/z"}])},
        {"selector": sel, "template": pt(foo=1)},
        {"selector": sel, "template": pt(resources={"limits": {"cpu": "abc"}})},
        {"selector": {}, "template": pt()},
        {"selector": sel, "template": pt(imagePullPolicy="Foo")},
        {"selector": sel, "template": pt(), "strategy": {"type": "Foo"}},
        {
            "selector": sel,
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]},
            },
        },
    ]:
        r("POST", a + "/deployments", {**D, "metadata": {"name": "bad"}, "spec": spec})
    r("PATCH", a + "/deployments/d1", {"spec": {"replicas": 3}}, SMP)
    r(
        "PATCH",
        a + "/deployments/d1",
        {
            "spec": {
                "template": {
                    "spec": {"containers": [{"name": "c", "image": "n:2"}, {"name": "side", "image": "s"}]}
                }
            }
        },
        SMP,
    )
    r(
        "PATCH",
        a + "/deployments/d1",
        {"spec": {"template": {"spec": {"containers": [{"name": "side", "$patch": "delete"}]}}}},
        SMP,
    )
    r(
        "PATCH",
        a + "/deployments/d1",
        {
            "spec": {
                "template": {
                    "spec": {
                        "$setElementOrder/containers": [{"name": "new"}, {"name": "c"}],
                        "containers": [{"name": "new", "image": "s"}],
                    }
                }
            }
        },
        SMP,
    )
    r(
        "PATCH",
        a + "/deployments/d1",
        {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
        SMP,
    )
    r("PATCH", a + "/deployments/d1", {"spec": {"template": {"spec": {"containers": [{"image": "s"}]}}}}, SMP)
    r("PATCH", a + "/deployments/d1", {"spec": {"selector": {"matchLabels": {"z": "z"}}}}, SMP)
    r("PATCH", a + "/deployments/d1", {"metadata": {"finalizers": ["a/b"]}}, SMP)
    r("PATCH", a + "/deployments/d1", {"metadata": {"finalizers": ["c/d"]}}, SMP)
    r(
        "PATCH",
        a + "/deployments/d1",
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a/b", "c/d"]}},
        SMP,
    )
    r(
        "PATCH",
        a + "/deployments/d1/status",
        {
            "status": {
                "readyReplicas": 1,
                "replicas": 1,
                "conditions": [{"type": "Available", "status": "True"}],
            }
        },
        SMP,
    )
    r(
        "PATCH",
        a + "/deployments/d1/status",
        {"status": {"conditions": [{"type": "Progressing", "status": "True"}]}},
        SMP,
    )
    r("PATCH", a + "/deployments/d1", {"status": {"readyReplicas": 5}}, MERGE)
    r("GET", a + "/deployments/d1/scale")
    r("PATCH", a + "/deployments/d1/scale", {"spec": {"replicas": 7}}, MERGE)
    r("PATCH", a + "/deployments/d1/scale", {"spec": {"replicas": -7}}, MERGE)
    r("GET", a + "/deployments/d1")

    def ad(mgr: str, spec: Any, force: bool = False) -> None:
        path = a + f"/deployments/ssa?fieldManager={mgr}" + ("&force=true" if force else "")
        r("PATCH", path, {**D, "metadata": {"name": "ssa"}, "spec": spec}, SSA)

    ad("m1", {"selector": sel, "template": pt(ports=[{"containerPort": 80}])})
    ad(
        "m2",
        {
            "replicas": 3,
            "selector": sel,
            "template": pt(
                ports=[{"containerPort": 80, "protocol": "UDP"}], env=[{"name": "A", "value": "1"}]
            ),
        },
    )
    ad("m1", {"selector": sel, "template": pt(image="z")})
    ad("m1", {"selector": sel, "template": pt(image="z")}, True)
    ad("m3", {"replicas": 5, "selector": sel, "template": pt(image="z")})
    ad("m1", {"selector": sel, "template": pt(image="z", foo=1)}, True)
    ad("m1", {"selector": sel, "template": pt(image="z", env=[{"name": "A"}, {"name": "A"}])}, True)
    r(
        "POST",
        a + "/statefulsets",
        {
            "metadata": {"name": "s1"},
            "spec": {
                "serviceName": "x",
                "selector": sel,
                "template": pt(),
                "volumeClaimTemplates": [
                    {
                        "metadata": {"name": "data"},
                        "spec": {
                            "accessModes": ["ReadWriteOnce"],
                            "resources": {"requests": {"storage": "1Gi"}},
                        },
                    }
                ],
            },
        },
    )
    r("POST", a + "/daemonsets", {"metadata": {"name": "s1"}, "spec": {"selector": sel, "template": pt()}})
    r("POST", a + "/replicasets", {"metadata": {"name": "s1"}, "spec": {"selector": sel, "template": pt()}})
    r(
        "POST",
        bt + "/jobs",
        {
            "metadata": {"name": "j1"},
            "spec": {
                "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}}
            },
        },
    )
    r(
        "POST",
        bt + "/jobs",
        {
            "metadata": {"name": "j2"},
            "spec": {"template": {"spec": {"containers": [{"name": "c", "image": "x"}]}}},
        },
    )
    r(
        "POST",
        bt + "/cronjobs",
        {
            "metadata": {"name": "j1"},
            "spec": {
                "schedule": "* * * * *",
                "jobTemplate": {
                    "spec": {
                        "template": {
                            "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                        }
                    }
                },
            },
        },
    )
    r(
        "POST",
        b + "/pods",
        {"metadata": {"name": "p1"}, "spec": {"containers": [{"name": "c", "image": "x"}]}},
    )
    r(
        "POST",
        b + "/services",
        {"metadata": {"name": "svc"}, "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]}},
    )
    r(
        "POST",
        b + "/services",
        {
            "metadata": {"name": "hl"},
            "spec": {"clusterIP": "None", "selector": {"a": "b"}, "ports": [{"port": 80}]},
        },
    )
    r("POST", b + "/services", {"metadata": {"name": "bad"}, "spec": {"selector": {"a": "b"}}})
    r("POST", b + "/services", {"metadata": {"name": "bad"}, "spec": {"ports": [{"port": 80}, {"port": 81}]}})
    r("POST", b + "/secrets", {"metadata": {"name": "s"}, "stringData": {"a": "b"}, "data": {"c": "ZA=="}})
    r("POST", b + "/secrets", {"metadata": {"name": "s2"}, "data": {"c": "!!"}})
    r("PATCH", b + "/secrets/s", {"type": "x"}, MERGE)
    r("PATCH", b + "/secrets/s", {"stringData": {"a": "zz"}}, MERGE)
    r("POST", b + "/configmaps", {"metadata": {"name": "im"}, "immutable": True, "data": {"a": "b"}})
    r("PATCH", b + "/configmaps/im", {"data": {"a": "c"}}, MERGE)
    r("POST", b + "/serviceaccounts", {"metadata": {"name": "sa"}})
    r(
        "POST",
        b + "/persistentvolumeclaims",
        {
            "metadata": {"name": "pvc"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        },
    )
    R = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}"
    r(
        "POST",
        R + "/roles",
        {"metadata": {"name": "r"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
    )
    r(
        "POST",
        R + "/rolebindings",
        {
            "metadata": {"name": "r"},
            "roleRef": {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"},
            "subjects": [{"kind": "ServiceAccount", "name": "sa"}],
        },
    )
    r("PATCH", R + "/rolebindings/r", {"roleRef": {"name": "q"}}, MERGE)
    r(
        "POST",
        f"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
        {
            "metadata": {"name": "l"},
            "spec": {
                "holderIdentity": "x",
                "leaseDurationSeconds": 15,
                "acquireTime": "2026-01-01T00:00:00.000000Z",
                "renewTime": "2026-01-01T00:00:00.000000Z",
            },
        },
    )
    r(
        "POST",
        f"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
        {"metadata": {"name": "l2"}, "spec": {"renewTime": "x"}},
    )
    r(
        "POST",
        b + "/events",
        {
            "metadata": {"name": "e"},
            "involvedObject": {"kind": "Pod", "name": "p", "namespace": ns},
            "reason": "R",
            "message": "m",
            "type": "Normal",
            "count": 1,
            "firstTimestamp": "2026-01-01T00:00:00Z",
            "lastTimestamp": "2026-01-01T00:00:00Z",
            "source": {"component": "x"},
        },
    )
    EV = f"/apis/events.k8s.io/v1/namespaces/{ns}/events"
    r(
        "POST",
        EV,
        {
            "metadata": {"name": "e2"},
            "regarding": {"kind": "Pod", "name": "p", "namespace": ns},
            "reason": "R",
            "note": "m",
            "type": "Normal",
            "eventTime": "2026-01-01T00:00:00.000000Z",
            "reportingController": "a.b/c",
            "reportingInstance": "i",
            "action": "A",
        },
    )
    r("GET", EV + "/e")
    r("GET", b + "/events/e2")
    r("GET", EV)
    r("GET", b + "/events?fieldSelector=involvedObject.name%3Dp")
    r(
        "POST",
        f"/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
        {
            "metadata": {"name": "i"},
            "spec": {
                "rules": [
                    {
                        "host": "a.b",
                        "http": {
                            "paths": [
                                {
                                    "path": "/",
                                    "pathType": "Prefix",
                                    "backend": {"service": {"name": "x", "port": {"number": 80}}},
                                }
                            ]
                        },
                    }
                ]
            },
        },
    )
    r(
        "POST",
        f"/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies",
        {"metadata": {"name": "i"}, "spec": {"podSelector": {}}},
    )
    r(
        "POST",
        f"/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
        {"metadata": {"name": "i"}, "spec": {"minAvailable": 1, "selector": sel}},
    )
    r(
        "POST",
        f"/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
        {
            "metadata": {"name": "i"},
            "spec": {
                "maxReplicas": 3,
                "scaleTargetRef": {"kind": "Deployment", "name": "d1", "apiVersion": "apps/v1"},
            },
        },
    )
    T = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    for p in (
        a + "/deployments",
        a + "/statefulsets",
        a + "/daemonsets",
        a + "/replicasets",
        bt + "/jobs",
        bt + "/cronjobs",
        b + "/pods",
        b + "/services",
        b + "/secrets",
        b + "/configmaps",
        b + "/serviceaccounts",
        b + "/persistentvolumeclaims",
        R + "/roles",
        R + "/rolebindings",
        b + "/events",
        f"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
        f"/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
        f"/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies",
        f"/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
        f"/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
        "/api/v1/namespaces/" + ns,
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?limit=1&labelSelector=zz",
    ):
        r("GET", p, accept=T)
    r("GET", a + "/deployments?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dd1")
    r(
        "GET",
        a
        + "/deployments?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
        + "&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dd1",
    )
    r("GET", b + "/configmaps?watch=1&timeoutSeconds=1&resourceVersion=1")
    r("DELETE", b + "/pods/p1?gracePeriodSeconds=0")
    r("DELETE", b + "/services/svc")
    r("DELETE", a + "/deployments/d1")
    r("DELETE", a + "/deployments/d2?propagationPolicy=Foreground")
    r("DELETE", bt + "/jobs/j1")
    r("DELETE", b + "/secrets/s")
    r(
        "POST",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}},
    )
    r("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    r("DELETE", f"/api/v1/namespaces/{ns}")
    r("POST", b + "/configmaps", {"metadata": {"name": "late"}})
