"""Refusals become exceptions: by reason, with everything that the server said."""

from __future__ import annotations

import json
import pickle
import re
from typing import Any

import pytest
from opgen_runtime import errors
from opgen_runtime.client.refusals import RetryBudget, refusal, refusal_in_watch, retry_after
from opgen_runtime.client.transport import Response
from opgen_runtime.errors import (
    AlreadyExists,
    ApiError,
    BadRequest,
    Cause,
    Conflict,
    Expired,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    ServerTimeout,
    Target,
    TooManyRequests,
    api_error,
)


def status(code: int, reason: str, **more: Any) -> Response:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, **more}
    return Response(code, {"Content-Type": "application/json"}, json.dumps(body).encode())


def all_subclasses(cls: type[Exception]) -> set[type[Exception]]:
    below = set(cls.__subclasses__())
    return below.union(*(all_subclasses(c) for c in below)) if below else below


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__ or ""))
    assert drawn == {
        c.__name__ for c in all_subclasses(errors.OpgenRuntimeError) if c.__module__ == errors.__name__
    }


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        (404, "NotFound", NotFound),
        (409, "Conflict", Conflict),
        (409, "AlreadyExists", AlreadyExists),
        (410, "Expired", Expired),
        (410, "Gone", Gone),
        (422, "Invalid", Invalid),
        (429, "TooManyRequests", TooManyRequests),
        (504, "Timeout", ServerTimeout),
        (500, "ServerTimeout", ServerTimeout),
        (400, "", BadRequest),
        (418, "Teapot", ApiError),
    ],
)
def test_the_reason_picks_the_class(code: int, reason: str, expected: type[ApiError]) -> None:
    err = refusal(status(code, reason, message="no"))
    assert type(err) is expected
    assert (err.status, err.reason, err.message, str(err)) == (code, reason, "no", "no")


def test_causes_and_delays_are_kept() -> None:
    details = {
        "causes": [{"reason": "FieldValueRequired", "message": "m", "field": "spec.a"}],
        "retryAfterSeconds": 7,
    }
    err = refusal(status(422, "Invalid", details=details))
    assert err.causes == (Cause("spec.a", "FieldValueRequired", "m"),)
    assert err.retry_after == 7.0


def test_a_page_of_a_proxy_is_a_refusal_too() -> None:
    err = refusal(Response(502, {}, b"<html>Bad Gateway</html>" * 100))
    assert type(err) is ApiError
    assert err.status == 502
    assert err.message.startswith("<html>Bad Gateway")
    assert len(err.message) <= 500


def test_json_that_is_no_status_is_not_taken_for_one() -> None:
    assert refusal(Response(404, {}, b'{"reason": "Conflict"}')).reason == ""


def test_an_error_event_of_a_watch() -> None:
    raw = status(410, "Expired", message="too old resource version").body
    assert isinstance(refusal_in_watch(raw), Expired)
    assert refusal_in_watch(b"nonsense").status == 500


def test_exceptions_survive_pickling() -> None:
    err = api_error(
        403, "Forbidden", "no", (Cause("a", "b", "c"),), 1.5, Target("get", "apps", "deployments")
    )
    again = pickle.loads(pickle.dumps(err))
    assert type(again) is Forbidden
    assert vars(again) == vars(err)


def test_only_the_authorizer_asks_for_a_role() -> None:
    target = Target("patch", "", "pods", "status", "default", "p")
    said = (
        'pods "p" is forbidden: User "x" cannot patch resource "pods/status" in API group "" in the namespace'
    )
    assert Forbidden(403, "Forbidden", said, target=target).rbac_line == (
        '@rbac(groups="", resources="pods/status", verbs="patch")'
    )
    assert Forbidden(403, "Forbidden", "exceeded quota: pods", target=target).rbac_line == ""
    assert Forbidden(403, "Forbidden", said).rbac_line == ""


@pytest.mark.parametrize(
    ("header", "seconds"), [("3", 3.0), ("", None), ("Tue, 24 Nov 2026", None), ("-1", 0.0)]
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert retry_after(Response(429, {"retry-after": header} if header else {})) == seconds


def test_a_budget_ends() -> None:
    budget = RetryBudget(attempts=2, seconds=10)
    busy = Response(429, {"Retry-After": "4"})
    assert [budget.delay(busy) for _ in range(3)] == [4.0, 4.0, None]
    assert RetryBudget(seconds=3).delay(busy) is None


@pytest.mark.parametrize("code", [400, 409, 500, 503, 504])
def test_what_is_not_safe_to_repeat_is_not_repeated(code: int) -> None:
    assert RetryBudget().delay(Response(code, {})) is None


def test_too_many_requests_waits_a_second_by_default() -> None:
    assert RetryBudget().delay(Response(429, {})) == 1.0
    assert RetryBudget().delay(Response(503, {"Retry-After": "1"})) == 1.0
