"""The down-conversion table: each construct of OpenAPI 3 and JSON Schema (drafts 4 to 2020-12) to a structural schema.

Works on raw data and makes raw data in the form of apiextensions v1. A construct that has no counterpart is an
error that names it and the remedy; one that only loses information is a warning. Positions follow along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from opgen.documents import MAX_DEPTH, Origins, Position
from opgen.documents.origins import Path, json_path
from opgen.errors import Diagnostic, error, warning
from opgen.schema.openapi.pointers import follow
from opgen.schema.openapi.unions import Branch, merge_objects, merge_union

Raw = dict[str, Any]
_SCALARS = {"string", "integer", "number", "boolean"}
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
    "unevaluatedProperties": "list all properties, or set `additionalProperties`",
    "contains": "write it as a CEL rule: `self.exists(x, ...)`",
    "minContains": "",
    "maxContains": "",
    "$dynamicRef": "use `$ref`",
    "$recursiveRef": "use `$ref`",
    "prefixItems": "a list has one type of item: use an object with named fields",
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
    }
)


@dataclass(slots=True)
class Conversion:
    """One conversion's document, findings and limits."""

    document: Any
    origins: Origins
    diagnostics: list[Diagnostic] = field(default_factory=list)
    nodes: int = 0

    def problem(self, path: Path, message: str, hint: str = "") -> None:
        file, line = self.origins.locate(path)
        self.diagnostics.append(error(message, file=file, line=line, path=json_path(path), hint=hint))

    def note(self, path: Path, message: str, hint: str = "") -> None:
        file, line = self.origins.locate(path)
        self.diagnostics.append(warning(message, file=file, line=line, path=json_path(path), hint=hint))


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
        return {"x-kubernetes-preserve-unknown-fields": True}, position
    if not isinstance(raw, dict):
        work.problem(path, "`false` allows no value at all" if raw is False else "a schema is a mapping")
        return {}, position
    if "$ref" in raw:
        return _inline(work, raw, path, trail)
    for key, hint in _REFUSED.items():
        if key in raw and hint:
            work.problem((*path, key), f"`{key}` has no counterpart in a custom resource definition", hint)
    _unknown_keys(work, raw, path)
    result: Raw = {key: raw[key] for key in _KEPT if key in raw}
    for key in result:
        position.children[key] = Position(work.origins.line((*path, key)))
    _values(raw, result)
    _type(work, raw, result, path)
    _bounds(result)
    _object(work, raw, result, position, path, trail)
    _array(work, raw, result, position, path, trail)
    _junctors(work, raw, result, position, path, trail)
    _settle(raw, result)
    return result, position


def _unknown_keys(work: Conversion, raw: Raw, path: Path) -> None:
    known = _DROPPED | _HANDLED | _REFUSED.keys() | set(_KEPT)
    for key in raw:
        if key not in known and not key.startswith("x-"):
            work.problem((*path, key), f"`{key}` is not a keyword of OpenAPI 3 or JSON Schema")


def _inline(work: Conversion, raw: Raw, path: Path, trail: tuple[str, ...]) -> tuple[Raw, Position]:
    ref = raw["$ref"]
    position = Position(work.origins.line(path))
    if not isinstance(ref, str) or not ref.startswith("#"):
        work.problem(
            (*path, "$ref"), f"`$ref: {ref}` leads out of this document", "bundle the document first"
        )
        return {}, position
    if ref in trail:
        cycle = " -> ".join([*trail[trail.index(ref) :], ref])
        work.problem(
            (*path, "$ref"),
            f"the schema contains itself: {cycle}",
            "break the cycle with `x-kubernetes-preserve-unknown-fields: true` at one place",
        )
        return {}, position
    target = follow(work.document, ref)
    if target is None:
        work.problem((*path, "$ref"), f"`$ref: {ref}` leads nowhere")
        return {}, position
    siblings = {k: v for k, v in raw.items() if k != "$ref" and k not in _DROPPED}
    base, lines = convert(work, target.data, target.path, (*trail, ref))
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
    lines.children.update(extra_lines.children)
    return base, lines


def _values(raw: Raw, result: Raw) -> None:
    if "const" in raw:
        result["enum"] = [raw["const"]]
    if isinstance(raw.get("examples"), list) and raw["examples"] and "example" not in result:
        result["example"] = raw["examples"][0]
    if raw.get("deprecated") is True:
        text = result.get("description", "")
        if not str(text).startswith("Deprecated"):
            result["description"] = f"Deprecated. {text}".strip()
    if raw.get("contentEncoding") == "base64" and "format" not in result:
        result["format"] = "byte"
    if result.get("format") == "binary":
        result["format"] = "byte"
    if result.get("default", ...) is None:
        del result["default"]


def _type(work: Conversion, raw: Raw, result: Raw, path: Path) -> None:
    kinds = raw.get("type")
    names = list(kinds) if isinstance(kinds, list) else [kinds] if kinds is not None else []
    if "null" in names:
        names.remove("null")
        result["nullable"] = True
    if sorted(map(str, names)) == ["integer", "string"]:
        result["x-kubernetes-int-or-string"] = True
        result["anyOf"] = [{"type": "integer"}, {"type": "string"}]
        return
    if len(names) > 1:
        if set(names) == {"integer", "number"}:
            names = ["number"]
        else:
            work.problem(
                (*path, "type"),
                f"a field has one type, not {', '.join(map(str, names))}",
                "only integer with string is possible, or `x-kubernetes-preserve-unknown-fields: true`",
            )
            names = names[:1]
    if not names:
        names = _guess(raw, result)
    if names:
        result["type"] = names[0]


