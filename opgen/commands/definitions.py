"""The definitions of a project's own kinds, as data; `schemas` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opgen.documents import Origins, Silences
from opgen.errors import Diagnostic
from opgen.ir.definition import Definition


@dataclass(frozen=True, slots=True)
class Definitions:
    """By (group, kind): the definition and the files that it came from; `imported` are other people's kinds.

    `silences` are the comments about lints, by file; `origins` the places of each of the project's own.
    """

    by_kind: Mapping[tuple[str, str], Definition]
    files: Mapping[tuple[str, str], tuple[str, ...]]
    diagnostics: tuple[Diagnostic, ...] = ()
    imported: Mapping[tuple[str, str], Definition] = field(default_factory=dict)
    silences: Mapping[str, Silences] = field(default_factory=dict)
    origins: Mapping[tuple[str, str], Origins] = field(default_factory=dict)
