"""Rows of the table about `allOf`, `anyOf`, `oneOf` and `not`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opgen.documents import Position
from opgen.documents.origins import Path
from opgen.schema.openapi.conversion import Conversion, Descend, Raw
from opgen.schema.openapi.unions import Branch, merge_objects, merge_union


def take_junctors(
    work: Conversion, raw: Raw, result: Raw, position: Position, path: Path, descend: Descend
) -> None:
    for index, part in enumerate(raw.get("allOf") or ()):
        where = (*path, "allOf", index)
        if _only_values(part):
            result.setdefault("allOf", []).append(part)
            continue
        merged, lines = descend(part, where)
        for conflict in merge_objects(result, merged):
            work.problem(where, conflict, "the parts of `allOf` are merged into one schema")
        _graft(position, lines)
    for key in ("anyOf", "oneOf"):
        parts = raw.get(key)
        if not isinstance(parts, list) or not parts:
            continue
        if raw.get("x-kubernetes-int-or-string") or all(_only_values(p) for p in parts):
            result[key] = parts
            continue
        kept = [(i, p) for i, p in enumerate(parts) if not _is_null(p)]
        if len(kept) < len(parts):
            result["nullable"] = True
        branches = [Branch(*descend(p, (*path, key, i))) for i, p in kept]
        if len(branches) == 1:
            for conflict in merge_objects(result, branches[0].schema):
                work.problem((*path, key), conflict)
            _graft(position, branches[0].position)
            continue
        conflict = merge_union(result, key, branches)
        if conflict:
            work.problem(
                (*path, key),
                conflict,
                "use one object with a field for each alternative, or "
                "`x-kubernetes-preserve-unknown-fields: true`",
            )
        for branch in branches:
            _graft(position, branch.position)
    if "not" in raw:
        if _only_values(raw["not"]):
            result["not"] = raw["not"]
        else:
            work.problem(
                (*path, "not"),
                "`not` may hold constraints on values only",
                "write it as a CEL rule: `!(...)`",
            )


def _graft(position: Position, lines: Position) -> None:
    for key, child in lines.children.items():
        if key in position.children:
            _graft(position.children[key], child)
        else:
            position.children[key] = child


def _is_null(part: Any) -> bool:
    return isinstance(part, dict) and (
        part.get("type") == "null" or part.get("const", ...) is None or part.get("enum") == [None]
    )


_VALUE_KEYS = frozenset(
    {
        "required",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "pattern",
        "enum",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "multipleOf",
        "format",
        "properties",
        "items",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
    }
)


def _only_values(part: Any) -> bool:
    """Whether a junctor's part only constrains values, as a structural schema allows it inside a junctor."""
    if not isinstance(part, dict) or not part or not part.keys() <= _VALUE_KEYS:
        return False
    if any(
        isinstance(part.get(k), (int, float)) and not isinstance(part.get(k), bool)
        for k in ("exclusiveMinimum", "exclusiveMaximum")
    ):
        return False
    check: Callable[[Any], bool] = _only_values
    nested = [*part.get("properties", {}).values(), *([part["items"]] if "items" in part else [])]
    nested += [p for k in ("allOf", "anyOf", "oneOf") for p in part.get(k, ())]
    nested += [part["not"]] if "not" in part else []
    return all(check(p) for p in nested)
