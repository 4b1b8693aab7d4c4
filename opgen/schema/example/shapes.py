"""What stands at one place of several objects: the kinds of value, the fields and items, and how often."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_NAMES: dict[type, str] = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "list", dict: "object", type(None): "null"
}  # fmt: skip


def _name(value: Any) -> str:
    """The kind of a value; a whole number beyond 64 bits is a number, as the API server has it."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return "number"
    return _NAMES[type(value)]


@dataclass(slots=True)
class Shape:
    """One place: all its values in order, the shapes of its fields and of its items, and which kinds it has."""

    values: list[Any] = field(default_factory=list)
    fields: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """boolean, integer, number, string, list, object; null aside."""
        return frozenset(map(_name, self.values)) - {"null"}

    @property
    def nullable(self) -> bool:
        return any(value is None for value in self.values)

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [value for value in self.values if isinstance(value, dict)]

    @property
    def lists(self) -> list[list[Any]]:
        return [value for value in self.values if isinstance(value, list)]

    @property
    def texts(self) -> list[str]:
        return [value for value in self.values if isinstance(value, str)]

    def always(self, name: str) -> bool:
        """Whether each of its objects has that field."""
        return all(name in value for value in self.objects)

    def entries(self) -> Shape:
        """One shape for the values of all fields, as of a map."""
        return shape_of(value for found in self.objects for value in found.values())


def shape_of(values: Iterable[Any]) -> Shape:
    """The shape of values that stand at the same place."""
    shape = Shape()
    fields: dict[str, list[Any]] = {}
    items: list[Any] = []
    for value in values:
        shape.values.append(value)
        if isinstance(value, dict):
            for name, below in value.items():
                fields.setdefault(name, []).append(below)
        elif isinstance(value, list):
            items.extend(value)
    shape.fields = {name: shape_of(below) for name, below in fields.items()}
    shape.items = shape_of(items) if items else None
    return shape
