"""What goes into the server and what comes out: requests and responses without sockets.

The shapes are those of the runtime's transport, so that an in-memory transport passes them through
unchanged; `http` translates them from and to aiohttp. Anything with these attributes is accepted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

JSONObject = dict[str, Any]

_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="deterministic").encode


class RequestLike(Protocol):
    """The part of a request that the server reads."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` is absolute with quoted segments, `query` unquoted pairs in order."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    stream: bool = False
    timeout: float | None = None


async def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Response:
    """One answer: `body` whole, or `chunks` for a watch, whose reader awaits `close()` at the end."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    chunks: AsyncIterator[bytes] | None = None
    close: Callable[[], Awaitable[None]] = _nothing

    def header(self, name: str) -> str:
        """A header by its name in any case; empty if absent."""
        wanted = name.lower()
        return next((v for k, v in self.headers.items() if k.lower() == wanted), "")

    def json(self) -> Any:
        """The body as data."""
        return msgspec.json.decode(self.body)


JSON_HEADERS: Mapping[str, str] = {"Content-Type": "application/json"}


def encode(data: object) -> bytes:
    """Data as JSON bytes, as compact as the real server writes them."""
    return _encode(data)


def encode_sorted(data: object) -> bytes:
    """The same with all keys in order, as Go writes a map."""
    return _encode_sorted(data)


def parse(raw: bytes) -> Any:
    """JSON bytes that this server wrote, as data."""
    return msgspec.json.decode(raw)


def json_response(data: object, status: int = 200, headers: Mapping[str, str] = JSON_HEADERS) -> Response:
    """An answer with `data` as its JSON body."""
    return Response(status, headers, _encode(data))


def header(headers: Mapping[str, str], name: str) -> str:
    """A header's value by its name in any case; empty if absent."""
    value = headers.get(name)
    if value is not None:
        return value
    wanted = name.lower()
    for key, value in headers.items():
        if key.lower() == wanted:
            return value
    return ""
