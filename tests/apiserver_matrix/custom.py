"""Custom resources: namespaced and cluster-scoped, several versions, all subresources and patches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apiserver_matrix.request import (
    JSON_PATCH,
    MERGE,
    PARTIAL,
    PARTIAL_LIST,
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

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SPEC: dict[str, Any] = {
    "type": "object",
    "required": ["size"],
    "x-kubernetes-validations": [
        {"rule": "!has(self.max) || self.size <= self.max", "message": "size over max"}
    ],
    "properties": {
        "size": {"type": "integer", "minimum": 0, "maximum": 100},
        "max": {"type": "integer"},
        "mode": {"type": "string", "enum": ["Fast", "Safe"], "default": "Safe"},
        "fixed": {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "is immutable"}],
        },
        "when": {"type": "string", "format": "date-time"},
        "port": {"x-kubernetes-int-or-string": True},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "maybe": {"type": "string", "nullable": True},
        "parts": {
            "type": "array",
            "maxItems": 5,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "n": {"type": "integer", "default": 1},
                },
            },
        },
        "tags": {
            "type": "array",
            "x-kubernetes-list-type": "set",
            "items": {"type": "string", "pattern": "^[a-z]+$"},
        },
        "atoms": {"type": "array", "x-kubernetes-list-type": "atomic", "items": {"type": "integer"}},
        "labels": {
            "type": "object",
            "maxProperties": 3,
            "additionalProperties": {"type": "string", "maxLength": 5},
        },
    },
}


def definition(group: str, *, namespaced: bool) -> dict[str, Any]:
    """A CRD with a storage version and an older one, with status, scale, columns and selectable fields."""
    kind, plural = ("Gadget", "gadgets") if namespaced else ("Planet", "planets")
    schema = {
        "type": "object",
        "required": ["spec"],
        "properties": {
            "spec": SPEC,
            "status": {
                "type": "object",
                "properties": {"size": {"type": "integer"}, "phase": {"type": "string"}},
            },
        },
    }
    base = {
        "served": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {
            "status": {},
            "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"},
        },
        "selectableFields": [{"jsonPath": ".spec.mode"}, {"jsonPath": ".spec.size"}],
        "additionalPrinterColumns": [
            {"name": "Size", "type": "integer", "jsonPath": ".spec.size", "description": "How big"},
            {"name": "Mode", "type": "string", "jsonPath": ".spec.mode"},
            {"name": "Parts", "type": "string", "jsonPath": ".spec.parts[*].name", "priority": 1},
            {"name": "Phase", "type": "string", "jsonPath": ".status.phase"},
        ],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced" if namespaced else "Cluster",
            "names": {"plural": plural, "kind": kind, "shortNames": [plural[:2]], "categories": ["all"]},
            "versions": [
                {"name": "v1", "storage": True, **base},
                {"name": "v1beta1", "storage": False, "deprecated": True, **base},
            ],
        },
    }


def custom(namespace: str) -> Iterator[Request]:
    """Both scopes."""
    yield post("/api/v1/namespaces", {"metadata": {"name": namespace}})
    for scoped in (True, False):
        group = f"{'n' if scoped else 'c'}{namespace}.example.com"
        crd = definition(group, namespaced=scoped)
        plural = crd["spec"]["names"]["plural"]
        yield from _definition(crd, group)
        place = f"/namespaces/{namespace}" if scoped else ""
        yield from _objects(group, crd["spec"]["names"]["kind"], f"/apis/{group}/v1{place}/{plural}")
        yield from _versions(group, crd["spec"]["names"]["kind"], f"/apis/{group}", f"{place}/{plural}")
        yield delete(f"{DEFINITIONS}/{plural}.{group}")


def _definition(crd: dict[str, Any], group: str) -> Iterator[Request]:
    name = crd["metadata"]["name"]
    yield post(f"{DEFINITIONS}?dryRun=All", crd)
    yield post(DEFINITIONS, {**crd, "metadata": {"name": "wrong.example.com"}})
    yield post(DEFINITIONS, {**crd, "spec": {**crd["spec"], "versions": []}})
    yield post(DEFINITIONS, {**crd, "spec": {**crd["spec"], "scope": "Wrong"}})
    yield post(DEFINITIONS, crd)
    yield post(DEFINITIONS, crd)
    yield Request("GET", f"{DEFINITIONS}/{name}", wait=3.0)
    yield get(f"/apis/{group}")
    yield get(f"/apis/{group}/v1")
    yield get(f"/apis/{group}/v1beta1")
    yield get(f"/apis/{group}/v9")
    yield patch(f"{DEFINITIONS}/{name}", {"spec": {"scope": "Cluster", "group": "x.example.com"}})
    yield patch(f"{DEFINITIONS}/{name}", {"metadata": {"labels": {"a": "b"}}})
    yield patch(f"{DEFINITIONS}/{name}/status", {"status": {"storedVersions": []}})
    yield get(f"{DEFINITIONS}/{name}", PARTIAL)
    yield get(f"{DEFINITIONS}?fieldSelector=metadata.name%3D{name}", TABLE)


WRONG: tuple[dict[str, Any], ...] = (
    {},
    {"size": -1},
    {"size": 101},
    {"size": "1"},
    {"size": 1.5},
    {"size": None},
    {"size": 5, "max": 4},
    {"size": 1, "mode": "Slow"},
    {"size": 1, "when": "yesterday"},
    {"size": 1, "port": True},
    {"size": 1, "parts": [{"n": 1}]},
    {"size": 1, "parts": [{"name": ""}]},
    {"size": 1, "parts": [{"name": "a"}, {"name": "a"}]},
    {"size": 1, "parts": [{"name": str(n)} for n in range(6)]},
    {"size": 1, "tags": ["a", "a", "B"]},
    {"size": 1, "tags": "a"},
    {"size": 1, "labels": {"a": "toolong"}},
    {"size": 1, "labels": {"a": "1", "b": "2", "c": "3", "d": "4"}},
    {"size": 1, "labels": {"a": None}},
    {"size": 1, "free": 5},
    {"size": -1, "mode": "Slow", "when": "x", "parts": {}, "tags": [1]},
)
RIGHT: tuple[dict[str, Any], ...] = (
    {"size": 1},
    {"size": 2.0},
    {"size": 3, "max": 3, "mode": None, "maybe": None, "port": "http", "unknown": {"a": 1}},
    {"size": 4, "free": {"x": [1, {"y": None}]}, "port": 8080, "when": "2026-01-01T00:00:00+02:00"},
    {"size": 5, "parts": [{"name": "a"}, {"name": "b", "n": 2, "unknown": 1}], "tags": ["a", "b"]},
    {"size": 6, "fixed": "x", "atoms": [1, 1], "labels": {"a": "b"}},
)


def _objects(group: str, kind: str, path: str) -> Iterator[Request]:
    def made(name: str, spec: dict[str, Any], **more: Any) -> dict[str, Any]:
        head = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": name}}
        return {**head, "spec": spec, **more}

    for spec in WRONG:
        yield post(path, made("wrong", spec))
    for number, spec in enumerate(RIGHT):
        yield post(path, made(f"r{number}", spec, status={"size": 1}))
    for level in ("Strict", "Warn", "Ignore"):
        yield post(f"{path}?fieldValidation={level}", made(f"f{level.lower()}", {"size": 1, "x": 1}, y=2))
    yield get(path)
    yield get(path, TABLE)
    yield get(f"{path}/r4", TABLE)
    yield get(path, PARTIAL_LIST)
    yield get(f"{path}/r1", PARTIAL)
    for selector in (
        "spec.mode=Safe",
        "spec.size=2",
        "spec.size!=2,metadata.name=r4",
        "spec.max=3",
        "status.size=1",
    ):
        yield get(f"{path}?fieldSelector={selector.replace('=', '%3D').replace('!', '%21')}")
    yield from _patches(path, made)
    yield from _applied(path, made)
    yield from _subresources(path, made)
    yield from _deleted(path)


def _patches(path: str, made: Any) -> Iterator[Request]:
    one = f"{path}/r5"
    yield patch(one, {"spec": {"size": 7}})
    yield patch(one, {"spec": {"size": 7}})
    yield patch(one, {"spec": {"size": None}})
    yield patch(one, {"spec": {"fixed": "y"}})
    yield patch(one, {"spec": {"fixed": None}})
    yield patch(one, {"spec": {"labels": {"a": None, "c": "d"}}})
    yield patch(one, {"spec": None})
    yield patch(one, {"spec": {"size": 7}}, STRATEGIC)
    yield patch(one, [{"op": "replace", "path": "/spec/size", "value": 8}], JSON_PATCH)
    yield patch(one, [{"op": "add", "path": "/spec/tags", "value": ["b", "a"]}], JSON_PATCH)
    yield patch(one, [{"op": "add", "path": "/spec/tags/-", "value": "a"}], JSON_PATCH)
    yield patch(one, [{"op": "remove", "path": "/spec/none"}], JSON_PATCH)
    yield patch(one, [{"op": "test", "path": "/spec/size", "value": 9}], JSON_PATCH)
    yield patch(f"{one}?fieldValidation=Strict", {"spec": {"zzz": 1}})
    yield patch(f"{one}?fieldValidation=Ignore", {"spec": {"zzz": 1}})
    yield patch(one, {"kind": "Other"})
    yield patch(one, {"apiVersion": "x/v1"})
    yield patch(one, {"metadata": {"name": "other"}})
    yield patch(one, {"metadata": {"resourceVersion": "1"}})
    yield patch(one, {"metadata": {"generation": 99, "creationTimestamp": None, "managedFields": []}})
    yield get(one)
    yield put(one, made("r5", {"size": 9, "fixed": "x"}))
    yield put(f"{path}/r9", made("r9", {"size": 9}))
    yield patch(f"{path}/r9", {"spec": {"size": 1}})
    yield patch(one, "{", MERGE)
    yield patch(one, "[1]", MERGE)
    yield patch(one, "{}", JSON_PATCH)


def _applied(path: str, made: Any) -> Iterator[Request]:
    one = f"{path}/a"

    def ap(manager: str, spec: dict[str, Any] | None, *, force: bool = False, query: str = "") -> Request:
        return apply(one, made("a", spec), manager, force=force, query=query)

    yield ap(
        "m1",
        {
            "size": 1,
            "parts": [{"name": "a", "n": 1}, {"name": "b"}],
            "tags": ["x", "y"],
            "labels": {"k": "v"},
        },
    )
    yield ap(
        "m1",
        {
            "size": 1,
            "parts": [{"name": "a", "n": 1}, {"name": "b"}],
            "tags": ["x", "y"],
            "labels": {"k": "v"},
        },
    )
    yield ap("m2", {"size": 2, "atoms": [1]})
    yield ap("m2", {"size": 1, "atoms": [1], "tags": ["z"], "parts": [{"name": "c"}], "labels": {"j": "w"}})
    yield ap("m2", {"size": 3, "atoms": [1, 2]}, force=True)
    yield ap("m1", {"size": 1})
    yield ap("m1", {"size": 1, "atoms": [3]})
    yield ap("m1", {"size": 3, "parts": []})
    yield ap("m3", {"size": 3, "free": {"x": {"y": [1, 2]}}})
    yield ap("m4", {"size": 3, "free": {"x": {"y": [1]}}})
    yield ap("m4", {"size": 3, "free": {"x": {"z": 1}}})
    yield ap("m3", {"size": 3})
    yield ap("m2", {})
    yield ap("m1", {"size": "x"})
    yield ap("m1", {"size": 3, "parts": [{"name": "a"}, {"name": "a"}]})
    yield ap("m1", {"size": 3, "parts": [{"n": 1}]})
    yield ap("m1", {"size": 3, "nope": 1}, query="&fieldValidation=Strict")
    yield ap("m1", {"size": 3, "nope": 1})
    yield ap("m1", {"size": 3, "mode": None})
    yield ap("m1", None)
    yield patch(f"{one}?fieldManager=hand", {"spec": {"size": 10, "parts": [{"name": "q"}]}})
    yield ap("m1", {"size": 3})
    yield ap("m1", {"size": 3}, force=True)
    yield put(f"{one}?fieldManager=putter", made("a", {"size": 4, "tags": ["p"]}))
    yield ap("m1", {"size": 4, "tags": ["p", "q"]})
    yield get(one)
    yield apply(f"{path}/b", made("b", {"size": 1}), "", force=True)
    yield apply(f"{path}/b", made("c", {"size": 1}))


def _subresources(path: str, made: Any) -> Iterator[Request]:
    one = f"{path}/r0"
    yield patch(f"{one}/status", {"status": {"size": 4, "phase": "Up"}, "spec": {"size": 50}})
    yield patch(f"{one}/status", {"status": {"size": "x"}})
    yield patch(f"{one}/status", {"status": None})
    yield put(f"{one}/status", made("r0", {"size": 60}, status={"size": 5}))
    yield apply(f"{one}/status", made("r0", {"size": 1}, status={"phase": "Down"}), "st")
    yield get(f"{one}/status")
    yield get(f"{one}/scale")
    yield patch(f"{one}/scale", {"spec": {"replicas": 12}})
    yield patch(f"{one}/scale", {"spec": {"replicas": 101}})
    yield patch(f"{one}/scale", {"spec": {"replicas": "x"}})
    yield put(f"{one}/scale", {"metadata": {"name": "r0"}, "spec": {"replicas": 3}})
    yield put(f"{one}/scale", {"metadata": {"name": "wrong"}, "spec": {"replicas": 3}})
    yield get(f"{path}/none/scale")
    yield get(f"{one}/nope")
    yield post(f"{one}/status", {})
    yield delete(f"{one}/status")
    yield get(one)


def _versions(group: str, kind: str, root: str, tail: str) -> Iterator[Request]:
    old, new = f"{root}/v1beta1{tail}", f"{root}/v1{tail}"
    body = {"apiVersion": f"{group}/v1beta1", "kind": kind, "metadata": {"name": "v"}, "spec": {"size": 1}}
    yield post(old, body)
    yield get(f"{new}/v")
    yield get(f"{old}/v")
    yield get(old)
    yield post(old, {**body, "apiVersion": f"{group}/v1"})
    yield post(new, {**body, "metadata": {"name": "v2"}})
    yield patch(f"{old}/v?fieldManager=old", {"spec": {"size": 2}})
    yield apply(f"{old}/v", {**body, "spec": {"size": 3}}, "m1", force=True)
    yield apply(f"{new}/v", {**body, "apiVersion": f"{group}/v1", "spec": {"size": 4}}, "m1")
    yield get(f"{root}/v9{tail}")
    yield delete(f"{old}/v")


def _deleted(path: str) -> Iterator[Request]:
    one = f"{path}/r2"
    yield patch(one, {"metadata": {"finalizers": ["no-slash"]}})
    yield patch(one, {"metadata": {"finalizers": ["example.com/a", "example.com/b"]}})
    yield delete(one, {"preconditions": {"resourceVersion": "1"}})
    yield delete(one)
    yield delete(one)
    yield patch(one, {"spec": {"size": 2}})
    yield patch(one, {"metadata": {"finalizers": ["example.com/a", "example.com/c"]}})
    yield patch(one, {"metadata": {"finalizers": ["example.com/a"]}})
    yield put(one, {"metadata": {"name": "r2"}})
    yield patch(one, {"metadata": {"finalizers": []}})
    yield get(one)
    yield delete(f"{path}/r3?propagationPolicy=Foreground")
    yield delete(f"{path}/r4?propagationPolicy=Orphan")
    yield delete(f"{path}/r1?propagationPolicy=Wrong")
    yield delete(f"{path}/r1?dryRun=All")
    yield delete(path)
    yield get(path)
