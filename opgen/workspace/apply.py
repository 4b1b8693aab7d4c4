"""Writes a plan: all of it or nothing, whatever happens in between.

The new files are written into `.opgen/staging`, which one rename turns into `.opgen/journal`: from there on
the change is decided, and whoever comes next finishes it (`recover`). Each file is then moved to its place,
PROJECT last, and one more rename (`.opgen/done`) ends it. A failure before the first rename leaves nothing,
one after it is undone from second names of the old files, kept beside the new ones.
"""

from __future__ import annotations

import errno
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from opgen.errors import InputError, OpgenError, has_errors
from opgen.workspace.disk import Files
from opgen.workspace.plan import Change, Plan

STATE = ".opgen"
STAGING, JOURNAL, DONE = "staging", "journal", "done"
INDEX = "index.json"


@dataclass(frozen=True, slots=True)
class Step:
    """One file of a journal: `old` and `new` are digests, None for absent."""

    number: int
    path: PurePosixPath
    old: str | None
    new: str | None

    @property
    def staged(self) -> str:
        return f"{self.number}.new"

    @property
    def backup(self) -> str:
        return f"{self.number}.old"


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def apply(plan: Plan, root: Path, files: Files | None = None) -> None:
    """Makes the plan's changes under `root`, whose lock the caller holds.

    Raises InputError where the plan has errors, OpgenError where the disk refuses; then nothing has changed.
    """
    if has_errors(plan.diagnostics):
        raise InputError(plan.diagnostics)
    if not plan.changes:
        return
    disk = files or Files()
    state = root / STATE
    steps = tuple(
        Step(number, change.path, _digest(change.old), _digest(change.new))
        for number, change in enumerate(plan.changes)
    )
    try:
        _stage(state, plan.changes, steps, root, disk)
    except OSError as problem:
        _discard(state / STAGING, disk)
        _withdraw(state, disk)
        raise _refused(problem, "nothing was changed") from problem
    made: list[Path] = []
    moved: list[Step] = []
    try:
        for step in steps:
            _make_parents(root, step.path, disk, made)
            moved.append(step)
            _move(root, state / JOURNAL, step, disk)
        _settle(root, steps, disk)
        disk.replace(state / JOURNAL, state / DONE)
    except OSError as problem:
        _undo(root, state, moved, made, disk, problem)
        raise _refused(problem, "what had been written was taken back") from problem
    _discard(state / DONE, disk)


def _stage(
    state: Path, changes: tuple[Change, ...], steps: tuple[Step, ...], root: Path, disk: Files
) -> None:
    staging = state / STAGING
    disk.make_folder(staging)
    for change, step in zip(changes, steps, strict=True):
        if change.new is not None:
            disk.write(staging / step.staged, change.new, executable=change.executable)
        if change.old is not None:
            disk.keep(root / step.path, staging / step.backup)
    index = [{"path": str(step.path), "old": step.old, "new": step.new} for step in steps]
    disk.write(staging / INDEX, json.dumps(index, indent=1).encode())
    disk.settle(staging)
    disk.replace(staging, state / JOURNAL)
    disk.settle(state)


def _make_parents(root: Path, path: PurePosixPath, disk: Files, made: list[Path]) -> None:
    for parent in reversed(path.parents):
        folder = root / parent
        if not folder.is_dir():
            disk.make_folder(folder)
            made.append(folder)


def _move(root: Path, journal: Path, step: Step, disk: Files) -> None:
    if step.new is None:
        disk.remove(root / step.path)
    else:
        disk.replace(journal / step.staged, root / step.path)


def _settle(root: Path, steps: tuple[Step, ...], disk: Files) -> None:
    for folder in dict.fromkeys((root / step.path).parent for step in steps):
        if folder.is_dir():
            disk.settle(folder)


def _undo(root: Path, state: Path, moved: list[Step], made: list[Path], disk: Files, cause: OSError) -> None:
    """Puts the old files back; where even that fails the journal stays, and the next command finishes it."""
    try:
        for step in reversed(moved):
            target = root / step.path
            if _current(target) != step.new or step.old == step.new:
                continue
            if step.old is None:
                disk.remove(target)
            else:
                disk.replace(state / JOURNAL / step.backup, target)
        for folder in reversed(made):
            disk.remove_folder(folder)
        disk.replace(state / JOURNAL, state / DONE)
    except OSError as problem:
        raise OpgenError(
            f"can't write here ({_text(cause)}), nor take back what was written ({_text(problem)})",
            hint="make room or give permission, then run any opgen command here: it finishes the change",
        ) from problem
    _discard(state / DONE, disk)


def _current(target: Path) -> str | None:
    try:
        return _digest(target.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _withdraw(state: Path, disk: Files) -> None:
    """Takes back a journal whose name could not be made durable; in one step, as one half gone can't be read."""
    if (state / JOURNAL).is_dir():
        disk.replace(state / JOURNAL, state / DONE)
        _discard(state / DONE, disk)


def _discard(folder: Path, disk: Files) -> None:
    """Removes a folder of ours; one that can't be removed now is removed by the next command."""
    try:
        disk.remove_tree(folder)
    except OSError:
        return


def recover(root: Path, files: Files | None = None) -> tuple[str, ...]:
    """Finishes or forgets what an interrupted command left under `root`; returns what to tell the user."""
    disk = files or Files()
    state = root / STATE
    notes: list[str] = []
    if (state / DONE).is_dir():
        _discard(state / DONE, disk)
    if (state / STAGING).is_dir():
        disk.remove_tree(state / STAGING)
        notes.append(
            "an earlier command was interrupted before it changed anything; its leftovers were removed"
        )
    if (state / JOURNAL).is_dir():
        notes.extend(_finish(root, state, disk))
    return tuple(notes)


def _finish(root: Path, state: Path, disk: Files) -> list[str]:
    journal = state / JOURNAL
    steps = _read_index(journal / INDEX)
    kept: list[str] = []
    try:
        for step in steps:
            target = root / step.path
            current = _current(target)
            waiting = (journal / step.staged).exists() or (step.new is None and current is not None)
            if current == step.new and not waiting:
                continue
            if not waiting or current not in (step.old, step.new):
                kept.append(
                    f"{step.path} was changed since an earlier command was interrupted, and was left as it is"
                )
                continue
            _make_parents(root, step.path, disk, [])
            _move(root, journal, step, disk)
        _settle(root, steps, disk)
        disk.replace(journal, state / DONE)
    except OSError as problem:
        raise _refused(problem, "an earlier, interrupted command could not be finished") from problem
    _discard(state / DONE, disk)
    return [f"an earlier command was interrupted; its change of {len(steps)} files was finished", *kept]


def _read_index(index: Path) -> tuple[Step, ...]:
    try:
        raw = json.loads(index.read_bytes())
        steps = tuple(
            Step(number, PurePosixPath(entry["path"]), entry["old"], entry["new"])
            for number, entry in enumerate(raw)
        )
        for step in steps:  # it may have come with a clone, from whomever
            if step.path.is_absolute() or ".." in step.path.parts:
                raise ValueError(f"{step.path} lies outside the project")
        return steps
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise OpgenError(
            f"{index} can't be read: {problem}",
            hint=f"look at the files beside it, then remove the folder {index.parent}",
        ) from problem


def _text(problem: OSError) -> str:
    where = f": {problem.filename}" if problem.filename else ""
    return f"{(problem.strerror or str(problem)).lower()}{where}"


def _refused(problem: OSError, state: str) -> OpgenError:
    hint = (
        "free some space and run the command again" if problem.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    )
    return OpgenError(f"can't write: {_text(problem)}; {state}", hint=hint)
