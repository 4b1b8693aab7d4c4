"""Rows of the table about one value: type, enum, bounds, texts. Pure, on raw data."""

from __future__ import annotations

from opgen.documents.origins import Path
from opgen.schema.openapi.conversion import Conversion, Raw


def take_values(raw: Raw, result: Raw) -> None:
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


def take_type(work: Conversion, raw: Raw, result: Raw, path: Path) -> None:
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


def take_bounds(result: Raw) -> None:
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


def settle(raw: Raw, result: Raw) -> None:
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
