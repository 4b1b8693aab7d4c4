"""A rule's `fieldPath`: a JSON path of names and quoted keys that must exist in the schema."""

from __future__ import annotations

import re

from opgen.ir.schema import Schema

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "'": "'", "\\": "\\"}


class FieldPathFault(ValueError):
    """The path is malformed or leads nowhere; the message is the server's."""


def normalised(path: str, schema: Schema) -> str:
    """The path as error messages show it: `.a['b.c']` is `a.b.c` below properties and `a[key]` below maps."""
    shown = ""
    here = schema
    tokens = _tokens(path)
    while tokens:
        token = tokens.pop(0)
        if token == ".":
            name = _next(tokens)
        elif token == "[":
            quoted = _next(tokens)
            if len(quoted) < 2 or quoted[0] != "'" or quoted[-1] != "'":
                raise FieldPathFault(f"expected single quoted string but got {quoted}")
            name = _unescaped(quoted[1:-1])
        else:
            raise FieldPathFault(f"expected [ or . but got: {token}")
        if here.properties:
            found = here.properties.get(name)
            if found is None:
                raise FieldPathFault("does not refer to a valid field")
            shown = f"{shown}.{name}" if shown else name
        elif here.additional_properties is not None:
            rest = here.additional_properties
            found = rest if isinstance(rest, Schema) else Schema()  # a bool leads on, to nothing declared
            shown = f"{shown}[{name}]"
        else:
            raise FieldPathFault("does not refer to a valid field")
        here = found
        if token == "[":
            closing = _next(tokens)
            if closing != "]":
                raise FieldPathFault(f"expected ] but got {closing}")
    return shown


def _next(tokens: list[str]) -> str:
    if not tokens:
        raise FieldPathFault("unexpected end of JSON path")
    return tokens.pop(0)


def _tokens(path: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(path):
        end = at + 1
        if path[at] == "'":
            while end < len(path) and not (path[end] == "'" and path[end - 1] != "\\"):
                end += 1
            end = min(end + 1, len(path))
        elif path[at] not in ".[]":
            while end < len(path) and path[end] not in ".[]":
                end += 1
        found.append(path[at:end])
        at = end
    return found


def _unescaped(text: str) -> str:
    wrong = ""

    def one(escape: re.Match[str]) -> str:
        nonlocal wrong
        if escape[1] not in _SIMPLE:
            wrong = escape[0]
        return _SIMPLE.get(escape[1], "")

    found = _ESCAPE.sub(one, text)
    if wrong:
        raise FieldPathFault(f"invalid string literal: invalid escape char {wrong}")
    return found
