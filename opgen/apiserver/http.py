"""The server behind HTTP: aiohttp in a thread and loop of its own, on loopback, with a bearer token.

`serve_in_thread` starts it and `RunningServer.stop` ends it with nothing left running.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from opgen.apiserver.access.identity import ADMIN, User
from opgen.apiserver.audit import AuditLog, Exchange
from opgen.apiserver.connections import BoundedServer, TooLarge, read_body
from opgen.apiserver.message import Request, Response
from opgen.apiserver.openapi import PREFIX_HEADER
from opgen.apiserver.server import ApiServer
from opgen.apiserver.status import unauthorized

_LOOPBACK = "127.0.0.1"
_MAX_BODY = 4 * 1024 * 1024
_PLAIN = frozenset(("api", "apis", "openapi", "healthz", "livez", "readyz", "version"))
"""First parts of paths that are no token."""


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


def serve_in_thread(
    server: ApiServer, port: int = 0, *, token: str | None = None, audit: AuditLog | None = None
) -> RunningServer:
    """Serve on 127.0.0.1:`port` (0: any free one) until `stop`; raises OSError where it can't listen.

    `audit` is told of every request.
    """
    started = threading.Event()
    shell = _Shell(server, token if token is not None else secrets.token_urlsafe(24), port, started, audit)
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

    def __init__(
        self,
        server: ApiServer,
        token: str,
        port: int,
        started: threading.Event,
        audit: AuditLog | None = None,
    ) -> None:
        self.server = server
        self.token = token
        self.url = ""
        self.error: OSError | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.stopping: asyncio.Event | None = None
        self._port = port
        self._started = started
        self._audit = audit
        server.context.tokens.add(token, ADMIN)

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
        runner = web.ServerRunner(BoundedServer(self._answer), shutdown_timeout=1.0)
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
        user = None
        first, slash, rest = path[1:].partition("/")
        if slash and first not in _PLAIN and (user := self.server.authenticate(first)) is not None:
            path = f"/{rest}"
            headers = CIMultiDictProxy(CIMultiDict([*headers.items(), (PREFIX_HEADER, f"/{first}")]))
        else:
            user = self._sender(headers)
        if self._audit is None:
            return await self._respond(request, path, headers, user)
        exchange = _Audited(self._audit, request, path, user)
        return await self._respond(request, path, headers, user, exchange)

    async def _respond(
        self,
        request: web.BaseRequest,
        path: str,
        headers: Mapping[str, str],
        user: User | None,
        audited: _Audited | None = None,
    ) -> web.StreamResponse:
        body = b""
        if user is None:
            response = unauthorized().response()
        else:
            try:
                body = await read_body(request, _MAX_BODY)
            except TooLarge:
                response = _text(413, "request entity too large")
            except TimeoutError:
                response = _text(408, "the request's body did not come in time")
            except ConnectionError as problem:
                response = _text(400, str(problem))
            else:
                query = tuple(request.rel_url.query.items())
                sent = Request(request.method, path, query, headers, body)
                try:
                    response = await self.server.handle(sent, user)
                except ConnectionError:  # a fault that was asked for
                    _abort(request)
                    return web.Response()
        if audited is not None:
            audited.answered(body, response)
        if response.chunks is None:
            return _plain(response)
        try:
            return await _stream(request, response)
        finally:
            if audited is not None:
                audited.ended(response)

    def _sender(self, headers: Mapping[str, str]) -> User | None:
        """Who the request is from; None for a token that is nobody's. Without credentials, the anonymous user."""
        kind, _, token = headers.get("Authorization", "").partition(" ")
        if kind and kind.lower() != "bearer":
            return None
        return self.server.authenticate(token.strip())


class _Audited:
    """One request on its way through the audit log."""

    def __init__(self, log: AuditLog, request: web.BaseRequest, path: str, user: User | None) -> None:
        self._log = log
        self._request = request
        self._path = path
        self._user = user
        self._received = log.now()
        self._id = ""

    def answered(self, body: bytes, response: Response) -> None:
        """An answer is there: whole, or the beginning of a stream."""
        self._id = self._log.note(self._exchange(body, response, streaming=response.chunks is not None))

    def ended(self, response: Response) -> None:
        """A stream has ended."""
        self._log.note(self._exchange(b"", response, streaming=False), self._id)

    def _exchange(self, body: bytes, response: Response, *, streaming: bool) -> Exchange:
        return Exchange(
            self._request.method,
            self._path,
            self._request.rel_url.raw_query_string,
            self._request.headers,
            body,
            self._user.name if self._user is not None else "",
            self._user.groups if self._user is not None else (),
            self._request.remote or "",
            self._received,
            response.status,
            response.body,
            streaming,
        )


def _text(status: int, text: str) -> Response:
    return Response(status, {"Content-Type": "text/plain"}, text.encode())


def _plain(response: Response) -> web.Response:
    return web.Response(status=response.status, headers=response.headers, body=response.body)


def _abort(request: web.BaseRequest) -> None:
    """Break the connection."""
    if request.transport is not None:
        request.transport.abort()


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
        # The client went away, and nobody reads the answer any more; or a fault was asked for.
        _abort(request)
    finally:
        await response.close()
    return answer
