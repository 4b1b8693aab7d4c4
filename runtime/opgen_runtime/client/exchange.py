"""One request from a verb to an answer: the place that every request passes.

Decided here: whether a write may go out (`WriteGate`: fencing and dry run), whether a refusal is repeated
(`refusals.RetryBudget`), and that any other refusal becomes an exception which knows what was asked. Verbs are
above in `client.client`, bytes below in the transport.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from opgen_runtime.client.refusals import RetryBudget, refusal
from opgen_runtime.client.transport import Request, Response, Transport
from opgen_runtime.errors import Forbidden, Target
from opgen_runtime.metrics import observe_request, observe_retry

log = logging.getLogger(__name__)

Query = tuple[tuple[str, str], ...]

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

METHODS: Mapping[str, str] = {
    "get": "GET",
    "list": "GET",
    "watch": "GET",
    "create": "POST",
    "update": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "deletecollection": "DELETE",
}
"""The HTTP method of each verb, as RBAC spells the verbs."""

WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})

_CONTENT_HEADERS: Mapping[str, Mapping[str, str]] = {
    kind: {"Content-Type": kind} for kind in (JSON, MERGE_PATCH, JSON_PATCH, STRATEGIC_PATCH, APPLY_PATCH)
}
_NO_HEADERS: Mapping[str, str] = {}


def _admit_all(target: Target) -> None:
    return None


_said: set[str] = set()


def _say_once(message: str, detail: str) -> None:
    """For people: one line for each different text, since a controller meets the same again and again."""
    if detail not in _said and len(_said) < 1000:
        _said.add(detail)
        log.warning(message, detail)


class WriteGate:
    """What every write passes before it is sent.

    `fence` is called with what is about to be written and raises WriteFenced to stop it: the elector puts its
    check here. With `dry_run` the server judges and answers, but keeps nothing. Both may change at any time.
    """

    __slots__ = ("dry_run", "fence")

    def __init__(self, fence: Callable[[Target], None] = _admit_all, *, dry_run: bool = False) -> None:
        self.fence = fence
        self.dry_run = dry_run


class Exchange:
    """Sends verbs through a transport and raises refusals."""

    __slots__ = ("_host", "gate", "transport")

    def __init__(self, transport: Transport, gate: WriteGate | None = None, *, host: str = "") -> None:
        self.transport = transport
        self.gate = gate if gate is not None else WriteGate()
        self._host = urlsplit(host).netloc or host  # for metrics: a path may hold what nobody should see

    async def call(
        self,
        target: Target,
        path: str,
        query: Query = (),
        body: bytes | None = None,
        content_type: str = JSON,
        *,
        accept: str = "",
        stream: bool = False,
        timeout: float | None = None,
    ) -> Response:
        """The server's answer. Raises ApiError for a refusal, ConnectionFailed where there is no answer, and
        WriteFenced where a write may not be sent."""
        if target.verb in WRITES and self.gate.dry_run and ("dryRun", "All") not in query:
            query = (*query, ("dryRun", "All"))
        headers = _CONTENT_HEADERS[content_type] if body is not None else _NO_HEADERS
        if accept:
            headers = {**headers, "Accept": accept}
        method = METHODS[target.verb]
        request = Request(method, path, query, headers, body, stream, timeout)
        response = await self._send(target, request)
        if response.status >= 300:
            response = await self._repeat(target, request, response)
        if target.verb in WRITES and (warning := response.header("Warning")):
            _say_once("the API server warns: %s", warning)
        return response

    async def _send(self, target: Target, request: Request) -> Response:
        if target.verb in WRITES:
            self.gate.fence(target)  # right before each sending: a wait may outlast a lease
        clock = asyncio.get_running_loop().time
        began = clock()
        response = await self.transport.send(request)
        sent = len(request.body) if request.body else 0
        observe_request(
            target.verb,
            request.method,
            self._host,
            response.status,
            clock() - began,
            sent,
            len(response.body),
        )
        return response

    async def _repeat(self, target: Target, request: Request, response: Response) -> Response:
        """After a refusal: repeats it as long as the server asks for that, then raises."""
        budget = RetryBudget()
        while response.status >= 300:
            await response.close()
            delay = budget.delay(response)
            if delay is None:
                error = refusal(response, target)
                if isinstance(error, Forbidden) and error.rbac_line:
                    _say_once("not allowed; declare it beside the code that needs it: %s", error.rbac_line)
                raise error
            await asyncio.sleep(delay)
            observe_retry(request.method, self._host, response.status)
            response = await self._send(target, request)
        return response
