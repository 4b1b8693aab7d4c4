"""Where Kubernetes binaries are on this machine: one folder a version in the user's cache.

A version counts as installed when etcd, kube-apiserver and kubectl are there. Each is put in place by a rename, so
what is there is whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from opgen.controlplane import versions
from opgen.controlplane.versions import Version
from opgen.errors import OpgenError
from opgen.resources import cache_folder

BINARIES = ("etcd", "kube-apiserver", "kubectl")
FULL = ("kube-controller-manager", "kube-scheduler", "kwok", "kwok-stages.yaml")
VARIABLE = "KUBEBUILDER_ASSETS"


@dataclass(frozen=True, slots=True)
class Installed:
    """One version and its folder; `full` says whether controllers and simulated nodes are there too."""

    version: Version
    folder: Path
    full: bool


def store(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder that holds a folder for each version."""
    return cache_folder(environ) / "k8s"


def has(folder: Path, names: tuple[str, ...]) -> bool:
    """Whether all those files are in the folder, programs executable."""
    return all(
        os.access(folder / name, os.R_OK if name.endswith(".yaml") else os.R_OK | os.X_OK) for name in names
    )


def installed(folder: Path | None = None) -> list[Installed]:
    """What is installed, newest first."""
    where = folder or store()
    found: list[Installed] = []
    for path in where.glob("v*"):
        version = versions.parse(path.name)
        if version is not None and has(path, BINARIES):
            found.append(Installed(version, path, has(path, FULL)))
    return sorted(found, key=lambda one: one.version, reverse=True)


def find(wanted: str = "", *, full: bool = False, folder: Path | None = None) -> Installed | None:
    """The newest installed version that `wanted` describes; without `wanted` the newest of all."""
    there = [one for one in installed(folder) if one.full or not full]
    chosen = versions.choose(wanted or versions.LATEST, [one.version for one in there])
    return next((one for one in there if one.version == chosen), None)


def for_tests(wanted: str = "", *, full: bool = False, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder that a test run uses: the chosen version, else KUBEBUILDER_ASSETS, else the newest installed.

    Raises OpgenError, with the command that installs one.
    """
    names = (*BINARIES[:2], *(FULL if full else ()))
    named = environ.get(VARIABLE, "")
    command = f"opgen envtest install{' --build --full' if full else ''}"
    if named and not wanted:
        if has(Path(named), names):
            return Path(named).resolve()
        lacking = ", ".join(name for name in names if not has(Path(named), (name,)))
        raise OpgenError(f"{VARIABLE}={named} lacks {lacking}", hint=f"unset it, or {command}")
    chosen = find(wanted, full=full, folder=store(environ))
    if chosen is None:
        what = f"Kubernetes {wanted}" if wanted else "no Kubernetes"
        raise OpgenError(f"{what} is {'not ' if wanted else ''}installed for tests", hint=command)
    return chosen.folder


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One install at a time; a second one waits for the first. Raises OpgenError where nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as problem:
        raise OpgenError(f"can't write to {folder}: {problem.strerror or problem}") from problem
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
