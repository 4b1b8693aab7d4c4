"""The pytest plugin: an API server, a fresh namespace, a client and a manager for each test that asks.

What a run doesn't use isn't imported: without these fixtures the plugin costs nothing. Which server it is: `choice`.
What a server does for the fixtures: `backends`.
"""

from __future__ import annotations

import asyncio
import os
import re
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from opgen.testing import on_demand
from opgen.testing.choice import KINDS, SETTINGS, Choice, Unusable, choose
from opgen.testing.on_demand import (  # noqa: F401  (pytest finds fixtures here)
    faults,
    proven_manager,
    rbac,
    workloads,
)

if TYPE_CHECKING:
    from opgen_runtime.client import Client
    from opgen_runtime.client.transport import Transport
    from opgen_runtime.manager import Manager
    from opgen_runtime.testing import VirtualClock

    from opgen.testing.backends import Backend
    from opgen.testing.eventually import Eventually
    from opgen.testing.kubectl import Kubectl
    from opgen.testing.live import Live

_CLOCK: pytest.StashKey[VirtualClock] = pytest.StashKey()
_CHOICE: pytest.StashKey[Choice] = pytest.StashKey()
_SHARED: pytest.StashKey[Live] = pytest.StashKey()
_GIVEN = "opgen_server"
_UNUSED = "opgen_unused_rights"
_TOLD: pytest.StashKey[set[str]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """--opgen-server and what goes with it; each also as a variable and in the configuration file."""
    group = parser.getgroup("opgen", "operators on an API server")
    for name, setting in SETTINGS.items():
        group.addoption(
            setting.option, dest=setting.ini, choices=KINDS if name == "kind" else None, help=setting.help
        )
        parser.addini(setting.ini, f"{setting.option} and {setting.variable} go before it: {setting.help}")
    group.addoption(
        "--opgen-shared",
        action="store_true",
        help="with envtest or full and pytest-xdist: one server for all workers, who keep to their namespaces",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Refuses a choice that makes no sense before anything runs."""
    try:
        config.stash[_CHOICE] = choose(
            lambda option: config.getoption(option),
            lambda name: str(config.getini(name) or ""),
            shared=bool(config.getoption("--opgen-shared")),
        )
    except Unusable as problem:
        raise pytest.UsageError(str(problem)) from problem


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The cases of tests/rules/*.yaml are tests."""
    if file_path.suffix not in (".yaml", ".yml") or file_path.parts[-3:-1] != ("tests", "rules"):
        return None
    from opgen.testing.rules_items import RulesFile

    return RulesFile.from_parent(parent, path=file_path)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Names the server where it isn't the one in the process."""
    choice = config.stash[_CHOICE]
    if choice.kind == "builtin":
        return None
    about = f" (context {choice.context})" if choice.context else ""
    return f"opgen: tests run on the API server {choice.kind}{about}"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """With xdist and --opgen-shared, the process that starts the workers starts the server for all of them."""
    config: pytest.Config = node.config
    choice = config.stash[_CHOICE]
    if not choice.shared:
        return
    from opgen.errors import OpgenError
    from opgen.testing import live, project

    if _SHARED not in config.stash:
        project.set_root(config.rootpath)
        try:
            config.stash[_SHARED] = live.start(choice, config.rootpath)
        except OpgenError as problem:
            raise pytest.UsageError(_told(problem)) from problem
    node.workerinput[_GIVEN] = config.stash[_SHARED].shared()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells what it knows of unused rights."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_UNUSED] = on_demand.summary(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a worker told: a right counts as unused where no worker used it."""
    told = getattr(node, "workeroutput", {}).get(_UNUSED)
    if told:
        held: set[str] | None = node.config.stash.get(_TOLD, None)
        node.config.stash[_TOLD] = set(told) if held is None else held & set(told)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Names the rights in config/rbac that no test used."""
    unused = on_demand.summary(config) or sorted(config.stash.get(_TOLD, None) or ())
    if unused:
        terminalreporter.section("rights that no test used")
        for line in unused:
            terminalreporter.line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the server that workers shared."""
    shared = config.stash.get(_SHARED, None)
    if shared is not None:
        shared.stop()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Virtual time and real sockets exclude each other, so a test that asks for `clock` runs on builtin only."""
    kind = item.config.stash[_CHOICE].kind
    if kind != "builtin" and "clock" in getattr(item, "fixturenames", ()):
        pytest.skip(f"virtual time needs the builtin API server, and this run is on {kind}")


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
        backend, namespace = arguments.get("api_server"), arguments.get("namespace")
        if backend is not None and namespace is not None:
            for title, text in backend.left(namespace):
                if text:
                    report.sections.append((f"{title} in namespace {namespace}", text))
    return report


@pytest.fixture(scope="session")
def api_server(pytestconfig: pytest.Config) -> Iterator[Backend]:
    """The API server of the run, with the project's definitions installed: --opgen-server says which."""
    from opgen.errors import OpgenError
    from opgen.testing import backends, project

    project.set_root(pytestconfig.rootpath)
    given: dict[str, str] | None = getattr(pytestconfig, "workerinput", {}).get(_GIVEN)
    try:
        backend = backends.start(pytestconfig.stash[_CHOICE], pytestconfig.rootpath, given)
    except OpgenError as error:
        pytest.fail(_told(error), pytrace=False)
    yield backend
    backend.stop()


@pytest.fixture
def namespace(api_server: Backend, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh namespace; gone with all that is in it after the test."""
    slug = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:40].rstrip("-")
    name = f"{slug or 'test'}-{uuid.uuid4().hex[:8]}"
    with api_server.isolated(name):
        yield name


@pytest_asyncio.fixture
async def _transport(
    request: pytest.FixtureRequest, api_server: Backend, namespace: str
) -> AsyncIterator[Transport]:
    """HTTP to the server; under a virtual clock, which knows no sockets, the server's own function."""
    transport = api_server.transport(in_memory="clock" in request.fixturenames)
    yield transport
    await transport.close()


@pytest_asyncio.fixture
async def client(_transport: Transport, namespace: str, caplog: pytest.LogCaptureFixture) -> Client:
    """A client with cluster-admin's rights, whose default namespace is the test's."""
    from opgen_runtime.client import Client

    caplog.set_level("INFO", logger="opgen_runtime")  # a failed test shows what the operator said
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
async def eventually(api_server: Backend) -> Eventually:
    """Waits until a condition passes: `await eventually(lambda: …)`."""
    from opgen.testing.eventually import Eventually

    return Eventually(api_server)


@pytest_asyncio.fixture
async def clock(pytestconfig: pytest.Config) -> VirtualClock:
    """The virtual clock that this test's loop lives by; `await asyncio.sleep(3600)` takes no time."""
    return pytestconfig.stash[_CLOCK]


@pytest.fixture
def kubectl(api_server: Backend, namespace: str, tmp_path: Path) -> Kubectl:
    """The real kubectl on the test's server and namespace: `await kubectl("get", "pods")`."""
    from opgen.errors import OpgenError
    from opgen.testing.kubectl import Kubectl, program

    try:
        found = program()
    except OpgenError as problem:
        if os.environ.get("CI"):
            pytest.fail(_told(problem), pytrace=False)
        pytest.skip(_told(problem))
    path = tmp_path / "kubectl-home" / "kubeconfig"
    path.parent.mkdir()
    path.touch(mode=0o600)
    path.write_text(api_server.kubeconfig)
    return Kubectl(found, path, namespace)


def _told(problem: Any) -> str:
    return f"{problem} ({problem.hint})" if problem.hint else str(problem)
