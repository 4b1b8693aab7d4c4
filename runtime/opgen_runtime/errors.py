"""What can go wrong when an operator talks to a cluster.

    OpgenRuntimeError
    ├── ConfigurationError     no cluster is configured, or its configuration cannot be used: one line
    ├── ConnectionFailed       no answer: refused, reset, TLS, cut short
    │   └── RequestTimedOut    no answer in time
    ├── DecodeError            the answer is not what its kind promises; carries the raw bytes
    ├── TerminalError          raised by a reconciler: trying again is useless
    ├── OwnershipError         Kubernetes cannot hold this owner for that object
    ├── WriteFenced            writes are not allowed now (the lease is lost)
    ├── WaitTimedOut           a condition was not met in time
    └── ApiError               the server answered with a Status; subclasses by its reason
        ├── BadRequest             400
        ├── Unauthorized           401
        ├── Forbidden              403: knows the `@rbac` line that is missing
        ├── NotFound               404
        ├── MethodNotAllowed       405
        ├── NotAcceptable          406
        ├── Conflict               409, a stale resourceVersion or a foreign field owner
        ├── AlreadyExists          409
        ├── Gone                   410
        │   └── Expired                410, a continue token or watch version too old
        ├── RequestTooLarge        413
        ├── UnsupportedMediaType   415
        ├── Invalid                422, `causes` name the fields
        ├── TooManyRequests        429
        ├── InternalError          500
        ├── ServiceUnavailable     503
        └── ServerTimeout          500 or 504

`api_error` alone picks the class. Exceptions of other libraries become these in one place each:
`client.live` for HTTP (`client.proxied` hands it aiohttp's as the system's), `client.kubeconfig` for the
official package, `json` for decoding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class OpgenRuntimeError(Exception):
    """Base of every exception that the runtime raises on purpose."""


class ConfigurationError(OpgenRuntimeError):
    """No cluster is configured, or the configuration cannot be used. The message is one line."""


class ConnectionFailed(OpgenRuntimeError):
    """The server gave no answer. The request may or may not have taken effect."""


class RequestTimedOut(ConnectionFailed):
    """The server gave no answer in time."""


class DecodeError(OpgenRuntimeError):
    """Bytes that are not what they should be. `raw` holds them, as they came."""

    def __init__(self, message: str, raw: bytes = b"") -> None:
        super().__init__(message)
        self.raw = raw


class TerminalError(OpgenRuntimeError):
    """Raised by a reconciler when trying again cannot help: counted and logged, not retried."""


class OwnershipError(OpgenRuntimeError):
    """The owner cannot own the object: the garbage collector would delete the object at once."""


class WriteFenced(OpgenRuntimeError):
    """A write was refused on this side, since this process may not write now."""


class WaitTimedOut(OpgenRuntimeError):
    """What `wait_for` waited for did not come in time."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for a refusal. `field` is a path as the server words it, `type` its cause type."""

    field: str
    type: str
    message: str


@dataclass(frozen=True, slots=True)
class Target:
    """What a request was about: the attributes that RBAC judges by."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""


class ApiError(OpgenRuntimeError):
    """The server refused, with a Status.

    `status` is the HTTP code, `reason` the Status' reason (may be empty), `message` the server's text,
    `causes` its details, `retry_after` the seconds that it asks to wait (None: not said), `target` what
    the request was about (None: not known).
    """

    def __init__(
        self,
        status: int,
        reason: str = "",
        message: str = "",
        causes: tuple[Cause, ...] = (),
        retry_after: float | None = None,
        target: Target | None = None,
    ) -> None:
        super().__init__(message or reason or f"HTTP {status}")
        self.status = status
        self.reason = reason
        self.message = message
        self.causes = causes
        self.retry_after = retry_after
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (self.status, self.reason, self.message, self.causes, self.retry_after, self.target)
        return type(self), fields


class BadRequest(ApiError):
    """400: the request makes no sense to the server."""


class Unauthorized(ApiError):
    """401: the server does not know who asks."""


class Forbidden(ApiError):
    """403: RBAC or an admission plugin says no."""

    @property
    def rbac_line(self) -> str:
        """The declaration that would allow the request; empty if it was not RBAC that refused."""
        target = self.target
        if target is None or not target.resource or not _by_authorizer(self.message):
            return ""
        resource = f"{target.resource}/{target.subresource}" if target.subresource else target.resource
        return f'@rbac(groups="{target.group}", resources="{resource}", verbs="{target.verb}")'


class NotFound(ApiError):
    """404: no such object, or no such kind."""


class MethodNotAllowed(ApiError):
    """405: the resource has no such verb."""


class NotAcceptable(ApiError):
    """406: the server cannot answer in the form that was asked for."""


class Conflict(ApiError):
    """409: the object changed meanwhile, or somebody else owns the applied field."""


class AlreadyExists(ApiError):
    """409: an object of this name exists."""


class Gone(ApiError):
    """410: what was asked for is no longer kept."""


class Expired(Gone):
    """410: the continue token or the version to watch from is too old; list again."""


class RequestTooLarge(ApiError):
    """413: the object is too big for the server."""


class UnsupportedMediaType(ApiError):
    """415: the resource does not take this kind of patch."""


class Invalid(ApiError):
    """422: the object breaks its schema; `causes` name the fields."""


class TooManyRequests(ApiError):
    """429: the server sheds load; `retry_after` says for how long."""


class InternalError(ApiError):
    """500: the server or a webhook of it failed."""


class ServiceUnavailable(ApiError):
    """503: the server is starting, stopping, or an aggregated one is away."""


class ServerTimeout(ApiError):
    """500 or 504: the server could not finish in time; the write may or may not have taken effect."""


_BY_REASON: dict[str, type[ApiError]] = {
    "BadRequest": BadRequest,
    "Unauthorized": Unauthorized,
    "Forbidden": Forbidden,
    "NotFound": NotFound,
    "MethodNotAllowed": MethodNotAllowed,
    "NotAcceptable": NotAcceptable,
    "Conflict": Conflict,
    "AlreadyExists": AlreadyExists,
    "Gone": Gone,
    "Expired": Expired,
    "RequestEntityTooLarge": RequestTooLarge,
    "UnsupportedMediaType": UnsupportedMediaType,
    "Invalid": Invalid,
    "TooManyRequests": TooManyRequests,
    "InternalError": InternalError,
    "ServiceUnavailable": ServiceUnavailable,
    "ServerTimeout": ServerTimeout,
    "Timeout": ServerTimeout,
}

_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    406: NotAcceptable,
    409: Conflict,
    410: Gone,
    413: RequestTooLarge,
    415: UnsupportedMediaType,
    422: Invalid,
    429: TooManyRequests,
    500: InternalError,
    503: ServiceUnavailable,
    504: ServerTimeout,
}


def api_error(
    status: int,
    reason: str = "",
    message: str = "",
    causes: tuple[Cause, ...] = (),
    retry_after: float | None = None,
    target: Target | None = None,
) -> ApiError:
    """The exception for a refusal: by reason, as the server means it; by code where it gives none."""
    kind = _BY_REASON.get(reason) or _BY_STATUS.get(status, ApiError)
    return kind(status, reason, message, causes, retry_after, target)


def _by_authorizer(message: str) -> bool:
    # The authorizer's wording; quota, Pod security and webhooks refuse with other texts.
    return " cannot " in message and " resource " in message
