"""A transport that calls a function instead of a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol

from opgen_runtime.client.transport import Request, Response
from opgen_runtime.errors import ConnectionFailed, RequestTimedOut


class ResponseLike(Protocol):
    """Anything with a Response's attributes."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def chunks(self) -> AsyncIterator[bytes] | None: ...
    @property
    def close(self) -> Callable[[], Awaitable[None]]: ...


Handler = Callable[[Request], Awaitable[ResponseLike]]
"""What answers: the in-process API server's `handle`, or a few lines in a test."""


class InMemoryTransport:
    """Hands each request to `handler`, in the caller's own task and loop.

    Keeps a request's timeout: for the whole of it, or for the silence of a stream. After `close` every request
    fails as if the server were gone.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._closed = False

    async def send(self, request: Request) -> Response:
        """Ask the handler."""
        if self._closed:
            raise ConnectionFailed("the transport is closed")
        try:
            async with asyncio.timeout(request.timeout):
                answer = await self._handler(request)
        except TimeoutError as err:
            raise _silence(request) from err
        except ConnectionError as err:
            raise ConnectionFailed(f"{request.method} {request.path}: {err}") from err
        body = answer.body
        if answer.chunks is not None and not (request.stream and answer.status < 300):
            body = b"".join([chunk async for chunk in _limited(answer.chunks, request)])
        chunks = answer.chunks if request.stream and answer.status < 300 else None
        limited = _limited(chunks, request) if chunks is not None else None
        return Response(answer.status, answer.headers, body, limited, answer.close)

    async def close(self) -> None:
        """Answer nothing any more."""
        self._closed = True


async def _limited(chunks: AsyncIterator[bytes], request: Request) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(request.timeout):
                chunk = await anext(chunks, None)
        except TimeoutError as err:
            raise _silence(request) from err
        except ConnectionError as err:
            raise ConnectionFailed(f"{request.method} {request.path}: {err}") from err
        if chunk is None:
            return
        yield chunk


def _silence(request: Request) -> RequestTimedOut:
    return RequestTimedOut(f"{request.method} {request.path}: no answer in time")
