"""Every verb on every kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apiserver_matrix.kinds import KINDS, Kind
from apiserver_matrix.request import (
    JSON_PATCH,
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


def namespaced(namespace: str) -> Iterator[Request]:
    """Kinds that live in a namespace."""
    yield post("/api/v1/namespaces", {"metadata": {"name": namespace}})
    for kind in KINDS:
        if kind.namespaced:
            yield from _verbs(kind, kind.path(namespace), f"x-{kind.api.split('/')[-1]}")


def cluster(namespace: str) -> Iterator[Request]:
    """Kinds that don't; their objects carry the namespace's name to be found again."""
    for kind in KINDS:
        if not kind.namespaced:
            yield from _verbs(kind, kind.path(namespace), f"{namespace}-{kind.plural[:8]}")


def _verbs(kind: Kind, path: str, name: str) -> Iterator[Request]:
    mine = {"suite": name}
    selector = f"labelSelector=suite%3D{name}"
    whole = kind.object(name, labels=mine)
    one = f"{path}/{name}"
    yield post(f"{path}?dryRun=All", whole)
    yield post(path, whole)
    yield post(path, whole)
    yield post(path, {**whole, "metadata": {"name": "Not Valid", "labels": mine}})
    yield post(f"{path}?fieldValidation=Strict", {**whole, "nope": 1})
    yield get(one)
    yield get(f"{path}/none-such")
    yield get(f"{path}?{selector}")
    yield get(f"{path}?{selector}", TABLE)
    yield get(one, PARTIAL)
    yield get(f"{path}?{selector}", PARTIAL_LIST)
    yield patch(one, kind.change)
    yield patch(one, {"metadata": {"labels": {"more": "x"}}}, STRATEGIC)
    yield patch(one, [{"op": "add", "path": "/metadata/annotations", "value": {"q": "r"}}], JSON_PATCH)
    yield patch(f"{one}?dryRun=All", {"metadata": {"labels": {"dry": "x"}}})
    yield put(one, _with(whole, resourceVersion="1"))
    yield put(one, _with(whole, annotations={"p": "u"}))
    yield apply(one, {**whole, "metadata": {"name": name, "labels": {"applied": "1"}}}, "m1")
    yield apply(one, {**whole, "metadata": {"name": name, "labels": {"applied": "2"}}}, "m2")
    yield apply(one, {**whole, "metadata": {"name": name, "labels": {"applied": "2"}}}, "m2", force=True)
    yield apply(f"{path}/{name}-new", {**whole, "metadata": {"name": f"{name}-new", "labels": mine}})
    if kind.status is not None:
        yield patch(f"{one}/status", {"status": kind.status})
        yield get(f"{one}/status")
        yield patch(one, {"status": None})
    yield get(one)
    yield delete(f"{one}?dryRun=All")
    yield delete(one, {"preconditions": {"uid": "other"}})
    yield patch(one, {"metadata": {"finalizers": ["a.example.com/f"]}})
    yield delete(f"{one}?gracePeriodSeconds=0")
    yield get(one)
    yield patch(one, {"metadata": {"finalizers": None}})
    yield get(one)
    if kind.plural not in ("namespaces", "services"):
        yield delete(f"{path}?{selector}&gracePeriodSeconds=0")
    yield get(f"{path}?{selector}")


def _with(whole: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {**whole, "metadata": {**whole["metadata"], **metadata}}
