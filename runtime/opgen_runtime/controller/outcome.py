"""What follows from how a reconcile ended: what is counted, and when the key comes back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from opgen_runtime.controller.options import ControllerOptions, seconds
from opgen_runtime.controller.reconciler import Result
from opgen_runtime.errors import AlreadyExists, Conflict, NotFound, TerminalError
from opgen_runtime.objects import ObjectKey, ResourceType


class Kind(Enum):
    """How a reconcile ended."""

    SUCCESS = "success"
    CONFLICT = "conflict"  # somebody was faster: normal, and tried again
    ERROR = "error"
    TERMINAL = "terminal"
    PANIC = "panic"  # an exception that is a bug, not a refusal of the world
    TIMEOUT = "timeout"


def is_gone(error: BaseException, kind: ResourceType, key: ObjectKey) -> bool:
    """Whether an error says that the very object which is reconciled is gone: it went during the run."""
    target = error.target if isinstance(error, NotFound) else None
    if target is None or (target.group, target.resource) != (kind.group, kind.plural):
        return False
    return (target.namespace, target.name) == (key.namespace, key.name)


def text_of(error: BaseException) -> str:
    """What an exception says, or its class where it says nothing or can't."""
    try:
        return str(error) or type(error).__name__
    except Exception:  # noqa: BLE001 - a user's own __str__
        return type(error).__name__


class ReconcileTimeout(Exception):
    """A reconcile took longer than its controller's reconcile_timeout."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`result` is the metric's label. The key comes back after `after` seconds, or after its backoff, or
    (neither) when something changes. `forget`: its failures are over."""

    kind: Kind
    result: str
    forget: bool = False
    backoff: bool = False
    after: float | None = None
    priority: int = 0


_BUGS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    NameError,
    NotImplementedError,
    RecursionError,
    SyntaxError,
    TypeError,
    SystemExit,
)


def classify(error: BaseException) -> Kind:
    """What kind of failure an exception is."""
    if isinstance(error, TerminalError):
        return Kind.TERMINAL
    if isinstance(error, Conflict | AlreadyExists):
        return Kind.CONFLICT
    if isinstance(error, ReconcileTimeout):
        return Kind.TIMEOUT
    return Kind.PANIC if isinstance(error, _BUGS) else Kind.ERROR


def after_failure(error: BaseException, priority: int) -> Decision:
    """A failure comes back after its backoff, with the priority that it had; a terminal one does not."""
    kind = classify(error)
    if kind is Kind.TERMINAL:
        return Decision(kind, "error")
    return Decision(kind, "requeue" if kind is Kind.CONFLICT else "error", backoff=True, priority=priority)


def after_success(result: Result | None, options: ControllerOptions, priority: int) -> Decision:
    """Success resets the failures; it comes back when the result, or else the options, name a time."""
    after = result.requeue_after if result is not None else None
    if after is None:
        after = options.requeue_after
    if result is not None and result.priority is not None:
        priority = result.priority
    delay = seconds(after) if after is not None else 0.0
    if delay > 0:
        return Decision(Kind.SUCCESS, "requeue_after", forget=True, after=delay, priority=priority)
    return Decision(Kind.SUCCESS, "success", forget=True)
