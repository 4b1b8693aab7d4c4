"""The same requests on the in-process server and on a real kube-apiserver: status, reason, body and warnings.

What still differs is named in `apiserver_comparison.KNOWN`, with its reason; anything else that differs fails.
With OPGEN_RECORD=1 in the environment the real answers are written down, for `test_apiserver_recorded`.
"""

from __future__ import annotations

import gzip
import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apiserver_access_requests import access_requests
from apiserver_comparison import Answer, Comparison, settled
from apiserver_requests import basic_requests, custom_requests, workload_requests
from apiserver_webhook_requests import webhook_requests
from envtest import ControlPlane

pytestmark = pytest.mark.envtest

RECORDINGS = Path(__file__).parent / "recorded"


def ask(plane: ControlPlane, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Answer:
    """What the real server answers."""
    request = urllib.request.Request(
        plane.url + path,
        data=data,
        method=method,
        headers={"Authorization": f"Bearer {plane.token}", **headers},
    )
    context = ssl.create_default_context(cafile=str(plane.ca_file))
    context.check_hostname = False
    try:
        answer = urllib.request.urlopen(request, context=context, timeout=20)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        warnings = ", ".join(answer.headers.get_all("Warning") or ())
        kind = answer.headers.get("Content-Type", "")
        return Answer(answer.status, answer.read().decode(), warnings, kind)


@pytest.mark.parametrize(
    "requests",
    [basic_requests, workload_requests, custom_requests, access_requests, webhook_requests],
    ids=["basic", "workload", "custom", "access", "webhook"],
)
def test_both_servers_answer_alike(
    control_plane: ControlPlane, requests: Callable[..., None], widgets: dict[str, Any]
) -> None:
    name = requests.__name__.partition("_")[0]
    recorded: list[list[Any]] = []

    def real(method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Answer:
        answer = settled(lambda: ask(control_plane, method, path, data, headers))
        recorded.append(
            [f"{method} {path}", answer.status, answer.body, answer.warnings, answer.content_type]
        )
        return answer

    comparison = Comparison(real)
    requests(comparison, f"d{name}", widgets)
    if os.environ.get("OPGEN_RECORD"):
        content = json.dumps(recorded, indent=0).encode()
        (RECORDINGS / f"{name}.json.gz").write_bytes(gzip.compress(content, mtime=0))
    assert not comparison.unknown, f"{len(comparison.unknown)} of {comparison.sent} requests"
    assert comparison.sent > 90
    assert comparison.known <= comparison.sent * 0.35
