"""`opgen envtest install` from archives: a mirror on loopback that also serves what must be refused."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from opgen.cli.root import cli
from opgen.commands.envtest import InstallRequest, available, install, installed, path
from opgen.controlplane import releases
from opgen.errors import OpgenError

BINARIES = ("etcd", "kube-apiserver", "kubectl")


class Mirror:
    """Serves an index and archives; `hits` counts what was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.hits: list[str] = []
        self.releases: dict[str, dict[str, dict[str, str]]] = {}
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.hits.append(self.path)
                data = mirror.files.get(self.path)
                if data is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: len(data) // 2] if self.path in mirror.cut else data)

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/releases.yaml"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def add(self, version: str, archive: bytes, checksum: str = "", link: str = "") -> None:
        name = f"envtest-{version}-{releases.machine()}.tar.gz"
        self.files[f"/{name}"] = archive
        entry = {"hash": checksum or hashlib.sha512(archive).hexdigest(), "selfLink": link or name}
        self.releases.setdefault(version, {})[name] = entry
        self.releases[version][f"envtest-{version}-plan9-mips.tar.gz"] = entry
        self.files["/releases.yaml"] = yaml.safe_dump({"releases": self.releases}).encode()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    made = Mirror()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    return tmp_path / "opgen" / "k8s"


