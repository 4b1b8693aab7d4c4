"""Faults on demand: what a network, a proxy or a server in trouble does to requests and watches.

A `Fault` says which requests it strikes and how; `Faults` picks it for a request and counts. `server` applies it: to
what never reaches the server, to what is answered wrongly, and to the frames of a watch.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from opgen.apiserver.access.attributes import Attributes, attributes_of
from opgen.apiserver.message import JSONObject, RequestLike, Response, encode
from opgen.apiserver.routing import Query
from opgen.apiserver.status import StatusError, bad_request, conflict, expired, too_many_requests
from opgen.apiserver.watch import frame

ACTIONS: Mapping[str, str] = {
    "drop": "the connection breaks before the request is read; of a watch, after `after` events",
    "lose": "the request is done, then the connection breaks: the answer is lost",
    "delay": "`seconds` pass before the request is done",
    "hang": "no answer ever comes (half-open); a watch goes silent after `after` events",
    "conflict": "409, as if somebody else had written first",
    "gone": "410; of a watch, an ERROR event after `after` events",
    "throttle": "429 with Retry-After `seconds`",
    "fail": "an error with the code `status`",
    "truncate": "the answer is cut in the middle, then the connection breaks; of a watch, in its next frame",
    "duplicate": "each frame of a watch comes twice",
}
"""What a fault may do."""

_TOO_OLD = "The provided continue parameter is too old to display a consistent list result."
_GONE = "The resourceVersion for the provided list is too old."
_CHANGED = "the object has been modified; please apply your changes to the latest version and try again"


@dataclass(slots=True)
class Fault:
    """One fault. Empty fields fit every request; `*` fits anything, also in a longer name's place.

    It strikes `times` requests (0: all), beginning with the `nth` that fits. `continued` restricts it to the further
    pages of a list (True) or to their first pages (False).
    """

    action: str
    verb: str = ""
    resource: str = ""
    subresource: str | None = None
    group: str | None = None
    namespace: str = ""
    name: str = ""
    continued: bool | None = None
    nth: int = 1
    times: int = 1
    after: int = 0
    seconds: float = 1.0
    status: int = 500
    message: str = ""
    optional: bool = False
    id: int = 0
    seen: int = 0
    struck: int = 0

    def fits(self, asked: Attributes, continued: bool) -> bool:
        """Whether a request is one that the fault may strike."""
        pairs = ((self.verb, asked.verb), (self.resource, asked.resource), (self.name, asked.name))
        if any(wanted and wanted != found for wanted, found in pairs):
            return False
        if self.namespace and self.namespace != asked.namespace:
            return False
        if self.subresource is not None and self.subresource != asked.subresource:
            return False
        if self.group is not None and self.group != asked.group:
            return False
        return self.continued is None or self.continued == continued

    @property
    def done(self) -> bool:
        """Whether it has struck as often as it should."""
        return 0 < self.times <= self.struck

    @property
    def left(self) -> bool:
        """Whether it was asked for and hasn't struck often enough; once is enough for one without an end."""
        return not self.optional and self.struck < max(self.times, 1)

    def __str__(self) -> str:
        parts = [self.action]
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name not in ("action", "id", "seen", "struck", "optional") and value != each.default:
                parts.append(f"{each.name}={value}")
        count = f"{self.struck} of {self.times}" if self.times else str(self.struck)
        return f"{' '.join(parts)}: struck {count}"

    def body(self) -> JSONObject:
        """As data, with its counters."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def read_fault(data: Any) -> Fault:
    """A fault from JSON; raises 400 for what isn't one."""
    if not isinstance(data, dict):
        raise bad_request("a fault is an object")
    known = {each.name: each for each in fields(Fault) if each.name not in ("id", "seen", "struck")}
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise bad_request(f"unknown fields of a fault: {', '.join(unknown)}; known are {', '.join(known)}")
    if data.get("action") not in ACTIONS:
        raise bad_request(f"action must be one of {', '.join(ACTIONS)}")
    kinds: dict[str, tuple[type, ...]] = {
        "nth": (int,),
        "times": (int,),
        "after": (int,),
        "status": (int,),
        "seconds": (int, float),
        "continued": (bool,),
        "optional": (bool,),
    }
    for name, value in data.items():
        wanted = kinds.get(name, (str,))
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            raise bad_request(f"{name} must be a {wanted[-1].__name__}")
    return Fault(**data)


