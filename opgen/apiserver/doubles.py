"""Keys that a body has twice: found without slowing bodies that have none, and told as Go's decoder tells them.

Of a body with doubles the last one counts; where Go decodes into a struct, objects that stand there twice are laid
over one another instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from opgen.ir.schema import Schema

_MOST = 100
UNKNOWN, DUPLICATE = "unknown field", "duplicate field"


def everywhere(path: str) -> bool:
    """Strict decoding looks at every path."""
    return True


@dataclass(slots=True)
class Doubles:
    """What strict decoding says of a body: `told` in its order, unknown fields among the doubles where both are.

    `data` is the body as Go reads it. `lines` are those of YAML, which is told of on its own.
    """

    data: Any
    told: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    seen: Callable[[str], bool] = everywhere

    def tell(self, kind: str, path: str) -> None:
        text = f"{kind} {json.dumps(path, ensure_ascii=False)}"
        if self.seen(path) and text not in self.told and len(self.told) < _MOST:
            self.told.append(text)

    def warnings(self, unknown: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The texts about unknown fields, with those about doubles in between."""
        known = set(unknown)
        mine = [text for text in self.told if not text.startswith(UNKNOWN) or text in known]
        return (*self.lines, *mine, *(text for text in unknown if text not in set(mine)))

    def errors(self, unknown: tuple[str, ...] = ()) -> str:
        """The same as one refusal."""
        whole = ("\n  ".join(["yaml: unmarshal errors:", *self.lines]),) if self.lines else ()
        return ", ".join((*whole, *self.warnings(unknown)[len(self.lines) :]))


def seen_in_definition(path: str) -> bool:
    """Whether a definition's decoder sees a double there: below what has a decoder of its own, nobody looks."""
    steps = re.sub(r"\[\d+\]", "", path.partition(".openAPIV3Schema.")[2]).split(".")
    named = False
    for step in steps[:-1]:
        if not named and step in _OWN_DECODERS:
            return False
        named = not named and step in _NAMED
    return True


_OWN_DECODERS = frozenset(
    ("items", "additionalItems", "additionalProperties", "dependencies", "default", "enum", "example")
)
_NAMED = frozenset(("properties", "patternProperties", "definitions"))


class _Pairs(list[tuple[str, Any]]):
    """An object as it stands in the text."""


def find(
    raw: bytes,
    data: Any,
    schema: Schema | None = None,
    seen: Callable[[str], bool] = everywhere,
) -> Doubles | None:
    """The doubles of a JSON text that was read as `data`; None without any.

    `schema` is the type of a built-in kind, whose structs decide what becomes of doubles; `seen` tells which paths
    a strict decoder looks at.
    """
    if raw.count(b":") == _keys(data):
        return None
    try:
        found = json.loads(raw, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return None
    if not _doubled(found):
        return None
    doubles = Doubles(None, seen=seen)
    doubles.data = _read(doubles, found, schema, "")
    return doubles


def _keys(data: Any) -> int:
    count = 0
    waiting = [data]
    while waiting:
        here = waiting.pop()
        if type(here) is dict:
            count += len(here)
            waiting += [value for value in here.values() if type(value) is dict or type(value) is list]
        elif type(here) is list:
            waiting += [value for value in here if type(value) is dict or type(value) is list]
    return count


def _doubled(found: Any) -> bool:
    waiting = [found]
    while waiting:
        here = waiting.pop()
        if type(here) is _Pairs:
            if len({key for key, _ in here}) != len(here):
                return True
            waiting += [value for _, value in here]
        elif type(here) is list:
            waiting += here
    return False


def _read(doubles: Doubles, found: Any, schema: Schema | None, path: str) -> Any:
    if type(found) is _Pairs:
        return _object(doubles, found, schema, path)
    if type(found) is list:
        items = schema.items if schema is not None else None
        return [_read(doubles, item, items, f"{path}[{index}]") for index, item in enumerate(found)]
    return found


def _object(doubles: Doubles, pairs: _Pairs, schema: Schema | None, path: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    struct = schema is not None and bool(schema.properties)
    values = schema.additional_properties if schema is not None else None
    for key, value in pairs:
        here = f"{path}.{key}" if path else key
        child = schema.properties.get(key) if schema is not None and struct else None
        if struct and child is None:
            doubles.tell(UNKNOWN, here)
            result[key] = _plain(value)
            continue
        if key in result:
            doubles.tell(DUPLICATE, here)
        if child is None and isinstance(values, Schema):
            child = values
        made = _read(doubles, value, child, here)
        result[key] = _laid_over(result[key], made, child) if struct and key in result else made
    return result


def _laid_over(first: Any, second: Any, schema: Schema | None) -> Any:
    """What a field of a struct holds that is set twice: structs and maps are added to, and so are a list's items."""
    if schema is None:
        return second
    if isinstance(first, list) and isinstance(second, list):
        items = schema.items
        if items is None or not items.properties:
            return second
        both = min(len(first), len(second))
        return [*(_laid_over(first[i], second[i], items) for i in range(both)), *second[both:]]
    if not isinstance(first, dict) or not isinstance(second, dict):
        return second
    if not schema.properties:
        return {**first, **second}
    result = dict(first)
    for key, value in second.items():
        child = schema.properties.get(key)
        result[key] = _laid_over(result[key], value, child) if key in result else value
    return result


def _plain(found: Any) -> Any:
    if type(found) is _Pairs:
        return {key: _plain(value) for key, value in found}
    return [_plain(item) for item in found] if type(found) is list else found
