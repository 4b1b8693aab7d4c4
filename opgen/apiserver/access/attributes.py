"""What a request asks permission for, read from its method and path alone, whether or not that is served."""

from __future__ import annotations

from dataclasses import dataclass, replace

from opgen.apiserver import selectors
from opgen.apiserver.access.identity import User
from opgen.apiserver.routing import Query, split
from opgen.apiserver.status import StatusError, qualified

_VERBS = {
    "POST": "create",
    "GET": "get",
    "HEAD": "get",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
_NAMESPACE_PARTS = ("status", "finalize")


@dataclass(frozen=True, slots=True)
class Attributes:
    """One action. A path stands alone where it isn't a resource's (then `resource` is empty)."""

    verb: str
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""
    on_resource: bool = True

    @property
    def combined(self) -> str:
        """`pods/status`, or `pods`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    def under(self, verb: str) -> Attributes:
        """The same with another verb."""
        return replace(self, verb=verb)


def attributes_of(method: str, path: str, query: Query) -> Attributes:
    """What the request asks permission for."""
    parts = [part for part in split(path) if part] if path.strip("/") else []
    plain = Attributes(method.lower(), path=path, on_resource=False)
    if len(parts) < 3 or parts[0] not in ("api", "apis"):
        return plain
    group = ""
    if parts[0] == "apis":
        if len(parts) < 4:
            return plain
        group = parts[1]
        parts = parts[1:]
    version, parts = parts[1], parts[2:]
    verb = _VERBS.get(method, "")
    if parts[0] in ("watch", "proxy") and len(parts) > 1:
        verb, parts = parts[0], parts[1:]
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 1:
        namespace = parts[1]
        if len(parts) > 2 and parts[2] not in _NAMESPACE_PARTS:
            parts = parts[2:]
    name = parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 and verb not in ("watch", "proxy") else ""
    if not name and verb == "get":
        verb = "watch" if query.flag("watch") else "list"
        name = _named(query.get("fieldSelector"))
    elif not name and verb == "delete":
        verb = "deletecollection"
    return Attributes(verb, group, version, parts[0], subresource, namespace, name, path)


def _named(selector: str) -> str:
    """The one name that a field selector admits."""
    if not selector:
        return ""
    try:
        terms = selectors.parse_fields(selector)
    except StatusError:
        return ""
    return next((term.value for term in terms if term.path == "metadata.name" and term.equal), "")


def quoted(text: str) -> str:
    """As Go's %q prints it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def refusal(user: User, asked: Attributes, reason: str = "") -> StatusError:
    """403, worded as the real server does."""
    who = f"User {quoted(user.name)} cannot {asked.verb}"
    tail = f": {reason}" if reason else ""
    if not asked.on_resource:
        text = f"forbidden: {who} path {quoted(asked.path)}{tail}"
        return StatusError(403, "Forbidden", text, {})
    where = f"in the namespace {quoted(asked.namespace)}" if asked.namespace else "at the cluster scope"
    what = f"{who} resource {quoted(asked.combined)} in API group {quoted(asked.group)} {where}{tail}"
    title = qualified(asked.group, asked.resource)
    if asked.name:
        title += f" {quoted(asked.name)}"
    details = {"name": asked.name, "group": asked.group, "kind": asked.resource}
    return StatusError(
        403, "Forbidden", f"{title} is forbidden: {what}", {k: v for k, v in details.items() if v}
    )
