"""Builds Kubernetes' binaries with the machine's Go, from modules: where no archive can be had.

Go keeps what it downloaded and compiled, and a binary is put in place when it is whole; so a build that was cut short
goes on where it was.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from opgen.controlplane import versions
from opgen.controlplane.versions import Version
from opgen.errors import OpgenError

Progress = Callable[[str], None]
KWOK = "v0.8.0"
KUBERNETES = "k8s.io/kubernetes"
_SAY_SECONDS = 5.0
_STAGED = re.compile(r"(k8s\.io/[a-z0-9-]+) => \./staging")
_ETCD = re.compile(r"go\.etcd\.io/etcd/client/v3 (v\S+)")
_STAGES = (
    "node/fast/node-initialize",
    "node/heartbeat-with-lease/node-heartbeat-with-lease",
    "pod/fast/pod-ready",
    "pod/fast/pod-complete",
    "pod/fast/pod-delete",
)
_COMMANDS = ("kube-apiserver", "kubectl", "kube-controller-manager", "kube-scheduler")


def build(version: Version, folder: Path, names: tuple[str, ...], say: Progress) -> None:
    """Builds those binaries that `folder` lacks. Raises OpgenError with the end of what Go said."""
    go = _Go(_program(), folder.parent / ".mod")
    wanted = [name for name in names if not (folder / name).exists()]
    for name in wanted:
        began = time.monotonic()
        match name:
            case "etcd":
                module = _etcd_module(go, version, say)
                _compile(go, module, "go.etcd.io/etcd/server/v3", folder / name, "", say)
            case "kwok":
                module = _tool_module(go, f"kwok-{KWOK}", (f"sigs.k8s.io/kwok/cmd/kwok@{KWOK}",), say)
                flags = f"-X sigs.k8s.io/kwok/pkg/consts.Version={KWOK}"
                _compile(go, module, "sigs.k8s.io/kwok/cmd/kwok", folder / name, flags, say)
            case "kwok-stages.yaml":
                module = _tool_module(go, f"kwok-{KWOK}", (f"sigs.k8s.io/kwok/cmd/kwok@{KWOK}",), say)
                _write_stages(go, module, folder / name)
            case _:
                module = _kubernetes_module(go, version, say)
                flags = _version_flags(version)
                _compile(go, module, f"{KUBERNETES}/cmd/{name}", folder / name, flags, say)
        say(f"{name}: done in {time.monotonic() - began:.0f} s")


def resolve(wanted: str, store: Path) -> Version:
    """The version that `wanted` means. Only a prefix asks the module proxy. Raises OpgenError."""
    exact = versions.parse(wanted)
    if exact is not None:
        return exact
    versions.choose(wanted, ())  # refuses what is no version
    go = _Go(_program(), store / ".mod")
    query = "latest" if wanted == versions.LATEST else f"v{wanted.removeprefix('v').removesuffix('.x')}"
    module = go.module("query")
    answer = go.run(module, "list", "-m", "-json", f"{KUBERNETES}@{query}")
    found = versions.parse(str(json.loads(answer).get("Version", "")))
    if found is None:
        raise OpgenError(f"the Go module proxy knows no Kubernetes {wanted}")
    return found


def _program() -> str:
    program = shutil.which("go")
    if program is None:
        raise OpgenError("--build needs Go, and there is no `go` in PATH", hint="install it from go.dev")
    return program


@dataclass(frozen=True, slots=True)
class _Go:
    """Runs Go in small modules under `root`, one for each set of tools."""

    program: str
    root: Path

    def module(self, name: str) -> Path:
        """The folder of a module; an empty one is made."""
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        if not (path / "go.mod").exists():
            self.run(path, "mod", "init", f"opgen.invalid/{name}")
        return path

    def run(self, folder: Path, *arguments: str) -> str:
        """What a short command prints."""
        done = subprocess.run(
            [self.program, *arguments], cwd=folder, env=_environment(), capture_output=True, text=True
        )
        if done.returncode:
            raise _failure(arguments, done.stderr)
        return done.stdout

    def follow(self, folder: Path, *arguments: str) -> Iterator[str]:
        """The lines that a long command writes to standard error, as they come."""
        lines: list[str] = []
        process = subprocess.Popen(
            [self.program, *arguments],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        with process:
            try:
                for line in process.stderr:
                    lines.append(line)
                    yield line.rstrip()
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise _failure(arguments, "".join(lines))


def _environment() -> dict[str, str]:
    """Without what would make our modules part of something of the user's."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GOFLAGS", "GOOS", "GOARCH")}
    return {**kept, "GOWORK": "off", "CGO_ENABLED": "0", "GO111MODULE": "on"}


