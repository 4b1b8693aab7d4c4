"""What lies on the disk, as data, and the few operations by which opgen changes it.

`snapshot` is all that `plan` gets to see. `Files` is the seam at which tests break the disk.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class File:
    """A regular file; `link` where it is reached through a symbolic link of its own name."""

    content: bytes
    executable: bool = False
    link: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """The path can't be a file here: `reason` says what stands at `where`."""

    where: PurePosixPath
    reason: str


Entry = File | Blocked | None
"""None: nothing is there, and a file could be made."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of the asked paths under one root."""

    entries: Mapping[PurePosixPath, Entry]

    def at(self, path: PurePosixPath) -> Entry:
        return self.entries.get(path)


def snapshot(root: Path, paths: Iterable[PurePosixPath]) -> Snapshot:
    """Reads what lies at `paths` under `root`; a root that does not exist is an empty folder."""
    base = root.resolve()
    return Snapshot({path: _entry(root, base, path) for path in paths})


def _entry(root: Path, base: Path, path: PurePosixPath) -> Entry:
    blocked = _blocked_parent(root, base, path)
    if blocked is not None:
        return blocked
    target = root / path
    try:
        mode = target.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return _read_only(root, path)
    except OSError as problem:
        return Blocked(path, f"can't be looked at ({_reason(problem)})")
    link = stat.S_ISLNK(mode)
    if link:
        if not target.exists():
            return Blocked(path, "is a symbolic link that leads nowhere")
        mode = target.stat().st_mode
    if stat.S_ISDIR(mode):
        return Blocked(path, "is a folder, a file is needed")
    if not stat.S_ISREG(mode):
        return Blocked(path, "is not a regular file")
    try:
        return File(target.read_bytes(), bool(mode & stat.S_IXUSR), link)
    except OSError as problem:
        return Blocked(path, f"can't be read ({_reason(problem)})")


def _blocked_parent(root: Path, base: Path, path: PurePosixPath) -> Blocked | None:
    for parent in reversed(path.parents):
        place = root / parent
        if place.is_symlink() and parent != PurePosixPath():
            if not place.resolve().is_relative_to(base):
                return Blocked(parent, "is a symbolic link that leads out of the project")
            if not place.exists():
                return Blocked(parent, "is a symbolic link that leads nowhere")
        try:
            mode = place.stat().st_mode
        except FileNotFoundError:
            return None
        except OSError as problem:
            return Blocked(parent, f"can't be looked at ({_reason(problem)})")
        if not stat.S_ISDIR(mode):
            return Blocked(parent, "is a file, a folder is needed")
    return None


def _read_only(root: Path, path: PurePosixPath) -> Blocked | None:
    """A Blocked where the nearest existing folder above `path` can't be written to."""
    for parent in (*path.parents, None):
        place = (
            root / parent if parent is not None else next(p for p in root.absolute().parents if p.exists())
        )
        if place.exists():
            if os.access(place, os.W_OK | os.X_OK):
                return None
            return Blocked(
                parent if parent is not None else PurePosixPath(), "is a folder without write permission"
            )
    return None


def _reason(problem: OSError) -> str:
    return (problem.strerror or str(problem)).lower()


class Files:
    """Changes to the disk. Every method either does its one thing or raises OSError."""

    def make_folder(self, path: Path) -> None:
        path.mkdir()

    def write(self, path: Path, content: bytes, *, executable: bool = False) -> None:
        """A new file whose bytes are on the disk when this returns."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o777 if executable else 0o666)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def replace(self, source: Path, target: Path) -> None:
        source.replace(target)

    def remove(self, path: Path) -> None:
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        path.rmdir()

    def remove_tree(self, path: Path) -> None:
        shutil.rmtree(path)

    def keep(self, source: Path, copy: Path) -> None:
        """A second name for a file's bytes, or a copy where the file system has no hard links."""
        try:
            os.link(source, copy, follow_symlinks=True)
        except OSError as problem:
            if problem.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS):
                raise
            shutil.copy2(source, copy)

    def settle(self, folder: Path) -> None:
        """The names in `folder` are on the disk when this returns."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
