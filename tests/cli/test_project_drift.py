"""PROJECT, schemas/ and the code, where they no longer fit together or are told apart from the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_support import Cli

from opgen.commands.create_api import CreateApiRequest, create_api
from opgen.commands.init import InitRequest, init

CONTROLLER = "src/demo/controller/memcached_controller.py"
SCHEMA = "schemas/cache/memcached.v1.yaml"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drift") / "demo"
    init(InitRequest(folder=folder, domain="example.com", runtime_source="index"))
    create_api(CreateApiRequest(start=folder, group="cache", version="v1", kind="Memcached"))
    return folder


@pytest.fixture
def project(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    shutil.copytree(made, tmp_path / "demo")
    return Cli(tmp_path / "demo", monkeypatch, capsys)


def files(project: Cli) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()}


def test_a_controller_that_is_gone_keeps_its_role(project: Cli) -> None:
    (project.folder / CONTROLLER).unlink()
    before = files(project)
    assert project("generate") == 1
    assert f"{CONTROLLER}: no such file, though PROJECT names its controller" in project.err
    assert "take `controller: true` from Memcached in PROJECT" in project.err
    assert files(project) == before
    path = project.folder / "PROJECT"
    path.write_text(path.read_text().replace("  controller: true\n", ""))
    assert project("generate") == 0
    assert "memcached_controller" not in (project.folder / "src/demo/_registry.py").read_text()


def test_a_controller_that_moved_leaves_an_import(project: Cli) -> None:
    role = (project.folder / "config/rbac/generated/role.yaml").read_bytes()
    (project.folder / CONTROLLER).rename(project.folder / "src/demo/cache.py")
    (project.folder / CONTROLLER).write_text("from demo.cache import setup as setup\n")
    assert project("generate") == 0
    assert (project.folder / "config/rbac/generated/role.yaml").read_bytes() == role


def test_the_models_come_back_whole(project: Cli) -> None:
    before = files(project)
    shutil.rmtree(project.folder / "src/demo/api")
    assert project("generate") == 0
    assert files(project) == before


def test_a_schema_that_project_does_not_name_is_told(project: Cli) -> None:
    (project.folder / "schemas/cache/other.yaml").write_text("kind: Other\nversion: v1\nspec: {}\n")
    (project.folder / "schemas/values.yaml").write_text("replicas: 3\n")
    assert project("generate", "--check") == 0
    assert project.err.count("warning:") == 1
    assert "schemas/cache/other.yaml: is not in PROJECT, so nothing is made of it" in project.err
    assert "opgen create api --schema schemas/cache/other.yaml" in project.err


def test_a_kind_that_project_and_schema_tell_differently(project: Cli) -> None:
    path = project.folder / SCHEMA
    path.write_text(path.read_text().replace("kind: Memcached\n", "kind: Memcache\n"))
    assert project("generate") == 1
    assert f"{SCHEMA}:" in project.err
    assert "kind is Memcache here and Memcached in PROJECT\n  hint: write kind: Memcached\n" in project.err


def test_a_name_in_a_file_is_told_at_its_line(project: Cli) -> None:
    path = project.folder / "bar.yaml"
    text = "group: cache.example.com\nkind: bar\nversion: v1\nspec: {a: string}\n"
    path.write_text(text)
    assert project("create", "api", "--schema", "bar.yaml", "--controller=false") == 1
    assert 'bar.yaml:2: "bar" is not a kind' in project.err
    assert "hint: write kind: Bar\n" in project.err
    path.write_text(text.replace("kind: bar", "kind: Bar"))
    assert project("create", "api", "--schema", "bar.yaml", "--controller=false") == 0


def test_a_list_of_namespaces_with_a_hole(project: Cli) -> None:
    words = ("create", "api", "--group", "cache", "--version", "v1", "--kind", "Foo")
    assert project(*words, "--watch-namespaces", "a,,b") == 1
    assert '--watch-namespaces: "" is not a namespace' in project.err


def test_without_a_domain_groups_are_whole(project: Cli) -> None:
    folder = project.folder / "bare"
    init(InitRequest(folder=folder, domain="", runtime_source="index"))
    bare = project.inside("bare")
    words = ("create", "api", "--version", "v1", "--kind", "Foo", "--group")
    assert bare(*words, "a") == 1
    assert '--group: "a" is not a whole group, which has a dot, and PROJECT has no domain' in bare.err
    (folder / "bar.yaml").write_text("kind: Bar\nversion: v1\nspec: {a: string}\n")
    assert bare("create", "api", "--group", "a", "--schema", "bar.yaml") == 1
    assert "--group: should be a domain with at least one dot" in bare.err
    assert bare(*words, "a.example.org") == 0
    assert "group: a.example.org\n" in (folder / "schemas/a.example.org/foo.v1.yaml").read_text()
    assert bare("generate", "--check") == 0
