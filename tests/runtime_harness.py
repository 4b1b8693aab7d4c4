"""An operator under test: the in-process API server behind a transport that can misbehave, in virtual time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from opgen_runtime import (
    Client,
    Condition,
    Controller,
    ControllerOptions,
    For,
    Manager,
    ManagerOptions,
    ObjectKey,
    ObjectMeta,
    Owns,
    Reconciler,
    Resource,
    ResourceType,
    Result,
    Struct,
    Watches,
)
from opgen_runtime.client import Request, Response
from opgen_runtime.testing import InMemoryTransport, VirtualClock

from opgen.apiserver import ApiServer

R = TypeVar("R")


class WidgetSpec(Struct):
    size: int = 1
    color: str | None = None


class WidgetStatus(Struct):
    conditions: list[Condition] | None = None
    observed_generation: int | None = None
    ready: int | None = None


class Widget(Resource):
    KIND = ResourceType("example.com", "v1", "Widget", "widgets")
    spec: WidgetSpec | None = None
    status: WidgetStatus | None = None


class ConfigMap(Resource):
    KIND = ResourceType("", "v1", "ConfigMap", "configmaps")
    data: dict[str, str] | None = None


def definition(group: str = "example.com", plural: str = "widgets", kind: str = "Widget") -> dict[str, Any]:
    """The definition of a namespaced kind with a status subresource that keeps whatever it is given."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"type": "object", "properties": {"spec": anything, "status": anything}}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "schema": {"openAPIV3Schema": schema},
    }
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
    }


def widget(name: str = "a", namespace: str = "default", size: int = 1, **metadata: Any) -> Widget:
    return Widget(metadata=ObjectMeta(name=name, namespace=namespace, **metadata), spec=WidgetSpec(size=size))


Fault = Callable[[Request], Awaitable[Response | None]]
"""Answers a request in the server's stead, or lets it pass with None."""


@dataclass
class Bench:
    """The server, what was asked of it, and a client of somebody else's."""

    server: ApiServer
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    cut: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.transport = InMemoryTransport(self._answer)
        self.client = Client(InMemoryTransport(self.server.handle), field_owner="test")

    async def _answer(self, request: Request) -> Any:
        self.requests.append(request)
        for fault in self.faults:
            answer = await fault(request)
            if answer is not None:
                return answer
        return await self.server.handle(request)

    def manager(self, *controllers: Controller[Any], **options: Any) -> Manager:
        made = Manager(transport=self.transport, options=ManagerOptions(**options))
        for controller in controllers:
            made.add(controller)
        return made

    @asynccontextmanager
    async def running(self, *controllers: Controller[Any], **options: Any) -> AsyncIterator[Manager]:
        async with self.manager(*controllers, **options).running() as manager:
            yield manager

    def writes(self) -> list[Request]:
        return [request for request in self.requests if request.method != "GET"]


def bench(**options: Any) -> Bench:
    return Bench(ApiServer([definition()], **options))


def virtually(main: Coroutine[Any, Any, R]) -> R:
    """Run a test in virtual time."""
    return VirtualClock().run(main)


async def settle(seconds: float = 1.0) -> None:
    """Let everything that is under way happen. Costs nothing: the time is virtual."""
    await asyncio.sleep(seconds)


Step = Callable[[Widget, Client], Awaitable[Result | None]]


class Recorded:
    """Makes reconcilers that note each run, and then do what the test says."""

    def __init__(self, step: Step | None = None) -> None:
        self.step = step
        self.runs: list[tuple[float, str]] = []
        self.seen: list[Widget] = []

    def __call__(self, client: Client) -> Reconciler[Widget]:
        outer = self

        class Noting(Reconciler[Widget]):
            async def reconcile(self, obj: Widget, /) -> Result | None:
                outer.runs.append((asyncio.get_running_loop().time(), str(obj.metadata.name)))
                outer.seen.append(obj)
                return await outer.step(obj, self.client) if outer.step is not None else None

        return Noting(client)

    @property
    def names(self) -> list[str]:
        return [name for _, name in self.runs]

    @property
    def gaps(self) -> list[float]:
        times = [time for time, _ in self.runs]
        return [round(later - earlier, 4) for earlier, later in itertools.pairwise(times)]

    def controller(
        self, *sources: Owns | Watches[Any], name: str = "widget", **options: Any
    ) -> Controller[Widget]:
        return Controller(name, self, For(Widget), *sources, options=ControllerOptions(**options))


def key(name: str = "a", namespace: str = "default") -> ObjectKey:
    return ObjectKey(namespace, name)
