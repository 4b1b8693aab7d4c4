"""Lines and events out of chunks, pages out of bodies."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opgen_runtime.client.exchange import Exchange
from opgen_runtime.client.raw import RawClient, lines, read_event, read_page
from opgen_runtime.client.transport import Request, Response
from opgen_runtime.errors import ConnectionFailed, DecodeError, Expired, NotFound
from opgen_runtime.objects import ResourceType

KIND = ResourceType("example.com", "v1", "Widget", "widgets")


def streamed(chunks: Sequence[bytes], closed: list[bool] | None = None) -> Response:
    async def iterate() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def close() -> None:
        if closed is not None:
            closed.append(True)

    return Response(200, {}, b"", iterate(), close)


def event(type: str, **metadata: Any) -> bytes:
    return json.dumps({"type": type, "object": {"kind": "Widget", "metadata": metadata}}).encode() + b"\n"


class Scripted:
    """Answers with what it is given, and keeps the requests."""

    def __init__(self, *responses: Response) -> None:
        self.responses = list(responses)
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        return self.responses.pop(0)

    async def close(self) -> None:
        return None


@given(st.lists(st.binary(max_size=6).filter(lambda b: b"\n" not in b), max_size=6), st.data())
async def test_lines_do_not_depend_on_how_chunks_are_cut(texts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(text + b"\n" for text in texts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    chunks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert [line async for line in lines(streamed(chunks))] == [text for text in texts if text]


async def test_a_line_of_many_megabytes() -> None:
    chunk = b"x" * 65536
    found = [line async for line in lines(streamed([chunk] * 200 + [b"\n"]))]
    assert [len(line) for line in found] == [65536 * 200]


async def test_a_stream_cut_within_a_line_is_an_error() -> None:
    with pytest.raises(ConnectionFailed, match="middle of a line"):
        [line async for line in lines(streamed([b'{"a": 1}\n{"b"']))]


async def test_a_body_that_was_not_streamed_reads_the_same() -> None:
    assert [line async for line in lines(Response(200, {}, b"a\n\nb\n"))] == [b"a", b"b"]


async def test_events_carry_metadata_and_bytes() -> None:
    transport = Scripted(
        streamed(
            [event("ADDED", name="a", resourceVersion="5", labels={"x": "y"}), event("DELETED", name="a")]
        )
    )
    watched = RawClient(Exchange(transport)).watch(
        KIND, namespace="n", resource_version="4", timeout_seconds=30
    )
    events = [e async for e in watched]
    assert [(e.type, e.metadata.name, e.metadata.resource_version) for e in events] == [
        ("ADDED", "a", "5"),
        ("DELETED", "a", ""),
    ]
    assert json.loads(events[0].raw)["metadata"]["labels"] == {"x": "y"}
    (request,) = transport.requests
    assert request.path == "/apis/example.com/v1/namespaces/n/widgets"
    assert dict(request.query) == {
        "watch": "1",
        "allowWatchBookmarks": "true",
        "timeoutSeconds": "30",
        "resourceVersion": "4",
    }
    assert (request.stream, request.timeout) == (True, 95.0)


async def test_an_error_event_is_raised_and_the_stream_closed() -> None:
    status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
    line = json.dumps({"type": "ERROR", "object": status}).encode() + b"\n"
    closed: list[bool] = []
    transport = Scripted(streamed([event("ADDED", name="a"), line], closed))
    with pytest.raises(Expired, match="too old"):
        [e async for e in RawClient(Exchange(transport)).watch(KIND)]
    assert closed == [True]


async def test_leaving_a_watch_early_closes_its_stream() -> None:
    closed: list[bool] = []
    transport = Scripted(streamed([event("ADDED", name="a"), event("ADDED", name="b")], closed))
    async with aclosing(RawClient(Exchange(transport)).watch(KIND)) as events:
        assert (await anext(events)).metadata.name == "a"
    assert closed == [True]


async def test_a_watch_that_is_refused() -> None:
    transport = Scripted(Response(404, {}, b"404 page not found"))
    with pytest.raises(NotFound):
        [e async for e in RawClient(Exchange(transport)).watch(KIND)]


def test_a_bookmark_may_end_a_streaming_list() -> None:
    last = read_event(
        event("BOOKMARK", resourceVersion="9", annotations={"k8s.io/initial-events-end": "true"})
    )
    assert last.initial_events_end
    assert not read_event(event("BOOKMARK", resourceVersion="9")).initial_events_end


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"type": "ADDED"}', b'{"type": "ADDED", "object": {}}', b"[" * 9999]
)
def test_a_broken_event_is_a_decode_error(line: bytes) -> None:
    with pytest.raises(DecodeError):
        read_event(line)


def test_a_page() -> None:
    body = {
        "kind": "WidgetList",
        "metadata": {"resourceVersion": "7", "continue": "more", "remainingItemCount": 3},
        "items": [
            {"metadata": {"name": "a", "ownerReferences": [{"kind": "X", "uid": "u", "controller": True}]}}
        ],
    }
    page = read_page(json.dumps(body).encode())
    assert (page.resource_version, page.continue_token, page.remaining) == ("7", "more", 3)
    (item,) = page.items
    assert json.loads(item.raw) == body["items"][0]  # type: ignore[index]  # a literal of mixed values
    owners = item.metadata.owner_references or []
    assert [(o.kind, o.uid, o.controller) for o in owners] == [("X", "u", True)]


def test_an_empty_page_may_hold_null() -> None:
    page = read_page(b'{"metadata": {"resourceVersion": "7"}, "items": null}')
    assert (page.items, page.continue_token, page.remaining) == ((), "", None)


async def test_what_a_list_asks_for() -> None:
    transport = Scripted(Response(200, {}, b'{"metadata": {}, "items": []}'))
    await RawClient(Exchange(transport)).list_page(
        KIND,
        label_selector={"a": "b", "c": ["d", "e"]},
        field_selector="metadata.name=x",
        limit=10,
        continue_token="t",
        resource_version="0",
        resource_version_match="NotOlderThan",
        metadata_only=True,
    )
    (request,) = transport.requests
    assert request.path == "/apis/example.com/v1/widgets"
    assert dict(request.query) == {
        "labelSelector": "a=b,c in (d,e)",
        "fieldSelector": "metadata.name=x",
        "limit": "10",
        "continue": "t",
        "resourceVersionMatch": "NotOlderThan",
        "resourceVersion": "0",
    }
    assert "PartialObjectMetadataList" in request.headers["Accept"]
