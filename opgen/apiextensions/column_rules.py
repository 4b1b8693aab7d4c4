"""Printer columns and the scale subresource: JSON paths of the simple kind, types and formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opgen.apiextensions.complaints import invalid, required
from opgen.apiextensions.errors import FieldError, GoText
from opgen.ir.definition import PrinterColumn, Scale

COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")


def column_errors(columns: Iterable[PrinterColumn], path: str) -> Iterator[FieldError]:
    """The errors of additionalPrinterColumns, which stand at `path`."""
    for index, column in enumerate(columns):
        where = f"{path}[{index}]"
        if not column.name:
            yield required(f"{where}.name")
        detail = f"must be one of {','.join(COLUMN_TYPES)}"
        if not column.type:
            yield required(f"{where}.type", detail)
        elif column.type not in COLUMN_TYPES:
            yield invalid(f"{where}.type", column.type, detail)
        if column.format and column.format not in COLUMN_FORMATS:
            yield invalid(f"{where}.format", column.format, f"must be one of {','.join(COLUMN_FORMATS)}")
        if not column.json_path:
            yield required(f"{where}.JSONPath")
        else:
            yield from _simple_path(column.json_path, f"{where}.JSONPath")


def scale_errors(scale: Scale | None, path: str) -> Iterator[FieldError]:
    """The errors of subresources.scale; `path` is that of subresources."""
    if scale is None:
        return
    for wire, json_path, root in (
        ("specReplicasPath", scale.spec_replicas_path, "spec"),
        ("statusReplicasPath", scale.status_replicas_path, "status"),
    ):
        where = f"{path}.scale.{wire}"
        if not json_path:
            yield required(where)
        elif not json_path.startswith("."):
            yield from _simple_path(json_path, where)
        elif not json_path.startswith(f".{root}."):
            yield invalid(where, json_path, f"should be a json path under .{root}")
    selector = scale.label_selector_path
    if selector:
        where = f"{path}.scale.labelSelectorPath"
        if not selector.startswith("."):
            yield from _simple_path(selector, where)
        elif not selector.startswith((".spec.", ".status.")):
            yield invalid(where, GoText(selector), "should be a json path under either .spec or .status")


def _simple_path(json_path: str, where: str) -> Iterator[FieldError]:
    if not json_path.startswith("."):
        yield invalid(where, json_path, "must be a simple json path starting with .")
