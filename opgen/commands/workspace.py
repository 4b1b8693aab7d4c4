"""A command's view of the project around it: find it, read PROJECT, write a plan or just show it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from opgen import documents
from opgen.emit.yaml import dump
from opgen.errors import Diagnostic, InputError, OpgenError, error, has_errors
from opgen.ir.artifact import Artifact, Policy, text
from opgen.ir.project import Project
from opgen.workspace import apply as applying
from opgen.workspace import project as project_file
from opgen.workspace.disk import Files, snapshot
from opgen.workspace.lock import hold, pending
from opgen.workspace.plan import Plan, plan

PROJECT_HEADER = """\
# Written by opgen, which reads it again: change it with opgen commands.
# It is committed with the project.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did or, with `applied` False, would do. `notes` are for the user, one line each."""

    root: Path
    plan: Plan
    applied: bool
    diagnostics: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()


def version() -> str:
    """The running opgen's version."""
    from opgen_runtime._version import __version__

    return __version__


def find_root(start: Path) -> Path:
    """The project's folder: `start` or the nearest above it that holds a PROJECT. Raises OpgenError without one."""
    for folder in (start, *start.parents):
        if (folder / "PROJECT").is_file() or pending(folder):
            return folder
    raise OpgenError(
        "no PROJECT here nor in a folder above", hint="opgen init --domain example.com makes a project"
    )


def read_project(root: Path) -> Project:
    """PROJECT as data. Raises InputError with all that is wrong with it."""
    path = root / "PROJECT"
    if not path.is_file():
        raise OpgenError(f"{path} is missing", hint="restore it from version control")
    found = documents.load(path.read_bytes(), "PROJECT")
    if found.diagnostics and has_errors(found.diagnostics):
        raise InputError(found.diagnostics)
    if len(found.documents) != 1:
        what = "is empty" if not found.documents else f"holds {len(found.documents)} documents, one is needed"
        raise InputError([error(what, file="PROJECT", hint="restore it from version control")])
    document = found.documents[0]
    project, problems = project_file.decode(document.data, version=version(), origins=document.origins)
    if project is None:
        raise InputError(
            replace(problem, hint=problem.hint or "restore it from version control, or mend the line")
            for problem in problems
        )
    return project


def project_artifact(project: Project) -> Artifact:
    """PROJECT as a file."""
    return text("PROJECT", PROJECT_HEADER + dump(project_file.encode(project)), Policy.ALWAYS)


@contextlib.contextmanager
def opened(root: Path, *, write: bool, files: Files | None = None) -> Iterator[tuple[str, ...]]:
    """The project, locked and recovered; yields what is to be told about an earlier, interrupted command.

    A command that fails after it carries them as notes of its exception.
    A command that only looks needs no lock where it can't have one and nothing waits to be finished.
    """
    if not write and not pending(root):
        yield ()
        return
    with hold(root, files) as held:
        try:
            yield held.notes
        except OpgenError as problem:
            for note in held.notes:
                problem.add_note(note)
            raise


def carry_out(
    root: Path,
    artifacts: Iterable[Artifact],
    *,
    write: bool,
    diagnostics: Iterable[Diagnostic] = (),
    notes: tuple[str, ...] = (),
    force: frozenset[PurePosixPath] = frozenset(),
    delete: Iterable[PurePosixPath] = (),
    files: Files | None = None,
    claimed: bool = False,
) -> Outcome:
    """Plans and, if asked to, applies. Raises InputError, with nothing written, where there are errors."""
    made = tuple(artifacts)
    gone = tuple(delete)
    drawn = plan(
        made,
        snapshot(root, [*(artifact.path for artifact in made), *gone]),
        force=force,
        delete=gone,
        claimed=claimed,
    )
    said = (*diagnostics, *drawn.diagnostics)
    if has_errors(said):
        raise InputError(said)
    if write:
        applying.apply(drawn, root, files)
    return Outcome(root, drawn, write, said, notes)
