"""What the tables about admission policies share: policies for one namespace, and the requests that try them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apiserver_matrix.request import Request, delete, post

GROUP = "/apis/admissionregistration.k8s.io/v1"
SEEN = 1.4
"""Seconds after which the real server has seen new policies: it looks once a second."""


def rule_of(group: str, version: str, resource: str, *operations: str) -> dict[str, Any]:
    """A rule for one resource; creations and updates, where nothing else is said."""
    return {
        "apiGroups": [group],
        "apiVersions": [version],
        "resources": [resource],
        "operations": list(operations or ("CREATE", "UPDATE")),
    }


CONFIG_MAPS = rule_of("", "v1", "configmaps", "*")
WRITES = rule_of("", "v1", "configmaps")


def path_of(kind: str, *, bindings: bool = False) -> str:
    """Where policies or bindings of a kind are."""
    return f"{GROUP}/{kind}admissionpolic{'ybindings' if bindings else 'ies'}"


class Policies:
    """Policies for one namespace, under names that only it has."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    def constraints(self, **more: Any) -> dict[str, Any]:
        """Match the ConfigMaps of the namespace."""
        here = {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}}
        return {"resourceRules": [WRITES], "namespaceSelector": here, **more}

    def use(
        self, kind: str, spec: dict[str, Any], *, name: str = "p", constraints: Any = None, **binding: Any
    ) -> Iterator[Request]:
        """A policy with its binding."""
        name = f"{self.namespace}-{name}"
        bound = {"policyName": name, **binding}
        if kind == "validating":
            bound = {"validationActions": ["Deny"], **bound}
        whole = {"matchConstraints": constraints or self.constraints(), **spec}
        if kind == "mutating":
            whole = {"reinvocationPolicy": "Never", **whole}
        labels = {"of": self.namespace}
        yield post(path_of(kind), {"metadata": {"name": name, "labels": labels}, "spec": whole})
        yield post(
            path_of(kind, bindings=True), {"metadata": {"name": f"{name}-b", "labels": labels}, "spec": bound}
        )

    def drop(self, kind: str = "validating") -> Iterator[Request]:
        """Forget all policies of that kind."""
        for bindings in (True, False):
            yield delete(f"{path_of(kind, bindings=bindings)}?labelSelector=of%3D{self.namespace}")

    def picked(self, label: str, **more: Any) -> dict[str, Any]:
        """Match the ConfigMaps of the namespace that have this label."""
        return self.constraints(objectSelector={"matchLabels": {"pick": label}}, **more)

    def trials(self, *labels: str, **more: Any) -> Iterator[Request]:
        """A dry run for each label, after the time that the real server needs."""
        for number, label in enumerate(labels):
            request = trial(self.maps(), config_map("x", labels={"pick": label}, **more))
            yield request if number else waited(request)

    def maps(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/configmaps"


def config_map(name: str, data: dict[str, str] | None = None, **metadata: Any) -> dict[str, Any]:
    """A ConfigMap."""
    return {"metadata": {"name": name, **metadata}, "data": data or {"a": "b"}}


def waited(request: Request) -> Request:
    """The request after the time that the real server needs."""
    return Request(request.method, request.path, request.body, request.content_type, wait=SEEN)


def trial(path: str, body: Any, **more: Any) -> Request:
    """A dry run."""
    return post(f"{path}?dryRun=All", body, **more)


def applied(text: str) -> dict[str, Any]:
    """A mutation by apply configuration."""
    return {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": text}}


def patched(text: str) -> dict[str, Any]:
    """A mutation by JSON patch."""
    return {"patchType": "JSONPatch", "jsonPatch": {"expression": text}}
