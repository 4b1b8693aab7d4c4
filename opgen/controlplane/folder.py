"""The folder of a running control plane: made under a lock that its owner holds, so that an orphan can be told.

The lock is the kernel's and goes with the owner. What an owner left that was killed is removed by the next start.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PREFIX = "opgen-k8s-"
_UNFINISHED = ".opgen-k8s-"
_LOCK = "lock"
_UNFINISHED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Owned:
    """A folder of this process's."""

    path: Path
    _descriptor: int

    def remove(self) -> None:
        """Delete it with all that is in it, and let go of the lock."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._descriptor)


def make(base: Path | None = None) -> Owned:
    """A new folder in `base` (the system's folder for temporary files), readable by nobody else."""
    parent = base or Path(tempfile.gettempdir())
    token = secrets.token_hex(6)
    first = parent / f"{_UNFINISHED}{token}"
    first.mkdir(mode=0o700)
    descriptor = os.open(first / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    path = parent / f"{PREFIX}{token}"
    first.rename(path)  # under its real name it is locked from the first moment
    return Owned(path, descriptor)


def sweep(base: Path | None = None) -> list[Path]:
    """Remove what owners left that are gone; returns the folders removed."""
    parent = base or Path(tempfile.gettempdir())
    removed: list[Path] = []
    for path in (*parent.glob(f"{PREFIX}*"), *parent.glob(f"{_UNFINISHED}*")):
        try:
            if path.stat().st_uid != os.getuid() or not _orphaned(path):
                continue
        except OSError:  # another process removes it at this moment
            continue
        shutil.rmtree(path, ignore_errors=True)
        removed.append(path)
    return removed


def _orphaned(path: Path) -> bool:
    if path.name.startswith(_UNFINISHED):
        return time.time() - path.stat().st_mtime > _UNFINISHED_SECONDS
    try:
        descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:  # half removed
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
