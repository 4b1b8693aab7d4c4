"""The manager: order, orderly ends, probes and metrics."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import urllib.error
import urllib.request

import pytest
from opgen_runtime import Client, Controller, For, Owns, Reconciler
from opgen_runtime.cache import CacheSyncTimeout
from opgen_runtime.client import Request, Response
from opgen_runtime.errors import ConfigurationError
from opgen_runtime.manager import StopTimeout
from opgen_runtime.manager.serving import Answer, SideServer, parse_address, probe
from runtime_harness import ConfigMap, Recorded, Widget, bench, settle, virtually, widget


def test_a_stop_lets_running_reconciles_end_and_takes_no_more() -> None:
    async def main() -> None:
        ended: list[str] = []

        async def step(obj: Widget, client: Client) -> None:
            await asyncio.sleep(20)
            ended.append(str(obj.metadata.name))

        world, runs = bench(), Recorded(step)
        async with world.running(runs.controller()):
            await world.client.create(widget("runs"))
            await settle(0.1)
            await world.client.create(widget("waits"))
            await settle(0.1)
        assert ended == runs.names == ["runs"]

    virtually(main())


def test_what_does_not_end_in_time_is_cancelled_and_named() -> None:
    async def main() -> None:
        cancelled: list[str] = []

        async def step(obj: Widget, client: Client) -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(str(obj.metadata.name))
                raise

        world, runs = bench(), Recorded(step)
        manager = world.manager(runs.controller(), graceful_shutdown_timeout=5.0)
        await manager.start()
        await world.client.create(widget("stuck"))
        await settle()
        with pytest.raises(StopTimeout, match="still running after 5 s: widget: default/stuck"):
            await manager.stop()
        assert cancelled == ["stuck"]

    virtually(main())


def test_nothing_is_left_behind() -> None:
    async def main() -> None:
        world, runs = bench(), Recorded()
        async with world.running(runs.controller(Owns(ConfigMap), resync_period=5.0)):
            await world.client.create(widget())
            await settle(20)
        await asyncio.sleep(0)
        others = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert others == []

    before = threading.active_count()
    virtually(main())
    gc.collect()
    assert threading.active_count() == before


def test_a_kind_that_cannot_be_listed_fails_the_start_and_is_named() -> None:
    async def refuse(request: Request) -> Response | None:
        if "configmaps" not in request.path:
            return None
        return Response(
            403, body=b'{"kind":"Status","reason":"Forbidden","code":403,"message":"no, says RBAC"}'
        )

    async def main() -> None:
        world, runs = bench(), Recorded()
        world.faults.append(refuse)
        with pytest.raises(CacheSyncTimeout) as failure:
            async with world.running(runs.controller(Owns(ConfigMap), cache_sync_timeout=20.0)):
                raise AssertionError("it must not start")
        assert "controller widget: not everything could be listed within 20 s" in str(failure.value)
        assert "ConfigMap (v1): no, says RBAC" in str(failure.value)
        assert "Widget" not in str(failure.value)
        assert [t for t in asyncio.all_tasks() if t is not asyncio.current_task()] == []

    virtually(main())


def test_namespaces_that_have_none_in_common_are_an_error_at_the_start() -> None:
    async def main() -> None:
        world, runs = bench(), Recorded()
        with pytest.raises(ConfigurationError, match="watches the namespaces a and not b"):
            async with world.running(runs.controller(namespaces=["b"]), namespaces=["a"]):
                raise AssertionError("it must not start")

    virtually(main())


def test_names_are_unique_and_nothing_is_added_after_the_start() -> None:
    async def main() -> None:
        world, runs = bench(), Recorded()
        manager = world.manager(runs.controller())
        with pytest.raises(ValueError, match="a controller named widget already"):
            manager.add(runs.controller())
        async with manager.running():
            with pytest.raises(RuntimeError, match="has started"):
                manager.add(runs.controller(name="late"))
        await manager.stop()
        with pytest.raises(RuntimeError, match="runs once"):
            await manager.start()

    virtually(main())


def test_a_task_beside_the_controllers_runs_until_the_end_and_its_failure_is_kept() -> None:
    async def main() -> None:
        log: list[str] = []

        async def beside() -> None:
            log.append("started")
            try:
                await asyncio.Event().wait()
            finally:
                log.append("ended")

        async def failing() -> None:
            raise OSError("broken")

        world = bench()
        manager = world.manager()
        manager.add_runnable(beside)
        manager.add_runnable(failing)
        async with manager.running():
            await settle()
            assert log == ["started"]
            assert isinstance(manager.failure, OSError)
        assert log == ["started", "ended"]

    logging.disable(logging.CRITICAL)
    try:
        virtually(main())
    finally:
        logging.disable(logging.NOTSET)


def test_a_reconciler_that_cannot_be_made_fails_the_start() -> None:
    class Broken(Reconciler[Widget]):
        def __init__(self, client: Client) -> None:
            raise OSError("no credentials for the bucket")

        async def reconcile(self, obj: Widget, /) -> None: ...

    async def main() -> None:
        world = bench()
        with pytest.raises(OSError, match="no credentials"):
            async with world.running(Controller("broken", Broken, For(Widget))):
                raise AssertionError("it must not start")

    virtually(main())


# -- probes and metrics: real sockets, so no virtual time ------------------------------------------------


def fetch(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


async def test_probes_and_metrics_are_served_from_a_thread_of_their_own() -> None:
    world, runs = bench(), Recorded()
    address = "127.0.0.1:0"
    manager = world.manager(
        runs.controller(), metrics_bind_address=address, health_probe_bind_address=address
    )
    async with manager.running():
        assert manager.server is not None
        port = manager.server.ports[address]
        created = await world.client.create(widget())
        assert created.metadata.name == "a"
        assert await asyncio.to_thread(fetch, port, "/healthz") == (200, "ok")
        verbose = await asyncio.to_thread(fetch, port, "/readyz?verbose")
        assert verbose == (200, "[+]caches ok\nreadyz check passed\n")
        assert await asyncio.to_thread(fetch, port, "/healthz/loop") == (200, "ok")
        assert (await asyncio.to_thread(fetch, port, "/elsewhere"))[0] == 404
        code, text = await asyncio.to_thread(fetch, port, "/metrics")
        assert code == 200
        for name in (
            'controller_runtime_max_concurrent_reconciles{controller="widget"} 1.0',
            'workqueue_adds_total{controller="widget",name="widget"}',
            "rest_client_requests_total{",
            "controller_runtime_reconcile_time_seconds_bucket{",
        ):
            assert name in text
    with pytest.raises(OSError, match="refused"):
        await asyncio.to_thread(fetch, port, "/healthz")


async def test_a_blocked_loop_shows_as_unhealthy() -> None:
    world = bench()
    address = "127.0.0.1:0"
    manager = world.manager(health_probe_bind_address=address)
    async with manager.running():
        assert manager.server is not None
        answer: list[tuple[int, str]] = []
        port = manager.server.ports[address]
        thread = threading.Thread(target=lambda: answer.append(fetch(port, "/healthz")))
        thread.start()
        thread.join(10)  # blocks the loop, as bad user code would
    ((code, text),) = answer
    assert code == 500
    assert "[-]loop failed: the event loop has been blocked" in text


async def test_an_address_in_use_is_one_line() -> None:
    first = SideServer({"127.0.0.1:0": lambda path, query: Answer(200, b"")})
    await first.start()
    address = f"127.0.0.1:{first.ports['127.0.0.1:0']}"
    with pytest.raises(ConfigurationError, match=rf"cannot listen on {address}: .*in use"):
        await SideServer({address: lambda path, query: None}).start()
    first.stop()


@pytest.mark.parametrize(
    ("path", "query", "status", "body"),
    [
        ("/readyz", "", 500, "[+]good ok\n[-]bad failed: broken\nreadyz check failed\n"),
        ("/readyz", "exclude=bad", 200, "ok"),
        ("/readyz", "exclude=bad&verbose", 200, "[+]good ok\n[+]bad excluded: ok\nreadyz check passed\n"),
        ("/readyz/bad", "", 500, "broken\n"),
        ("/readyz/good", "", 200, "ok"),
    ],
)
def test_probes_answer_as_controller_runtimes_do(path: str, query: str, status: int, body: str) -> None:
    answer = probe(path, query, "/readyz", {"good": lambda: "", "bad": lambda: "broken"})
    assert answer == Answer(status, body.encode())


def test_unknown_paths_are_not_probes() -> None:
    assert probe("/readyz/other", "", "/readyz", {}) is None
    assert probe("/ready", "", "/readyz", {}) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":8081", ("", 8081)),
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:9", ("::1", 9)),
        ("0", None),
        ("", None),
    ],
)
def test_addresses(text: str, expected: tuple[str, int] | None) -> None:
    assert parse_address(text) == expected


@pytest.mark.parametrize("text", ["8081", "host", ":port", ":99999"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is not an address"):
        parse_address(text)
