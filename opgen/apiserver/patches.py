"""PATCH: from the media type to one of the patch formats, and on to `writes`."""

from __future__ import annotations

from typing import Any

from opgen.apiserver import body
from opgen.apiserver.apply import managed
from opgen.apiserver.apply.managed import ApplyConflicts, Writer
from opgen.apiserver.apply.typed import StructureError
from opgen.apiserver.context import Context
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject, RequestLike
from opgen.apiserver.patch.json_patch import PatchError, PatchSyntaxError, json_patch
from opgen.apiserver.patch.merge import merge_patch
from opgen.apiserver.patch.strategic import StrategicPatchError, strategic_patch
from opgen.apiserver.routing import Route
from opgen.apiserver.status import (
    StatusError,
    bad_request,
    not_found,
    unprocessable_patch,
)
from opgen.apiserver.writes import Options, Written, create, get_item, managers_of, update

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def patch(context: Context, route: Route, request: RequestLike, options: Options) -> Written:
    """Do what a PATCH asks."""
    kind = body.media_type(request.headers)
    if kind not in _formats(route.info):
        raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    raw = request.body or b""
    if kind == APPLY:
        return _apply(context, route, raw, options)
    held = get_item(context, route)
    document = _for_patch(held.obj, route.info)
    patched = patch_document(context, route, kind, document, raw)
    return _store(context, route, patched, options)


def _formats(info: ResourceInfo) -> tuple[str, ...]:
    if info.custom:
        return (JSON_PATCH, MERGE, APPLY)
    return (JSON_PATCH, MERGE, STRATEGIC, APPLY)


def _for_patch(obj: JSONObject, info: ResourceInfo) -> JSONObject:
    if obj["apiVersion"] != info.api_version:
        return {**obj, "apiVersion": info.api_version}
    return obj


def patch_document(context: Context, route: Route, kind: str, document: JSONObject, raw: bytes) -> JSONObject:
    """The document after the patch; 400 or 422 where that can't be."""
    try:
        change = body.parse_json(raw)
    except body.ParseError as error:
        raise bad_request(f"error decoding patch: {error}") from None
    try:
        if kind == JSON_PATCH:
            result = json_patch(document, change)
        elif kind == MERGE:
            result = merge_patch(document, _mapping(change))
        else:
            result = strategic_patch(context.strategy(route.info).node, document, _mapping(change))
    except PatchSyntaxError as error:
        raise bad_request(f"error decoding patch: {error}") from None
    except PatchError:
        raise unprocessable_patch() from None
    except StrategicPatchError as error:
        raise bad_request(str(error)) from None
    if not isinstance(result, dict) or not isinstance(result.get("metadata"), dict):
        raise unprocessable_patch()
    return result


def _mapping(change: Any) -> JSONObject:
    if not isinstance(change, dict):
        name = {list: "array", str: "string", bool: "bool", int: "number", float: "number"}.get(type(change), "null")
        raise bad_request(
            f"error decoding patch: json: cannot unmarshal {name} into Go value of type map[string]interface {{}}"
        )
    return change


def _store(context: Context, route: Route, obj: JSONObject, options: Options) -> Written:
    obj = body.check_kind(obj, route.info)
    if obj["metadata"].get("name") != route.name:
        own = obj["metadata"].get("name") or ""
        raise bad_request(f"the name of the object ({own}) does not match the name on the URL ({route.name})")
    if route.info.namespaced and obj["metadata"].get("namespace") != route.namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    return update(context, route, obj, options)


