"""A definition as the server holds it inside: what all versions share stands once, at the top.

The server judges this form, so its errors name `spec.validation.openAPIV3Schema` where a definition has one
version, or the same schema in all, and `spec.versions[0].schema.openAPIV3Schema` otherwise; likewise
subresources, printer columns and selectable fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opgen.ir.definition import Definition, PrinterColumn, Scale
from opgen.ir.schema import Schema


@dataclass(frozen=True, slots=True)
class Part:
    """What may stand at the top or below a version. `path` is where it stands, `version` whose it is.

    At the top `version` is the first version's name, which stands for all.
    """

    path: str
    version: str
    schema_path: str
    schema: Schema | None = None
    has_subresources: bool = False
    status: bool = False
    scale: Scale | None = None
    columns: tuple[PrinterColumn, ...] = ()
    selectable_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """The shared part and that of each version, which lacks what is shared."""

    top: Part
    versions: tuple[Part, ...]

    def schemas(self) -> Iterator[Schema]:
        """All schemas, a shared one once."""
        for part in (self.top, *self.versions):
            if part.schema is not None:
                yield part.schema

    @property
    def any_status(self) -> bool:
        """Whether any version has the status subresource."""
        return any(part.status for part in (self.top, *self.versions))

    def status_of(self, version: Part) -> bool:
        """Whether that version has the status subresource, its own or the shared one."""
        if any(part.has_subresources for part in self.versions):
            return next(part.status for part in self.versions if part.version == version.version)
        return self.top.status


def layout(definition: Definition) -> Layout:
    """The definition in the server's inner form."""
    versions = definition.versions
    first = versions[0] if versions else None
    same_schema = first is not None and all(v.schema == first.schema for v in versions[1:])
    same_resources = first is not None and all(
        (v.status_subresource, v.scale) == (first.status_subresource, first.scale) for v in versions[1:]
    )
    same_columns = first is not None and all(v.printer_columns == first.printer_columns for v in versions[1:])
    same_fields = first is not None and all(
        v.selectable_fields == first.selectable_fields for v in versions[1:]
    )
    parts = []
    for index, version in enumerate(versions):
        path = f"spec.versions[{index}]"
        scale = None if same_resources else version.scale
        status = version.status_subresource and not same_resources
        parts.append(
            Part(
                path,
                version.name,
                f"{path}.schema",
                None if same_schema else version.schema,
                status or scale is not None,
                status,
                scale,
                () if same_columns else version.printer_columns,
                () if same_fields else version.selectable_fields,
            )
        )
    if first is None:
        return Layout(Part("spec", "", "spec.validation"), ())
    scale = first.scale if same_resources else None
    status = first.status_subresource and same_resources
    top = Part(
        "spec",
        first.name,
        "spec.validation",
        first.schema if same_schema else None,
        status or scale is not None,
        status,
        scale,
        first.printer_columns if same_columns else (),
        first.selectable_fields if same_fields else (),
    )
    return Layout(top, tuple(parts))
