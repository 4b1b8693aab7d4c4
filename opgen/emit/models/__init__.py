"""Writes the models of a definition: one Python module a kind and version.

`shape` decides what a schema node is, `plan` finds and names the classes, `spell` makes Python text of them,
`module` puts a file together. The classes' behaviour is opgen_runtime.objects'.
"""

from __future__ import annotations

from dataclasses import dataclass

from opgen import coretypes
from opgen.emit.models.module import Kind, Root, write
from opgen.emit.models.shape import Core, shape_of
from opgen.ir.definition import Definition, Version
from opgen.ir.names import class_name, identifier
from opgen.ir.schema import CoreRef, Schema
from opgen.ir.stamp import stamp


@dataclass(frozen=True, slots=True)
class ModelModule:
    """One generated module. `spec_class` and `status_class` are None where the kind has no such class."""

    version: str
    kind: str
    module_name: str
    source: str
    class_name: str
    spec_class: str | None
    status_class: str | None


def models(
    definition: Definition, source: str = "", *, command: str = "opgen generate"
) -> tuple[ModelModule, ...]:
    """The modules of all versions, in the definition's order.

    `source` says in the header where they came from, `command` what makes them anew.
    """
    return tuple(_module(definition, version, source, command) for version in definition.versions)


def _module(definition: Definition, version: Version, source: str, command: str) -> ModelModule:
    names = definition.names
    schema = version.schema or Schema(type="object", x_preserve_unknown_fields=True)
    name = class_name(names.kind)
    kind = Kind(definition.group, version.name, names.kind, names.plural, definition.namespaced)
    described = f"{names.kind} of {definition.group}/{version.name}."
    sections = {part: _section_core(schema, part) for part in ("spec", "status")}
    written = write(
        [Root(name, schema, kind, described)],
        coretypes.MODELS,
        coretypes.model,
        doc=_module_doc(definition, version),
        extra=[core for core in sections.values() if core],
    )

    def section(part: str) -> str | None:
        core = sections[part]
        return written.core(core) if core is not None else written.classes.get((name, (part,)))

    return ModelModule(
        version=version.name,
        kind=names.kind,
        module_name=identifier(names.kind),
        source=stamp(written.source, source, command=command),
        class_name=name,
        spec_class=section("spec"),
        status_class=section("status"),
    )


def _section_core(schema: Schema, part: str) -> CoreRef | None:
    """The built-in type that stands as the spec or status, if one does."""
    found = schema.properties.get(part)
    shape = shape_of(found, coretypes.MODELS) if found is not None else None
    return shape.ref if isinstance(shape, Core) else None


def _module_doc(definition: Definition, version: Version) -> str:
    text = f"{definition.names.kind} of {definition.group}, version {version.name}."
    if version.deprecated:
        warning = version.deprecation_warning or f"{definition.group}/{version.name} is deprecated"
        text += f"\n\nDeprecated: {warning}"
    return text
