"""Pages and watches as bytes with decoded metadata: what a cache is filled from.

No typed object is made here. Objects are copied out of what they came in, so that none keeps a page alive;
lines of a watch are found by splitting chunks, since lines have no bounded length.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from opgen_runtime import json
from opgen_runtime.client.exchange import Exchange, Query
from opgen_runtime.client.paths import Selector, collection_path, selector
from opgen_runtime.client.refusals import refusal_in_watch
from opgen_runtime.client.transport import Item, Metadata, Page, Response, WatchEvent
from opgen_runtime.errors import ConnectionFailed, Target
from opgen_runtime.objects import ResourceType

IDLE_SECONDS = 95.0
"""Longest silence of a watch: servers send a bookmark a minute."""

_META_FORM = "application/json;as={};g=meta.k8s.io;v=v1"


class _ListMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")
    remaining_item_count: int | None = None


class _List(msgspec.Struct):
    metadata: _ListMeta
    items: list[msgspec.Raw] | None = None


class _Object(msgspec.Struct, gc=False):
    metadata: Metadata


class _Envelope(msgspec.Struct, gc=False):
    type: str
    object: msgspec.Raw


_decode_list = msgspec.json.Decoder(_List).decode
_decode_object = msgspec.json.Decoder(_Object).decode
_decode_envelope = msgspec.json.Decoder(_Envelope).decode


def metadata_of(raw: bytes) -> Metadata:
    """The metadata of one object's JSON. Raises DecodeError."""
    return json.decode_with(_decode_object, raw).metadata


def read_page(body: bytes) -> Page:
    """A page from the body of a list. Raises DecodeError."""
    listed = json.decode_with(_decode_list, body)
    meta = listed.metadata
    items = tuple([_item(bytes(raw)) for raw in listed.items or ()])
    return Page(items, meta.resource_version, meta.continue_, meta.remaining_item_count)


def read_event(line: bytes, target: Target | None = None) -> WatchEvent:
    """An event from a line of a watch. Raises DecodeError, and ApiError for an ERROR event."""
    envelope = json.decode_with(_decode_envelope, line)
    raw = bytes(envelope.object)
    if envelope.type == "ERROR":
        raise refusal_in_watch(raw, target)
    return WatchEvent(envelope.type, metadata_of(raw), raw)


def _item(raw: bytes) -> Item:
    return Item(metadata_of(raw), raw)


class RawClient:
    """Lists and watches any kind. `client.raw` of every Client."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def list_page(
        self,
        kind: ResourceType,
        *,
        namespace: str | None = None,
        label_selector: Selector | None = None,
        field_selector: Selector | None = None,
        limit: int = 0,
        continue_token: str = "",
        resource_version: str | None = None,
        resource_version_match: str = "",
        metadata_only: bool = False,
        timeout: float | None = None,
    ) -> Page:
        """One page; `limit` 0 asks for everything at once. `timeout` is in seconds, 65 by default.

        With `metadata_only` the server sends PartialObjectMetadata instead of whole objects. Raises ApiError
        (Expired once the continue token is too old), ConnectionFailed and DecodeError.
        """
        query = _query(
            ("labelSelector", selector(label_selector)),
            ("fieldSelector", selector(field_selector)),
            ("limit", str(limit) if limit else ""),
            ("continue", continue_token),
            ("resourceVersionMatch", resource_version_match),
        )
        if resource_version is not None:
            query = (*query, ("resourceVersion", resource_version))
        response = await self._exchange.call(
            _target("list", kind, namespace),
            collection_path(kind, namespace),
            query,
            accept=_META_FORM.format("PartialObjectMetadataList") if metadata_only else "",
            timeout=timeout,
        )
        return read_page(response.body)

    async def watch(
        self,
        kind: ResourceType,
        *,
        namespace: str | None = None,
        label_selector: Selector | None = None,
        field_selector: Selector | None = None,
        resource_version: str | None = None,
        allow_bookmarks: bool = True,
        send_initial_events: bool = False,
        timeout_seconds: int | None = None,
        metadata_only: bool = False,
        idle_timeout: float = IDLE_SECONDS,
    ) -> AsyncGenerator[WatchEvent, None]:
        """Events until the server ends the watch (after `timeout_seconds`, or when it likes).

        With `send_initial_events` everything that exists comes first as ADDED, then a bookmark with
        `initial_events_end`. A server silent for `idle_timeout` seconds counts as gone: RequestTimedOut. A
        connection that breaks, also in the middle of an event, raises ConnectionFailed; an ERROR event raises
        its ApiError (Expired: list again). Close the iterator (`aclosing`) when leaving early.
        """
        query = _query(
            ("watch", "1"),
            ("labelSelector", selector(label_selector)),
            ("fieldSelector", selector(field_selector)),
            ("allowWatchBookmarks", "true" if allow_bookmarks else ""),
            ("timeoutSeconds", str(timeout_seconds) if timeout_seconds is not None else ""),
        )
        if send_initial_events:
            query = (*query, ("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan"))
        if resource_version is not None:
            query = (*query, ("resourceVersion", resource_version))
        target = _target("watch", kind, namespace)
        response = await self._exchange.call(
            target,
            collection_path(kind, namespace),
            query,
            accept=_META_FORM.format("PartialObjectMetadata") if metadata_only else "",
            stream=True,
            timeout=idle_timeout,
        )
        try:
            async for line in lines(response):
                yield read_event(line, target)
        finally:
            await response.close()


async def lines(response: Response) -> AsyncIterator[bytes]:
    """The lines of a streamed answer without their newlines; empty ones are left out.

    Text after the last newline is an answer that was cut short: ConnectionFailed.
    """
    chunks = response.chunks
    if chunks is None:
        for line in response.body.split(b"\n"):
            if line:
                yield line
        return
    rest: list[bytes] = []
    async for chunk in chunks:
        if b"\n" not in chunk:
            rest.append(chunk)
            continue
        first, *middle, last = chunk.split(b"\n")
        rest.append(first)
        if line := b"".join(rest):
            yield line
        for line in middle:
            if line:
                yield line
        rest = [last] if last else []
    if any(rest):
        raise ConnectionFailed("the stream ended in the middle of a line")


def _query(*pairs: tuple[str, str]) -> Query:
    return tuple(pair for pair in pairs if pair[1])


def _target(verb: str, kind: ResourceType, namespace: str | None) -> Target:
    return Target(verb, kind.group, kind.plural, "", namespace or "")
