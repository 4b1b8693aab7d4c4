"""Behaviours of the cache, one test each, against a server that loses, delays and forgets, in virtual time."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from opgen_runtime import Client, ObjectKey
from opgen_runtime.cache import Cache, CachedReader, CacheSyncTimeout, Progress, Store, Writes
from opgen_runtime.cache.store import strip_managed_fields, version_number
from opgen_runtime.client import Item, Metadata, Request, Response
from opgen_runtime.errors import NotFound
from opgen_runtime.predicates import Event, EventType
from runtime_harness import Bench, ConfigMap, Widget, WidgetSpec, bench, settle, virtually, widget


@dataclass
class Watched:
    """A cache of Widgets at work, and the events that it told."""

    cache: Cache
    store: Store
    events: list[str] = field(default_factory=list)

    def note(self, key: ObjectKey, event: Event, initial: bool) -> None:
        self.events.append(f"{'initial ' if initial else ''}{event.type.value} {key.name}")


@asynccontextmanager
async def watching(
    world: Bench, kinds: tuple[Any, ...] = (Widget,), **options: Any
) -> AsyncIterator[Watched]:
    cache = Cache(Client(world.transport).raw, **options)
    for kind in kinds:
        cache.want(kind.KIND)
    store = cache.store(Widget.KIND)
    assert store is not None
    watched = Watched(cache, store)
    store.add_handler(watched.note)
    cache.start()
    try:
        await cache.wait_synced([Widget.KIND], 100.0, "test")
        yield watched
    finally:
        await cache.stop()


def is_watch(request: Request) -> bool:
    return request.stream


def is_streaming_list(request: Request) -> bool:
    return request.stream and ("sendInitialEvents", "true") in request.query


def status(code: int, reason: str, message: str = "refused by the test") -> Response:
    body = f'{{"kind":"Status","status":"Failure","code":{code},"reason":"{reason}","message":"{message}"}}'
    return Response(code, body=body.encode())


async def refuse_streaming_list(request: Request) -> Response | None:
    return status(422, "Invalid") if is_streaming_list(request) else None


class Line:
    """The connection of watches: can be cut, and fall silent without a word."""

    def __init__(self, world: Bench) -> None:
        self.world = world
        self.cut = asyncio.Event()
        self.silent = False
        self.opened: list[float] = []
        self.down = False

    async def __call__(self, request: Request) -> Response | None:
        if self.down:
            return status(503, "ServiceUnavailable")
        if not request.stream:
            return None
        answer = await self.world.server.handle(request)
        if answer.chunks is None:
            return None
        self.opened.append(asyncio.get_running_loop().time())
        self.cut = asyncio.Event()
        return Response(
            answer.status, answer.headers, b"", self._through(answer.chunks, self.cut), answer.close
        )

    async def _through(self, chunks: AsyncIterator[bytes], cut: asyncio.Event) -> AsyncIterator[bytes]:
        cutting = asyncio.ensure_future(cut.wait())
        while True:
            following = asyncio.ensure_future(anext(chunks, b""))
            await asyncio.wait([following, cutting], return_when=asyncio.FIRST_COMPLETED)
            if cut.is_set():
                following.cancel()
                await asyncio.wait([following])
                return
            if self.silent:
                await asyncio.Event().wait()
            if not following.result():
                cutting.cancel()
                return
            yield following.result()


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming list", "paged list"])
def test_everything_is_listed_and_then_watched(streaming: bool) -> None:
    async def main() -> None:
        world = bench()
        if not streaming:
            world.faults.append(refuse_streaming_list)
        await world.client.create(widget("a"))
        async with watching(world) as watched:
            assert watched.events == ["initial create a"]
            await world.client.create(widget("b"))
            await world.client.patch(Widget, {"spec": {"size": 2}}, name="a")
            await world.client.delete(Widget, "b")
            await settle()
            assert watched.events[1:] == ["create b", "update a", "delete b"]
            assert len(watched.store) == 1
            assert watched.store.bytes_held > 0

    virtually(main())


def test_an_expired_version_lists_again_and_tells_differences_only() -> None:
    async def main() -> None:
        world = bench()
        expired = False

        async def expire(request: Request) -> Response | None:
            nonlocal expired
            if is_watch(request) and not is_streaming_list(request) and not expired:
                expired = True
                return status(410, "Expired")
            return None

        line = Line(world)
        world.faults += [expire, line]
        for name in ("same", "changed", "gone"):
            await world.client.create(widget(name))
        async with watching(world) as watched:
            watched.events.clear()
            line.cut.set()
            await world.client.patch(Widget, {"spec": {"size": 9}}, name="changed")
            await world.client.delete(Widget, "gone")
            await world.client.create(widget("new"))
            await settle(60)
            assert expired
            assert sorted(watched.events) == ["create new", "delete gone", "update changed"]

    virtually(main())


def test_a_deletion_missed_while_disconnected_is_told_with_the_last_known_object() -> None:
    async def main() -> None:
        world = bench(history=1)
        line = Line(world)
        world.faults.append(line)
        await world.client.create(widget("lost", size=42))
        async with watching(world) as watched:
            told: list[Event] = []
            watched.store.add_handler(lambda key, event, initial: told.append(event))
            told.clear()
            line.down = True
            line.cut.set()
            await settle()
            await world.client.delete(Widget, "lost")
            for number in range(20):
                await world.client.create(widget(f"w{number}"))
            line.down = False
            await settle(100)
            (deletion,) = [event for event in told if event.type is EventType.DELETE]
            assert Widget.from_json(deletion.new.raw).spec == WidgetSpec(size=42)

    virtually(main())


def test_an_object_recreated_under_its_name_is_a_deletion_and_a_creation() -> None:
    async def main() -> None:
        world = bench(history=1)
        line = Line(world)
        world.faults.append(line)
        await world.client.create(widget("a"))
        async with watching(world) as watched:
            watched.events.clear()
            line.down = True
            line.cut.set()
            await settle()
            await world.client.delete(Widget, "a")
            await world.client.create(widget("a"))
            for number in range(20):
                await world.client.patch(Widget, {"spec": {"size": number + 2}}, name="a")
            line.down = False
            await settle(100)
            assert watched.events == ["delete a", "create a"]

    virtually(main())


def test_a_bookmark_moves_the_version_and_tells_nothing() -> None:
    async def main() -> None:
        world = bench()
        async with watching(world) as watched:
            before = watched.store.progress[""].number
            for number in range(5):
                await world.client.create(_config_map(f"c{number}"))
            await settle(130)
            assert watched.store.progress[""].number > before
            assert watched.events == []

    virtually(main())


def _config_map(name: str) -> ConfigMap:
    made = ConfigMap()
    made.metadata.name, made.metadata.namespace = name, "default"
    return made


def test_a_watch_that_ends_resumes_from_its_version_with_growing_jittered_delays() -> None:
    async def main() -> None:
        world = bench()
        attempts: list[float] = []
        refusing = False

        async def refuse(request: Request) -> Response | None:
            if refusing:
                attempts.append(asyncio.get_running_loop().time())
                assert is_watch(request), "a resumed watch lists nothing"
                return Response(200, chunks=_nothing())
            return None

        line = Line(world)
        world.faults += [refuse, line]
        async with watching(world) as watched:
            await settle(10)
            refusing = True
            line.cut.set()
            await settle(30)
            gaps = [later - earlier for earlier, later in itertools.pairwise(attempts)]
            assert gaps[0] < 1.0
            assert gaps[-1] > 3 * gaps[0]
            assert len(attempts) < 12
            refusing = False
            await world.client.create(widget("b"))
            await settle(60)
            assert watched.events == ["create b"]

    virtually(main())


async def _nothing() -> AsyncIterator[bytes]:
    no_chunks: tuple[bytes, ...] = ()
    for chunk in no_chunks:
        yield chunk


def test_a_connection_that_falls_silent_is_given_up_and_replaced() -> None:
    async def main() -> None:
        world = bench()
        line = Line(world)
        world.faults.append(line)
        async with watching(world) as watched:
            line.silent = True
            await world.client.create(widget("unseen"))
            await settle(50)
            assert watched.events == []
            line.silent = False
            await settle(120)
            assert watched.events == ["create unseen"]

    virtually(main())


def test_a_paged_list_whose_token_expires_starts_again() -> None:
    async def main() -> None:
        world = bench()
        refused = 0

        async def expire(request: Request) -> Response | None:
            nonlocal refused
            if any(name == "continue" for name, _ in request.query) and refused < 2:
                refused += 1
                return status(410, "Expired", "The provided continue parameter is too old")
            return None

        world.faults += [refuse_streaming_list, expire]
        for number in range(501):
            await world.client.create(widget(f"w{number:03}"))
        async with watching(world) as watched:
            assert refused == 2
            assert len(watched.store) == 501
            assert len(watched.events) == 501

    virtually(main())


def test_an_unknown_kind_is_asked_for_every_ten_seconds_until_it_comes() -> None:
    async def main() -> None:
        world = bench()
        asked: list[float] = []
        known = False

        async def unknown(request: Request) -> Response | None:
            if known:
                return None
            asked.append(asyncio.get_running_loop().time())
            return status(404, "NotFound", "the server could not find the requested resource")

        world.faults.append(unknown)
        cache = Cache(Client(world.transport).raw)
        cache.want(Widget.KIND)
        cache.start()
        with pytest.raises(CacheSyncTimeout, match=r"Widget \(example.com/v1\): the server could not find"):
            await cache.wait_synced([Widget.KIND], 35.0, "controller widget")
        gaps = {round(later - earlier) for earlier, later in itertools.pairwise(asked)}
        assert gaps == {10}
        known = True
        await cache.wait_synced([Widget.KIND], 11.0, "controller widget")
        await cache.stop()

    virtually(main())


def test_readers_cannot_change_what_is_cached() -> None:
    async def main() -> None:
        world = bench()
        await world.client.create(widget(labels={"x": "y"}))
        async with watching(world) as watched:
            client = Client(world.transport).derive(reader=CachedReader(watched.cache, world.client.reader))
            first = await client.get(Widget, "a")
            assert first.spec is not None
            first.spec.size = 99
            (first.metadata.labels or {})["x"] = "changed"
            second = await client.get(Widget, "a")
            assert second.spec == WidgetSpec(size=1)
            assert second.metadata.labels == {"x": "y"}

    virtually(main())


def test_reads_of_cached_kinds_ask_nobody_and_others_the_server() -> None:
    async def main() -> None:
        world = bench()
        await world.client.create(widget("a", labels={"tier": "gold"}))
        await world.client.create(widget("b"))
        async with watching(world) as watched:
            client = Client(world.transport).derive(reader=CachedReader(watched.cache, world.client.reader))
            world.requests.clear()
            assert (await client.get(Widget, "a")).metadata.name == "a"
            assert len(await client.list(Widget)) == 2
            assert [w.metadata.name for w in await client.list(Widget, label_selector="tier=gold")] == ["a"]
            only_b = await client.list(Widget, field_selector="metadata.name=b")
            assert [w.metadata.name for w in only_b] == ["b"]
            with pytest.raises(NotFound, match=r'widgets\.example\.com "c" not found'):
                await client.get(Widget, "c")
            assert [request for request in world.requests if not request.stream] == []
            await client.find(ConfigMap, "x")

    virtually(main())


def test_a_store_answers_by_index_as_it_changes() -> None:
    store = Store(Widget.KIND)
    store.put(_item("a", "1", color="red"))

    def color(found: Item) -> list[str]:
        spec = Widget.from_json(found.raw).spec
        return [spec.color or ""] if spec is not None else []

    store.add_index("color", color)
    store.put(_item("b", "2", color="blue"))
    assert [item.metadata.name for item in store.by_index("color", "red")] == ["a"]
    store.put(_item("a", "3", color="blue"))
    assert [item.metadata.name for item in store.by_index("color", "blue")] == ["b", "a"]
    store.remove(_item("b", "4"))
    assert [item.metadata.name for item in store.by_index("color", "blue")] == ["a"]
    assert store.by_index("color", "red") == []


def _item(name: str, version: str, color: str = "") -> Item:
    made = widget(name)
    made.spec = WidgetSpec(color=color)
    made.metadata.resource_version = version
    return Item(Metadata(name=name, namespace="default", uid="u", resource_version=version), made.to_json())


def test_managed_fields_are_dropped_and_nothing_else() -> None:
    async def main() -> None:
        world = bench()
        await world.client.create(widget("a", annotations={"note": 'says "managedFields"'}))
        async with watching(world) as watched:
            item = watched.store.get("default", "a")
            assert item is not None
            held = Widget.from_json(item.raw).to_dict()
            stored = (await world.client.get(Widget, "a")).to_dict()
            assert stored["metadata"].pop("managedFields")
            assert held == stored
            assert strip_managed_fields(item) is item or strip_managed_fields(item).raw == item.raw

    virtually(main())


def test_metadata_alone_is_held_of_kinds_that_need_no_more() -> None:
    async def main() -> None:
        world = bench()
        await world.client.create(widget("a", size=7))
        cache = Cache(Client(world.transport).raw)
        cache.want(Widget.KIND, whole=False)
        cache.start()
        await cache.wait_synced([Widget.KIND], 10.0, "test")
        store = cache.store(Widget.KIND)
        assert store is not None
        item = store.get("default", "a")
        assert item is not None
        assert b"spec" not in item.raw
        client = Client(world.transport).derive(reader=CachedReader(cache, world.client.reader))
        assert (await client.get(Widget, "a")).spec == WidgetSpec(size=7), "whole objects are read live"
        await cache.stop()

    virtually(main())


def test_versions_compare_as_numbers_and_others_count_as_seen() -> None:
    assert version_number("10") > version_number("9")
    assert version_number("") == version_number("abc") == version_number("-5") == -1


def test_random_histories_with_a_bad_line_end_with_what_the_server_has() -> None:
    async def main(seed: int) -> None:
        chance = random.Random(seed)
        world = bench(history=chance.choice([1, 5, 1000]))
        line = Line(world)
        world.faults.append(line)
        if chance.random() < 0.5:
            world.faults.insert(0, refuse_streaming_list)
        async with watching(world) as watched:
            known: dict[str, str] = {}

            def follow(key: ObjectKey, event: Event, initial: bool) -> None:
                name, uid = key.name, event.new.metadata.uid
                if event.type is EventType.CREATE:
                    assert name not in known
                    known[name] = uid
                elif event.type is EventType.UPDATE:
                    assert known[name] == uid
                else:
                    assert known.pop(name) == uid

            watched.store.add_handler(follow)
            for _ in range(60):
                await _something_happens(chance, world, line)
            line.down = line.silent = False
            await settle(300)
            server = {
                w.metadata.name: (w.metadata.uid, w.metadata.resource_version)
                for w in await world.client.list(Widget)
            }
            held = {
                i.metadata.name: (i.metadata.uid, i.metadata.resource_version) for i in watched.store.items()
            }
            assert held == server
            assert known == {name: uid for name, (uid, _) in server.items()}

    for seed in range(12):
        virtually(main(seed))


async def _something_happens(chance: random.Random, world: Bench, line: Line) -> None:
    name = chance.choice("abcd")
    match chance.randrange(7):
        case 0 | 1:
            if await world.client.find(Widget, name) is None:
                await world.client.create(widget(name))
        case 2:
            if await world.client.find(Widget, name) is not None:
                await world.client.patch(Widget, {"spec": {"size": chance.randrange(99)}}, name=name)
        case 3:
            await world.client.delete(Widget, name, missing_ok=True)
        case 4:
            line.cut.set()
        case 5:
            line.down = not line.down
        case _:
            await asyncio.sleep(chance.choice([0.0, 0.1, 3.0, 100.0]))


def test_an_outage_is_one_line_at_its_start_and_one_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        world = bench()
        line = Line(world)
        world.faults.append(line)
        async with watching(world):
            await settle(5)
            line.cut.set()
            await settle(5)
            assert caplog.messages == [], "a watch that breaks once and resumes is no news"
            line.down = True
            line.cut.set()
            await settle(600)
            line.down = False
            await settle(100)
            await world.client.create(widget())
            await settle()

    with caplog.at_level("INFO", logger="opgen_runtime.cache"):
        virtually(main())
    levels = [record.levelname for record in caplog.records]
    assert levels == ["WARNING", "INFO"]


def test_a_handler_or_an_index_that_fails_keeps_nobody_else_from_the_event(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(key: ObjectKey, event: Event, initial: bool) -> None:
        raise KeyError("handler")

    def no_index(item: Item) -> list[str]:
        raise KeyError("index")

    told: list[str] = []
    store = Store(Widget.KIND)
    store.add_index("broken", no_index)
    store.add_handler(fails)
    store.add_handler(lambda key, event, initial: told.append(key.name))
    store.put(_item("a", "1"))
    assert told == ["a"]
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    caplog.clear()


def test_waiting_for_an_own_write_is_bounded_and_ends_as_soon_as_it_shows() -> None:
    async def main() -> None:
        clock = asyncio.get_running_loop().time
        progress, writes = Progress(), Writes()
        progress.advance("10")
        told: list[float] = []
        writes.when_seen(lambda: told.append(clock()))
        assert len(told) == 1, "nothing was written"

        writes.note(progress, "12")
        writes.note(progress, "11")
        assert writes.unseen() == [(progress, "12")]
        began = clock()
        writes.when_seen(lambda: told.append(clock() - began))
        waiting = asyncio.create_task(writes.seen(progress))
        await asyncio.sleep(1)
        progress.advance("11")
        assert len(told) == 1
        progress.advance("12")
        await waiting
        assert told[1:] == [1.0]

        writes.note(progress, "99")
        began = clock()
        writes.when_seen(lambda: told.append(clock() - began))
        await writes.seen(progress)
        await asyncio.sleep(0.1)
        assert told[2:] == [5.0]
        await writes.seen(progress)
        assert clock() - began < 6, "what was given up is not waited for again"
        progress.advance("99")
        assert len(told) == 3

    virtually(main())
