"""Events: what is sent, what is a repetition, and that recording never gets in anybody's way."""

from __future__ import annotations

import asyncio
from typing import Any

from opgen_runtime import Client, json
from opgen_runtime.client import Request, Response
from opgen_runtime.events import DiscardSink, EventRecorder, EventSink
from opgen_runtime.events import recorder as module
from runtime_harness import Bench, bench, virtually, widget


def sent(world: Bench) -> list[tuple[str, Any]]:
    return [(request.method, json.loads(request.body or b"")) for request in world.writes()]


def recording(world: Bench) -> tuple[EventRecorder, EventSink]:
    sink = EventSink(Client(world.transport), "host-1")
    return EventRecorder(sink, "widget"), sink


def test_an_event_says_who_about_whom_what_and_why() -> None:
    async def main() -> None:
        world = bench()
        recorder, sink = recording(world)
        about = await world.client.create(widget())
        recorder.warning(about, "DiskFull", "no space left", action="Write")
        await sink.flush()
        ((method, body),) = sent(world)
        assert method == "POST"
        assert (body["type"], body["reason"], body["note"], body["action"]) == (
            *("Warning", "DiskFull"),
            *("no space left", "Write"),
        )
        assert (body["reportingController"], body["reportingInstance"]) == ("widget", "host-1")
        regarding = {"apiVersion": "example.com/v1", "kind": "Widget", "namespace": "default", "name": "a"}
        assert body["regarding"].items() >= (regarding | {"uid": about.metadata.uid}).items()

    virtually(main())


def test_repetitions_become_a_series_told_ever_more_rarely_until_it_ends() -> None:
    async def main() -> None:
        world = bench()
        recorder, sink = recording(world)
        about = await world.client.create(widget())
        for _ in range(40):
            recorder.normal(about, "Waiting", "for the disk")
            await sink.flush()
        counts = [body["series"]["count"] for method, body in sent(world) if method == "PATCH"]
        assert counts == [2, 4, 8, 16, 32]
        await asyncio.sleep(module.SERIES_SECONDS + 1)
        recorder.normal(about, "Waiting", "for the disk")
        await sink.flush()
        assert [method for method, _ in sent(world)].count("POST") == 2

    virtually(main())


def test_a_refusal_is_nobodys_trouble_and_what_overflows_is_dropped() -> None:
    async def refuse(request: Request) -> Response | None:
        body = b'{"kind":"Status","code":403,"reason":"Forbidden","message":"no"}'
        return Response(403, body=body) if request.method == "POST" else None

    async def main() -> None:
        world = bench()
        recorder, sink = recording(world)
        about = await world.client.create(widget())
        world.faults.append(refuse)
        for number in range(module.QUEUED + 10):
            recorder.normal(about, "Happened", f"number {number}")
        await sink.flush()
        notes = [body["note"] for _, body in sent(world)]
        assert len(notes) == module.QUEUED
        assert notes[-1] == f"number {module.QUEUED + 9}"

    virtually(main())


def test_a_series_whose_event_was_deleted_starts_anew() -> None:
    async def main() -> None:
        world = bench()
        recorder, sink = recording(world)
        about = await world.client.create(widget())
        recorder.normal(about, "Waiting", "x")
        await sink.flush()
        await world.client.delete_all_of(module.Event, namespace="default")
        for _ in range(2):
            recorder.normal(about, "Waiting", "x")
            await sink.flush()
        assert [method for method, _ in sent(world)] == ["POST", "PATCH", "POST"]

    virtually(main())


def test_long_notes_are_cut_between_characters_and_a_reconciler_alone_can_record() -> None:
    async def main() -> None:
        world = bench()
        recorder, sink = recording(world)
        recorder.normal(widget(), "Long", "ä" * 1000)
        await sink.flush()
        ((_, body),) = sent(world)
        assert body["note"] == "ä" * 512

    virtually(main())
    EventRecorder(DiscardSink(), "").normal(widget(), "Any", "thing")
