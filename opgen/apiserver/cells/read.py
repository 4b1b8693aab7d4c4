"""What cells are made of: readers of a place in an object, and the few ways to write what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opgen.apiserver.cells.ages import age as since
from opgen.apiserver.jsonpath import find

Reader = Callable[[dict[str, Any]], Any]
Cells = dict[str, Reader]
"""Column title -> reader."""


def age(obj: dict[str, Any]) -> str:
    """Since when the object is there."""
    return since(obj["metadata"].get("creationTimestamp"))


def ago(path: str) -> Reader:
    def read(obj: dict[str, Any]) -> str:
        return since(first(obj, path))

    return read


def first(obj: Any, path: str, default: Any = None) -> Any:
    """What a JSON path finds first; the default where that is nothing or null."""
    found = find(obj, path)
    return found[0] if found and found[0] is not None else default


def at(path: str, default: Any = "") -> Reader:
    """The value itself."""
    return lambda obj: first(obj, path, default)


def text(path: str, default: str = "<none>") -> Reader:
    """The value as text; the default where it is empty."""
    return lambda obj: str(first(obj, path, "") or default)


def count(path: str) -> Reader:
    """How many there are."""
    return lambda obj: len(first(obj, path, ()))


def joined(path: str, separator: str = ",") -> Reader:
    """All that the path finds, on one line."""
    return lambda obj: separator.join(str(v) for v in find(obj, path)) or "<none>"


def labels(path: str) -> Reader:
    """A map as key=value, in order of the keys."""

    def read(obj: dict[str, Any]) -> str:
        labels = first(obj, path, {})
        return ",".join(f"{key}={labels[key]}" for key in sorted(labels)) or "<none>"

    return read


def fraction(done: str, wanted: str, default: int = 0) -> Reader:
    """How many of how many."""
    return lambda obj: f"{first(obj, done, 0)}/{first(obj, wanted, default)}"


def selector(path: str) -> Reader:
    """A label selector, as labels and expressions."""

    def show(obj: dict[str, Any]) -> str:
        found = first(obj, path, {})
        parts = [f"{key}={value}" for key, value in sorted((found.get("matchLabels") or {}).items())]
        for term in found.get("matchExpressions") or ():
            key, values = term.get("key", ""), ",".join(sorted(term.get("values") or ()))
            match term.get("operator"):
                case "In":
                    parts.append(f"{key} in ({values})")
                case "NotIn":
                    parts.append(f"{key} notin ({values})")
                case "Exists":
                    parts.append(key)
                case "DoesNotExist":
                    parts.append(f"!{key}")
        return ",".join(parts) or "<none>"

    return show


def controller(obj: dict[str, Any]) -> str:
    """The owner that controls the object: kind.group/name."""
    for owner in obj["metadata"].get("ownerReferences") or ():
        if owner.get("controller"):
            group = owner["apiVersion"].rpartition("/")[0]
            kind = owner["kind"].lower() + (f".{group}" if group else "")
            return f"{kind}/{owner['name']}"
    return "<none>"
