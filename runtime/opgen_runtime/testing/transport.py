"""A transport that calls a function instead of a network."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from opgen_runtime.client.transport import Request, Response
from opgen_runtime.errors import ConnectionFailed

Handler = Callable[[Request], Awaitable[Response]]
"""What answers: the in-process API server's `handle`, or a few lines in a test."""


class InMemoryTransport:
    """Hands each request to `handler`, in the caller's own task and loop.

    After `close` every request fails as if the server were gone.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._closed = False

    async def send(self, request: Request) -> Response:
        """Ask the handler."""
        if self._closed:
            raise ConnectionFailed("the transport is closed")
        return await self._handler(request)

    async def close(self) -> None:
        """Answer nothing any more."""
        self._closed = True
