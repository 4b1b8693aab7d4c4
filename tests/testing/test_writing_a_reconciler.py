"""The code of docs/writing-a-reconciler.md, run in the example's project."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
TEST = """
from opgen.testing import sample
from opgen_runtime import find_condition
from opgen_runtime.kinds.core_v1 import ConfigMap, Secret
from opgen_runtime.kinds.events_v1 import Event
from opgen_runtime.objects import ObjectMeta
from memcached.api.v1alpha1.memcached import Memcached
from page import setup


async def test_the_page(manager, client, namespace, eventually):
    setup(manager)
    async with manager.running():
        created = await client.create(sample(Memcached, namespace=namespace))

        async def told():
            assert [event.reason for event in await client.list(Event)] == ["NoPassword"]

        await eventually(told)
        await client.create(Secret(metadata=ObjectMeta(name="cache-password"), data={"password": "eA=="}))

        async def kept():
            assert (await client.get(ConfigMap, f"{created.metadata.name}-cache")).data["digest"]
            found = await client.get(Memcached, created.metadata.name)
            assert find_condition(found.status, "Ready").reason == "Kept"

        await eventually(kept)
        await client.delete(created)

        async def gone():
            assert await client.find(Memcached, created.metadata.name) is None

        await eventually(gone)
"""


def test_the_page(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    ignored = shutil.ignore_patterns("tests", ".venv", "__pycache__", "vendor", ".opgen")
    shutil.copytree(ROOT / "examples" / "memcached", pytester.path, dirs_exist_ok=True, ignore=ignored)
    text = (ROOT / "docs" / "writing-a-reconciler.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    (pytester.path / "src" / "page.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "src"))
    for variable in ("OPGEN_SERVER", "OPGEN_CONTEXT", "OPGEN_VERSION", "KUBECONFIG"):
        monkeypatch.delenv(variable, raising=False)
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_it.py").write_text(TEST)
    result = pytester.runpytest_subprocess(
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        f"--rootdir={pytester.path}",
        "tests/test_it.py",
        timeout=120,
    )
    result.assert_outcomes(passed=1)
