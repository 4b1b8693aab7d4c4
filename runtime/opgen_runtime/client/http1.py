"""Connections to one API server: HTTP/1.1 over asyncio's own transports.

A request costs a fraction of what it does through a general HTTP library, and an operator at rest does not
carry one. Decided here: when a connection may be used again, and how long a stream may be silent. What is
written and read is decided by `Wire.render` and `http1_parser`; exceptions are asyncio's and the system's, and
`client.live` maps them.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Mapping
from functools import lru_cache
from typing import cast
from urllib.parse import urlencode, urlsplit

from opgen_runtime.client.http1_parser import MAX_HEAD, BadResponse, Body, Head, parse_head
from opgen_runtime.client.transport import Request

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 60.0
"""Connections that nobody used for longer are not used again: whatever is between may have forgotten them."""
STREAM_BUFFER = 2**20
"""Unread bytes of a stream beyond which the server has to wait."""

_KEEPALIVE = (
    ("TCP_KEEPIDLE", 15),
    ("TCP_KEEPINTVL", 5),
    ("TCP_KEEPCNT", 3),
    ("TCP_USER_TIMEOUT", 30_000),
)


_encoded = lru_cache(maxsize=256)(urlencode)  # a controller's requests differ in their paths


class Lost(ConnectionError):
    """The connection ended before anything of the answer arrived."""


class Stream:
    """The chunks of a body as they arrive; ends with it, or raises what ended the connection."""

    __slots__ = ("_connection", "_error", "_idle", "_parts", "_size", "_waiter", "finished")

    def __init__(self, connection: Connection, idle: float) -> None:
        self._connection = connection
        self._idle = idle
        self._parts: deque[bytes] = deque()
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None
        self._error: BaseException | None = None
        self.finished = False

    def put(self, part: bytes) -> None:
        """More of the body."""
        if part:
            self._parts.append(part)
            self._size += len(part)
            if self._size > STREAM_BUFFER:
                self._connection.pause()
            self._wake()

    def finish(self, error: BaseException | None = None) -> None:
        """No more comes; `error` says that more should have."""
        if not self.finished:
            self.finished = True
            self._error = error
            self._wake()

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> bytes:
        while not self._parts:
            if self.finished:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(self._idle, self._silent)
            try:
                await self._waiter
            finally:
                timer.cancel()
                self._waiter = None
        part = b"".join(self._parts) if len(self._parts) > 1 else self._parts[0]
        self._parts.clear()
        if self._size > STREAM_BUFFER:
            self._connection.resume()
        self._size = 0
        return part

    def _silent(self) -> None:
        self.finish(TimeoutError())
        self._connection.abort()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[tuple[Head, bytes, Stream | None]] | None = None
        self._pending = b""
        self._head: Head | None = None
        self._body: Body | None = None
        self._parts: list[bytes] = []
        self._stream: Stream | None = None
        self._idle: float | None = None

    @property
    def reusable(self) -> bool:
        """Whether the last answer is complete and both sides left the connection open."""
        return (
            self._transport is not None
            and not self._transport.is_closing()
            and self._waiter is None
            and self._body is None
        )

    async def exchange(
        self, data: bytes, timeout: float, idle: float | None
    ) -> tuple[Head, bytes, Stream | None]:
        """Send a request; its answer's head and body, or with `idle` (seconds) a stream below status 300."""
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        self._idle = idle
        waiter: asyncio.Future[tuple[Head, bytes, Stream | None]] = loop.create_future()
        self._waiter = waiter
        timer = loop.call_later(timeout, self._fail, TimeoutError())
        try:
            self._transport.write(data)
            return await waiter
        finally:
            timer.cancel()
            self._waiter = None
            if not waiter.done() or waiter.cancelled():
                self.abort()

    def pause(self) -> None:
        """Let the server wait."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Go on reading."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def abort(self) -> None:
        """Close at once, whatever is unsent or unread."""
        if self._transport is not None:
            self._transport.abort()

    # -- called by asyncio -----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:  # a dead peer shows within half a minute; names differ between systems
            option = getattr(socket, name, None)
            if option is not None:
                sock.setsockopt(socket.IPPROTO_TCP, option, value)

    def data_received(self, data: bytes) -> None:
        try:
            self._received(data)
        except BadResponse as err:
            self._fail(err)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        body = self._body
        if body is None:
            said = str(error) if error is not None else "the server closed the connection"
            self._fail(
                Lost(said) if not self._pending else BadResponse("the connection was closed within a head")
            )
            return
        try:
            if error is not None:
                raise error
            body.closed()
        except (OSError, BadResponse) as err:
            self._fail(err)
        else:
            self._complete()

    def _received(self, data: bytes) -> None:
        if self._body is None:
            if self._waiter is None:
                raise BadResponse("the server spoke first")
            data = self._pending + data if self._pending else data
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._pending = data
                if len(data) > MAX_HEAD:
                    raise BadResponse("the head does not end")
                return
            head = parse_head(data[:end])
            self._pending = b""
            if head.status < 200:  # an interim answer: the real one follows
                if rest := data[end + 4 :]:
                    self._received(rest)
                return
            self._head, self._body = head, Body(head)
            data = data[end + 4 :]
            if self._idle is not None and head.status < 300:
                self._stream = Stream(self, self._idle)
                if not self._waiter.done():
                    self._waiter.set_result((head, b"", self._stream))
        part = self._body.feed(data)
        if self._stream is not None:
            self._stream.put(part)
        else:
            self._parts.append(part)
        if self._body.done:
            self._complete()

    def _complete(self) -> None:
        head, body, stream, waiter = self._head, self._body, self._stream, self._waiter
        assert head is not None
        assert body is not None
        text = b"".join(self._parts)
        self._head = self._body = self._stream = None
        self._parts = []
        if not head.keep_alive or body.surplus or body.until_closed:
            self.abort()
        if stream is not None:
            stream.finish()
        elif waiter is not None and not waiter.done():
            waiter.set_result((head, text, None))

    def _fail(self, error: BaseException) -> None:
        if self._stream is not None:
            self._stream.finish(error)
        elif self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
        self.abort()


class Wire:
    """Renders requests and hands them to connections, as many as are needed at once."""

    def __init__(self, server: str, tls: ssl.SSLContext | None, server_name: str | None) -> None:
        parts = urlsplit(server)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._prefix = parts.path.rstrip("/")
        self._tls = tls
        self._server_name = (server_name or self._host) if tls is not None else None
        self._netloc = parts.netloc.rpartition("@")[2]
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        self.closed = False

    def render(self, request: Request, headers: Mapping[str, str]) -> bytes:
        """The request as bytes. Raises ValueError where a header or path would break out of its line."""
        query = f"?{_encoded(request.query)}" if request.query else ""
        lines = [f"{request.method} {self._prefix}{request.path}{query} HTTP/1.1", f"Host: {self._netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        body = request.body
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
            raise ValueError("a line break within a request's path or header")
        return head.encode("latin-1") + b"\r\n\r\n" + (body or b"")

    async def exchange(
        self, data: bytes, method: str, timeout: float, idle: float | None
    ) -> tuple[Head, bytes, Stream | None, Connection]:
        """Send a rendered request. A GET is sent again where a kept connection turns out to be gone."""
        while True:
            if self.closed:
                raise ConnectionError("the connection was closed on this side")
            connection = self._take()
            kept = connection is not None
            if connection is None:
                connection = await self._connect()
            try:
                head, body, stream = await connection.exchange(data, timeout, idle)
            except BaseException as err:
                self._drop(connection)
                if kept and method == "GET" and isinstance(err, Lost):
                    continue
                raise
            if stream is None:
                self.give_back(connection)
            return head, body, stream, connection

    def give_back(self, connection: Connection) -> None:
        """The answer has been read, or is not wanted any more."""
        if connection.reusable and not self.closed:
            connection.idle_since = now = asyncio.get_running_loop().time()
            self._idle.append(connection)
            if (
                self._idle[0].idle_since < now - IDLE_SECONDS
            ):  # the newest is used first, this one may never be
                self._drop(self._idle.pop(0))
        else:
            self._drop(connection)

    def close(self) -> None:
        """Close every connection; who waits for an answer gets an error."""
        self.closed = True
        for connection in self._all:
            connection.abort()
        self._all.clear()
        self._idle.clear()

    def _take(self) -> Connection | None:
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable and connection.idle_since >= oldest:
                return connection
            self._drop(connection)
        return None

    def _drop(self, connection: Connection) -> None:
        self._all.discard(connection)
        connection.abort()

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_SECONDS):
            _, connection = await loop.create_connection(
                Connection,
                self._host,
                self._port,
                ssl=self._tls,
                server_hostname=self._server_name,
                happy_eyeballs_delay=0.25,
            )
        if self.closed:
            connection.abort()
            raise ConnectionError("the connection was closed on this side")
        self._all.add(connection)
        return connection
