"""Failures as the real server words them: one exception, and a function for each kind of failure.

Who finds that a request can't be done raises; `server` turns the exception into a Status body.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from opgen.apiextensions.errors import OMITTED, ErrorType, FieldError
from opgen.apiextensions.gotext import bad_value, quote
from opgen.apiserver.message import JSONObject, Response, encode

_TITLES = {
    ErrorType.NOT_FOUND: "Not found",
    ErrorType.REQUIRED: "Required value",
    ErrorType.DUPLICATE: "Duplicate value",
    ErrorType.INVALID: "Invalid value",
    ErrorType.NOT_SUPPORTED: "Unsupported value",
    ErrorType.FORBIDDEN: "Forbidden",
    ErrorType.TOO_LONG: "Too long",
    ErrorType.TOO_MANY: "Too many",
    ErrorType.INTERNAL: "Internal error",
    ErrorType.TYPE_INVALID: "Invalid value",
}
_WITHOUT_VALUE = {
    ErrorType.REQUIRED,
    ErrorType.FORBIDDEN,
    ErrorType.TOO_LONG,
    ErrorType.INTERNAL,
}


class StatusError(Exception):
    """A request that fails: HTTP code, reason, message and details of its Status body.

    `details` None leaves the field out, as the real server does for some failures.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: JSONObject | None = None,
        *,
        headers: dict[str, str] | None = None,
        metadata: JSONObject | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.headers = headers or {}
        self.metadata = metadata or {}

    def body(self) -> JSONObject:
        """The Status object."""
        result: JSONObject = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            result["reason"] = self.reason
        if self.details is not None:
            result["details"] = self.details
        result["code"] = self.code
        return result

    def response(self) -> Response:
        """The whole answer."""
        return Response(self.code, {"Content-Type": "application/json", **self.headers}, encode(self.body()))


def _details(name: str, group: str, resource: str, **more: Any) -> JSONObject:
    details: JSONObject = {}
    if name:
        details["name"] = name
    if group:
        details["group"] = group
    if resource:
        details["kind"] = resource
    return details | more


def qualified(group: str, resource: str) -> str:
    """`deployments.apps`, or `pods` for the core group."""
    return f"{resource}.{group}" if group else resource


def not_found(group: str, resource: str, name: str) -> StatusError:
    """404 for an object that isn't there."""
    return StatusError(
        404,
        "NotFound",
        f"{qualified(group, resource)} {quote(name)} not found",
        _details(name, group, resource),
    )


def no_such_resource() -> StatusError:
    """404 for a resource that the server doesn't serve."""
    return StatusError(404, "NotFound", "the server could not find the requested resource", {})


def method_not_allowed() -> StatusError:
    """405 for a verb that exists, but not on this path."""
    return StatusError(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {}
    )


def method_not_supported(group: str, resource: str, action: str) -> StatusError:
    """405 for a verb that this resource lacks."""
    return StatusError(
        405,
        "MethodNotAllowed",
        f'{action} is not supported on resources of kind "{qualified(group, resource)}"',
        _details("", group, resource),
    )


def already_exists(group: str, resource: str, name: str, *, going: bool = False) -> StatusError:
    """409 for a create of an object that is there, or is `going` but not gone yet."""
    return StatusError(
        409,
        "AlreadyExists",
        f"{'object is being deleted: ' if going else ''}{qualified(group, resource)} {quote(name)} already exists",
        _details(name, group, resource),
    )


def conflict(group: str, resource: str, name: str, why: str) -> StatusError:
    """409 for a write that rests on an older state."""
    return StatusError(
        409,
        "Conflict",
        f"Operation cannot be fulfilled on {qualified(group, resource)} {quote(name)}: {why}",
        _details(name, group, resource),
    )


def modified(group: str, resource: str, name: str) -> StatusError:
    """The conflict of an outdated resourceVersion."""
    return conflict(
        group,
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version and try again",
    )


def forbidden(
    group: str, resource: str, name: str, why: str, causes: Sequence[JSONObject] = ()
) -> StatusError:
    """403."""
    details = _details(name, group, resource)
    if causes:
        details["causes"] = list(causes)
    return StatusError(
        403, "Forbidden", f"{qualified(group, resource)} {quote(name)} is forbidden: {why}", details
    )


def bad_request(message: str) -> StatusError:
    """400."""
    return StatusError(400, "BadRequest", message)


def unauthorized() -> StatusError:
    """401."""
    return StatusError(401, "Unauthorized", "Unauthorized")


def too_many_requests(message: str, seconds: int) -> StatusError:
    """429, to be tried again after some seconds."""
    details = {"retryAfterSeconds": seconds}
    return StatusError(429, "TooManyRequests", message, details, headers={"Retry-After": str(seconds)})


def internal_error(why: str) -> StatusError:
    """500 for what went wrong on the server's side."""
    return StatusError(
        500, "InternalError", f"Internal error occurred: {why}", {"causes": [{"message": why}]}
    )


def expired(message: str, metadata: JSONObject | None = None) -> StatusError:
    """410 for history that is gone."""
    return StatusError(410, "Expired", message, metadata=metadata)


def too_large_version(wanted: int, current: int) -> StatusError:
    """504 for a resourceVersion that the server hasn't reached."""
    return StatusError(
        504,
        "Timeout",
        f"Timeout: Too large resource version: {wanted}, current: {current}",
        {
            "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
            "retryAfterSeconds": 1,
        },
    )


def unsupported_media_type(accepted: Iterable[str]) -> StatusError:
    """415 for a body in a format that isn't read here."""
    return StatusError(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(accepted),
    )


def unprocessable_patch(
    message: str = "the server rejected our request due to an error in our request",
) -> StatusError:
    """422 for a patch that can't be applied."""
    return StatusError(422, "Invalid", message, {})


def describe(error: FieldError) -> str:
    """`Invalid value: "x": must be …`, what a cause carries as its message."""
    title = _TITLES[error.type]
    if error.type in _WITHOUT_VALUE or error.value is OMITTED:
        text = title
    else:
        text = f"{title}: {bad_value(error.value)}"
    return f"{text}: {error.detail}" if error.detail else text


def cause(error: FieldError) -> JSONObject:
    """One entry of details.causes."""
    return {"reason": str(error.type), "message": describe(error), "field": error.field}


def aggregate(messages: Sequence[str]) -> str:
    """Several messages as the server joins them: doubles once, brackets around more than one."""
    unique = list(dict.fromkeys(messages))
    return unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]"


def invalid(group: str, kind: str, name: str, errors: Sequence[FieldError]) -> StatusError:
    """422 with one cause for each field error."""
    messages = [f"{error.field}: {describe(error)}" for error in errors]
    return StatusError(
        422,
        "Invalid",
        f"{qualified(group, kind)} {quote(name)} is invalid: {aggregate(messages)}",
        _details(name, group, kind, causes=[cause(error) for error in errors]),
    )
