"""A real etcd and kube-apiserver for the tests marked `envtest`: one pair a test process, on loopback.

Loaded by tests/conftest.py. Fixtures: `envtest_assets` (the binaries), `control_plane` (started once),
`live_namespace` (a fresh one for each test) and `live_client` (connected, with that namespace as its default).

The binaries are those of `opgen.testing`: KUBEBUILDER_ASSETS, or what `opgen envtest install` installed. Without them
the tests are skipped, or fail where CI is set.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from opgen_runtime.client import Client


@dataclass
class ControlPlane:
    """A running API server: `url`, an administrator's `token`, the server's certificate, a kubeconfig."""

    url: str
    token: str
    ca_file: Path
    kubeconfig: Path


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether the condition comes to hold in that time."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        if time.monotonic() > end:
            return False
        pause.wait(0.02)
    return True


@pytest.fixture(scope="session")
def envtest_assets() -> Path:
    """The folder that holds etcd and kube-apiserver."""
    from opgen.controlplane import assets
    from opgen.errors import OpgenError

    try:
        return assets.for_tests()
    except OpgenError as problem:
        reason = f"{problem}: {problem.hint}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def control_plane(envtest_assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A real API server; with xdist every worker has its own."""
    from opgen.controlplane import ControlPlane as Started

    with Started.start(envtest_assets, base=tmp_path_factory.mktemp("envtest")) as plane:
        yield ControlPlane(plane.url, plane.token, plane.certificate_file, plane.kubeconfig)


@pytest.fixture
async def live_client(control_plane: ControlPlane) -> AsyncIterator[Client]:
    """A client of the real server, its default namespace a fresh one."""
    from opgen_runtime.client import Client
    from opgen_runtime.objects import ResourceType, Unstructured

    kind = Unstructured.of(ResourceType("", "v1", "Namespace", "namespaces", namespaced=False))
    async with Client.connect(kubeconfig=str(control_plane.kubeconfig)) as client:
        made = await client.create(kind.from_dict({"metadata": {"generateName": "test-"}}))
        yield client.derive(namespace=made.metadata.name)
        await client.delete(made)


@pytest.fixture
def live_namespace(live_client: Client) -> str:
    """The fresh namespace of this test."""
    return live_client.namespace
