"""A real control plane: definitions that are ready at once, restarts, and nothing left when the caller is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from envtest import within

from opgen.controlplane import ControlPlane
from opgen.errors import OpgenError

pytestmark = [pytest.mark.envtest, pytest.mark.xdist_group("control planes")]

WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def plane(envtest_assets: Path, tmp_path: Path, widgets: dict[str, Any]) -> Iterator[ControlPlane]:
    with ControlPlane.start(envtest_assets, base=tmp_path, definitions=[widgets]) as started:
        yield started


def test_a_whole_life(plane: ControlPlane, tmp_path: Path) -> None:
    """The first object of a new kind takes no two seconds; a restart keeps the objects; a stop leaves nothing."""
    began = time.monotonic()
    body = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {}}
    made = plane.api("POST", WIDGETS, body)
    assert time.monotonic() - began < 1.0
    assert made["spec"]["size"] == 3
    plane.restart("kube-apiserver", kill=True)
    assert plane.api("GET", f"{WIDGETS}/w")["metadata"]["uid"] == made["metadata"]["uid"]
    with pytest.raises(OpgenError, match="kube-scheduler does not run here"):
        plane.restart("kube-scheduler")
    pids = list(plane.pids.values())
    plane.stop()
    plane.stop()
    assert not any(alive(pid) for pid in pids)
    assert list(tmp_path.iterdir()) == []


def test_a_definition_that_is_refused(plane: ControlPlane, widgets: dict[str, Any]) -> None:
    widgets["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["type"] = "nonsense"
    with pytest.raises(OpgenError, match=r"refuses the definition widgets\.example\.com"):
        plane.install([widgets])


def test_the_kernel_ends_the_servers_of_a_killed_supervisor(plane: ControlPlane, tmp_path: Path) -> None:
    os.kill(plane._process.pid, signal.SIGKILL)
    assert within(10, lambda: not any(alive(pid) for pid in plane.pids.values()))
    with pytest.raises(OpgenError, match="supervisor has ended"):
        plane.restart("etcd")
    plane.stop()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_a_killed_caller(envtest_assets: Path, tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from opgen.controlplane import ControlPlane\n"
        "plane = ControlPlane.start(Path(sys.argv[1]), base=Path(sys.argv[2]))\n"
        "print(*plane.pids.values(), flush=True); sys.stdin.read()"
    )
    caller = subprocess.Popen(
        [sys.executable, "-c", program, str(envtest_assets), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with caller:
        assert caller.stdout is not None
        pids = [int(word) for word in caller.stdout.readline().split()]
        assert all(alive(pid) for pid in pids)
        os.killpg(caller.pid, signal.SIGKILL)
    assert within(10, lambda: not any(alive(pid) for pid in pids) and not list(tmp_path.iterdir()))
