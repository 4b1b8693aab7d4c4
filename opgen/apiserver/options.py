"""The parameters of writes and deletes, read and checked."""

from __future__ import annotations

import re
from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiextensions.gotext import quote
from opgen.apiserver import body, protobuf
from opgen.apiserver.deletes import DeleteOptions, delete_options
from opgen.apiserver.message import JSONObject, RequestLike, header
from opgen.apiserver.patches import APPLY
from opgen.apiserver.reads import integer
from opgen.apiserver.routing import Query
from opgen.apiserver.status import bad_request, invalid
from opgen.apiserver.writes import Options
from opgen.ir.schema import JSON

_MAX_MANAGER = 128


_DURATION = re.compile(r"[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+\Z")


def check_timeout(query: Query) -> None:
    """Raise 400 for a `timeout` that is no duration; this server answers at once."""
    text = query.get("timeout")
    if not text or text == "0" or _DURATION.match(text):
        return
    number = re.match(r"[+-]?[0-9]*\.?[0-9]*", text)
    rest = text[number.end() :] if number else text
    why = f"invalid duration {quote(text)}"
    if number and number.group().strip("+-."):
        unit = re.match(r"[^0-9.]*", rest)
        why = f"missing unit in duration {quote(text)}"
        if unit and unit.group():
            why = f"unknown unit {quote(unit.group())} in duration {quote(text)}"
    raise bad_request(f"invalid timeout specified in the request URL - time: {why}")


def write_options(request: RequestLike, query: Query) -> Options:
    """The options of a create, update or patch; raises 422 for those it doesn't know, all in one answer."""
    given = query.get("fieldManager")
    validation = query.get("fieldValidation")
    errors: list[FieldError] = []
    if request.method == "PATCH":
        if body.media_type(request.headers) != APPLY:
            if query.has("force"):
                text = "may not be specified for non-apply patch"
                errors.append(FieldError("force", ErrorType.FORBIDDEN, text))
        elif not given:
            errors.append(FieldError("fieldManager", ErrorType.REQUIRED, "is required for apply patch"))
    manager = given or header(request.headers, "user-agent").partition("/")[0] or "unknown"
    errors += _manager_errors(given)
    errors += _dry_run_errors(query.all("dryRun"))
    if validation not in ("", "Ignore", "Strict", "Warn"):
        errors.append(_unsupported("fieldValidation", validation, '"", "Ignore", "Strict", "Warn"'))
    if errors:
        raise invalid("meta.k8s.io", _OPTIONS[request.method], "", errors)
    if not given:
        manager = "".join(character for character in manager if character.isprintable())
    return Options(manager, bool(query.all("dryRun")), validation or "Warn", query.flag("force"))


_OPTIONS = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions"}


def _manager_errors(manager: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if len(manager.encode()) > _MAX_MANAGER:
        text = f"may not be more than {_MAX_MANAGER} bytes"
        errors.append(FieldError("fieldManager", ErrorType.TOO_LONG, text))
    position = 0
    for character in manager:
        if not character.isprintable():
            text = f"invalid character U+{ord(character):04X} (at position {position})"
            errors.append(FieldError("fieldManager", ErrorType.INVALID, text, manager))
        position += len(character.encode("utf-8", "replace"))
    return errors


def _dry_run_errors(values: list[str]) -> list[FieldError]:
    return [] if set(values) <= {"All"} else [_unsupported("dryRun", [*values], '"All"')]


def _unsupported(field: str, value: JSON, known: str) -> FieldError:
    return FieldError(field, ErrorType.NOT_SUPPORTED, f"supported values: {known}", value)


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
    options = data if data is not None else _delete_parameters(query)
    errors: list[FieldError] = []
    propagation = options.get("propagationPolicy")
    if propagation is not None:
        if options.get("orphanDependents") is not None:
            text = "orphanDependents and deletionPropagation cannot be both set"
            errors.append(FieldError("propagationPolicy", ErrorType.INVALID, text, propagation))
        if propagation not in ("Foreground", "Background", "Orphan"):
            known = '"Foreground", "Background", "Orphan", "nil"'
            errors.append(_unsupported("propagationPolicy", propagation, known))
    errors += _dry_run_errors(options.get("dryRun") or [])
    if errors:
        raise invalid("meta.k8s.io", "DeleteOptions", "", errors)
    return delete_options(options)


def _delete_parameters(query: Query) -> JSONObject:
    """The options that stand in the query; they count only where there is no body. Raises 400."""
    found: JSONObject = {"dryRun": query.all("dryRun")}
    if query.has("gracePeriodSeconds"):
        found["gracePeriodSeconds"] = integer(query.get("gracePeriodSeconds"))
    if query.has("orphanDependents"):
        found["orphanDependents"] = query.flag("orphanDependents")
    if query.has("propagationPolicy"):
        found["propagationPolicy"] = query.get("propagationPolicy")
    return found
