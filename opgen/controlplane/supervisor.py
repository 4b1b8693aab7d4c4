"""The process that owns a control plane: `python -m opgen.controlplane.supervisor`, started by `plane`.

It reads one JSON object a line from standard input and answers each with one on standard output. The end of its
input, or another parent than it was born with, means that whoever asked is gone: everything is ended and removed.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import Any

from opgen.controlplane import credentials, folder
from opgen.controlplane.cluster import Cluster, Failed

_LOOK_SECONDS = 0.5
"""Between two looks at the parent, for the case that a fork of it holds our input open."""


class _Line:
    """Standard input, and whether somebody is at its other end."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._buffer = b""
        self._open = True

    def alive(self, wait: float = 0.0) -> bool:
        """Whether the caller is there; reads what has come."""
        if self._open and os.getppid() == self._parent:
            ready, _, _ = select.select([0], [], [], wait)
            if ready:
                data = os.read(0, 65536)
                self._buffer += data
                self._open = bool(data)
            return self._open
        return False

    def next(self) -> dict[str, Any] | None:
        """The next request; None when the caller is gone."""
        while b"\n" not in self._buffer:
            if not self.alive(_LOOK_SECONDS):
                return None
        line, _, self._buffer = self._buffer.partition(b"\n")
        request: dict[str, Any] = json.loads(line)
        return request


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _described(cluster: Cluster) -> dict[str, Any]:
    return {
        "url": cluster.url,
        "token": cluster.tokens[credentials.ADMIN],
        "certificate": cluster.certificate,
        "folder": str(cluster.folder),
        "pids": cluster.pids(),
        "seconds": cluster.seconds,
    }


def _obey(cluster: Cluster, request: dict[str, Any]) -> None:
    match request["do"]:
        case "controllers":
            cluster.start_controllers(request["nodes"])
        case "restart":
            cluster.restart(request["name"], kill=request["kill"])


def _serve(line: _Line, first: dict[str, Any]) -> None:
    base = Path(first["base"]) if first["base"] else None
    folder.sweep(base)
    cluster = Cluster(
        folder.make(base), Path(first["assets"]), line.alive, first["full"], tuple(first["extra"])
    )
    try:
        cluster.start()
        _say(_described(cluster))
        while (request := line.next()) is not None:
            try:
                _obey(cluster, request)
            except Failed as problem:
                _say({"error": str(problem)})
            else:
                _say(_described(cluster))
    except Failed as problem:
        _say({"error": str(problem)})
    finally:
        cluster.stop()


def main() -> None:
    """Serve one control plane until the caller is gone."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = _Line()
    first = line.next()
    if first is None:
        return
    try:
        _serve(line, first)
    except BrokenPipeError:  # nobody reads the answer any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
