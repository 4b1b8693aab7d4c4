"""A server to call without sockets, and one definition to call it about."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest

from opgen.apiserver import ApiServer, Request, Response

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"

WIDGETS: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"], "categories": ["all"]},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {
                    "status": {},
                    "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"},
                },
                "additionalPrinterColumns": [
                    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ],
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "description": "A widget.",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "description": "The spec.",
                                "properties": {
                                    "size": {
                                        "type": "integer",
                                        "default": 3,
                                        "minimum": 1,
                                        "description": "How big.",
                                    },
                                    "items": {
                                        "type": "array",
                                        "x-kubernetes-list-type": "map",
                                        "x-kubernetes-list-map-keys": ["name"],
                                        "items": {
                                            "type": "object",
                                            "required": ["name"],
                                            "properties": {
                                                "name": {"type": "string"},
                                                "v": {"type": "string"},
                                            },
                                        },
                                    },
                                    "tags": {
                                        "type": "array",
                                        "x-kubernetes-list-type": "set",
                                        "items": {"type": "string"},
                                    },
                                    "m": {"type": "object", "additionalProperties": {"type": "string"}},
                                },
                            },
                            "status": {
                                "type": "object",
                                "properties": {"ready": {"type": "boolean"}, "size": {"type": "integer"}},
                            },
                        },
                    }
                },
            }
        ],
    },
}


class Api:
    """Calls a server and reads its answers."""

    def __init__(self, server: ApiServer) -> None:
        self.server = server

    def request(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", **headers: str
    ) -> Response:
        """The whole answer. `path` may carry a query; a body that is text is sent as it is."""
        route, _, query = path.partition("?")
        data = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        sent = {"User-Agent": "probe/1.0", "Content-Type": kind, **headers}
        return self.server.respond(
            Request(method, route, tuple(parse_qsl(query, keep_blank_values=True)), sent, data)
        )

    def __call__(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        """The body of an answer that must be a success."""
        response = self.request(method, path, body, kind)
        assert response.status < 300, response.body.decode()
        return response.json()

    def fails(
        self, status: int, method: str, path: str, body: Any = None, kind: str = "application/json"
    ) -> Any:
        """The Status body of an answer that must have this code."""
        response = self.request(method, path, body, kind)
        assert response.status == status, response.body.decode()
        return response.json()


@pytest.fixture
def widgets() -> dict[str, Any]:
    """A definition with status, scale, printer columns and every kind of list."""
    return copy.deepcopy(WIDGETS)


@pytest.fixture
def make_api() -> Callable[..., Api]:
    """Makes a server with the arguments of ApiServer."""
    return lambda **arguments: Api(ApiServer(**arguments))


@pytest.fixture
def api(widgets: dict[str, Any]) -> Api:
    """A server with a namespace `n` and the definition installed."""
    made = Api(ApiServer([widgets]))
    made("POST", "/api/v1/namespaces", {"metadata": {"name": "n"}})
    return made
