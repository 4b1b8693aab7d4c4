"""Random histories of the queue against a model that is too simple to be wrong."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from opgen_runtime.queue import QueueState

keys = st.sampled_from("abcde")
priorities = st.sampled_from([-100, 0, 0, 5])
delays = st.sampled_from([0.0, 0.0, 1.0, 4.0, 9.0])


@dataclass
class Expected:
    priority: int
    due: float  # the time from which it may come out
    delayed: bool


class QueueMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.queue: QueueState[str, str] = QueueState(base=1.0, maximum=8.0)
        self.now = 0.0
        self.waiting: dict[str, Expected] = {}
        self.running: set[str] = set()
        self.failures: dict[str, int] = {}

    def expect(self, key: str, priority: int, after: float) -> None:
        due = self.now + after
        old = self.waiting.get(key)
        if old is None:
            self.waiting[key] = Expected(priority, due, after > 0)
        else:
            old.priority = max(old.priority, priority)
            old.due = min(old.due, due)

    def due(self) -> dict[str, Expected]:
        free = self.waiting.items()
        return {key: e for key, e in free if e.due <= self.now and key not in self.running}

    @rule(key=keys, priority=priorities, after=delays)
    def add(self, key: str, priority: int, after: float) -> None:
        self.queue.add(key, self.now, priority=priority, after=after)
        self.expect(key, priority, after)

    @rule(key=keys, priority=priorities)
    def retry(self, key: str, priority: int) -> None:
        failures = self.failures.get(key, 0)
        delay = self.queue.retry(key, self.now, priority=priority)
        assert delay == min(2.0**failures, 8.0)
        self.failures[key] = failures + 1
        self.expect(key, priority, delay)

    @rule(key=keys)
    def forget(self, key: str) -> None:
        self.queue.forget(key)
        self.failures.pop(key, None)

    @rule(seconds=st.sampled_from([0.5, 1.0, 3.0, 10.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def take(self) -> None:
        due = self.due()
        taken = self.queue.take(self.now)
        if not due:
            assert taken is None
            return
        assert taken is not None
        assert taken.key in due
        assert taken.priority == due[taken.key].priority == max(e.priority for e in due.values())
        del self.waiting[taken.key]
        self.running.add(taken.key)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def done(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.running)))
        self.queue.done(key, self.now)
        self.running.remove(key)

    @invariant()
    def nothing_is_lost(self) -> None:
        assert {key for key, _, _ in self.queue.waiting()} == set(self.waiting)
        assert set(self.queue.running) == self.running

    @invariant()
    def whoever_sleeps_wakes_in_time(self) -> None:
        # Asked before a take, as the shell does: keys that are due already need no timer.
        later = [e.due for key, e in self.waiting.items() if key not in self.running and e.due > self.now]
        wake = self.queue.next_due()
        if later:
            assert wake is not None
            assert wake <= min(later)


QueueMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestQueueMachine = QueueMachine.TestCase
