"""The transport that opens sockets, against small servers that answer well, badly or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from opgen_runtime.client import Client, LiveTransport, Request, Response
from opgen_runtime.client.config import ClusterConfig, StaticCredentials
from opgen_runtime.errors import ConnectionFailed, RequestTimedOut, Unauthorized
from opgen_runtime.objects import ResourceType, Unstructured

KIND = ResourceType("", "v1", "ConfigMap", "configmaps")
ConfigMap = Unstructured.of(KIND)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The URL of a server that answers everything with `handler`."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner_url(runner)
    finally:
        await runner.cleanup()


def runner_url(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[str]:
    """The URL of a server that speaks bytes."""
    open_writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_writers.append(writer)
        try:
            await talk(reader, writer)
        except ConnectionError:
            return

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        for writer in open_writers:
            writer.close()
        server.close()
        await server.wait_closed()


Connected = Callable[..., AbstractAsyncContextManager[LiveTransport]]


@pytest.fixture(params=["direct", "proxied"])
def connected(request: pytest.FixtureRequest) -> Connected:
    """Opens a transport to a server for as long as a block runs: directly, and through a proxy."""

    @asynccontextmanager
    async def connect(
        server: AbstractAsyncContextManager[str], credentials: StaticCredentials | Renewed | None = None
    ) -> AsyncIterator[LiveTransport]:
        async with server as url, talking(forward) as proxy:
            config = ClusterConfig(
                url, credentials or StaticCredentials(), proxy=proxy if request.param == "proxied" else None
            )
            transport = LiveTransport(config)
            try:
                yield transport
            finally:
                await transport.close()

    return connect


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A proxy for http: the first line says where to, every byte goes there and back."""
    line = await reader.readline()
    if not line:
        return
    method, url, version = line.split()
    parts = urlsplit(url.decode())
    upstream_reader, upstream = await asyncio.open_connection(parts.hostname, parts.port)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    upstream.write(b"%s %s %s\r\nConnection: close\r\n" % (method, path.encode(), version))

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()

    upload = asyncio.ensure_future(pump(reader, upstream))
    try:
        await pump(upstream_reader, writer)
    finally:
        upload.cancel()
        writer.close()
        upstream.close()


class Renewed:
    """Credentials that are good after they were renewed."""

    def __init__(self) -> None:
        self.renewals = 0

    async def authorization(self) -> str:
        return f"Bearer {self.renewals}"

    async def renew(self) -> None:
        self.renewals += 1


async def read(response: Response) -> bytes:
    assert response.chunks is not None
    try:
        return b"".join([chunk async for chunk in response.chunks])
    finally:
        await response.close()


async def never(request: web.Request) -> web.Response:
    raise AssertionError("nobody asks")


async def test_a_request_arrives_as_it_was_meant(connected: Connected) -> None:
    seen: list[tuple[str, str, str | None, bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        body = await request.read()
        seen.append((request.method, request.raw_path, request.headers.get("Content-Type"), body))
        assert "Cookie" not in request.headers
        return web.Response(body=b"{}", headers={"X-Said": "yes", "Set-Cookie": "a=b"})

    async with connected(serving(handler)) as transport:
        for _ in range(2):
            response = await transport.send(
                Request("PATCH", "/a%2Fb", (("x", "a b&c=d,é"), ("y", "1")), {"Content-Type": "t/x"}, b"body")
            )
    assert seen[0] == ("PATCH", "/a%2Fb?x=a+b%26c%3Dd%2C%C3%A9&y=1", "t/x", b"body")
    assert (response.status, response.body, response.header("x-said")) == (200, b"{}", "yes")


async def test_refusals_are_answers(connected: Connected) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=410, body=b"gone")

    async with connected(serving(handler)) as transport:
        assert (await transport.send(Request("GET", "/"))).status == 410
        streamed = await transport.send(Request("GET", "/", stream=True))
        assert (streamed.chunks, streamed.body) == (None, b"gone")


async def test_a_redirect_is_not_followed(connected: Connected) -> None:
    async def handler(request: web.Request) -> web.Response:
        raise web.HTTPFound("http://elsewhere.invalid/")

    async with connected(serving(handler)) as transport:
        assert (await transport.send(Request("GET", "/"))).status == 302


async def test_a_401_renews_once(connected: Connected) -> None:
    async def handler(request: web.Request) -> web.Response:
        good = request.headers["Authorization"] == "Bearer 1"
        return web.Response(status=200 if good else 401)

    credentials = Renewed()
    async with connected(serving(handler), credentials) as transport:
        assert (await transport.send(Request("GET", "/"))).status == 200
        assert credentials.renewals == 1


async def test_a_401_that_stays_is_an_answer(connected: Connected) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=401)

    credentials = Renewed()
    async with connected(serving(handler), credentials) as transport:
        with pytest.raises(Unauthorized):
            await Client(transport).get(ConfigMap, "a")
    assert credentials.renewals == 1


