"""Readers: a file in one of three forms becomes a definition, and where each part of it came from.

Each document of a file is told by what it holds: a CustomResourceDefinition, an OpenAPI or JSON Schema
document, or the concise form. Whether the API server would take the definition is `apiextensions`' word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from opgen.coretypes import lookup, recognise
from opgen.documents import Document, Silences, read
from opgen.documents import Loaded as Documents
from opgen.documents import load as load_documents
from opgen.errors import Diagnostic, error
from opgen.ir.schema import CoreRef, Schema
from opgen.schema.concise import looks_concise, read_concise
from opgen.schema.crd import is_crd, read_crd
from opgen.schema.deeper import review
from opgen.schema.loaded import (
    Form,
    Found,
    Given,
    Loaded,
    audible,
    diagnose,
    diagnose_verdict,
    field_steps,
    located,
)
from opgen.schema.merge import alone, merge, merge_kinds

__all__ = [
    "Form",
    "Found",
    "Given",
    "Loaded",
    "alone",
    "audible",
    "choose",
    "diagnose",
    "diagnose_verdict",
    "field_steps",
    "flatten",
    "is_schema",
    "load",
    "load_parsed",
    "load_text",
    "located",
    "merge",
    "merge_kinds",
    "review",
]


def load(path: str | Path, given: Given | None = None) -> Found:
    """All definitions in the file at `path` (`-` is standard input)."""
    return _read(read(path), "<stdin>" if str(path) == "-" else str(path), given or Given())


def load_text(content: bytes | str, file: str, given: Given | None = None) -> Found:
    """All definitions in `content`, which came from `file`."""
    return _read(load_documents(content, file), file, given or Given())


def load_parsed(documents: Documents, file: str, given: Given | None = None) -> Found:
    """All definitions among documents that were read already, which came from `file`."""
    return _read(documents, file, given or Given())


def choose(
    found: Found,
    *,
    kind: str = "",
    group: str = "",
    file: str = "",
    hint: str = "choose with --kind or --group",
) -> Found:
    """The one definition that `kind` and `group` choose; an error that lists them where they choose none or several."""
    if not found.ok:
        return found
    fits = [
        item
        for item in found.loaded
        if (not kind or item.definition.names.kind == kind)
        and (not group or item.definition.group == group or item.definition.group.startswith(f"{group}."))
    ]
    if len(fits) == 1:
        return Found((fits[0],), found.diagnostics)
    listing = ", ".join(f"{d.definition.names.kind} ({d.definition.group})" for d in found.loaded)
    message = f"holds {len(found.loaded)} definitions" if len(fits) > 1 else "holds no such kind"
    return Found(
        (),
        (
            *found.diagnostics,
            error(
                message,
                file=file or (found.loaded[0].origins.file if found.loaded else ""),
                hint=f"{hint}: {listing}",
            ),
        ),
    )


def _read(documents: Documents, file: str, given: Given) -> Found:
    loaded: list[Loaded] = []
    diagnostics: list[Diagnostic] = list(documents.diagnostics)
    for document in flatten(documents.documents):
        found = _one(document, given)
        silences = {document.origins.file: documents.silences}
        loaded.extend(_recognised(item, silences) for item in found.loaded)
        diagnostics.extend(d for d in found.diagnostics if not documents.silences.cover(d.line, d.code))
    if not loaded and not diagnostics:
        diagnostics.append(
            error(
                "holds no schema: the file is empty",
                file=file,
                hint="a CustomResourceDefinition, an OpenAPI or JSON Schema document, or opgen's concise form",
            )
        )
    diagnostics.extend(_same_twice(loaded))
    return Found(tuple(loaded), tuple(diagnostics))


def flatten(documents: Iterable[Document]) -> Iterator[Document]:
    """Lists (`kind: List`, `CustomResourceDefinitionList`) as their items."""
    for document in documents:
        data = document.data
        if (
            isinstance(data, dict)
            and str(data.get("kind", "")).endswith("List")
            and isinstance(data.get("items"), list)
        ):
            for index, item in enumerate(data["items"]):
                yield Document(item, document.origins.at(("items", index)), document.index)
        else:
            yield document


def _one(document: Document, given: Given) -> Found:
    data: Any = document.data
    if is_crd(data):
        return read_crd(document)
    if isinstance(data, dict) and "apiVersion" in data and "kind" in data:
        kind = data["kind"] if isinstance(data["kind"], str) else "document of another form"
        message, step = f"is a {kind}, not a CustomResourceDefinition", "kind"
        hint = "give the definition of the kind, not an object of it"
        if kind == "CustomResourceDefinition":
            message, step = f"{data['apiVersion']} is not the apiVersion of a {kind}", "apiVersion"
            hint = "write apiVersion: apiextensions.k8s.io/v1"
        line = document.origins.line((step,))
        return Found((), (error(message, file=document.origins.file, line=line, hint=hint),))
    if looks_concise(data):
        return read_concise(document, given, _core_type)
    from opgen.schema.openapi import looks_openapi, read_openapi  # large, and the other forms come first

    if looks_openapi(data):
        return read_openapi(document, given)
    what = (
        "a list" if isinstance(data, list) else "a mapping without `versions`, `properties` or `apiVersion`"
    )
    return Found(
        (),
        (
            error(
                f"is not a schema: {what if isinstance(data, (list, dict)) else 'a single value'}",
                file=document.origins.file,
                line=document.origins.line(()),
                hint="a CustomResourceDefinition, an OpenAPI or JSON Schema document, or opgen's concise form",
            ),
        ),
    )


def is_schema(document: Document) -> bool:
    """Whether a document is meant as a schema, in whatever form."""
    from opgen.schema.openapi import looks_openapi

    data: Any = document.data
    return is_crd(data) or looks_concise(data) or looks_openapi(data)


def _core_type(ref: CoreRef, descriptions: bool) -> Schema | None:
    return lookup(ref, descriptions=descriptions)


def _recognised(loaded: Loaded, silences: Mapping[str, Silences]) -> Loaded:
    """Core types found by their structure, so that all three forms give the same models."""
    definition = loaded.definition
    versions = []
    for version in definition.versions:
        schema = recognise(version.schema) if version.schema is not None else None
        versions.append(version if schema is version.schema else replace(version, schema=schema))
    if any(new is not old for new, old in zip(versions, definition.versions, strict=True)):
        definition = replace(definition, versions=tuple(versions))
    return replace(loaded, definition=definition, silences=silences)


def _same_twice(loaded: list[Loaded]) -> Iterator[Diagnostic]:
    seen: dict[tuple[str, str, tuple[str, ...]], Loaded] = {}
    for item in loaded:
        key = (
            item.definition.group,
            item.definition.names.kind,
            tuple(v.name for v in item.definition.versions),
        )
        if key in seen:
            yield error(
                f"{key[1]} ({key[0]}) is defined twice",
                file=item.origins.file,
                line=item.origins.line(()),
                hint=f"first on line {seen[key].origins.line(())}",
            )
        seen.setdefault(key, item)
