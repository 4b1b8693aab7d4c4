"""An OpenAPI or JSON Schema document as a definition: finds the schema, converts it, wraps it as a resource."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from opgen.apiextensions import decode_schema, default_definition
from opgen.documents import Document, Position
from opgen.errors import Diagnostic, error, has_errors
from opgen.ir.definition import Definition, Names, Version
from opgen.ir.names import plural_of
from opgen.ir.schema import Schema
from opgen.schema.loaded import Form, Found, Given, Loaded
from opgen.schema.openapi.conversion import Conversion
from opgen.schema.openapi.convert import convert
from opgen.schema.openapi.pointers import Target, candidates, follow

_MARKS = frozenset(
    {
        "$schema",
        "openapi",
        "swagger",
        "properties",
        "$ref",
        "$defs",
        "allOf",
        "oneOf",
        "anyOf",
        "components",
        "definitions",
    }
)
_GVK = "x-kubernetes-group-version-kind"


def looks_openapi(data: Any) -> bool:
    """Whether a document is meant as an OpenAPI document or a JSON Schema."""
    return isinstance(data, dict) and (
        bool(_MARKS & data.keys())
        or (
            isinstance(data.get("type"), str)
            and data["type"] in ("object", "array", "string", "integer", "number", "boolean")
        )
    )


def read_openapi(document: Document, given: Given) -> Found:
    """The definition of the kind that `given` names, from the schema that its pointer leads to.

    A schema with `spec`, `status` or `apiVersion` among its properties is the whole object, any other is its spec.
    """
    file = document.origins.file
    target, problem = _target(document, given)
    if target is None:
        return Found((), (problem,) if problem else ())
    given = _named_by(target.data, given)
    missing = [flag for flag in ("group", "version", "kind") if not getattr(given, flag)]
    if missing:
        return Found(
            (),
            tuple(
                error(f"the document does not say its {flag}", file=file, hint=f"give --{flag}")
                for flag in missing
            ),
        )
    work = Conversion(document.data, document.origins)
    raw, lines = convert(work, target.data, target.path, _trail(given))
    if has_errors(work.diagnostics):
        return Found((), tuple(work.diagnostics))
    schema, failure = decode_schema(raw)
    if schema is None:
        return Found((), (*work.diagnostics, error(failure, file=file, line=lines.line)))
    if schema.type != "object":
        return Found(
            (),
            (
                *work.diagnostics,
                error(
                    f"the schema is of type {schema.type or 'any'}; a resource's schema is an object",
                    file=file,
                    line=lines.line,
                    hint="point at the object with --pointer",
                ),
            ),
        )
    whole, lines = _whole(schema, lines)
    return Found(
        (Loaded(_definition(given, whole), _origins(document, lines), Form.OPENAPI),), tuple(work.diagnostics)
    )


def _trail(given: Given) -> tuple[str, ...]:
    return (f"#{given.pointer.removeprefix('#')}",) if given.pointer else ("#",)


def _target(document: Document, given: Given) -> tuple[Target | None, Diagnostic | None]:
    file = document.origins.file
    names = list(candidates(document.data))
    hint = "one of " + ", ".join(names[:12]) if names else ""
    if given.pointer:
        found = follow(document.data, given.pointer)
        if found is None:
            return None, error(f"--pointer {given.pointer} leads nowhere", file=file, hint=hint)
        return found, None
    if "openapi" in document.data or "swagger" in document.data:
        return None, error(
            "an OpenAPI document holds many schemas",
            file=file,
            hint=f"choose one with --pointer: {hint or 'there is none here'}",
        )
    return Target(document.data, ()), None


def _named_by(schema: Any, given: Given) -> Given:
    """The group, version and kind that the schema itself names, where the command line is silent."""
    entries = schema.get(_GVK) if isinstance(schema, dict) else None
    entry = entries[0] if isinstance(entries, list) and entries else entries
    if not isinstance(entry, dict):
        return given
    return replace(
        given,
        group=given.group or str(entry.get("group", "")),
        version=given.version or str(entry.get("version", "")),
        kind=given.kind or str(entry.get("kind", "")),
    )


def _whole(schema: Schema, lines: Position) -> tuple[Schema, Position]:
    """The schema of the whole object, with the standard fields that it leaves out."""
    standard = {
        "apiVersion": Schema(type="string"),
        "kind": Schema(type="string"),
        "metadata": Schema(type="object"),
    }
    if {"spec", "status", "apiVersion"} & schema.properties.keys():
        return schema.changed(properties={**schema.properties, **standard}), lines
    properties = {**standard, "spec": schema.changed(title="")}
    names = Position(lines.line, {"spec": lines})
    return Schema(type="object", properties=properties, required=("spec",)), Position(
        lines.line, {"properties": names}
    )


def _definition(given: Given, schema: Schema) -> Definition:
    plural = given.plural or plural_of(given.kind)
    name = f"{plural}.{given.group}"
    version = Version(
        name=given.version,
        served=True,
        storage=True,
        schema=schema,
        status_subresource="status" in schema.properties,
    )
    return default_definition(
        Definition(
            name=name,
            group=given.group,
            names=Names(plural, given.kind.lower(), given.kind, f"{given.kind}List"),
            scope="Cluster" if given.namespaced is False else "Namespaced",
            versions=(version,),
            metadata={"name": name},
        )
    )


def _origins(document: Document, lines: Position) -> Any:
    version = Position(lines.line, {"schema": Position(lines.line, {"openAPIV3Schema": lines})})
    versions = Position(lines.line, {0: version})
    return replace(document.origins, root=Position(1, {"spec": Position(1, {"versions": versions})}))
