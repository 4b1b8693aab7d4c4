"""The plugin's fixtures as a generated project uses them: in a pytest run of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_project import CONFIG, CRD, MODEL

pytest_plugins = ["pytester"]


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with one definition, its model and its sample."""
    pytester.makefile(".ini", pytest=CONFIG)
    pytester.makepyfile(model=MODEL)
    bases = pytester.path / "config" / "crd" / "bases"
    bases.mkdir(parents=True)
    (bases / "example.com_widgets.yaml").write_text(CRD)
    samples = pytester.path / "config" / "samples"
    samples.mkdir()
    text = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: widget-sample}\nspec: {size: 5}\n"
    (samples / "example_v1_widget.yaml").write_text(text)
    (samples / "example_v1_widget_full.yaml").write_text(text.replace("5", "7"))
    return pytester


def run(project: pytest.Pytester, source: str) -> pytest.RunResult:
    project.makepyfile(test_it=source)
    return project.runpytest_subprocess(
        "-p", "no:cacheprovider", "-p", "no:xdist", f"--rootdir={project.path}"
    )


CLIENT = """
from opgen_runtime.objects import ObjectMeta
from model import Widget
from opgen.testing import sample

async def test_default(client, namespace):
    created = await client.create(Widget(metadata=ObjectMeta(name="w")))
    assert created.metadata.namespace == namespace
    listed = await client.list(Widget)
    assert [w.metadata.name for w in listed] == ["w"]

async def test_samples(client, namespace):
    small, full = sample(Widget, namespace=namespace), sample(Widget, "full", name="other")
    assert small.metadata.namespace == namespace
    assert (small.spec.size, full.spec.size, full.metadata.name) == (5, 7, "other")
    assert (await client.create(small)).spec.size == 5
    assert [w.metadata.name for w in await client.list(Widget)] == ["widget-sample"]
"""

CLOCK = """
import asyncio
from opgen_runtime.objects import ObjectMeta
from model import Widget

async def test_sleep(clock, client):
    before = clock.now
    await asyncio.sleep(7200)
    assert clock.now - before >= 7200
    assert (await client.create(Widget(metadata=ObjectMeta(name="w")))).metadata.uid

async def test_real_time():
    assert type(asyncio.get_running_loop()).__name__ != "_VirtualLoop"
"""

EVENTUALLY = """
import asyncio
import pytest
from opgen_runtime.objects import ObjectMeta
from model import Widget

async def test_woken(client, eventually):
    async def later():
        await asyncio.sleep(0)
        await client.create(Widget(metadata=ObjectMeta(name="w")))

    task = asyncio.create_task(later())
    found = await eventually(lambda: client.get(Widget, "w"))
    assert found.metadata.name == "w"
    await task

async def test_gives_up(client, eventually, clock):
    with pytest.raises(AssertionError, match="False"):
        await eventually(lambda: False, timeout=3)
"""

MANAGER = """
from model import Widget, WidgetSpec
from opgen_runtime import Controller, For, Manager, Reconciler
from opgen_runtime.objects import ObjectMeta

class Doubler(Reconciler[Widget]):
    async def reconcile(self, widget):
        if widget.spec.size < 10:
            await self.client.patch(widget, {"spec": {"size": widget.spec.size * 2}})

async def reconciles(manager, client, eventually):
    manager.add(Controller("widget", Doubler, For(Widget)))
    async with manager.running():
        await client.create(Widget(metadata=ObjectMeta(name="w"), spec=WidgetSpec(size=3)))
        async def doubled():
            assert (await client.get(Widget, "w")).spec.size == 12
        await eventually(doubled)

async def test_over_http(manager, client, eventually):
    await reconciles(manager, client, eventually)

async def test_in_virtual_time(manager, client, eventually, clock):
    await reconciles(manager, client, eventually)

async def test_never_started(manager):
    assert manager.client.namespace.startswith("test-never-started-")
"""


def test_the_fixtures_of_a_project(project: pytest.Pytester) -> None:
    """Client, samples, virtual time, `eventually` and a running manager, in one run of pytest."""
    project.makepyfile(test_client=CLIENT, test_clock=CLOCK, test_eventually=EVENTUALLY)
    result = run(project, MANAGER)
    result.assert_outcomes(passed=9)


def test_a_failed_test_shows_what_it_left(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
from opgen_runtime.objects import ObjectMeta
from model import Widget

async def test_fails(client, namespace):
    await client.create(Widget(metadata=ObjectMeta(name="left-behind")))
    assert 0
""",
    )
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert "objects in namespace test-fails-" in text
    assert "name: left-behind" in text
    assert "managedFields" not in text


def test_a_refused_definition_is_one_line(project: pytest.Pytester) -> None:
    path = Path(project.path / "config" / "crd" / "bases" / "example.com_widgets.yaml")
    path.write_text(CRD.replace("type: integer", "type: nonsense"))
    result = run(project, "def test_it(api_server): pass")
    assert result.ret != 0
    assert "Unsupported value" in result.stdout.str()


def test_without_the_fixtures_nothing_is_imported(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
import sys

def test_it():
    assert not [m for m in sys.modules if m.startswith(("opgen.apiserver", "opgen_runtime", "aiohttp"))]
""",
    )
    result.assert_outcomes(passed=1)
