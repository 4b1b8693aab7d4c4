"""What users derive from. A reconciler brings the cluster to what an object asks for; it may run at any time,
any number of times, and must not rely on why it runs."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

from opgen_runtime.client.blocking import BlockingClient
from opgen_runtime.client.client import Client
from opgen_runtime.controller.options import Seconds
from opgen_runtime.events import DiscardSink, EventRecorder
from opgen_runtime.objects import ObjectKey, Resource

T = TypeVar("T", bound=Resource)


@dataclass(frozen=True, slots=True)
class Result:
    """What a reconcile that went well wants next. `Result()` is the same as None: done until something changes.

    requeue_after: come back after this long (seconds or timedelta), unless something changes before.
    priority: of the run that then follows; higher goes first, 0 is usual (None: as this run).
    """

    requeue_after: Seconds | None = None
    priority: int | None = None


class _Base:
    """`client` reads from the controller's cache and writes as its field owner; `events` records events about
    objects; `log` is the controller's logger."""

    def __init__(self, client: Client) -> None:
        self.events = EventRecorder(DiscardSink(), "")
        self.log = logging.getLogger("opgen_runtime.controller")

    def bind(self, events: EventRecorder, log: logging.Logger) -> None:
        """The controller that runs this gives it its recorder and its logger."""
        self.events = events
        self.log = log


class Reconciler(_Base, ABC, Generic[T]):
    """Reconciles objects of one kind."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.client = client

    @abstractmethod
    async def reconcile(self, obj: T, /) -> Result | None:
        """Bring the cluster to what `obj` asks for. `obj` is this run's own copy.

        An exception is a failure: logged, counted, and tried again with growing delays (TerminalError: not).
        """

    async def finalize(self, obj: T, /) -> None:
        """Clean up what Kubernetes doesn't, before `obj` goes. Overriding this puts a finalizer on each object
        before its first reconcile; it is removed once this returns. May run more than once."""


class BlockingReconciler(_Base, ABC, Generic[T]):
    """As Reconciler, for code that blocks: runs in a thread, with a client whose calls block."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.client = BlockingClient(client, asyncio.get_running_loop())

    @abstractmethod
    def reconcile(self, obj: T, /) -> Result | None:
        """See Reconciler.reconcile. A thread can't be stopped: after a timeout its key waits for it."""

    def finalize(self, obj: T, /) -> None:
        """See Reconciler.finalize."""


class RequestReconciler(_Base, ABC):
    """Reconciles keys: also runs for objects that are gone, reads what it needs itself, and has no finalizer."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.client = client

    @abstractmethod
    async def reconcile(self, request: ObjectKey, /) -> Result | None:
        """Bring the cluster to what the object of this key, if there is one, asks for."""


AnyReconciler = Reconciler[T] | BlockingReconciler[T] | RequestReconciler


def has_finalize(reconciler: object) -> bool:
    """Whether a reconciler brings a `finalize` of its own."""
    if isinstance(reconciler, Reconciler):
        return type(reconciler).finalize is not Reconciler.finalize
    if isinstance(reconciler, BlockingReconciler):
        return type(reconciler).finalize is not BlockingReconciler.finalize
    return False