async def test_nobody_listens() -> None:
    async with serving(never) as url:
        pass
    transport = LiveTransport(ClusterConfig(url))
    with pytest.raises(ConnectionFailed, match=r"GET http://127\.0\.0\.1:\d+/api: "):
        await transport.send(Request("GET", "/api"))
    await transport.close()


async def test_a_name_that_is_none() -> None:
    transport = LiveTransport(ClusterConfig("http://no-such-host.invalid"))
    with pytest.raises(ConnectionFailed):
        await transport.send(Request("GET", "/"))
    await transport.close()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def half_a_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    writer.close()


async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize("talk", [hang_up, half_a_body, nonsense])
@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_a_broken_answer_is_no_answer(talk: Talk, method: str, connected: Connected) -> None:
    async with connected(talking(talk)) as transport:
        with pytest.raises(ConnectionFailed):
            await transport.send(Request(method, "/", body=b"{}" if method == "PATCH" else None))


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_silence_ends_a_request(connected: Connected) -> None:
    async with connected(talking(silent)) as transport:
        with pytest.raises(RequestTimedOut, match="no answer in time"):
            await transport.send(Request("GET", "/", timeout=0.05))


async def test_silence_before_a_stream_begins(connected: Connected) -> None:
    async with connected(talking(silent)) as transport:
        with pytest.raises(RequestTimedOut):
            await transport.send(Request("GET", "/", stream=True, timeout=0.05))


async def a_line_then_silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    line = b'{"type": "ADDED", "object": {"metadata": {"name": "a"}}}\n'
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(line), line))
    await reader.read()


async def test_a_half_open_watch_is_noticed(connected: Connected) -> None:
    async with (
        connected(talking(a_line_then_silence)) as transport,
        aclosing(Client(transport).raw.watch(KIND, idle_timeout=0.1)) as events,
    ):
        assert (await anext(events)).metadata.name == "a"
        with pytest.raises(RequestTimedOut):
            await anext(events)


async def a_line_then_half_of_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    text = b'{"type": "ADDED", "object": {"metadata": {"name": "a"}}}\n{"type": "ADD'
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(text), text))
    await writer.drain()
    writer.close()


async def half_then_a_clean_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    text = b'{"type": "ADDED", "object": {"metadata": {"name": "a"}}}\n{"type": "ADD'
    writer.write(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(text), text)
    )
    await reader.read()


@pytest.mark.parametrize("talk", [a_line_then_half_of_one, half_then_a_clean_end])
async def test_a_watch_cut_within_an_event(talk: Talk, connected: Connected) -> None:
    async with connected(talking(talk)) as transport, aclosing(Client(transport).raw.watch(KIND)) as events:
        assert (await anext(events)).metadata.name == "a"
        with pytest.raises(ConnectionFailed):
            await anext(events)


async def test_a_watch_that_ends_well_ends(connected: Connected) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for name in "abc":
            await response.write(
                b'{"type": "ADDED", "object": {"metadata": {"name": "%s"}}}\n' % name.encode()
            )
        return response

    async with connected(serving(handler)) as transport:
        events = [event.metadata.name async for event in Client(transport).raw.watch(KIND)]
    assert events == ["a", "b", "c"]


async def test_an_event_of_megabytes(connected: Connected) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        filler = b"x" * 3_000_000
        await response.write(
            b'{"type": "ADDED", "object": {"metadata": {"name": "a"}, "f": "%s"}}\n' % filler
        )
        return response

    async with connected(serving(handler)) as transport:
        events = [event async for event in Client(transport).raw.watch(KIND)]
    assert len(events[0].raw) > 3_000_000


