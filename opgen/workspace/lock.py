"""One opgen command at a time in a project, and the first thing each does: finish what another left.

The lock is the kernel's (flock), so that a killed command leaves none behind. A second one, `hold_session`, is
for what goes on for as long as its user likes, beside other commands.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from opgen.errors import Interrupted, OpgenError
from opgen.workspace.apply import STATE, recover
from opgen.workspace.disk import Files

LOCK = "lock"
SESSION = "session.lock"


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
        descriptor = _lock(state, LOCK)
    except OSError as problem:
        _remove_empty(made)
        raise OpgenError(f"can't write to {root}: {(problem.strerror or str(problem)).lower()}") from problem
    except _Taken as taken:
        holder = f" (process {taken.note})" if taken.note else ""
        raise Interrupted(
            f"another opgen command{holder} is at work in this project",
            hint="wait until it has ended, then run this one again",
        ) from None
    try:
        _ignore(state)
        yield Held(root, recover(root, files))
    finally:
        _release(state, LOCK, descriptor)
        _remove_empty(made)


@contextlib.contextmanager
def hold_session(root: Path, what: str) -> Iterator[Callable[[str], None]]:
    """Keeps the one session that a project can have; yields what takes its address, for whoever comes second.

    Raises Interrupted where `what` runs in the project already, OpgenError where the folder can't be written.
    """
    state = root / STATE
    try:
        descriptor = _lock(state, SESSION)
    except OSError as problem:
        raise OpgenError(f"can't write to {root}: {(problem.strerror or str(problem)).lower()}") from problem
    except _Taken as taken:
        process, _, address = taken.note.partition(" ")
        told = [f"process {process}"] if process else []
        told += [address] if address else []
        raise Interrupted(
            f"{what} runs here already" + "".join(f", {part}" for part in told),
            hint="stop it first, or use the server that it has",
        ) from None
    try:
        _ignore(state)
        yield lambda address: _note(descriptor, f"{os.getpid()} {address}")
    finally:
        _release(state, SESSION, descriptor)


def pending(root: Path) -> bool:
    """Whether an interrupted command left something; for commands that only look."""
    return any((root / STATE / name).is_dir() for name in ("staging", "journal"))


class _Taken(Exception):
    """Somebody else holds the lock; `note` is what they wrote into it."""

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


def _lock(state: Path, name: str) -> int:
    """A descriptor that holds the lock; one removed by its former holder in between is taken anew."""
    path = state / name
    while True:
        state.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note = os.read(descriptor, 256).decode(errors="replace").strip()
            os.close(descriptor)
            raise _Taken(note) from None
        try:
            current = path.stat().st_ino == os.fstat(descriptor).st_ino
        except FileNotFoundError:
            current = False
        if current:
            _note(descriptor, str(os.getpid()))
            return descriptor
        os.close(descriptor)


def _note(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{text}\n".encode(), 0)


def _ignore(state: Path) -> None:
    ignored = state / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n")


def _release(state: Path, name: str, descriptor: int) -> None:
    """Leaves the state folder as it was found, the lock itself included, unless something is kept in it."""
    left = {entry.name for entry in state.iterdir()} if state.is_dir() else set()
    with contextlib.suppress(OSError):
        if left <= {name, ".gitignore"}:
            (state / ".gitignore").unlink(missing_ok=True)
        (state / name).unlink(missing_ok=True)
        if left <= {name, ".gitignore"}:
            state.rmdir()
    os.close(descriptor)


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()
