"""The order in which a control plane comes up and goes down; runs in the supervisor's process.

etcd first, then kube-apiserver, then what works through it. A step waits until the server says that it is ready,
and fails at once, with the end of the log, when the program ends instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opgen.controlplane import components, credentials
from opgen.controlplane.api import Api
from opgen.controlplane.folder import Owned
from opgen.controlplane.ports import ReservedPort
from opgen.controlplane.processes import Child

START_SECONDS = 90.0
"""How long one step may take."""
_POLL_SECONDS = 0.02
_STOP_SECONDS = 5.0
SOCKET = components.ETCD_ADDRESS.removeprefix("unix://")


class Failed(Exception):
    """The control plane can't be brought up; the text says which program failed, with the end of its log."""


@dataclass(slots=True)
class Cluster:
    """One control plane in `owned`, from the binaries in `assets`. `alive` is asked while it waits."""

    owned: Owned
    assets: Path
    alive: Callable[[], bool]
    full: bool = False
    extra: tuple[str, ...] = ()
    url: str = ""
    certificate: str = ""
    tokens: dict[str, str] = field(default_factory=credentials.new_tokens)
    seconds: dict[str, float] = field(default_factory=dict)
    _children: dict[str, Child] = field(default_factory=dict)
    _ports: dict[str, ReservedPort] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.owned.path

    def start(self) -> None:
        """etcd and kube-apiserver, ready to be asked. Raises Failed."""
        for name in ("logs", "certs"):
            (self.folder / name).mkdir()
        credentials.write_secret(self.folder / "tokens.csv", credentials.tokens_file(self.tokens))
        credentials.write_secret(self.folder / "service-account.key", credentials.private_key())
        self._spawn("etcd", components.etcd())
        self._wait("etcd", lambda: (self.folder / SOCKET).exists())
        self.url = f"https://127.0.0.1:{self._port('kube-apiserver')}"
        self._spawn("kube-apiserver", self._arguments("kube-apiserver"))
        written = self.folder / "certs" / "apiserver.crt"
        self._wait("kube-apiserver", lambda: written.exists() and "END CERT" in written.read_text())
        self.certificate = written.read_text()
        api = self.api()
        self._wait("kube-apiserver", lambda: api.answers("/readyz"))
        self.kubeconfig(credentials.ADMIN)

    def start_controllers(self, nodes: int) -> None:
        """Controller manager, scheduler and simulated nodes, at work. Raises Failed."""
        for name in ("kube-controller-manager", "kube-scheduler", "kwok"):
            self._spawn(name, self._arguments(name))
        api = self.api()
        names = [f"node-{number}" for number in range(nodes)]
        for name in names:
            api("POST", "/api/v1/nodes", components.node(name))
        for name in ("kube-controller-manager", "kube-scheduler"):
            self._wait(name, self._healthy(name))
        self._wait("nodes", lambda: _ready_nodes(api) >= set(names))
        account = "/api/v1/namespaces/default/serviceaccounts/default"
        self._wait("default service account", lambda: api.answers(account))

    def restart(self, name: str, *, kill: bool = False) -> None:
        """End one program and start it again on the same port with the same data. Raises Failed."""
        if name not in self._children:
            raise Failed(f"{name} does not run here")
        if kill:
            self._children[name].kill()
        else:
            self._children[name].terminate(_STOP_SECONDS)
        if name == "etcd":
            for left in ("localhost:1", "localhost:2"):
                (self.folder / left).unlink(missing_ok=True)
        self._spawn(name, self._arguments(name))
        self._wait(name, self._healthy(name))

    def stop(self) -> None:
        """End all programs at once, clients before servers, and remove the folder."""
        for child in reversed(list(self._children.values())):
            child.kill()
        self._children.clear()
        for port in self._ports.values():
            port.release()
        self.owned.remove()

    def failures(self) -> list[str]:
        """Programs that ended by themselves, with the end of their logs."""
        return [
            f"{name} ended with exit code {code}:\n{child.tail()}"
            for name, child in self._children.items()
            if (code := child.ended()) is not None
        ]

    def pids(self) -> dict[str, int]:
        """The running programs' numbers."""
        return {name: child.pid for name, child in self._children.items()}

    def api(self, user: str = credentials.ADMIN) -> Api:
        """A client with the rights of one of its users."""
        return Api(self.url, self.tokens[user], self.certificate)

    def kubeconfig(self, user: str) -> Path:
        """A kubeconfig file for one of its users."""
        path = self.folder / f"{user.rpartition(':')[2]}.kubeconfig"
        context = "full" if self.full else "envtest"
        text = credentials.kubeconfig(self.url, self.certificate, user, self.tokens[user], context=context)
        return credentials.write_secret(path, text)

    # -- parts

    def _arguments(self, name: str) -> tuple[str, ...]:
        match name:
            case "etcd":
                return components.etcd()
            case "kube-apiserver":
                port = self._port(name)
                return components.kube_apiserver(port, service_accounts=self.full, extra=self.extra)
            case "kube-controller-manager":
                file = self.kubeconfig(credentials.CONTROLLER_MANAGER)
                return components.kube_controller_manager(self._port(name), file)
            case "kube-scheduler":
                return components.kube_scheduler(self._port(name), self.kubeconfig(credentials.SCHEDULER))
            case _:
                stages = self.assets / "kwok-stages.yaml"
                return components.kwok(self.kubeconfig(credentials.KWOK), stages)

    def _port(self, name: str) -> int:
        if name not in self._ports:
            self._ports[name] = ReservedPort()
        return self._ports[name].number

    def _spawn(self, name: str, arguments: tuple[str, ...]) -> None:
        log = self.folder / "logs" / f"{name}.log"
        try:
            self._children[name] = Child(self.assets / name, arguments, self.folder, log)
        except OSError as problem:
            raise Failed(f"{self.assets / name} can't be run: {problem.strerror or problem}") from problem

    def _healthy(self, name: str) -> Callable[[], bool]:
        match name:
            case "etcd":
                return lambda: (self.folder / SOCKET).exists()
            case "kube-apiserver":
                api = self.api()
                return lambda: api.answers("/readyz")
            case "kwok":
                return lambda: True
            case _:
                written = self.folder / "certs" / f"{name}.crt"
                url, token = f"https://127.0.0.1:{self._port(name)}", self.tokens[credentials.ADMIN]
                return lambda: written.exists() and Api(url, token, written.read_text()).answers("/healthz")

    def _wait(self, what: str, probe: Callable[[], bool]) -> None:
        began = time.monotonic()
        while not probe():
            if not self.alive():
                raise Failed("whoever asked for it is gone")
            for failure in self.failures():
                raise Failed(failure)
            if time.monotonic() - began > START_SECONDS:
                logs = "\n".join(f"{name}:\n{child.tail()}" for name, child in self._children.items())
                raise Failed(f"{what}: not ready within {START_SECONDS:g} s\n{logs}")
            time.sleep(_POLL_SECONDS)
        self.seconds[what] = self.seconds.get(what, 0.0) + time.monotonic() - began


def _ready_nodes(api: Api) -> set[str]:
    items: list[dict[str, Any]] = api("GET", "/api/v1/nodes")["items"]
    return {
        item["metadata"]["name"]
        for item in items
        for condition in item.get("status", {}).get("conditions") or ()
        if condition["type"] == "Ready" and condition["status"] == "True" and not item["spec"].get("taints")
    }
