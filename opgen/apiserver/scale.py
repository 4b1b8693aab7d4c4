"""The scale subresource: an object's replicas in the form of autoscaling/v1 Scale."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from opgen.apiserver import body, subresources, writes
from opgen.apiserver.apply import managed
from opgen.apiserver.apply.fieldset import FieldSet
from opgen.apiserver.apply.managed import Managers, Writer
from opgen.apiserver.context import Context
from opgen.apiserver.conversion import served
from opgen.apiserver.jsonpath import find
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject, RequestLike, Response, encode
from opgen.apiserver.options import write_options
from opgen.apiserver.patches import patch_document, unfit
from opgen.apiserver.routing import Query, Route
from opgen.apiserver.status import StatusError, bad_request, modified
from opgen.apiserver.storage import Item
from opgen.apiserver.tracking import managers_of
from opgen.apiserver.writes import Options
from opgen.ir.definition import Scale as Paths

_CORE = Paths(".spec.replicas", ".status.replicas", ".spec.selector")


def _paths(info: ResourceInfo) -> Paths:
    version = info.definition.version(info.version) if info.definition is not None else None
    return (version.scale if version is not None else None) or _CORE


def shown(item: Item, info: ResourceInfo) -> JSONObject:
    """The object whose scale it is, in the version that is asked for."""
    return served(item, info) if info.custom else item.obj


def _number(obj: JSONObject, path: str) -> int:
    found = find(obj, path)
    return found[0] if found and isinstance(found[0], int) else 0


def _selector(obj: JSONObject, paths: Paths, info: ResourceInfo) -> str:
    if not paths.label_selector_path:
        return ""
    found: Any = (find(obj, paths.label_selector_path) or [""])[0]
    if isinstance(found, str):
        return found
    labels = (
        found.get("matchLabels") or {} if "matchLabels" in found or "matchExpressions" in found else found
    )
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels))


def to_scale(obj: JSONObject, info: ResourceInfo) -> JSONObject:
    """An object's scale."""
    paths = _paths(info)
    metadata = {
        name: obj["metadata"][name]
        for name in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
        if name in obj["metadata"]
    }
    replicas = _number(obj, paths.spec_replicas_path)
    status: JSONObject = {"replicas": _number(obj, paths.status_replicas_path)}
    selector = _selector(obj, paths, info)
    if selector:
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": metadata,
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def respond_scale(context: Context, found: Route, request: RequestLike, query: Query) -> Response:
    """GET, PUT and PATCH of a scale."""
    obj = shown(writes.get_item(context, found), found.info)
    if found.verb == "get":
        return _answer(obj, found.info)
    options = write_options(request, query)
    old = {**to_scale(obj, found.info)}
    if found.verb == "update":
        wanted = body.read_body(request, found.info, "Scale")
    else:
        kind = body.media_type(request.headers)
        whole = replace(found, subresource=None)
        wanted = patch_document(context, whole, kind, to_scale(obj, found.info), request.body or b"")
    _check_count(found, wanted)
    info = found.info
    if context.admission.concerns("mutating", context.call, info):
        wanted, before = _managed(context, found, subresources.read(context, found, wanted), old, options)
        wanted = subresources.changed(context, found, wanted, before, dry_run=options.dry_run)

    def check(new: JSONObject, held: JSONObject) -> None:
        pair = to_scale(new, info), to_scale(held, info)
        subresources.check(context, found, *pair, dry_run=options.dry_run)

    return _answer(_scaled(context, found, obj, wanted, options, check), found.info)


