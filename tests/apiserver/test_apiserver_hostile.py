"""What nobody should send: nested too deep, too long, too slow. `scripts/fuzz_server.py` looks for more."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp import web

from opgen.apiserver import ApiServer, Request
from opgen.apiserver.connections import BoundedServer, TooLarge, read_body
from opgen.apiserver.http import RunningServer, serve_in_thread

MAPS = "/api/v1/namespaces/default/configmaps"
APPLY = {"Content-Type": "application/apply-patch+yaml", "Accept": "application/json"}


@pytest.fixture
def running() -> Iterator[RunningServer]:
    with serve_in_thread(ApiServer()) as server:
        yield server


def send(running: RunningServer, head: str, body: bytes = b"") -> bytes:
    """The beginning of the answer to bytes sent as they are."""
    host, port = running.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        lines = head.format(token=running.token).replace("\n", "\r\n").encode()
        connection.sendall(lines + b"\r\n\r\n" + body)
        return connection.recv(4096)


def post(length: int, more: str = "") -> str:
    return (
        f"POST {MAPS} HTTP/1.1\nHost: x\nAuthorization: Bearer {{token}}\n"
        f"Content-Type: application/json\nContent-Length: {length}{more}"
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_body_beyond_the_bound_is_not_read(method: str) -> None:
    """Three MiB, in memory too, whatever the body is for."""
    path = MAPS if method in ("POST", "DELETE") else f"{MAPS}/a"
    body = b"[" + b" " * 3 * 1024 * 1024 + b"]"
    answer = asyncio.run(ApiServer().handle(Request(method, path, (), APPLY, body)))
    assert answer.status == 413
    assert json.loads(answer.body)["message"] == "Request entity too large: limit is 3145728"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        ("application/apply-patch+yaml", b"[" * 1_000_000),
        ("application/apply-patch+yaml", b"- " * 50_000 + b"x"),
        ("application/apply-patch+yaml", b"a: " + b"{b: " * 5_000),
        ("application/merge-patch+json", b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    ],
)
def test_a_body_that_is_nested_too_deep(kind: str, body: bytes) -> None:
    """A refusal, and the next request is answered: the parser's recursion once ended the process."""
    server = ApiServer()
    method, path = ("POST", MAPS) if kind == "application/json" else ("PATCH", f"{MAPS}/x")
    if "merge" in kind:
        server.respond(Request("POST", MAPS, body=b'{"metadata": {"name": "x"}}'))
    answer = server.respond(Request(method, path, (("fieldManager", "t"),), {"Content-Type": kind}, body))
    assert answer.status in (400, 422), answer.body[:200]
    assert server.respond(Request("GET", MAPS)).status == 200


def test_aliases_that_expand_without_end() -> None:
    lines = [b"l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]".encode() for n in range(1, 9)]
    for text in (b"\n".join(lines), b"&a {b: *a}"):
        request = Request("PATCH", f"{MAPS}/x", (("fieldManager", "t"),), APPLY, text)
        answer = ApiServer().respond(request)
        assert answer.status == 400
        assert b"excessive aliasing" in answer.body or b"contains itself" in answer.body


@pytest.mark.parametrize("shape", ['"x"', "[[]]", "7", '{"finalizers": 7}'])
def test_subresources_with_bodies_of_another_shape(shape: str) -> None:
    server = ApiServer()
    headers = {"Content-Type": "application/json"}
    body = f'{{"metadata": {{"name": "default"}}, "spec": {shape}}}'.encode()
    finalize = Request("PUT", "/api/v1/namespaces/default/finalize", (), headers, body)
    assert server.respond(finalize).status == 400
    pod = b'{"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}'
    pods = "/api/v1/namespaces/default/pods"
    assert server.respond(Request("POST", pods, (), headers, pod)).status == 201
    body = f'{{"metadata": {{"name": "p"}}, "target": {shape}}}'.encode()
    answer = server.respond(Request("POST", f"{pods}/p/binding", (), headers, body))
    if shape.startswith("{"):  # a target without a name, which the real server takes for a failure of its own
        assert (answer.status, answer.json()["message"]) == (500, "target.name: Required value")
    else:
        assert answer.status == 400


