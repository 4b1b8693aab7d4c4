"""The caller's side of a running control plane: start it, install definitions, stop it.

What happens in which order is `cluster`'s, in the supervisor's process; here is one pipe to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from opgen.controlplane.api import Api
from opgen.controlplane.definitions import install
from opgen.errors import OpgenError

STOP_SECONDS = 20.0


class ControlPlane:
    """A real API server of one's own.

    `url`, `token` (a cluster admin's) and `certificate` (PEM) reach it, `kubeconfig` is a file. Made by `start`;
    `stop` ends it, and so does the end of this process, even by SIGKILL.
    """

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        self.url = ""
        self.token = ""
        self.certificate = ""
        self.folder = Path()
        self.pids: dict[str, int] = {}
        self.seconds: dict[str, float] = {}
        self.full = False
        self._process = process
        self._errors = errors
        self._lock = threading.Lock()
        self._api: Api | None = None

    @classmethod
    def start(
        cls,
        assets: Path,
        *,
        full: bool = False,
        nodes: int = 3,
        definitions: Iterable[dict[str, Any]] = (),
        extra: Iterable[str] = (),
        base: Path | None = None,
    ) -> ControlPlane:
        """etcd and kube-apiserver from `assets`, with `definitions` installed and ready for objects.

        `full` adds controllers, a scheduler and `nodes` simulated nodes. `extra` are more flags of kube-apiserver,
        `base` is where the folder is made. Raises OpgenError.
        """
        missing = [name for name in needed(full=full) if not (assets / name).is_file()]
        if missing:
            raise OpgenError(
                f"{assets} lacks {', '.join(missing)}",
                hint=f"opgen envtest install --build{' --full' if full else ''}",
            )
        plane = cls(*_supervisor())
        try:
            request = {
                "assets": str(assets.resolve()),
                "full": full,
                "extra": list(extra),
                "base": str(base.resolve()) if base else "",
            }
            plane._ask(request)
            plane.full = full
            plane.install(definitions)
            if full:
                # After the definitions: the garbage collector looks at what kinds there are when it starts, and
                # again only half a minute later.
                plane._ask({"do": "controllers", "nodes": nodes})
        except BaseException:
            plane.stop()
            raise
        return plane

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig file of the administrator's."""
        return self.folder / "admin.kubeconfig"

    @property
    def certificate_file(self) -> Path:
        """The certificate that the server made for itself."""
        return self.folder / "certs" / "apiserver.crt"

    @property
    def api(self) -> Api:
        """A blocking client with the administrator's rights."""
        if self._api is None:
            self._api = Api(self.url, self.token, self.certificate)
        return self._api

    def install(self, definitions: Iterable[dict[str, Any]]) -> None:
        """Create or update definitions, and wait until objects of their kinds can be made. Raises OpgenError."""
        installed = install(self.api, definitions)
        if installed and "kube-controller-manager" in self.pids:
            self.restart("kube-controller-manager")

    def restart(self, name: str, *, kill: bool = False) -> None:
        """End one program (`kill`: without warning) and start it again, its data and address kept."""
        self._ask({"do": "restart", "name": name, "kill": kill})

    def log(self, name: str) -> str:
        """What a program of it has logged."""
        try:
            return (self.folder / "logs" / f"{name}.log").read_text(errors="replace")
        except OSError:
            return ""

    def stop(self) -> None:
        """End all of it; returns when nothing is left. May be called twice."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # the kernel ends the servers with it
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()
        if self._api is not None:
            self._api.close()
        if self.folder != Path():
            self._remove()

    def __enter__(self) -> ControlPlane:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _remove(self) -> None:
        """For the case that the supervisor was killed: its children write until the kernel has ended them."""
        for _ in range(100):
            if not self.folder.exists():
                return
            shutil.rmtree(self.folder, ignore_errors=True)
            time.sleep(0.02)

    def _ask(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            try:
                self._process.stdin.write(json.dumps(request).encode() + b"\n")
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except (BrokenPipeError, ValueError):
                line = b""
            if not line:
                self._errors.seek(0)
                said = self._errors.read().decode(errors="replace").strip()
                raise OpgenError(f"the control plane's supervisor has ended{f': {said}' if said else ''}")
            answer: dict[str, Any] = json.loads(line)
            if "error" in answer:
                raise OpgenError(f"the control plane: {answer['error']}")
            self.url, self.token = answer["url"], answer["token"]
            self.certificate, self.folder = answer["certificate"], Path(answer["folder"])
            self.pids, self.seconds = answer["pids"], answer["seconds"]


def needed(*, full: bool) -> tuple[str, ...]:
    """The programs that a control plane needs, kubectl aside."""
    more = ("kube-controller-manager", "kube-scheduler", "kwok", "kwok-stages.yaml") if full else ()
    return ("etcd", "kube-apiserver", *more)


def _supervisor() -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    """The process, in a session of its own, so that neither Ctrl-C nor a kill of our group reaches it."""
    errors = tempfile.TemporaryFile()  # noqa: SIM115 — the plane closes it
    process = subprocess.Popen(
        [sys.executable, "-m", "opgen.controlplane.supervisor"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "PYTHONSAFEPATH": "1",
        },
        cwd="/",
        start_new_session=True,
    )
    return process, errors
