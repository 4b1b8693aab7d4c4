"""Rows of the table about one value: type, enum, bounds, texts, formats and patterns."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from opgen.apiextensions import patterns
from opgen.documents.origins import Path
from opgen.schema.openapi.conversion import Conversion, Raw

ANYTHING: Raw = {"x-kubernetes-preserve-unknown-fields": True, "nullable": True}
"""Any value at all. Without `nullable` the API server drops null, or refuses it as an item of a list."""

_CODE_POINT = re.compile(r"\\u([0-9a-fA-F]{4})")


def take_values(work: Conversion, raw: Raw, result: Raw, path: Path) -> None:
    if "const" in raw:
        result["enum"] = [raw["const"]]
    if isinstance(raw.get("examples"), list) and raw["examples"] and "example" not in result:
        result["example"] = raw["examples"][0]
    if raw.get("deprecated") is True:
        text = result.get("description", "")
        if not str(text).startswith("Deprecated"):
            result["description"] = f"Deprecated. {text}".strip()
    if result.get("default", ...) is None:
        del result["default"]
    _take_format(work, raw, result, path)
    _take_pattern(work, result, path)


def _take_format(work: Conversion, raw: Raw, result: Raw, path: Path) -> None:
    """Base64 has one name on the API server; `binary` says nothing of JSON, where any text may stand."""
    if raw.get("contentEncoding") == "base64" and "format" not in result:
        result["format"] = "byte"
    if result.get("format") == "base64":
        result["format"] = "byte"
    if result.get("format") == "byte" and result.get("default") == "":
        del result["format"]  # which the server finds no base64 in
        result["anyOf"] = [{"format": "byte"}, {"maxLength": 0}]
    elif result.get("format") == "binary":
        del result["format"]
        work.note(
            (*path, "format"),
            "`format: binary` is left out: any text is taken",
            "write `format: byte` for base64, which is how JSON carries bytes",
        )


def _take_pattern(work: Conversion, result: Raw, path: Path) -> None:
    """A pattern that Go's regexp can't read: in its words where they differ, else left out with a warning.

    One that is no regular expression anywhere stays, for the API server's rules to complain of.
    """
    given = result.get("pattern")
    if not isinstance(given, str) or patterns.compile(given) is not None:
        return
    pattern = _CODE_POINT.sub(r"\\x{\1}", given).replace("\\Z", "\\z")
    if patterns.compile(pattern) is not None:
        result["pattern"] = pattern
        return
    try:
        re.compile(given)
    except re.error:
        return
    del result["pattern"]
    work.note(
        (*path, "pattern"),
        "`pattern` is left out: the API server can't read it (RE2 has no lookaround and no back references)",
        "write it in RE2 syntax, or as a CEL rule under `x-kubernetes-validations`",
    )


def int_or_string(result: Raw) -> None:
    """The one union of types that a structural schema has."""
    result.pop("type", None)
    result["x-kubernetes-int-or-string"] = True
    result["anyOf"] = [{"type": "integer"}, {"type": "string"}]


def note_fractions(work: Conversion, path: Path) -> None:
    """What is lost where a number may be a text too, as for Python's Decimal."""
    work.note(
        path,
        "a number or a text becomes int-or-string: a number with a fraction has to be put into quotes",
        "give it `type: string` or `type: number` to have one form",
    )


