"""`apply` writes all of a plan or nothing, wherever it is stopped."""

from __future__ import annotations

import errno
import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from opgen.errors import InputError, OpgenError
from opgen.ir.artifact import Policy, text
from opgen.workspace.apply import apply, recover
from opgen.workspace.disk import Files, snapshot
from opgen.workspace.lock import hold, pending
from opgen.workspace.plan import Plan, plan

ARTIFACTS = (
    text("PROJECT", "new project\n"),
    text("a/b/new.txt", "new\n"),
    text("a/old.txt", "changed\n"),
    text("run.sh", "#!/bin/sh\n", executable=True),
)
OLD = {
    "a/old.txt": "old\n",
    "PROJECT": "old project\n",
    "gone.yaml": "# opgen:content-sha256=0\n",
    "mine.txt": "mine\n",
}
NEW = {
    "PROJECT": "new project\n",
    "a/b/new.txt": "new\n",
    "a/old.txt": "changed\n",
    "run.sh": "#!/bin/sh\n",
    "mine.txt": "mine\n",
}


class Killed(BaseException):
    """Stands for SIGKILL: no handler of ours may catch it."""


class BreakingFiles(Files):
    """Does `steps` operations, then raises `problem` at each further one (once only if `once`)."""

    def __init__(self, steps: int, problem: BaseException, *, once: bool = False, half: bool = False) -> None:
        self.left = steps
        self.problem = problem
        self.once = once
        self.half = half
        self.broke = False

    def _step(self) -> None:
        if self.left == 0 and not (self.once and self.broke):
            self.broke = True
            raise self.problem
        self.left -= self.left > 0

    def write(self, path: Path, content: bytes, *, executable: bool = False) -> None:
        if self.left == 0 and self.half and not self.broke:
            path.write_bytes(content[: len(content) // 2])
        self._step()
        super().write(path, content, executable=executable)

    def make_folder(self, path: Path) -> None:
        self._step()
        super().make_folder(path)

    def replace(self, source: Path, target: Path) -> None:
        self._step()
        super().replace(source, target)

    def remove(self, path: Path) -> None:
        self._step()
        super().remove(path)

    def keep(self, source: Path, copy: Path) -> None:
        self._step()
        super().keep(source, copy)

    def settle(self, folder: Path) -> None:
        self._step()
        super().settle(folder)


def before(root: Path) -> Plan:
    for name, content in OLD.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    (root / "gone.yaml").write_text(stamped("gone\n"))
    gone = PurePosixPath("gone.yaml")
    return plan(ARTIFACTS, snapshot(root, [*(a.path for a in ARTIFACTS), gone]), delete=[gone])


def stamped(body: str) -> str:
    from opgen.ir.stamp import stamp

    return stamp(body, "")


def tree(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".opgen" not in path.parts
    }


def untouched() -> dict[str, str]:
    return dict(sorted({**OLD, "gone.yaml": stamped("gone\n")}.items()))


def test_writes_everything(tmp_path: Path) -> None:
    drawn = before(tmp_path)
    with hold(tmp_path):
        apply(drawn, tmp_path)
    assert tree(tmp_path) == NEW
    assert (tmp_path / "run.sh").stat().st_mode & 0o100
    assert not (tmp_path / ".opgen").exists()
    assert drawn.changes[-1].path == PurePosixPath("PROJECT")


def steps_of_apply(root: Path) -> int:
    """How many operations an undisturbed apply takes."""
    files = BreakingFiles(10_000, Killed())
    drawn = before(root)
    with hold(root):
        apply(drawn, root, files)
    return 10_000 - files.left


def test_killed_at_each_step_the_next_command_finds_all_or_nothing(tmp_path: Path) -> None:
    total = steps_of_apply(tmp_path / "count")
    assert total > 15
    finished = 0
    for step in range(total):
        root = tmp_path / str(step)
        drawn = before(root)
        with pytest.raises(Killed), hold(root):
            apply(drawn, root, BreakingFiles(step, Killed(), half=True))
        assert pending(root) or tree(root) in (untouched(), NEW), step
        with hold(root) as held:
            notes = held.notes
        assert tree(root) in (untouched(), NEW), step
        if tree(root) == NEW and notes:
            finished += 1
            assert "finished" in notes[0]
        assert not (root / ".opgen").exists(), step
        with hold(root) as again:
            assert again.notes == ()
    assert finished >= 5


def test_killed_while_finishing_the_one_after_finishes(tmp_path: Path) -> None:
    total = steps_of_apply(tmp_path / "count")
    drawn = before(tmp_path / "x")
    root = tmp_path / "x"
    with pytest.raises(Killed), hold(root):
        apply(drawn, root, BreakingFiles(total - 8, Killed()))
    for step in range(4):
        with pytest.raises(Killed), hold(root, BreakingFiles(step, Killed())):
            pass
    with hold(root):
        pass
    assert tree(root) == NEW


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
def test_a_disk_that_refuses_once_leaves_everything_as_it_was(tmp_path: Path, code: int) -> None:
    total = steps_of_apply(tmp_path / "count")
    for step in range(total):
        root = tmp_path / str(step)
        drawn = before(root)
        failing = BreakingFiles(step, OSError(code, "refused"), once=True, half=True)
        with pytest.raises(OpgenError, match="can't write: refused") as caught, hold(root):
            apply(drawn, root, failing)
        assert tree(root) == untouched(), step
        assert not list(root.glob("a/b")), step
        assert not (root / ".opgen").exists(), step
        assert bool(caught.value.hint) == (code == errno.ENOSPC)


def test_a_disk_that_refuses_for_good_is_finished_later(tmp_path: Path) -> None:
    total = steps_of_apply(tmp_path / "count")
    root = tmp_path / "x"
    drawn = before(root)
    with pytest.raises(OpgenError, match="nor take back") as caught, hold(root):
        apply(drawn, root, BreakingFiles(total - 6, OSError(errno.EIO, "broken")))
    assert "run any opgen command" in caught.value.hint
    with hold(root) as held:
        assert "finished" in held.notes[0]
    assert tree(root) == NEW


def test_a_file_changed_after_the_interruption_is_kept(tmp_path: Path) -> None:
    total = steps_of_apply(tmp_path / "count")
    root = tmp_path / "x"
    drawn = before(root)
    with pytest.raises(Killed), hold(root):
        apply(drawn, root, BreakingFiles(total - 9, Killed()))
    assert tree(root)["PROJECT"] == "old project\n"
    (root / "PROJECT").write_text("edited since\n")
    with hold(root) as held:
        assert any("PROJECT was changed since" in note for note in held.notes)
    assert tree(root) == {**NEW, "PROJECT": "edited since\n"}


def test_a_damaged_journal_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    journal = tmp_path / ".opgen/journal"
    journal.mkdir(parents=True)
    (journal / "index.json").write_text("{")
    with pytest.raises(OpgenError, match="can't be read") as caught:
        recover(tmp_path)
    assert "remove the folder" in caught.value.hint


@pytest.mark.parametrize("outside", ["../evil", "/tmp/evil", "a/../../evil"])
def test_a_journal_that_leads_out_of_the_project_is_not_finished(tmp_path: Path, outside: str) -> None:
    root = tmp_path / "cloned"
    journal = root / ".opgen/journal"
    journal.mkdir(parents=True)
    (journal / "index.json").write_text(json.dumps([{"path": outside, "old": None, "new": "x"}]))
    (journal / "0.new").write_text("bad")
    with pytest.raises(OpgenError, match="lies outside the project"):
        recover(root)
    assert (journal / "0.new").exists()
    assert not (tmp_path / "evil").exists()


def test_a_plan_with_errors_is_not_applied(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file\n")
    drawn = plan(ARTIFACTS, snapshot(tmp_path, [a.path for a in ARTIFACTS]))
    with pytest.raises(InputError, match="a is a file, a folder is needed"):
        apply(drawn, tmp_path)
    assert tree(tmp_path) == {"a": "a file\n"}


def test_once_and_always_are_written_when_missing(tmp_path: Path) -> None:
    artifacts = [text("x", "1\n", Policy.ONCE), text("y", "1\n")]
    with hold(tmp_path / "new"):
        apply(plan(artifacts, snapshot(tmp_path / "new", [a.path for a in artifacts])), tmp_path / "new")
    assert tree(tmp_path / "new") == {"x": "1\n", "y": "1\n"}


def test_writes_are_complete_when_the_kernel_takes_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data[:3])))
    Files().write(tmp_path / "x", b"0123456789")
    assert (tmp_path / "x").read_bytes() == b"0123456789"


def test_backups_are_copies_where_hard_links_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "x").write_text("1")
    Files().keep(tmp_path / "x", tmp_path / "y")
    assert (tmp_path / "y").read_text() == "1"
