"""The parameters of writes and deletes, read and checked."""

from __future__ import annotations

from typing import Any

from opgen.apiserver import body, protobuf
from opgen.apiserver.deletes import DeleteOptions, delete_options
from opgen.apiserver.message import RequestLike, header
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
    if query.has("force") and not applying and query.flag("force"):
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
    if value in ("", "All"):
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
        if data is not None and not isinstance(data, dict):
            raise bad_request("couldn't get version/kind; json parse error: not an object")
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
