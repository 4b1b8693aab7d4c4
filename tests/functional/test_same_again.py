"""The same input gives the same bytes, a second run has nothing to do, what is the user's stays, and time is linear."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from opgen.cli.root import cli
from opgen.cli.run import guarded
from opgen.commands.generate import GenerateRequest, generate
from opgen.ir.stamp import edited

SCHEMA = """\
kind: Alpha
group: cache.example.com
versions:
- name: v1
  storage: true
  spec: {zeta: list<string>, alpha: map<integer>, template: core/v1.ResourceRequirements, mode: {enum: [b, a], type: string}}
  status: {conditions: list<meta/v1.Condition>}
"""  # noqa: E501
API = ("create", "api", "--group", "cache", "--version", "v1", "--kind")
FLAGS = ("--owns", "apps/v1/Deployment", "--watches", "v1/ConfigMap", "--finalizer", "--requeue-after", "5m")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("init", ".", "--domain", "example.com", "--runtime-source", "index", "--owner", "ACME"),
    ("create", "api", "--schema", "../alpha.yaml", *FLAGS),
    (*API, "Beta", "--predicate", "generation", "--predicate", "labels"),
    (*API, "Beta", "--resource=false", "--controller-name", "beta-audit"),
    ("create", "api", "--group", "apps", "--version", "v1", "--kind", "Deployment", "--resource=false"),
    ("generate",),
    ("compile", "../alpha.yaml", "-o", "out"),
)


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_two_runs_of_everything_give_the_same_bytes(tmp_path: Path) -> None:
    """In other processes, at another time, with other hash seeds and locales."""
    made = []
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        root = tmp_path / seed / "demo"
        root.mkdir(parents=True)
        (root.parent / "alpha.yaml").write_text(SCHEMA)
        for words in COMMANDS:
            subprocess.run(
                [sys.executable, "-m", "opgen", *words],
                cwd=root,
                env={
                    **os.environ,
                    "PYTHONHASHSEED": seed,
                    "TZ": zone,
                    "LC_ALL": "C" if seed == "1" else "C.UTF-8",
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                check=True,
            )
        made.append(files(root))
    first, second = made
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "demo"
    root.mkdir()
    (tmp_path / "alpha.yaml").write_text(SCHEMA)
    monkeypatch.chdir(root)
    for words in COMMANDS[:-1]:
        assert guarded(cli, words) == 0
    return root


def test_generate_after_generate_is_empty(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(project)
    capsys.readouterr()
    for words in (("generate",), ("generate", "--check"), ("generate", "--dry-run")):
        assert guarded(cli, words) == 0
        assert capsys.readouterr().out in ("up to date\n", "")
    assert generate(GenerateRequest(project)).plan.changes == ()
    assert files(project) == before


def is_generated(name: str, content: bytes) -> bool:
    """ALWAYS files: those with opgen's stamp, the editors' schemas, which can't carry one, and PROJECT."""
    return edited(content) is not None or name == "PROJECT" or name.startswith("config/schemas/")


def test_edits_of_what_is_the_users_survive_everything(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = [name for name, content in files(project).items() if not is_generated(name, content)]
    mine = [name for name in mine if not name.startswith("vendor/")]
    assert {"Makefile", "README.md", "pyproject.toml", "schemas/cache/alpha.v1.yaml"} <= set(mine)
    assert len([name for name in mine if name.endswith(".py")]) > 8
    for name in mine:
        path = project / name
        path.write_bytes(path.read_bytes() + (b"\n" if name.endswith(".json") else b"\n# mine\n"))
    edits = {name: (project / name).read_bytes() for name in mine}
    for words in (
        ("generate",),
        (*API, "Gamma"),
        ("create", "api", "--group", "cache", "--version", "v2", "--kind", "Beta", "--controller=false"),
        (*API, "Alpha", "--resource=false", "--controller-name", "alpha-second"),
        ("generate",),
    ):
        assert guarded(cli, words) == 0, capsys.readouterr().err
    assert guarded(cli, ("init",)) == 1
    assert guarded(cli, (*API, "Alpha")) == 1
    assert {name: (project / name).read_bytes() for name in mine} == edits


def calls_of(root: Path) -> int:
    """How many Python functions one `generate` without changes calls."""
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1

    generate(GenerateRequest(root))
    sys.setprofile(note)
    try:
        generate(GenerateRequest(root))
    finally:
        sys.setprofile(None)
    return count


def test_the_work_grows_with_the_number_of_kinds_and_not_faster(tmp_path: Path) -> None:
    """Counted, not timed: twice the kinds are twice the calls. scripts/thousand_kinds.py has the seconds."""
    script = Path(__file__).parents[2] / "scripts/thousand_kinds.py"
    spec = importlib.util.spec_from_file_location("thousand_kinds", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    counts = []
    for kinds in (10, 20, 40):
        module.build(tmp_path / str(kinds), kinds)
        counts.append(calls_of(tmp_path / str(kinds)))
    first, second = counts[1] - counts[0], counts[2] - counts[1]
    assert second / first < 2.1, counts
