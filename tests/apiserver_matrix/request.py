"""One request of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """`body` is text as it is sent, or data. `wait` seconds pass on a real server before the request."""

    method: str
    path: str
    body: Any = None
    content_type: str = "application/json"
    accept: str = "application/json"
    agent: str = "probe/1.0"
    headers: tuple[tuple[str, str], ...] = ()
    wait: float = 0.0

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def get(path: str, accept: str = "application/json") -> Request:
    return Request("GET", path, accept=accept)


def post(path: str, body: Any, **options: Any) -> Request:
    return Request("POST", path, body, **options)


def put(path: str, body: Any, **options: Any) -> Request:
    return Request("PUT", path, body, **options)


def patch(path: str, body: Any, content_type: str = MERGE, **options: Any) -> Request:
    return Request("PATCH", path, body, content_type, **options)


def apply(path: str, body: Any, manager: str = "m1", *, force: bool = False, query: str = "") -> Request:
    forced = "&force=true" if force else ""
    return patch(f"{path}?fieldManager={manager}{forced}{query}", body, APPLY)


def delete(path: str, body: Any = None) -> Request:
    return Request("DELETE", path, body)
