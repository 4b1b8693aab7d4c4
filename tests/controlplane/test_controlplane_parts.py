"""Versions, installed assets, folders under a lock, ports, and the guard against proxies: no server needed."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from opgen.controlplane import assets, folder, versions
from opgen.controlplane.api import Api, ApiFailure
from opgen.controlplane.plane import ControlPlane
from opgen.controlplane.ports import ReservedPort
from opgen.controlplane.processes import environment
from opgen.errors import OpgenError

OFFERED = [v for t in ("1.36.1", "1.36.10", "1.35.4", "1.37.0-rc.0") if (v := versions.parse(t))]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("1.36", "1.36.10"),
        ("v1.36", "1.36.10"),
        ("1.36.x", "1.36.10"),
        ("1.36.*", "1.36.10"),
        ("1", "1.36.10"),
        ("1.x", "1.36.10"),
        ("latest", "1.36.10"),
        ("1.36.1", "1.36.1"),
        ("1.37.0-rc.0", "1.37.0-rc.0"),
        ("1.37", "None"),
        ("1.3", "None"),
        ("1.36.2", "None"),
    ],
)
def test_a_prefix_chooses_the_newest_release(wanted: str, chosen: str) -> None:
    assert str(versions.choose(wanted, OFFERED)) == chosen


@pytest.mark.parametrize("wanted", ["", "1.36.", "one", "1.36.1.2", "../x", "1.036.1"])
def test_what_is_no_version(wanted: str) -> None:
    with pytest.raises(OpgenError, match="is not a version"):
        versions.choose(wanted, OFFERED)


def fake(where: Path, version: str, names: tuple[str, ...]) -> Path:
    path = where / f"v{version}"
    path.mkdir(parents=True)
    for name in names:
        (path / name).touch(mode=0o755)
    return path


def test_only_whole_versions_are_installed(tmp_path: Path) -> None:
    whole = fake(tmp_path, "1.35.4", assets.BINARIES)
    fake(tmp_path, "1.36.1", ("etcd", "kubectl"))
    fake(tmp_path, "nonsense", assets.BINARIES)
    assert [one.folder for one in assets.installed(tmp_path)] == [whole]
    assert assets.find("1.36", folder=tmp_path) is None


def test_the_tests_assets(tmp_path: Path) -> None:
    """KUBEBUILDER_ASSETS goes first unless a version is asked for; each lack names its remedy."""
    environ = {"XDG_CACHE_HOME": str(tmp_path)}
    with pytest.raises(OpgenError, match="no Kubernetes is installed") as caught:
        assets.for_tests(environ=environ)
    assert caught.value.hint == "opgen envtest install"
    store = tmp_path / "opgen" / "k8s"
    older = fake(store, "1.35.4", (*assets.BINARIES, *assets.FULL))
    newer = fake(store, "1.36.1", assets.BINARIES)
    own = fake(tmp_path, "0", ("etcd", "kube-apiserver"))
    assert assets.for_tests(environ=environ) == newer
    assert assets.for_tests("1.35", environ=environ) == older
    assert assets.for_tests(full=True, environ=environ) == older
    named = {**environ, "KUBEBUILDER_ASSETS": str(own)}
    assert assets.for_tests(environ=named) == own
    assert assets.for_tests("1.36", environ=named) == newer
    with pytest.raises(OpgenError, match="lacks kube-controller-manager"):
        assets.for_tests(full=True, environ=named)
    with pytest.raises(OpgenError, match=r"Kubernetes 1\.2 is not installed"):
        assets.for_tests("1.2", environ=environ)


def test_a_relative_cache_folder_is_ignored() -> None:
    assert assets.store({"XDG_CACHE_HOME": "relative"}) == Path.home() / ".cache/opgen/k8s"


def test_a_folder_is_swept_when_its_owner_is_gone(tmp_path: Path) -> None:
    owned = folder.make(tmp_path)
    assert stat.S_IMODE(owned.path.stat().st_mode) == 0o700
    gone = folder.make(tmp_path)
    os.close(gone._descriptor)  # as the kernel does for a process that was killed
    (gone.path / "etcd").mkdir()
    (gone.path / "etcd" / "data").write_text("x")
    fresh = tmp_path / ".opgen-k8s-begun"
    fresh.mkdir()
    assert folder.sweep(tmp_path) == [gone.path]
    assert owned.path.is_dir()
    assert fresh.is_dir()
    os.utime(fresh, (0, 0))
    assert folder.sweep(tmp_path) == [fresh]
    owned.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_reserved_port_is_given_to_nobody_else() -> None:
    port = ReservedPort()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port.number))
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", port.number))
        server.listen()
        with socket.create_connection(("127.0.0.1", port.number), timeout=5):
            server.accept()[0].close()
    port.release()


def test_servers_inherit_no_proxy_and_no_cluster() -> None:
    given = {"PATH": "/bin", "https_proxy": "x", "KUBECONFIG": "y", "ETCD_NAME": "z", "KUBERNETES_PORT": "1"}
    assert environment(given) == {"PATH": "/bin"}


def test_assets_that_lack_something(tmp_path: Path) -> None:
    with pytest.raises(OpgenError, match="lacks etcd, kube-apiserver") as caught:
        ControlPlane.start(tmp_path)
    assert caught.value.hint == "opgen envtest install --build"


def test_a_program_that_ends_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    for name in ("etcd", "kube-apiserver"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} has no disk >&2\nexit 7\n")
        (tmp_path / name).chmod(0o755)
    base = tmp_path / "base"
    base.mkdir()
    with pytest.raises(OpgenError, match="etcd ended with exit code 7:\netcd has no disk"):
        ControlPlane.start(tmp_path, base=base)
    assert list(base.iterdir()) == []


def test_the_small_client_reads_refusals() -> None:
    from opgen.apiserver import ApiServer
    from opgen.apiserver.http import serve_in_thread

    with serve_in_thread(ApiServer()) as running:
        api = Api(running.url, running.token)
        assert api("GET", "/api/v1/namespaces/default")["metadata"]["name"] == "default"
        with pytest.raises(ApiFailure, match='404 namespaces "x" not found'):
            api("GET", "/api/v1/namespaces/x")
        assert api.answers("/readyz")
        api.close()
    assert not api.answers("/readyz")
