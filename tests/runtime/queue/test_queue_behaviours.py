"""Behaviours of the work queue, by name; those of the controller are in tests/runtime/controller."""

from __future__ import annotations

import asyncio

import pytest
from opgen_runtime.queue import QueueClosed, QueueState, WorkQueue
from opgen_runtime.testing import VirtualClock


def drain(state: QueueState[str, str], now: float) -> list[str]:
    """All keys that come out at this time, in order; each is done at once."""
    out = []
    while (taken := state.take(now)) is not None:
        out.append(taken.key)
        state.done(taken.key, now)
    return out


def test_many_adds_of_a_key_are_one_run() -> None:
    state: QueueState[str, str] = QueueState()
    for _ in range(5):
        state.add("a", 0.0)
    assert drain(state, 0.0) == ["a"]


def test_a_key_that_runs_is_not_handed_out_again() -> None:
    state: QueueState[str, str] = QueueState()
    state.add("a", 0.0)
    assert state.take(0.0) is not None
    state.add("a", 1.0)
    assert state.take(2.0) is None


def test_adds_during_a_run_give_exactly_one_more_run_after_it() -> None:
    state: QueueState[str, str] = QueueState()
    state.add("a", 0.0)
    state.take(0.0)
    state.add("a", 1.0)
    state.add("a", 1.0)
    state.done("a", 2.0)
    assert drain(state, 2.0) == ["a"]
    assert len(state) == 0


def test_a_locked_key_at_the_head_does_not_hold_up_others() -> None:
    state: QueueState[str, str] = QueueState()
    state.add("a", 0.0, priority=10)
    state.take(0.0)
    state.add("a", 0.0, priority=10)
    state.add("b", 0.0)
    taken = state.take(0.0)
    assert taken is not None
    assert taken.key == "b"


def test_first_in_first_out_within_a_priority() -> None:
    state: QueueState[str, str] = QueueState()
    for key in "cab":
        state.add(key, 0.0)
    state.add("urgent", 0.0, priority=1)
    state.add("initial", 0.0, priority=-100)
    assert drain(state, 0.0) == ["urgent", "c", "a", "b", "initial"]


def test_a_delayed_key_takes_its_turn_from_when_it_came_due() -> None:
    state: QueueState[str, str] = QueueState()
    state.add("delayed", 0.0, after=5.0)
    state.add("a", 1.0)
    assert state.next_due() == 5.0
    state.add("b", 6.0)
    assert drain(state, 6.0) == ["a", "b", "delayed"]


@pytest.mark.parametrize("order", ["high first", "low first"])
def test_adding_again_keeps_the_higher_priority_and_the_earlier_time(order: str) -> None:
    state: QueueState[str, str] = QueueState()
    adds = [(5, 10.0), (-100, 3.0)]
    for priority, after in adds if order == "high first" else reversed(adds):
        state.add("a", 0.0, priority=priority, after=after)
    assert state.take(2.9) is None
    taken = state.take(3.0)
    assert taken is not None
    assert taken.priority == 5


def test_an_event_overrides_a_pending_requeue() -> None:
    state: QueueState[str, str] = QueueState()
    state.add("a", 0.0, after=3600.0)
    state.add("a", 1.0)
    assert drain(state, 1.0) == ["a"]
    assert drain(state, 4000.0) == []


def test_a_later_requeue_does_not_postpone_an_earlier_one() -> None:
    state: QueueState[str, str] = QueueState()
    state.add("a", 0.0, after=5.0)
    state.add("a", 0.0, after=60.0)
    assert drain(state, 5.0) == ["a"]


def test_backoff_doubles_from_5_ms_to_1000_s_and_only_forget_resets_it() -> None:
    state: QueueState[str, str] = QueueState()
    delays = []
    for _ in range(20):
        delays.append(state.retry("a", 0.0))
        state.take(2000.0)
        state.done("a", 2000.0)
    assert delays[:4] == [0.005, 0.01, 0.02, 0.04]
    assert delays[17:] == [655.36, 1000.0, 1000.0]
    assert state.failures("a") == 20
    state.forget("a")
    assert state.retry("a", 0.0) == 0.005


def test_a_retry_during_its_own_run_waits_for_both_the_run_and_the_delay() -> None:
    state: QueueState[str, str] = QueueState(base=1.0)
    state.add("a", 0.0)
    state.take(0.0)
    assert state.retry("a", 0.0) == 1.0
    assert state.take(5.0) is None
    state.done("a", 5.0)
    assert drain(state, 5.0) == ["a"]


def test_depth_counts_what_is_due_by_priority() -> None:
    state: QueueState[str, str] = QueueState()
    state.add("a", 0.0, priority=-100)
    state.add("b", 0.0)
    state.add("c", 0.0, after=5.0)
    assert state.depth == {-100: 1, 0: 1}
    state.add("a", 0.0)
    assert state.depth == {0: 2}
    state.take(5.0)
    assert state.depth == {0: 2}
    assert state.running == {"a": 5.0}
    assert state.adds == 3


def test_notes_of_all_adds_come_out_with_the_key_once_each() -> None:
    state: QueueState[str, str] = QueueState()
    for note in ("created", "owned changed", "owned changed"):
        state.add("a", 0.0, note=note)
    taken = state.take(3.0)
    assert taken is not None
    assert taken.notes == ("created", "owned changed")
    assert taken.waited == 3.0


def test_get_waits_for_the_delay_by_the_loops_time() -> None:
    async def main() -> float:
        queue: WorkQueue[str, str] = WorkQueue()
        start = queue.now()
        queue.add("a", after=3600.0)
        await queue.get()
        return queue.now() - start

    assert VirtualClock().run(main()) == pytest.approx(3600.0)


def test_an_earlier_add_moves_the_timer_of_a_waiting_worker() -> None:
    async def main() -> float:
        queue: WorkQueue[str, str] = WorkQueue()
        start = queue.now()
        queue.add("a", after=3600.0)
        worker = asyncio.create_task(queue.get())
        await asyncio.sleep(1.0)
        queue.add("b", after=2.0)
        assert (await worker).key == "b"
        return queue.now() - start

    assert VirtualClock().run(main()) == pytest.approx(3.0)


def test_keys_that_come_due_together_reach_all_waiting_workers() -> None:
    async def main() -> set[str]:
        queue: WorkQueue[str, str] = WorkQueue()
        workers = [asyncio.create_task(queue.get()) for _ in range(3)]
        await asyncio.sleep(0)
        for key in "abc":
            queue.add(key, after=1.0)
        return {(await worker).key for worker in workers}

    assert VirtualClock().run(main()) == {"a", "b", "c"}


def test_a_cancelled_worker_loses_no_key() -> None:
    async def main() -> str:
        queue: WorkQueue[str, str] = WorkQueue()
        first = asyncio.create_task(queue.get())
        second = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.add("a")  # wakes the first,
        first.cancel()  # which is gone before it can take
        await asyncio.sleep(0)
        third = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        third.cancel()
        queue.done((await second).key)
        queue.add("b")
        return (await queue.get()).key

    assert VirtualClock().run(main()) == "b"


def test_a_closed_queue_ends_its_workers_and_takes_no_more() -> None:
    async def main() -> None:
        queue: WorkQueue[str, str] = WorkQueue()
        worker = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.add("later", after=5.0)
        queue.close()
        with pytest.raises(QueueClosed):
            await worker
        queue.add("a")
        assert "a" not in queue.state
        with pytest.raises(QueueClosed):
            await queue.get()

    VirtualClock().run(main())
