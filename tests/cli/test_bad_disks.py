"""A disk that refuses, commands that are cut short or meet one another, files that others wrote: nothing is lost.

Each goes through the command line; the disk is broken at the workspace's one seam, `disk.Files`.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opgen.cli.root import cli
from opgen.cli.run import guarded
from opgen.commands.init import InitRequest, init
from opgen.workspace.disk import Files

API = ("create", "api", "--group", "cache", "--version", "v1", "--kind", "Memcached")
COMMANDS: dict[str, tuple[str, ...]] = {
    "create api": API,
    "generate": ("generate",),
    "init": ("init", "new", "--runtime-source", "index"),
    "compile": ("compile", "../x.yaml", "-o", "out", "--group", "cache.example.com"),
}
SCHEMA = "kind: Alpha\nversions:\n- name: v1\n  storage: true\n  spec: {size: integer}\n"
OPERATIONS = ["make_folder", "write", "replace", "settle"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("disks") / "demo"
    init(InitRequest(folder=folder, domain="example.com", runtime_source="index"))
    return folder


class Project:
    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys

    def run(self, *words: str) -> tuple[int, str]:
        code = guarded(cli, words)
        found = self._capsys.readouterr()
        assert "Traceback" not in found.err
        return code, found.out + found.err

    def good(self, *words: str) -> str:
        code, said = self.run(*words)
        assert code == 0, said
        return said

    def files(self) -> dict[str, bytes]:
        return {str(p.relative_to(self.root)): p.read_bytes() for p in self.root.rglob("*") if p.is_file()}


@pytest.fixture
def project(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    root = tmp_path / "demo"
    shutil.copytree(made, root)
    (tmp_path / "x.yaml").write_text(SCHEMA)
    monkeypatch.chdir(root)
    return Project(root, capsys)


def prepare(project: Project, command: str) -> tuple[str, ...]:
    """The command's words, in a project where it has something to write."""
    if command == "generate":
        project.good(*API)
        schema = project.root / "schemas/cache/memcached.v1.yaml"
        for path in (schema, *(project.root / "config/samples").glob("cache_*.yaml")):
            path.write_text(path.read_text().replace("replicas", "members"))
    return COMMANDS[command]


def broken(
    monkeypatch: pytest.MonkeyPatch, operation: str, after: int, failure: Callable[[], BaseException]
) -> None:
    """From the `after`th call on, the operation raises."""
    real: Any = getattr(Files, operation)
    calls = 0

    def fail(self: Files, *arguments: Any, **keywords: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise failure()
        return real(self, *arguments, **keywords)

    monkeypatch.setattr(Files, operation, fail)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("code", "says"),
    [
        (errno.ENOSPC, "no space left"),
        (errno.EROFS, "read-only file system"),
        (errno.EACCES, "permission denied"),
    ],
)
def test_a_disk_that_is_full_or_read_only(
    project: Project, monkeypatch: pytest.MonkeyPatch, command: str, code: int, says: str
) -> None:
    words = prepare(project, command)
    before = project.files()
    with monkeypatch.context() as patch:
        broken(patch, "write", 1, lambda: OSError(code, os.strerror(code)))
        status, said = project.run(*words)
    assert status == 1
    assert says in said
    assert "nothing was changed" in said
    assert ("free some space" in said) == (code == errno.ENOSPC)
    assert project.files() == before
    project.good(*words)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_disk_that_fails_midway_and_for_good(
    project: Project, monkeypatch: pytest.MonkeyPatch, command: str, operation: str, after: int
) -> None:
    """Whatever could not be taken back is finished by the next command; in between nothing is half written."""
    words = prepare(project, command)
    before = project.files()
    with monkeypatch.context() as patch:
        broken(patch, operation, after, lambda: OSError(errno.EIO, os.strerror(errno.EIO)))
        status, said = project.run(*words)
    if status == 0:
        return  # fewer calls than that
    assert "input/output error" in said
    kept = {name: content for name, content in project.files().items() if name in before}
    if not any(state.name == "journal" for state in project.root.rglob(".opgen/*")):
        assert project.files() == before
        project.good(*words)
    else:
        assert kept.keys() == before.keys()
        again, _ = project.run(*words)
        assert again in (0, 1)
    if command in ("create api", "generate"):
        assert project.run("generate", "--check") == (0, "up to date\n")


