"""Real API servers for tests: one of the run's own (envtest, full), one that workers share, or an existing cluster."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from opgen_runtime.client.config import ClusterConfig, StaticCredentials
from opgen_runtime.client.connect import find_config
from opgen_runtime.client.live import LiveTransport
from opgen_runtime.client.transport import Request, Transport
from opgen_runtime.errors import OpgenRuntimeError

from opgen.apiserver import ApiServer
from opgen.controlplane import ControlPlane, assets
from opgen.errors import OpgenError
from opgen.testing import leftovers, project, report
from opgen.testing.choice import Choice
from opgen.testing.guard import Guard, GuardedTransport
from opgen.testing.proxy import Proxy
from opgen.testing.worker import Worker

T = TypeVar("T")

_REPORT_SECONDS = 20.0
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Live:
    """A real API server. `plane` is the control plane behind it where this process started one."""

    def __init__(
        self, kind: str, config: ClusterConfig, kubeconfig: str, plane: ControlPlane | None = None
    ) -> None:
        self.kind = kind
        self.url = config.server
        self.plane = plane
        self._kubeconfig = kubeconfig
        self._proxy: Proxy | None = None
        self._config = config
        self._guard = Guard(strict=kind == "existing")
        self._worker = Worker()
        self._own = LiveTransport(config)
        self._stopped = False

    @property
    def kubeconfig(self) -> str:
        """The text of a kubeconfig. To an existing cluster it leads through the guard."""
        if self.kind != "existing":
            return self._kubeconfig
        if self._proxy is None:
            self._proxy = Proxy(self.transport)
            self._worker.run(self._proxy.start())
        return self._proxy.kubeconfig

    @property
    def server(self) -> ApiServer:
        """There is none in this process."""
        raise LookupError(f"the {self.kind} API server is not in this process: only builtin's is")

    def transport(self, *, in_memory: bool = False, token: str = "") -> Transport:
        """A connection that knows what is the test's own; as whoever has the token, if one is given."""
        if in_memory:
            raise LookupError(f"the {self.kind} API server can't be reached without sockets")
        config = self._config
        if token:
            config = replace(config, credentials=StaticCredentials.token(token))
        return GuardedTransport(LiveTransport(config), self._guard)

    @contextmanager
    def isolated(self, namespace: str) -> Iterator[None]:
        """A namespace that is deleted with all that is in it, and the test's cluster-scoped objects with it."""
        self._worker.run(self._create_namespace(namespace))
        guard = self._guard = Guard(strict=self._guard.strict, namespaces={namespace})
        try:
            yield
        finally:
            self._worker.run(self._clean(guard))

    def subscribe(self, listener: Callable[[Any], None]) -> Callable[[], None]:
        """A real server's changes are not followed: conditions are asked again after a pause."""
        return lambda: None

    def left(self, namespace: str) -> list[tuple[str, str]]:
        """Events and objects, as far as they can be read."""
        try:
            found = self._worker.run(self._objects(namespace), _REPORT_SECONDS)
        except (OpgenRuntimeError, TimeoutError) as problem:
            return [("objects", f"can't be read: {problem}")]
        everything = [item for items in found.values() for item in items]
        return [("events", report.events(everything)), ("objects", report.objects(everything))]

    def shared(self) -> dict[str, str]:
        """What another process needs to join; see `joined`."""
        assert self.plane is not None
        return {
            "url": self.url,
            "token": self.plane.token,
            "certificate": self.plane.certificate,
            "kubeconfig": self.kubeconfig,
        }

    def missing(self, definitions: list[dict[str, Any]]) -> list[str]:
        """The names of those definitions that the cluster does not have."""

        async def ask() -> list[str]:
            names = [one["metadata"]["name"] for one in definitions]
            answers = [await self._own.send(Request("GET", f"{_DEFINITIONS}/{name}")) for name in names]
            return [name for name, answer in zip(names, answers, strict=True) if answer.status == 404]

        return self._worker.run(ask())

    def stop(self) -> None:
        """Close the connection, and end the control plane that is this run's own."""
        if self._stopped:
            return
        self._stopped = True
        if self._proxy is not None:
            self._worker.run(self._proxy.stop())
        self._worker.run(self._own.close())
        self._worker.stop()
        if self.plane is not None:
            self.plane.stop()

    # -- in the worker's loop

    async def _create_namespace(self, name: str) -> None:
        body = json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}).encode()
        headers = {"Content-Type": "application/json"}
        answer = await self._own.send(Request("POST", "/api/v1/namespaces", (), headers, body))
        if answer.status != 201:
            raise OpgenError(f"can't make the namespace {name}: {answer.body.decode(errors='replace')}")

    async def _objects(self, namespace: str) -> leftovers.Objects:
        return await leftovers.objects(self._own, await leftovers.resources(self._own), namespace)

    async def _clean(self, guard: Guard) -> None:
        kinds = await leftovers.resources(self._own)
        for namespace in sorted(guard.namespaces):
            await leftovers.remove(self._own, kinds, namespace, finalize=self.kind == "envtest")
        await leftovers.remove_cluster_scoped(self._own, guard.made)


def start(choice: Choice, root: Path) -> Live:
    """A server of this run's own, or the existing cluster that was named. Raises OpgenError."""
    definitions = project.definitions_of(root)
    if choice.kind == "existing":
        return _existing(choice.context, definitions)
    full = choice.kind == "full"
    plane = ControlPlane.start(
        assets.for_tests(choice.version, full=full), full=full, definitions=definitions
    )
    config = _config(choice.kind, plane.url, plane.token, plane.certificate)
    return Live(choice.kind, config, plane.kubeconfig.read_text(), plane)


def joined(choice: Choice, given: dict[str, str]) -> Live:
    """A server that another process of this run started."""
    config = _config(choice.kind, given["url"], given["token"], given["certificate"])
    return Live(choice.kind, config, given["kubeconfig"])


def _config(kind: str, url: str, token: str, certificate: str) -> ClusterConfig:
    return ClusterConfig(url, StaticCredentials.token(token), ca_data=certificate, context=kind)


def _existing(context: str, definitions: list[dict[str, Any]]) -> Live:
    try:
        config = find_config(None, context)
    except OpgenRuntimeError as problem:
        raise OpgenError(f"--opgen-context {context}: {problem}") from problem
    found = Live("existing", config, "")
    try:
        missing = found.missing(definitions)
    except OpgenRuntimeError as problem:
        found.stop()
        raise OpgenError(f"--opgen-context {context}: {problem}") from problem
    if missing:
        found.stop()
        raise OpgenError(
            f"the cluster of the context {context} lacks {', '.join(missing)}",
            hint="tests install nothing on an existing cluster: make install",
        )
    return found
