"""The command line as its users meet it: flags, exit codes, and no traceback for a mistake of theirs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cli_support
import pytest
import yaml

from opgen.cli.options import Duration

SCHEMA = """\
kind: Memcached
group: cache.example.com
versions:
- name: v1
  storage: true
  spec:
    size: integer!
"""


class Cli(cli_support.Cli):
    """With a look at what lies in the folder."""

    def files(self) -> dict[str, bytes]:
        return {
            str(p.relative_to(self.folder)): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()
        }


@pytest.fixture
def opgen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project before any API, made once."""
    from opgen.commands.init import InitRequest, init

    folder = tmp_path_factory.mktemp("made") / "demo"
    init(InitRequest(folder=folder, domain="example.com", runtime_source="index"))
    return folder


@pytest.fixture
def project(opgen: Cli, made: Path) -> Cli:
    """A fresh copy of it, in which opgen runs."""
    shutil.copytree(made, opgen.folder, dirs_exist_ok=True)
    return opgen


API = ("create", "api", "--group", "cache", "--version", "v1", "--kind", "Memcached")


def test_help_names_every_command_and_imports_none() -> None:
    code = "import sys; from opgen.cli import main\ntry: main()\nfinally: print([m for m in sys.modules if m in BAD])"
    script = f"BAD = ('copier', 'jinja2', 'yaml', 'pydantic', 'aiohttp', 'opgen.schema', 're2')\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", script, "--help"], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 0
    assert done.stdout.endswith("[]\n")
    for name in ("init", "create", "generate", "compile", "dev", "quickstart", "version"):
        assert f"\n  {name} " in done.stdout


def test_an_interrupt_before_anything_is_imported_is_no_traceback() -> None:
    stop = "class Stop:\n    def find_spec(self, name, *_):\n        if name == 'click': raise KeyboardInterrupt\n"
    code = f"import sys\n{stop}sys.meta_path.insert(0, Stop())\nfrom opgen.cli import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "stopped\n")


@pytest.mark.parametrize("words", [[], ["create"]])
def test_without_a_command_it_shows_its_help(opgen: Cli, words: list[str]) -> None:
    assert opgen(*words) == 2
    assert "Commands:" in opgen.out + opgen.err


@pytest.mark.parametrize("name", ["init", "generate", "compile", "dev", "quickstart", "version"])
def test_every_command_has_help(opgen: Cli, name: str) -> None:
    assert opgen(name, "--help") == 0
    assert f"Usage: opgen {name}" in opgen.out


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["init", "--nonsense"],
        ["create", "api", "--predicate", "nonsense"],
        ["create", "api", "--max-concurrent-reconciles", "0"],
        ["create", "api", "--reconcile-timeout", "soon"],
        ["create", "api", "--reconcile-timeout", "-1"],
        ["create", "api", "--owns", "Deployment"],
        ["create", "api", "--resource=maybe"],
        ["create", "api", "--group", "--version", "v1"],
        ["create", "api", "--controller-name", "--force"],
        ["create", "api", "--kind"],
        [*API, "--controller=false", "--finalizer", "--predicate", "labels"],
        [*API, "--controller=false", "--controller-name", "audit"],
        [*API, "--resource=false", "--plural", "caches", "--namespaced"],
        [*API, "--pointer", "/a"],
        ["compile", "x.yaml"],
        ["compile", "x.yaml", "-o", "out", "--only", "nonsense"],
        ["init", "a", "b"],
        ["init", "--namespaced", "false"],
        [*API, "--namespaced", "False"],
    ],
)
def test_wrong_usage_is_exit_2(project: Cli, words: list[str]) -> None:
    before = project.files()
    assert project(*words) == 2
    assert project.err.startswith(("Usage:", "Error:"))
    assert project.files() == before


@pytest.mark.parametrize(
    "spelled", [["--namespaced"], ["--namespaced=true"], ["--namespaced", "--force=false"]]
)
def test_booleans_stand_alone_and_never_eat_a_word(project: Cli, spelled: list[str]) -> None:
    assert project(*API, *spelled, "--controller=false") == 0
    assert "scope: Namespaced" in (project.folder / "schemas/cache/memcached.v1.yaml").read_text()


def test_a_bare_boolean_leaves_the_next_word_alone(project: Cli) -> None:
    assert project("init", "--namespaced", "new", "--runtime-source", "index") == 0
    assert "namespaced: true" in (project.folder / "new/PROJECT").read_text()


