"""A real etcd and kube-apiserver for the tests marked `envtest`: one pair a test process, on loopback.

Loaded by tests/conftest.py. Fixtures: `control_plane` (started once), `live_namespace` (a fresh one for each
test) and `live_client` (connected, with that namespace as its default).

The binaries come from KUBEBUILDER_ASSETS. Without it the tests are skipped, or fail where CI is set.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from ssl import _create_unverified_context
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from opgen_runtime.client import Client

START_SECONDS = 60.0
STOP_SECONDS = 3.0


@dataclass
class ControlPlane:
    """A running API server: `url`, an administrator's `token`, the server's certificate, a kubeconfig."""

    folder: Path
    assets: Path
    url: str = ""
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def ca_file(self) -> Path:
        """The certificate that the server signed for itself."""
        return self.folder / "certs" / "apiserver.crt"

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig of the administrator, its context called `envtest`."""
        return self.folder / "kubeconfig"

    def start(self) -> None:
        """Start both processes and wait until the API server is ready."""
        etcd_port, port = _free_port(), _free_port()
        self.url, etcd_url = f"https://127.0.0.1:{port}", f"http://127.0.0.1:{etcd_port}"
        tokens = self._secret("tokens.csv", f'{self.token},admin,admin,"system:masters"\n')
        key = self._secret("service-account.key", _private_key())
        self._spawn(
            "etcd",
            f"--data-dir={self.folder / 'etcd'}",
            "--unsafe-no-fsync",
            f"--listen-client-urls={etcd_url}",
            f"--advertise-client-urls={etcd_url}",
            "--listen-peer-urls=http://127.0.0.1:0",
            "--log-level=warn",
        )
        self._wait(f"{etcd_url}/health")
        self._spawn(
            "kube-apiserver",
            f"--etcd-servers={etcd_url}",
            f"--secure-port={port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            f"--cert-dir={self.folder / 'certs'}",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--authorization-mode=RBAC",
            f"--token-auth-file={tokens}",
            "--allow-privileged=true",
            f"--service-account-issuer={self.url}/",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            # Nobody makes the "default" service accounts here.
            "--disable-admission-plugins=ServiceAccount",
        )
        self._wait(f"{self.url}/readyz")
        self.kubeconfig.write_text(json.dumps(self._kubeconfig()))

    def stop(self) -> None:
        """End the API server, then etcd; an API server with open watches is not waited for."""
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def _spawn(self, name: str, *args: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [str(self.assets / name), *args],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        self.processes.append(process)

    def _wait(self, url: str) -> None:
        pause = threading.Event()
        for _ in range(int(START_SECONDS / 0.05)):
            for process in self.processes:
                if process.poll() is not None:
                    raise RuntimeError(f"{process.args!r} ended with {process.returncode}: see {self.folder}")
            if self._answers(url):
                return
            pause.wait(0.05)
        raise RuntimeError(f"{url} did not answer within {START_SECONDS:g} s: see {self.folder}")

    def _answers(self, url: str) -> bool:
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.token}"})
        context = _create_unverified_context() if url.startswith("https") else None
        try:
            with urllib.request.urlopen(request, timeout=5, context=context) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _secret(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def _kubeconfig(self) -> dict[str, Any]:
        ca = base64.b64encode(self.ca_file.read_bytes()).decode()
        cluster = {"server": self.url, "certificate-authority-data": ca}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "envtest",
            "clusters": [{"name": "envtest", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": self.token}}],
            "contexts": [{"name": "envtest", "context": {"cluster": "envtest", "user": "admin"}}],
        }


@pytest.fixture(scope="session")
def envtest_assets() -> Path:
    """The folder that holds etcd and kube-apiserver."""
    folder = os.environ.get("KUBEBUILDER_ASSETS", "")
    missing = [name for name in ("etcd", "kube-apiserver") if not (Path(folder) / name).is_file()]
    if not folder or missing:
        reason = (
            f"KUBEBUILDER_ASSETS={folder} lacks {', '.join(missing)}"
            if folder
            else "KUBEBUILDER_ASSETS is not set: it names the folder with etcd and kube-apiserver"
        )
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def control_plane(envtest_assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A real API server; with xdist every worker has its own."""
    plane = ControlPlane(tmp_path_factory.mktemp("envtest"), envtest_assets)
    try:
        plane.start()
        yield plane
    finally:
        plane.stop()


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _private_key() -> str:
    """A P-256 key in SEC 1 form; its public part may be left out."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    secret = (secrets.randbelow(order - 1) + 1).to_bytes(32, "big")
    der = bytes.fromhex("30310201010420") + secret + bytes.fromhex("a00a06082a8648ce3d030107")
    body = base64.b64encode(der).decode()
    lines = "\n".join(body[start : start + 64] for start in range(0, len(body), 64))
    return f"-----BEGIN EC PRIVATE KEY-----\n{lines}\n-----END EC PRIVATE KEY-----\n"
