"""How much of a schema's descriptions goes into the definition: all, none, or so many characters of each.

Descriptions are three quarters of most definitions, and the API server takes no more than so much.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from opgen.ir.schema import Schema

_SENTENCE = re.compile(
    r"(?<=[.!?])(?P<closing>[\"')\]]*)(?:\s+(?=[\"'(\[]?(?P<next>[\w`]))|\s*\n)"
    r"|(?<=[\u3002\uff01\uff1f])(?P<wide>[\u300d\u300f\uff09]*)"  # as Chinese and Japanese end them, without a space
    r"|\n\s*\n"
)
_LOOSE = " ,;:-\n"
_OPEN_CODE = re.compile(r"`+[^`]*$")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|cf|vs|approx|resp|no|etc)|\b[A-Z])\.$")
_LONGEST = len(" approx.")


def trimmed(schema: Schema, policy: bool | int) -> Schema:
    """The schema and all below it with descriptions by `policy`: True keeps them, False drops them, N cuts each."""
    if policy is True:
        return schema
    changes: dict[str, Any] = {}
    if schema.description:
        changes["description"] = shortened(schema.description, int(policy))
    if schema.properties:
        changes["properties"] = {name: trimmed(node, policy) for name, node in schema.properties.items()}
    for name in ("items", "additional_properties"):
        node = getattr(schema, name)
        if isinstance(node, Schema):
            changes[name] = trimmed(node, policy)
    changes = {name: value for name, value in changes.items() if not _same(getattr(schema, name), value)}
    return schema.changed(**changes) if changes else schema


def _same(old: Any, new: Any) -> bool:
    if isinstance(new, Mapping):
        return all(old[name] is node for name, node in new.items())
    return old is new or (isinstance(new, str) and old == new)


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters of a text: the whole sentences that fit, else the whole words of the first one."""
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    end = 0
    for found in _SENTENCE.finditer(text):
        closing = found["closing"] or found["wide"] or ""
        head = text[: found.start() + len(closing)].rstrip()
        if len(head) > limit:
            break
        goes_on = (found["next"] or "").islower() or head.count("`") % 2  # a fence or a literal is open
        if not goes_on and not _ABBREVIATION.search(head[-_LONGEST:]):
            end = len(head)
    if end:
        return text[:end]
    room = text[:limit]
    if len(room) < 2:
        return room
    words = room[: limit - 1].rsplit(None, 1)[0] if " " in room[: limit - 1].strip() else room[: limit - 1]
    if words.count("`") % 2:
        words = _OPEN_CODE.sub("", words) or words
    return f"{words.rstrip(_LOOSE)}…"
