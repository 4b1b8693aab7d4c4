"""The typed API of generated models, as a user's type checker sees it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from golden_models import generated
from model_support import module_for

from opgen import coretypes
from opgen.ir.schema import CoreRef, Schema, Value

# Each line that ends in `# error` must be refused by both checkers, and no other.
SNIPPET = """
from typing import assert_never

from api.memcached import (
    Memcached,
    MemcachedSpec,
    MemcachedSpecBackup,
    MemcachedSpecBackupVolume,
    MemcachedSpecStorage,
    MemcachedSpecStorageDisk,
    MemcachedSpecTls,
    MemcachedStatus,
)
from opgen_runtime.kinds import lookup
from opgen_runtime.kinds.apps_v1 import Deployment, DeploymentSpec
from opgen_runtime.kinds.core_v1 import Container, PodSpec, PodTemplateSpec
from opgen_runtime.kinds.meta_v1 import LabelSelector
from opgen_runtime.objects import (
    Condition,
    ObjectMeta,
    Resource,
    Unstructured,
    child_name,
    find_condition,
    is_ready,
    set_condition,
)

spec = MemcachedSpec(memory="1Gi", size=3, external_ips=["1"], class_=None, paused=None)
made = Memcached(metadata=ObjectMeta(name="a"), spec=spec)
spec.size + 1
spec.size = 4
spec.tls = MemcachedSpecTls(secret_name="s", mode="lax")
spec.tls = None
spec.paused = None
del spec.size
MemcachedSpec(memory="1Gi", siez=3)  # error
MemcachedSpec(memory="1Gi", size="3")  # error
MemcachedSpec(memory="1Gi", externalIPs=["1"])  # error
MemcachedSpec()  # error
MemcachedSpecTls(secret_name="s", mode="x")  # error
spec.siez = 3  # error
spec.size = "3"  # error
spec.size = None  # error
spec.tls.secret_name  # error
made.spec.sise  # error
made.metadata.generation + 1  # error
generation: int | None = made.metadata.generation
labels: dict[str, str] | None = made.metadata.labels
read: Memcached = Memcached.from_json(b"{}")
plain: dict[str, int] = read.to_dict()["spec"]
read.to_json().decode()
status = made.status or MemcachedStatus()
set_condition(status, "Ready", True, reason="Available")
set_condition(status, "Ready", True)  # error
found = find_condition(made, "Ready")
if found is not None:
    found.reason
conditions: list[Condition] | None = status.conditions
deployment = Deployment(
    metadata=ObjectMeta(name=child_name(made, "server")),
    spec=DeploymentSpec(
        replicas=spec.size,
        selector=LabelSelector(match_labels={"a": "b"}),
        template=PodTemplateSpec(spec=PodSpec(containers=[Container(name="c", image="i")])),
    ),
)
Container(image="i")  # error
ready: bool = is_ready(deployment)
kind: type[Resource] | None = lookup("apps/v1", "Deployment")
other = Unstructured.of(Memcached.KIND)(metadata=ObjectMeta(name="x"))
other["spec"] = {"a": 1}

volume = MemcachedSpecBackupVolume(claim_name="c")
spec.backup = MemcachedSpecBackup(bucket="b", keep=5)
spec.backup = MemcachedSpecBackup(volume=volume)
MemcachedSpecBackup()  # error
MemcachedSpecBackup(bucket="b", volume=volume)  # error
MemcachedSpecBackup(bucket=None)  # error
MemcachedSpecBackup(bucket=1)  # error
MemcachedSpecBackup(bucket="b", kepe=5)  # error
disk = MemcachedSpecStorageDisk(path="/")
spec.storage = MemcachedSpecStorage()
spec.storage = MemcachedSpecStorage(type="None")
spec.storage = MemcachedSpecStorage(type="Disk", disk=disk)
MemcachedSpecStorage(type="Disk")  # error
MemcachedSpecStorage(type="Memory", disk=disk)  # error
MemcachedSpecStorage(disk=disk)  # error


def described(backup: MemcachedSpecBackup, storage: MemcachedSpecStorage) -> str | None:
    match backup.which():
        case ("bucket", name):
            return name.upper()
        case ("volume", claim):
            return claim.name  # error
        case None:
            pass
        case never:
            assert_never(never)
    match storage.which():
        case ("Disk", on_disk):
            return on_disk.path
        case ("disk", _):
            return None
        case None:
            return None
        case left:
            assert_never(left)  # error
"""
STRICT = ["--strict", "--no-error-summary", "--no-color-output", "--hide-error-context"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typed")
    api = folder / "api"
    api.mkdir()
    (api / "__init__.py").write_text("", encoding="utf-8")
    (api / "memcached.py").write_text(generated(), encoding="utf-8")
    for kind in ("Resource", "Struct", "Any", "Field", "Literal", "ClassVar", "Condition", "Nullable"):
        (api / f"{kind.lower()}_kind.py").write_text(_odd(kind), encoding="utf-8")
    (folder / "use.py").write_text(SNIPPET, encoding="utf-8")
    return folder


def _odd(kind: str) -> str:
    """A module that uses each helper, of a kind that is called like one of them, with fields called like types."""
    condition = coretypes.lookup(CoreRef("meta/v1", "Condition"))
    assert condition is not None
    string = Schema(type="string")
    fields = [
        "list",
        "dict",
        "str",
        "int",
        "float",
        "bool",
        "type",
        "class",
        "id",
        "object",
        "property",
        "Any",
    ]
    spec = Schema(
        type="object",
        properties={
            **dict.fromkeys(fields, Schema(type="array", items=string)),
            "any": Schema(x_preserve_unknown_fields=True),
            "mode": Schema(type="string", enum=(Value("a"), Value("b")), default=Value("a"), description="x"),
            "size": Schema(type="integer", minimum=1, nullable=True),
            "ratio": Schema(type="number", minimum=0, default=Value(1)),
            "podCIDRs": Schema(type="object", additional_properties=string, default=Value({})),
            "sizes": Schema(type="array", items=Schema(type="integer", minimum=1, nullable=True)),
            "open": Schema(type="object", properties={"a": string}, x_preserve_unknown_fields=True),
        },
        required=("mode", "size", "list"),
    )
    status = Schema(type="object", properties={"conditions": Schema(type="array", items=condition)})
    return module_for(spec, kind, status=status).source


def expected() -> set[int]:
    return {number for number, line in enumerate(SNIPPET.split("\n"), 1) if line.endswith("# error")}


def test_mypy_strict_catches_what_is_wrong_and_nothing_else(project: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *STRICT, "use.py", "api"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in run.stdout.splitlines() if ": error:" in line]
    found = {int(match[1]) for line in lines if (match := re.match(r"use\.py:(\d+): error", line))}
    assert [line for line in lines if not line.startswith("use.py")] == []
    assert found == expected(), run.stdout


@pytest.mark.slow
def test_pyright_catches_what_is_wrong_and_nothing_else(project: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "use.py", "api"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in run.stdout.splitlines() if " - error:" in line]
    found = {int(match[1]) for line in lines if (match := re.search(r"use\.py:(\d+):\d+ - error", line))}
    assert [line for line in lines if "use.py" not in line] == []
    assert found == expected(), run.stdout
