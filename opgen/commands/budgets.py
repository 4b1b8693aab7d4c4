"""How large a project's CRDs may be: what PROJECT keeps for a kind, or what one run was given for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from opgen.commands.definitions import Definitions
from opgen.emit.crd import crd_yaml, size_warnings
from opgen.errors import Diagnostic
from opgen.ir.project import Project


def over_budget(project: Project, definitions: Definitions, given: int | None = None) -> Iterator[Diagnostic]:
    """One error a CRD that is larger than its budget. `given` (bytes) counts in place of all that PROJECT keeps."""
    for key, definition in definitions.by_kind.items():
        budget = given if given is not None else project.settings.size_budget(*key)
        if budget is None:
            continue
        for found in size_warnings(definition, crd_yaml(definition), definitions.files[key][0], budget):
            kept = "" if given is not None else " (sizeBudget in PROJECT)"
            yield replace(found, message=f"{found.message}{kept}")
