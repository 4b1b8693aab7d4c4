"""JSON pointers (RFC 6901) and `$ref` within one document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from opgen.documents.origins import Path


@dataclass(frozen=True, slots=True)
class Target:
    """What a pointer leads to, and its path in the document."""

    data: Any
    path: Path


def parse_pointer(pointer: str) -> tuple[str, ...]:
    """`#/components/schemas/Widget` or `/components/schemas/Widget` as steps."""
    text = unquote(pointer.removeprefix("#"))
    if not text:
        return ()
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.removeprefix("/").split("/"))


def follow(document: Any, pointer: str) -> Target | None:
    """Where `pointer` leads in `document`, or None."""
    steps: list[str | int] = []
    data = document
    for step in parse_pointer(pointer):
        if isinstance(data, dict) and step in data:
            data = data[step]
            steps.append(step)
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
            steps.append(int(step))
        else:
            return None
    return Target(data, tuple(steps))


def candidates(document: Any) -> Iterator[str]:
    """Pointers to the named schemas of a document, for hints."""
    for holder in ("components/schemas", "$defs", "definitions"):
        found = follow(document, f"/{holder}")
        if found is not None and isinstance(found.data, dict):
            yield from (f"/{holder}/{name}" for name in sorted(found.data))
