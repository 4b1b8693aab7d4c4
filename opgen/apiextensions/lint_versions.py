"""Lints of whole versions: what gets lost between them, and what kubectl, scale and status writers do not get."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opgen.apiextensions import lint_codes as codes
from opgen.apiextensions.lint_objects import Finding, keeps_rest
from opgen.ir.definition import Definition, Version
from opgen.ir.schema import Schema

_STEP = re.compile(r"\.([^.\[\]\\'\"*]+)|\[(?:'([^']*)'|\"([^\"]*)\")\]|\[(\*|-?\d+|\?\([^)]*\))\]")
_OF_EVERY_OBJECT = ("apiVersion", "kind", "metadata")
_SHOWN = 3


def versions(definition: Definition) -> Iterator[Finding]:
    """The findings about the versions of a definition."""
    if not any(version.served for version in definition.versions):
        yield codes.NOT_SERVED, "spec.versions", "no version is served, so the kind can't be used"
    for index, version in enumerate(definition.versions):
        path = f"spec.versions[{index}]"
        yield from _status(version, path)
        yield from _columns(version, path)
        yield from _scale(version, path)
    yield from _lost(definition)


def _status(version: Version, path: str) -> Iterator[Finding]:
    declared = version.schema is not None and "status" in version.schema.properties
    if declared and not version.status_subresource:
        where = f"{path}.schema.openAPIV3Schema.properties[status]"
        yield codes.STATUS_WITHOUT_SUBRESOURCE, where, "a status is declared, but not the status subresource"


def _columns(version: Version, path: str) -> Iterator[Finding]:
    for index, column in enumerate(version.printer_columns):
        missing = _undeclared(version.schema, column.json_path)
        if missing:
            where = f"{path}.additionalPrinterColumns[{index}].jsonPath"
            yield (
                codes.EMPTY_COLUMN,
                where,
                f"column {column.name} is always empty: {missing} is not declared",
            )


def _scale(version: Version, path: str) -> Iterator[Finding]:
    if version.scale is None:
        return
    scale = version.scale
    for name, json_path, wanted in (
        ("specReplicasPath", scale.spec_replicas_path, "integer"),
        ("statusReplicasPath", scale.status_replicas_path, "integer"),
        ("labelSelectorPath", scale.label_selector_path or "", "string"),
    ):
        if not json_path:
            continue
        where = f"{path}.subresources.scale.{name}"
        missing = _undeclared(version.schema, json_path)
        if missing:
            yield codes.SCALE_UNDECLARED, where, f"{json_path} is not declared"
            continue
        found = _declared(version.schema, json_path)
        if found is not None and found.type not in ("", wanted):
            yield codes.SCALE_UNDECLARED, where, f"{json_path} is of type {found.type}, not {wanted}"


def _steps(json_path: str) -> tuple[str | None, ...] | None:
    """The fields of a simple JSONPath, None for an item of a list; None where it is not that simple."""
    steps: list[str | None] = []
    place = 0
    while place < len(json_path):
        found = _STEP.match(json_path, place)
        if found is None:
            return None
        field, single, double, item = found.groups()
        steps.append(None if item is not None else field or single or double or "")
        place = found.end()
    return tuple(steps)


def _undeclared(schema: Schema | None, json_path: str) -> str:
    """The first part of the path that the schema does not declare; "" where it may lead to something."""
    steps = _steps(json_path)
    if schema is None or not steps or steps[0] in _OF_EVERY_OBJECT:
        return ""
    walked = ""
    for step in steps:
        if schema.x_preserve_unknown_fields or schema.x_embedded_resource or schema.x_int_or_string:
            return ""
        child = _child(schema, step)
        walked += "[*]" if step is None else f".{step}"
        if child is None:
            return walked
        if child is _ANYTHING:
            return ""
        schema = child
    return ""


_ANYTHING = Schema(x_preserve_unknown_fields=True)


def _child(schema: Schema, step: str | None) -> Schema | None:
    if step is None:
        return schema.items
    rest = schema.additional_properties
    if step in schema.properties:
        return schema.properties[step]
    if isinstance(rest, Schema):
        return rest
    return _ANYTHING if rest else None


def _declared(schema: Schema | None, json_path: str) -> Schema | None:
    """The node that the path leads to, if it does."""
    for step in _steps(json_path) or ():
        schema = _child(schema, step) if schema is not None else None
    return schema


def _lost(definition: Definition) -> Iterator[Finding]:
    """Fields that only versions other than the storage version declare, where nothing converts them."""
    storage = definition.storage_version
    converted = definition.conversion is not None and definition.conversion.strategy == "Webhook"
    if storage is None or storage.schema is None or converted:
        return
    for index, version in enumerate(definition.versions):
        if version is storage or not version.served or version.schema is None:
            continue
        path = f"spec.versions[{index}].schema.openAPIV3Schema"
        lost = list(_missing(version.schema, storage.schema, path, ""))
        if lost:
            names = ", ".join(name for _, name in lost[:_SHOWN])
            more = f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
            message = f"{names}{more} of {version.name} can't be stored: the storage version {storage.name} lacks it"
            yield codes.LOST_IN_STORAGE, lost[0][0], message


def _missing(schema: Schema, stored: Schema, path: str, name: str) -> Iterator[tuple[str, str]]:
    """Places in `schema`, and their names, that `stored` prunes."""
    if stored.x_preserve_unknown_fields:
        return
    for key, child in schema.properties.items():
        if not name and key in _OF_EVERY_OBJECT:
            continue
        where, shown = f"{path}.properties[{key}]", f"{name}.{key}".lstrip(".")
        below = _child(stored, key)
        if below is None and not keeps_rest(stored):
            yield where, shown
        elif below is not None:
            yield from _missing(child, below, where, shown)
    if schema.items is not None and stored.items is not None:
        yield from _missing(schema.items, stored.items, f"{path}.items", f"{name}[*]")
    mine, theirs = schema.additional_properties, stored.additional_properties
    if isinstance(mine, Schema) and isinstance(theirs, Schema):
        yield from _missing(mine, theirs, f"{path}.additionalProperties", f"{name}[*]")
