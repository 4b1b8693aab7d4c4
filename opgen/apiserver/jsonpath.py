"""The JSONPath of printer columns and scale subresources: fields, indexes, wildcards and equality filters."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_STEP = re.compile(
    r"\.(?P<deep>\.)?(?P<field>\*|(?:[^.\[\]\\'\"]|\\.)+)"
    r"|\[(?P<index>-?\d+)\]"
    r"|\[(?P<slice>\*|-?\d*:-?\d*)\]"
    r"|\[(?P<quote>['\"])(?P<name>.*?)(?P=quote)\]"
    r"|\[\?\(\s*@(?P<path>[^=!<>]*?)\s*(?P<operator>==|!=)\s*(?P<value>.*?)\s*\)\]"
)

Step = tuple[str, Any]


@lru_cache(maxsize=1024)
def _parse(path: str) -> tuple[Step, ...] | None:
    steps: list[Step] = []
    position = 0
    path = path.strip()
    if path.startswith("{") and path.endswith("}"):
        path = path[1:-1]
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            return None
        steps.append(_step(match))
        position = match.end()
    return tuple(steps)


def _step(match: re.Match[str]) -> Step:
    groups = match.groupdict()
    if groups["field"] is not None:
        name = re.sub(r"\\(.)", r"\1", groups["field"])
        return ("deep" if groups["deep"] else "field", name)
    if groups["index"] is not None:
        return ("index", int(groups["index"]))
    if groups["slice"] is not None:
        return ("slice", groups["slice"])
    if groups["name"] is not None:
        return ("field", groups["name"])
    return ("filter", (groups["path"], groups["operator"], groups["value"]))


def find(obj: Any, path: str) -> list[Any]:
    """All values at `path`; none where it doesn't lead anywhere or isn't understood."""
    steps = _parse(path)
    if steps is None:
        return []
    values = [obj]
    for kind, argument in steps:
        values = [found for value in values for found in _follow(value, kind, argument)]
    return values


def _follow(value: Any, kind: str, argument: Any) -> list[Any]:
    match kind:
        case "field":
            return _field(value, argument)
        case "deep":
            return _deep(value, argument)
        case "index":
            return (
                [value[argument]] if isinstance(value, list) and -len(value) <= argument < len(value) else []
            )
        case "slice":
            return _slice(value, argument)
        case _:
            return _filter(value, *argument)


def _field(value: Any, name: str) -> list[Any]:
    if name == "*":
        if isinstance(value, dict):
            return list(value.values())
        return list(value) if isinstance(value, list) else []
    return [value[name]] if isinstance(value, dict) and name in value else []


def _deep(value: Any, name: str) -> list[Any]:
    found = _field(value, name) if isinstance(value, dict) else []
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        found.extend(_deep(child, name))
    return found


def _slice(value: Any, text: str) -> list[Any]:
    if not isinstance(value, list):
        return list(value.values()) if isinstance(value, dict) and text == "*" else []
    if text == "*":
        return list(value)
    start, _, end = text.partition(":")
    return value[int(start) if start else None : int(end) if end else None]


def _filter(value: Any, path: str, operator: str, wanted: str) -> list[Any]:
    if not isinstance(value, list):
        return []
    plain = wanted.strip("'\"")
    quoted = plain != wanted

    def matches(item: Any) -> bool:
        found = find(item, path)
        if not found:
            return False
        text = found[0] if isinstance(found[0], str) else _literal(found[0])
        same = text == plain and (quoted or not isinstance(found[0], str))
        return same is (operator == "==")

    return [item for item in value if matches(item)]


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
