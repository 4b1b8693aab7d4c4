"""Where a `$ref` leads: JSON pointers (RFC 6901), anchors, and schemas of the same document that have an `$id`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

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


class References:
    """The names of a document's parts: `$id` (`id` in draft 4), `$anchor`, `$dynamicAnchor`; read when first needed."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._named: dict[str, Target] | None = None
        self._bases: dict[tuple[str | int, ...], str] = {}

    def resolve(self, ref: str, path: Path) -> Target | None:
        """Where a `$ref` that stands at `path` leads within the document, or None."""
        if ref == "#" or ref.startswith("#/"):
            found = follow(self._document, ref)
            if found is not None and not self._within(path):
                return found
        named = self._names()
        whole = urljoin(self._within(path), ref)
        if whole in named:
            return named[whole]
        name, fragment = urldefrag(whole)
        holder = named.get(name) if name else Target(self._document, ())
        if holder is None or (fragment and not fragment.startswith("/")):
            return None
        below = follow(holder.data, fragment)
        return Target(below.data, (*holder.path, *below.path)) if below is not None else None

    def _within(self, path: Path) -> str:
        """The `$id` of the innermost schema around a place, resolved; "" where there is none."""
        self._names()
        steps = tuple(path)
        return next(
            (self._bases[steps[:end]] for end in range(len(steps), -1, -1) if steps[:end] in self._bases), ""
        )

    def _names(self) -> dict[str, Target]:
        if self._named is None:
            self._named = {}
            self._collect(self._named)
        return self._named

    def _collect(self, named: dict[str, Target]) -> None:
        todo: list[tuple[Any, tuple[str | int, ...], str]] = [(self._document, (), "")]
        while todo:
            data, path, base = todo.pop()
            if isinstance(data, list):
                todo.extend((item, (*path, index), base) for index, item in enumerate(data))
            elif isinstance(data, dict):
                base = self._take(data, path, base, named)
                todo.extend((value, (*path, key), base) for key, value in data.items())

    def _take(self, data: Any, path: tuple[str | int, ...], base: str, named: dict[str, Target]) -> str:
        """The names of one mapping; returns the base of what is below it."""
        if path and path[-1] in ("properties", "patternProperties", "$defs", "definitions"):
            return base  # its keys are names, not keywords
        own = data.get("$id", data.get("id"))
        if isinstance(own, str):
            whole = urljoin(base, own)
            name, fragment = urldefrag(whole)
            named.setdefault(whole if fragment else name, Target(data, path))
            if not fragment:
                base = name
                self._bases[path] = name
        for key in ("$anchor", "$dynamicAnchor"):
            if isinstance(data.get(key), str):
                named.setdefault(f"{base}#{data[key]}", Target(data, path))
        return base


def candidates(document: Any) -> Iterator[str]:
    """Pointers to the named schemas of a document, for hints."""
    for holder in ("components/schemas", "$defs", "definitions"):
        found = follow(document, f"/{holder}")
        if found is not None and isinstance(found.data, dict):
            yield from (f"/{holder}/{name}" for name in sorted(found.data))
