"""Table answers: which columns a kind has, and one object's cells. kubectl prints them as they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from opgen.apiserver import cells
from opgen.apiserver.cells.ages import age
from opgen.apiserver.jsonpath import find
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject

_NAME = (
    "Name must be unique within a namespace. Is required when creating resources, although some resources may "
    "allow a client to request the generation of an appropriate name automatically. Name is primarily intended "
    "for creation idempotence and configuration definition. Cannot be updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
)
_AGE = (
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not "
    "guaranteed to be set in happens-before order across separate operations. Clients may not set this value. "
    "It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. "
    "More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
)


_PLAIN: tuple[cells.Column, ...] = (
    ("Name", "string", "name", _NAME, 0),
    ("Created At", "date", "", _AGE, 0),
)
"""The columns of a kind that has none of its own."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its definition, and how an object's cell is read."""

    name: str
    read: Callable[[JSONObject], Any]
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0

    def definition(self) -> JSONObject:
        """The entry of columnDefinitions."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": self.description,
            "priority": self.priority,
        }


def columns(info: ResourceInfo) -> tuple[Column, ...]:
    """The columns of a resource, name first."""
    name = Column("Name", lambda obj: obj["metadata"]["name"], format="name", description=_NAME)
    if info.definition is not None:
        return (name, *_custom(info))
    readers = cells.of(info.table)
    return tuple(
        Column(title, readers.get(title) or _nothing, kind, form, description, priority)
        for title, kind, form, description, priority in cells.definitions(info) or _PLAIN
    )


def _nothing(obj: JSONObject) -> Any:
    return ""


def _custom(info: ResourceInfo) -> tuple[Column, ...]:
    version = info.definition.version(info.version) if info.definition is not None else None
    declared = version.printer_columns if version is not None else ()
    if not declared:
        return (
            Column(
                "Age", lambda obj: age(obj["metadata"].get("creationTimestamp")), "date", description=_AGE
            ),
        )
    return tuple(
        Column(
            column.name,
            _reader(column.json_path, column.type),
            column.type,
            column.format,
            column.description
            or f"Custom resource definition column (in JSONPath format): {column.json_path}",
            column.priority,
        )
        for column in declared
    )


def _reader(path: str, kind: str) -> Callable[[JSONObject], Any]:
    def read(obj: JSONObject) -> Any:
        found = find(obj, path)
        return _cell(found[0] if found else None, kind)

    return read


def _cell(value: Any, kind: str) -> Any:
    """A custom column's cell, by the column's type; a value of another type is left out."""
    if value is None:
        return None
    match kind:
        case "integer":
            return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
        case "number":
            return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "date":
            return age(value)
        case _:
            return value if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        from opgen.apiserver.message import encode

        return encode(value).decode()
    return str(value)


def row(obj: JSONObject, info: ResourceInfo, shown: tuple[Column, ...]) -> list[Any]:
    """One object's cells."""
    return [column.read(obj) for column in shown]