def _failure(arguments: tuple[str, ...], said: str) -> OpgenError:
    tail = "\n".join(said.strip().splitlines()[-12:])
    return OpgenError(
        f"go {arguments[0]} failed:\n{tail}",
        hint="GOPROXY must name a module proxy that can be reached; run it again to go on",
    )


def _get(go: _Go, module: Path, packages: tuple[str, ...], say: Progress) -> None:
    """`go get -tool`, which also fills go.sum with what building them takes."""
    count, told = 0, time.monotonic()
    for line in go.follow(module, "get", "-tool", *packages):
        if line.startswith("go: downloading"):
            count += 1
            if time.monotonic() - told > _SAY_SECONDS:
                told = time.monotonic()
                say(f"downloaded {count} modules ({line.split()[2]})")


def _tool_module(go: _Go, name: str, packages: tuple[str, ...], say: Progress) -> Path:
    module = go.root / name
    if not (module / "ready").exists():
        shutil.rmtree(module, ignore_errors=True)
        go.module(name)
        _get(go, module, packages, say)
        (module / "ready").touch()
    return module


def _go_mod_of(go: _Go, version: Version) -> str:
    module = go.module("query")
    answer = go.run(module, "mod", "download", "-json", f"{KUBERNETES}@{version.tag}")
    return Path(json.loads(answer)["GoMod"]).read_text()


def _kubernetes_module(go: _Go, version: Version, say: Progress) -> Path:
    """A module in which Kubernetes' commands build: each of its staging modules in its published version."""
    name = f"kubernetes-{version.tag}"
    module = go.root / name
    if (module / "ready").exists():
        return module
    say(f"getting the modules of Kubernetes {version}")
    text = _go_mod_of(go, version)
    shutil.rmtree(module, ignore_errors=True)
    go.module(name)
    published = f"v0.{version.minor}.{version.patch}{f'-{version.pre}' if version.pre else ''}"
    lines = [f"replace {staged} => {staged} {published}\n" for staged in sorted(set(_STAGED.findall(text)))]
    with (module / "go.mod").open("a") as out:
        out.write("".join(lines) + f"require {KUBERNETES} {version.tag}\n")
    _get(go, module, tuple(f"{KUBERNETES}/cmd/{command}@{version.tag}" for command in _COMMANDS), say)
    (module / "ready").touch()
    return module


def _etcd_module(go: _Go, version: Version, say: Progress) -> Path:
    """etcd's server in the version whose client that Kubernetes was built with."""
    found = _ETCD.search(_go_mod_of(go, version))
    if found is None:
        raise OpgenError(f"Kubernetes {version} doesn't say which etcd it was made for")
    return _tool_module(go, f"etcd-{found[1]}", (f"go.etcd.io/etcd/server/v3@{found[1]}",), say)


def _version_flags(version: Version) -> str:
    component = "k8s.io/component-base/version"
    return (
        f"-X {component}.gitVersion={version.tag} -X {component}.gitMajor={version.major} "
        f"-X {component}.gitMinor={version.minor} -X k8s.io/client-go/pkg/version.gitVersion={version.tag}"
    )


def _compile(go: _Go, module: Path, package: str, target: Path, flags: str, say: Progress) -> None:
    name = target.name
    say(f"{name}: counting packages")
    total = len(go.run(module, "list", "-deps", package).splitlines())
    part = target.with_name(f".{name}.part")
    told = time.monotonic()
    arguments = ("build", "-v", "-trimpath", f"-ldflags=-s -w {flags}", "-o", str(part), package)
    for count, _ in enumerate(go.follow(module, *arguments), 1):
        if time.monotonic() - told > _SAY_SECONDS:
            told = time.monotonic()
            say(f"{name}: compiled {count} of at most {total} packages")
    os.replace(part, target)


def _write_stages(go: _Go, module: Path, target: Path) -> None:
    """How simulated nodes and pods go from one state to the next: kwok's own stages, in one file."""
    home = Path(go.run(module, "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok").strip())
    texts = [(home / "kustomize" / "stage" / f"{stage}.yaml").read_text() for stage in _STAGES]
    part = target.with_name(f".{target.name}.part")
    part.write_text("\n---\n".join(texts))
    os.replace(part, target)