async def test_closing_ends_a_stream_and_further_requests(connected: Connected) -> None:
    async with connected(talking(a_line_then_silence)) as transport:
        response = await transport.send(Request("GET", "/", stream=True))
        reading = asyncio.ensure_future(read(response))
        await asyncio.sleep(0)
        await transport.close()
        with pytest.raises(ConnectionFailed):
            await reading
        with pytest.raises(ConnectionFailed, match="closed on this side"):
            await transport.send(Request("GET", "/"))
        await transport.close()


async def test_a_cancelled_request_leaves_a_working_transport(connected: Connected) -> None:
    gate = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        if request.path == "/slow":
            await gate.wait()
        return web.Response(body=request.path.encode())

    async with connected(serving(handler)) as transport:
        slow = asyncio.ensure_future(transport.send(Request("GET", "/slow")))
        await transport.send(Request("GET", "/first"))
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        gate.set()
        answers = await asyncio.gather(*(transport.send(Request("GET", f"/{n}")) for n in range(20)))
    assert [a.body for a in answers] == [b"/%d" % n for n in range(20)]


async def test_connecting_says_who_does_not_answer(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(never) as url:
        pass
    path = tmp_path_factory.mktemp("connect") / "config"
    path.write_text(
        f'{{"current-context": "c", "clusters": [{{"name": "k", "cluster": {{"server": "{url}"}}}}],'
        ' "contexts": [{"name": "c", "context": {"cluster": "k"}}]}'
    )
    with pytest.raises(ConnectionFailed, match=rf"no API server answers at {url} \(context c\): "):
        async with Client.connect(kubeconfig=str(path)):
            pass


async def test_a_kept_connection_that_is_gone_is_replaced_for_reads() -> None:
    asked: list[bytes] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    async with talking(once) as url:
        transport = LiveTransport(ClusterConfig(url))
        for _ in range(2):
            assert (await transport.send(Request("GET", "/"))).body == b"{}"
        with pytest.raises(ConnectionFailed, match="PATCH"):  # it may have been done: not for us to repeat
            await transport.send(Request("PATCH", "/", body=b""))
        await transport.close()
    assert [line.split()[0] for line in asked] == [b"GET", b"GET", b"GET", b"PATCH"]


async def test_connections_are_used_again_and_the_newest_first() -> None:
    connections: list[int] = []

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await count(reader, writer)
        except asyncio.IncompleteReadError:
            return

    async with talking(quietly) as url:
        transport = LiveTransport(ClusterConfig(url))
        await asyncio.gather(*(transport.send(Request("GET", "/")) for _ in range(3)))
        for _ in range(10):
            await transport.send(Request("GET", "/"))
        await transport.close()
    assert len(connections) == 3


async def test_a_slow_reader_makes_the_server_wait() -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(2000):
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()
            sent += 65536
        writer.write(b"0\r\n\r\n")

    async with talking(flood) as url:
        transport = LiveTransport(ClusterConfig(url))
        response = await transport.send(Request("GET", "/", stream=True))
        assert response.chunks is not None
        before = -1
        while sent != before:  # until the server stands still
            before = sent
            for _ in range(50):
                await asyncio.sleep(0)
        assert sent < 50_000_000
        assert len(await read(response)) == 2000 * 65536
        await transport.close()


async def test_a_server_may_have_a_path_and_answer_early() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + line.split()[1])
        writer.close()

    async with talking(talk) as url:
        transport = LiveTransport(ClusterConfig(url + "/k8s/clusters/c1"))
        assert (await transport.send(Request("GET", "/api"))).body == b"/k8s/clusters/c1/api"
        await transport.close()


@pytest.mark.parametrize("header", ["a\r\nX: y", "a\nX: y", "a\rX: y"])
async def test_a_header_cannot_leave_its_line(header: str) -> None:
    transport = LiveTransport(ClusterConfig("http://127.0.0.1:9", StaticCredentials(header)))
    with pytest.raises(ValueError, match="line break"):
        await transport.send(Request("GET", "/"))
    await transport.close()
