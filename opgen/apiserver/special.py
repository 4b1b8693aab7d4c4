"""What doesn't follow the general course: namespaces' finalize, scale, eviction, binding, and what exists from
the beginning."""

from __future__ import annotations

from typing import Any

from opgen.apiserver import body, rendering, writes
from opgen.apiserver.access import reviews, token_request
from opgen.apiserver.builtin import REVIEWS
from opgen.apiserver.context import Context
from opgen.apiserver.deletes import DeleteOptions, delete
from opgen.apiserver.message import JSONObject, RequestLike, Response, encode, json_response
from opgen.apiserver.negotiation import Form
from opgen.apiserver.options import write_options
from opgen.apiserver.routing import Query, Route
from opgen.apiserver.scale import respond_scale
from opgen.apiserver.status import bad_request

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


def _reviewed(context: Context, found: Route, request: RequestLike, query: Query) -> Response:
    """The answer to a question that is sent as an object."""
    info, options = found.info, write_options(request, query)
    obj = body.check_kind(body.read_body(request, info), info)
    obj = body.check_address(obj, found.namespace, "", namespaced=info.namespaced)
    obj, _ = context.strategy(info).decode(obj, options.field_validation)
    answer = reviews.answer(context, info, obj, found.namespace, options.manager)
    return json_response(answer, 201)


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
            return _token(context, found, request, query)
        case "finalize":
            return _finalize(context, found, request, form)
        case "" if found.info.group in REVIEWS:
            return _reviewed(context, found, request, query)
        case _:
            return None


def _success(obj: JSONObject) -> Response:
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return Response(201, {"Content-Type": "application/json"}, encode(status))


def _bind(context: Context, found: Route, request: RequestLike) -> Response:
    binding = body.read_body(request, found.info, "Binding")
    held = writes.get_item(context, found)
    target: Any = binding.get("target")
    node: Any = target.get("name") if isinstance(target, dict) else None
    if not isinstance(node, str) or not node:
        raise bad_request('Binding in version "v1" cannot be handled as a Binding: it has no target.name')
    spec = {**held.obj["spec"], "nodeName": node}
    context.store.put(found.info.table, found.namespace, {**held.obj, "spec": spec})
    return _success(held.obj)


def _token(context: Context, found: Route, request: RequestLike, query: Query) -> Response:
    asked = body.read_body(request, found.info, "TokenRequest")
    asked = body.check_address(asked, found.namespace, "", namespaced=True)
    account = writes.get_item(context, found)
    manager = write_options(request, query).manager
    return json_response(token_request.answer(context, account, asked, manager), 201)


def _finalize(context: Context, found: Route, request: RequestLike, form: Form) -> Response:
    asked, _ = context.strategy(found.info).decode(body.read_body(request, found.info), "Ignore")
    held = writes.get_item(context, found)
    spec = {**(held.obj.get("spec") or {})}
    spec.pop("finalizers", None)
    finalizers = (asked.get("spec") or {}).get("finalizers")
    if finalizers:
        spec["finalizers"] = finalizers
    item = context.store.update(found.info.table, "", {**held.obj, "spec": spec})
    return Response(
        200, {"Content-Type": "application/json"}, rendering.render_object(item, found.info, form)
    )
