"""Rows of the table about `allOf`, `anyOf`, `oneOf` and `not`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opgen.documents import MAX_DEPTH, Position
from opgen.documents.origins import Path
from opgen.schema.openapi.conversion import Conversion, Descend, Raw
from opgen.schema.openapi.merging import merge_objects
from opgen.schema.openapi.unions import merge_union
from opgen.schema.openapi.values import ANYTHING, note_fractions, take_bounds, whole_bounds


def take_junctors(
    work: Conversion, raw: Raw, result: Raw, position: Position, path: Path, descend: Descend
) -> None:
    for index, part in enumerate(raw.get("allOf", ())):
        where = (*path, "allOf", index)
        values = _values(part, result)
        if values is not None:
            result.setdefault("allOf", []).append(values)
            continue
        merged, lines = descend(part, where)
        for conflict in merge_objects(result, merged):
            work.problem(where, conflict, "the parts of `allOf` are merged into one schema")
        _graft(position, lines)
    if raw.get("nullable") is True:
        result["nullable"] = True  # OpenAPI 3.0: beside `allOf: [$ref]`, whose type has no null
    for key in ("anyOf", "oneOf"):
        if key in raw:
            _take_union(work, raw, key, result, position, path, descend)
    _take_discriminator(raw, result)
    if "not" in raw:
        _take_not(work, raw["not"], result, (*path, "not"))


def _take_union(
    work: Conversion, raw: Raw, key: str, result: Raw, position: Position, path: Path, descend: Descend
) -> None:
    parts = raw[key]
    if raw.get("x-kubernetes-int-or-string") and "anyOf" not in result:
        result[key] = parts
        return
    values = [_values(part, result) for part in parts]
    if all(part is not None for part in values):
        result[key] = values
        return
    kept = [(i, p) for i, p in enumerate(parts) if not _is_null(p)]
    if not kept:
        result.update(ANYTHING)
        return
    branches = [descend(_typed(p, result), (*path, key, i)) for i, p in kept]
    for _, lines in branches:
        _graft(position, lines)
    made: Raw = {}
    if len(branches) == 1:
        made = branches[0][0]
    else:
        schemas = [schema for schema, _ in branches]
        closed = [_is_closed(work, p, (*path, key, i)) for i, p in kept]
        outcome = merge_union(made, key, schemas, result.get("properties"), closed)
        if outcome.problem:
            work.problem((*path, key), outcome.problem, _UNION_HINT)
            return
        if outcome.fractions:
            note_fractions(work, (*path, key))
        if outcome.rules:
            work.note(
                (*path, key),
                f"rules within `{key}` are left out: a rule holds for every alternative",
                "write them beside the union, each with the condition under which it holds",
            )
    if len(kept) < len(parts):
        made["nullable"] = True
    for conflict in merge_objects(result, made):
        work.problem((*path, key), conflict)


def _is_closed(work: Conversion, part: Any, path: Path) -> bool:
    """Whether an alternative takes no fields but its own."""
    for _ in range(MAX_DEPTH):
        target = work.references.resolve(part["$ref"], path) if _refers(part) else None
        if target is None:
            break
        part, path = target.data, target.path
    return isinstance(part, dict) and (
        part.get("additionalProperties") is False or part.get("unevaluatedProperties") is False
    )


def _refers(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("$ref"), str)


_UNION_HINT = (
    "use one object with a field for each alternative, "
    "or write `x-kubernetes-preserve-unknown-fields: true` beside the union"
)


def _typed(part: Any, result: Raw) -> Any:
    """An alternative with the type that is said beside it, unless it has its own."""
    silent = isinstance(part, dict) and not part.keys() & {"type", "$ref", "allOf", "anyOf", "oneOf"}
    return {**part, "type": result["type"]} if silent and part and "type" in result else part


def _take_discriminator(raw: Raw, result: Raw) -> None:
    """OpenAPI's discriminator says that the field which tells the alternatives apart is there."""
    discriminator = raw.get("discriminator")
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    if (
        isinstance(name, str)
        and name in result.get("properties", {})
        and (raw.get("oneOf") or raw.get("anyOf"))
    ):
        result["required"] = sorted({*result.get("required", ()), name})


def _take_not(work: Conversion, part: Any, result: Raw, path: Path) -> None:
    values = _values(part, result)
    if values is not None:
        result["not"] = values
    elif not _is_null(part):  # null is refused anyway
        work.problem(path, "`not` may hold constraints on values only", "write it as a CEL rule: `!(...)`")


def _graft(position: Position, lines: Position) -> None:
    for key, child in lines.children.items():
        if key in position.children:
            _graft(position.children[key], child)
        else:
            position.children[key] = child


def _is_null(part: Any) -> bool:
    return isinstance(part, dict) and (
        part.get("type", ...) in ("null", None)
        or part.get("const", ...) is None
        or part.get("enum") == [None]
    )


_VALUES = frozenset(
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
    }
)
_TYPED = frozenset({"type", "x-kubernetes-int-or-string"})
_SILENT = frozenset({"title", "description", "$comment", "examples", "example", "default", "deprecated"})


def _values(part: Any, own: Any) -> Raw | None:
    """A junctor's part as a structural schema has it, which says in junctors nothing but constraints on values.

    None where it says more: another type than `own`, the schema beside it, or fields which that does not have.
    """
    if not isinstance(part, dict) or not isinstance(own, dict) or not own.keys() & _TYPED:
        return None
    made: Raw = {}
    for key, value in part.items():
        if key in _SILENT or (key == "type" and value == own.get("type")):
            continue
        if key == "const":
            made["enum"] = [value]
        elif key in _VALUES:
            made[key] = value
        elif key in _BELOW and (below := _BELOW[key](value, own)) is not None:
            made[key] = below
        else:
            return None
    take_bounds(made)
    if own.get("type") == "integer":
        whole_bounds(made, made.get("format") or own.get("format", ""))
    return made or None


def _values_of_fields(value: Any, own: Raw) -> Raw | None:
    fields = own.get("properties", {})
    if not isinstance(value, dict):
        return None
    made = {name: _values(part, fields.get(name)) for name, part in value.items()}
    return None if None in made.values() else made


def _values_of_all(value: Any, own: Raw) -> list[Raw] | None:
    made = [_values(part, own) for part in value] if isinstance(value, list) else []
    found = [part for part in made if part is not None]
    return found if found and len(found) == len(made) else None


_BELOW: dict[str, Callable[[Any, Raw], Any]] = {
    "properties": _values_of_fields,
    "items": lambda value, own: _values(value, own.get("items")),
    "not": _values,
    "allOf": _values_of_all,
    "anyOf": _values_of_all,
    "oneOf": _values_of_all,
}
