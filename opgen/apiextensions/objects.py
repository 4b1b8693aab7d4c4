"""Reviews a custom resource as kube-apiserver does: `review_object`, and `check_object` for one that was read.

The stages, in the server's order: `reading` (decode, prune, default), the type, metadata, the schema, scale's
fields, embedded resources, list types, and rules (CEL), which run only if nothing before makes them meaningless.
What the API server's storage does around it (names, generation, dropping the status of a create) is not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opgen.apiextensions import cel
from opgen.apiextensions.cel.correlation import Correlated
from opgen.apiextensions.complaints import text
from opgen.apiextensions.embedded import validate_embedded
from opgen.apiextensions.errors import ErrorType, FieldError, Verdict
from opgen.apiextensions.gotext import plain_numbers
from opgen.apiextensions.listtypes import validate_list_types
from opgen.apiextensions.names import path_segment
from opgen.apiextensions.objectmeta import (
    finalizer_warnings,
    validate_metadata,
    validate_metadata_update,
)
from opgen.apiextensions.ratcheting import validate_update
from opgen.apiextensions.reading import read_object, unknown_field
from opgen.apiextensions.scale import validate_scale_spec, validate_scale_status
from opgen.apiextensions.settling import settled
from opgen.apiextensions.validation import validate
from opgen.ir.definition import Definition, Version
from opgen.ir.schema import JSON, Schema

_BLOCKING = frozenset(
    (
        ErrorType.NOT_SUPPORTED,
        ErrorType.REQUIRED,
        ErrorType.TOO_LONG,
        ErrorType.TOO_MANY,
        ErrorType.TYPE_INVALID,
    )
)
_NOT_CHECKED = FieldError(
    "<nil>",
    ErrorType.INVALID,
    "some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation",
)


def review_object(
    definition: Definition,
    obj: JSON,
    old: JSON | None = None,
    version: str | None = None,
    *,
    subresource: str = "",
    field_validation: str = "Strict",
) -> Verdict:
    """What the API server would say of `obj`, created or, with `old`, updated.

    `version` is the one that the request goes to; None takes the object's own. The object is judged whole, its
    status included; on update, `subresource` "" takes the status (where it is a subresource) and "status" takes
    all else from `old`. Under `field_validation` Strict unknown fields refuse the object (`decode` has the
    text), under Warn they are warnings, under Ignore nothing. Nothing given is changed.
    """
    reading = read_object(definition, obj, version)
    if reading.error:
        return Verdict(False, decode=reading.error)
    if reading.unknown and field_validation == "Strict":
        return Verdict(False, decode=reading.strict_error)
    warnings = tuple(map(unknown_field, reading.unknown)) if field_validation == "Warn" else ()
    new: dict[str, Any] = reading.obj
    if "metadata" in new:
        metadata, told = settled(new["metadata"])
        new, warnings = {**new, "metadata": metadata}, warnings + told
    stored: dict[str, Any] | None = None
    served = definition.version(version or new.get("apiVersion", "").rpartition("/")[2])
    if old is not None:
        before = read_object(definition, old, version)
        if before.error:
            return Verdict(False, decode=before.error)
        stored = before.obj
        new = _combined(new, stored, served, subresource)
    found = judge_object(definition, new, stored, version, subresource=subresource)
    warnings += found.warnings
    errors = found.errors
    if old is not None:
        # The server holds the metadata of an update to the rules of all objects too, but for those of names.
        metadata = _named(new.get("metadata") or {}, definition)
        common = validate_metadata(metadata, namespaced=definition.namespaced, rule=path_segment)
        errors = (*(error for error in common if error not in errors), *errors)
    if errors:
        return Verdict(False, errors, warnings=warnings, unchecked=found.unchecked)
    return Verdict(True, warnings=warnings, unchecked=found.unchecked, stored=plain_numbers(new))


def _combined(
    new: dict[str, Any], old: dict[str, Any], version: Version | None, subresource: str
) -> dict[str, Any]:
    """The object that an update means: a writer of one part leaves the others as they were."""
    if version is None or not version.status_subresource:
        return new
    taken, other = (old, new) if subresource == "status" else (new, old)
    combined = {key: value for key, value in taken.items() if key != "status"}
    if "status" in other:
        combined["status"] = other["status"]
    return combined


def check_object(
    definition: Definition,
    obj: dict[str, Any],
    old: dict[str, Any] | None = None,
    version: str | None = None,
    *,
    subresource: str = "",
) -> tuple[tuple[FieldError, ...], tuple[str, ...]]:
    """The errors of an object that `read_object` has read, and the rules that could not be run here."""
    found = judge_object(definition, obj, old, version, subresource=subresource)
    return found.errors, found.unchecked


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with an object; `unchecked` are the rules that could not be run here.

    `forgiven` are those of the warnings that the server gives of failed rules, whether or not it takes the object.
    """

    errors: tuple[FieldError, ...] = ()
    unchecked: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    forgiven: tuple[str, ...] = ()