def test_false_is_false(project: Cli) -> None:
    assert project(*API, "--namespaced=false", "--controller=false") == 0
    assert "scope: Cluster" in (project.folder / "schemas/cache/memcached.v1.yaml").read_text()
    assert not list(project.folder.glob("src/demo/controller/*_controller.py"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90.0),
        ("10h", 36000.0),
        ("1h30m", 5400.0),
        ("90", 90.0),
        ("1.5", 1.5),
        ("5ms", 0.005),
        ("100ms", 0.1),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


def test_a_boolean_s_value_behind_a_space_is_spelled_for_the_user(project: Cli) -> None:
    assert project(*API, "--namespaced", "false") == 2
    assert "Write --namespaced=false" in project.err


def test_version(opgen: Cli) -> None:
    assert opgen("version") == 0
    assert opgen.out.startswith("opgen 0.")
    said = opgen.out
    assert opgen("--version") == 0
    assert opgen.out == said
    assert opgen("version", "--format", "json") == 0
    assert set(json.loads(opgen.out)) == {"opgen", "python", "platform"}


def test_a_mistyped_command_is_guessed(opgen: Cli) -> None:
    assert opgen("generat") == 2
    assert "No such command 'generat'. Did you mean generate?" in opgen.err
    assert opgen("create", "apis") == 2
    assert "Did you mean api?" in opgen.err


def test_help_says_what_a_value_may_be(opgen: Cli) -> None:
    assert opgen("create", "api", "--help") == 0
    assert "A DURATION is 90s, 10h, 1h30m, 100ms, or a number of seconds." in opgen.out
    assert opgen("init", "--help") == 0
    assert "--license [apache2|none]" in opgen.out
    assert "--runtime-source [index|vendor]" in opgen.out


def test_what_comes_next_is_named(project: Cli) -> None:
    """The files to edit first, also where the list of files is cut."""
    assert project(*API) == 0
    controller = "  edit src/demo/controller/memcached_controller.py\n"
    commands = "  make lint test\n  uv run opgen dev\n"
    schema = "  edit schemas/cache/memcached.v1.yaml, then: make manifests generate\n"
    assert project.out.endswith(f"\nNext:\n{schema}{controller}{commands}")
    (project.folder / "given.yaml").write_text(SCHEMA.replace("Memcached", "Redis"))
    assert project("create", "api", "--schema", "given.yaml", "--controller=false") == 0
    assert project.out.endswith(f"\nNext:\n{commands}")


def test_init_names_what_it_kept(opgen: Cli) -> None:
    (opgen.folder / "README.md").write_text("mine\n")
    assert opgen("init", "--runtime-source", "index") == 0
    assert "    keep  README.md, which was here\n" in opgen.out
    assert (opgen.folder / "README.md").read_text() == "mine\n"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_help_has_no_colours_where_nobody_sees_them(made: Path) -> None:
    done = subprocess.run(["make", "help"], cwd=made, capture_output=True, text=True, check=True)
    assert "\033" not in done.stdout
    assert "Usage: make <target>\n" in done.stdout
    assert "\n  test              Run the tests.\n" in done.stdout
    assert "\nDevelopment\n" in done.stdout
    terminal, end = os.openpty()
    subprocess.run(["make", "help"], cwd=made, stdout=end, check=True)
    assert b"\033[36m<target>\033[0m" in os.read(terminal, 1000)
    os.close(end)
    os.close(terminal)


def test_compile_names_itself_and_each_file_once(opgen: Cli) -> None:
    """Two kinds of one group; the header of the models names the command that wrote them."""
    for kind in ("Memcached", "Redis"):
        (opgen.folder / f"{kind}.yaml").write_text(SCHEMA.replace("Memcached", kind))
    assert (
        opgen("compile", "Memcached.yaml", "Redis.yaml", "-o", "out", "--only", "models", "--format", "json")
        == 0
    )
    paths = [change["path"] for change in json.loads(opgen.out)["changes"]]
    assert len(paths) == len(set(paths)) == 4
    models = (opgen.folder / "out/models/cache_example_com/v1/redis.py").read_text()
    assert models.startswith("# Generated by opgen. DO NOT EDIT: `opgen compile` writes it anew.\n")


def test_a_crd_that_is_too_large_is_told_in_bytes(opgen: Cli) -> None:
    """By the JSON that kubectl keeps in an annotation, to the byte."""
    fields = "".join(f"    f{n}: {{type: string, description: {'x' * 1000}}}\n" for n in range(300))
    (opgen.folder / "big.yaml").write_text(f"{SCHEMA}{fields}")
    assert opgen("compile", "big.yaml", "-o", "out", "--only", "crd") == 0
    said = re.search(r"the CRD has ([\d,]+) bytes as JSON; .* takes 262,144", opgen.err)
    crd = yaml.safe_load((opgen.folder / "out/crds/memcacheds.cache.example.com.yaml").read_text())
    assert said is not None
    assert int(said[1].replace(",", "")) == len(json.dumps(crd, separators=(",", ":")))


def test_outside_a_project(opgen: Cli) -> None:
    for words in (["generate"], API, ["dev"]):
        assert opgen(*words) == 1
        assert opgen.err.startswith("error: no PROJECT here")
    assert opgen.files() == {}


def test_create_api_generate_and_check(project: Cli) -> None:
    assert project(*API) == 0
    once = project.files()
    assert project("generate") == 0
    assert project.out == "up to date\n"
    assert project("generate", "--check") == 0
    assert project.files() == once
    models = project.folder / "src/demo/api/v1/memcached.py"
    models.write_text(models.read_text() + "# edit\n")
    assert project("generate", "--check") == 1
    assert "was edited by hand" in project.err
    assert "-# edit" in project.out
    assert project("generate") == 0
    assert "was edited by hand and is overwritten" in project.err
    assert project.files() == once


def test_two_runs_give_the_same_bytes(opgen: Cli) -> None:
    for name in ("a", "b"):
        folder = opgen.folder / name / "demo"
        assert opgen("init", str(folder), "--domain", "example.com", "--runtime-source", "vendor") == 0
        inner = Cli(folder, opgen._monkeypatch, opgen._capsys)
        assert inner(*API, "--owns", "apps/v1/Deployment") == 0
    first, second = (
        Cli(opgen.folder / name, opgen._monkeypatch, opgen._capsys).files() for name in ("a", "b")
    )
    assert first == second


def test_dry_run_shows_a_diff_and_writes_nothing(project: Cli) -> None:
    before = project.files()
    assert project(*API, "--dry-run") == 0
    assert "+++ b/schemas/cache/memcached.v1.yaml" in project.out
    assert project.files() == before
    assert project("init", "new", "--dry-run", "--runtime-source", "index") == 0
    assert "+++ b/PROJECT" in project.out
    assert project.files() == before


def test_a_dry_run_is_a_patch(project: Cli) -> None:
    """What it prints is what `git apply` takes, and gives what the command itself writes."""
    assert project(*API, "--dry-run") == 0
    patch = project.out
    twin = Cli(project.folder.parent / "twin", project._monkeypatch, project._capsys)
    shutil.copytree(project.folder, twin.folder)
    assert project(*API) == 0
    (twin.folder.parent / "patch").write_text(patch)
    subprocess.run(["git", "apply", "../patch"], cwd=twin.folder, check=True)
    written = {name: content for name, content in project.files().items() if content}
    assert {name: content for name, content in twin.files().items() if content} == written


def test_json_reports(project: Cli) -> None:
    assert project(*API, "--format", "json") == 0
    report = json.loads(project.out)
    assert report["applied"] is True
    assert {"path": "PROJECT", "action": "update"} in report["changes"]
    assert project("generate", "--check", "--format", "json") == 0
    assert json.loads(project.out)["changes"] == []


def test_a_schema_from_standard_input(project: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SCHEMA.encode())))
    assert project("create", "api", "--schema", "-") == 0
    assert (project.folder / "schemas/cache/memcached.v1.yaml").read_text() == SCHEMA


def test_user_files_survive(project: Cli) -> None:
    assert project(*API) == 0
    controller = project.folder / "src/demo/controller/memcached_controller.py"
    edited = controller.read_text().replace("return ()", "return []  # mine")
    controller.write_text(edited)
    sample = project.folder / "config/samples/cache_v1_memcached.yaml"
    sample.write_text("# mine\n" + sample.read_text())
    assert project("create", "api", "--group", "cache", "--version", "v1", "--kind", "Other") == 0
    assert project("generate") == 0
    assert controller.read_text() == edited
    assert sample.read_text().startswith("# mine")
    sample.unlink()
    assert project("generate") == 0
    assert sample.exists()
    assert project(*API, "--force") == 0
    assert "# mine" not in controller.read_text()


def test_a_subfolder_of_the_project_will_do(project: Cli) -> None:
    inner = Cli(project.folder / "src/demo", project._monkeypatch, project._capsys)
    assert inner(*API) == 0
    assert (project.folder / "schemas/cache/memcached.v1.yaml").exists()
