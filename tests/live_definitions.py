"""What a real API server says of definitions and objects, for tests marked `envtest`: plain requests."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envtest import ControlPlane

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
STRICT = "dryRun=All&fieldValidation=Strict"


def call(plane: ControlPlane, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and decoded answer of one request."""
    request = urllib.request.Request(
        plane.url + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {plane.token}", "Content-Type": "application/json"},
    )
    context = ssl.create_default_context(cafile=str(plane.ca_file))
    try:
        with urllib.request.urlopen(request, context=context) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        content = refused.read()
        return refused.code, json.loads(content) if content[:1] == b"{" else {"message": content.decode()}


def refusal(plane: ControlPlane, definition: Any) -> str:
    """Why the server refuses a definition; "" where it takes it."""
    status, answer = call(plane, "POST", f"{CRDS}?{STRICT}", definition)
    return "" if status == 201 else answer["message"]


def refusals(plane: ControlPlane, kinds: Iterable[tuple[Any, list[Any]]]) -> list[str]:
    """What the server says of definitions and of objects of each, all installed at once and deleted afterwards."""
    found: list[str] = []
    installed: list[tuple[Any, list[Any]]] = []
    for definition, objects in kinds:
        status, answer = call(plane, "POST", CRDS, definition)
        if status == 201:
            installed.append((definition, objects))
        else:
            found.append(answer["message"])
    try:
        for definition, objects in installed:
            found.extend(_refused(plane, definition, obj) for obj in objects)
    finally:
        for definition, _ in installed:
            call(plane, "DELETE", f"{CRDS}/{definition['metadata']['name']}")
    return [message for message in found if message]


def _refused(plane: ControlPlane, definition: Any, obj: Any) -> str:
    path = f"/apis/{obj['apiVersion']}/namespaces/default/{definition['spec']['names']['plural']}?{STRICT}"
    deadline = time.monotonic() + 15
    while True:  # a kind takes its first object two seconds after its definition
        status, answer = call(plane, "POST", path, obj)
        if status == 201:
            return ""
        if status not in (404, 429) or time.monotonic() > deadline:
            return f"{obj['kind']}: {answer['message']}"
        time.sleep(0.1)