def judge_object(
    definition: Definition,
    obj: dict[str, Any],
    old: dict[str, Any] | None = None,
    version: str | None = None,
    *,
    subresource: str = "",
) -> Judgement:
    """As `check_object`, with the warnings of the server: odd finalizers, failed rules that an update is forgiven."""
    before = None if old is None else old.get("metadata") or {}
    warnings = finalizer_warnings(obj.get("metadata") or {}, before)
    api_version, kind = obj.get("apiVersion", ""), obj.get("kind", "")
    served = definition.version(version or api_version.rpartition("/")[2])
    name = version or (served.name if served is not None else _storage_name(definition))
    mistyped = _type_errors(definition, name, api_version, kind)
    schema = None if served is None else served.schema
    pair = None if schema is None or old is None else Correlated(obj, old, schema)
    if served is not None and subresource == "status" and old is not None:
        errors = mistyped or _status_errors(served, obj, old, pair)
    else:
        errors = mistyped or _object_errors(definition, served, obj, old, pair)
        errors += validate_embedded(schema, obj)
    errors += _list_errors(schema, obj, old)
    if schema is None or not cel.has_rules(schema):
        return Judgement(errors, warnings=warnings)
    if any(error.type in _BLOCKING for error in errors):
        return Judgement((*errors, _NOT_CHECKED), warnings=warnings)
    rules = cel.validate(schema, obj, old, has_old=old is not None)
    forgiven = tuple(dict.fromkeys(map(text, rules.forgiven)))
    return Judgement((*errors, *rules.errors), rules.unchecked, (*warnings, *forgiven), forgiven)


def _object_errors(
    definition: Definition,
    version: Version | None,
    obj: dict[str, Any],
    old: dict[str, Any] | None,
    pair: Correlated | None,
) -> tuple[FieldError, ...]:
    metadata = obj.get("metadata") or {}
    schema, scale = (None, None) if version is None else (version.schema, version.scale)
    if old is None:
        errors = validate_metadata(_named(metadata, definition), namespaced=definition.namespaced)
        if schema is not None:
            errors += validate(schema, obj)
    else:
        errors = validate_metadata_update(metadata, old.get("metadata") or {})
        if schema is not None:
            errors += validate_update(schema, pair, obj)
    return errors + validate_scale_spec(scale, obj) + validate_scale_status(scale, obj)


def _status_errors(
    version: Version, obj: dict[str, Any], old: dict[str, Any], pair: Correlated | None
) -> tuple[FieldError, ...]:
    errors = validate_metadata_update(obj.get("metadata") or {}, old.get("metadata") or {})
    schema = None if version.schema is None else version.schema.properties.get("status")
    if schema is not None and "status" in obj:
        below = None if pair is None else pair.key("status")
        errors += _status_schema_errors(schema, below, obj["status"], old.get("status"))
    return errors + validate_scale_status(version.scale, obj)


def _status_schema_errors(
    schema: Schema, pair: Correlated | None, status: JSON, old: JSON
) -> tuple[FieldError, ...]:
    """Where there was no status, the new one is paired with nothing, as the server does."""
    return validate_update(schema, pair or Correlated(status, old, schema), status, "status")


def _list_errors(
    schema: Schema | None, obj: dict[str, Any], old: dict[str, Any] | None
) -> tuple[FieldError, ...]:
    """Errors of list types; an update of an object that has some is not held to them."""
    if old is not None and validate_list_types(schema, old):
        return ()
    return validate_list_types(schema, obj)


def _type_errors(definition: Definition, version: str, api_version: str, kind: str) -> tuple[FieldError, ...]:
    errors = []
    if kind != definition.names.kind:
        errors.append(FieldError("kind", ErrorType.INVALID, f"must be {definition.names.kind}", kind))
    wanted = f"{definition.group}/{version}"
    if api_version != wanted:
        errors.append(FieldError("apiVersion", ErrorType.INVALID, f"must be {wanted}", api_version))
    return tuple(errors)


def _storage_name(definition: Definition) -> str:
    storage = definition.storage_version
    return "" if storage is None else storage.name


def _named(metadata: dict[str, Any], definition: Definition) -> dict[str, Any]:
    """Metadata as it is once the request's path has given the namespace and the server has made a name."""
    filled = metadata
    if not metadata.get("name") and metadata.get("generateName"):
        filled = {**filled, "name": f"{metadata['generateName'][:58]}xxxxx"}
    if definition.namespaced and not metadata.get("namespace"):
        filled = {**filled, "namespace": "default"}
    return filled
