"""What the work queue decides: which key is next, and when. Pure: time comes in as an argument.

The rules, each a test:

- a key waits at most once; adding it again keeps the higher priority and the earlier time;
- a key that runs is locked: it can be added, but comes out only after `done`; others are not held up;
- among those that are due, higher priority first, then in the order in which they were added;
- a delay never postpones an earlier time, and an add without delay overrides any delay;
- retries wait base · 2^failures, at most maximum; only `forget` resets the count.

`work` takes over: it sleeps until `next_due` and hands keys to workers.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
N = TypeVar("N")

MAX_NOTES = 8
"""Notes kept a key: enough to say why it runs, few enough that a storm of events costs nothing."""


@dataclass(frozen=True, slots=True)
class Taken(Generic[K, N]):
    """A key handed out. `waited` is how many seconds it was due before it came out; `notes` say why."""

    key: K
    priority: int
    waited: float
    notes: tuple[N, ...]


@dataclass(slots=True)
class _Waiting(Generic[K, N]):
    key: K
    priority: int
    due: float | None  # None: due now
    order: int
    since: float  # when it became due
    token: int = 0  # which of its places in the heaps is the valid one
    notes: list[N] = field(default_factory=list)


class QueueState(Generic[K, N]):
    """The queue of one controller. `base` and `maximum` are seconds of backoff."""

    def __init__(self, *, base: float = 0.005, maximum: float = 1000.0) -> None:
        self._base = base
        self._maximum = maximum
        self._waiting: dict[K, _Waiting[K, N]] = {}
        self._running: dict[K, float] = {}
        self._failures: dict[K, int] = {}
        self._ready: list[tuple[int, int, int, _Waiting[K, N]]] = []
        self._delayed: list[tuple[float, int, int, _Waiting[K, N]]] = []
        self._order = 0
        self._depth: Counter[int] = Counter()
        self.adds = 0
        self.retries = 0

    def __len__(self) -> int:
        """Keys waiting, delayed ones included, running ones not."""
        return len(self._waiting)

    def __contains__(self, key: object) -> bool:
        return key in self._waiting

    @property
    def depth(self) -> dict[int, int]:
        """How many keys are due, by priority."""
        return {priority: count for priority, count in self._depth.copy().items() if count}

    @property
    def running(self) -> dict[K, float]:
        """The keys that run, with the time at which each came out."""
        return self._running.copy()

    @property
    def running_since(self) -> list[float]:
        """When each running key came out."""
        return list(self._running.values())

    @property
    def has_ready(self) -> bool:
        """Whether a key may be due now. May be true for nothing, never false for something promoted."""
        return bool(self._ready)

    def waiting(self) -> list[tuple[K, int, float | None]]:
        """Each waiting key with its priority and its time (None: due now), for whoever looks inside."""
        return [(entry.key, entry.priority, entry.due) for entry in list(self._waiting.values())]

    def failures(self, key: K) -> int:
        """How often the key failed since it was last forgotten."""
        return self._failures.get(key, 0)

    def add(
        self, key: K, now: float, *, priority: int = 0, after: float = 0.0, note: N | None = None
    ) -> None:
        """Make the key due in `after` seconds; see the rules above for a key that waits already."""
        due = now + after if after > 0 else None
        entry = self._waiting.get(key)
        if entry is None:
            self._order += 1
            entry = _Waiting(key, priority, due, self._order, now)
            self._waiting[key] = entry
            if due is None:
                self._became_due(entry, now)
            self._place(entry)
        elif priority > entry.priority or (entry.due is not None and (due is None or due < entry.due)):
            self._improve(entry, now, priority, due)
        if note is not None and len(entry.notes) < MAX_NOTES and note not in entry.notes:
            entry.notes.append(note)

    def retry(self, key: K, now: float, *, priority: int = 0, note: N | None = None) -> float:
        """Count a failure and add the key after its backoff. Returns the delay in seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self.retries += 1
        delay = min(self._base * 2.0 ** min(failures, 64), self._maximum)
        self.add(key, now, priority=priority, after=delay, note=note)
        return delay

    def forget(self, key: K) -> None:
        """Reset the key's backoff: what success means."""
        self._failures.pop(key, None)

    def take(self, now: float) -> Taken[K, N] | None:
        """Lock and hand out the next key that is due; None if there is none."""
        if self._delayed:
            self._promote(now)
        ready = self._ready
        while ready:
            _, _, token, entry = heapq.heappop(ready)
            if token != entry.token:
                continue  # it has moved since, or is gone
            key = entry.key
            entry.token = -1
            del self._waiting[key]
            self._depth[entry.priority] -= 1
            self._running[key] = now
            return Taken(key, entry.priority, now - entry.since, tuple(entry.notes))
        return None

    def done(self, key: K, now: float) -> None:
        """Unlock a key. If it was added meanwhile, it can come out again."""
        del self._running[key]
        entry = self._waiting.get(key)
        if entry is not None:
            if entry.due is not None and entry.due <= now:
                self._became_due(entry, entry.due)
            self._place(entry)

    def next_due(self) -> float | None:
        """When the next delayed key comes due; None if no time needs to be waited for."""
        delayed = self._delayed
        while delayed and delayed[0][2] != delayed[0][3].token:
            heapq.heappop(delayed)
        return delayed[0][0] if delayed else None

    def _improve(self, entry: _Waiting[K, N], now: float, priority: int, due: float | None) -> None:
        if priority > entry.priority:
            if entry.due is None:
                self._depth[entry.priority] -= 1
                self._depth[priority] += 1
            entry.priority = priority
        if entry.due is not None:
            if due is None:
                self._became_due(entry, now)
            elif due < entry.due:
                entry.due = due
        self._place(entry)

    def _became_due(self, entry: _Waiting[K, N], since: float) -> None:
        if entry.due is not None:  # its turn counts from when it became due, not from when it was put off
            self._order += 1
            entry.order = self._order
        entry.due = None
        entry.since = since
        self.adds += 1
        self._depth[entry.priority] += 1

    def _place(self, entry: _Waiting[K, N]) -> None:
        entry.token += 1
        if entry.due is not None:
            heapq.heappush(self._delayed, (entry.due, entry.order, entry.token, entry))
        elif entry.key not in self._running:
            heapq.heappush(self._ready, (-entry.priority, entry.order, entry.token, entry))

    def _promote(self, now: float) -> None:
        delayed = self._delayed
        while delayed and (delayed[0][2] != delayed[0][3].token or delayed[0][0] <= now):
            due, _, token, entry = heapq.heappop(delayed)
            if token == entry.token:
                self._became_due(entry, due)
                self._place(entry)
