"""The pytest plugin: an API server, a fresh namespace, a client and a manager for each test that asks.

What a run doesn't use isn't imported: without these fixtures the plugin costs nothing.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from opgen_runtime.client import Client
    from opgen_runtime.client.transport import Transport
    from opgen_runtime.manager import Manager
    from opgen_runtime.testing import VirtualClock

    from opgen.apiserver.http import RunningServer
    from opgen.testing.eventually import Eventually

_CLOCK: pytest.StashKey[VirtualClock] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """--opgen-server: which API server the tests run on."""
    group = parser.getgroup("opgen", "operators on an API server")
    group.addoption(
        "--opgen-server",
        choices=["builtin"],
        default="builtin",
        help="the API server that tests run on: builtin, in the test process (default)",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """A test that asks for `clock` runs in a loop whose time is virtual."""
    if "clock" not in getattr(item, "fixturenames", ()):
        return {"asyncio": asyncio.new_event_loop}

    def virtual_loop() -> asyncio.AbstractEventLoop:
        from opgen_runtime.testing import VirtualClock

        clock = VirtualClock()
        config.stash[_CLOCK] = clock
        return clock.new_event_loop()

    return {"virtual": virtual_loop}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Adds what a failed test left to its report. Its log is there already, as pytest captures it."""
    report: pytest.TestReport = yield
    if call.when == "call" and report.failed:
        arguments: Mapping[str, Any] = getattr(item, "funcargs", {})
        running, namespace = arguments.get("api_server"), arguments.get("namespace")
        if running is not None and namespace is not None:
            from opgen.testing import report as texts

            for title, text in (
                ("events", texts.events(running.server, namespace)),
                ("objects", texts.objects(running.server, namespace)),
            ):
                if text:
                    report.sections.append((f"{title} in namespace {namespace}", text))
    return report


@pytest.fixture(scope="session")
def api_server(pytestconfig: pytest.Config) -> Iterator[RunningServer]:
    """An API server in this process, behind HTTP on loopback, with the project's definitions installed."""
    from opgen.apiserver import ApiServer, StatusError
    from opgen.apiserver.http import serve_in_thread
    from opgen.errors import OpgenError
    from opgen.testing import project

    project.set_root(pytestconfig.rootpath)
    server = ApiServer()
    try:
        for definition in project.definitions_of(pytestconfig.rootpath):
            server.install(definition)
    except (StatusError, OpgenError) as error:
        raise pytest.UsageError(f"{project.DEFINITIONS}: {error}") from error
    running = serve_in_thread(server)
    yield running
    running.stop()


@pytest.fixture
def namespace(api_server: RunningServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh namespace; gone with all that is in it after the test."""
    from opgen.testing import cleanup

    slug = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:40].rstrip("-")
    name = f"{slug or 'test'}-{uuid.uuid4().hex[:8]}"
    before = cleanup.snapshot(api_server.server)
    api_server.server.create_namespace(name)
    yield name
    cleanup.purge(api_server.server, name, before)


@pytest_asyncio.fixture
async def _transport(request: pytest.FixtureRequest, api_server: RunningServer) -> AsyncIterator[Transport]:
    """HTTP to the server; under a virtual clock, which knows no sockets, the server's own function."""
    transport: Transport
    if "clock" in request.fixturenames:
        from opgen_runtime.testing import InMemoryTransport

        transport = InMemoryTransport(api_server.server.handle)
    else:
        from opgen_runtime.client.config import ClusterConfig, StaticCredentials
        from opgen_runtime.client.live import LiveTransport

        config = ClusterConfig(api_server.url, StaticCredentials.token(api_server.token), context="builtin")
        transport = LiveTransport(config)
    yield transport
    await transport.close()


@pytest_asyncio.fixture
async def client(_transport: Transport, namespace: str) -> Client:
    """A client with cluster-admin's rights, whose default namespace is the test's."""
    from opgen_runtime.client import Client

    return Client(_transport, namespace=namespace, field_owner="test")


@pytest_asyncio.fixture
async def manager(
    _transport: Transport, namespace: str, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Manager]:
    """A manager for the test's namespace, not started: `async with manager.running()` starts and stops it."""
    from opgen_runtime.client import Client
    from opgen_runtime.manager import Manager

    caplog.set_level("INFO", logger="opgen_runtime")
    made = Manager(Client(_transport, namespace=namespace), namespaces=(namespace,))
    yield made
    await made.stop()


@pytest_asyncio.fixture
async def eventually(api_server: RunningServer) -> Eventually:
    """Waits until a condition passes: `await eventually(lambda: …)`."""
    from opgen.testing.eventually import Eventually

    return Eventually(api_server.server)


@pytest_asyncio.fixture
async def clock(pytestconfig: pytest.Config) -> VirtualClock:
    """The virtual clock that this test's loop lives by; `await asyncio.sleep(3600)` takes no time."""
    return pytestconfig.stash[_CLOCK]
