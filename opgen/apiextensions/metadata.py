"""Reads metadata as the server does: into ObjectMeta and back, which drops and normalises what it doesn't know.

That happens to an object's own metadata and to that of embedded resources. A value of the wrong type is the
decoder's error, unknown fields are reported, empty ones vanish.
"""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.gojson import Abort, State
from opgen.apiextensions.gotext import bad_value, joined, written
from opgen.apiextensions.gotime import normalised
from opgen.apiextensions.memo import Marked
from opgen.apiextensions.metadata_decoding import OBJECT_META
from opgen.ir.schema import JSON, Schema

_OWNER = ("apiVersion", "kind", "name", "uid")


def read_metadata(value: JSON, path: str = "metadata") -> tuple[dict[str, Any], str, tuple[str, ...]]:
    """Metadata through ObjectMeta: what is left, the decoder's error or "", the paths of unknown fields."""
    decoded, state = _decode(value, path)
    if state.error or state.unknown:
        # The server decodes its own writing of it: keys in order, 2 for 2.0, which passes for an integer.
        decoded, state = _decode(_as_written(value), path)
    if state.error:
        return {}, state.error, ()
    unknown = tuple(text.removeprefix('unknown field "').removesuffix('"') for text in state.unknown)
    return _encode(decoded or {}), "", unknown


def _decode(value: JSON, path: str) -> tuple[dict[str, Any] | None, State]:
    state = State()
    state.path.append(path)
    try:
        return OBJECT_META.decode(state, value), state
    except Abort as abort:
        state.error = str(abort)
        return None, state


def _as_written(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_written(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    return written(value) if isinstance(value, float) else value


def _encode(meta: dict[str, Any]) -> dict[str, Any]:
    """ObjectMeta as it is written: without what is empty, times in UTC to the second."""
    written: dict[str, Any] = {}
    for key, value in meta.items():
        match key:
            case "ownerReferences":
                value = [_owner(owner) for owner in value]
            case "managedFields":
                value = [_managed(entry) for entry in value]
            case "finalizers":
                value = list(value)
            case "creationTimestamp":
                value = normalised(value)
            case "deletionTimestamp":
                written[key] = normalised(value)
                continue
            case "deletionGracePeriodSeconds":
                written[key] = value
                continue
        if value:
            written[key] = value
    return written


def _owner(owner: dict[str, Any]) -> dict[str, Any]:
    return {**dict.fromkeys(_OWNER, ""), **owner}


def _managed(entry: dict[str, Any]) -> dict[str, Any]:
    if "time" in entry:
        entry = {**entry, "time": normalised(entry["time"])}
    return {key: value for key, value in entry.items() if value or key in ("fieldsV1", "time")}


class Malformed(Exception):
    """An embedded resource whose type or metadata can't be decoded; the message is the server's."""

    def __init__(self, field: str, value: Any, detail: str) -> None:
        super().__init__(f"{field}: Invalid value: {_shown(value)}: {detail}")
        self.field = field
        self.value = value
        self.detail = detail


def coerce_embedded(schema: Schema | None, value: JSON) -> tuple[str, ...]:
    """Reads the type and metadata of every embedded resource in `value`, in place; the paths of unknown fields.

    Raises Malformed at the first that can't be read.
    """
    unknown: list[str] = []
    if schema is not None:
        marked = HOLDS_RESOURCES(schema)
        if marked:
            _coerce(schema, value, "", unknown, marked)
    return tuple(sorted(unknown))


HOLDS_RESOURCES = Marked(lambda schema: schema.x_embedded_resource)


def _coerce(schema: Schema, value: Any, path: str, unknown: list[str], marked: frozenset[int]) -> None:
    if isinstance(value, dict):
        if schema.x_embedded_resource:
            _coerce_resource(value, path, unknown)
        for key, item in value.items():
            below, place = child(schema, key, path)
            if below is not None and id(below) in marked:
                _coerce(below, item, place, unknown, marked)
    elif isinstance(value, list) and schema.items is not None and id(schema.items) in marked:
        for index, item in enumerate(value):
            _coerce(schema.items, item, f"{path}[{index}]", unknown, marked)


def child(schema: Schema, key: str, path: str) -> tuple[Schema | None, str]:
    """The schema of a field and its path: `path.key` if declared, `path[key]` by additionalProperties."""
    below = schema.properties.get(key)
    if below is not None:
        return below, joined(path, key)
    rest = schema.additional_properties
    return (rest, f"{path}[{key}]") if isinstance(rest, Schema) else (None, "")


def _coerce_resource(value: dict[str, Any], path: str, unknown: list[str]) -> None:
    prefix = f"{path}." if path else ""
    for key in ("apiVersion", "kind"):
        if key in value and not isinstance(value[key], str):
            raise Malformed(f"{prefix}{key}", value[key], "must be a string")
    if "metadata" in value:
        metadata, error, found = read_metadata(value["metadata"], f"{prefix}metadata")
        if error:
            raise Malformed(f"{prefix}metadata", value["metadata"], error)
        value["metadata"] = metadata
        unknown.extend(found)


def _shown(value: Any) -> str:
    return bad_value(value)
