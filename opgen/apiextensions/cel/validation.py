"""Rules over an object."""

from __future__ import annotations

from opgen.apiextensions.cel.result import CelResult
from opgen.ir.schema import JSON, Schema


def validate(
    schema: Schema, obj: JSON, old: JSON | None, *, field_path: str = "", has_old: bool = False
) -> CelResult:
    """Run every rule of `schema` over `obj`; `old` is the stored object on update (`has_old`)."""
    return CelResult(unchecked=tuple(_rules(schema, field_path)))


def _rules(schema: Schema, path: str) -> list[str]:
    found = [f"{path}: {rule.rule}" for rule in schema.x_validations]
    for name, child in schema.properties.items():
        found += _rules(child, f"{path}.{name}".lstrip("."))
    if schema.items is not None:
        found += _rules(schema.items, f"{path}[*]")
    if isinstance(schema.additional_properties, Schema):
        found += _rules(schema.additional_properties, f"{path}[*]")
    return found
