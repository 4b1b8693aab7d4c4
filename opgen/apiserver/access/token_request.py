"""serviceaccounts/token: a token for a ServiceAccount, bound to a pod, node or secret if asked."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from opgen import coretypes
from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiserver.access.tokens import AUDIENCES
from opgen.apiserver.apply import managed
from opgen.apiserver.apply.managed import Writer
from opgen.apiserver.apply.types import object_node
from opgen.apiserver.context import Context
from opgen.apiserver.message import JSONObject
from opgen.apiserver.status import bad_request, conflict, invalid, not_found
from opgen.apiserver.storage import Item
from opgen.ir.schema import CoreRef

_GROUP, _KIND = "authentication.k8s.io", "TokenRequest"
_TYPE = CoreRef("authentication/v1", _KIND)
_SHORTEST, _LONGEST, _DEFAULT = 600, 2**32, 3600
_NO_STATUS: JSONObject = {"token": "", "expirationTimestamp": None}
_BOUND = {"Pod": "pods", "Secret": "secrets", "Node": "nodes"}


@dataclass(frozen=True, slots=True)
class Admission:
    """Mutating and validating admission of a request."""

    change: Callable[[JSONObject], JSONObject]
    check: Callable[[JSONObject], None]


def answer(
    context: Context,
    account: Item,
    asked: JSONObject,
    manager: str,
    admission: Admission,
) -> JSONObject:
    """The TokenRequest with its token. `account` is the stored ServiceAccount."""
    given: JSONObject = asked.get("metadata") or {}
    metadata = account.obj["metadata"]
    if given.get("name") and given["name"] != account.name:
        text = "must match the service account name if specified"
        error = FieldError("metadata.name", ErrorType.INVALID, text, given["name"])
        raise invalid(_GROUP, _KIND, account.name, [error])
    if given.get("uid") and given["uid"] != metadata["uid"]:
        why = (
            f"the UID in the token request ({given['uid']}) does not match the UID of the service account "
            f"({metadata['uid']})"
        )
        raise conflict(_GROUP, _KIND, account.name, why)
    spec: JSONObject = {**(asked.get("spec") or {})}
    seconds = spec["expirationSeconds"] = spec.get("expirationSeconds") or _DEFAULT
    entries = _entries(context, {**asked, "spec": {k: v for k, v in spec.items() if v}}, manager)
    head: JSONObject = {"kind": _KIND, "apiVersion": f"{_GROUP}/v1", "status": _NO_STATUS}
    own = {"namespace": account.namespace, **given, "managedFields": entries}
    asked = admission.change(
        {**head, "metadata": own, "spec": {"audiences": None, "boundObjectRef": None, **spec}}
    )
    spec = {**(asked.get("spec") or {})}
    seconds = spec.get("expirationSeconds") or seconds
    _check(seconds)
    told = {**spec, "audiences": spec.get("audiences") or list(AUDIENCES)}
    uid = context.call.once("uid", lambda: str(uuid.uuid4()))
    own = {**own, "name": account.name, "uid": uid, "creationTimestamp": context.timestamp()}
    admission.check({**head, "metadata": own, "spec": told})
    bound = _bound(context, account, spec.get("boundObjectRef"))
    audiences = spec.get("audiences") or list(AUDIENCES)
    token = context.tokens.issue(account, seconds, audiences, bound)
    return {
        "kind": _KIND,
        "apiVersion": f"{_GROUP}/v1",
        "metadata": {
            "name": account.name,
            "namespace": account.namespace,
            "uid": metadata["uid"],
            "creationTimestamp": context.timestamp(),
            "managedFields": entries,
        },
        "spec": {
            "audiences": audiences,
            "expirationSeconds": seconds,
            "boundObjectRef": spec.get("boundObjectRef"),
        },
        "status": {"token": token, "expirationTimestamp": context.timestamp(after=seconds)},
    }


def _entries(context: Context, asked: JSONObject, manager: str) -> Any:
    writer = Writer(manager, f"{_GROUP}/v1", "token", context.timestamp())
    bare = {key: value for key, value in asked.items() if key in ("kind", "apiVersion", "metadata", "spec")}
    bare["metadata"] = bare.get("metadata") or {}
    node = object_node(coretypes.lookup(_TYPE))
    entries: Any = managed.encode(managed.update(node, None, bare, writer, {}))
    return [{**entry, "fieldsV1": _without_selves(entry["fieldsV1"])} for entry in entries]


def _without_selves(fields: JSONObject) -> JSONObject:
    """Without the "." entries: the structs of this kind are always there."""
    return {name: _without_selves(inner) for name, inner in fields.items() if name != "."}


def _check(seconds: int) -> None:
    errors: list[FieldError] = []
    if seconds < _SHORTEST:
        text = "may not specify a duration less than 10 minutes"
        errors.append(FieldError("spec.expirationSeconds", ErrorType.INVALID, text, seconds))
    if seconds > _LONGEST:
        text = "may not specify a duration larger than 2^32 seconds"
        errors.append(FieldError("spec.expirationSeconds", ErrorType.INVALID, text, seconds))
    if errors:
        raise invalid(_GROUP, _KIND, "", errors)


def _bound(context: Context, account: Item, reference: JSONObject | None) -> Item | None:
    """The object that the token lives as long as."""
    if not reference:
        return None
    kind, version = str(reference.get("kind") or ""), str(reference.get("apiVersion") or "")
    name = str(reference.get("name") or "")
    if version != "v1" or kind not in _BOUND:
        shown = version if "/" in version else f"/{version}"
        raise bad_request(f"cannot bind token to object of type {shown}, Kind={kind}")
    namespace = "" if kind == "Node" else account.namespace
    held = context.store.get(f"/{_BOUND[kind]}", namespace, name)
    if held is None:
        raise not_found("", _BOUND[kind], name)
    if kind == "Pod" and (held.obj.get("spec") or {}).get("serviceAccountName") != account.name:
        raise bad_request(
            f'cannot bind token for serviceaccount "{account.name}" to pod running with different serviceaccount name.'
        )
    uid = held.obj["metadata"]["uid"]
    if reference.get("uid") and reference["uid"] != uid:
        why = (
            f"the UID in the bound object reference ({reference['uid']}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
        raise conflict("", kind, name, why)
    return held
