"""`opgen envtest install --build`, with a program in the place of Go that does what Go does, at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from opgen.commands.envtest import InstallRequest, install
from opgen.errors import OpgenError

GO = """#!/bin/sh
echo "$*" >> "$GO_CALLS"
case "$1 $2" in
"mod init") echo "module $3" > go.mod ;;
"mod download")
    printf 'replace (\\n\\tk8s.io/api => ./staging/src/k8s.io/api\\n)\\n' > kube.mod
    echo 'go.etcd.io/etcd/client/v3 v3.6.8' >> kube.mod
    echo "{\\"GoMod\\": \\"$PWD/kube.mod\\"}" ;;
"get -tool") echo "go: downloading k8s.io/api v0.36.1" >&2 ;;
"list -deps") printf 'a\\nb\\n' ;;
"list -m")
    case "$*" in
    *kwok*) echo "$GO_KWOK" ;;
    *) echo '{"Version": "v1.36.3"}' ;;
    esac ;;
"build -v")
    echo a >&2
    case "$*" in *"$GO_FAILS"*) echo "compile: no space left" >&2; exit 1 ;; esac
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\n' > "$2" && chmod +x "$2" ;;
*) echo "go: unknown $*" >&2; exit 2 ;;
esac
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "go").write_text(GO)
    (programs / "go").chmod(0o755)
    stages = tmp_path / "kwok" / "kustomize" / "stage"
    for name in ("node/fast/node-initialize", "node/heartbeat-with-lease/node-heartbeat-with-lease"):
        (stages / name).parent.mkdir(parents=True)
        (stages / f"{name}.yaml").write_text(f"kind: Stage # {name}\n")
    (stages / "pod" / "fast").mkdir(parents=True)
    for name in ("ready", "complete", "delete"):
        (stages / "pod" / "fast" / f"pod-{name}.yaml").write_text("kind: Stage\n")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GO_CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("GO_KWOK", str(tmp_path / "kwok"))
    monkeypatch.setenv("GO_FAILS", "nothing")
    return tmp_path / "calls"


def build(version: str = "1.36.1", full: bool = False) -> tuple[Path, list[str]]:
    said: list[str] = []
    found = install(InstallRequest(version, build=True, full=full), said.append)
    return found.folder, said


def test_three_binaries_are_built_in_their_versions(calls: Path) -> None:
    folder, said = build()
    assert sorted(p.name for p in folder.iterdir()) == ["etcd", "kube-apiserver", "kubectl"]
    asked = calls.read_text()
    assert "get -tool go.etcd.io/etcd/server/v3@v3.6.8" in asked
    assert "k8s.io/component-base/version.gitVersion=v1.36.1" in asked
    module = folder.parent / ".mod" / "kubernetes-v1.36.1" / "go.mod"
    assert "replace k8s.io/api => k8s.io/api v0.36.1" in module.read_text()
    assert any("kubectl: done in" in line for line in said)


def test_a_build_that_failed_goes_on_where_it_was(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GO_FAILS", "cmd/kubectl")
    with pytest.raises(OpgenError, match="no space left") as caught:
        build()
    assert "run it again" in caught.value.hint
    calls.write_text("")
    monkeypatch.setenv("GO_FAILS", "nothing")
    folder, _ = build()
    assert (folder / "kubectl").exists()
    again = calls.read_text()
    assert "build" in again
    assert "cmd/kube-apiserver" not in again.replace("get -tool", "")
    assert "get -tool" not in again


def test_a_prefix_asks_the_proxy(calls: Path) -> None:
    folder, _ = build("1.36.x")
    assert folder.name == "v1.36.3"
    assert "list -m -json k8s.io/kubernetes@v1.36\n" in calls.read_text()


def test_controllers_and_nodes(calls: Path) -> None:
    folder, _ = build()
    assert install(InstallRequest(build=True), lambda line: None).full is False
    again, _ = build(full=True)
    assert again == folder
    assert install(InstallRequest(build=True, full=True), lambda line: None).full is True
    assert "node-heartbeat-with-lease" in (folder / "kwok-stages.yaml").read_text()


def test_without_go(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OpgenError, match="no `go` in PATH"):
        build()
