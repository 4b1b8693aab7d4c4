"""Random histories of a few objects: several clients create, update, patch, apply and delete; a seed is a history."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from apiserver_matrix.custom import definition
from apiserver_matrix.request import (
    APPLY,
    JSON_PATCH,
    MERGE,
    STRATEGIC,
    Request,
    apply,
    delete,
    get,
    patch,
    post,
    put,
)

GROUP = "history.example.com"
DEFINITION = definition(GROUP, namespaced=True)
CLIENTS = ("kubectl/v1.36", "operator/1", "helm/4", "hand/0")
NAMES = ("a", "b", "c")
FINALIZERS = ("example.com/x", "example.com/y")


class History:
    """One history in a namespace of its own; `random` decides everything."""

    def __init__(self, seed: int, namespace: str) -> None:
        self.random = random.Random(seed)
        self.namespace = namespace
        self.kind = self.random.choice(("gadgets", "configmaps", "deployments"))

    @property
    def collection(self) -> str:
        root = {
            "gadgets": f"/apis/{GROUP}/v1",
            "configmaps": "/api/v1",
            "deployments": "/apis/apps/v1",
        }[self.kind]
        return f"{root}/namespaces/{self.namespace}/{self.kind}"

    def requests(self, steps: int) -> Iterator[Request]:
        """The namespace, the first list, the steps, and what there is and happened in the end."""
        yield post("/api/v1/namespaces", {"metadata": {"name": self.namespace}})
        yield get(self.collection)
        for _ in range(steps):
            yield self.step()
        yield get(self.collection)
        yield get(f"{self.collection}?watch=1&resourceVersion={{first}}&timeoutSeconds=1")

    def step(self) -> Request:
        """One request."""
        weights = {
            self._create: 4,
            self._update: 3,
            self._merge: 5,
            self._json: 2,
            self._strategic: 2,
            self._apply: 8,
            self._delete: 2,
            self._hold: 1,
            self._release: 2,
        }
        return self.random.choices(list(weights), list(weights.values()))[0]()

    def _agent(self) -> str:
        return self.random.choice(CLIENTS)

    def _one(self) -> tuple[str, str]:
        name = self.random.choice(NAMES)
        return name, f"{self.collection}/{name}"

    def _create(self) -> Request:
        name, _ = self._one()
        return post(self.collection, self._object(name), agent=self._agent())

    def _update(self) -> Request:
        name, one = self._one()
        obj = self._object(name)
        if self.kind == "gadgets" or self.random.random() < 0.3:
            obj["metadata"]["resourceVersion"] = "{rv}"
        return put(one, obj, agent=self._agent())

    def _merge(self) -> Request:
        _, one = self._one()
        return patch(one, self._change(), MERGE, agent=self._agent())

    def _strategic(self) -> Request:
        _, one = self._one()
        kind = STRATEGIC if self.kind != "gadgets" else MERGE
        return patch(one, self._change(), kind, agent=self._agent())

    def _json(self) -> Request:
        _, one = self._one()
        path = {"gadgets": "/spec/size", "configmaps": "/data/a", "deployments": "/spec/replicas"}[self.kind]
        value: Any = self.random.randrange(9) if self.kind != "configmaps" else self._word()
        operation = self.random.choice(("add", "replace", "remove"))
        step = (
            {"op": operation, "path": path}
            if operation == "remove"
            else {"op": operation, "path": path, "value": value}
        )
        return patch(one, [step], JSON_PATCH, agent=self._agent())

    def _apply(self) -> Request:
        name, one = self._one()
        manager = self.random.choice(("m1", "m2", "m3"))
        request = apply(one, self._object(name, partial=True), manager, force=self.random.random() < 0.4)
        assert request.content_type == APPLY
        return request

    def _delete(self) -> Request:
        _, one = self._one()
        return delete(f"{one}?propagationPolicy={self.random.choice(('Background', 'Foreground', 'Orphan'))}")

    def _hold(self) -> Request:
        _, one = self._one()
        held = self.random.sample(FINALIZERS, self.random.randint(1, 2))
        return patch(one, {"metadata": {"finalizers": held}}, MERGE, agent=self._agent())

    def _release(self) -> Request:
        _, one = self._one()
        return patch(one, {"metadata": {"finalizers": None}}, MERGE, agent=self._agent())

    def _word(self) -> str:
        return self.random.choice(("x", "y", "z"))

    def _change(self) -> dict[str, Any]:
        metadata: dict[str, Any] = {}
        if self.random.random() < 0.4:
            metadata["labels"] = {self._word(): self.random.choice(("1", "2", None))}
        if self.random.random() < 0.3:
            metadata["annotations"] = {self._word(): self.random.choice(("1", None))}
        body = self._body(partial=True)
        return {"metadata": metadata, **body} if metadata else body

    def _object(self, name: str, *, partial: bool = False) -> dict[str, Any]:
        api, kind = {
            "gadgets": (f"{GROUP}/v1", "Gadget"),
            "configmaps": ("v1", "ConfigMap"),
            "deployments": ("apps/v1", "Deployment"),
        }[self.kind]
        metadata: dict[str, Any] = {"name": name}
        if self.random.random() < 0.5:
            metadata["labels"] = {self._word(): self.random.choice("12") for _ in range(2)}
        return {"apiVersion": api, "kind": kind, "metadata": metadata, **self._body(partial=partial)}

    def _body(self, *, partial: bool) -> dict[str, Any]:
        match self.kind:
            case "configmaps":
                return {"data": {self._word(): self._word() for _ in range(self.random.randint(0, 3))}}
            case "gadgets":
                return {"spec": self._gadget()}
            case _:
                return {"spec": self._deployment()}

    def _gadget(self) -> dict[str, Any]:
        spec: dict[str, Any] = {"size": self.random.randrange(5)}
        parts: dict[str, Any] = {
            "max": self.random.randrange(3, 6),
            "mode": self.random.choice(("Fast", "Safe")),
            "parts": [{"name": n, "n": self.random.randrange(3)} for n in self.random.sample("pqr", 2)],
            "tags": self.random.sample(("t", "u", "v"), self.random.randint(1, 3)),
            "atoms": [self.random.randrange(3)],
            "labels": {self._word(): self._word()},
            "free": {self._word(): [self._word()]},
        }
        for name, value in parts.items():
            if self.random.random() < 0.3:
                spec[name] = value
        return spec

    def _deployment(self) -> dict[str, Any]:
        container: dict[str, Any] = {"name": "c", "image": f"c:{self.random.randrange(3)}"}
        if self.random.random() < 0.4:
            container["env"] = [{"name": n, "value": self._word()} for n in self.random.sample("ABC", 2)]
        if self.random.random() < 0.3:
            container["ports"] = [{"containerPort": self.random.choice((80, 81))}]
        containers = [container]
        if self.random.random() < 0.2:
            containers.append({"name": "side", "image": "s:1"})
        template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": containers}}
        spec: dict[str, Any] = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
        if self.random.random() < 0.5:
            spec["replicas"] = self.random.randrange(4)
        return spec
