"""The HTTP shell: a thread and a socket on loopback, a token, streams, and nothing left after a stop."""

from __future__ import annotations

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opgen.apiserver import ApiServer
from opgen.apiserver.http import RunningServer, serve_in_thread


@pytest.fixture
def running(widgets: Any) -> Iterator[RunningServer]:
    with serve_in_thread(ApiServer([widgets])) as server:
        yield server


def get(server: RunningServer, path: str, token: str | None = None, body: bytes | None = None) -> Any:
    status, answer = call(server, path, token, body)
    assert status < 300, answer
    return answer


def call(
    server: RunningServer, path: str, token: str | None = None, body: bytes | None = None
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {server.token if token is None else token}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(server.url + path, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            text = refused.read()
            return refused.code, json.loads(text) if text.startswith(b"{") else text.decode()


def test_it_listens_on_loopback_alone(running: RunningServer) -> None:
    assert running.url.startswith("http://127.0.0.1:")
    assert get(running, "/api/v1/namespaces/default")["metadata"]["name"] == "default"


@pytest.mark.parametrize(("token", "refusal"), [("", (403, "Forbidden")), ("wrong", (401, "Unauthorized"))])
def test_without_the_token_nobody_gets_in(
    running: RunningServer, token: str, refusal: tuple[int, str]
) -> None:
    status, answer = call(running, "/api/v1/namespaces", token)
    assert (status, answer["reason"]) == refusal


def test_the_token_may_stand_in_the_path(running: RunningServer) -> None:
    """Go's clients send no credentials without TLS; the kubeconfig's server carries the token instead."""
    config = json.loads(running.kubeconfig)
    server = config["clusters"][0]["cluster"]["server"]
    with urllib.request.urlopen(f"{server}/api/v1/namespaces", timeout=10) as answer:
        assert json.loads(answer.read())["kind"] == "NamespaceList"
    with urllib.request.urlopen(f"{server}/openapi/v3", timeout=10) as answer:
        paths = json.loads(answer.read())["paths"]
    assert paths["api/v1"]["serverRelativeURL"].startswith(f"/{running.token}/openapi/v3/api/v1")


def test_a_watch_streams(running: RunningServer) -> None:
    request = urllib.request.Request(
        f"{running.url}/api/v1/namespaces?watch=1", headers={"Authorization": f"Bearer {running.token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as stream:
        first = [json.loads(stream.readline())["object"]["metadata"]["name"] for _ in range(4)]
        assert first == ["default", "kube-node-lease", "kube-public", "kube-system"]
        get(running, "/api/v1/namespaces", body=b'{"metadata": {"name": "later"}}')
        assert json.loads(stream.readline())["object"]["metadata"]["name"] == "later"


def test_stopping_ends_streams_threads_and_the_socket(widgets: Any) -> None:
    before = threading.active_count()
    running = serve_in_thread(ApiServer([widgets]))
    request = urllib.request.Request(
        f"{running.url}/api/v1/configmaps?watch=1", headers={"Authorization": f"Bearer {running.token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as stream:
        running.stop()
        assert stream.read() == b""
    running.stop()
    assert threading.active_count() == before
    host, port = running.url.removeprefix("http://").split(":")
    with pytest.raises(ConnectionRefusedError), socket.create_connection((host, int(port)), timeout=1):
        pass


def test_a_port_in_use_is_an_error(running: RunningServer) -> None:
    port = int(running.url.rpartition(":")[2])
    with pytest.raises(OSError, match="address already in use"):
        serve_in_thread(ApiServer(), port)


def test_a_body_that_is_too_large_is_refused(running: RunningServer) -> None:
    status, _ = call(running, "/api/v1/namespaces", body=b"x" * (4 * 1024 * 1024 - 1))
    assert status == 413


async def test_the_runtimes_client_connects_by_the_kubeconfig(running: RunningServer, tmp_path: Path) -> None:
    from opgen_runtime.client import Client
    from opgen_runtime.kinds.core_v1 import Namespace

    path = tmp_path / "kubeconfig"
    path.write_text(running.kubeconfig)
    async with Client.connect(kubeconfig=str(path)) as client:
        assert (await client.get(Namespace, "default")).metadata.name == "default"