def archive(
    names: tuple[str, ...] = BINARIES, *more: tarfile.TarInfo, first: tuple[tarfile.TarInfo, ...] = ()
) -> bytes:
    """A tar.gz laid out as the official ones, with other members before and after."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for member in first:
            tar.addfile(member)
        for name in names:
            content = f"#!/bin/sh\necho {name}\n".encode()
            info = tarfile.TarInfo(f"controller-tools/envtest/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for member in more:
            tar.addfile(member)
    return buffer.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = link
    return info


def get(mirror: Mirror, version: str) -> Path:
    said: list[str] = []
    return install(InstallRequest(version, index_url=mirror.url), said.append).folder


def test_the_binaries_are_installed_and_nothing_else(mirror: Mirror, cache: Path) -> None:
    mirror.add("v1.36.1", archive(BINARIES, member("controller-tools/envtest/README")))
    folder = get(mirror, "1.36.1")
    assert folder == cache / "v1.36.1"
    assert sorted(p.name for p in folder.iterdir()) == sorted(BINARIES)
    assert all(os.access(folder / name, os.X_OK) for name in BINARIES)
    assert sorted(p.name for p in cache.iterdir()) == [".lock", "v1.36.1"]


def test_a_second_install_asks_nobody(mirror: Mirror) -> None:
    mirror.add("v1.36.1", archive())
    get(mirror, "1.36.1")
    asked = len(mirror.hits)
    get(mirror, "v1.36.1")
    assert len(mirror.hits) == asked


def test_versions_stay_side_by_side_and_a_prefix_chooses_the_newest(mirror: Mirror) -> None:
    for version in ("v1.35.0", "v1.36.2", "v1.36.10", "v1.37.0-rc.1", "v1.36.9"):
        mirror.add(version, archive())
    assert get(mirror, "1.36").name == "v1.36.10"
    assert get(mirror, "1.35.x").name == "v1.35.0"
    assert get(mirror, "latest").name == "v1.36.10"
    assert get(mirror, "1.37.0-rc.1").name == "v1.37.0-rc.1"
    assert [str(one.version) for one in installed()] == ["1.37.0-rc.1", "1.36.10", "1.35.0"]
    assert str(path().version) == "1.36.10"
    assert str(path("1.35").version) == "1.35.0"
    assert [str(one) for one in available(mirror.url)][:2] == ["1.37.0-rc.1", "1.36.10"]


def broken(data: bytes) -> bytes:
    """The archive without the end of its compressed stream."""
    return data[: len(data) - 40]


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a path that leads out": (lambda: archive(BINARIES, member("../../evil")), "leads out of it"),
    "a path that leads out, first": (lambda: archive(first=(member("a/../../etcd"),)), "leads out of it"),
    "an absolute path": (lambda: archive(BINARIES, member("/etc/cron.d/evil")), "leads out of it"),
    "a symbolic link": (
        lambda: archive(("kubectl",), member("x/etcd", tarfile.SYMTYPE, "/bin/sh")),
        "neither a file nor a folder",
    ),
    "a hard link": (
        lambda: archive(("kubectl",), member("x/etcd", tarfile.LNKTYPE, "/bin/sh")),
        "neither a file nor a folder",
    ),
    "a device": (lambda: archive(BINARIES, member("x/dev", tarfile.CHRTYPE)), "neither a file nor a folder"),
    "a lack": (lambda: archive(("etcd", "kubectl")), "lacks kube-apiserver"),
    "no end": (lambda: broken(archive()), "is damaged"),
    "no archive": (lambda: b"<html>not here</html>", "is damaged"),
    "other bytes in it": (lambda: gzip.compress(b"\0" * 100 + b"x" * 5000), "is damaged|lacks"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_dangerous_archive_is_refused_whole(mirror: Mirror, cache: Path, what: str) -> None:
    """Also where its checksum is right: whoever made the index made the archive."""
    make, said = REFUSED[what]
    mirror.add("v1.36.1", make())
    with pytest.raises(OpgenError, match=said):
        get(mirror, "1.36.1")
    assert [p.name for p in cache.iterdir()] == [".lock"]
    assert not (cache.parent.parent.parent / "evil").exists()


def test_a_wrong_checksum_is_refused(mirror: Mirror, cache: Path) -> None:
    mirror.add("v1.36.1", archive(), checksum="0" * 128)
    with pytest.raises(OpgenError, match="another SHA-512 than the index says"):
        get(mirror, "1.36.1")
    assert [p.name for p in cache.iterdir()] == [".lock"]


def test_a_download_that_breaks_off_is_refused(mirror: Mirror, cache: Path) -> None:
    mirror.add("v1.36.1", archive())
    mirror.cut.add(f"/envtest-v1.36.1-{releases.machine()}.tar.gz")
    with pytest.raises(OpgenError, match="broke off"):
        get(mirror, "1.36.1")
    assert [p.name for p in cache.iterdir()] == [".lock"]
    mirror.cut.clear()
    assert get(mirror, "1.36.1").is_dir()


def test_an_archive_by_another_protocol_is_refused(mirror: Mirror) -> None:
    mirror.add("v1.36.1", archive(), link="file:///etc/passwd")
    with pytest.raises(OpgenError, match="not an http or https address"):
        get(mirror, "1.36.1")


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (b"a: [", "is not YAML"),
        (b"[1]", "has no map `releases`"),
        (b"releases: {}", "has no Kubernetes 1.36.1"),
        (None, "404"),
    ],
)
def test_an_index_that_is_none(mirror: Mirror, index: bytes | None, said: str) -> None:
    if index is not None:
        mirror.files["/releases.yaml"] = index
    with pytest.raises(OpgenError, match=said):
        get(mirror, "1.36.1")


def test_an_entry_without_a_checksum_is_an_error(mirror: Mirror) -> None:
    mirror.add("v1.36.1", archive(), checksum="md5:1234")
    with pytest.raises(OpgenError, match="no SHA-512"):
        get(mirror, "1.36.1")


def test_what_a_killed_install_left_is_removed(mirror: Mirror, cache: Path) -> None:
    (cache / ".part-0123").mkdir(parents=True)
    mirror.add("v1.36.1", archive())
    get(mirror, "1.36.1")
    assert not (cache / ".part-0123").exists()


def test_what_is_no_version_is_refused_before_anything_is_asked(mirror: Mirror) -> None:
    with pytest.raises(OpgenError, match=r"'1\.3x' is not a version"):
        get(mirror, "1.3x")
    assert mirror.hits == []


def test_the_command_prints_the_folder_alone(mirror: Mirror, cache: Path) -> None:
    mirror.add("v1.36.1", archive())
    runner = CliRunner()
    done = runner.invoke(cli, ["envtest", "install", "--index-url", mirror.url])
    assert (done.exit_code, done.stdout) == (0, f"{cache / 'v1.36.1'}\n")
    assert "downloading" in done.stderr
    assert runner.invoke(cli, ["envtest", "path"]).stdout == f"{cache / 'v1.36.1'}\n"
    listed = runner.invoke(cli, ["envtest", "list"]).stdout
    assert listed.split() == ["1.36.1", "api", str(cache / "v1.36.1")]


def test_nobody_there(cache: Path) -> None:
    with pytest.raises(OpgenError, match="can't be reached") as caught:
        install(InstallRequest(index_url="http://127.0.0.1:9/x"), lambda line: None)
    assert "--index-url" in caught.value.hint
    with pytest.raises(OpgenError, match="no version of Kubernetes is installed") as caught:
        path()
    assert caught.value.hint == "opgen envtest install"
    with pytest.raises(OpgenError, match="hold no controllers"):
        install(InstallRequest(full=True), lambda line: None)