@pytest.mark.parametrize("command", ["create api", "generate", "init"])
@pytest.mark.parametrize(
    ("operation", "after"), [("write", 2), ("replace", 0), ("replace", 1), ("replace", 3)]
)
def test_an_interrupted_write(
    project: Project, monkeypatch: pytest.MonkeyPatch, command: str, operation: str, after: int
) -> None:
    """As a kill would: nothing is cleaned up. The next command finishes or forgets it, and says so."""

    class Killed(BaseException):
        pass

    words = prepare(project, command)
    before = project.files()
    with monkeypatch.context() as patch:
        broken(patch, operation, after, Killed)
        with pytest.raises(Killed):
            guarded(cli, words)
    decided = operation == "replace" and after > 0
    following = words if command == "init" else ("generate",)
    status, said = project.run(*following)
    assert "an earlier command was interrupted" in said
    if command == "init" and decided:
        assert status == 1
        assert "holds a project" in said
        assert (project.root / "new/PROJECT").exists()
        return
    assert status == 0
    if command == "init":
        return
    now = project.files()
    assert not [name for name in now if name.startswith(".opgen")]
    assert ("schemas/cache/memcached.v1.yaml" in now) == (decided or command == "generate")
    if command == "create api" and not decided:
        assert now == before
    assert project.run("generate", "--check") == (0, "up to date\n")


def test_a_folder_without_write_permission(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = project.files()
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place).name != "tests")
    status, said = project.run(*API)
    assert status == 1
    assert "tests is a folder without write permission" in said
    assert "move tests away, or mend it" in said
    assert project.files() == before


def test_two_real_commands_at_once(project: Project) -> None:
    """One works, the other is told to wait or comes after it: never a mixture."""
    kinds = ("Alpha", "Beta")
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "opgen", *API[:-1], kind],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for kind in kinds
    ]
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in running]
    assert 0 in {code for _, code in ended}
    for said, code in ended:
        assert code == 0 or "another opgen command" in said
    written = {kind for kind in kinds if (project.root / f"schemas/cache/{kind.lower()}.v1.yaml").exists()}
    assert len(written) == sum(code == 0 for _, code in ended)
    assert project.run("generate", "--check") == (0, "up to date\n")


# Files that others wrote -----------------------------------------------------------------------------------

MODELS = "src/demo/api/v1/memcached.py"


@pytest.mark.parametrize("words", [("generate",), (*API[:-1], "Other")])
@pytest.mark.parametrize("path", [MODELS, "config/crd/bases/cache.example.com_memcacheds.yaml"])
def test_a_generated_file_edited_by_hand(project: Project, words: tuple[str, ...], path: str) -> None:
    project.good(*API)
    generated = (project.root / path).read_bytes()
    (project.root / path).write_bytes(generated + b"# mine\n")
    status, said = project.run("generate", "--check")
    assert status == 1
    assert "-# mine" in said
    assert (project.root / path).read_bytes().endswith(b"# mine\n")
    assert f"{path}: was edited by hand and is overwritten" in project.good(*words)
    assert (project.root / path).read_bytes() == generated


def test_a_file_that_is_not_opgens_is_never_overwritten(project: Project) -> None:
    (project.root / MODELS).parent.mkdir()
    (project.root / MODELS).write_text("MINE = 1\n")
    before = project.files()
    for force in ((), ("--force",)):
        status, said = project.run(*API, *force)
        assert status == 1
        assert f"{MODELS}: was not written by opgen" in said
        assert project.files() == before
    (project.root / MODELS).write_text("")  # nothing to lose
    project.good(*API)


def test_code_that_was_there_first_stays_and_is_said(project: Project) -> None:
    path = "src/demo/controller/memcached_controller.py"
    (project.root / path).write_text("MINE = 1\n")
    assert f"{path}: is here already and stays as it is" in project.good(*API)
    assert (project.root / path).read_text() == "MINE = 1\n"


@pytest.mark.parametrize("given", [(), ("--schema", "../x.yaml")])
def test_a_schema_that_was_there_first_is_not_replaced_in_silence(
    project: Project, given: tuple[str, ...]
) -> None:
    words = (*API[:-1], "Alpha", *given)
    path = project.root / "schemas/cache/alpha.v1.yaml"
    path.parent.mkdir()
    path.write_text(SCHEMA.replace("size", "weight"))
    before = project.files()
    status, said = project.run(*words)
    assert status == 1
    assert "schemas/cache/alpha.v1.yaml: is here already and is not the schema that was given" in said
    assert project.files() == before
    project.good(*words[:-2] if given else words, "--schema", "schemas/cache/alpha.v1.yaml")
    assert "weight" in path.read_text()
    assert project.run("generate", "--check") == (0, "up to date\n")


def test_a_folder_or_a_dead_link_named_like_code(project: Project) -> None:
    (project.root / "src/demo/odd.py").mkdir()
    (project.root / "src/demo/dead.py").symlink_to("nowhere")
    assert project.good("generate") == "up to date\n"