def _guess(raw: Raw, result: Raw) -> list[str]:
    """The type of a schema that does not say it."""
    if raw.get("x-kubernetes-int-or-string"):
        return []
    if "properties" in raw or "additionalProperties" in raw or "patternProperties" in raw:
        return ["object"]
    if "items" in raw:
        return ["array"]
    values = result.get("enum")
    if isinstance(values, list) and values:
        kinds = {type(v) for v in values if v is not None}
        if None in values:
            result["nullable"] = True
        for python, name in (
            ({str}, "string"),
            ({bool}, "boolean"),
            ({int}, "integer"),
            ({int, float}, "number"),
        ):
            if kinds and kinds <= python:
                return [name]
    if any(k in raw for k in ("pattern", "minLength", "maxLength")):
        return ["string"]
    return []


def _bounds(result: Raw) -> None:
    """Numeric exclusive bounds (drafts 6 on) to the boolean form of OpenAPI 3.0."""
    for exclusive, bound, tighter in (
        ("exclusiveMinimum", "minimum", max),
        ("exclusiveMaximum", "maximum", min),
    ):
        value = result.get(exclusive)
        if value is None or isinstance(value, bool):
            continue
        other = result.get(bound)
        if other is not None and tighter(other, value) == other and other != value:
            del result[exclusive]
        else:
            result[bound], result[exclusive] = value, True


def _object(
    work: Conversion, raw: Raw, result: Raw, position: Position, path: Path, trail: tuple[str, ...]
) -> None:
    properties = raw.get("properties")
    if isinstance(properties, dict):
        lines = position.children["properties"] = Position(work.origins.line((*path, "properties")))
        result["properties"] = {}
        for name, child in properties.items():
            converted, child_lines = convert(work, child, (*path, "properties", name), trail)
            result["properties"][name] = converted
            lines.children[name] = child_lines
    elif properties is not None:
        work.problem((*path, "properties"), "properties must be a mapping")
    _open_properties(work, raw, result, position, path, trail)
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
    work: Conversion, raw: Raw, result: Raw, position: Position, path: Path, trail: tuple[str, ...]
) -> None:
    """additionalProperties and patternProperties: a map's values, or fields beside the declared ones."""
    extra, where = raw.get("additionalProperties"), (*path, "additionalProperties")
    patterns = raw.get("patternProperties")
    if isinstance(patterns, dict) and patterns:
        if result.get("properties") or len(patterns) > 1:
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
            f"keys are not checked against {pattern}",
            "write it as a CEL rule: `self.all(k, k.matches('...'))`",
        )
    if extra is None or extra is False:
        return
    if extra is True or extra == {}:
        if result.get("properties"):
            result["x-kubernetes-preserve-unknown-fields"] = True
        else:
            result["additionalProperties"] = {"x-kubernetes-preserve-unknown-fields": True}
        return
    if result.get("properties"):
        work.problem(
            where,
            "`properties` and `additionalProperties` exclude each other",
            "put the open part into a field of its own, or set `additionalProperties: true`",
        )
        return
    result["additionalProperties"], position.children["additionalProperties"] = convert(
        work, extra, where, trail
    )


def _dependent(work: Conversion, raw: Raw, result: Raw, path: Path) -> None:
    from opgen.schema.concise.rules import cel_name

    for name, needed in raw.items():
        if not isinstance(needed, list):
            work.problem(
                (*path, name),
                "a dependent schema has no counterpart in a custom resource definition",
                "write it as a CEL rule",
            )
            continue
        for other in needed:
            result.setdefault("x-kubernetes-validations", []).append(
                {
                    "rule": f"!has(self.{cel_name(name)}) || has(self.{cel_name(str(other))})",
                    "message": f"{other} must be set with {name}",
                }
            )


def _array(
    work: Conversion, raw: Raw, result: Raw, position: Position, path: Path, trail: tuple[str, ...]
) -> None:
    items = raw.get("items")
    if isinstance(items, list):
        work.problem(
            (*path, "items"),
            "a list of item schemas has no counterpart",
            "a list has one type of item: use an object with named fields",
        )
    elif items is not None:
        result["items"], position.children["items"] = convert(work, items, (*path, "items"), trail)
    elif result.get("type") == "array" and "prefixItems" not in raw:
        result["items"] = {"x-kubernetes-preserve-unknown-fields": True}
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


def _junctors(
    work: Conversion, raw: Raw, result: Raw, position: Position, path: Path, trail: tuple[str, ...]
) -> None:
    for index, part in enumerate(raw.get("allOf") or ()):
        where = (*path, "allOf", index)
        if _only_values(part):
            result.setdefault("allOf", []).append(part)
            continue
        merged, lines = convert(work, part, where, trail)
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
        branches = [Branch(*convert(work, p, (*path, key, i), trail)) for i, p in kept]
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


def _settle(raw: Raw, result: Raw) -> None:
    """What only the finished node shows: any content, nullable enums, lists that are always empty."""
    if result.get("nullable") and isinstance(result.get("enum"), list) and None not in result["enum"]:
        result["enum"] = [*result["enum"], None]
    if not result.get("nullable"):
        result.pop("nullable", None)
    if "type" not in result and not result.get("x-kubernetes-int-or-string"):
        result["x-kubernetes-preserve-unknown-fields"] = True
    if (
        result.get("type") == "object"
        and not (
            result.get("properties")
            or "additionalProperties" in result
            or result.get("x-kubernetes-preserve-unknown-fields")
            or raw.get("additionalProperties") is False
        )
        and "properties" not in raw
    ):
        result["x-kubernetes-preserve-unknown-fields"] = True
    if result.get("required") == []:
        del result["required"]
