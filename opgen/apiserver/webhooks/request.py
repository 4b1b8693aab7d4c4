"""A write as admission tells it to webhooks and policies, and how it is refused."""

from __future__ import annotations

from opgen.apiserver.call import Call
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.status import StatusError
from opgen.apiserver.webhooks.matching import Write

_OPTIONS = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}


def review_request(call: Call, write: Write, info: ResourceInfo) -> JSONObject:
    """The request of a review, without its uid. `info` is the resource in whose version it is told."""
    own = write.info
    kind, own_kind = write.shape or info, write.shape or own
    found: JSONObject = {
        "kind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "resource": {"group": info.group, "version": info.version, "resource": info.plural},
    }
    if write.subresource:
        found["subResource"] = write.subresource
    found["requestKind"] = {"group": own_kind.group, "version": own_kind.version, "kind": own_kind.kind}
    found["requestResource"] = {"group": own.group, "version": own.version, "resource": own.plural}
    if write.subresource:
        found["requestSubResource"] = write.subresource
    if write.name:
        found["name"] = write.name
    if write.namespace:
        found["namespace"] = write.namespace
    found["operation"] = write.operation
    found["userInfo"] = call.user.info()
    found["object"] = write.seen(write.obj, info)
    found["oldObject"] = write.seen(write.old, info)
    found["dryRun"] = write.dry_run
    found["options"] = _options(call, write)
    return found


def _options(call: Call, write: Write) -> JSONObject:
    options: JSONObject = {"kind": _OPTIONS[write.operation], "apiVersion": "meta.k8s.io/v1"}
    if write.dry_run:
        options["dryRun"] = ["All"]
    options |= write.options
    if write.operation != "DELETE":
        for name in ("fieldManager", "fieldValidation"):
            if call.query.get(name):
                options[name] = call.query[name]
    return options


def forbidden(write: Write, why: str) -> StatusError:
    """403 for a write, named as far as its name is known."""
    details = {"name": _name(write), "group": write.info.group, "kind": write.info.plural}
    title = f'{write.info.qualified} "{details["name"]}"'
    shown = {key: value for key, value in details.items() if value}
    return StatusError(403, "Forbidden", f"{title} is forbidden: {why}", shown)


def _name(write: Write) -> str:
    if write.name or write.obj is None:
        return write.name or "Unknown"
    metadata = write.obj.get("metadata") or {}
    return str(metadata.get("name") or metadata.get("generateName") or "Unknown")
