"""A door on loopback to an existing cluster for programs such as kubectl: what the guard refuses doesn't pass it.

Its address carries a token, since Go's clients send no credentials where there is no TLS.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

from aiohttp import web
from opgen_runtime.client.transport import Request, Transport
from opgen_runtime.errors import OpgenRuntimeError

from opgen.apiserver.http import kubeconfig
from opgen.testing.guard import NotYours

_LOOPBACK = "127.0.0.1"
_MAX_BODY = 4 << 20
_DROPPED = frozenset(
    ("host", "authorization", "connection", "content-length", "transfer-encoding", "accept-encoding")
)
"""Headers that belong to one connection, or to an identity: the cluster sees the context's own."""


class Proxy:
    """Passes requests on through a transport that is asked for each time, since each test has its own guard."""

    def __init__(self, transport: Callable[[], Transport]) -> None:
        self._transport = transport
        self._token = secrets.token_urlsafe(24)
        self._runner: web.ServerRunner | None = None
        self.url = ""

    @property
    def kubeconfig(self) -> str:
        """The text of a kubeconfig that leads here."""
        return kubeconfig(self.url, self._token)

    async def start(self) -> None:
        """Listen on any free port."""
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None), shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, _LOOPBACK, 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/{self._token}"

    async def stop(self) -> None:
        """Close the socket and what is under way."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        prefix, path = f"/{self._token}", request.rel_url.raw_path
        if not path.startswith(f"{prefix}/"):
            return _status(401, "Unauthorized", "Unauthorized")
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _DROPPED}
        query = tuple(request.rel_url.query.items())
        body = await request.content.read(_MAX_BODY) if request.body_exists else None
        streaming = ("watch", "true") in query or ("watch", "1") in query or ("follow", "true") in query
        sent = Request(request.method, path[len(prefix) :], query, headers, body, streaming)
        try:
            return await self._pass(request, sent)
        except NotYours as refused:
            return _status(403, "Forbidden", str(refused))
        except OpgenRuntimeError as problem:
            return _status(502, "InternalError", str(problem))

    async def _pass(self, request: web.BaseRequest, sent: Request) -> web.StreamResponse:
        transport = self._transport()
        try:
            answer = await transport.send(sent)
            headers = {name: value for name, value in answer.headers.items() if name.lower() not in _DROPPED}
            if answer.chunks is None:
                return web.Response(status=answer.status, headers=headers, body=answer.body)
            stream = web.StreamResponse(status=answer.status, headers=headers)
            try:
                await stream.prepare(request)
                async for chunk in answer.chunks:
                    await stream.write(chunk)
                await stream.write_eof()
            except ConnectionError:  # kubectl has gone
                return stream
            finally:
                await answer.close()
            return stream
        finally:
            await transport.close()


def _status(code: int, reason: str, message: str) -> web.Response:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
    return web.Response(status=code, text=json.dumps(body), content_type="application/json")
