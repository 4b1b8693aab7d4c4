"""From method and path to what is asked: resource, name, subresource and verb."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from opgen.apiextensions.gotext import quote
from opgen.apiserver.kinds import Registry, ResourceInfo, Subresource
from opgen.apiserver.message import RequestLike
from opgen.apiserver.status import (
    StatusError,
    method_not_allowed,
    method_not_supported,
    no_such_resource,
    not_found,
)

_PREFIX = "path"
"""The value of `watch` where the path says it; a name in a path with the parameter is still a GET."""


class Query:
    """The parameters of a request; the first one counts where a name comes twice and isn't a list's."""

    __slots__ = ("_given", "pairs")

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        self._given = pairs
        self.pairs = dict(reversed(pairs))

    def get(self, name: str) -> str:
        """The parameter, empty if absent."""
        return self.pairs.get(name, "")

    def flag(self, name: str) -> bool:
        """Whether a boolean parameter is on: it is there, and neither 0 nor false."""
        return name in self.pairs and self.pairs[name].lower() not in ("0", "false")

    def has(self, name: str) -> bool:
        return name in self.pairs

    def all(self, name: str) -> list[str]:
        """Every value of a parameter that is a list."""
        return [value for key, value in self._given if key == name]


@dataclass(frozen=True, slots=True)
class Route:
    """A request for a resource. `namespace` and `name` are empty where the path has none."""

    info: ResourceInfo
    verb: str
    namespace: str = ""
    name: str = ""
    subresource: Subresource | None = None

    @property
    def sub(self) -> str:
        return self.subresource.name if self.subresource else ""


_COLLECTION_VERBS = {"GET": "list", "HEAD": "list", "POST": "create", "DELETE": "deletecollection"}
_OBJECT_VERBS = {"GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_SUBRESOURCE_VERBS = _OBJECT_VERBS | {"POST": "create"}


class NotAResource(Exception):
    """The path isn't one of a resource; `server` looks elsewhere."""


def split(path: str) -> list[str]:
    """The path's segments, unquoted."""
    parts = path.strip("/").split("/")
    return [unquote(part) for part in parts] if "%" in path else parts


def route(request: RequestLike, registry: Registry, query: Query) -> Route:
    """What the request asks for. Raises NotAResource, or StatusError 404 or 405."""
    parts = split(request.path)
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        raise NotAResource(request.path)
    if not registry.has_version(group, version):
        raise NotAResource(request.path)
    if rest[0] == "watch" and len(rest) > 1:
        rest = rest[1:]
        query.pairs["watch"] = _PREFIX
    namespace, scoped, rest = _namespace(registry, group, version, rest)
    info = registry.get(group, version, rest[0])
    if info is None:
        raise no_such_resource()
    if scoped and not info.namespaced:
        raise no_such_resource()
    if request.method == "HEAD" and not info.custom:
        raise method_not_allowed()
    try:
        return _verb(request.method, info, namespace, scoped, rest, query)
    except StatusError as error:
        if info.custom and info.warning:  # a version that goes is told of, whatever is asked of it
            error.headers.setdefault("Warning", f"299 - {quote(info.warning)}")
        raise


def _namespace(registry: Registry, group: str, version: str, rest: list[str]) -> tuple[str, bool, list[str]]:
    """Take `namespaces/NAME` off the front, unless it is the Namespace itself that is meant."""
    if rest[0] != "namespaces" or len(rest) < 3:
        return "", False, rest
    if len(rest) == 3 and not group:
        namespaces = registry.get(group, version, "namespaces")
        if namespaces is not None and namespaces.subresource(rest[2]) is not None:
            return "", False, rest
    return rest[1], True, rest[2:]


def _verb(
    method: str, info: ResourceInfo, namespace: str, scoped: bool, rest: list[str], query: Query
) -> Route:
    if len(rest) == 1:
        verb = _COLLECTION_VERBS.get(method)
        across = info.namespaced and not scoped
        if verb is None or (across and verb != "list"):
            raise method_not_allowed()
        if verb == "list" and query.flag("watch"):
            verb = "watch"
        _check(verb, info)
        return Route(info, verb, namespace)
    if not info.stored or (info.namespaced and not scoped):
        raise no_such_resource()
    name = rest[1]
    if len(rest) == 2:
        verb = _OBJECT_VERBS.get(method)
        if method == "POST" and info.custom:  # there the name in the path isn't looked at
            return Route(info, "create", namespace)
        if verb is None:
            raise method_not_allowed()
        if verb == "get" and query.get("watch") == _PREFIX:
            verb = "watch"
        _check(verb, info)
        return Route(info, verb, namespace, name)
    subresource = info.subresource(rest[2])
    if info.custom and subresource is None and len(rest) == 3:
        raise not_found(info.group, info.plural, name)
    if subresource is None or len(rest) > 3:
        raise no_such_resource()
    verb = _SUBRESOURCE_VERBS.get(method)
    if info.custom and method in ("POST", "DELETE"):
        raise method_not_supported(info.group, info.plural, "create" if method == "POST" else "delete")
    if verb is None or verb not in subresource.verbs:
        raise method_not_allowed()
    return Route(info, verb, namespace, name, subresource)


def _check(verb: str, info: ResourceInfo) -> None:
    if verb not in info.verbs:
        raise method_not_allowed()
