"""What users write: the shape that `create api` generates, and what type checkers make of mistakes in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import opgen_runtime
import pytest

KIND = """
from __future__ import annotations
from collections.abc import Sequence
from opgen_runtime import Condition, Resource, ResourceType, Struct

class MemcachedSpec(Struct):
    size: int = 1

class MemcachedStatus(Struct):
    conditions: list[Condition] | None = None
    observed_generation: int | None = None

class Memcached(Resource):
    KIND = ResourceType("cache.example.com", "v1", "Memcached", "memcacheds")
    spec: MemcachedSpec | None = None
    status: MemcachedStatus | None = None
"""

# As DESIGN has it, word for word but for the imports.
CONTROLLER = '''
from __future__ import annotations
from collections.abc import Sequence
from opgen_runtime import (
    Controller, ControllerOptions, For, GenerationChanged, Manager, Owns, Reconciler, Resource, is_ready, set_condition
)
from opgen_runtime.kinds.apps_v1 import Deployment
from memcached import Memcached

OPTIONS = ControllerOptions(max_concurrent_reconciles=4, reconcile_timeout=60.0, failure_condition="Ready")

class MemcachedReconciler(Reconciler[Memcached]):
    """Brings the cluster to what a Memcached asks for."""

    async def reconcile(self, memcached: Memcached) -> None:
        children = await self.client.apply_all(memcached, desired(memcached))
        ready = all(is_ready(child) for child in children)
        async with self.client.status(memcached) as status:  # one patch, none if nothing changed
            status.observed_generation = memcached.metadata.generation
            set_condition(status, "Ready", ready, reason="Available" if ready else "Progressing")

    async def finalize(self, memcached: Memcached) -> None: ...  # with --finalizer

def desired(memcached: Memcached) -> Sequence[Resource]:
    """The objects that a Memcached owns: pure, so that a test needs no server."""
    return ()  # one commented example per --owns stands here

def setup(manager: Manager) -> None:
    manager.add(
        Controller(
            "memcached",  # in metrics, logs, overrides; the owner of the fields it applies
            MemcachedReconciler,  # or any callable that takes the controller's client
            For(Memcached, predicates=[GenerationChanged()]),
            Owns(Deployment),
            options=OPTIONS,
        )
    )
'''

RUN = """
import asyncio
from runtime_harness import bench, definition
from opgen_runtime.testing import VirtualClock
from controller import Memcached, setup
from memcached import MemcachedSpec

async def main():
    world = bench()
    world.server.install(definition("cache.example.com", "memcacheds", "Memcached"))
    manager = world.manager()
    setup(manager)
    async with manager.running():
        made = Memcached(spec=MemcachedSpec(size=3))
        made.metadata.name = "a"
        await world.client.create(made)
        await asyncio.sleep(1)
        stored = await world.client.get(Memcached, "a")
        assert stored.status.observed_generation == 1
        assert [(c.type, c.status, c.reason) for c in stored.status.conditions] == [("Ready", "True", "Available")]
        assert stored.metadata.finalizers == ["cache.example.com/memcached"]
        await world.client.delete(Memcached, "a")
        await asyncio.sleep(1)
        assert await world.client.find(Memcached, "a") is None

VirtualClock().run(main())
"""

MISTAKES = """
from opgen_runtime import BlockingReconciler, Controller, For, Owns, Reconciler, RequestReconciler, ObjectKey, Watches
from controller import MemcachedReconciler
from memcached import Memcached
from opgen_runtime.kinds.apps_v1 import Deployment

class Blocking(BlockingReconciler[Memcached]):
    def reconcile(self, memcached: Memcached) -> None: ...

class Requests(RequestReconciler):
    async def reconcile(self, request: ObjectKey) -> None: ...

def concerned(deployment: Deployment) -> list[ObjectKey]:
    return []

Controller("right", MemcachedReconciler, For(Memcached), Owns(Deployment), Watches(Deployment, concerned))
Controller("right", lambda client: MemcachedReconciler(client), For(Memcached))
Controller("right", Blocking, For(Memcached))
Controller("right", Requests, For(Memcached))
Controller("wrong", MemcachedReconciler, For(Deployment))  # wrong
Controller("wrong", Blocking, For(Deployment))  # wrong
Watches(Memcached, concerned)  # wrong
Owns("Deployment")  # wrong
"""

WRONG = {number for number, line in enumerate(MISTAKES.splitlines(), 1) if line.endswith("# wrong")}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "memcached.py").write_text(KIND)
    (tmp_path / "controller.py").write_text(CONTROLLER)
    (tmp_path / "mistakes.py").write_text(MISTAKES)
    (tmp_path / "run.py").write_text(RUN)
    return tmp_path


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(folder), str(Path(__file__).parents[2])))
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_generated_shape_runs_as_it_is_written(project: Path) -> None:
    done = python(project, "run.py")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_mypy_strict_takes_what_is_right_and_finds_what_is_wrong(project: Path) -> None:
    done = python(
        project, "-m", "mypy", "--strict", "--no-incremental", "memcached.py", "controller.py", "mistakes.py"
    )
    assert wrong_lines(done.stdout) == WRONG, done.stdout


@pytest.mark.slow
def test_pyright_does_too(project: Path) -> None:
    done = python(project, "-m", "pyright", "controller.py", "mistakes.py")
    assert wrong_lines(done.stdout) == WRONG, done.stdout


def wrong_lines(report: str) -> set[int]:
    lines = [line for line in report.splitlines() if "error" in line and ".py:" in line]
    assert all("mistakes.py:" in line for line in lines), report
    return {int(line.partition("mistakes.py:")[2].partition(":")[0]) for line in lines}


def test_every_public_name_is_there() -> None:
    assert set(opgen_runtime.__all__) <= set(dir(opgen_runtime))
    for name in opgen_runtime.__all__:
        assert getattr(opgen_runtime, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        opgen_runtime.Nonsense  # noqa: B018 - reading it is the test


def test_importing_the_package_imports_none_of_its_dependencies() -> None:
    program = "import sys, opgen_runtime; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    for heavy in ("aiohttp", "pydantic", "msgspec", "prometheus_client", "asyncio", "kubernetes", "yaml"):
        assert f"'{heavy}'" not in done.stdout
