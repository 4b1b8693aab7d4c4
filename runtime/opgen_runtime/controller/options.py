"""The options of one controller, checked when they are written down."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta

from opgen_runtime.predicates import Selector

Seconds = float | timedelta
"""A duration: seconds, or a timedelta."""

_FINALIZER = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


def seconds(value: Seconds) -> float:
    """A duration as seconds."""
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerOptions:
    """How a controller works. Durations are seconds or timedelta. Raises ValueError naming all that is wrong.

    max_concurrent_reconciles: keys that are reconciled at the same time; one key never twice.
    reconcile_timeout: a reconcile that takes longer is cancelled and counts as failed (None: no limit).
    cache_sync_timeout: how long the start waits for the first listing of all watched kinds.
    rate_limit_base, rate_limit_max: a key that fails waits base · 2^failures, at most max.
    resync_period: every object is reconciled again this often, ±10 %, from the cache (None: never).
    requeue_after: a key comes back this long after each success that names no time of its own (None: not).
    namespaces: look at these only, within what the manager watches (None: all of those).
    label_selector: reconcile only objects whose labels match.
    finalizer: None: if the reconciler has a `finalize`; a name: under that name; False: never.
    failure_condition: the condition that is set to False while reconciling fails (None: none).
    """

    max_concurrent_reconciles: int = 1
    reconcile_timeout: Seconds | None = None
    cache_sync_timeout: Seconds = 120.0
    rate_limit_base: Seconds = 0.005
    rate_limit_max: Seconds = 1000.0
    resync_period: Seconds | None = None
    requeue_after: Seconds | None = None
    namespaces: Sequence[str] | None = None
    label_selector: str | Mapping[str, str | Sequence[str]] = ""
    finalizer: bool | str | None = None
    failure_condition: str | None = None

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise ValueError("ControllerOptions: " + "; ".join(problems))

    def _problems(self) -> list[str]:
        found = []
        if self.max_concurrent_reconciles < 1:
            found.append(
                f"max_concurrent_reconciles must be at least 1, not {self.max_concurrent_reconciles}"
            )
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _DURATIONS and value is not None and not seconds(value) > 0:
                found.append(f"{field.name} must be more than 0 s, not {value}")
        if seconds(self.rate_limit_base) > seconds(self.rate_limit_max):
            found.append("rate_limit_base must not exceed rate_limit_max")
        if isinstance(self.namespaces, str):
            found.append(f"namespaces must be a list such as [{self.namespaces!r}]")
        elif self.namespaces is not None and not self.namespaces:
            found.append("namespaces must name at least one; leave it out for all")
        if isinstance(self.finalizer, str) and not _FINALIZER.fullmatch(self.finalizer):
            found.append(f"finalizer must look like group.example.com/name, not {self.finalizer!r}")
        try:
            Selector.parse(self.label_selector)
        except ValueError as err:
            found.append(str(err))
        return found


_DURATIONS = frozenset(
    {
        "reconcile_timeout",
        "cache_sync_timeout",
        "rate_limit_base",
        "rate_limit_max",
        "resync_period",
        "requeue_after",
    }
)
