"""Child processes that end with this one, whatever ends it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_TAIL = 4000
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with(parent: int, told: signal.Signals = signal.SIGKILL) -> None:
    """Runs in the child before its program: the kernel sends it `told` when the parent's thread ends that made it.

    On Linux; elsewhere it does nothing. Source: PR_SET_PDEATHSIG of prctl(2).
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, told)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)


class Child:
    """One running program with its log. Start it from the main thread: its life hangs on that thread."""

    def __init__(self, program: Path, arguments: tuple[str, ...], folder: Path, log: Path) -> None:
        self.name = program.name
        self.program = program
        self.arguments = arguments
        self.log = log
        parent = os.getpid()
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [str(program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=folder,
                env=environment(),
                preexec_fn=lambda: die_with(parent),
            )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def ended(self) -> int | None:
        """The exit code of a process that has ended."""
        return self._process.poll()

    def tail(self) -> str:
        """The end of its log."""
        try:
            text = self.log.read_text(errors="replace")
        except OSError:
            return ""
        return text[-_TAIL:].strip()

    def kill(self) -> None:
        """End it at once; nothing of it is to be kept."""
        self._process.kill()
        self._process.wait()

    def terminate(self, seconds: float) -> None:
        """End it in good order, within `seconds`."""
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()


def environment(values: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The caller's environment without what would send a server on loopback through a proxy or to a cluster."""
    dropped = {"KUBECONFIG", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}
    return {
        name: value
        for name, value in values.items()
        if name.upper() not in dropped and not name.startswith(("ETCD_", "KUBERNETES_"))
    }
