"""The transport that opens sockets: aiohttp, called directly. Nothing above knows that library.

What is decided here: which connections exist, what the Authorization header says, when silence counts as a
dead connection, and how aiohttp's exceptions read in this package (`_mapped`, the one place). Refusals are
answers, not errors: `client.exchange` turns them into exceptions and repeats what the server asks to repeat.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode
from weakref import WeakSet

import aiohttp
from yarl import URL

from opgen_runtime._version import __version__
from opgen_runtime.client.config import ClusterConfig
from opgen_runtime.client.transport import Request, Response
from opgen_runtime.errors import ConnectionFailed, RequestTimedOut

CONNECT_SECONDS = 10.0
REQUEST_SECONDS = 65.0
"""The API server ends ordinary requests after 60 s itself; whoever answers nothing by then is gone."""
IDLE_SECONDS = 95.0
"""Longest silence on a stream. Servers send a bookmark a minute to every watch that asks for them."""
UNACKNOWLEDGED_MILLISECONDS = 30_000
READ_BUFFER = 2**18

_HEADERS = {
    "User-Agent": f"opgen-runtime/{__version__}",
    "Accept": "application/json",
    # Compressing costs the server more than the network in a cluster costs anybody.
    "Accept-Encoding": "identity",
}


class LiveTransport:
    """Sends requests to one API server. Belongs to the event loop in which it first sends.

    Raises ConfigurationError at once if the configuration's certificates cannot be used.
    """

    def __init__(self, config: ClusterConfig) -> None:
        self.config = config
        self._ssl = config.ssl_context()
        self._credentials = config.credentials
        self._session: aiohttp.ClientSession | None = None
        self._streams: WeakSet[aiohttp.ClientResponse] = WeakSet()
        self._closed = False

    async def send(self, request: Request) -> Response:
        """Send one request; after a 401, once more with renewed credentials."""
        authorization = await self._credentials.authorization()
        response = await self._send(request, authorization)
        if response.status != 401:
            return response
        await response.close()
        await self._credentials.renew()
        return await self._send(request, await self._credentials.authorization())

    async def close(self) -> None:
        """Close every connection; streams that are still read end with ConnectionFailed."""
        self._closed = True
        for answer in list(self._streams):  # a session's close would leave who reads them waiting
            answer.close()
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _send(self, request: Request, authorization: str) -> Response:
        session = self._open_session()
        headers = dict(request.headers)
        if authorization:
            headers["Authorization"] = authorization
        with _mapped(request, self.config.server):
            answer = await session.request(
                request.method,
                self._url(request),
                headers=headers,
                data=request.body,
                allow_redirects=False,
                proxy=self.config.proxy,
                server_hostname=self.config.tls_server_name,
                timeout=_timeout(request),
            )
            if request.stream and answer.status < 300:
                self._streams.add(answer)
                chunks = _chunks(answer, request, self.config.server)
                return Response(answer.status, answer.headers, b"", chunks, _closer(answer))
            async with answer:
                return Response(answer.status, answer.headers, await answer.read())

    def _url(self, request: Request) -> URL:
        # All quoted here and in client.paths; yarl must not "correct" it.
        query = f"?{urlencode(request.query)}" if request.query else ""
        return URL(f"{self.config.server}{request.path}{query}", encoded=True)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            if self._closed:
                raise ConnectionFailed(f"the connection to {self.config.server} was closed on this side")
            connector = aiohttp.TCPConnector(
                limit=0,
                ssl=self._ssl if self._ssl is not None else True,
                socket_factory=_socket,
                keepalive_timeout=60.0,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers=_HEADERS,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=True,
                read_bufsize=READ_BUFFER,
            )
        return self._session


def _timeout(request: Request) -> aiohttp.ClientTimeout:
    if request.stream:
        idle = IDLE_SECONDS if request.timeout is None else request.timeout
        return aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=idle)
    total = REQUEST_SECONDS if request.timeout is None else request.timeout
    return aiohttp.ClientTimeout(total=total, sock_connect=CONNECT_SECONDS)


def _socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """A socket whose dead peer shows within half a minute, also while nothing is being sent."""
    sock = socket.socket(family=address[0], type=address[1], proto=address[2])
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        option = getattr(socket, name, None)  # the names differ between systems
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
    return sock


_KEEPALIVE = (
    ("TCP_KEEPIDLE", 15),
    ("TCP_KEEPINTVL", 5),
    ("TCP_KEEPCNT", 3),
    ("TCP_USER_TIMEOUT", UNACKNOWLEDGED_MILLISECONDS),
)


async def _chunks(answer: aiohttp.ClientResponse, request: Request, server: str) -> AsyncIterator[bytes]:
    with _mapped(request, server):
        async for chunk in answer.content.iter_any():
            yield chunk


def _closer(answer: aiohttp.ClientResponse) -> Callable[[], Awaitable[None]]:
    async def close() -> None:
        answer.close()

    return close


@contextmanager
def _mapped(request: Request, server: str) -> Iterator[None]:
    """Turns what aiohttp and the operating system raise into this package's exceptions."""
    where = f"{request.method} {server}{request.path}"
    try:
        yield
    except (TimeoutError, aiohttp.ServerTimeoutError) as err:
        raise RequestTimedOut(f"{where}: no answer in time") from err
    except (aiohttp.ClientError, OSError) as err:
        raise ConnectionFailed(f"{where}: {_reason(err)}") from err


def _reason(err: BaseException) -> str:
    if isinstance(err, aiohttp.ClientConnectorError):
        return err.os_error.strerror or str(err.os_error) or str(err)
    return str(err) or type(err).__name__