def test_tokens_that_are_nested_too_deep() -> None:
    """A bearer token and a continue token are JSON of the client's own."""
    server, bomb = ApiServer(), base64.urlsafe_b64encode(b"[" * 30_000).decode().rstrip("=")
    assert server.authenticate(f"a.{bomb}.c") is None
    refused = server.respond(Request("GET", MAPS, (), {"Authorization": f"Bearer a.{bomb}.c"}))
    assert refused.status == 401
    assert server.respond(Request("GET", MAPS, (("limit", "1"), ("continue", bomb)))).status == 400


def test_headers_without_end(running: RunningServer) -> None:
    many = "\n".join(f"X-{number}: y" for number in range(1000))
    assert b" 400 " in send(running, f"GET /version HTTP/1.1\nHost: x\n{many}")
    assert b" 400 " in send(running, f"GET /version HTTP/1.1\nHost: x\nX: {'y' * 100_000}")
    assert b" 200 " in send(running, "GET /version HTTP/1.1\nHost: x")


def test_a_body_is_taken_as_it_is(running: RunningServer) -> None:
    """Nothing is unpacked, so a small body can't become a large one."""
    packed = gzip.compress(b'{"metadata": {"name": "' + b"x" * 10_000_000 + b'"}}')
    answer = send(running, post(len(packed), "\nContent-Encoding: gzip"), packed)
    assert b" 400 " in answer


def test_a_body_that_is_no_http(running: RunningServer) -> None:
    chunked = post(0).replace("Content-Length: 0", "Transfer-Encoding: chunked")
    assert b" 400 " in send(running, chunked, b"zz\r\n")


@contextmanager
def listening(handler: Callable[[web.BaseRequest], Any], header_seconds: float) -> Iterator[Any]:
    async def serve() -> tuple[web.ServerRunner, int]:
        runner = web.ServerRunner(BoundedServer(handler, header_seconds=header_seconds))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner, runner.addresses[0][1]

    with asyncio.Runner() as loop:
        runner, port = loop.run(serve())
        yield loop, port
        loop.run(runner.cleanup())


async def hello(request: web.BaseRequest) -> web.StreamResponse:
    try:
        body = await read_body(request, 10, 0.1)
    except TooLarge:
        return web.Response(status=413)
    except TimeoutError:
        return web.Response(status=408)
    except ConnectionError:
        return web.Response(status=400)
    return web.json_response({"got": len(body)})


def test_who_never_ends_the_headers_is_cut_off() -> None:
    with listening(hello, header_seconds=0.1) as (loop, port):

        async def slow() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost:")
            answer = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            return answer

        async def patient() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            answers = b""
            for _ in range(2):  # a connection that has been heard of may stay
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                answers += await asyncio.wait_for(reader.readuntil(b"}"), 10)
                await slow()
            writer.close()
            return answers

        assert loop.run(slow()) == b""
        assert loop.run(patient()).count(b"200 OK") == 2


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (b"Content-Length: 5", b"12345", b" 200 "),
        (b"Content-Length: 5", b"12", b" 408 "),
        (b"Content-Length: 11", b"12345678901", b" 413 "),
        (b"Transfer-Encoding: chunked", b"fffffffffffff\r\n" + b"x" * 50, b" 413 "),
        (b"Transfer-Encoding: chunked", b"nonsense\r\n", b" 400 "),
    ],
)
def test_a_body_is_bounded_in_length_and_time(head: bytes, body: bytes, status: bytes) -> None:
    with listening(hello, header_seconds=10) as (loop, port):

        async def ask() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n" + body)
            answer = await asyncio.wait_for(reader.read(200), 10)
            writer.close()
            return answer

        assert status in loop.run(ask())


def test_json_that_python_reads_and_kubernetes_does_not() -> None:
    for text in (b"NaN", b'{"metadata": {"name": "a"}, "data": {"x": Infinity}}', b"\xff", b"{} {}"):
        answer = ApiServer().respond(Request("POST", MAPS, (), {"Content-Type": "application/json"}, text))
        assert answer.status == 400
        assert json.loads(answer.body)["kind"] == "Status"
