"""One command at a time, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from opgen.errors import Interrupted
from opgen.workspace.lock import hold, hold_session

HOLDER = """
import sys
from pathlib import Path
from opgen.workspace.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_command_is_refused_and_names_the_first(tmp_path: Path) -> None:
    with (
        hold(tmp_path),
        pytest.raises(Interrupted, match=rf"another opgen command \(process {os.getpid()}\)"),
        hold(tmp_path),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(Interrupted), hold(tmp_path):
        pass
    holder.kill()
    holder.communicate()
    with hold(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_second_session_is_refused_and_names_the_first_beside_other_commands(tmp_path: Path) -> None:
    with hold_session(tmp_path, "`opgen dev`") as announce, hold(tmp_path):
        announce("http://127.0.0.1:1234")
        wanted = rf"^`opgen dev` runs here already, process {os.getpid()}, http://127.0.0.1:1234$"
        with pytest.raises(Interrupted, match=wanted), hold_session(tmp_path, "`opgen dev`"):
            pass
    assert list(tmp_path.iterdir()) == []


def test_a_killed_session_leaves_no_lock(tmp_path: Path) -> None:
    code = HOLDER.replace("import hold", "import hold_session as hold").replace("1]))", '1]), "it")')
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    holder.kill()
    holder.communicate()
    with hold_session(tmp_path, "it"), hold(tmp_path):
        pass


def test_a_new_folder_is_made_and_taken_away_if_nothing_came(tmp_path: Path) -> None:
    root = tmp_path / "a/b"
    with hold(root):
        assert root.is_dir()
    assert not (tmp_path / "a").exists()
    with hold(root):
        (root / "x").write_text("")
    assert [path.name for path in root.iterdir()] == ["x"]


def test_what_is_kept_in_the_state_folder_stays(tmp_path: Path) -> None:
    (tmp_path / ".opgen").mkdir()
    (tmp_path / ".opgen/kubeconfig").write_text("")
    with hold(tmp_path):
        pass
    assert sorted(path.name for path in (tmp_path / ".opgen").iterdir()) == [".gitignore", "kubeconfig"]
