"""`opgen dev`: the project's operator on an embedded API server, restarted when code or schemas change.

The server lives in this process and the operator in one of its own, so that a restart loses no object.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opgen import documents
from opgen.apiserver import ApiServer
from opgen.apiserver.http import RunningServer
from opgen.commands import serving
from opgen.commands.generate import GenerateRequest, generate
from opgen.commands.workspace import Outcome, find_root, read_project
from opgen.controlplane.processes import die_with
from opgen.errors import Diagnostic, InputError
from opgen.ir.project import Project
from opgen.workspace.lock import hold_session

INTERVAL = 0.4
"""Seconds between two looks at the files."""
KUBECONFIG = Path(".opgen/kubeconfig")


@dataclass(frozen=True, slots=True)
class DevRequest:
    """`port` 0 is any free one. `arguments` go to the operator. `server_only` leaves running it to others."""

    start: Path
    server_only: bool = False
    port: int = 0
    arguments: tuple[str, ...] = ()


@dataclass(slots=True)
class Session:
    """One embedded server with the project's kinds and samples on it."""

    root: Path
    project: Project
    running: RunningServer
    kubeconfig: Path
    _operator: subprocess.Popen[bytes] | None = field(default=None)

    def refresh(self) -> tuple[Outcome, tuple[Diagnostic, ...]]:
        """Generates again and installs the CRDs; objects stay. Returns what was said, errors of the server too."""
        outcome = generate(GenerateRequest(self.root))
        problems: list[Diagnostic] = []
        for path, definition in _objects(self.root / "config/crd/bases", self.root / "config/crd/external"):
            if definition.get("kind") == "CustomResourceDefinition":
                problems += _send(self.running.server, definition, str(path.relative_to(self.root)))
        return outcome, tuple(problems)

    def apply_samples(self) -> tuple[Diagnostic, ...]:
        """Puts the samples that config/samples lists into the namespace `default`."""
        folder = self.root / "config/samples"
        listed = _listed(folder / "kustomization.yaml")
        problems: list[Diagnostic] = []
        for path, obj in _objects(folder):
            if path.name in listed:
                problems += _send(self.running.server, obj, str(path.relative_to(self.root)))
        return tuple(problems)

    def start_operator(self, arguments: tuple[str, ...]) -> None:
        """Runs `python -m <package>` against the server, with this interpreter; it ends when this thread does."""
        source = str(self.root / "src")
        search = os.environ.get("PYTHONPATH", "")
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(part for part in (source, search) if part),
            "PYTHONUNBUFFERED": "1",
        }
        if self.project.namespaced:  # as its Deployment says; the samples are there
            environment.setdefault("WATCH_NAMESPACE", "default")
        # Lines for people, also where the output is no terminal: a traceback in JSON is one long line.
        given = ["--kubeconfig", str(self.kubeconfig), "--health-probe-bind-address=0"]
        flags = [*given, "--log-encoding=console", *arguments]
        own = os.getpid()
        self._operator = subprocess.Popen(
            [sys.executable, "-m", self.project.settings.package, *flags],
            cwd=self.root,
            env=environment,
            preexec_fn=lambda: die_with(own, signal.SIGTERM),
        )

    def stop_operator(self) -> None:
        """Ends the operator, in good order if it can."""
        if self._operator is None:
            return
        if self._operator.poll() is None:
            self._operator.terminate()
            try:
                self._operator.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._operator.kill()
                self._operator.wait()
        self._operator = None

    def ended(self) -> int | None:
        """The exit code of an operator that ended by itself, told once."""
        code = self._operator.poll() if self._operator is not None else None
        if code is not None:
            self._operator = None
        return code


@contextmanager
def session(request: DevRequest) -> Iterator[Session]:
    """A server on loopback and a kubeconfig for it in `.opgen/`; both are gone at the end.

    Raises Interrupted where the project has a session already: the kubeconfig is that one's.
    """
    root = find_root(request.start)
    project = read_project(root)
    path = root / KUBECONFIG
    with (
        hold_session(root, "`opgen dev`") as announce,
        serving.serving(ApiServer(), path, port=request.port) as running,
    ):
        announce(running.url)
        opened = Session(root, project, running, path)
        try:
            yield opened
        finally:
            opened.stop_operator()