@dataclass(slots=True)
class Faults:
    """The faults that are waiting, in order; the first one that fits a request strikes it."""

    _held: list[Fault] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> Fault:
        """Let it strike from now on."""
        with self._lock:
            fault.id = next(self._ids)
            self._held.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Let it strike no more."""
        with self._lock:
            if fault in self._held:
                self._held.remove(fault)

    def clear(self) -> list[Fault]:
        """Forget all; returns those that have not struck as often as they were asked to."""
        with self._lock:
            left = [fault for fault in self._held if fault.left]
            self._held.clear()
        return left

    def all(self) -> list[Fault]:
        """All of them, with their counters."""
        with self._lock:
            return list(self._held)

    def take(self, request: RequestLike) -> Fault | None:
        """The fault that strikes this request, counted."""
        if not self._held:
            return None
        query = Query(request.query)
        asked = attributes_of(request.method, request.path, query)
        if asked.path.startswith("/opgen/"):
            return None
        continued = bool(query.get("continue"))
        with self._lock:
            for fault in self._held:
                if fault.done or not fault.fits(asked, continued):
                    continue
                fault.seen += 1
                if fault.seen >= fault.nth:
                    fault.struck += 1
                    return fault
        return None


class Dropped(ConnectionError):
    """The connection breaks here, without an answer."""


async def before(fault: Fault, request: RequestLike) -> Response | None:
    """What happens to a request before the server sees it; an answer ends it. Raises Dropped."""
    if is_watch(request) and fault.action in ("drop", "hang", "gone", "truncate", "duplicate"):
        return None
    match fault.action:
        case "drop":
            raise Dropped("the connection was reset")
        case "delay":
            await asyncio.sleep(fault.seconds)
        case "hang":
            await asyncio.Event().wait()
        case "conflict" | "gone" | "throttle" | "fail":
            return error_of(fault, request).response()
        case _:
            pass
    return None


def after(fault: Fault, request: RequestLike, response: Response) -> Response:
    """What happens to an answer. Raises Dropped."""
    if response.chunks is not None:
        return Response(
            response.status,
            response.headers,
            chunks=_frames(fault, response.chunks),
            close=response.close,
        )
    if fault.action == "lose":
        raise Dropped("the answer was lost")
    if fault.action == "truncate":
        return Response(response.status, response.headers, chunks=_half(response.body), close=response.close)
    return response


def is_watch(request: RequestLike) -> bool:
    """Whether the request opens a watch."""
    return attributes_of(request.method, request.path, Query(request.query)).verb == "watch"


def error_of(fault: Fault, request: RequestLike) -> StatusError:
    """The failure that a fault answers with."""
    query = Query(request.query)
    asked = attributes_of(request.method, request.path, query)
    match fault.action:
        case "conflict":
            return conflict(asked.group, asked.resource, asked.name, fault.message or _CHANGED)
        case "gone":
            return expired(fault.message or (_TOO_OLD if query.get("continue") else _GONE))
        case "throttle":
            text = (
                fault.message
                or "the server has received too many requests and has asked us to try again later"
            )
            return too_many_requests(text, int(fault.seconds))
        case _:
            reason = _REASONS.get(fault.status, "InternalError" if fault.status >= 500 else "")
            return StatusError(fault.status, reason, fault.message or "this fault was asked for", {})


_REASONS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Expired",
    422: "Invalid",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
    504: "Timeout",
}


async def _half(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    raise Dropped("the connection broke in the middle of an answer")


async def _frames(fault: Fault, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The frames of a watch under a fault."""
    count = 0
    if fault.after == 0 and fault.action not in ("duplicate", "truncate"):
        async for struck in _struck(fault, b""):
            yield struck
        if fault.action in ("drop", "hang", "gone", "lose"):
            return
    async for chunk in chunks:
        for line in chunk.splitlines(keepends=True):
            if count < fault.after or fault.action not in ("drop", "hang", "gone", "truncate", "duplicate"):
                yield line
                count += 1
                if count != fault.after or fault.action in ("truncate", "duplicate"):
                    continue
            async for struck in _struck(fault, line):
                yield struck
            if fault.action != "duplicate":
                return


async def _struck(fault: Fault, line: bytes) -> AsyncIterator[bytes]:
    match fault.action:
        case "drop" | "lose":
            raise Dropped("the watch's connection broke")
        case "hang":
            await asyncio.Event().wait()
        case "gone":
            text = fault.message or "too old resource version: 1 (2)"
            yield frame("ERROR", encode(expired(text).body()))
        case "truncate":
            yield line[: len(line) // 2]
            raise Dropped("the watch's connection broke in the middle of a frame")
        case "duplicate":
            yield line
            yield line
        case _:
            pass
