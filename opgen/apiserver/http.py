"""The server behind HTTP: aiohttp in a thread and loop of its own, on loopback, with a bearer token.

`serve_in_thread` starts it and `RunningServer.stop` ends it with nothing left running.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import threading
from dataclasses import dataclass, field

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from opgen.apiserver.message import Request, Response
from opgen.apiserver.openapi import PREFIX_HEADER
from opgen.apiserver.server import ApiServer
from opgen.apiserver.status import unauthorized

_LOOPBACK = "127.0.0.1"
_MAX_BODY = 4 * 1024 * 1024
_OPEN_PATHS = frozenset(("/healthz", "/livez", "/readyz", "/version"))


@dataclass(slots=True)
class RunningServer:
    """A server that listens. `url` and `token` reach it; `server` is the one behind."""

    server: ApiServer
    url: str
    token: str
    _loop: asyncio.AbstractEventLoop
    _stopping: asyncio.Event
    _thread: threading.Thread
    _stopped: bool = field(default=False)

    @property
    def kubeconfig(self) -> str:
        """A kubeconfig for kubectl and every client library, as JSON, which is YAML too.

        Go's clients send no credentials where there is no TLS, so the token is part of the server's path there.
        """
        return kubeconfig(f"{self.url}/{self.token}", self.token)

    def stop(self) -> None:
        """End all watches, close the socket, and wait until the thread is gone. May be called twice."""
        if self._stopped:
            return
        self._stopped = True
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def __enter__(self) -> RunningServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def kubeconfig(url: str, token: str, namespace: str = "default") -> str:
    """The text of a kubeconfig with one cluster, one user, one context, all named `opgen`."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "opgen", "cluster": {"server": url}}],
        "users": [{"name": "opgen", "user": {"token": token}}],
        "contexts": [
            {"name": "opgen", "context": {"cluster": "opgen", "user": "opgen", "namespace": namespace}}
        ],
        "current-context": "opgen",
    }
    return json.dumps(config, indent=2) + "\n"


def serve_in_thread(server: ApiServer, port: int = 0, *, token: str | None = None) -> RunningServer:
    """Serve on 127.0.0.1:`port` (0: any free one) until `stop`; raises OSError where it can't listen."""
    started = threading.Event()
    shell = _Shell(server, token if token is not None else secrets.token_urlsafe(24), port, started)
    thread = threading.Thread(target=shell.run, name="opgen-apiserver", daemon=True)
    thread.start()
    started.wait()
    if shell.error is not None:
        thread.join()
        raise shell.error
    assert shell.loop is not None
    assert shell.stopping is not None
    return RunningServer(server, shell.url, shell.token, shell.loop, shell.stopping, thread)


class _Shell:
    """One listening server: what runs in the thread."""

    def __init__(self, server: ApiServer, token: str, port: int, started: threading.Event) -> None:
        self.server = server
        self.token = token
        self.url = ""
        self.error: OSError | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.stopping: asyncio.Event | None = None
        self._port = port
        self._started = started

    def run(self) -> None:
        """The thread's main function."""
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve())
        except OSError as error:
            self.error = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        handler = web.Server(self._answer, access_log=None, max_field_size=65536, max_line_size=65536)
        runner = web.ServerRunner(handler, shutdown_timeout=1.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, _LOOPBACK, self._port)
            await site.start()
            host, port = runner.addresses[0][:2]
            self.url = f"http://{host}:{port}"
            self._started.set()
            await self.stopping.wait()
            self.server.stop_watches()
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path, headers = request.rel_url.raw_path, request.headers
        prefix = f"/{self.token}"
        if path.startswith(f"{prefix}/"):
            path = path[len(prefix) :]
            headers = CIMultiDictProxy(CIMultiDict([*headers.items(), (PREFIX_HEADER, prefix)]))
        elif not self._authorized(request):
            return _plain(unauthorized().response())
        body = await _read(request)
        if body is None:
            return web.Response(status=413, text="request entity too large")
        query = tuple(request.rel_url.query.items())
        response = await self.server.handle(Request(request.method, path, query, headers, body))
        if response.chunks is None:
            return _plain(response)
        return await _stream(request, response)

    def _authorized(self, request: web.BaseRequest) -> bool:
        if request.path in _OPEN_PATHS:
            return True
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {self.token}".encode())


async def _read(request: web.BaseRequest) -> bytes | None:
    """The body; None where it is too large."""
    if not request.body_exists:
        return b""
    parts: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > _MAX_BODY:
            return None
        parts.append(chunk)
    return b"".join(parts)


def _plain(response: Response) -> web.Response:
    return web.Response(status=response.status, headers=response.headers, body=response.body)


async def _stream(request: web.BaseRequest, response: Response) -> web.StreamResponse:
    answer = web.StreamResponse(status=response.status, headers=response.headers)
    answer.enable_chunked_encoding()
    assert response.chunks is not None
    try:
        await answer.prepare(request)
        async for chunk in response.chunks:
            await answer.write(chunk)
        await answer.write_eof()
    except (ConnectionError, asyncio.CancelledError):
        # The client went away; nobody reads the answer any more.
        pass
    finally:
        await response.close()
    return answer