def dev(request: DevRequest, say: Callable[[str], None], stop: threading.Event) -> None:
    """Serves until `stop` is set. `say` takes lines for the user."""
    with session(request) as opened:
        say(f"API server at {opened.running.url}, with this project's CRDs and samples")
        say(
            "Kubernetes' own controllers don't run there: no Pod starts, and no Deployment gets ready by itself"
        )
        say(f"export KUBECONFIG={opened.kubeconfig}")
        ready, seen = reload(opened, say)
        if ready and not request.server_only:
            opened.start_operator(request.arguments)
        while not stop.wait(INTERVAL):
            code = opened.ended()
            if code is not None:
                say(f"the operator ended with exit code {code}; it starts again at the next change")
            now = files_of(opened.root)
            changed = sorted(
                str(path.relative_to(opened.root))
                for path in seen.keys() | now.keys()
                if seen.get(path) != now.get(path)
            )
            if not changed:
                continue
            say(f"changed: {', '.join(changed[:3])}{' ...' if len(changed) > 3 else ''}")
            ready, seen = reload(opened, say)
            if ready and not request.server_only:
                opened.stop_operator()
                opened.start_operator(request.arguments)


def reload(opened: Session, say: Callable[[str], None]) -> tuple[bool, dict[Path, tuple[int, int]]]:
    """Brings the server up to date; False, with the reasons said, where the schemas or the code are wrong.

    Also returns the files as they were read: looked at before they are, so that what the user saves meanwhile
    is a change at the next look, while what is generated here is none.
    """
    seen = files_of(opened.root)
    try:
        outcome, problems = opened.refresh()
    except InputError as wrong:
        _tell(wrong.diagnostics, say)
        say("nothing was changed: waiting for the next change")
        return False, seen
    _tell((*outcome.diagnostics, *problems, *opened.apply_samples()), say)
    now = files_of(opened.root)
    for change in outcome.plan.changes:
        path = opened.root / change.path
        seen.pop(path, None)
        if path in now:
            seen[path] = now[path]
    return True, seen


def _tell(diagnostics: Iterable[Diagnostic], say: Callable[[str], None]) -> None:
    """Each once, its hint below."""
    for diagnostic in dict.fromkeys(diagnostics):
        say(f"{diagnostic.level}: {diagnostic}")
        if diagnostic.hint:
            say(f"  hint: {diagnostic.hint}")


def files_of(root: Path) -> dict[Path, tuple[int, int]]:
    """What is watched, with times and sizes."""
    found: dict[Path, tuple[int, int]] = {}
    manifests = (("config/crd/external", "*.yaml"), ("config/samples", "*.yaml"))
    for folder, pattern in (("src", "*.py"), ("schemas", "*"), *manifests):
        for path in (root / folder).rglob(pattern):
            try:
                state = path.stat()
            except OSError:  # gone between listing and looking: the next look sees it
                continue
            if path.is_file():
                found[path] = (state.st_mtime_ns, state.st_size)
    return found


def _objects(*folders: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in (path for folder in folders for path in sorted(folder.glob("*.yaml"))):
        for document in documents.read(path).documents:
            if isinstance(document.data, dict) and path.name != "kustomization.yaml":
                yield path, document.data


def _listed(path: Path) -> set[str]:
    return {
        str(name)
        for document in documents.read(path).documents
        if isinstance(document.data, dict)
        for name in document.data.get("resources") or ()
    }


def _send(server: ApiServer, obj: dict[str, Any], file: str) -> list[Diagnostic]:
    """Applies one object, where the server has its kind."""
    path = serving.path_of(server, obj)
    return serving.apply(server, path, obj, manager="opgen-dev", file=file) if path else []
