"""The down-conversion table: each construct of OpenAPI 3 and JSON Schema (drafts 4 to 2020-12) to a structural schema.

Works on raw data and makes raw data in the form of apiextensions v1. A construct that has no counterpart is an
error that names it and the remedy; one that only loses information is a warning. Positions follow along. The rows
are in `values`, `containers` and `junctors`.
"""

from __future__ import annotations

import difflib
from typing import Any

from opgen.documents import MAX_DEPTH, Position
from opgen.documents.origins import Path
from opgen.schema.openapi.containers import take_array, take_object
from opgen.schema.openapi.conversion import Conversion, Raw
from opgen.schema.openapi.junctors import take_junctors
from opgen.schema.openapi.keywords import well_formed
from opgen.schema.openapi.merging import merge_objects
from opgen.schema.openapi.values import (
    ANYTHING,
    note_cut_bounds,
    settle,
    take_bounds,
    take_multiple,
    take_type,
    take_values,
)

_KEPT = (
    "title",
    "description",
    "format",
    "nullable",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-map-type",
    "x-kubernetes-validations",
    "example",
    "default",
    "enum",
    "required",
)
_DROPPED = frozenset(
    {
        "$schema",
        "$id",
        "id",
        "$comment",
        "$anchor",
        "$defs",
        "definitions",
        "xml",
        "externalDocs",
        "examples",
        "readOnly",
        "writeOnly",
        "deprecated",
        "discriminator",
        "contentMediaType",
        "contentEncoding",
        "contentSchema",
        "additionalItems",
        "unevaluatedItems",
        "components",
        "openapi",
        "info",
        "paths",
        "servers",
        "tags",
        "security",
        "$vocabulary",
        "$dynamicAnchor",
        "$recursiveAnchor",
    }
)
_REFUSED = {
    "if": "write the condition as a CEL rule under `x-kubernetes-validations`",
    "then": "",
    "else": "",
    "dependentSchemas": "write the condition as a CEL rule under `x-kubernetes-validations`",
    "contains": "write it as a CEL rule: `self.exists(x, ...)`",
    "minContains": "",
    "maxContains": "",
    "$dynamicRef": "use `$ref`",
    "$recursiveRef": "use `$ref`",
}
_HANDLED = frozenset(
    {
        "$ref",
        "type",
        "properties",
        "items",
        "additionalProperties",
        "patternProperties",
        "propertyNames",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "const",
        "uniqueItems",
        "dependentRequired",
        "dependencies",
        "prefixItems",
        "unevaluatedProperties",
    }
)
_OPEN = "x-kubernetes-preserve-unknown-fields"
# What the author of a schema may say to be kept as it is, since no type can be given to it.
_UNTYPED = ("anyOf", "oneOf", "allOf", "not", "if", "items", "prefixItems", "dependentSchemas", "contains")

_MAX_NODES = 100_000


def convert(work: Conversion, raw: Any, path: Path, trail: tuple[str, ...] = ()) -> tuple[Raw, Position]:
    """`raw`, found at `path`, as a structural schema; `trail` holds the references that led here."""
    position = Position(work.origins.line(path))
    work.nodes += 1
    if work.nodes > _MAX_NODES or len(path) > 4 * MAX_DEPTH or len(trail) > MAX_DEPTH:
        if work.nodes == _MAX_NODES + 1 or work.nodes <= _MAX_NODES:
            work.problem(
                path,
                "the schema grows too large once its references are inlined",
                "put `x-kubernetes-preserve-unknown-fields: true` where any content may stand",
            )
            work.nodes = _MAX_NODES + 2
        return {}, position
    if raw is True or raw == {}:
        return dict(ANYTHING), position
    if not isinstance(raw, dict):
        work.problem(path, "`false` allows no value at all" if raw is False else "a schema is a mapping")
        return {}, position
    raw = well_formed(work, raw, path)
    if (
        raw.get(_OPEN) is True
        and "properties" not in raw
        and (isinstance(raw.get("type"), list) or any(key in raw for key in _UNTYPED))
    ):
        return _opened(work, raw, path), position
    if "$ref" in raw:
        return _inline(work, raw, path, trail)
    for key, hint in _REFUSED.items():
        if key in raw and hint:
            work.problem((*path, key), f"`{key}` has no counterpart in a custom resource definition", hint)
    _unknown_keys(work, raw, path)
    result: Raw = {key: raw[key] for key in _KEPT if key in raw}
    for key in result:
        position.children[key] = Position(work.origins.line((*path, key)))

    def descend(part: Any, where: Path) -> tuple[Raw, Position]:
        return convert(work, part, where, trail)

    take_values(work, raw, result, path)
    take_type(work, raw, result, path)
    take_bounds(result)
    note_cut_bounds(work, result, path)
    take_multiple(work, result, path)
    take_object(work, raw, result, position, path, descend)
    take_array(work, raw, result, position, path, descend)
    take_junctors(work, raw, result, position, path, descend)
    settle(raw, result)
    return result, position


