"""The transport that opens sockets.

Decided here: what the Authorization header says, when silence counts as a dead connection, and how the
exceptions of asyncio, TLS and the proxy's library read in this package (`_mapped`, the one place). Bytes go
through `client.http1`, or through `client.proxied` where a proxy stands between. Refusals are answers, not
errors: `client.exchange` turns them into exceptions and repeats what the server asks to repeat.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Protocol

from opgen_runtime._version import __version__
from opgen_runtime.client.config import ClusterConfig
from opgen_runtime.client.http1 import Wire
from opgen_runtime.client.transport import Request, Response
from opgen_runtime.errors import ConnectionFailed, RequestTimedOut

REQUEST_SECONDS = 65.0
"""The API server ends ordinary requests after 60 s itself; whoever answers nothing by then is gone."""
IDLE_SECONDS = 95.0
"""Longest silence on a stream. Servers send a bookmark a minute to every watch that asks for them."""

_HEADERS = {
    "User-Agent": f"opgen-runtime/{__version__}",
    "Accept": "application/json",
    # Compressing costs the server more than the network in a cluster costs anybody.
    "Accept-Encoding": "identity",
}


class ProxiedWire(Protocol):
    """What goes through a proxy: `client.proxied`."""

    async def send(
        self, request: Request, headers: Mapping[str, str], timeout: float, idle: float | None
    ) -> Response:
        """Send a request; with `idle` (seconds between chunks) the answer is streamed."""

    async def close(self) -> None:
        """Close everything."""


class LiveTransport:
    """Sends requests to one API server. Belongs to the event loop in which it first sends.

    Raises ConfigurationError at once if the configuration's certificates cannot be used.
    """

    def __init__(self, config: ClusterConfig) -> None:
        self.config = config
        self._credentials = config.credentials
        tls = config.ssl_context()
        self._wire = Wire(config.server, tls, config.tls_server_name)
        self._proxied: ProxiedWire | None = None
        if config.proxy is not None:
            # By name, so that neither a start nor a user's type checker follows it to aiohttp.
            module = import_module("opgen_runtime.client.proxied")
            self._proxied = module.ProxiedWire(config.server, config.proxy, tls, config.tls_server_name)

    async def send(self, request: Request) -> Response:
        """Send one request; after a 401, once more with renewed credentials."""
        response = await self._send(request, await self._credentials.authorization())
        if response.status != 401:
            return response
        await response.close()
        await self._credentials.renew()
        return await self._send(request, await self._credentials.authorization())

    async def close(self) -> None:
        """Close every connection; streams that are still read end with ConnectionFailed."""
        self._wire.close()
        if self._proxied is not None:
            await self._proxied.close()

    async def _send(self, request: Request, authorization: str) -> Response:
        if self._wire.closed:
            raise ConnectionFailed(f"the connection to {self.config.server} was closed on this side")
        headers = {**_HEADERS, **request.headers}
        if authorization:
            headers["Authorization"] = authorization
        with _mapped(request, self.config.server):
            if self._proxied is not None:
                return await self._by_proxy(self._proxied, request, headers)
            return await self._direct(request, headers)

    async def _direct(self, request: Request, headers: Mapping[str, str]) -> Response:
        wire = self._wire
        data = wire.render(request, headers)
        if not request.stream:
            timeout = REQUEST_SECONDS if request.timeout is None else request.timeout
            head, body, _, _ = await wire.exchange(data, request.method, timeout, None)
            return Response(head.status, head.headers, body)
        idle = IDLE_SECONDS if request.timeout is None else request.timeout
        head, body, stream, connection = await wire.exchange(data, request.method, idle, idle)
        if stream is None:
            return Response(head.status, head.headers, body)

        async def close() -> None:
            wire.give_back(connection)

        return Response(head.status, head.headers, b"", self._chunks(stream, request), close)

    async def _by_proxy(self, wire: ProxiedWire, request: Request, headers: Mapping[str, str]) -> Response:
        if request.stream:
            idle = IDLE_SECONDS if request.timeout is None else request.timeout
            response = await wire.send(request, headers, idle, idle)
        else:
            timeout = REQUEST_SECONDS if request.timeout is None else request.timeout
            response = await wire.send(request, headers, timeout, None)
        if response.chunks is None:
            return response
        chunks = self._chunks(response.chunks, request)
        return Response(response.status, response.headers, b"", chunks, response.close)

    async def _chunks(self, chunks: AsyncIterator[bytes], request: Request) -> AsyncIterator[bytes]:
        with _mapped(request, self.config.server):
            async for chunk in chunks:
                yield chunk


@contextmanager
def _mapped(request: Request, server: str) -> Iterator[None]:
    """Turns what the system raises into this package's exceptions; `proxied` has done so with aiohttp's."""
    try:
        yield
    except TimeoutError as err:
        raise RequestTimedOut(f"{request.method} {server}{request.path}: no answer in time") from err
    except OSError as err:
        reason = err.strerror or str(err) or type(err).__name__
        raise ConnectionFailed(f"{request.method} {server}{request.path}: {reason}") from err
