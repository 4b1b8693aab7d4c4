"""`opgen envtest`: Kubernetes binaries for tests, installed side by side in the user's cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from opgen.controlplane import archives, assets, building, releases, versions
from opgen.controlplane.assets import BINARIES, FULL, Installed
from opgen.errors import OpgenError


@dataclass(frozen=True, slots=True)
class InstallRequest:
    """`version` is whole, a prefix, or `latest`. `full` also builds controllers and simulated nodes."""

    version: str = versions.DEFAULT
    build: bool = False
    full: bool = False
    index_url: str = releases.INDEX
    force: bool = False


def install(request: InstallRequest, say: Callable[[str], None]) -> Installed:
    """Installs a version, or finds it installed. Raises OpgenError; `say` takes lines of progress.

    What is there already is not asked for again, so a second run needs no network.
    """
    versions.choose(request.version, ())  # refuses what is no version, before anything is asked for
    if request.full and not request.build:
        raise OpgenError(
            "official archives hold no controllers", hint="--full goes with --build, which needs Go"
        )
    store = assets.store()
    with assets.locked(store):
        archives.clean(store)
        exact = versions.parse(request.version)
        there = assets.find(request.version, full=request.full) if exact else None
        if there is not None and not request.force:
            say(f"Kubernetes {there.version} is installed")
            return there
        version = _build(request, store, say) if request.build else _unpack(request, store, say)
    found = assets.find(str(version), full=request.full)
    if found is None:
        raise OpgenError(f"{store / version.tag} is not complete after the install")
    return found


def path(version: str = "", *, full: bool = False) -> Installed:
    """The newest installed version that `version` describes. Raises OpgenError where there is none."""
    found = assets.find(version, full=full)
    if found is None:
        what = f"Kubernetes {version}" if version else "no version of Kubernetes"
        more = " with controllers" if full else ""
        command = (
            f"opgen envtest install{f' {version}' if version else ''}{' --build --full' if full else ''}"
        )
        raise OpgenError(f"{what} is {'not ' if version else ''}installed{more}", hint=command)
    return found


def installed() -> list[Installed]:
    """All installed versions, newest first."""
    return assets.installed()


def available(index_url: str = releases.INDEX) -> list[versions.Version]:
    """What the index has for this machine, newest first. Raises OpgenError."""
    text = archives.fetch_index(index_url)
    return [release.version for release in releases.read(text, index_url, releases.machine())]


def _unpack(request: InstallRequest, store: Path, say: Callable[[str], None]) -> versions.Version:
    where = releases.machine()
    offered = releases.read(archives.fetch_index(request.index_url), request.index_url, where)
    chosen = versions.choose(request.version, [release.version for release in offered])
    if chosen is None:
        newest = f"; the newest is {offered[0].version}" if offered else ""
        raise OpgenError(
            f"{request.index_url} has no Kubernetes {request.version} for {where}{newest}",
            hint="opgen envtest list --available, or --build",
        )
    release = next(one for one in offered if one.version == chosen)
    folder = store / chosen.tag
    if assets.has(folder, BINARIES) and not request.force:
        say(f"Kubernetes {chosen} is installed")
        return chosen
    say(f"downloading {release.url}")
    archives.install(release, folder, say)
    return chosen


def _build(request: InstallRequest, store: Path, say: Callable[[str], None]) -> versions.Version:
    version = building.resolve(request.version, store)
    folder = store / version.tag
    names = (*BINARIES, *(FULL if request.full else ()))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if request.force:
            for name in names:
                (folder / name).unlink(missing_ok=True)
        building.build(version, folder, names, say)
    except OSError as problem:
        raise OpgenError(f"can't build into {folder}: {problem.strerror or problem}") from problem
    return version
