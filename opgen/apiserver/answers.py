"""From a request for a resource to its answer, verb by verb; `server` asks, the verbs' modules do the work."""

from __future__ import annotations

from dataclasses import replace

from opgen.apiserver import body, negotiation, reads, rendering, special, writes
from opgen.apiserver.context import Context
from opgen.apiserver.core import CoreStrategy
from opgen.apiserver.deletes import DEFINITIONS, Deleted, admit, delete
from opgen.apiserver.doubles import everywhere, seen_in_definition
from opgen.apiserver.message import JSONObject, RequestLike, Response, encode, header
from opgen.apiserver.negotiation import Form
from opgen.apiserver.options import check_timeout, read_delete_options, write_options
from opgen.apiserver.patches import check_format, patch
from opgen.apiserver.routing import Query, Route
from opgen.apiserver.status import StatusError
from opgen.apiserver.storage import Item
from opgen.apiserver.warned import headers, warned
from opgen.apiserver.watches import Watches
from opgen.apiserver.writes import Options, Written

_ORPHANED_PODS = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or "
    "set propagationPolicy=Orphan to suppress this warning"
)
_RETURNED = frozenset(
    (
        "/pods",
        "/services",
        "/persistentvolumeclaims",
        "/persistentvolumes",
        "/serviceaccounts",
        "/podtemplates",
        "/resourcequotas",
        "storage.k8s.io/csidrivers",
        "storage.k8s.io/csinodes",
        "storage.k8s.io/storageclasses",
        "storage.k8s.io/volumeattachments",
        "storage.k8s.io/volumeattributesclasses",
        "resource.k8s.io/deviceclasses",
        "resource.k8s.io/resourceclaims",
        "resource.k8s.io/resourceclaimtemplates",
        "resource.k8s.io/resourceslices",
    )
)


_CREATED_BY_PUT = frozenset(
    (
        "/endpoints",
        "/events",
        "/limitranges",
        "/services",
        "coordination.k8s.io/leases",
        "node.k8s.io/runtimeclasses",
        "rbac.authorization.k8s.io/clusterrolebindings",
        "rbac.authorization.k8s.io/clusterroles",
        "rbac.authorization.k8s.io/rolebindings",
        "rbac.authorization.k8s.io/roles",
    )
)


def answer(context: Context, watches: Watches, found: Route, request: RequestLike, query: Query) -> Response:
    """The answer to a request for a resource. Raises StatusError and Outside."""
    if found.verb != "watch":
        check_timeout(query)
    accept = header(request.headers, "accept")
    if found.verb == "patch":
        check_format(found.info, request)
    streams = found.verb in ("list", "watch")
    form = negotiation.accepted(accept, custom=found.info.custom, streams=streams)
    answered = special.respond(context, found, request, query, form)
    if answered is not None:
        return answered
    match found.verb:
        case "get":
            reads.check_version(query)
            return _object(writes.get_item(context, found), found, form)
        case "list":
            page = reads.list_page(context, found, query, reads.scope_of(found, query))
            return Response(200, headers(found), rendering.render_list(page, found.info, form))
        case "watch":
            return watches.open(found, query, form)
        case "create":
            return _create(context, found, request, query, form)
        case "update":
            return _update(context, found, request, query, form)
        case "patch":
            options = write_options(request, query)
            return _written(patch(context, found, request, options), found, form)
        case "delete":
            return _delete(context, found, request, query, form)
        case _:
            return _delete_collection(context, found, request, query, form)


def _create(context: Context, found: Route, request: RequestLike, query: Query, form: Form) -> Response:
    obj, options = _sent(context, found, request, query)
    obj = _addressed(context, found, obj, "", options)
    return _written(writes.create(context, found, obj, options), found, form)


def _sent(context: Context, found: Route, request: RequestLike, query: Query) -> tuple[JSONObject, Options]:
    """The object that a request sends, and the parameters of its write."""
    options, info = write_options(request, query), found.info
    obj = body.read_body(request, info)
    strategy = context.strategy(info)
    schema = strategy.schema if isinstance(strategy, CoreStrategy) else None
    seen = seen_in_definition if info.table == DEFINITIONS else everywhere
    doubles = body.doubles(request, obj, schema, seen)
    if doubles is not None:
        obj = doubles.data
        if doubles.told or doubles.lines:
            options = replace(options, doubles=doubles)
    return body.check_kind(obj, info), options


def _addressed(context: Context, found: Route, obj: JSONObject, name: str, options: Options) -> JSONObject:
    """The object with the path's namespace; what is wrong with the object itself is told before its address."""
    try:
        return body.check_address(obj, found.namespace, name, namespaced=found.info.namespaced)
    except StatusError:
        writes.read_strictly(context, found.info, obj, options)
        raise


def _update(context: Context, found: Route, request: RequestLike, query: Query, form: Form) -> Response:
    obj, options = _sent(context, found, request, query)
    obj = _addressed(context, found, obj, found.name, options)
    info = found.info
    if info.table in _CREATED_BY_PUT and context.store.get(info.table, found.namespace, found.name) is None:
        metadata = obj.get("metadata")
        version = metadata.get("resourceVersion") if isinstance(metadata, dict) else None
        if isinstance(version, str) and version.isdigit():
            obj = {**obj, "metadata": {**obj["metadata"], "resourceVersion": None}}
        return _written(writes.create(context, found, obj, options), found, form)
    return _written(writes.update(context, found, obj, options), found, form)


def _delete(context: Context, found: Route, request: RequestLike, query: Query, form: Form) -> Response:
    options = read_delete_options(request, query)
    info = found.info
    warnings = (_ORPHANED_PODS,) if info.table == "batch/jobs" and not options.propagation else ()
    with warned(*warnings):
        deleted = delete(context, info, found.namespace, found.name, options)
    if not deleted.gone or info.table in _RETURNED:
        status = 202 if options.accepts and not deleted.gone else 200
        return _object(deleted.item, found, form, warnings, status)
    return Response(200, headers(found, warnings), encode(_deleted_status(deleted, found)))


def _delete_collection(
    context: Context, found: Route, request: RequestLike, query: Query, form: Form
) -> Response:
    scope = reads.scope_of(found, query)
    options = read_delete_options(request, query)
    page = reads.list_page(context, found, query, scope)
    for item in page.items:  # all are admitted before the first one goes
        admit(context, found.info, item, options)
    for item in page.items:
        delete(context, found.info, item.namespace, item.name, options)
    warnings = (_ORPHANED_PODS,) if found.info.table == "batch/jobs" and not options.propagation else ()
    return Response(200, headers(found, warnings), rendering.render_list(page, found.info, form))


def _deleted_status(deleted: Deleted, found: Route) -> JSONObject:
    info = found.info
    details: JSONObject = {"name": found.name}
    if info.group:
        details["group"] = info.group
    details["kind"] = info.plural
    details["uid"] = deleted.item.obj["metadata"].get("uid", "")
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def _object(
    item: Item, found: Route, form: Form, warnings: tuple[str, ...] = (), status: int = 200
) -> Response:
    return Response(status, headers(found, warnings), rendering.render_object(item, found.info, form))


def _written(written: Written, found: Route, form: Form) -> Response:
    content = rendering.render_object(written.item, found.info, form)
    return Response(201 if written.created else 200, headers(found), content)
