"""Watches: where they begin, what they see, how they end. Time is virtual."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from opgen_runtime.testing import VirtualClock

from opgen.apiserver import Request, Response

MERGE = "application/merge-patch+json"
MAPS = "/api/v1/namespaces/n/configmaps"


def watch(api: Any, query: str = "", path: str = MAPS, accept: str = "") -> Response:
    response: Response = api.request("GET", f"{path}?watch=1&{query}", Accept=accept)
    assert response.status == 200, response.body
    return response


async def read(response: Response) -> list[Any]:
    """All events until the watch ends."""
    assert response.chunks is not None
    data = b"".join([chunk async for chunk in response.chunks])
    return [json.loads(line) for line in data.splitlines()]


def collect(response: Response) -> list[Any]:
    return VirtualClock().run(read(response))


def seen(events: list[Any]) -> list[tuple[str, str]]:
    return [(event["type"], event["object"]["metadata"].get("name", "")) for event in events]


def test_a_watch_begins_with_what_is_there(api: Any) -> None:
    api("POST", MAPS, {"metadata": {"name": "a"}})
    assert seen(collect(watch(api, "timeoutSeconds=5"))) == [("ADDED", "a")]


def test_a_watch_from_a_version_sees_what_came_after(api: Any) -> None:
    version = api("POST", MAPS, {"metadata": {"name": "a"}})["metadata"]["resourceVersion"]
    api("PATCH", f"{MAPS}/a", {"data": {"x": "1"}}, MERGE)
    api("POST", MAPS, {"metadata": {"name": "b"}})
    api("DELETE", f"{MAPS}/a")
    events = collect(watch(api, f"timeoutSeconds=5&resourceVersion={version}"))
    assert seen(events) == [("MODIFIED", "a"), ("ADDED", "b"), ("DELETED", "a")]
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    assert versions == sorted(set(versions))


def test_a_version_that_is_forgotten_is_gone(api: Any) -> None:
    version = api("POST", MAPS, {"metadata": {"name": "a"}})["metadata"]["resourceVersion"]
    api("POST", MAPS, {"metadata": {"name": "b"}})
    api.server.context.store.compact()
    (event,) = collect(watch(api, f"timeoutSeconds=5&resourceVersion={version}"))
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")


def test_changes_arrive_while_the_watch_is_open(api: Any) -> None:
    async def main() -> list[Any]:
        reading = asyncio.create_task(read(watch(api, "timeoutSeconds=30")))
        await asyncio.sleep(1)
        api("POST", MAPS, {"metadata": {"name": "a"}})
        await asyncio.sleep(1)
        api("DELETE", f"{MAPS}/a")
        return await reading

    assert seen(VirtualClock().run(main())) == [("ADDED", "a"), ("DELETED", "a")]


def test_a_selector_turns_changes_into_comings_and_goings(api: Any) -> None:
    version = api("POST", MAPS, {"metadata": {"name": "a"}})["metadata"]["resourceVersion"]
    for labels in ({"l": "1"}, {"l": "1", "m": "x"}, {"l": None}):
        api("PATCH", f"{MAPS}/a", {"metadata": {"labels": labels}}, MERGE)
    events = collect(watch(api, f"timeoutSeconds=5&labelSelector=l&resourceVersion={version}"))
    assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED"]
    assert events[-1]["object"]["metadata"]["labels"] == {"l": "1", "m": "x"}


def test_one_object_by_name(api: Any) -> None:
    for name in ("a", "b"):
        api("POST", MAPS, {"metadata": {"name": name}})
    by_path = MAPS.replace("/api/v1/", "/api/v1/watch/") + "/b"
    assert seen(collect(watch(api, "timeoutSeconds=5", by_path))) == [("ADDED", "b")]
    assert api("GET", f"{MAPS}/b?watch=1")["kind"] == "ConfigMap"  # a name and the parameter are a plain GET
    assert seen(collect(watch(api, "timeoutSeconds=5&fieldSelector=metadata.name%3Da"))) == [("ADDED", "a")]


def test_bookmarks_come_each_minute_and_before_the_end(api: Any) -> None:
    api("POST", MAPS, {"metadata": {"name": "a"}})
    events = collect(watch(api, "timeoutSeconds=150&allowWatchBookmarks=true"))
    assert [event["type"] for event in events] == ["ADDED", "BOOKMARK", "BOOKMARK"]
    bookmark = events[-1]["object"]
    assert bookmark["kind"] == "ConfigMap"
    assert int(bookmark["metadata"]["resourceVersion"]) == api.server.context.store.revision


def test_initial_events_end_with_a_marked_bookmark(api: Any) -> None:
    api("POST", MAPS, {"metadata": {"name": "a"}})
    query = (
        "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=2"
    )
    events = collect(watch(api, query))
    assert [event["type"] for event in events] == ["ADDED", "BOOKMARK"]
    assert events[1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("sendInitialEvents=true", 422),
        ("resourceVersionMatch=NotOlderThan", 422),
        ("timeoutSeconds=x", 400),
        ("labelSelector=(", 400),
    ],
)
def test_watches_that_cannot_be(api: Any, query: str, status: int) -> None:
    assert api.request("GET", f"{MAPS}?watch=1&{query}").status == status


def test_tables_send_their_columns_once(api: Any) -> None:
    for name in ("a", "b"):
        api("POST", MAPS, {"metadata": {"name": name}})
    events = collect(watch(api, "timeoutSeconds=5", accept="application/json;as=Table;v=v1;g=meta.k8s.io"))
    assert [len(event["object"]["columnDefinitions"] or ()) for event in events] == [3, 0]


def test_a_closed_watch_leaves_nothing(api: Any) -> None:
    async def main() -> None:
        response = watch(api)
        assert response.chunks is not None
        api("POST", MAPS, {"metadata": {"name": "a"}})
        async for _ in response.chunks:
            break
        await response.close()
        assert not len(api.server._watches)
        assert not api.server.context.store._listeners["/configmaps"]

    VirtualClock().run(main())


def test_stopping_ends_every_watch(api: Any) -> None:
    async def main() -> list[Any]:
        reading = asyncio.create_task(read(watch(api)))
        await asyncio.sleep(1)
        api.server.stop_watches()
        return await reading

    assert VirtualClock().run(main()) == []


def test_the_old_watch_path_works(api: Any) -> None:
    response = api.request("GET", "/api/v1/watch/namespaces/n/configmaps?timeoutSeconds=1")
    assert response.chunks is not None
    assert collect(response) == []


async def test_another_threads_writes_wake_the_reader(api: Any) -> None:
    response = watch(api)
    assert response.chunks is not None
    chunks = aiter(response.chunks)
    reading = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0)
    request = Request("POST", MAPS, (), {}, b'{"metadata": {"name": "a"}}')
    await asyncio.to_thread(api.server.respond, request)
    assert json.loads(await asyncio.wait_for(reading, 5))["object"]["metadata"]["name"] == "a"
    await response.close()
