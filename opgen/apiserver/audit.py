"""What was asked and answered, as Kubernetes' audit log says it: one audit.k8s.io/v1 Event for each request."""

from __future__ import annotations

import enum
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from opgen.apiserver.message import JSONObject, header
from opgen.apiserver.routing import Query, split

Write = Callable[[bytes], None]
_MAX_BODY = 256 * 1024
_VERBS = {
    "GET": "get",
    "HEAD": "get",
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
_SECRETS = frozenset(("secrets", "tokenreviews", "serviceaccounts/token"))
"""Resources whose bodies are never written."""


class Level(enum.StrEnum):
    """How much an event says: who asked what; the request's body too; the answer's too."""

    METADATA = "Metadata"
    REQUEST = "Request"
    REQUEST_RESPONSE = "RequestResponse"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `path` is quoted and without a token; `user` is None for a stranger."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    user: str
    groups: tuple[str, ...]
    source: str
    received: datetime
    status: int
    answer: bytes = b""
    streaming: bool = False


@dataclass(slots=True)
class AuditLog:
    """Writes one line of JSON for each exchange through `write`."""

    write: Write
    level: Level = Level.METADATA
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def note(self, exchange: Exchange, audit_id: str = "") -> str:
        """Write an event; gives its ID, for the event at the end of a stream that had one at its start."""
        audit_id = audit_id or str(uuid.uuid4())
        document = event(exchange, self.level, self.now(), audit_id)
        self.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        return audit_id


def event(exchange: Exchange, level: Level, now: datetime, audit_id: str) -> JSONObject:
    """The event as data."""
    query = Query(tuple(_pairs(exchange.query_string)))
    about, verb = _object_of(exchange, query)
    uri = f"{exchange.path}?{exchange.query_string}" if exchange.query_string else exchange.path
    hidden = about is None or _resource(about) in _SECRETS
    shown = Level.METADATA if hidden else level
    document: JSONObject = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": str(shown),
        "auditID": audit_id,
        "stage": "ResponseStarted" if exchange.streaming else "ResponseComplete",
        "requestURI": uri,
        "verb": verb,
        "user": {"username": exchange.user, "groups": list(exchange.groups)},
        "sourceIPs": [exchange.source],
        "userAgent": header(exchange.headers, "user-agent"),
    }
    if about is not None:
        document["objectRef"] = about
    document["responseStatus"] = _status(exchange)
    if shown is not Level.METADATA and exchange.body:
        document["requestObject"] = _data(exchange.body)
    if shown is Level.REQUEST_RESPONSE and exchange.answer:
        document["responseObject"] = _data(exchange.answer)
    document["requestReceivedTimestamp"] = _time(exchange.received)
    document["stageTimestamp"] = _time(now)
    return document


def _object_of(exchange: Exchange, query: Query) -> tuple[JSONObject | None, str]:
    """The objectRef and the verb. A path without a resource has none, and its verb is the method's name."""
    parts = split(exchange.path)
    depth = {"api": 2, "apis": 3}.get(parts[0], 0)
    if not depth or len(parts) <= depth:
        return None, exchange.method.lower()
    group, version = ("", parts[1]) if depth == 2 else (parts[1], parts[2])
    rest = parts[depth:]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) >= 3 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    elif rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
    about: JSONObject = {"resource": rest[0]}
    if namespace:
        about["namespace"] = namespace
    if len(rest) > 1:
        about["name"] = rest[1]
    if group:
        about["apiGroup"] = group
    about["apiVersion"] = version
    if len(rest) > 2:
        about["subresource"] = rest[2]
    verb = _VERBS.get(exchange.method, exchange.method.lower())
    if verb == "get" and query.flag("watch"):
        verb = "watch"
    elif len(rest) == 1 and verb in ("get", "delete"):
        verb = {"get": "list", "delete": "deletecollection"}[verb]
    return about, verb


def _resource(about: JSONObject) -> str:
    subresource = about.get("subresource")
    return f"{about['resource']}/{subresource}" if subresource else str(about["resource"])


def _status(exchange: Exchange) -> JSONObject:
    status: JSONObject = {"metadata": {}}
    if exchange.status >= 400:
        refused = _data(exchange.answer)
        if isinstance(refused, dict) and refused.get("kind") == "Status":
            status |= {key: refused[key] for key in ("status", "message", "reason") if key in refused}
    return {**status, "code": exchange.status}


def _data(body: bytes) -> Any:
    """A body as data; what is no JSON, or too long, is only described."""
    if len(body) > _MAX_BODY:
        return {"bytes": len(body)}
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return {"bytes": len(body), "text": body[:4096].decode(errors="replace")}


def _pairs(query: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    return parse_qsl(query, keep_blank_values=True)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
