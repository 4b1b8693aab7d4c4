"""What doesn't follow the general course: namespaces' finalize, scale, eviction, binding, and what exists from
the beginning."""

from __future__ import annotations

from opgen.apiserver import body, rendering, subresources, writes
from opgen.apiserver.access import reviews, token_request
from opgen.apiserver.builtin import REVIEWS
from opgen.apiserver.context import Context
from opgen.apiserver.deletes import delete, delete_options
from opgen.apiserver.message import JSONObject, RequestLike, Response, encode, json_response
from opgen.apiserver.negotiation import Form
from opgen.apiserver.options import write_options
from opgen.apiserver.routing import Query, Route
from opgen.apiserver.scale import respond_scale
from opgen.apiserver.status import StatusError, aggregate, bad_request, conflict

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


def _reviewed(context: Context, found: Route, request: RequestLike, query: Query) -> Response:
    """The answer to a question that is sent as an object."""
    info, options = found.info, write_options(request, query)
    obj = body.check_kind(body.read_body(request, info), info)
    obj = body.check_address(obj, found.namespace, "", namespaced=info.namespaced)
    obj, _ = context.strategy(info).decode(obj, options.field_validation)
    obj = writes.admitted(context, found, obj, None, options)
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
            return _evict(context, found, request, query)
        case "binding":
            return _bind(context, found, request, query)
        case "token":
            return _token(context, found, request, query)
        case "finalize":
            return _finalize(context, found, request, query, form)
        case "" if found.info.group in REVIEWS:
            return _reviewed(context, found, request, query)
        case _:
            return None


def _success() -> Response:
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return Response(201, {"Content-Type": "application/json"}, encode(status))


def _created(context: Context, found: Route, request: RequestLike, query: Query, kind: str) -> JSONObject:
    """What is created at a subresource, after mutating admission."""
    options = write_options(request, query)
    sent = body.check_address(
        body.read_body(request, found.info, kind), found.namespace, "", namespaced=found.info.namespaced
    )
    obj = subresources.read(context, found, sent, options.field_validation)
    return subresources.created(context, found, obj, options.manager, dry_run=options.dry_run)


def _named(found: Route, obj: JSONObject) -> None:
    if (obj.get("metadata") or {}).get("name") != found.name:
        raise bad_request(f"name in URL does not match name in {obj['kind']} object")


def _evict(context: Context, found: Route, request: RequestLike, query: Query) -> Response:
    eviction = _created(context, found, request, query, "Eviction")
    _named(found, eviction)
    dry_run = write_options(request, query).dry_run
    given = eviction.get("deleteOptions")
    if dry_run and given is not None and not given.get("dryRun"):
        eviction["deleteOptions"] = {**given, "dryRun": ["All"]}
    subresources.check(context, found, eviction, None, dry_run=dry_run)
    options = delete_options(eviction.get("deleteOptions"), {"dryRun": "All"} if dry_run else {})
    delete(context, found.info, found.namespace, found.name, options, admitted=True)
    return _success()


def _bind(context: Context, found: Route, request: RequestLike, query: Query) -> Response:
    binding = _created(context, found, request, query, "Binding")
    _named(found, binding)
    target: JSONObject = binding.get("target") or {}
    node = target.get("name") or ""
    wrong = []  # the real server takes these for failures of its own
    if target.get("kind") not in (None, "", "Node"):
        known = 'supported values: "Node", "<empty>"'
        wrong.append(f'target.kind: Unsupported value: "{target["kind"]}": {known}')
    if not node:
        wrong.append("target.name: Required value")
    if wrong:
        raise StatusError(500, "", aggregate(wrong))
    dry_run = write_options(request, query).dry_run
    subresources.check(context, found, binding, None, dry_run=dry_run)
    held = writes.get_item(context, found)
    spec = held.obj["spec"]
    if spec.get("nodeName"):
        why = f'pod {found.name} is already assigned to node "{spec["nodeName"]}"'
        raise conflict("", "pods/binding", found.name, why)
    if not dry_run:
        obj = {**held.obj, "spec": {**spec, "nodeName": node}}
        context.store.put(found.info.table, found.namespace, obj)
    return _success()


def _token(context: Context, found: Route, request: RequestLike, query: Query) -> Response:
    asked = body.read_body(request, found.info, "TokenRequest")
    asked = body.check_address(asked, found.namespace, "", namespaced=True)
    account = writes.get_item(context, found)
    options = write_options(request, query)

    def change(obj: JSONObject) -> JSONObject:
        return subresources.changed(context, found, obj, None, dry_run=options.dry_run)

    def check(obj: JSONObject) -> None:
        subresources.check(context, found, obj, None, dry_run=options.dry_run)

    admission = token_request.Admission(change, check)
    return json_response(token_request.answer(context, account, asked, options.manager, admission), 201)


def _finalize(context: Context, found: Route, request: RequestLike, query: Query, form: Form) -> Response:
    options = write_options(request, query)
    asked, _ = context.strategy(found.info).decode(body.read_body(request, found.info), "Ignore")
    held = writes.get_item(context, found)
    asked = writes.admitted(context, found, asked, held.obj, options)
    spec = {**(held.obj.get("spec") or {})}
    spec.pop("finalizers", None)
    finalizers = (asked.get("spec") or {}).get("finalizers")
    if finalizers:
        spec["finalizers"] = finalizers
    item = context.store.update(found.info.table, "", {**held.obj, "spec": spec})
    return Response(
        200, {"Content-Type": "application/json"}, rendering.render_object(item, found.info, form)
    )