def take_type(work: Conversion, raw: Raw, result: Raw, path: Path) -> None:
    kinds = raw.get("type")
    names = list(kinds) if isinstance(kinds, list) else [kinds] if kinds is not None else []
    if "null" in names:
        names.remove("null")
        result["nullable"] = True
    if "string" in names and len(names) > 1 and {"string", "integer", "number"}.issuperset(names):
        if "number" in names:
            note_fractions(work, (*path, "type"))
        int_or_string(result)
        return
    if len(names) > 1:
        if set(names) == {"integer", "number"}:
            names = ["number"]
        else:
            work.problem(
                (*path, "type"),
                f"a field has one type, not {', '.join(map(str, names))}",
                "only integer or number with string is possible, or `x-kubernetes-preserve-unknown-fields: true`",
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
        if kinds == {int, str}:
            int_or_string(result)
            return []
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


def note_cut_bounds(work: Conversion, result: Raw, path: Path) -> None:
    """The server compares a whole number with a bound as whole numbers of 64 bits, and cuts the bound to one."""
    if result.get("type") != "number":
        return
    for bound, exclusive, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        value = result.get(bound, 0)
        if abs(value) >= 2**63:
            del result[bound]
            result.pop(exclusive, None)
            work.note(
                (*path, bound),
                f"`{bound}: {value}` is left out: the API server can't compare whole numbers with it",
                "write it as a CEL rule",
            )
        elif value != int(value) and (value * sign > 0) is not bool(result.get(exclusive)):
            wrong = "refuses" if result.get(exclusive) else "takes"
            work.note(
                (*path, bound),
                f"the API server compares whole numbers with {int(value)} instead of {value}, and {wrong} {int(value)}",
                "count in the smaller unit, as a whole number",
            )


def take_multiple(work: Conversion, result: Raw, path: Path) -> None:
    """The server cuts a step to a whole number when it meets a whole number, and then refuses it."""
    step = result.get("multipleOf")
    if isinstance(step, float) and not step.is_integer():
        del result["multipleOf"]
        work.note(
            (*path, "multipleOf"),
            f"`multipleOf: {step}` is left out: the API server can't check whole numbers against a fraction",
            "count in the smaller unit, as a whole number",
        )


def settle(raw: Raw, result: Raw) -> None:
    """What only the finished node shows: any content, null beside an enum, lists that are always empty."""
    if isinstance(result.get("enum"), list) and None in result["enum"]:
        result["nullable"] = True
    if not result.get("nullable"):
        result.pop("nullable", None)
    elif isinstance(result.get("enum"), list):
        _null_beside_enum(result)
    untyped = "type" not in result and not result.get("x-kubernetes-int-or-string")
    if untyped and "x-kubernetes-preserve-unknown-fields" not in result:
        result.update(ANYTHING)
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
    if result.get("type") == "integer":
        whole_bounds(result, result.get("format", ""))


_RANGES = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1), "uint64": (0, 2**64 - 1)}


_LARGE = 2**70  # above it a float has no fraction, and may be an infinity


def whole_bounds(result: Raw, form: str) -> None:
    """Bounds of whole numbers as the API server can read them: whole, and within the range that it holds anyhow.

    It refuses every object where a bound has a fraction, or lies outside of the type's range once it is a float.
    """
    least, most = _RANGES.get(form, (-(2**63), 2**63 - 1))
    for bound, exclusive, up in (
        ("minimum", "exclusiveMinimum", True),
        ("maximum", "exclusiveMaximum", False),
    ):
        value = result.get(bound)
        if value is None or abs(value) == math.inf:
            continue
        if value != int(value):
            result[bound] = value = math.ceil(value) if up else math.floor(value)
            result.pop(exclusive, None)
        read = int(Decimal(repr(float(value)))) if abs(value) < _LARGE else int(value)
        if (up and read < least) or (not up and read > most):
            del result[bound]
            result.pop(exclusive, None)


_IMPOSSIBLE = {"minLength": 1, "maxLength": 0, "minimum": 1, "maximum": 0}
"""No text and no number satisfies it, but null does."""


def _null_beside_enum(result: Raw) -> None:
    """An enum in a form that lets null through: the API server refuses null beside one, even where it lists null."""
    values = [value for value in result.pop("enum") if value is not None]
    if not values:
        return
    if all(isinstance(value, str) for value in values) and "pattern" not in result:
        result["pattern"] = f"^(?:{'|'.join(re.escape(value) for value in values)})$"
        return
    other = {"not": {"enum": [True, False]}} if isinstance(values[0], bool) else _IMPOSSIBLE
    result["allOf"] = [*result.get("allOf", ()), {"anyOf": [{"enum": values}, other]}]
