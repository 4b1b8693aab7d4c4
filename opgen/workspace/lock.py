"""One opgen command at a time in a project, and the first thing each does: finish what another left.

The lock is the kernel's (flock), so that a killed command leaves none behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from opgen.errors import Interrupted, OpgenError
from opgen.workspace.apply import STATE, recover
from opgen.workspace.disk import Files

LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Held:
    """A locked project. `notes` say what was found of an earlier, interrupted command."""

    root: Path
    notes: tuple[str, ...]


@contextlib.contextmanager
def hold(root: Path, files: Files | None = None) -> Iterator[Held]:
    """Locks `root`, made if need be, and recovers it. Raises Interrupted where another command holds it.

    Folders made here that are still empty at the end are removed again.
    """
    made = [folder for folder in (root, *root.parents) if not folder.exists()]
    state = root / STATE
    try:
        state.mkdir(parents=True, exist_ok=True)
        descriptor = _lock(state)
    except OSError as problem:
        _remove_empty(made)
        raise OpgenError(f"can't write to {root}: {(problem.strerror or str(problem)).lower()}") from problem
    try:
        ignored = state / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n")
        yield Held(root, recover(root, files))
    finally:
        _release(state, descriptor)
        _remove_empty(made)


def pending(root: Path) -> bool:
    """Whether an interrupted command left something; for commands that only look."""
    return any((root / STATE / name).is_dir() for name in ("staging", "journal"))


def _lock(state: Path) -> int:
    """A descriptor that holds the lock; one removed by its former holder in between is taken anew."""
    path = state / LOCK
    while True:
        state.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            os.close(descriptor)
            raise Interrupted(
                f"another opgen command{f' (process {holder})' if holder else ''} is at work in this project",
                hint="wait until it has ended, then run this one again",
            ) from None
        try:
            current = path.stat().st_ino == os.fstat(descriptor).st_ino
        except FileNotFoundError:
            current = False
        if current:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            return descriptor
        os.close(descriptor)


def _release(state: Path, descriptor: int) -> None:
    """Leaves the state folder as it was found, the lock itself included, unless something is kept in it."""
    left = {entry.name for entry in state.iterdir()} if state.is_dir() else set()
    with contextlib.suppress(OSError):
        if left <= {LOCK, ".gitignore"}:
            (state / ".gitignore").unlink(missing_ok=True)
        (state / LOCK).unlink(missing_ok=True)
        if left <= {LOCK, ".gitignore"}:
            state.rmdir()
    os.close(descriptor)


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()
