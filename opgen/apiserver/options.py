"""The parameters of writes and deletes, read and checked."""

from __future__ import annotations

from typing import Any

from opgen.apiserver import body, protobuf
from opgen.apiserver.deletes import DeleteOptions, delete_options
from opgen.apiserver.message import JSONObject, RequestLike, encode, header
from opgen.apiserver.patches import APPLY
from opgen.apiserver.routing import Query
from opgen.apiserver.status import StatusError, bad_request
from opgen.apiserver.writes import Options

_MAX_MANAGER = 128


def write_options(request: RequestLike, query: Query) -> Options:
    """The options of a create, update or patch; raises 400 and 422 for those it doesn't know."""
    manager = query.get("fieldManager")
    applying = request.method == "PATCH" and body.media_type(request.headers) == APPLY
    if applying and not manager:
        raise _invalid_option("PatchOptions", "fieldManager", "Required value: is required for apply patch")
    if len(manager.encode()) > _MAX_MANAGER:
        text = f"Too long: may not be more than {_MAX_MANAGER} bytes"
        raise _invalid_option(_option_kind(request.method), "fieldManager", text)
    if not manager:
        agent = header(request.headers, "user-agent").partition("/")[0]
        manager = agent or "unknown"
    for position, character in enumerate(manager):
        if not character.isprintable():
            shown = encode(manager).decode().replace("\\u00", "\\x")
            text = (
                f"Invalid value: {shown}: invalid character U+{ord(character):04X} (at position {position})"
            )
            raise _invalid_option(_option_kind(request.method), "fieldManager", text)
    if request.method == "PATCH" and query.has("force") and not applying and query.flag("force"):
        raise _invalid_option("PatchOptions", "force", "Forbidden: may not be specified for non-apply patch")
    validation = query.get("fieldValidation") or "Warn"
    if validation not in ("Strict", "Warn", "Ignore"):
        text = f'Unsupported value: "{validation}": supported values: "", "Ignore", "Strict", "Warn"'
        raise _invalid_option(_option_kind(request.method), "fieldValidation", text)
    return Options(manager, _dry_run(request.method, query), validation, query.flag("force"))


def _option_kind(method: str) -> str:
    return {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions"}.get(
        method, "DeleteOptions"
    )


def _dry_run(method: str, query: Query) -> bool:
    value = query.get("dryRun")
    if not query.has("dryRun") or value == "All":
        return value == "All"
    text = f'Unsupported value: ["{value}"]: supported values: "All"'
    raise _invalid_option(_option_kind(method), "dryRun", text)


_REASONS = {
    "Required": "FieldValueRequired",
    "Forbidden": "FieldValueForbidden",
    "Too": "FieldValueTooLong",
    "Invalid": "FieldValueInvalid",
}


def _invalid_option(kind: str, field: str, text: str) -> StatusError:
    reason = _REASONS.get(text.partition(" ")[0].rstrip(":"), "FieldValueNotSupported")
    return StatusError(
        422,
        "Invalid",
        f'{kind}.meta.k8s.io "" is invalid: {field}: {text}',
        {
            "group": "meta.k8s.io",
            "kind": kind,
            "causes": [{"reason": reason, "message": text, "field": field}],
        },
    )


_DELETE_FIELDS: dict[str, tuple[type, str]] = {
    "gracePeriodSeconds": (int, "int64"),
    "preconditions": (dict, "v1.Preconditions"),
    "orphanDependents": (bool, "bool"),
    "propagationPolicy": (str, "v1.DeletionPropagation"),
    "dryRun": (list, "[]string"),
}


def _delete_body(data: Any) -> JSONObject | None:
    """The body of a DELETE, its fields of the types they must have; 400 otherwise."""
    if data is None:
        return None
    if not isinstance(data, dict):
        why = body.not_an_object(data)
        raise bad_request(f"couldn't get version/kind; json parse error: {why}")
    if data.get("kind") not in (None, "", "DeleteOptions"):
        kind, version = data["kind"], data.get("apiVersion") or "meta.k8s.io/v1"
        raise bad_request(
            f'no kind "{kind}" is registered for version "{version}" in scheme "pkg/runtime/scheme.go:111"'
        )
    for name, (wanted, shown) in _DELETE_FIELDS.items():
        value = data.get(name)
        if value is not None and (
            not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))
        ):
            raise bad_request(
                f"json: cannot unmarshal {body.json_type(value)} into Go struct field DeleteOptions.{name} "
                f"of type {shown}"
            )
    chosen = data.get("dryRun") or []
    if chosen and chosen != ["All"]:
        listed = encode(chosen).decode().replace(",", ", ")
        text = f'Unsupported value: {listed}: supported values: "All"'
        raise _invalid_option("DeleteOptions", "dryRun", text)
    return data


def read_delete_options(request: RequestLike, query: Query) -> DeleteOptions:
    """The options of a DELETE, from its body and its parameters."""
    data: Any = None
    if request.body:
        try:
            match body.media_type(request.headers):
                case protobuf.MEDIA_TYPE:
                    # Typed clients give the kind's own version here; the message is that of meta/v1.
                    data = protobuf.read(request.body, "meta/v1.DeleteOptions")
                case body.JSON:
                    data = body.parse_json(request.body)
                case _:
                    data = body.parse_yaml(request.body)
        except (body.ParseError, protobuf.MalformedError) as error:
            raise bad_request(f"couldn't get version/kind; json parse error: {error}") from None
        data = _delete_body(data)
    _dry_run("DELETE", query)
    options = delete_options(data, query.pairs)
    if data and data.get("orphanDependents") is not None and data.get("propagationPolicy"):
        text = f'Invalid value: "{options.propagation}": orphanDependents and deletionPropagation cannot be both set'
        raise _invalid_option("DeleteOptions", "propagationPolicy", text)
    if options.propagation not in ("", "Background", "Foreground", "Orphan"):
        text = (
            f'Unsupported value: "{options.propagation}": '
            'supported values: "Foreground", "Background", "Orphan", "nil"'
        )
        raise _invalid_option("DeleteOptions", "propagationPolicy", text)
    return options
