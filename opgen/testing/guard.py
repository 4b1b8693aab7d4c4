"""Which namespaces and cluster-scoped objects are a test's own: what it made, and nothing else.

On a server of the run's own that is needed to clean up. On a cluster that was there before, the guard also refuses
every request that names another namespace or changes what the test did not make, before it is sent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import unquote

from opgen_runtime.client.transport import Request, Response, Transport
from opgen_runtime.errors import OpgenRuntimeError


class NotYours(OpgenRuntimeError):
    """A request to an existing cluster that would touch what isn't the test's own."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is about: empty parts are not in its path."""

    resource: str = ""
    """`/api/v1/nodes`, `/apis/apps/v1/deployments`: the path up to the plural, without the namespace."""
    namespace: str = ""
    name: str = ""

    @property
    def path(self) -> str:
        """The path of a cluster-scoped object, or of all of its kind."""
        return f"{self.resource}/{self.name}" if self.name else self.resource

    @property
    def is_namespace(self) -> bool:
        """Whether it is a Namespace itself."""
        return self.resource == "/api/v1/namespaces"


def target_of(path: str) -> Target:
    """What `path` is about; an empty Target for discovery and other paths without a resource."""
    parts = [unquote(part) for part in path.split("?")[0].strip("/").split("/")]
    depth = {"api": 2, "apis": 3}.get(parts[0], 0)
    if not depth or len(parts) <= depth:
        return Target()
    root, rest = "/" + "/".join(parts[:depth]), parts[depth:]
    if rest[0] == "namespaces" and len(rest) >= 3 and rest[2] not in ("status", "finalize"):
        return Target(f"{root}/{rest[2]}", rest[1], rest[3] if len(rest) > 3 else "")
    return Target(f"{root}/{rest[0]}", "", rest[1] if len(rest) > 1 else "")


@dataclass(slots=True)
class Guard:
    """One test's own. `strict` refuses what isn't."""

    strict: bool
    namespaces: set[str] = field(default_factory=set)
    made: list[str] = field(default_factory=list)
    """Paths of cluster-scoped objects that the test created, in order."""

    def check(self, request: Request) -> None:
        """Raises NotYours for a request that a strict guard refuses."""
        target = target_of(request.path)
        if not self.strict or not target.resource or _computed(target.resource):
            return
        if target.namespace:
            if target.namespace not in self.namespaces:
                raise NotYours(_refusal(request, f"the namespace {target.namespace}"))
        elif request.method not in ("GET", "HEAD"):
            created = request.method == "POST" and not target.name
            if not (created or self.owns(target) or _applies(request)):
                raise NotYours(_refusal(request, f"{target.path}, which the test did not make,"))

    def owns(self, target: Target) -> bool:
        """Whether the test made this cluster-scoped object."""
        return target.name in self.namespaces if target.is_namespace else target.path in self.made

    def note(self, request: Request, response: Response) -> None:
        """Remember what a request made."""
        if response.status != 201 or any(key == "dryRun" for key, _ in request.query):
            return
        target = target_of(request.path)
        if target.namespace or not target.resource or _computed(target.resource):
            return
        name = target.name or _name(response.body)
        if target.is_namespace:
            self.namespaces.add(name)
        elif name:
            self.made.append(Target(target.resource, "", name).path)


class GuardedTransport:
    """Sends what the guard lets through.

    An apply may create a cluster-scoped object; under a strict guard it is first looked whether there is one already.
    """

    def __init__(self, inner: Transport, guard: Guard) -> None:
        self._inner = inner
        self._guard = guard

    async def send(self, request: Request) -> Response:
        """Send one request. Raises NotYours."""
        self._guard.check(request)
        if self._guard.strict and _applies(request):
            await self._only_new(request)
        response = await self._inner.send(request)
        self._guard.note(request, response)
        return response

    async def close(self) -> None:
        """Close the transport behind."""
        await self._inner.close()

    async def _only_new(self, request: Request) -> None:
        target = target_of(request.path)
        if target.namespace or self._guard.owns(target):
            return
        there = await self._inner.send(Request("GET", request.path))
        if there.status != 404:
            raise NotYours(_refusal(request, f"{target.path}, which the test did not make,"))


def _applies(request: Request) -> bool:
    kind = next((v for k, v in request.headers.items() if k.lower() == "content-type"), "")
    return request.method == "PATCH" and kind.startswith("application/apply-patch")


def _computed(resource: str) -> bool:
    """Reviews and the like: answered, not stored."""
    return "/authorization.k8s.io/" in resource or "/authentication.k8s.io/" in resource


def _refusal(request: Request, what: str) -> str:
    return f"{request.method} {request.path} was not sent: {what} is not this test's own"


def _name(body: bytes) -> str:
    try:
        return str(json.loads(body)["metadata"]["name"])
    except (ValueError, KeyError, TypeError):
        return ""