def _opened(work: Conversion, raw: Raw, path: Path) -> Raw:
    """Any content, since the schema says so itself beside what has no counterpart."""
    _unknown_keys(work, raw, path)
    kept = ("title", "description", "default", "example", "nullable")
    result: Raw = {key: raw[key] for key in kept if key in raw}
    if result.get("default", ...) is None:
        del result["default"]
    if raw.get("type") == "object":
        result["type"] = "object"
    return {**result, _OPEN: True}


def _unknown_keys(work: Conversion, raw: Raw, path: Path) -> None:
    """Other keywords say nothing to anybody (JSON Schema); one that looks like a slip of the pen stops the user."""
    known = _DROPPED | _HANDLED | _REFUSED.keys() | set(_KEPT)
    for key in raw:
        if key in known or key.startswith("x-"):
            continue
        close = difflib.get_close_matches(key, sorted(known), n=1, cutoff=0.85)
        message = f"`{key}` is not a keyword of OpenAPI 3 or JSON Schema"
        if close:
            work.problem((*path, key), message, f"did you mean `{close[0]}`?")
        else:
            work.note((*path, key), f"{message}: it is left out")


def _inline(work: Conversion, raw: Raw, path: Path, trail: tuple[str, ...]) -> tuple[Raw, Position]:
    ref = raw["$ref"]
    position = Position(work.origins.line(path))
    target = work.references.resolve(ref, path)
    if target is None:
        inside = ref.startswith("#")
        where = "nowhere" if inside else "out of this document"
        hint = "" if inside else "bundle the document first"
        work.problem((*path, "$ref"), f"`$ref: {ref}` leads {where}", hint)
        return {}, position
    name = "#" + "".join(f"/{_escaped(step)}" for step in target.path)
    if name in trail and raw.get(_OPEN) is True:
        return _opened(work, raw, path), position
    if name in trail:
        cycle = " -> ".join([*trail[trail.index(name) :], name])
        work.problem(
            (*path, "$ref"),
            f"the schema contains itself: {cycle}",
            f"break the cycle with `{_OPEN}: true` beside one `$ref`, or on the list that holds it",
        )
        return {}, position
    siblings = {k: v for k, v in raw.items() if k != "$ref" and k not in _DROPPED}
    base, lines = convert(work, target.data, target.path, (*trail, name))
    if not siblings:
        return base, lines
    extra, extra_lines = convert(
        work, {**siblings, **({} if "type" in siblings else {"type": "object"})}, path, trail
    )
    if "type" not in siblings:
        extra.pop("type", None)
        extra.pop("x-kubernetes-preserve-unknown-fields", None)
    for conflict in merge_objects(base, extra):
        work.problem(path, conflict, "siblings of `$ref` are merged into what it names")
    if siblings.get("nullable") is True:
        base["nullable"] = True  # as OpenAPI 3.0 documents mean it, although the type named has no null
    # What is said of this field goes before what is said of its type.
    base.update({key: extra[key] for key in ("title", "description", "default", "example") if key in extra})
    if raw.get(_OPEN) is True and base.get("type", "object") == "object":
        base[_OPEN] = True
    lines.children.update(extra_lines.children)
    return base, lines


def _escaped(step: str | int) -> str:
    """A step of a path as JSON pointers spell it."""
    return str(step).replace("~", "~0").replace("/", "~1")
