"""PATCH: from the media type to one of the patch formats, and on to `writes`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiserver import body
from opgen.apiserver.apply import managed
from opgen.apiserver.apply.managed import ApplyConflicts, Manager, Managers, Writer
from opgen.apiserver.apply.typed import StructureError, plain_text
from opgen.apiserver.context import Context
from opgen.apiserver.conversion import served
from opgen.apiserver.core import CoreStrategy
from opgen.apiserver.doubles import Doubles
from opgen.apiserver.doubles import find as find_doubles
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject, RequestLike, encode, encode_sorted
from opgen.apiserver.patch.json_patch import PatchError, PatchSyntaxError, check_operations, json_patch
from opgen.apiserver.patch.merge import merge_patch
from opgen.apiserver.patch.restore import problem
from opgen.apiserver.patch.strategic import StrategicFormatError, StrategicPatchError, strategic_patch
from opgen.apiserver.routing import Route
from opgen.apiserver.status import (
    StatusError,
    bad_request,
    conflict,
    invalid,
    not_found,
    unprocessable_patch,
    unsupported_media_type,
)
from opgen.apiserver.tracking import fits_versions, managers_of
from opgen.apiserver.writes import (
    Options,
    Written,
    create,
    get_item,
    read_strictly,
    update,
)
from opgen.ir.schema import Schema

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
_BAD_REQUEST = 400


def patch(context: Context, route: Route, request: RequestLike, options: Options) -> Written:
    """Do what a PATCH asks."""
    kind = check_format(route.info, request)
    raw = request.body or b""
    if kind == APPLY:
        return _apply(context, route, raw, options)
    held = get_item(context, route)
    _refuse_revision(route.info, held.obj)
    document = served(held, route.info)
    patched = patch_document(context, route, kind, document, raw)
    doubles = _strict_findings(kind, raw) if options.field_validation != "Ignore" else None
    if doubles is not None:
        options = replace(options, doubles=doubles)
    try:
        return _store(context, route, patched, options)
    except _Misfit as misfit:
        if kind == STRATEGIC:
            raise _unrestored(context, route, patched, raw, misfit.why) from None
        raise unfit(patched, misfit.why, sort=True) from None


def check_format(info: ResourceInfo, request: RequestLike) -> str:
    """The patch's media type; 415 for one that the kind doesn't take."""
    kind = body.media_type(request.headers)
    if kind in _formats(info):
        return kind
    if info.custom:
        raise unsupported_media_type(_formats(info))
    raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def _refuse_revision(info: ResourceInfo, obj: JSONObject) -> None:
    """A ControllerRevision's data never compares equal after a patch in the real server, so none is taken."""
    if info.table == "apps/controllerrevisions":
        data = obj.get("data") or {}
        error = FieldError("data", ErrorType.INVALID, "field is immutable", data)
        raise invalid(info.group, info.kind, obj["metadata"]["name"], [error])


def _formats(info: ResourceInfo) -> tuple[str, ...]:
    if info.custom:
        return (JSON_PATCH, MERGE, APPLY)
    return (JSON_PATCH, MERGE, STRATEGIC, APPLY)


def patch_document(
    context: Context,
    route: Route,
    kind: str,
    document: JSONObject,
    raw: bytes,
) -> JSONObject:
    """The document after the patch; 400 or 422 where that can't be."""
    try:
        change = body.parse_json(raw)
    except body.ParseError as error:
        raise bad_request(f"error decoding patch: {error}") from None
    try:
        if kind == JSON_PATCH:
            check_operations(change)
            result = json_patch(document, change)
        elif kind == MERGE:
            result = merge_patch(document, _mapping(change))
        else:
            result = strategic_patch(context.strategy(route.info).node, document, _mapping(change, ""))
    except PatchSyntaxError as error:
        raise bad_request(f"error decoding patch: {error}") from None
    except PatchError:
        raise unprocessable_patch() from None
    except StrategicFormatError as error:
        raise bad_request(str(error)) from None
    except StrategicPatchError as error:
        raise StatusError(500, "", str(error)) from None
    if not isinstance(result, dict):
        raise unprocessable_patch()
    return result


def _strict_findings(kind: str, raw: bytes) -> Doubles | None:
    """What strict decoding says of the patch itself."""
    change = body.parse_json(raw)
    if kind != JSON_PATCH:
        return find_doubles(raw, change)
    found = find_doubles(raw, change, _OPERATIONS)
    told = [f"json patch {text}" for text in found.told] if found is not None else check_operations(change)
    return Doubles(change, list(told)) if told else None


_OPERATIONS = Schema(
    type="array",
    items=Schema(type="object", properties=dict.fromkeys(("op", "path", "from", "value"), Schema())),
)


