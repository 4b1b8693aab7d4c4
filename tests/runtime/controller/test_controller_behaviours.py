"""Behaviours of a controller, one test each, on the in-process API server in virtual time."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from opgen_runtime import (
    AnnotationsChanged,
    BlockingReconciler,
    Client,
    Conflict,
    Controller,
    ControllerOptions,
    Event,
    FieldsChanged,
    For,
    GenerationChanged,
    LabelsChanged,
    LabelSelector,
    ObjectKey,
    OwnerReference,
    Owns,
    Predicate,
    Reconciler,
    RequestReconciler,
    ResourceVersionChanged,
    Result,
    TerminalError,
    Watches,
)
from opgen_runtime.cache import CacheSyncTimeout
from opgen_runtime.client import Request, Response
from opgen_runtime.controller import outcome
from opgen_runtime.errors import ConnectionFailed
from prometheus_client import REGISTRY
from runtime_harness import (
    ConfigMap,
    Recorded,
    Widget,
    WidgetSpec,
    bench,
    key,
    settle,
    virtually,
    widget,
)


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"controller_runtime_{name}", labels) or 0.0


def config_map(name: str, owner: Widget | None = None, **data: str) -> ConfigMap:
    made = ConfigMap(data=data)
    made.metadata.name, made.metadata.namespace = name, "default"
    if owner is not None:
        made.metadata.owner_references = [reference(owner)]
    return made


def reference(owner: Widget, **changes: Any) -> OwnerReference:
    fields: dict[str, Any] = {
        "api_version": "example.com/v1",
        "kind": "Widget",
        "name": owner.metadata.name,
        "uid": owner.metadata.uid,
        "controller": True,
    }
    return OwnerReference(**(fields | changes))


def test_start_up_reconciles_every_object_there_is() -> None:
    async def main() -> None:
        world, runs = bench(), Recorded()
        for name in "abc":
            await world.client.create(widget(name))
        async with world.running(runs.controller()):
            await settle()
        assert sorted(runs.names) == ["a", "b", "c"]

    virtually(main())


def test_any_change_reconciles_by_default_and_only_one_of_the_spec_with_the_generation_predicate() -> None:
    async def main() -> None:
        world, every, spec_only = bench(), Recorded(), Recorded()
        narrow = Controller("narrow", spec_only, For(Widget, predicates=[GenerationChanged()]))
        async with world.running(every.controller(), narrow):
            await world.client.create(widget())
            await settle()
            await world.client.patch(Widget, {"metadata": {"labels": {"x": "y"}}}, name="a")
            await settle()
            assert (len(every.runs), len(spec_only.runs)) == (2, 1)
            await world.client.patch(Widget, {"spec": {"size": 5}}, name="a")
            await settle()
            assert (len(every.runs), len(spec_only.runs)) == (3, 2)

    virtually(main())


def test_no_run_of_a_key_overlaps_another_and_changes_during_a_run_give_one_more() -> None:
    async def main() -> None:
        running, most = 0, 0

        async def step(obj: Widget, client: Client) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(10)
            running -= 1

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller(max_concurrent_reconciles=4)):
            await world.client.create(widget())
            for size in range(2, 7):
                await settle()
                await world.client.patch(Widget, {"spec": {"size": size}}, name="a")
            await settle(60)
        assert most == 1
        assert runs.gaps == [10.0]
        assert runs.seen[1].spec == WidgetSpec(size=6)

    virtually(main())


@pytest.mark.parametrize("limit", [1, 3])
def test_max_concurrent_reconciles_is_respected_and_used(limit: int) -> None:
    async def main() -> int:
        running, most = 0, 0

        async def step(obj: Widget, client: Client) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(1)
            running -= 1

        world, runs = bench(), Recorded(step)
        for number in range(9):
            await world.client.create(widget(f"w{number}"))
        async with world.running(runs.controller(max_concurrent_reconciles=limit)):
            await settle(20)
        assert len(runs.runs) == 9
        return most

    assert virtually(main()) == limit


def test_changes_go_before_what_was_there_at_start_up() -> None:
    async def main() -> list[str]:
        async def step(obj: Widget, client: Client) -> None:
            await asyncio.sleep(1)

        world, runs = bench(), Recorded(step)
        for name in "abc":
            await world.client.create(widget(name))
        async with world.running(runs.controller()):
            await asyncio.sleep(0.5)
            await world.client.create(widget("urgent"))
            await settle(10)
        return runs.names

    assert virtually(main()) == ["a", "urgent", "b", "c"]


def test_an_error_is_retried_with_growing_delays_until_success_forgets_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> list[float]:
        async def step(obj: Widget, client: Client) -> None:
            if len(runs.runs) <= 4 or len(runs.runs) == 6:
                raise OSError("the database is away")

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller()):
            await world.client.create(widget())
            await settle(10)
            await world.client.patch(Widget, {"spec": {"size": 2}}, name="a")
            await settle(10)
        return runs.gaps

    with caplog.at_level(logging.ERROR):
        gaps = virtually(main())
    assert gaps[:4] == [0.005, 0.01, 0.02, 0.04]
    assert gaps[5:] == [0.005]
    failures = [record for record in caplog.records if "reconcile failed" in record.getMessage()]
    assert [record.exc_info is not None for record in failures] == [True, False, False, False, True]
    assert "failed 4 times, next try in 0.04 s: OSError: the database is away" in failures[3].getMessage()


def test_requeue_after_is_kept_resets_failures_and_yields_to_changes() -> None:
    async def main() -> list[float]:
        async def step(obj: Widget, client: Client) -> Result:
            if len(runs.runs) in (1, 4):
                raise OSError("away")
            return Result(requeue_after=60.0)

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller()):
            await world.client.create(widget())
            await settle(130)  # fails, succeeds, a minute later again, fails then with the first delay
            await world.client.patch(Widget, {"spec": {"size": 2}}, name="a")
            await settle(100)
        return runs.gaps

    assert virtually(main())[:4] == [0.005, 60.0, 60.0, 0.005]


def test_the_option_requeue_after_brings_a_key_back_after_success() -> None:
    async def main() -> list[float]:
        world, runs = bench(), Recorded()
        async with world.running(runs.controller(requeue_after=300.0)):
            await world.client.create(widget())
            await settle(1000)
        return runs.gaps

    assert virtually(main()) == [300.0, 300.0, 300.0]


def test_an_error_wins_over_requeue_after() -> None:
    decision = outcome.after_failure(OSError("away"), 7)
    assert (decision.result, decision.backoff, decision.after, decision.priority) == ("error", True, None, 7)

    async def main() -> list[float]:
        async def step(obj: Widget, client: Client) -> None:
            raise OSError("away")

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller(requeue_after=0.001)):
            await world.client.create(widget())
            await settle(0.02)
        return runs.gaps

    assert virtually(main()) == [0.005, 0.01]


def test_a_terminal_error_is_counted_and_not_retried() -> None:
    async def main() -> int:
        async def step(obj: Widget, client: Client) -> None:
            raise TerminalError("never")

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller(name="terminal")):
            await world.client.create(widget())
            await settle(5000)
        return len(runs.runs)

    assert virtually(main()) == 1
    assert metric("terminal_reconcile_errors_total", controller="terminal") == 1
    assert metric("reconcile_errors_total", controller="terminal") == 1
    assert metric("reconcile_total", controller="terminal", result="error") == 1


@pytest.mark.parametrize("bug", [ZeroDivisionError("bug"), AttributeError("bug"), SystemExit(3)])
def test_a_bug_is_an_error_and_a_panic_and_the_worker_survives_it(bug: BaseException) -> None:
    name = f"panic-{type(bug).__name__.lower()}"

    async def main() -> list[str]:
        async def step(obj: Widget, client: Client) -> None:
            if obj.metadata.name == "bad":
                raise bug

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller(name=name)):
            await world.client.create(widget("bad"))
            await settle(0.001)
            await world.client.create(widget("good"))
            await settle(0.001)
        return runs.names

    assert virtually(main()) == ["bad", "good"]
    assert metric("reconcile_panics_total", controller=name) == 1
    assert metric("reconcile_errors_total", controller=name) == 1


class _Unspeakable(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


async def _awaits_a_cancelled_task() -> None:
    task = asyncio.create_task(asyncio.sleep(3600))
    task.cancel()
    await task


async def _raises(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    "trouble",
    [
        _awaits_a_cancelled_task,
        partial(_raises, asyncio.CancelledError()),
        partial(_raises, BaseExceptionGroup("all", [asyncio.CancelledError()])),
        partial(_raises, _Unspeakable()),
    ],
    ids=["cancelled-task", "cancelled", "group", "unspeakable"],
)
def test_whatever_user_code_raises_is_a_failure_and_the_worker_lives_on(
    trouble: Callable[[], Awaitable[None]],
) -> None:
    async def main() -> list[str]:
        runs = Recorded()

        async def step(obj: Widget, client: Client) -> None:
            if len(runs.runs) == 1:
                await trouble()

        runs.step = step
        world = bench()
        async with world.running(runs.controller(failure_condition="Ready")):
            await world.client.create(widget("bad"))
            await settle()
            seen = await world.client.get(Widget, "bad")
            assert seen.status is not None
            assert seen.status.conditions is not None
            assert seen.status.conditions[0].status == "False"
            await world.client.create(widget("good"))
            await settle()
        return runs.names

    names = virtually(main())
    assert names.count("bad") >= 2
    assert names[-1] == "good"


def test_the_timeout_metric_counts_our_own_deadline_only() -> None:
    async def main() -> None:
        async def step(obj: Widget, client: Client) -> None:
            if obj.metadata.name == "own":
                raise TimeoutError("the user's own")
            await asyncio.sleep(3600)

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller(name="slow", reconcile_timeout=60.0, rate_limit_base=500.0)):
            await world.client.create(widget("own"))
            await world.client.create(widget("hangs"))
            await settle(100)
        assert runs.names == ["own", "hangs"]

    virtually(main())
    assert metric("reconcile_timeouts_total", controller="slow") == 1
    assert metric("reconcile_errors_total", controller="slow") == 2


def test_a_conflict_is_one_info_line_and_a_retry(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> int:
        async def step(obj: Widget, client: Client) -> None:
            if len(runs.runs) == 1:
                raise Conflict(409, "Conflict", "the object has been modified")

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller(name="conflict")):
            await world.client.create(widget())
            await settle()
        return len(runs.runs)

    with caplog.at_level(logging.INFO):
        assert virtually(main()) == 2
    told = [r for r in caplog.records if "the object has been modified" in r.getMessage()]
    assert [(record.levelname, record.exc_info) for record in told] == [("INFO", None)]
    assert metric("reconcile_errors_total", controller="conflict") == 0
    assert metric("reconcile_total", controller="conflict", result="requeue") == 1


def test_a_refusal_names_the_missing_declaration_once_a_rule(caplog: pytest.LogCaptureFixture) -> None:
    async def forbid(request: Request) -> Response | None:
        if not request.path.startswith("/api/v1/namespaces/default/configmaps/"):
            return None
        text = (
            b'{"kind":"Status","reason":"Forbidden","code":403,"message":"configmaps \\"x\\" is forbidden: User'
            b' \\"me\\" cannot get resource \\"configmaps\\" in API group \\"\\""}'
        )
        return Response(403, body=text)

    async def main() -> None:
        async def step(obj: Widget, client: Client) -> None:
            await client.get(ConfigMap, "x", "default")

        world, runs = bench(), Recorded(step)
        world.faults.append(forbid)
        async with world.running(runs.controller()):
            await world.client.create(widget("a"))
            await world.client.create(widget("b"))
            await settle()

    with caplog.at_level(logging.ERROR):
        virtually(main())
    lines = [r.getMessage() for r in caplog.records if "@rbac" in r.getMessage()]
    assert len(lines) == 1
    assert '@rbac(groups="", resources="configmaps", verbs="get")' in lines[0]


def test_resync_brings_every_object_back_from_the_cache() -> None:
    async def main() -> None:
        world, runs = bench(), Recorded()
        async with world.running(runs.controller(resync_period=1000.0)):
            await world.client.create(widget("a"))
            await world.client.create(widget("b"))
            await settle()
            asked = len(world.requests)
            await settle(2250)
        assert sorted(runs.names) == ["a", "a", "a", "b", "b", "b"]
        assert all(gap >= 900 for gap in runs.gaps if gap > 1)
        lists = [r for r in world.requests[asked:] if ("watch", "1") not in r.query]
        assert lists == []

    virtually(main())


def test_only_objects_that_the_label_selector_selects_are_reconciled() -> None:
    async def main() -> list[str]:
        world, runs = bench(), Recorded()
        async with world.running(runs.controller(label_selector="tier in (gold, silver)")):
            await world.client.create(widget("yes", labels={"tier": "gold"}))
            await world.client.create(widget("no", labels={"tier": "tin"}))
            await world.client.create(widget("none"))
            await settle()
        return runs.names

    assert virtually(main()) == ["yes"]


def test_only_the_named_namespaces_are_watched() -> None:
    async def main() -> None:
        world, runs = bench(), Recorded()
        for namespace in ("one", "two", "three"):
            world.server.create_namespace(namespace)
            await world.client.create(widget(namespace, namespace))
        async with world.running(runs.controller(namespaces=["one", "two"]), namespaces=["two", "three"]):
            await settle()
        assert runs.names == ["two"]
        watched = {r.path for r in world.requests if r.stream}
        assert watched == {"/apis/example.com/v1/namespaces/two/widgets"}

    virtually(main())


def test_controllers_of_one_kind_in_different_namespaces_each_see_theirs() -> None:
    async def main() -> None:
        world, one, two = bench(), Recorded(), Recorded()
        for namespace in ("one", "two", "three"):
            world.server.create_namespace(namespace)
            await world.client.create(widget(namespace, namespace))
        first = one.controller(name="first", namespaces=["one"])
        second = two.controller(name="second", namespaces=["two"])
        async with world.running(first, second):
            await settle()
        assert (one.names, two.names) == (["one"], ["two"])
        watched = {request.path for request in world.requests if request.stream}
        assert watched == {f"/apis/example.com/v1/namespaces/{name}/widgets" for name in ("one", "two")}

    virtually(main())


def test_owned_objects_reconcile_their_controller_before_and_after_a_change() -> None:
    async def main() -> None:
        world, runs = bench(), Recorded()
        async with world.running(runs.controller(Owns(ConfigMap))):
            a, b = await world.client.create(widget("a")), await world.client.create(widget("b"))
            await settle()
            runs.runs.clear()
            child = await world.client.create(config_map("child", a))
            await settle()
            assert runs.names == ["a"]
            child.metadata.owner_references = [reference(b)]
            child = await world.client.update(child)
            await settle()
            assert sorted(runs.names) == ["a", "a", "b"]
            await world.client.delete(child)
            await settle()
            assert sorted(runs.names) == ["a", "a", "b", "b"]

    virtually(main())


@pytest.mark.parametrize(
    "change",
    [{"controller": False}, {"kind": "Gadget"}, {"api_version": "other.example.com/v1"}],
    ids=["not the controller", "another kind", "another group"],
)
def test_owner_references_of_others_reconcile_nobody(change: dict[str, Any]) -> None:
    async def main() -> list[str]:
        world, runs = bench(controllers=False), Recorded()
        async with world.running(runs.controller(Owns(ConfigMap))):
            owner = await world.client.create(widget())
            await settle()
            child = config_map("child")
            child.metadata.owner_references = [reference(owner, **change)]
            await world.client.create(child)
            await settle()
        return runs.names

    assert virtually(main()) == ["a"]


def test_another_version_of_the_owners_group_and_every_owner_on_demand_count() -> None:
    async def main() -> list[str]:
        world, runs = bench(controllers=False), Recorded()
        async with world.running(runs.controller(Owns(ConfigMap, match_every_owner=True))):
            owner = await world.client.create(widget())
            await settle()
            child = config_map("child")
            child.metadata.owner_references = [
                reference(owner, api_version="example.com/v7", controller=False)
            ]
            await world.client.create(child)
            await settle()
        return runs.names

    assert virtually(main()) == ["a", "a"]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_map_function_runs_on_the_old_and_the_new_form(asynchronous: bool) -> None:
    def concerned(obj: ConfigMap) -> list[ObjectKey]:
        return [key((obj.metadata.labels or {})["widget"])]

    async def concerned_later(obj: ConfigMap, client: Client) -> list[ObjectKey]:
        await asyncio.sleep(0.1)
        return concerned(obj)

    async def main() -> None:
        watches = Watches(ConfigMap, concerned_later if asynchronous else concerned)
        world, runs = bench(), Recorded()
        await world.client.create(widget("a"))
        await world.client.create(widget("b"))
        link = config_map("link")
        link.metadata.labels = {"widget": "a"}
        await world.client.create(link)
        async with world.running(runs.controller(watches)):
            await settle()
            runs.runs.clear()
            await world.client.patch(ConfigMap, {"metadata": {"labels": {"widget": "b"}}}, name="link")
            await settle()
        assert sorted(runs.names) == ["a", "b"]

    virtually(main())


def test_nothing_runs_before_everything_is_listed_and_mapped() -> None:
    order: list[str] = []

    async def slow(obj: ConfigMap, client: Client) -> list[ObjectKey]:
        await asyncio.sleep(5)
        order.append("mapped")
        return []

    async def late(request: Request) -> Response | None:
        if "configmaps" in request.path:
            await asyncio.sleep(30)
            order.append("listed")
        return None

    async def main() -> None:
        async def step(obj: Widget, client: Client) -> None:
            order.append("ran")

        world, runs = bench(), Recorded(step)
        await world.client.create(widget())
        await world.client.create(config_map("x"))
        world.faults.append(late)
        async with world.running(runs.controller(Watches(ConfigMap, slow))):
            await settle()

    virtually(main())
    assert order == ["listed", "mapped", "ran"]


def test_an_object_that_is_gone_is_not_reconciled_but_a_request_reconciler_hears_of_it() -> None:
    async def main() -> None:
        requests: list[ObjectKey] = []

        class Requests(RequestReconciler):
            async def reconcile(self, request: ObjectKey, /) -> None:
                requests.append(request)

        world, runs = bench(), Recorded()
        async with world.running(runs.controller(), Controller("requests", Requests, For(Widget))):
            await world.client.create(widget())
            await settle()
            await world.client.delete(Widget, "a")
            await settle()
        assert runs.names == ["a"]
        assert requests == [key(), key()]

    virtually(main())


def test_an_object_that_cannot_be_decoded_fails_its_own_reconcile_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> list[str]:
        world, runs = bench(), Recorded()
        bad = {
            "apiVersion": "example.com/v1",
            "kind": "Widget",
            "metadata": {"name": "bad"},
            "spec": {"size": "x"},
        }
        async with world.running(runs.controller()):
            await world.client.apply(bad)
            await world.client.create(widget("good"))
            await settle(0.1)
        return runs.names

    with caplog.at_level(logging.ERROR):
        assert virtually(main()) == ["good"]
    assert any("Widget: spec.size" in record.getMessage() for record in caplog.records)


def test_paused_objects_are_left_alone_until_they_are_resumed_whatever_the_predicates() -> None:
    async def main() -> None:
        world, runs = bench(), Recorded()
        controller = Controller("widget", runs, For(Widget, predicates=[GenerationChanged()]))
        async with world.running(controller):
            await world.client.create(widget(annotations={"example.com/paused": "true"}))
            await world.client.patch(Widget, {"spec": {"size": 3}}, name="a")
            await settle()
            assert runs.names == []
            await world.client.patch(
                Widget, {"metadata": {"annotations": {"example.com/paused": None}}}, name="a"
            )
            await settle()
            assert runs.names == ["a"]

    virtually(main())


def test_reconcile_now_passes_before_the_predicates() -> None:
    async def main() -> list[str]:
        world, runs = bench(), Recorded()
        controller = Controller(
            "widget", runs, For(Widget, predicates=[GenerationChanged() & LabelSelector("never=matches")])
        )
        async with world.running(controller):
            await world.client.create(widget())
            await settle()
            for moment in ("1", "1", "2"):
                patch = {"metadata": {"annotations": {"example.com/reconcile-now": moment}}}
                await world.client.patch(Widget, patch, name="a")
                await settle()
        return runs.names

    assert virtually(main()) == ["a", "a"]


def test_the_failure_condition_and_one_event_say_what_fails() -> None:
    async def main() -> None:
        async def step(obj: Widget, client: Client) -> None:
            raise OSError(f"attempt {len(runs.runs)}")

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller(failure_condition="Ready")):
            await world.client.create(widget())
            await settle(0.3)
        stored = await world.client.get(Widget, "a")
        assert stored.status is not None
        (condition,) = stored.status.conditions or []
        said = (condition.type, condition.status, condition.reason, condition.message)
        assert said == ("Ready", "False", "ReconcileFailed", "attempt 1")
        assert len(runs.runs) < 12, "the status write of a failure must not bring the key back in a loop"
        events = [r for r in world.writes() if r.path.endswith("/events")]
        assert len(events) == 1
        assert b'"reason":"ReconcileFailed"' in (events[0].body or b"")

    virtually(main())


def test_a_key_waits_until_the_cache_shows_its_own_write() -> None:
    async def main() -> None:
        delay = 0.0

        async def late(request: Request) -> Response | None:
            if not request.stream:
                return None
            answer = await world.server.handle(request)
            chunks = answer.chunks
            assert chunks is not None

            async def delayed() -> Any:
                async for chunk in chunks:
                    await asyncio.sleep(delay)
                    yield chunk

            return Response(answer.status, answer.headers, b"", delayed(), answer.close)

        async def step(obj: Widget, client: Client) -> Result | None:
            if obj.status is None or obj.status.ready != 1:
                async with client.status(obj) as status:
                    status.ready = 1
                again = await client.get(Widget, "a", "default")
                assert again.status is not None
                assert again.status.ready == 1, "a run reads what it wrote"
                return Result(requeue_after=0.001)
            return None

        world, runs = bench(), Recorded(step)
        world.faults.append(late)
        async with world.running(runs.controller()):
            await world.client.create(widget())
            await settle()
            delay = 2.0
            await world.client.patch(Widget, {"status": {"ready": 0}}, name="a")
            await settle(30)
        writes = [r for r in world.writes() if r.path.endswith("/status")]
        stale = [obj for obj in runs.seen[1:] if obj.status is None]
        assert stale == []
        assert len(writes) == 1

    virtually(main())


async def test_a_blocking_reconciler_runs_in_a_thread_and_its_key_waits_for_it_after_a_timeout() -> None:
    world = bench()
    here, release = threading.get_ident(), threading.Event()
    runs: list[tuple[int, int | None]] = []
    second = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Blocking(BlockingReconciler[Widget]):
        def reconcile(self, obj: Widget, /) -> None:
            found = self.client.get(Widget, "a", "default")
            runs.append((threading.get_ident(), found.spec.size if found.spec else None))
            if len(runs) == 1:
                assert release.wait(10)
            else:
                loop.call_soon_threadsafe(second.set)

    controller = Controller(
        "blocking", Blocking, For(Widget), options=ControllerOptions(reconcile_timeout=0.05)
    )
    async with world.running(controller):
        await world.client.create(widget())
        while metric("reconcile_timeouts_total", controller="blocking") < 1:  # noqa: ASYNC110 - a counter wakes nobody
            await asyncio.sleep(0.01)
        await world.client.patch(Widget, {"spec": {"size": 2}}, name="a")
        await asyncio.sleep(0.1)
        assert len(runs) == 1, "the thread still holds the key"
        release.set()
        async with asyncio.timeout(10):
            await second.wait()
    assert here not in {thread for thread, _ in runs}
    assert runs[1][1] == 2


def test_reconcilers_know_their_log_their_events_and_their_run(caplog: pytest.LogCaptureFixture) -> None:
    from opgen_runtime.logs import current_run

    seen: list[dict[str, str]] = []

    class Talking(Reconciler[Widget]):
        async def reconcile(self, obj: Widget, /) -> None:
            self.log.info("hello")
            self.events.normal(obj, "Hello", "from the reconciler")
            run = current_run.get()
            assert run is not None
            seen.append(run.fields())

    async def main() -> None:
        world = bench()
        async with world.running(Controller("talking", Talking, For(Widget))):
            await world.client.create(widget())
            await settle()
        events = [r for r in world.writes() if r.path == "/apis/events.k8s.io/v1/namespaces/default/events"]
        assert len(events) == 1

    with caplog.at_level(logging.INFO):
        virtually(main())
    (fields,) = seen
    assert fields.pop("reconcileID")
    assert fields == {"controller": "talking", "namespace": "default", "name": "a"}
    assert "hello" in caplog.messages


def test_two_controllers_of_one_kind_share_one_watch() -> None:
    async def main() -> None:
        world, one, two = bench(), Recorded(), Recorded()
        async with world.running(one.controller(name="one"), two.controller(name="two")):
            await world.client.create(widget())
            await settle()
        assert (one.names, two.names) == (["a"], ["a"])
        assert len([r for r in world.requests if r.stream]) == 1

    virtually(main())


def test_of_secrets_and_config_maps_only_what_is_ours_or_metadata_are_held() -> None:
    async def main() -> None:
        def nobody(obj: ConfigMap) -> list[ObjectKey]:
            return []

        async def read(obj: Widget, client: Client) -> None:
            found = await client.get(ConfigMap, "theirs", "default")
            assert found.data == {"password": "x"}

        world = bench()
        await world.client.create(config_map("theirs", password="x"))
        await world.client.create(widget())
        owning, watching = Recorded(read), Recorded(read)
        for runs, source in ((owning, Owns(ConfigMap)), (watching, Watches(ConfigMap, nobody))):
            manager = world.manager(runs.controller(source))
            manager.managed_by = "shop"
            async with manager.running():
                await settle()
                assert manager.cache is not None
                store = manager.cache.store(ConfigMap.KIND)
                assert store is not None
                assert not any(b"password" in item.raw for item in store.items())
                assert runs.names == ["a"]
        selectors = [
            dict(r.query).get("labelSelector") for r in world.requests if "configmaps" in r.path and r.stream
        ]
        assert set(selectors) == {"app.kubernetes.io/managed-by=shop", None}

    virtually(main())


def test_what_a_controller_applies_carries_the_label_by_which_it_is_watched() -> None:
    async def main() -> None:
        async def apply(obj: Widget, client: Client) -> None:
            await client.apply_all(obj, [config_map("child", size=str(obj.spec.size if obj.spec else 0))])

        world, runs = bench(), Recorded(apply)
        manager = world.manager(runs.controller(Owns(ConfigMap)))
        manager.managed_by = "shop"
        async with manager.running():
            await world.client.create(widget())
            await settle()
            assert len(runs.runs) == 2, "once for the widget, once for the child that came"
            await world.client.delete(ConfigMap, "child", "default")
            await settle()
            child = await world.client.get(ConfigMap, "child", "default")
            assert child.metadata.labels == {"app.kubernetes.io/managed-by": "shop"}
            writes = len(world.writes())
            await world.client.patch(Widget, {"metadata": {"labels": {"x": "y"}}}, name="a")
            await settle()
            assert len(world.writes()) == writes, "what is there already is not applied again"

    virtually(main())


def test_a_key_that_its_own_writes_bring_back_is_reported_once_with_the_fields(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        async def restless(obj: Widget, client: Client) -> None:
            await asyncio.sleep(0.1)
            async with client.status(obj) as status:
                status.ready = len(runs.runs)

        world, runs = bench(), Recorded(restless)
        async with world.running(runs.controller()):
            await world.client.create(widget())
            await settle(5)
        assert len(runs.runs) > 40

    with caplog.at_level(logging.WARNING):
        virtually(main())
    (warning,) = [message for message in caplog.messages if "again and again" in message]
    assert warning.endswith("Widget status.ready")


def test_a_predicate_that_fails_counts_as_passed_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Predicate):
        def matches(self, event: Event, /) -> bool:
            raise KeyError("spec")

    async def main() -> None:
        world, broken, fine = bench(), Recorded(), Recorded()
        async with world.running(
            Controller("broken", broken, For(Widget, predicates=[Broken()])), fine.controller()
        ):
            await world.client.create(widget())
            await settle()
        assert (broken.names, fine.names) == (["a"], ["a"])

    with caplog.at_level(logging.CRITICAL):
        virtually(main())


def test_an_object_that_goes_during_its_reconcile_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async def step(obj: Widget, client: Client) -> None:
            await asyncio.sleep(1)
            async with client.status(obj) as status:
                status.ready = 1

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller(name="going")):
            await world.client.create(widget())
            await settle(0.5)
            await world.client.delete(Widget, "a")
            await settle(100)
        assert len(runs.runs) == 1

    with caplog.at_level(logging.WARNING):
        virtually(main())
    assert caplog.messages == []
    assert metric("reconcile_errors_total", controller="going") == 0


def test_an_outage_is_told_without_tracebacks_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        down = False

        async def outage(request: Request) -> Response | None:
            if down:
                raise ConnectionFailed("connection refused")
            return None

        async def step(obj: Widget, client: Client) -> None:
            async with client.status(obj) as status:
                status.observed_generation = obj.metadata.generation

        world, runs = bench(), Recorded(step)
        world.faults.append(outage)
        async with world.running(runs.controller(resync_period=30.0)):
            down = True
            await world.client.create(widget("unseen"))
            await settle(100)
            assert len(runs.names) > 3
            down = False
            await settle(100)
            stored = await world.client.get(Widget, "unseen")
            assert stored.status is not None
            assert stored.status.observed_generation == 1

            down = True
            await world.client.patch(Widget, {"metadata": {"labels": {"x": "y"}}}, name="unseen")
            await settle(200)
            down = False
            await settle(2000)

    with caplog.at_level(logging.WARNING):
        virtually(main())
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def test_changes_survive_conflicts_lost_answers_and_restarts() -> None:
    """Whatever happens on the way, every widget ends with a status of its newest generation."""

    async def main(seed: int) -> None:
        chance = random.Random(seed)

        async def trouble(request: Request) -> Response | None:
            if request.stream or chance.random() < 0.6:
                return None
            match chance.randrange(4):
                case 0:
                    raise ConnectionFailed("reset before it was sent")
                case 1:
                    await world.server.handle(request)
                    raise ConnectionFailed("the answer was lost")
                case 2:
                    return Response(409, body=b'{"kind":"Status","code":409,"reason":"Conflict"}')
                case _:
                    return Response(500, body=b'{"kind":"Status","code":500,"reason":"InternalError"}')

        async def step(obj: Widget, client: Client) -> None:
            child = config_map(f"{obj.metadata.name}-child", size=str(obj.spec.size if obj.spec else 0))
            await client.apply_all(obj, [child])
            async with client.status(obj) as status:
                status.observed_generation = obj.metadata.generation

        world, runs = bench(), Recorded(step)
        for _ in range(3):
            world.faults[:] = [trouble] if chance.random() < 0.9 else []
            manager = world.manager(runs.controller(Owns(ConfigMap), max_concurrent_reconciles=3))
            try:
                async with manager.running():
                    for _ in range(10):
                        name = chance.choice("abc")
                        if await world.client.find(Widget, name) is None:
                            await world.client.create(widget(name))
                        else:
                            size = {"spec": {"size": chance.randrange(100)}}
                            await world.client.patch(Widget, size, name=name)
                        await settle(chance.choice([0.0, 0.01, 5.0]))
            except CacheSyncTimeout:
                continue
        world.faults.clear()
        async with world.running(runs.controller(Owns(ConfigMap))):
            await settle(10)
        for obj in await world.client.list(Widget):
            assert obj.status is not None
            assert obj.status.observed_generation == obj.metadata.generation
            child = await world.client.get(ConfigMap, f"{obj.metadata.name}-child", "default")
            assert child.data == {"size": str(obj.spec.size if obj.spec else 0)}

    logging.disable(logging.CRITICAL)
    try:
        for seed in range(6):
            virtually(main(seed))
    finally:
        logging.disable(logging.NOTSET)


def test_rate_limit_base_and_max_bound_the_delays_of_a_failing_key() -> None:
    async def main() -> list[float]:
        async def step(obj: Widget, client: Client) -> None:
            raise OSError("away")

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller(rate_limit_base=1.0, rate_limit_max=4.0)):
            await world.client.create(widget())
            await settle(16)
        return runs.gaps

    assert virtually(main()) == [1.0, 2.0, 4.0, 4.0, 4.0]


@pytest.mark.parametrize(
    ("predicate", "effective"),
    [
        (LabelsChanged(), "labels"),
        (AnnotationsChanged(), "annotations"),
        (FieldsChanged("spec.size"), "size"),
        (ResourceVersionChanged(), "any"),
    ],
    ids=repr,
)
def test_each_predicate_lets_its_changes_through(predicate: Predicate, effective: str) -> None:
    changes: dict[str, dict[str, Any]] = {
        "labels": {"metadata": {"labels": {"x": "y"}}},
        "annotations": {"metadata": {"annotations": {"x": "y"}}},
        "size": {"spec": {"size": 7}},
        "color": {"spec": {"color": "red"}},
    }

    async def main() -> list[str]:
        world, runs = bench(), Recorded()
        through = []
        async with world.running(Controller("widget", runs, For(Widget, predicates=[predicate]))):
            await world.client.create(widget())
            await settle()
            for name, patch in changes.items():
                runs.runs.clear()
                await world.client.patch(Widget, patch, name="a")
                await settle()
                through += [name] * len(runs.runs)
        return through

    assert virtually(main()) == (list(changes) if effective == "any" else [effective])
