"""`opgen validate`: what kube-apiserver would say of manifests, offline.

Reads everything (`manifests`), learns which kinds there are (`catalog`), judges object by object (`verdicts`).
Nothing is written, no server is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from opgen.commands.catalog import Catalog
from opgen.commands.manifests import STDIN, Manifest, read_manifests
from opgen.commands.verdicts import Judgement, Outcome, Problem, Rules, Type, identity, judge
from opgen.errors import Diagnostic, Level
from opgen.schema.crd import is_crd

__all__ = ["Judgement", "Outcome", "Problem", "Rules", "Type", "ValidateRequest", "Validated", "validate"]


@dataclass(frozen=True, slots=True)
class ValidateRequest:
    """Files, folders or `-`; where definitions and the objects as they were are; `start` is the current folder."""

    paths: Sequence[str]
    start: Path
    definitions: Sequence[str] = ()
    old: Sequence[str] = ()
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Validated:
    """A verdict for each object in order, what is wrong with files, and counts.

    `skipped` counts documents that are no API objects, beside the objects that were not judged.
    """

    judgements: tuple[Judgement, ...]
    file_problems: tuple[Problem, ...]
    files: int
    skipped: int

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them: those of files, then each object's."""
        return (*self.file_problems, *(found for one in self.judgements for found in one.problems))

    @property
    def accepted(self) -> bool:
        """Whether nothing is an error."""
        return all(problem.diagnostic.level is not Level.ERROR for problem in self.problems)

    def count(self, outcome: Outcome) -> int:
        """How many objects met that outcome."""
        return sum(1 for judgement in self.judgements if judgement.outcome is outcome)


def validate(request: ValidateRequest) -> Validated:
    """Judge all objects. What is wrong is in the result, never raised."""
    manifests = read_manifests(request.paths)
    catalog = Catalog(_starts(request))
    for manifest in manifests.objects:
        if is_crd(manifest.data):
            catalog.add_input(manifest)
    catalog.add_files(request.definitions)
    before = read_manifests(request.old)
    old = {identity(manifest): manifest for manifest in before.objects}
    judgements = tuple(judge(manifest, catalog, request.rules, old) for manifest in manifests.objects)
    said: list[Diagnostic] = [*manifests.diagnostics, *before.diagnostics, *catalog.diagnostics]
    said.extend(_nothing_old(request, old, manifests.objects))
    problems = tuple(Problem(diagnostic, Type.FILE) for diagnostic in said)
    return Validated(judgements, problems, manifests.files, manifests.skipped)


def _starts(request: ValidateRequest) -> list[Path]:
    """Folders around which a project may lie: the current one, and the inputs' own."""
    folders = [request.start]
    for path in request.paths:
        if path != "-":
            given = (request.start / path).absolute()
            folders.append(given if given.is_dir() else given.parent)
    return folders


def _nothing_old(
    request: ValidateRequest, old: dict[tuple[str, ...], Manifest], objects: Sequence[Manifest]
) -> list[Diagnostic]:
    """A warning where --old was given and is about other objects: nothing was judged as an update then."""
    if not request.old or not objects or any(identity(manifest) in old for manifest in objects):
        return []
    file = STDIN if request.old[0] == "-" else request.old[0]
    hint = "objects are the same by group, kind, namespace and name"
    return [Diagnostic(Level.WARNING, "holds none of the objects, so all are judged as new", file, hint=hint)]