def _mapping(change: Any, prefix: str = "error decoding patch: ") -> JSONObject:
    if not isinstance(change, dict):
        name = {list: "array", str: "string", bool: "bool", int: "number", float: "number"}.get(
            type(change), "null"
        )
        raise bad_request(
            f"{prefix}json: cannot unmarshal {name} into Go value of type map[string]interface {{}}"
        )
    return change


class _Misfit(Exception):
    """A patched object that the kind's decoder refuses."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _unrestored(context: Context, route: Route, patched: JSONObject, raw: bytes, why: str) -> StatusError:
    """422 for a strategic merge patch that makes no object of its kind; quotes the patch."""
    strategy = context.strategy(route.info)
    schema = strategy.schema if isinstance(strategy, CoreStrategy) else None
    why = (problem(patched, schema) if schema is not None else "") or why
    shown = encode(plain_text(body.parse_json(raw))).decode()
    text = f"Invalid value: {shown}: {why}"
    causes = [{"reason": "FieldValueInvalid", "message": text, "field": "patch"}]
    return StatusError(422, "Invalid", f' "" is invalid: patch: {text}', {"causes": causes})


def _store(context: Context, route: Route, obj: JSONObject, options: Options) -> Written:
    info = route.info
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("name"):
        raise _nameless(route)
    for key in ("apiVersion", "kind"):
        value = obj.get(key)
        if value is not None and not isinstance(value, str):
            what = body.json_type(value)
            why = f"json: cannot unmarshal {what} into Go struct field .{key} of type string"
            raise unfit(obj, f"couldn't get version/kind; json parse error: {why}", sort=True)
    if info.custom and obj.get("apiVersion") != info.api_version:
        raise _other_version(obj, info, str(metadata["name"]))
    obj = body.check_kind(obj, info)
    try:
        read = read_strictly(context, info, obj, options)
    except StatusError as error:
        why = error.message.partition(f"cannot be handled as a {info.kind}: ")[2]
        raise _Misfit(why or error.message) from None
    name = metadata["name"]
    if name != route.name:
        raise bad_request(
            f"the name of the object ({name}) does not match the name on the URL ({route.name})"
        )
    if info.namespaced and metadata.get("namespace") != route.namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    return update(context, route, read, options, decoded=True)


def _nameless(route: Route) -> StatusError:
    return bad_request(
        f"the name of the object ({route.name} based on URL) was undeterminable: name must be provided"
    )


def _other_version(obj: JSONObject, info: ResourceInfo, name: str) -> StatusError:
    """A patch that changes apiVersion; named by what it says, as the real server does."""
    given = str(obj.get("apiVersion") or "")
    error = FieldError("apiVersion", ErrorType.INVALID, f"must be {info.api_version}", given)
    return invalid(given.rpartition("/")[0], str(obj.get("kind") or ""), name, [error])


def unfit(obj: JSONObject, why: str, *, sort: bool = False) -> StatusError:
    """422 for a patch, with the object that it would make quoted."""
    quoted = (encode_sorted if sort else encode)(obj).decode()
    text = f"Invalid value: {encode(quoted).decode()}: {why}"
    causes = [{"reason": "FieldValueInvalid", "message": text, "field": "patch"}]
    return StatusError(422, "Invalid", f' "" is invalid: patch: {text}', {"causes": causes})


def _apply(context: Context, route: Route, raw: bytes, options: Options) -> Written:
    """Server-side apply: creates the object where there is none."""
    info, strategy = route.info, context.strategy(route.info)
    config = sent = _configuration(raw, info)
    if not isinstance(config.get("metadata") or {}, dict):
        raise bad_request("error decoding YAML: metadata is not an object")
    given = config.get("metadata") or {}
    config = _addressed(config, route)
    held = context.store.get(info.table, route.namespace, route.name)
    if held is not None:
        _refuse_revision(info, held.obj)
    if held is None and route.sub:
        raise not_found(info.group, info.plural, route.name)
    if config["metadata"].get("managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")
    version = config["metadata"].get("resourceVersion")
    writer = Writer(
        options.manager, info.api_version, route.sub, context.timestamp(), strategy.ignored(route.sub)
    )
    live = None if held is None else _bare(served(held, info))
    managers = managers_of(held) if held is not None else {}
    try:
        fits_versions(context, info, managers, live)
    except StructureError as error:
        raise StatusError(500, "", str(error)) from None
    try:
        applied = managed.apply(strategy.node, live, config, writer, managers, force=options.force)
    except ApplyConflicts as conflicts:
        raise _conflict(conflicts) from None
    except StructureError as error:
        raise _untyped(given, info, error) from None
    _check_versions(context, info, managers, writer, applied.obj)
    _told(context, raw, sent, options)
    obj = applied.obj
    name = obj["metadata"].get("name")
    try:
        if name != route.name:
            strategy.decode(obj, options.field_validation)
            raise _misnamed(route, name) if name else _nameless(route)
        if held is None:
            uid = obj["metadata"].get("uid")
            if uid:
                why = (
                    f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
                )
                raise conflict(info.group, info.plural, route.name, why)
            return create(context, route, obj, options, applied.managers)
        metadata = {**obj["metadata"], "resourceVersion": version or held.obj["metadata"]["resourceVersion"]}
        return update(context, route, {**obj, "metadata": metadata}, options, managers=applied.managers)
    except StatusError as error:
        raise _unconverted(given, info, error) from None


def _check_versions(
    context: Context, info: ResourceInfo, managers: Managers, writer: Writer, merged: JSONObject
) -> None:
    """500 where the object has fields that versions of its managers don't have: the applier's last one counts first."""
    mine = (writer.name, "Apply", "", writer.subresource)
    last = {who: manager for who, manager in managers.items() if who == mine and manager.fields}
    try:
        fits_versions(context, info, last, merged)
    except StructureError as error:
        why = f"failed to prune fields: failed to convert merged object to last applied version: {error}"
        raise StatusError(500, "", why) from None
    try:
        fits_versions(context, info, {who: m for who, m in managers.items() if who != mine}, merged)
    except StructureError as error:
        raise StatusError(500, "", str(error)) from None


def _told(context: Context, raw: bytes, config: JSONObject, options: Options) -> None:
    """Refuse or warn of what a configuration has twice."""
    doubles = body.yaml_doubles(raw, config) if options.field_validation != "Ignore" else None
    if doubles is not None and options.field_validation == "Strict":
        why = doubles.errors()
        raise bad_request(f"error strict decoding YAML: error converting YAML to JSON: {why}")
    if doubles is not None:
        context.call.warnings.extend(doubles.warnings())


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
    version, kind = str(config.get("apiVersion") or ""), str(config.get("kind") or "")
    if version != info.api_version or kind != info.kind:
        shown = version if "/" in version else f"/{version}"
        raise bad_request(f"invalid object type: {shown}, Kind={kind}")
    return config


def _addressed(config: JSONObject, route: Route) -> JSONObject:
    """The configuration with the path's namespace, where it has none of its own."""
    metadata = dict(config.get("metadata") or {})
    if route.info.namespaced:
        if (metadata.get("namespace") or route.namespace) != route.namespace:
            raise bad_request(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        metadata["namespace"] = route.namespace
    return {**config, "metadata": metadata}


def _conflict(conflicts: ApplyConflicts) -> StatusError:
    """409 with one cause for each field; the message groups them by their managers."""
    causes: list[JSONObject] = []
    fields: dict[str, list[str]] = {}
    for found in conflicts.conflicts:
        fields.setdefault(_who(found.manager), []).extend(managed.path_text(path) for path in found.paths)
    for who in sorted(fields):
        causes.extend(
            {"reason": "FieldManagerConflict", "message": f"conflict with {who}", "field": name}
            for name in fields[who]
        )
    if len(causes) == 1:
        text = f"1 conflict: {causes[0]['message']}: {causes[0]['field']}"
    else:
        groups = ["\n- ".join([f"conflicts with {who}:", *fields[who]]) for who in sorted(fields)]
        text = f"{len(causes)} conflicts: " + "\n".join(groups)
    return StatusError(409, "Conflict", f"Apply failed with {text}", {"causes": causes})


def _who(manager: Manager) -> str:
    via = f' with subresource "{manager.subresource}"' if manager.subresource else ""
    if manager.operation == "Apply":
        return f'"{manager.name}"{via}'
    return f'"{manager.name}"{via} using {manager.api_version}'


def _misnamed(route: Route, name: object) -> StatusError:
    return bad_request(f"the name of the object ({name}) does not match the name on the URL ({route.name})")


def _unconverted(given: JSONObject, info: ResourceInfo, error: StatusError) -> StatusError:
    """The error itself, unless the decoder complains: what is applied has been looked at before, so that is a 500."""
    _, misfit, why = error.message.partition(f"cannot be handled as a {info.kind}: ")
    if not misfit or error.code != _BAD_REQUEST or info.custom:
        return error
    if why.startswith("illegal base64"):
        why = f"error decoding from json: {why}"
    kind = f"{info.api_version if '/' in info.api_version else f'/{info.api_version}'}, Kind={info.kind}"
    text = (
        f"failed to convert new object ({_place(given)}; {kind}) to proper version: unable to convert unstructured "
        f"object to {kind}: {why}"
    )
    return StatusError(500, "", text)


def _place(given: JSONObject) -> str:
    return f"{given.get('namespace') or ''}/{given.get('name') or ''}"


def _untyped(given: JSONObject, info: ResourceInfo, error: StructureError) -> StatusError:
    version = info.api_version if "/" in info.api_version else f"/{info.api_version}"
    text = f"failed to create typed patch object ({_place(given)}; {version}, Kind={info.kind}): {error}"
    return StatusError(500, "", text)
