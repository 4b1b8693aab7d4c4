"""Reading HTTP/1.1 responses out of bytes: pure, fed with whatever arrives.

Only what API servers and the load balancers before them send: status line and headers, and a body that has a
length, is chunked, or ends with the connection. Anything else is BadResponse. `client.http1` does the I/O.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_HEAD = 65_536
MAX_SIZE_LINE = 1_024
_HEX = frozenset(b"0123456789abcdefABCDEF")


class BadResponse(ConnectionError):
    """What arrived is not an HTTP/1.1 response, or was cut short."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers; names in lower case, values of repeated ones joined by commas."""

    status: int
    headers: dict[str, str]
    keep_alive: bool


def parse_head(raw: bytes) -> Head:
    """The head from its bytes, without the empty line. Raises BadResponse."""
    status_line, *lines = raw.decode("latin-1").split("\r\n")
    version, _, rest = status_line.partition(" ")
    code = rest[:3]
    if version not in ("HTTP/1.1", "HTTP/1.0") or not (
        code.isdecimal() and code.isascii() and len(code) == 3
    ):
        raise BadResponse(f"not an HTTP/1.1 response: {status_line[:80]!r}")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name[-1] in " \t" or name[0] in " \t":
            raise BadResponse(f"not a header: {line[:80]!r}")
        name, value = name.lower(), value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    options = headers.get("connection", "").lower()
    keep_alive = "close" not in options if version == "HTTP/1.1" else "keep-alive" in options
    return Head(int(code), headers, keep_alive)


class Body:
    """Takes the bytes after a head and gives those of the body.

    `done` says that the body is complete; `surplus` that more came than belongs to it.
    """

    __slots__ = ("_after_chunk", "_chunked", "_left", "_rest", "_trailers", "done", "surplus", "until_closed")

    def __init__(self, head: Head) -> None:
        length = head.headers.get("content-length")
        encoding = head.headers.get("transfer-encoding", "").lower()
        self._rest = b""
        self._left = 0
        self._after_chunk = 0
        self._trailers = False
        self._chunked = encoding == "chunked"
        self.until_closed = False
        self.surplus = False
        self.done = head.status in (204, 304)
        if self.done or self._chunked:
            return
        if encoding:
            raise BadResponse(f"transfer encoding {encoding[:40]!r} is not understood")
        if length is None:
            self.until_closed = True
        elif length.isdecimal() and length.isascii():
            self._left = int(length)
            self.done = self._left == 0
        else:
            raise BadResponse(f"not a length: {length[:40]!r}")

    def feed(self, data: bytes) -> bytes:
        """The part of the body in `data`. Raises BadResponse."""
        if self.done:
            self.surplus = self.surplus or bool(data)
            return b""
        if self._chunked:
            return self._feed_chunked(data)
        if self.until_closed:
            return data
        if len(data) > self._left:
            self.surplus = True
            data = data[: self._left]
        self._left -= len(data)
        self.done = self._left == 0
        return data

    def closed(self) -> None:
        """The connection ended. Raises BadResponse if the body should have gone on."""
        if not self.done and not self.until_closed:
            raise BadResponse("the connection was closed within a response")
        self.done = True

    def _feed_chunked(self, data: bytes) -> bytes:
        if self._rest:
            data, self._rest = self._rest + data, b""
        parts: list[bytes] = []
        at, end = 0, len(data)
        while at < end and not self.done:
            if self._left:
                taken = min(self._left, end - at)
                parts.append(data[at : at + taken])
                at += taken
                self._left -= taken
                self._after_chunk = 0 if self._left else 2
            elif self._after_chunk:
                taken = min(self._after_chunk, end - at)
                if data[at : at + taken] != b"\r\n"[2 - self._after_chunk :][:taken]:
                    raise BadResponse("a chunk is longer than it says")
                at += taken
                self._after_chunk -= taken
            else:
                newline = data.find(b"\n", at)
                if newline < 0:
                    self._rest = data[at:]
                    if len(self._rest) > MAX_SIZE_LINE:
                        raise BadResponse("the line before a chunk does not end")
                    break
                self._line(data[at:newline].rstrip(b"\r"))
                at = newline + 1
        self.surplus = self.surplus or (self.done and at < end)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _line(self, line: bytes) -> None:
        if self._trailers:
            self.done = not line
            return
        size = line.partition(b";")[0].strip()
        if not size or not _HEX.issuperset(size):
            raise BadResponse(f"not a chunk's size: {line[:40]!r}")
        self._left = int(size, 16)
        self._trailers = self._left == 0
