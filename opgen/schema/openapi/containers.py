"""Rows of the table about objects, maps and lists."""

from __future__ import annotations

from typing import Any

from opgen.documents import Position
from opgen.documents.origins import Path
from opgen.schema.concise.rules import cel_name
from opgen.schema.openapi.conversion import Conversion, Descend, Raw
from opgen.schema.openapi.unions import merge_union
from opgen.schema.openapi.values import ANYTHING

_SCALARS = {"string", "integer", "number", "boolean"}


def take_object(
    work: Conversion, raw: Raw, result: Raw, position: Position, path: Path, descend: Descend
) -> None:
    properties = raw.get("properties")
    if isinstance(properties, dict):
        lines = position.children["properties"] = Position(work.origins.line((*path, "properties")))
        result["properties"] = {}
        for name, child in properties.items():
            converted, child_lines = descend(child, (*path, "properties", name))
            result["properties"][name] = converted
            lines.children[name] = child_lines
    _open_properties(work, raw, result, position, path, descend)
    for key in ("dependentRequired", "dependencies"):
        if isinstance(raw.get(key), dict):
            _dependent(work, raw[key], result, (*path, key))
    if raw.get("propertyNames") not in (None, True, {}):
        work.note(
            (*path, "propertyNames"),
            "`propertyNames` is left out: keys are not checked",
            "write it as a CEL rule: `self.all(k, k.matches('...'))`",
        )


def _open_properties(
    work: Conversion, raw: Raw, result: Raw, position: Position, path: Path, descend: Descend
) -> None:
    """additionalProperties and patternProperties: a map's values, or fields beside the declared ones."""
    extra, where = raw.get("additionalProperties"), (*path, "additionalProperties")
    patterns = raw.get("patternProperties")
    if isinstance(patterns, dict) and patterns:
        different = [p for n, p in enumerate(patterns.values()) if p not in list(patterns.values())[:n]]
        if result.get("properties") or len(different) > 1:
            work.problem(
                (*path, "patternProperties"),
                "`patternProperties` has no counterpart beside other properties",
                "use a map (`additionalProperties`) in a field of its own",
            )
            return
        pattern, extra = next(iter(patterns.items()))
        where = (*path, "patternProperties", pattern)
        work.note(
            (*path, "patternProperties"),
            f"keys are not checked against {', '.join(patterns)}",
            "write it as a CEL rule: `self.all(k, k.matches('...'))`",
        )
    if extra is None or extra is False or extra == {"not": {}}:
        return
    if extra is True or extra == {}:
        if result.get("properties"):
            result["x-kubernetes-preserve-unknown-fields"] = True
        else:
            result["additionalProperties"] = dict(ANYTHING)
        return
    if result.get("properties"):
        work.problem(
            where,
            "`properties` and `additionalProperties` exclude each other",
            "put the open part into a field of its own, or set `additionalProperties: true`",
        )
        return
    result["additionalProperties"], position.children["additionalProperties"] = descend(extra, where)


def _dependent(work: Conversion, raw: Raw, result: Raw, path: Path) -> None:
    if result.get("type") != "object":
        return
    for name, needed in raw.items():
        if not isinstance(needed, list):
            work.problem(
                (*path, name),
                "a dependent schema has no counterpart in a custom resource definition",
                "write it as a CEL rule",
            )
            continue
        for other in needed:
            if not isinstance(other, str) or not {name, other} <= result.get("properties", {}).keys():
                continue  # a field that is not declared is never there
            result.setdefault("x-kubernetes-validations", []).append(
                {
                    "rule": f"!has(self.{cel_name(name)}) || has(self.{cel_name(other)})",
                    "message": f"{other} must be set with {name}",
                }
            )


def take_array(
    work: Conversion, raw: Raw, result: Raw, position: Position, path: Path, descend: Descend
) -> None:
    items = raw.get("items")
    positional = "prefixItems" if isinstance(raw.get("prefixItems"), list) else "items"
    if isinstance(raw.get(positional), list):
        rest = raw.get("additionalItems" if positional == "items" else "items", raw.get("unevaluatedItems"))
        _take_tuple(work, raw[positional], rest, result, position, (*path, positional), descend)
    elif items is not None:
        result["items"], position.children["items"] = descend(items, (*path, "items"))
    elif result.get("type") == "array":
        result["items"] = dict(ANYTHING)
    if raw.get("uniqueItems") is True:
        item = result.get("items", {})
        if item.get("type") in _SCALARS and not item.get("nullable"):
            result["x-kubernetes-list-type"] = "set"
        else:
            work.note(
                (*path, "uniqueItems"),
                "`uniqueItems` is left out: the API server can't check it for objects",
                "use `x-kubernetes-list-type: map` with `x-kubernetes-list-map-keys`",
            )


def _take_tuple(
    work: Conversion,
    parts: list[Any],
    rest: Any,
    result: Raw,
    position: Position,
    path: Path,
    descend: Descend,
) -> None:
    """A list whose places have schemas of their own: one schema for all of them."""
    result["type"] = "array"
    made = [descend(part, (*path, index)) for index, part in enumerate(parts)]
    position.children["items"] = made[0][1] if made else Position(work.origins.line(path))
    schemas = [schema for schema, _ in made]
    if isinstance(rest, dict) and rest:
        schemas.append(descend(rest, (*path[:-1], "additionalItems" if path[-1] == "items" else "items"))[0])
    different = [schema for index, schema in enumerate(schemas) if schema not in schemas[:index]]
    if rest is False:
        result["maxItems"] = min(result.get("maxItems", len(parts)), len(parts))
    result["items"] = different[0] if different else dict(ANYTHING)
    if len(different) < 2:
        return
    result["items"] = {}
    outcome = merge_union(result["items"], "anyOf", different)
    if outcome.problem:
        work.problem(
            path,
            f"`{path[-1]}` of items as different as these has no counterpart in a custom resource definition",
            "a list has one type of item: use an object with named fields",
        )
        return
    work.note(
        path,
        f"`{path[-1]}` becomes one type for all items: their places are not checked",
        "use an object with named fields to have each checked",
    )
