"""The API servers that tests run on, behind one protocol. `builtin` is here, real ones are in `live`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from opgen_runtime.client.config import ClusterConfig, StaticCredentials
from opgen_runtime.client.live import LiveTransport
from opgen_runtime.client.transport import Transport
from opgen_runtime.testing import InMemoryTransport

from opgen.apiserver import ApiServer, StatusError
from opgen.apiserver.http import RunningServer, serve_in_thread
from opgen.errors import OpgenError
from opgen.testing import cleanup, project, report
from opgen.testing.choice import Choice


class Backend(Protocol):
    """One API server for a test run."""

    @property
    def kind(self) -> str:
        """builtin, envtest, full or existing."""
        ...

    @property
    def url(self) -> str:
        """Where it listens."""
        ...

    @property
    def kubeconfig(self) -> str:
        """The text of an administrator's kubeconfig; to an existing cluster it leads through the guard."""
        ...

    @property
    def server(self) -> ApiServer:
        """The server in the process. LookupError on real ones, which have none."""
        ...

    def transport(self, *, in_memory: bool = False, token: str = "") -> Transport:
        """A new connection; `in_memory` without sockets, for tests under a virtual clock.

        As an administrator, or as whoever has this token.
        """
        ...

    def isolated(self, namespace: str) -> AbstractContextManager[None]:
        """Makes the namespace; at the end removes it with what is in it, and cluster-scoped objects that it left."""
        ...

    def subscribe(self, listener: Callable[[Any], None]) -> Callable[[], None]:
        """Call `listener` after each change, where the server can tell; returns what ends that."""
        ...

    def left(self, namespace: str) -> list[tuple[str, str]]:
        """Titled texts about the namespace for the report of a failed test."""
        ...

    def stop(self) -> None:
        """End it. May be called twice."""
        ...


class Builtin:
    """The API server in this process, behind HTTP on loopback and in memory."""

    kind = "builtin"

    def __init__(self, running: RunningServer) -> None:
        self._running = running
        self.server = running.server
        self.url = running.url
        self.token = running.token

    @property
    def kubeconfig(self) -> str:
        """The text of a kubeconfig."""
        return self._running.kubeconfig

    def transport(self, *, in_memory: bool = False, token: str = "") -> Transport:
        """HTTP, or the server's own function."""
        if in_memory:
            user = self.server.authenticate(token) if token else None
            return InMemoryTransport(partial(self.server.handle, user=user))
        credentials = StaticCredentials.token(token or self.token)
        return LiveTransport(ClusterConfig(self.url, credentials, context="builtin"))

    @contextmanager
    def isolated(self, namespace: str) -> Iterator[None]:
        """Removes everything at the end, finalizers or not."""
        before = cleanup.snapshot(self.server)
        self.server.create_namespace(namespace)
        try:
            yield
        finally:
            cleanup.purge(self.server, namespace, before)

    def subscribe(self, listener: Callable[[Any], None]) -> Callable[[], None]:
        """Told after each change, in the writer's thread."""
        return self.server.subscribe(listener)

    def left(self, namespace: str) -> list[tuple[str, str]]:
        """Events and objects."""
        found = cleanup.objects(self.server, namespace)
        return [("events", report.events(found)), ("objects", report.objects(found))]

    def stop(self) -> None:
        """End the thread and the socket."""
        self._running.stop()


def start_builtin(root: Path) -> Builtin:
    """The server in this process, with the definitions of the project in `root`. Raises OpgenError."""
    server = ApiServer()
    try:
        for definition in project.definitions_of(root):
            server.install(definition)
    except StatusError as refused:
        raise OpgenError(f"{project.DEFINITIONS}: {refused}") from refused
    return Builtin(serve_in_thread(server))


def start(choice: Choice, root: Path, given: dict[str, str] | None = None) -> Backend:
    """The server that was chosen, ready, with the project's definitions. `given` describes one that is shared.

    Raises OpgenError.
    """
    if choice.kind == "builtin":
        return start_builtin(root)
    from opgen.testing import live

    if given is not None:
        return live.joined(choice, given)
    return live.start(choice, root)
