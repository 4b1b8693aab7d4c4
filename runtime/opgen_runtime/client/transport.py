"""The one seam between the runtime and the network.

A Transport has one method and a close. `client.live` is the one that opens sockets; tests and the
in-process API server stand behind the same protocol. Above it nobody knows about HTTP libraries.

The shapes that a cache reads are here too, so that a cache depends on this module alone. They are msgspec
structs that the garbage collector does not track (gc=False): a cache may hold a hundred thousand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import msgspec


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `path` is absolute (`/apis/apps/v1/deployments`), its segments already quoted;
    `query` is unquoted. `timeout` is in seconds for the whole request; for a stream, for the wait for the
    first byte and between two chunks (None: the transport's own default)."""

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
    """The answer. Either `body` is whole, or (request.stream and a status below 300) `chunks` yields it.

    Chunks are cut anywhere. Who reads them awaits `close()` at the end; it may be called twice.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    chunks: AsyncIterator[bytes] | None = None
    close: Callable[[], Awaitable[None]] = _nothing

    def header(self, name: str) -> str:
        """A header by its name in any case; empty if absent."""
        value = self.headers.get(name)
        if value is not None:
            return value
        wanted = name.lower()
        return next((v for k, v in self.headers.items() if k.lower() == wanted), "")


class Transport(Protocol):
    """Sends requests. Raises ConnectionFailed where there is no answer; an answer of any status returns."""

    async def send(self, request: Request) -> Response:
        """Send one request and return its answer."""
        ...

    async def close(self) -> None:
        """Release all connections. May be called twice."""
        ...


class OwnerRef(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """An owner reference, as far as mapping and collecting need it."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class Metadata(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The part of an object's metadata that caches, queues and predicates look at."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    finalizers: list[str] | None = None
    owner_references: list[OwnerRef] | None = None


class Item(msgspec.Struct, frozen=True, gc=False):
    """One object: its metadata, and the whole of it as the server sent it.

    `raw` is a copy: it does not keep the page alive. Items of a list of built-in kinds carry no apiVersion
    and kind; `Resource.from_json` of the kind asked for does not need them.
    """

    metadata: Metadata
    raw: bytes


class Page(msgspec.Struct, frozen=True):
    """One page of a list. `continue_token` is empty on the last; `remaining` is None where not said."""

    items: tuple[Item, ...]
    resource_version: str
    continue_token: str = ""
    remaining: int | None = None


class WatchEvent(msgspec.Struct, frozen=True, gc=False):
    """One event of a watch: ADDED, MODIFIED, DELETED or BOOKMARK. An ERROR is raised as ApiError instead.

    A bookmark moves the version only; `initial_events_end` is true on the one that ends a streaming list.
    """

    type: str
    metadata: Metadata
    raw: bytes

    @property
    def initial_events_end(self) -> bool:
        """Whether everything that existed when a streaming list began has been sent."""
        annotations = self.metadata.annotations
        return bool(annotations and annotations.get("k8s.io/initial-events-end") == "true")
