"""What doesn't follow the general course: namespaces' finalize, scale, eviction, binding, and what exists from
the beginning."""

from __future__ import annotations

from typing import Any

from opgen.apiserver import body, rendering, writes
from opgen.apiserver.context import Context
from opgen.apiserver.deletes import DeleteOptions, delete
from opgen.apiserver.message import JSONObject, RequestLike, Response, encode
from opgen.apiserver.negotiation import Form
from opgen.apiserver.routing import Query, Route
from opgen.apiserver.scale import respond_scale
from opgen.apiserver.status import bad_request, method_not_allowed

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


def review(request: RequestLike, parts: list[str]) -> Response | None:
    """Answers that are computed, not stored: who am I, and may I (always: there is no authorisation here)."""
    match parts:
        case [
            "apis",
            "authorization.k8s.io",
            "v1",
            "selfsubjectaccessreviews" | "subjectaccessreviews" as plural,
        ]:
            kind = "SelfSubjectAccessReview" if plural.startswith("self") else "SubjectAccessReview"
            return _reviewed(request, kind, "authorization.k8s.io/v1", {"allowed": True})
        case ["apis", "authentication.k8s.io", "v1", "selfsubjectreviews"]:
            groups = ["system:masters", "system:authenticated"]
            user = {"username": "admin", "uid": "admin", "groups": groups}
            return _reviewed(request, "SelfSubjectReview", "authentication.k8s.io/v1", {"userInfo": user})
        case _:
            return None


def _reviewed(request: RequestLike, kind: str, version: str, status: JSONObject) -> Response:
    if request.method != "POST":
        raise method_not_allowed()
    # kubectl asks in protobuf; the answer is the same whatever is asked, so nobody needs to read it.
    readable = body.media_type(request.headers) != "application/vnd.kubernetes.protobuf"
    try:
        asked: Any = body.parse_yaml((readable and request.body) or b"{}") or {}
    except body.ParseError as error:
        raise bad_request(str(error)) from None
    spec = asked.get("spec") if isinstance(asked, dict) else None
    answer: JSONObject = {"kind": kind, "apiVersion": version, "metadata": {}}
    if spec is not None:
        answer["spec"] = spec
    return Response(201, {"Content-Type": "application/json"}, encode({**answer, "status": status}))


def bootstrap(context: Context) -> None:
    """The namespaces that every cluster has."""
    info = context.registry.get("", "v1", "namespaces")
    assert info is not None
    for name in NAMESPACES:
        obj: JSONObject = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name}}
        writes.create(context, Route(info, "create"), obj, writes.Options(manager="kube-apiserver"))


def respond(
    context: Context, found: Route, request: RequestLike, query: Query, form: Form
) -> Response | None:
    """The answer to a request that isn't an ordinary one; None for all others."""
    match found.sub:
        case "scale":
            return respond_scale(context, found, request, query)
        case "eviction":
            deleted = delete(context, found.info, found.namespace, found.name, DeleteOptions())
            return _success(deleted.item.obj)
        case "binding":
            return _bind(context, found, request)
        case "token":
            return _token(found, request, context)
        case "finalize":
            return _finalize(context, found, request, form)
        case _:
            return None


def _success(obj: JSONObject) -> Response:
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return Response(201, {"Content-Type": "application/json"}, encode(status))


def _bind(context: Context, found: Route, request: RequestLike) -> Response:
    binding = body.read_body(request, found.info, "Binding")
    held = writes.get_item(context, found)
    node: Any = (binding.get("target") or {}).get("name")
    spec = {**held.obj["spec"], "nodeName": node}
    context.store.put(found.info.table, found.namespace, {**held.obj, "spec": spec})
    return _success(held.obj)


def _token(found: Route, request: RequestLike, context: Context) -> Response:
    asked = body.read_body(request, found.info, "TokenRequest")
    writes.get_item(context, found)
    status = {"token": f"{found.namespace}:{found.name}", "expirationTimestamp": context.timestamp()}
    answer = {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": found.name, "namespace": found.namespace},
        "spec": asked.get("spec") or {},
        "status": status,
    }
    return Response(201, {"Content-Type": "application/json"}, encode(answer))


def _finalize(context: Context, found: Route, request: RequestLike, form: Form) -> Response:
    asked = body.read_body(request, found.info)
    held = writes.get_item(context, found)
    spec = {**(held.obj.get("spec") or {})}
    spec.pop("finalizers", None)
    finalizers = (asked.get("spec") or {}).get("finalizers")
    if finalizers:
        spec["finalizers"] = finalizers
    item = context.store.put(found.info.table, "", {**held.obj, "spec": spec})
    return Response(
        200, {"Content-Type": "application/json"}, rendering.render_object(item, found.info, form)
    )
