"""How long a connection may take: with its first request's headers, and idle between two requests.

The same limits as kube-apiserver's. Whoever sends a header a minute holds a socket no longer than anybody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

HEADER_SECONDS = 32.0
IDLE_SECONDS = 90.0
BODY_SECONDS = 60.0
"""For a request's body to arrive."""
MAX_HEADERS = 128
MAX_FIELD = 65536
"""Bytes of one header, and of the first line."""

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class TooLarge(Exception):
    """A body is longer than is allowed."""


class BoundedServer(web.Server):
    """aiohttp's server, which closes a connection whose first request does not come in time."""

    def __init__(self, handler: Handler, *, header_seconds: float = HEADER_SECONDS) -> None:
        super().__init__(
            handler,
            request_factory=self._heard_of,
            access_log=None,
            max_headers=MAX_HEADERS,
            max_field_size=MAX_FIELD,
            max_line_size=MAX_FIELD,
            keepalive_timeout=IDLE_SECONDS,
            auto_decompress=False,  # kube-apiserver takes bodies as they are, too
        )
        self._header_seconds = header_seconds
        self._waiting: dict[web.RequestHandler, asyncio.TimerHandle] = {}

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """The clock starts with the connection."""
        super().connection_made(handler, transport)
        loop = asyncio.get_running_loop()
        self._waiting[handler] = loop.call_later(self._header_seconds, handler.force_close)

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Nobody is waited for any more."""
        self._stop_clock(handler)
        super().connection_lost(handler, exc)

    def _heard_of(self, *parts: Any) -> web.BaseRequest:
        """Called when a request's headers are complete."""
        message, payload, protocol, *rest = parts
        self._stop_clock(protocol)
        return self._make_request(message, payload, protocol, *rest)

    def _stop_clock(self, handler: web.RequestHandler) -> None:
        timer = self._waiting.pop(handler, None)
        if timer is not None:
            timer.cancel()


async def read_body(request: web.BaseRequest, limit: int, seconds: float = BODY_SECONDS) -> bytes:
    """The body. Raises TooLarge, and TimeoutError or ConnectionError for one that does not come whole."""
    if not request.body_exists:
        return b""
    parts: list[bytes] = []
    size = 0
    async with asyncio.timeout(seconds):
        try:
            async for chunk in request.content.iter_any():
                size += len(chunk)
                if size > limit:
                    raise TooLarge
                parts.append(chunk)
        except (web.PayloadAccessError, web.RequestPayloadError) as problem:
            raise ConnectionError(str(problem)) from problem
    return b"".join(parts)