def _apply(context: Context, route: Route, raw: bytes, options: Options) -> Written:
    """Server-side apply: creates the object where there is none."""
    info, strategy = route.info, context.strategy(route.info)
    config = _configuration(raw, info)
    config = body.check_address(config, route.namespace, route.name, namespaced=info.namespaced)
    if not config["metadata"].get("name"):
        config = {**config, "metadata": {**config["metadata"], "name": route.name}}
    held = context.store.get(info.table, route.namespace, route.name)
    if held is None and route.sub:
        raise not_found(info.group, info.plural, route.name)
    config, warnings = _pruned(context, route, config, options)
    if config["metadata"].get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    version = config["metadata"].get("resourceVersion")
    writer = Writer(
        options.manager, info.api_version, route.sub, context.timestamp(), strategy.ignored(route.sub)
    )
    live = None if held is None else _bare(_for_patch(held.obj, info))
    try:
        applied = managed.apply(
            strategy.node, live, config, writer, managers_of(held) if held else {}, force=options.force
        )
    except ApplyConflicts as conflicts:
        raise _conflict(info, conflicts) from None
    except StructureError as error:
        raise _untyped(config, info, error) from None
    if held is None:
        if version:
            raise not_found(info.group, info.plural, route.name)
        written = create(context, route, applied.obj, options, applied.managers)
    else:
        obj = applied.obj
        metadata = {**obj["metadata"], "resourceVersion": version or held.obj["metadata"]["resourceVersion"]}
        written = update(context, route, {**obj, "metadata": metadata}, options, managers=applied.managers)
    return Written(written.item, written.created, (*warnings, *written.warnings))


def _bare(obj: JSONObject) -> JSONObject:
    metadata = {k: v for k, v in obj["metadata"].items() if k != "managedFields"}
    return {**obj, "metadata": metadata}


def _configuration(raw: bytes, info: ResourceInfo) -> JSONObject:
    try:
        config = body.parse_yaml(raw)
    except body.ParseError as error:
        raise bad_request(f"error decoding YAML: {error}") from None
    if not isinstance(config, dict):
        raise bad_request("error decoding YAML: the patch is not an object")
    if not config.get("apiVersion") or not config.get("kind"):
        missing = "Object 'Kind' is missing" if not config.get("kind") else "Object 'apiVersion' is missing"
        raise bad_request(missing)
    if config["apiVersion"] != info.api_version or config["kind"] != info.kind:
        raise bad_request(
            f"invalid object type: {config['apiVersion']}, Kind={config['kind']}; expected {info.kind}"
        )
    return config


def _pruned(
    context: Context, route: Route, config: JSONObject, options: Options
) -> tuple[JSONObject, tuple[str, ...]]:
    return config, ()


def _conflict(info: ResourceInfo, conflicts: ApplyConflicts) -> StatusError:
    causes: list[JSONObject] = []
    texts: list[str] = []
    for found in sorted(conflicts.conflicts, key=lambda c: c.manager.name):
        manager = found.manager
        via = f" with subresource {manager.subresource!r}" if manager.subresource else ""
        via = via.replace("'", '"')
        using = f" using {manager.api_version}"
        time = f" at {manager.time}" if manager.time and manager.operation == "Update" else ""
        who = f'conflict with "{manager.name}"{via}{using}{time}'
        names = [managed.path_text(path) for path in found.paths]
        causes.extend({"reason": "FieldManagerConflict", "message": who, "field": name} for name in names)
        if len(names) == 1:
            texts.append(f"{who}: {names[0]}")
        else:
            texts.append(f"{who}:\n" + "\n".join(f"- {name}" for name in names))
    count = len(causes)
    noun = "conflict" if count == 1 else "conflicts"
    joined = "\n".join(texts) if len(texts) > 1 else texts[0]
    message = f"Apply failed with {count} {noun}: {joined}" if len(texts) == 1 else (
        f"Apply failed with {count} {noun}: " + "\n".join(texts)
    )
    return StatusError(409, "Conflict", message, {"causes": causes})


def _untyped(config: JSONObject, info: ResourceInfo, error: StructureError) -> StatusError:
    metadata = config["metadata"]
    where = f"{metadata.get('namespace')}/{metadata.get('name')}" if metadata.get("namespace") else metadata.get("name")
    return StatusError(
        500,
        "",
        f"failed to create typed patch object ({where}; {info.api_version}, Kind={info.kind}): {error}",
    )
