"""Finalizers: there before any work, gone only after cleanup, and never anybody else's."""

from __future__ import annotations

import asyncio
import logging

import pytest
from opgen_runtime import (
    AnnotationsChanged,
    Client,
    Controller,
    ControllerOptions,
    Event,
    For,
    LabelsChanged,
    Predicate,
    Reconciler,
)
from opgen_runtime.client import Request, Response
from runtime_harness import Bench, Widget, bench, settle, virtually, widget

OURS, THEIRS = "example.com/widget", "other.example.com/keep"


class Cleaning(Reconciler[Widget]):
    """Notes what happens, with the finalizers that the object has then."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.calls: list[tuple[str, list[str]]] = []
        self.failures = 0

    async def reconcile(self, obj: Widget, /) -> None:
        self.calls.append(("reconcile", list(obj.metadata.finalizers or [])))

    async def finalize(self, obj: Widget, /) -> None:
        self.calls.append(("finalize", list(obj.metadata.finalizers or [])))
        if self.failures:
            self.failures -= 1
            raise OSError("the bucket is not empty")


def controller(world: Bench, **options: object) -> tuple[Controller[Widget], Cleaning]:
    made = Cleaning(world.client)
    return Controller("widget", lambda client: made, For(Widget), options=ControllerOptions(**options)), made  # type: ignore[arg-type]  # any option


async def stored_finalizers(world: Bench) -> list[str] | None:
    found = await world.client.find(Widget, "a")
    return None if found is None else list(found.metadata.finalizers or [])


def test_the_finalizer_is_added_before_work_and_foreign_ones_stay() -> None:
    async def main() -> None:
        world = bench()
        made, reconciler = controller(world)
        async with world.running(made):
            await world.client.create(widget(finalizers=[THEIRS]))
            await settle()
            assert {call[0] for call in reconciler.calls} == {"reconcile"}
            assert reconciler.calls[0][1] == [THEIRS, OURS]
            assert await stored_finalizers(world) == [THEIRS, OURS]

    virtually(main())


def test_it_is_removed_only_after_cleanup_and_nothing_runs_after_that() -> None:
    async def main() -> None:
        world = bench()
        made, reconciler = controller(world)
        async with world.running(made):
            await world.client.create(widget(finalizers=[THEIRS]))
            await settle()
            reconciler.calls.clear()
            reconciler.failures = 2
            await world.client.delete(Widget, "a")
            await settle(0.001)
            assert await stored_finalizers(world) == [THEIRS, OURS], "cleanup has failed once"
            await settle()
            assert [call[0] for call in reconciler.calls] == ["finalize"] * 3
            assert await stored_finalizers(world) == [THEIRS]
            await world.client.patch(Widget, {"metadata": {"labels": {"still": "here"}}}, name="a")
            await settle(5000)
            assert len(reconciler.calls) == 3
            await world.client.patch(Widget, {"metadata": {"finalizers": None}}, name="a")
            await settle()
            assert await stored_finalizers(world) is None
            assert len(reconciler.calls) == 3

    virtually(main())


def test_a_finalizer_that_somebody_adds_meanwhile_is_not_lost() -> None:
    async def main() -> None:
        world = bench()
        made, _ = controller(world)
        interfered = False

        async def interfere(request: Request) -> Response | None:
            nonlocal interfered
            if request.method == "PATCH" and not interfered:
                interfered = True
                await world.client.patch(Widget, {"metadata": {"finalizers": [THEIRS]}}, name="a")
            return None

        world.faults.append(interfere)
        async with world.running(made):
            await world.client.create(widget())
            await settle()
            assert sorted(await stored_finalizers(world) or []) == [OURS, THEIRS]

    virtually(main())


def test_an_object_deleted_before_it_got_the_finalizer_is_not_finalized() -> None:
    async def main() -> None:
        world = bench()
        made, reconciler = controller(world)
        await world.client.create(widget(finalizers=[THEIRS]))
        await world.client.delete(Widget, "a")
        async with world.running(made):
            await settle()
        assert reconciler.calls == []

    virtually(main())


@pytest.mark.parametrize(
    ("option", "expected"), [(None, [OURS]), ("example.com/old-name", ["example.com/old-name"]), (False, [])]
)
def test_the_option_names_the_finalizer_or_leaves_it_out(
    option: bool | str | None, expected: list[str]
) -> None:
    async def main() -> list[str] | None:
        world = bench()
        made, _ = controller(world, finalizer=option)
        async with world.running(made):
            await world.client.create(widget())
            await settle()
            return await stored_finalizers(world)

    assert virtually(main()) == expected


class Nothing(Predicate):
    def matches(self, event: Event, /) -> bool:
        return event.old is None and event.new.metadata.deletion_timestamp is None


@pytest.mark.parametrize(
    "predicate",
    [LabelsChanged(), AnnotationsChanged(), Nothing()],
    ids=lambda predicate: type(predicate).__name__,
)
def test_no_predicate_hides_a_deletion_from_finalize(predicate: Predicate) -> None:
    async def main() -> None:
        world = bench()
        made = Cleaning(world.client)
        source = For(Widget, predicates=[predicate])
        async with world.running(Controller("widget", lambda client: made, source)):
            await world.client.create(widget("a"))
            await world.client.create(widget("b"))
            await settle()
            await world.client.delete(Widget, "a")
            await settle()
            assert [call[0] for call in made.calls] == ["reconcile", "reconcile", "finalize"]
            assert await stored_finalizers(world) is None
        await world.client.delete(Widget, "b")  # while nobody runs
        async with world.running(Controller("widget", lambda client: made, source)):
            await settle()
            assert await world.client.find(Widget, "b") is None

    virtually(main())


def test_a_reconciler_without_finalize_puts_no_finalizer() -> None:
    class Plain(Reconciler[Widget]):
        async def reconcile(self, obj: Widget, /) -> None:
            await asyncio.sleep(0)

    async def main() -> list[str] | None:
        world = bench()
        async with world.running(Controller("widget", Plain, For(Widget))):
            await world.client.create(widget())
            await settle()
            return await stored_finalizers(world)

    assert virtually(main()) == []


def test_a_failing_finalize_says_so_in_condition_and_event(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        world = bench()
        made, reconciler = controller(world, failure_condition="Ready")
        async with world.running(made):
            await world.client.create(widget())
            await settle()
            reconciler.failures = 10
            await world.client.delete(Widget, "a")
            await settle(0.2)
            stored = await world.client.get(Widget, "a")
            assert stored.status is not None
            (condition,) = stored.status.conditions or []
            assert (condition.type, condition.reason) == ("Ready", "FinalizeFailed")
        events = [request.body or b"" for request in world.writes() if request.path.endswith("/events")]
        assert [b'"reason":"FinalizeFailed"' in body for body in events] == [True]

    with caplog.at_level(logging.CRITICAL):
        virtually(main())
