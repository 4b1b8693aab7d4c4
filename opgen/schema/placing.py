"""From the API server's words to a place in the user's data: field paths of errors, and Go's decoder messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Steps = tuple[str | int, ...]

_GO_FIELD = re.compile(r"cannot unmarshal (\w+)(?: \S+)? into Go struct field \w*\.?(\S+) of type (\S+)")
_GO_TYPES: dict[str, tuple[type, ...]] = {
    "number": (int, float), "string": (str,), "bool": (bool,), "array": (list,), "object": (dict,),
}  # fmt: skip
_MAPS = ("properties", "definitions", "patternProperties")
"""Fields of a definition whose keys the decoder's paths leave out."""


def object_steps(path: str, data: Any) -> Steps:
    """The steps of an object's field path (`spec.ports[0].name`, `data[a.b]`), as far as `data` goes along.

    Names with dots or brackets are told by what is there.
    """
    steps: list[str | int] = []
    rest = path
    while rest:
        found = _step(rest, data)
        if found is None:
            break
        step, rest = found
        steps.append(step)
        data = data[step]
    return tuple(steps)


def _step(rest: str, data: Any) -> tuple[str | int, str] | None:
    if isinstance(data, list):
        number = re.match(r"\[(\d+)\]", rest)
        if number is None or int(number[1]) >= len(data):
            return None
        return int(number[1]), rest[number.end() :]
    if not isinstance(data, dict):
        return None
    plain = re.match(r"\.?([^.\[\]]+)(?![^.\[])", rest)
    # A name of which only itself is there needs no search, which among thousands of fields takes long.
    if (
        plain is not None
        and plain[1] in data
        and "." not in rest[plain.end() :]
        and "[" not in rest[plain.end() :]
    ):
        return plain[1], rest[plain.end() :]
    best: tuple[str, int] | None = None
    for key in data:
        for spelled in (key, f".{key}", f"[{key}]"):
            ends = rest.startswith(spelled) and rest[len(spelled) : len(spelled) + 1] in ("", ".", "[")
            if ends and (best is None or len(spelled) > best[1]):
                best = (key, len(spelled))
    return None if best is None else (best[0], rest[best[1] :])


def unmarshal_steps(text: str, data: Any) -> tuple[Steps, str]:
    """Where the value stands that Go's decoder could not take, and a hint; an empty place if it can't be told.

    The decoder's paths leave out indices, so the first value of the wrong type is meant.
    """
    found = _GO_FIELD.search(text)
    if found is None:
        return (), ""
    given, field, wanted = found.groups()
    types = _GO_TYPES.get(given, ())
    places = (
        path
        for path, value in _values(data, field.split("."), ())
        if isinstance(value, types) and (bool in types or not isinstance(value, bool))
    )
    quoted = wanted == "string" and given in ("number", "bool")
    return next(places, ()), "put the value into quotes" if quoted else ""


def _values(data: Any, field: list[str], path: Steps) -> Iterator[tuple[Steps, Any]]:
    """The values that a Go field path may mean: it leaves out indices and the keys of maps."""
    if isinstance(data, list):
        if not field:
            yield path, data
        for index, item in enumerate(data):
            yield from _values(item, field, (*path, index))
    elif not field:
        yield path, data
        if isinstance(data, dict):
            for key, value in data.items():
                yield (*path, key), value
    elif isinstance(data, dict):
        if field[0] in data:
            yield from _values(data[field[0]], field[1:], (*path, field[0]))
        elif path and path[-1] in _MAPS:
            for key, value in data.items():
                yield from _values(value, field, (*path, key))
