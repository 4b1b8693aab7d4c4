"""Turns the server's refusals into exceptions: the only reader of Status objects.

`errors.api_error` picks the class; here the body, the headers and what the request was about come together.
Also decides whether a refusal is worth repeating, and when.
"""

from __future__ import annotations

import msgspec

from opgen_runtime import json
from opgen_runtime.client.transport import Response
from opgen_runtime.errors import ApiError, Cause, DecodeError, Target, api_error

MAX_TEXT = 500
"""Characters of a body that is no Status (a proxy's page, say) that go into the message."""


class _Cause(msgspec.Struct):
    reason: str = ""
    message: str = ""
    field: str = ""


class _Details(msgspec.Struct, rename="camel"):
    causes: list[_Cause] | None = None
    retry_after_seconds: int = 0


class _Status(msgspec.Struct):
    kind: str = ""
    message: str = ""
    reason: str = ""
    code: int = 0
    details: _Details | None = None


_decode_status = json.decoder(_Status)


def refusal(response: Response, target: Target | None = None) -> ApiError:
    """The exception for a response of status 300 or above."""
    wait = retry_after(response)
    try:
        status = _decode_status(response.body)
    except DecodeError:
        status = _Status()
    if status.kind != "Status":
        text = response.body[: 4 * MAX_TEXT].decode("utf-8", "replace").strip()[:MAX_TEXT]
        return api_error(response.status, message=text, retry_after=wait, target=target)
    return _from_status(status, response.status, wait, target)


def refusal_in_watch(raw: bytes, target: Target | None = None) -> ApiError:
    """The exception for the Status that an ERROR event of a watch carries."""
    try:
        status = _decode_status(raw)
    except DecodeError:
        return api_error(500, message=raw[:MAX_TEXT].decode("utf-8", "replace"), target=target)
    return _from_status(status, status.code or 500, None, target)


def retry_after(response: Response) -> float | None:
    """Seconds that the Retry-After header asks for; None if it is absent or a date."""
    value = response.header("Retry-After")
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None


def _from_status(status: _Status, code: int, wait: float | None, target: Target | None) -> ApiError:
    details = status.details or _Details()
    causes = tuple(Cause(c.field, c.reason, c.message) for c in details.causes or ())
    if wait is None and details.retry_after_seconds:
        wait = float(details.retry_after_seconds)
    return api_error(code, status.reason, status.message, causes, wait, target)


class RetryBudget:
    """How often, and for how long in all, one request is repeated because the server asked for it.

    Only 429 and 503 with Retry-After are repeated (429 without one after a second): both say that nothing was
    done. At most `attempts` times and `seconds` in all; what comes after that is the caller's error.
    """

    __slots__ = ("_attempts", "_seconds")

    def __init__(self, attempts: int = 5, seconds: float = 30.0) -> None:
        self._attempts = attempts
        self._seconds = seconds

    def delay(self, response: Response) -> float | None:
        """Seconds to wait before the request is sent again; None to give up."""
        if response.status not in (429, 503):
            return None
        wait = retry_after(response)
        if wait is None:
            if response.status == 503:
                return None
            wait = 1.0
        if self._attempts <= 0 or wait > self._seconds:
            return None
        self._attempts -= 1
        self._seconds -= wait
        return wait
