"""An API server in this process on a port, with a kubeconfig in a file: what `dev` and `testserver` share."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opgen.apiserver import ApiServer
from opgen.apiserver.audit import AuditLog
from opgen.apiserver.http import RunningServer, serve_in_thread
from opgen.apiserver.message import Request
from opgen.errors import Diagnostic, OpgenError, error

NAMESPACE = "default"
"""Where objects go that name no namespace."""


@contextmanager
def serving(
    server: ApiServer,
    kubeconfig: Path,
    *,
    port: int = 0,
    token: str | None = None,
    audit: AuditLog | None = None,
) -> Iterator[RunningServer]:
    """The server on loopback, its kubeconfig in that file, which is gone at the end. Raises OpgenError."""
    try:
        running = serve_in_thread(server, port, token=token, audit=audit)
    except OSError as problem:
        raise OpgenError(f"can't listen on port {port}: {problem.strerror or problem}") from problem
    try:
        try:
            kubeconfig.touch(mode=0o600)
            kubeconfig.write_text(running.kubeconfig)
        except OSError as problem:
            raise OpgenError(f"can't write {kubeconfig}: {problem.strerror or problem}") from problem
        yield running
    finally:
        with contextlib.suppress(OSError):
            kubeconfig.unlink(missing_ok=True)
        running.stop()


def path_of(server: ApiServer, obj: dict[str, Any]) -> str:
    """The path of an object by its apiVersion, kind and metadata; empty where its kind is not served."""
    group, _, version = str(obj.get("apiVersion", "")).rpartition("/")
    with server.locked() as context:
        info = context.registry.by_kind(group, version, str(obj.get("kind", "")))
    if info is None or info.version != version:
        return ""
    metadata = obj.get("metadata") or {}
    root = f"/apis/{group}/{version}" if group else f"/api/{version}"
    place = f"/namespaces/{metadata.get('namespace') or NAMESPACE}" if info.namespaced else ""
    return f"{root}{place}/{info.plural}/{metadata.get('name', '')}"


def apply(
    server: ApiServer, path: str, obj: dict[str, Any], *, manager: str, file: str, line: int = 0
) -> list[Diagnostic]:
    """Applies one object; what the server says against it is an error at its place in the file."""
    query = (("fieldManager", manager), ("force", "true"))
    headers = {"Content-Type": "application/apply-patch+yaml", "Accept": "application/json"}
    answer = server.respond(Request("PATCH", path, query, headers, json.dumps(obj).encode()))
    if answer.status < 300:
        return []
    message = json.loads(answer.body or b"{}").get("message", f"HTTP {answer.status}")
    return [error(f"the server refuses it: {message}", file=file, line=line)]
