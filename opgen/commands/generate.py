"""`opgen generate`: everything ALWAYS again, from schemas/, PROJECT and the code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opgen.commands.artifacts import generated, stale
from opgen.commands.budgets import over_budget
from opgen.commands.collection import uncollected
from opgen.commands.schemas import load_definitions, unnamed
from opgen.commands.workspace import Outcome, carry_out, find_root, opened, read_project
from opgen.errors import InputError, has_errors


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """`start` is a folder in the project. With `write` False the plan is made and nothing is written.

    `size_budget` is how many bytes each definition may have, in place of what PROJECT keeps for it.
    """

    start: Path
    write: bool = True
    size_budget: int | None = None


@uncollected()
def generate(request: GenerateRequest) -> Outcome:
    """Brings the project's generated files up to date. Raises InputError with all problems, nothing written."""
    root = find_root(request.start)
    with opened(root, write=request.write) as notes:
        project = read_project(root)
        definitions = load_definitions(project, root)
        made = generated(project, root, definitions, {})
        if over := [*over_budget(project, definitions, request.size_budget)]:
            raise InputError([*definitions.diagnostics, *over])
        said = [*definitions.diagnostics, *unnamed(project, root), *made.diagnostics]
        if definitions.by_kind and not has_errors(said):
            from opgen.commands.stale_samples import stale_samples  # heavy, and a project may have no kinds

            said += stale_samples(root, definitions)
        return carry_out(
            root,
            made.artifacts,
            write=request.write,
            diagnostics=said,
            notes=notes,
            delete=stale(project, root, made.artifacts),
            claimed=True,
        )
