"""Decides what a command would change: artifacts and a snapshot in, a `Plan` out, nothing touched.

ONCE files that are there stay as they are, ALWAYS files become what was generated; `apply` takes over.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from opgen.errors import Diagnostic, error, warning
from opgen.ir.artifact import Artifact, Policy
from opgen.ir.stamp import edited
from opgen.workspace.disk import Blocked, File, Snapshot

PROJECT = PurePosixPath("PROJECT")


class Action(enum.StrEnum):
    """What happens to a path."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One path that changes. `old` is None where nothing was there, `new` None where the file goes."""

    path: PurePosixPath
    old: bytes | None
    new: bytes | None
    executable: bool = False

    @property
    def action(self) -> Action:
        if self.new is None:
            return Action.DELETE
        return Action.CREATE if self.old is None else Action.UPDATE


@dataclass(frozen=True, slots=True)
class Plan:
    """`changes` in the order in which they are made, PROJECT last; `kept` are ONCE files left to their owner.

    `diagnostics` with an error mean that the plan can't be applied.
    """

    changes: tuple[Change, ...] = ()
    kept: tuple[PurePosixPath, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def plan(
    artifacts: Iterable[Artifact],
    disk: Snapshot,
    *,
    force: Collection[PurePosixPath] = (),
    delete: Iterable[PurePosixPath] = (),
    claimed: bool = False,
) -> Plan:
    """The changes that turn `disk` into what `artifacts` ask for.

    `force` names ONCE files to be overwritten. `delete` names files that have no maker any more; one that was
    edited by hand stays. `claimed` says that the paths are the project's own already: a file there without
    opgen's header was edited by hand. Otherwise it is somebody's file that only happens to lie there.
    """
    made = tuple(artifacts)
    verdicts = [_decided(artifact, disk, artifact.path in force, claimed=claimed) for artifact in made]
    verdicts += [_deleted(path, disk) for path in delete]
    changes = [verdict.change for verdict in verdicts if verdict.change is not None]
    diagnostics = [verdict.diagnostic for verdict in verdicts if verdict.diagnostic is not None]
    kept = [artifact.path for artifact, verdict in zip(made, verdicts, strict=False) if verdict.kept]
    ordered = sorted(changes, key=lambda change: (change.path == PROJECT, change.path))
    return Plan(tuple(ordered), tuple(sorted(kept)), tuple(diagnostics))


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What becomes of one path, and what is to be said about it."""

    change: Change | None = None
    diagnostic: Diagnostic | None = None
    kept: bool = False


def _decided(artifact: Artifact, disk: Snapshot, forced: bool, *, claimed: bool) -> _Verdict:
    entry = disk.at(artifact.path)
    if isinstance(entry, Blocked):
        return _Verdict(diagnostic=_blocked(artifact.path, entry))
    if entry is None:
        return _Verdict(Change(artifact.path, None, artifact.content, artifact.executable))
    if entry.content == artifact.content and entry.executable == artifact.executable:
        return _Verdict()
    if artifact.policy is Policy.ONCE and not forced:
        return _Verdict(kept=True)
    if entry.link:
        return _Verdict(diagnostic=_link(artifact.path))
    foreign = artifact.policy is Policy.ALWAYS and _not_ours(artifact, entry)
    if foreign and not claimed:
        return _Verdict(
            diagnostic=error(
                "was not written by opgen, or its header is gone; opgen would overwrite it",
                file=str(artifact.path),
                hint="move it away, or delete it and run the command again",
            )
        )
    told = None
    if foreign or (artifact.policy is Policy.ALWAYS and edited(entry.content)):
        told = warning(
            "was edited by hand and is overwritten",
            file=str(artifact.path),
            hint="it is generated: change schemas/ or the code it is made from",
        )
    return _Verdict(Change(artifact.path, entry.content, artifact.content, artifact.executable), told)


def _deleted(path: PurePosixPath, disk: Snapshot) -> _Verdict:
    """A file that nothing makes any more goes, unless somebody changed it."""
    entry = disk.at(path)
    if not isinstance(entry, File):
        return _Verdict()
    if edited(entry.content) is not False:
        message = "has no source any more but was edited by hand, so it stays"
        return _Verdict(diagnostic=warning(message, file=str(path)))
    return _Verdict(Change(path, entry.content, None))


def _not_ours(artifact: Artifact, entry: File) -> bool:
    """Whether a file without opgen's stamp lies where a stamped one goes; an empty one is no loss."""
    stamped = edited(artifact.content) is not None
    return stamped and edited(entry.content) is None and bool(entry.content.strip())


def _blocked(path: PurePosixPath, entry: Blocked) -> Diagnostic:
    where = str(entry.where)
    if entry.where == path:
        return error(f"{entry.reason}", file=str(path), hint="move it away and run the command again")
    return error(
        f"can't be written: {where} {entry.reason}", file=str(path), hint=f"move {where} away, or mend it"
    )


def _link(path: PurePosixPath) -> Diagnostic:
    return error(
        "is a symbolic link, which opgen would replace by a file",
        file=str(path),
        hint="replace the link by the file it names, or remove it",
    )


def diff(plan: Plan) -> str:
    """The plan as one unified diff, as `git diff` would show it."""
    return "".join(_file_diff(change) for change in plan.changes)


def _file_diff(change: Change) -> str:
    before = "/dev/null" if change.old is None else f"a/{change.path}"
    after = "/dev/null" if change.new is None else f"b/{change.path}"
    try:
        old = (change.old or b"").decode().splitlines(keepends=True)
        new = (change.new or b"").decode().splitlines(keepends=True)
    except UnicodeDecodeError:
        return f"Binary files {before} and {after} differ\n"
    if not old and not new:
        return f"--- {before}\n+++ {after}\n"
    import difflib  # for --dry-run and --check alone

    lines = difflib.unified_diff(old, new, before, after)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
