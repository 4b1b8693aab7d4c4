"""How failures are told: in full when they are new, in one line while they stay the same.

A conflict is one info line. A refusal by RBAC names the declaration that is missing, once a rule.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from opgen_runtime.controller.outcome import Decision, Kind, text_of
from opgen_runtime.errors import (
    ConnectionFailed,
    Forbidden,
    ServerTimeout,
    ServiceUnavailable,
    TooManyRequests,
)
from opgen_runtime.objects import ObjectKey

_OUTAGES = (ConnectionFailed, ServerTimeout, ServiceUnavailable, TooManyRequests)
"""The server's trouble, which meets all keys at once: where it hit the code is of no interest."""


@dataclass(slots=True)
class _Trouble:
    signature: str
    count: int


class FailureLog:
    """Tells the failures of one controller's keys, and remembers them until they are over."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._trouble: dict[ObjectKey, _Trouble] = {}
        self._rules: set[str] = set()

    def failed(self, key: ObjectKey, error: BaseException, decision: Decision, delay: float | None) -> bool:
        """Tell a failure; `delay` is when it is tried again. Returns whether it differs from the last."""
        if decision.kind is Kind.CONFLICT:
            self._log.info("somebody was faster, trying again: %s", text_of(error))
            return False
        if isinstance(error, Forbidden) and error.rbac_line and error.rbac_line not in self._rules:
            self._rules.add(error.rbac_line)
            self._log.error("the role lacks a rule; declare it, run `make manifests`: %s", error.rbac_line)
        trouble = self._trouble.get(key)
        # The class, not the text: texts carry times and request IDs, and one trouble would look new each time.
        signature = f"{type(error).__module__}.{type(error).__qualname__}"
        again = "not tried again" if delay is None else f"next try in {delay:.3g} s"
        if trouble is None or trouble.signature != signature:
            self._trouble[key] = _Trouble(signature, 1)
            trace = None if isinstance(error, _OUTAGES) else error
            self._log.error("reconcile failed, %s: %s", again, text_of(error), exc_info=trace)
            return True
        trouble.count += 1
        name = type(error).__name__
        self._log.error("reconcile failed %d times, %s: %s: %s", trouble.count, again, name, text_of(error))
        return False

    def succeeded(self, key: ObjectKey) -> None:
        """The key's trouble is over."""
        trouble = self._trouble.pop(key, None)
        if trouble is not None:
            self._log.info("reconciled again, after %d failures", trouble.count)

    def forget(self, key: ObjectKey) -> None:
        """The object is gone."""
        self._trouble.pop(key, None)
