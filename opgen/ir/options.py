"""The controller options that `create api` was asked for, as data; `emit.reconciler` spells them as code."""

from __future__ import annotations

from dataclasses import dataclass

from opgen.ir.layout import KindRef
from opgen.ir.names import GroupVersionKind

PREDICATES = ("generation", "labels", "annotations", "resource-version")


@dataclass(frozen=True, slots=True)
class ControllerRequest:
    """One controller's options; None or empty leaves the runtime's default. Durations are seconds.

    `owns` and `watches` are the kinds named by `--owns` and `--watches`, `owns_kinds` and `watches_kinds`
    the same once they were looked up; `finalizer` asks for a `finalize`.
    """

    name: str = ""
    max_concurrent_reconciles: int | None = None
    predicates: tuple[str, ...] = ()
    label_selector: str = ""
    watch_namespaces: tuple[str, ...] = ()
    owns: tuple[GroupVersionKind, ...] = ()
    watches: tuple[GroupVersionKind, ...] = ()
    owns_kinds: tuple[KindRef, ...] = ()
    watches_kinds: tuple[KindRef, ...] = ()
    resync_period: float | None = None
    requeue_after: float | None = None
    rate_limit_base: float | None = None
    rate_limit_max: float | None = None
    reconcile_timeout: float | None = None
    cache_sync_timeout: float | None = None
    finalizer: bool = False
