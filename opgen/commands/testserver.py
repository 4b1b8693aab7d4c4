"""`opgen testserver`: the API server alone, without a project, for any client in any language.

What it serves is decided before it listens: definitions and manifests that are wrong stop it, all told at once.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from opgen.apiserver import ApiServer, StatusError
from opgen.apiserver.audit import AuditLog, Level
from opgen.apiserver.persistence import KEY, TOKEN, Persistence, kept_secret
from opgen.commands import serving
from opgen.commands.catalog import Catalog
from opgen.commands.manifests import Manifest, read_manifests
from opgen.errors import Diagnostic, InputError, OpgenError, error, has_errors, warning

_LOOK_SECONDS = 0.5
_FIRST = ("CustomResourceDefinition", "Namespace")


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """`port` 0 is any free one. `data` keeps the objects in a folder. `audit_log` is a file, or - for standard output.

    `kubeconfig` is where it is written; by default into `data`, else into a folder of its own that goes at the end.
    `workloads` runs Deployments, StatefulSets, DaemonSets, Jobs and Pods.
    """

    port: int = 0
    crds: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    data: Path | None = None
    kubeconfig: Path | None = None
    audit_log: str = ""
    audit_level: Level = Level.METADATA
    workloads: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """A server that can be used now. `restored` says that its objects are those of an earlier run."""

    url: str
    token: str
    kubeconfig: Path
    restored: bool
    diagnostics: tuple[Diagnostic, ...]


def serve(request: ServeRequest, ready: Callable[[Ready], None], stop: threading.Event) -> None:
    """Serves until `stop` is set. Raises InputError for what it is to serve, OpgenError where it can't."""
    server = ApiServer(workloads=request.workloads)
    with contextlib.ExitStack() as stack:
        kept = _kept(server, request.data, stack)
        diagnostics = [*install(server, request.crds), *load(server, request.manifests)]
        if has_errors(diagnostics):
            raise InputError(diagnostics)
        token = kept_secret(request.data, TOKEN) if request.data is not None else None
        audit = stack.enter_context(_audit(request))
        place = stack.enter_context(_kubeconfig(request))
        running = stack.enter_context(
            serving.serving(server, place, port=request.port, token=token, audit=audit)
        )
        restored = kept is not None and kept.restored
        ready(Ready(running.url, running.token, place, restored, tuple(diagnostics)))
        while not stop.wait(_LOOK_SECONDS):
            if kept is not None and kept.failure is not None:
                reason = kept.failure.strerror or kept.failure
                raise OpgenError(f"can't keep objects in {request.data}: {reason}")


def install(server: ApiServer, paths: tuple[str, ...]) -> list[Diagnostic]:
    """Installs the definitions in files and folders; objects that are there stay."""
    catalog = Catalog(())
    catalog.add_files(paths)
    diagnostics = list(catalog.diagnostics)
    for known in catalog.given.values():
        try:
            server.install(known.definition)
        except StatusError as refused:
            file, _, line = known.place.rpartition(":")
            diagnostics.append(error(f"the server refuses it: {refused}", file=file, line=int(line)))
    return diagnostics


def load(server: ApiServer, paths: tuple[str, ...]) -> list[Diagnostic]:
    """Applies the manifests in files and folders: definitions and namespaces first, then all others in order."""
    diagnostics: list[Diagnostic] = []
    objects: list[Manifest] = []
    for path in paths:
        found = read_manifests([path])
        diagnostics += found.diagnostics
        objects += found.objects
        if not found.objects and not found.diagnostics:
            hint = "objects have apiVersion and kind; --crd takes definitions and schemas"
            diagnostics.append(warning("holds no objects", file=path, hint=hint))
    if has_errors(diagnostics):
        return diagnostics
    for manifest in sorted(objects, key=_rank):
        diagnostics += _apply(server, manifest)
    return diagnostics


def _rank(manifest: Manifest) -> int:
    return _FIRST.index(manifest.kind) if manifest.kind in _FIRST else len(_FIRST)


def _apply(server: ApiServer, manifest: Manifest) -> list[Diagnostic]:
    file, line = manifest.origins.locate(())
    path = serving.path_of(server, manifest.data)
    if not path:
        what = f"{manifest.api_version or '?'} {manifest.kind or '?'}"
        return [
            error(
                f"the server has no kind {what}", file=file, line=line, hint="--crd installs its definition"
            )
        ]
    if not manifest.data.get("metadata", {}).get("name"):
        return [error("has no name", file=file, line=line)]
    return serving.apply(server, path, manifest.data, manager="opgen-testserver", file=file, line=line)


def _kept(server: ApiServer, folder: Path | None, stack: contextlib.ExitStack) -> Persistence | None:
    if folder is None:
        return None
    kept = Persistence(server, folder)
    stack.callback(kept.close)
    server.context.tokens.sign_with(kept_secret(folder, KEY).encode())
    return kept


@contextlib.contextmanager
def _kubeconfig(request: ServeRequest) -> Iterator[Path]:
    if request.kubeconfig is not None:
        yield request.kubeconfig.absolute()
    elif request.data is not None:
        yield request.data.absolute() / "kubeconfig"
    else:
        with tempfile.TemporaryDirectory(prefix="opgen-testserver-") as folder:
            yield Path(folder) / "kubeconfig"


@contextlib.contextmanager
def _audit(request: ServeRequest) -> Iterator[AuditLog | None]:
    """The log, each line written as a whole: to a file that is added to, or to standard output."""
    if not request.audit_log:
        yield None
        return
    if request.audit_log == "-":
        sys.stdout.flush()
        yield AuditLog(_whole(sys.stdout.fileno()), request.audit_level)
        return
    try:
        descriptor = os.open(request.audit_log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise OpgenError(f"can't write {request.audit_log}: {problem.strerror or problem}") from problem
    try:
        yield AuditLog(_whole(descriptor), request.audit_level)
    finally:
        os.close(descriptor)


def _whole(descriptor: int) -> Callable[[bytes], None]:
    def write(line: bytes) -> None:
        view = memoryview(line)
        while view:
            view = view[os.write(descriptor, view) :]

    return write
