"""HTTP/1.1 responses out of bytes, however they are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opgen_runtime.client.http1_parser import BadResponse, Body, Head, parse_head

CHUNKED = Head(200, {"transfer-encoding": "chunked"}, True)


def fed(body: Body, data: bytes, cuts: list[int]) -> bytes:
    """The body of `data`, fed in pieces."""
    places = sorted({min(cut, len(data)) for cut in cuts})
    pieces = [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]
    return b"".join(body.feed(piece) for piece in pieces)


CUTS = st.lists(st.integers(0, 200), max_size=8)


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=5), CUTS, st.booleans())
def test_a_chunked_body(chunks: list[bytes], cuts: list[int], with_trailer: bool) -> None:
    sent = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(c), c) for c in chunks)
    sent += b"0\r\n" + (b"X: y\r\n" if with_trailer else b"") + b"\r\n"
    body = Body(CHUNKED)
    assert fed(body, sent, cuts) == b"".join(chunks)
    assert body.done
    assert not body.surplus


@given(st.binary(max_size=50), CUTS)
def test_a_body_with_a_length(text: bytes, cuts: list[int]) -> None:
    body = Body(Head(200, {"content-length": str(len(text))}, True))
    assert fed(body, text, cuts) == text
    assert body.done
    body.closed()


@given(st.binary(max_size=50), CUTS)
def test_a_body_that_ends_with_its_connection(text: bytes, cuts: list[int]) -> None:
    body = Body(Head(200, {}, True))
    assert fed(body, text, cuts) == text
    assert not body.done
    body.closed()
    assert body.done


@given(st.binary(max_size=60), CUTS)
def test_nonsense_ends_in_an_error_or_waits(data: bytes, cuts: list[int]) -> None:
    body = Body(CHUNKED)
    try:
        fed(body, data, cuts)
        body.closed()
    except BadResponse:
        return
    assert body.done


@pytest.mark.parametrize("left", [b"3\r\nab", b"3\r\nabc\r\n", b"", b"0\r\n"])
def test_a_chunked_body_that_is_cut_short(left: bytes) -> None:
    body = Body(CHUNKED)
    body.feed(left)
    with pytest.raises(BadResponse, match="within a response"):
        body.closed()


@pytest.mark.parametrize(
    "data", [b"x\r\n", b"-1\r\n", b"+1\r\n", b"1_0\r\n", b"\r\n", b"1\r\nabc", b"1" * 2000]
)
def test_a_chunk_that_is_none(data: bytes) -> None:
    with pytest.raises(BadResponse):
        Body(CHUNKED).feed(data)


def test_more_than_belongs_to_the_body() -> None:
    body = Body(Head(200, {"content-length": "2"}, True))
    assert body.feed(b"abc") == b"ab"
    assert body.surplus
    body = Body(CHUNKED)
    assert body.feed(b"0\r\n\r\nHTTP/1.1") == b""
    assert body.surplus
    body = Body(Head(204, {}, True))
    assert body.feed(b"x") == b""
    assert body.surplus


@pytest.mark.parametrize(
    "headers", [{"content-length": "-1"}, {"content-length": "1, 2"}, {"transfer-encoding": "gzip, chunked"}]
)
def test_a_body_that_is_not_understood(headers: dict[str, str]) -> None:
    with pytest.raises(BadResponse):
        Body(Head(200, headers, True))


def test_a_head() -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nContent-Type: a/b \r\nX-A: 1\r\nx-a: 2\r\nEmpty:")
    assert head == Head(200, {"content-type": "a/b", "x-a": "1, 2", "empty": ""}, True)


@pytest.mark.parametrize(
    ("version", "connection", "kept"),
    [("1.1", "close", False), ("1.1", "", True), ("1.0", "", False), ("1.0", "Keep-Alive", True)],
)
def test_whether_the_connection_stays(version: str, connection: str, kept: bool) -> None:
    line = f"\r\nConnection: {connection}" if connection else ""
    assert parse_head(f"HTTP/{version} 200{line}".encode()).keep_alive == kept


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/2 200 OK",
        b"HTTP/1.1 20x OK",
        b"HTTP/1.1",
        b"SSH-2.0",
        b"HTTP/1.1 200 OK\r\nno colon",
        b"HTTP/1.1 200 OK\r\n: y",
        b"HTTP/1.1 200 OK\r\nName : y",
        b"HTTP/1.1 200 OK\r\nA: b\r\n folded: c",
    ],
)
def test_a_head_that_is_none(raw: bytes) -> None:
    with pytest.raises(BadResponse):
        parse_head(raw)
