"""What each keyword holds: a value of another form is an error on its own line, and the keyword is left out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from opgen.documents.origins import Path
from opgen.schema.openapi.conversion import Conversion, Raw


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return _number(value) and 0 <= value < math.inf and value == int(value)


def _positive(value: Any) -> bool:
    return _number(value) and value > 0


def _bound(value: Any) -> bool:
    return _flag(value) or _number(value)


def _values(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _mappings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _types(value: Any) -> bool:
    return _text(value) or (_values(value) and _texts(value))


_FORMS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "type": ("the name of a type, or a list of such names", _types),
    "$ref": ("a text", _text),
    "title": ("a text", _text),
    "description": ("a text", _text),
    "format": ("a text", _text),
    "pattern": ("a text", _text),
    "x-kubernetes-list-type": ("a text", _text),
    "x-kubernetes-map-type": ("a text", _text),
    "nullable": ("true or false", _flag),
    "uniqueItems": ("true or false", _flag),
    "x-kubernetes-preserve-unknown-fields": ("true or false", _flag),
    "x-kubernetes-embedded-resource": ("true or false", _flag),
    "x-kubernetes-int-or-string": ("true or false", _flag),
    "minLength": ("a whole number, 0 or more", _count),
    "maxLength": ("a whole number, 0 or more", _count),
    "minItems": ("a whole number, 0 or more", _count),
    "maxItems": ("a whole number, 0 or more", _count),
    "minProperties": ("a whole number, 0 or more", _count),
    "maxProperties": ("a whole number, 0 or more", _count),
    "minimum": ("a number", _number),
    "maximum": ("a number", _number),
    "exclusiveMinimum": ("a number (true or false in old drafts)", _bound),
    "exclusiveMaximum": ("a number (true or false in old drafts)", _bound),
    "multipleOf": ("a number above 0", _positive),
    "enum": ("a list of the values that are allowed", _values),
    "required": ("a list of the names of fields", _texts),
    "anyOf": ("a list of schemas", _values),
    "oneOf": ("a list of schemas", _values),
    "allOf": ("a list of schemas", _values),
    "properties": ("a mapping of names to schemas", _mapping),
    "patternProperties": ("a mapping of patterns to schemas", _mapping),
    "x-kubernetes-list-map-keys": ("a list of the names of fields", _texts),
    "x-kubernetes-validations": ("a list of rules", _mappings),
}
_HINTS = {
    "required": "`required` stands beside `properties`, not within one of them",
    "properties": "write `properties: {name: {...}}`",
}


def _named(kinds: Any) -> Any:
    """YAML's null, where its name is meant."""
    if isinstance(kinds, list):
        return ["null" if kind is None else kind for kind in kinds]
    return "null" if kinds is None else kinds


def well_formed(work: Conversion, raw: Raw, path: Path) -> Raw:
    """`raw` without the keywords that hold what they can't; counts such as 3.0 are whole, as JSON Schema has it."""
    made: Raw = {}
    for key, value in raw.items():
        if key == "type":
            value = _named(value)
        form = _FORMS.get(key)
        if form is None:
            made[key] = value
        elif value is None:
            continue  # as the API server reads null: not said
        elif not form[1](value):
            work.problem((*path, key), f"`{key}` must be {form[0]}", _HINTS.get(key, ""))
        else:
            made[key] = int(value) if form[1] is _count else value
    return made
