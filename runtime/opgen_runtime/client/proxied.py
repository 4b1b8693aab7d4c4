"""Requests through a proxy, by aiohttp: tunnels and proxy authentication are its business.

The one module of the client that loads it. Its exceptions leave as the system's (`_as_system`).
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlencode
from weakref import WeakSet

import aiohttp
from yarl import URL

from opgen_runtime.client.transport import Request, Response

CONNECT_SECONDS = 10.0
READ_BUFFER = 2**18


class ProxiedWire:
    """A session with one API server behind one proxy. Belongs to the loop in which it first sends."""

    def __init__(self, server: str, proxy: str, tls: ssl.SSLContext | None, server_name: str | None) -> None:
        self._server = server
        self._proxy = proxy
        self._tls = tls
        self._server_name = server_name
        self._session: aiohttp.ClientSession | None = None
        self._streams: WeakSet[aiohttp.ClientResponse] = WeakSet()

    async def send(
        self, request: Request, headers: Mapping[str, str], timeout: float, idle: float | None
    ) -> Response:
        """Send a request; with `idle` (seconds between chunks) the answer is streamed below status 300."""
        with _as_system():
            return await self._send(request, headers, timeout, idle)

    async def _send(
        self, request: Request, headers: Mapping[str, str], timeout: float, idle: float | None
    ) -> Response:
        if self._session is None:
            self._session = self._open()
        query = f"?{urlencode(request.query)}" if request.query else ""
        answer = await self._session.request(
            request.method,
            URL(f"{self._server}{request.path}{query}", encoded=True),
            headers=headers,
            data=request.body,
            allow_redirects=False,
            proxy=self._proxy,
            server_hostname=self._server_name,
            timeout=aiohttp.ClientTimeout(
                total=timeout if idle is None else None, sock_connect=CONNECT_SECONDS, sock_read=idle
            ),
        )
        if idle is not None and answer.status < 300:
            self._streams.add(answer)

            async def close() -> None:
                answer.close()

            return Response(answer.status, answer.headers, b"", _chunks(answer), close)
        async with answer:
            return Response(answer.status, answer.headers, await answer.read())

    async def close(self) -> None:
        """Close everything; streams too, which a session's own close would leave waiting."""
        for answer in list(self._streams):
            answer.close()
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=0, ssl=self._tls if self._tls is not None else True)
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            read_bufsize=READ_BUFFER,
            skip_auto_headers=("Content-Type", "User-Agent"),
        )


async def _chunks(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    with _as_system():
        async for chunk in answer.content.iter_any():
            yield chunk


@contextmanager
def _as_system() -> Iterator[None]:
    try:
        yield
    except aiohttp.ServerTimeoutError as err:
        raise TimeoutError(str(err)) from err
    except aiohttp.ClientConnectorError as err:
        raise ConnectionError(f"{err.host}: {err.os_error.strerror or err}") from err
    except aiohttp.ClientError as err:
        raise ConnectionError(str(err) or type(err).__name__) from err
