"""Table answers: which columns a kind has, and one object's cells. kubectl prints them as they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from opgen.apiserver import columns as core_columns
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
    rows = core_columns.of(info)
    if rows is None:
        created = Column(
            "Created At", lambda obj: obj["metadata"]["creationTimestamp"], "date", description=_AGE
        )
        return (name, created)
    own_name = any(title == "Name" for title, *_ in rows)
    return (
        *(() if own_name else (name,)),
        *(
            Column(n, read, kind, "name" if n == "Name" else "", _AGE if n == "Age" else "", priority)
            for n, kind, priority, read in rows
        ),
    )


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
        return _cell(found[0] if found else None, kind) if len(found) < 2 else _joined(found)

    return read


def _joined(values: list[Any]) -> str:
    return ",".join(str(value) for value in values)


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


def age(timestamp: Any, now: datetime | None = None) -> str:
    """How long ago a timestamp was, as kubectl writes ages."""
    if not isinstance(timestamp, str):
        return "<unknown>"
    try:
        then = datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    except ValueError:
        return "<unknown>"
    if then.tzinfo is None:
        return "<unknown>"
    return human_duration(((now or datetime.now(UTC)) - then).total_seconds())


def human_duration(seconds: float) -> str:
    """A duration as kubectl writes it: 5s, 2m30s, 3h5m, 2d3h, 40d, 2y30d."""
    total = int(seconds)
    if total < -1:
        return "<invalid>"
    if total < 0:
        return "0s"
    if total < 120:
        return f"{total}s"
    minutes, hours, days = total // 60, total // 3600, total // 86400
    if minutes < 10:
        return f"{minutes}m{total % 60}s" if total % 60 else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"
    if days < 365 * 2:
        return f"{days}d"
    years = days // 365
    if years < 8:
        return f"{years}y{days % 365}d" if days % 365 else f"{years}y"
    return f"{years}y"


def row(obj: JSONObject, info: ResourceInfo, shown: tuple[Column, ...]) -> list[Any]:
    """One object's cells."""
    return [column.read(obj) for column in shown]