def _managed(
    context: Context, found: Route, wanted: JSONObject, old: JSONObject, options: Options
) -> tuple[JSONObject, JSONObject]:
    """The new scale and the old one with their managers: those of the replicas, as managers of a scale."""
    path = [f"f:{name}" for name in _paths(found.info).spec_replicas_path.strip(".").split(".")]
    before: Managers = {}
    for manager in managers_of(writes.get_item(context, found)).values():
        if _owns(manager.fields, path):
            mine = replace(manager, api_version=_VERSION, fields=_REPLICAS)
            before[mine.name, mine.operation, _VERSION, mine.subresource] = mine
    writer = Writer(options.manager, _VERSION, "scale", context.timestamp())
    node = context.strategy(subresources.shape_of(context, found)).node
    after = managed.update(node, old, wanted, writer, before)

    def shown(scale: JSONObject, managers: Managers) -> JSONObject:
        metadata = {**scale["metadata"], "managedFields": managed.encode(managers)}
        return {**scale, "metadata": metadata} if managers else scale

    return shown(wanted, after), shown(old, before)


def _owns(fields: FieldSet, path: list[str]) -> bool:
    for name in path:
        if name not in fields:
            return False
        fields = fields[name]
    return True


_VERSION = "autoscaling/v1"
_REPLICAS: FieldSet = {"f:spec": {"f:replicas": {}}}


def _check_count(found: Route, wanted: JSONObject) -> None:
    """Refuse a scale whose count is no number."""
    spec, metadata = wanted.get("spec") or {}, wanted.get("metadata") or {}
    replicas = spec.get("replicas", 0) if isinstance(spec, dict) and isinstance(metadata, dict) else None
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        why = (
            f"json: cannot unmarshal {body.json_type(replicas)} into Go struct field ScaleSpec.spec.replicas of type "
            "int32"
        )
        if found.verb == "patch":
            raise unfit(wanted, why)
        raise bad_request(f'Scale in version "v1" cannot be handled as a Scale: {why}')


def _scaled(
    context: Context,
    found: Route,
    obj: JSONObject,
    wanted: JSONObject,
    options: Options,
    check: Callable[[JSONObject, JSONObject], None],
) -> JSONObject:
    info = found.info
    metadata: JSONObject = wanted.get("metadata") or {}
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    if metadata.get("name") != found.name:
        given = metadata.get("name")
        if not given:
            raise bad_request(
                f"the name of the object ({found.name} based on URL) was undeterminable: name must be provided"
            )
        raise bad_request(
            f"the name of the object ({given}) does not match the name on the URL ({found.name})"
        )
    if replicas < 0 and not info.custom:
        raise StatusError(
            422,
            "Invalid",
            f'Scale.autoscaling "{found.name}" is invalid: spec.replicas: Invalid value: {replicas}: must be '
            "greater than or equal to 0",
            {
                "name": found.name,
                "group": "autoscaling",
                "kind": "Scale",
                "causes": [
                    {
                        "reason": "FieldValueInvalid",
                        "message": f"Invalid value: {replicas}: must be greater than or equal to 0",
                        "field": "spec.replicas",
                    }
                ],
            },
        )
    version = metadata.get("resourceVersion")
    if version and version != obj["metadata"]["resourceVersion"]:
        raise modified(info.group, info.plural, found.name)
    changed = copy.deepcopy(obj)
    target: Any = changed
    *parents, last = _paths(info).spec_replicas_path.strip(".").split(".")
    for name in parents:
        target = target.setdefault(name, {})
    target[last] = replicas
    whole = replace(found, subresource=None)
    obj = {**changed, "apiVersion": info.api_version}
    if info.custom and found.verb == "update" and not wanted.get("apiVersion"):
        # The real server notes nobody as the one who scaled a custom resource by a scale without a version.
        held = writes.get_item(context, found)
        others = {who: owned for who, owned in managers_of(held).items() if "scale" not in who}
        return writes.update(context, whole, obj, options, managers=others, check=check).item.obj
    return writes.update(context, whole, obj, options, through="scale", check=check).item.obj


def _answer(obj: JSONObject, info: ResourceInfo) -> Response:
    return Response(200, {"Content-Type": "application/json"}, encode(to_scale(obj, info)))
