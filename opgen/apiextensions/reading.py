"""What the server makes of an object before it judges it: decoded, pruned, defaulted.

The object is copied; numbers and texts become what Go's JSON decoder makes of them. `objects` reviews the result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from opgen.apiextensions.defaulting import apply_defaults
from opgen.apiextensions.embedded import group_version_error
from opgen.apiextensions.gotext import number_literal, sound, typed
from opgen.apiextensions.metadata import Malformed, coerce_embedded, read_metadata
from opgen.apiextensions.pruning import prune, prune_nulls
from opgen.ir.definition import Definition
from opgen.ir.schema import JSON, Schema

MAX_DEPTH = 200  # Python's stack; the server stops at 10,000


@dataclass(frozen=True, slots=True)
class Reading:
    """The object as the server holds it, or the decoder's `error`; `unknown` are the paths of dropped fields."""

    obj: dict[str, JSON]
    error: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def strict_error(self) -> str:
        """What fieldValidation=Strict says of the dropped fields, "" if there are none."""
        if not self.unknown:
            return ""
        return f"strict decoding error: {', '.join(unknown_field(path) for path in self.unknown)}"


def unknown_field(path: str) -> str:
    """A dropped field, as a warning or part of an error."""
    return f'unknown field "{path}"'


def read_object(definition: Definition, obj: JSON, version: str | None = None) -> Reading:
    """Decodes, prunes and defaults an object of the kind, by the schema of the version that it names.

    `version` is the one that the request goes to, which has to be the object's; None takes any. `error` holds
    what makes the server answer 400. An object of another group, kind or version is not pruned: `objects` says
    what is wrong with it.
    """
    try:
        copy = _copy(obj, 0)
    except _Unfit as unfit:
        return Reading({}, str(unfit))
    if not isinstance(copy, dict):
        return Reading(
            {}, "couldn't get version/kind; json parse error: json: cannot unmarshal into an object"
        )
    wanted = f"{definition.group}/{version}"
    for key in ("apiVersion", "kind"):
        if key in copy and not isinstance(copy[key], str):
            return Reading({}, f".{key} accessor error: {typed(copy[key])}, expected string")
    if not copy.get("kind"):
        return Reading({}, "Object 'Kind' is missing")
    if version is not None and copy.get("apiVersion") != wanted:
        found = copy.get("apiVersion", "")
        text = f"the API version in the data ({found}) does not match the expected API version ({wanted})"
        return Reading({}, text)
    return _read(definition, copy)


def through_storage(definition: Definition, obj: dict[str, JSON], version: str) -> dict[str, JSON]:
    """What the server answers to a write of `obj` that it took: the object once it was in its storage version.

    Fields that the storage version does not have are lost on the way, and that version's defaults come anew. Where
    a webhook converts, the object is answered as it is.
    """
    storage = definition.storage_version
    if storage is None or (definition.conversion is not None and definition.conversion.strategy == "Webhook"):
        return obj
    stored = as_stored(definition, obj)
    return stored if storage.name == version else in_version(definition, stored, version)


def as_stored(definition: Definition, obj: dict[str, JSON]) -> dict[str, JSON]:
    """An object of any version in the storage version, as it is read back: pruned, and with that version's defaults."""
    storage = definition.storage_version
    if storage is None:
        return obj
    stored = in_version(definition, obj, storage.name)
    apply_defaults(storage.schema, stored)
    return stored


def in_version(definition: Definition, obj: dict[str, JSON], version: str) -> dict[str, JSON]:
    """An object in another version, where nothing but the apiVersion is converted: pruned, without defaults."""
    copy: dict[str, Any] = _copy(obj, 0)
    copy["apiVersion"] = f"{definition.group}/{version}"
    _coerce(definition, copy)
    return copy


def _read(definition: Definition, obj: dict[str, Any]) -> Reading:
    error, unknown, schema = _coerce(definition, obj)
    if error:
        return Reading({}, error)
    if schema is not None:
        apply_defaults(schema, obj)
    return Reading(obj, "", tuple(unknown))


def _coerce(definition: Definition, obj: dict[str, Any]) -> tuple[str, list[str], Schema | None]:
    """Prunes the object and its metadata: the error or "", the paths of what went, its schema if it is of the kind."""
    unknown: list[str] = []
    metadata: dict[str, Any] | None = None
    if "metadata" in obj:
        metadata, error, found = read_metadata(obj["metadata"])
        if error:
            return error, [], None
        unknown.extend(found)
    api_version = obj.get("apiVersion", "")
    error = group_version_error(api_version)
    if error:
        return error, [], None
    group, _, own_version = api_version.rpartition("/")
    served = definition.version(own_version)
    ours = served is not None and group == definition.group and obj["kind"] == definition.names.kind
    schema = served.schema if served is not None else None
    if ours and not definition.preserve_unknown_fields:
        unknown.extend(prune(schema, obj))
        prune_nulls(schema, obj)
    if ours:
        try:
            unknown.extend(coerce_embedded(schema, obj))
        except Malformed as malformed:
            return str(malformed), [], None
    if metadata is not None:
        obj["metadata"] = metadata
    return "", unknown, schema if ours else None


class _Unfit(Exception):
    """The data is not JSON, or nested too deeply."""


def _copy(value: Any, depth: int) -> Any:
    """A copy in which integers beyond 64 bits are floats and lone surrogates U+FFFD."""
    kind = type(value)
    if kind is str:
        return sound(value)
    if kind is bool or value is None:
        return value
    if kind is int:
        return value if -(1 << 63) <= value < 1 << 63 else _as_float(value)
    if kind is float:
        if not math.isfinite(value):
            raise _Unfit(f"json: unsupported value: {value}")
        return value
    if depth > MAX_DEPTH:
        raise _Unfit(f"exceeded max depth: opgen reads {MAX_DEPTH} levels of nesting")
    if kind is dict:
        copied = {}
        for key, item in value.items():
            if type(key) is not str:
                raise _Unfit("json: object keys must be strings")
            copied[sound(key)] = _copy(item, depth + 1)
        return copied
    if kind is list:
        return [_copy(item, depth + 1) for item in value]
    raise _Unfit(f"json: unsupported type: {kind.__name__}")


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        text = f"json: cannot unmarshal number {number_literal(value)} into Go value of type float64"
        raise _Unfit(text) from None
