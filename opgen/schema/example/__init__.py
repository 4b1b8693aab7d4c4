"""Writes a concise schema from objects of a kind, to be edited: what they hold, and what they leave open.

`shapes` collects what stands at each place over all objects, `types` decides what it probably is, `core` knows
Kubernetes' own types by their looks, `text` writes it down. Every example is valid under what comes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from opgen.coretypes import kind as core_kind
from opgen.documents import Document
from opgen.errors import Diagnostic, error
from opgen.schema.example.text import document

__all__ = ["Examples", "Written", "from_examples"]


@dataclass(frozen=True, slots=True)
class Examples:
    """The objects of one kind, by version, in order."""

    group: str
    kind: str
    versions: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Written:
    """The schemas as one text, a document a kind, and what is wrong with the objects."""

    text: str
    diagnostics: tuple[Diagnostic, ...]


def from_examples(documents: Iterable[Document]) -> Written:
    """Concise schemas for the kinds of the objects; objects of one kind are taken together."""
    kinds: dict[tuple[str, str], Examples] = {}
    diagnostics: list[Diagnostic] = []
    for item in documents:
        problem = _take(item, kinds)
        if problem is not None:
            diagnostics.append(problem)
    if diagnostics:
        return Written("", tuple(diagnostics))
    texts = [document(found.group, found.kind, found.versions) for found in kinds.values()]
    return Written("---\n".join(texts), ())


def _take(item: Document, kinds: dict[tuple[str, str], Examples]) -> Diagnostic | None:
    data, origins = item.data, item.origins

    def problem(message: str, hint: str, step: str = "") -> Diagnostic:
        return error(message, file=origins.file, line=origins.line((step,) if step else ()), hint=hint)

    if not isinstance(data, dict):
        return problem(
            "is not an object of a kind", "an object has apiVersion, kind, metadata and its fields"
        )
    api_version, kind = data.get("apiVersion"), data.get("kind")
    for name, value in (("apiVersion", api_version), ("kind", kind)):
        if not isinstance(value, str) or not value:
            return problem(f"has no {name}", "an object has apiVersion, kind, metadata and its fields", name)
    group, _, version = str(api_version).rpartition("/")
    if kind == "CustomResourceDefinition":
        return problem("is a definition, not an object", "opgen compile reads it as it is", "kind")
    if not group or core_kind(group, version, str(kind)) is not None:
        return problem(f"{kind} is built into Kubernetes", "give an object of a kind of your own", "kind")
    found = kinds.setdefault((group, str(kind)), Examples(group, str(kind), {}))
    found.versions.setdefault(version, []).append(data)
    return None
