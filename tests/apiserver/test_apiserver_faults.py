"""Faults on demand: what a client meets, in memory and over HTTP."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from opgen_runtime.testing import VirtualClock

from opgen.apiserver import ApiServer, Request, Response
from opgen.apiserver.faults import ACTIONS, Fault
from opgen.apiserver.http import serve_in_thread

MAPS = "/api/v1/namespaces/default/configmaps"


def run(test: Callable[[], Any]) -> Any:
    """A coroutine function under virtual time."""
    return VirtualClock().run(test())


async def ask(server: ApiServer, method: str, path: str, body: Any = None, **query: str) -> Response:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "t/1"}
    return await server.handle(Request(method, path, tuple(query.items()), headers, data))


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (Fault("conflict"), 409, "Conflict"),
        (Fault("gone"), 410, "Expired"),
        (Fault("throttle", seconds=7), 429, "TooManyRequests"),
        (Fault("fail"), 500, "InternalError"),
        (Fault("fail", status=503, message="full"), 503, "ServiceUnavailable"),
    ],
)
def test_wrong_answers_are_given_once_and_nothing_is_done(fault: Fault, status: int, reason: str) -> None:
    async def test() -> None:
        server = ApiServer()
        server.faults.add(fault)
        refused = await ask(server, "POST", MAPS, {"metadata": {"name": "a"}})
        assert (refused.status, refused.json()["reason"]) == (status, reason)
        if status == 429:
            assert refused.header("retry-after") == "7"
            assert refused.json()["details"]["retryAfterSeconds"] == 7
        assert (await ask(server, "GET", f"{MAPS}/a")).status == 404
        assert (await ask(server, "POST", MAPS, {"metadata": {"name": "a"}})).status == 201
        assert not fault.left

    run(test)


def test_a_dropped_request_is_not_done_and_a_lost_answer_is() -> None:
    async def test() -> None:
        server = ApiServer()
        server.faults.add(Fault("drop", verb="create"))
        server.faults.add(Fault("lose", verb="create"))
        for name, found in (("a", 404), ("b", 200)):
            with pytest.raises(ConnectionError):
                await ask(server, "POST", MAPS, {"metadata": {"name": name}})
            assert (await ask(server, "GET", f"{MAPS}/{name}")).status == found

    run(test)


def test_a_fault_strikes_what_it_names_the_nth_time_and_is_counted() -> None:
    async def test() -> None:
        server = ApiServer()
        fault = server.faults.add(Fault("fail", verb="get", resource="configmaps", name="a", nth=2, times=2))
        other = server.faults.add(Fault("fail", resource="secrets"))
        statuses = [(await ask(server, "GET", f"{MAPS}/a")).status for _ in range(4)]
        assert statuses == [404, 500, 500, 404]
        assert (await ask(server, "GET", f"{MAPS}/b")).status == 404
        assert (fault.seen, fault.struck, fault.left, other.left) == (3, 2, False, True)
        assert str(other) == "fail resource=secrets: struck 0 of 1"
        assert server.faults.clear() == [other]

    run(test)


def test_a_delay_takes_its_time() -> None:
    clock = VirtualClock()

    async def test() -> None:
        server = ApiServer()
        server.faults.add(Fault("delay", seconds=90))
        start = clock.now
        assert (await ask(server, "GET", MAPS)).status == 200
        assert clock.now - start == 90

    clock.run(test())


def test_only_the_further_pages_of_a_list_expire() -> None:
    async def test() -> None:
        server = ApiServer()
        for name in "abc":
            await ask(server, "POST", MAPS, {"metadata": {"name": name}})
        server.faults.add(Fault("gone", verb="list", continued=True))
        page = await ask(server, "GET", MAPS, limit="1")
        token = page.json()["metadata"]["continue"]
        expired = await ask(server, "GET", MAPS, limit="1", **{"continue": token})
        assert (expired.status, expired.json()["reason"]) == (410, "Expired")

    run(test)


async def frames(server: ApiServer, changes: int = 3) -> tuple[list[Any], str]:
    """What a watch delivers while ConfigMaps are made: whole frames, and how it ended."""
    watch = await ask(server, "GET", MAPS, watch="1", timeoutSeconds="30", resourceVersion="0")
    for number in range(changes):
        await ask(server, "POST", MAPS, {"metadata": {"name": f"m{number}"}})
    assert watch.chunks is not None
    found: list[Any] = []
    rest = b""
    try:
        async for chunk in watch.chunks:
            *lines, rest = (rest + chunk).split(b"\n")
            found += [json.loads(line) for line in lines]
    except ConnectionError:
        return found, "broken" if not rest else "cut"
    return found, "ended"


@pytest.mark.parametrize(
    ("fault", "count", "end"),
    [
        (Fault("drop", after=2), 2, "broken"),
        (Fault("drop"), 0, "broken"),
        (Fault("truncate", after=1), 1, "cut"),
        (Fault("duplicate"), 6, "ended"),
        (Fault("gone", after=2), 3, "ended"),
    ],
)
def test_a_watch_breaks_repeats_or_is_told_that_it_is_too_old(fault: Fault, count: int, end: str) -> None:
    async def test() -> None:
        server = ApiServer()
        fault.verb = "watch"
        server.faults.add(fault)
        events, ended = await frames(server)
        assert (len(events), ended) == (count, end)
        if fault.action == "gone":
            assert events[-1]["type"] == "ERROR"
            assert events[-1]["object"]["code"] == 410

    run(test)


def test_a_silent_watch_delivers_no_more() -> None:
    async def test() -> None:
        server = ApiServer()
        server.faults.add(Fault("hang", verb="watch", after=1))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await frames(server)

    run(test)


@pytest.mark.parametrize("keep", [True, False])
def test_a_restart_breaks_watches_and_may_lose_the_history(keep: bool) -> None:
    async def test() -> None:
        server = ApiServer()
        await ask(server, "POST", MAPS, {"metadata": {"name": "a"}})
        version = (await ask(server, "GET", MAPS)).json()["metadata"]["resourceVersion"]
        watch = await ask(server, "GET", MAPS, watch="1", timeoutSeconds="60", resourceVersion=version)
        assert watch.chunks is not None
        await ask(server, "POST", MAPS, {"metadata": {"name": "b"}})
        server.restart(keep_history=keep)
        with pytest.raises(ConnectionError):
            await anext(watch.chunks)
        again = await ask(server, "GET", MAPS, watch="1", timeoutSeconds="1", resourceVersion=version)
        assert again.chunks is not None
        [first] = [json.loads(chunk) async for chunk in again.chunks]
        assert first["type"] == ("ADDED" if keep else "ERROR")
        assert keep or first["object"]["reason"] == "Expired"

    run(test)


def test_faults_are_asked_for_over_http() -> None:
    with serve_in_thread(ApiServer()) as running:
        place = urlsplit(running.url).netloc
        headers = {"Authorization": f"Bearer {running.token}", "Content-Type": "application/json"}

        def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            connection = http.client.HTTPConnection(place, timeout=5)
            try:
                connection.request(method, path, None if body is None else json.dumps(body), headers)
                with connection.getresponse() as answer:
                    return answer.status, json.loads(answer.read())
            finally:
                connection.close()

        assert (
            call("POST", "/opgen/faults", {"action": "fail", "resource": "configmaps", "status": 503})[0]
            == 201
        )
        assert call("POST", "/opgen/faults", {"action": "drop", "verb": "create", "times": 0})[0] == 201
        assert call("POST", "/opgen/faults", {"action": "truncate", "resource": "secrets"})[0] == 201
        assert call("POST", "/opgen/faults", {"action": "fail", "resource": "pods"})[0] == 201
        assert call("GET", MAPS)[0] == 503
        for _ in range(2):
            with pytest.raises((ConnectionError, http.client.HTTPException)):
                call("POST", MAPS, {"metadata": {"name": "a"}})
        with pytest.raises(http.client.IncompleteRead):
            call("GET", "/api/v1/secrets")
        _, listed = call("GET", "/opgen/faults")
        assert [fault["struck"] for fault in listed["faults"]] == [1, 2, 1, 0]
        _, cleared = call("DELETE", "/opgen/faults")
        assert [fault["resource"] for fault in cleared["left"]] == ["pods"]
        assert call("POST", MAPS, {"metadata": {"name": "a"}})[0] == 201
        assert call("POST", "/opgen/restart", {"history": "lose"}) == (200, {"history": "lose"})
        assert call("GET", f"{MAPS}/a")[0] == 200


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"action": "explode"}, "action must be one of"),
        ({"action": "fail", "what": 1}, "unknown fields of a fault: what"),
        ({"action": "fail", "times": "x"}, "times must be a int"),
        ({"action": "fail", "verb": 3}, "verb must be a str"),
    ],
)
def test_what_is_no_fault_is_refused(body: dict[str, Any], complaint: str) -> None:
    async def test() -> None:
        answer = await ask(ApiServer(), "POST", "/opgen/faults", body)
        assert answer.status == 400
        assert complaint in answer.json()["message"]

    run(test)


def test_only_who_may_do_everything_may_ask_for_faults() -> None:
    async def test() -> None:
        server = ApiServer()
        request = Request("GET", "/opgen/faults", headers={"Impersonate-User": "bob"})
        assert (await server.handle(request)).status == 403

    run(test)


def test_every_action_is_described() -> None:
    assert all(len(text) > 10 for text in ACTIONS.values())
