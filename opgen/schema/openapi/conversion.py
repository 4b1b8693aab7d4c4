"""One conversion's state: the document, where its parts stand, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from opgen.documents import Origins, Position
from opgen.documents.origins import Path, json_path
from opgen.errors import Diagnostic, error, warning
from opgen.schema.openapi.pointers import References

Raw: TypeAlias = dict[str, Any]
Descend: TypeAlias = Callable[[Any, Path], tuple[Raw, Position]]
"""Converts a part of the node at hand, found at a path."""


@dataclass(slots=True)
class Conversion:
    """One conversion's document, findings and limits."""

    document: Any
    origins: Origins
    diagnostics: list[Diagnostic] = field(default_factory=list)
    nodes: int = 0
    references: References = field(init=False)
    _told: set[Diagnostic] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.references = References(self.document)

    def problem(self, path: Path, message: str, hint: str = "") -> None:
        file, line = self.origins.locate(path)
        self._add(error(message, file=file, line=line, path=json_path(path), hint=hint))

    def note(self, path: Path, message: str, hint: str = "") -> None:
        file, line = self.origins.locate(path)
        self._add(warning(message, file=file, line=line, path=json_path(path), hint=hint))

    def _add(self, found: Diagnostic) -> None:
        """What several references lead to is told once."""
        if found not in self._told:
            self._told.add(found)
            self.diagnostics.append(found)
