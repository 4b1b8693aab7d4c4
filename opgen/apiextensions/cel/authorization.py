"""`authorizer` in expressions of admission: what is asked step by step, and the decision that comes of it.

Who decides is given with the values: the server's own authorizer, for whoever sends the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from opgen.apiextensions.cel.values import CelError, Value, register_type

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Question:
    """Whether something may be done: to a resource, or to the path, where that isn't empty.

    `account` is the namespace and name of the ServiceAccount that is meant instead of the request's sender.
    """

    verb: str = ""
    path: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    field_selector: str = ""
    label_selector: str = ""
    account: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a question; `error` says what went wrong while it was sought."""

    allowed: bool
    reason: str = ""
    error: str = ""

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        return bool(self == other)


Decide = Callable[[Question], Decision]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that is being put together."""

    decide: Decide
    question: Question = Question()

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        return bool(self == other)


class Authorizer(Asking):
    """`authorizer`."""

    __slots__ = ()


class PathCheck(Asking):
    """`authorizer.path(...)`."""

    __slots__ = ()


class GroupCheck(Asking):
    """`authorizer.group(...)`."""

    __slots__ = ()


class ResourceCheck(Asking):
    """`authorizer.group(...).resource(...)`, and `authorizer.requestResource`."""

    __slots__ = ()


for _kind in (Authorizer, PathCheck, GroupCheck, ResourceCheck, Decision):
    register_type(_kind, f"kubernetes.authorization.{_kind.__name__}")


def _path(asking: Authorizer, path: str) -> Value:
    if not path.strip():
        raise CelError("path must not be empty")
    return PathCheck(asking.decide, replace(asking.question, path=path))


def _account(asking: Authorizer, namespace: str, name: str) -> Value:
    if len(name) > 253 or _SUBDOMAIN.fullmatch(name) is None:
        raise CelError("Invalid service account name")
    if len(namespace) > 63 or _LABEL.fullmatch(namespace) is None:
        raise CelError("Invalid service account namespace")
    return Authorizer(asking.decide, replace(asking.question, account=(namespace, name)))


def _resource(asking: GroupCheck, resource: str) -> Value:
    if not resource.strip():
        raise CelError("resource must not be empty")
    return ResourceCheck(asking.decide, replace(asking.question, resource=resource))


def _check(asking: Asking, verb: str) -> Value:
    return asking.decide(replace(asking.question, verb=verb))


def _more(change: Callable[[Question, str], Question]) -> Callable[[ResourceCheck, str], Value]:
    return lambda asking, text: ResourceCheck(asking.decide, change(asking.question, text))


OVERLOADS: dict[str, Callable[..., Value]] = {
    "authorizer_path": _path,
    "authorizer_group": lambda asking, group: GroupCheck(
        asking.decide, replace(asking.question, group=group)
    ),
    "authorizer_serviceaccount": _account,
    "groupcheck_resource": _resource,
    "resourcecheck_subresource": _more(lambda q, text: replace(q, subresource=text)),
    "resourcecheck_namespace": _more(lambda q, text: replace(q, namespace=text)),
    "resourcecheck_name": _more(lambda q, text: replace(q, name=text)),
    "authorizer_fieldselector": _more(lambda q, text: replace(q, field_selector=text)),
    "authorizer_labelselector": _more(lambda q, text: replace(q, label_selector=text)),
    "pathcheck_check": _check,
    "resourcecheck_check": _check,
    "decision_allowed": lambda decision: decision.allowed,
    "decision_reason": lambda decision: decision.reason,
    "decision_errored": lambda decision: bool(decision.error),
    "decision_error": lambda decision: decision.error,
}
