"""The cache of compiled templates: used when it is sound, never needed, never trusted when others may write to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import jinja2
import pytest

from opgen import resources
from opgen.emit.templating import CompiledTemplates, environment


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of templates that are compiled from now on."""
    names: list[str] = []
    generate = jinja2.Environment._generate

    def counted(self: jinja2.Environment, source: object, name: str, *rest: object, **more: object) -> str:
        names.append(name)
        text: str = generate(self, source, name, *rest, **more)  # type: ignore[arg-type]  # passed on as they came
        return text

    monkeypatch.setattr(jinja2.Environment, "_generate", counted)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return names


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "opgen" / "templates"


def load() -> jinja2.Template:
    return environment("models").get_template("module.py.jinja")


def test_a_template_is_compiled_once(cache: Path, compiled: list[str]) -> None:
    first, second = load(), load()
    assert compiled == ["module.py.jinja"]
    assert [file.suffix for file in cache.iterdir()] == [".bin"]
    assert cache.stat().st_mode & 0o777 == 0o700
    names = ("doc", "type_checking", "overload", "any", "class_var", "resource_type")
    variables: dict[str, Any] = {
        **dict.fromkeys(names, ""),
        "exported": [],
        "imports": [],
        "classes": [],
        "one_line": None,
    }
    assert first.render(variables) == second.render(variables)


def test_another_compiler_or_setting_compiles_anew(
    cache: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load()
    monkeypatch.setattr("opgen.emit.templating._compiler", lambda: "another")
    load()
    assert len(compiled) == 2
    assert len(list(cache.iterdir())) == 2


def test_a_damaged_file_is_compiled_anew(cache: Path, compiled: list[str]) -> None:
    load()
    (file,) = cache.iterdir()
    file.write_bytes(b"nonsense")
    load()
    load()
    assert len(compiled) == 2


def test_a_folder_that_others_may_write_to_is_left_alone(cache: Path, compiled: list[str]) -> None:
    load()
    cache.chmod(0o777)
    load()
    load()
    assert len(compiled) == 3
    assert len(list(cache.iterdir())) == 1


def test_a_link_to_a_folder_is_left_alone(cache: Path, compiled: list[str], tmp_path: Path) -> None:
    cache.parent.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    cache.symlink_to(tmp_path / "elsewhere")
    load()
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("place", ["a file", "nowhere", "no bytecode"])
def test_all_works_without_a_cache(
    place: str, cache: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if place == "a file":
        (tmp_path / "cache").write_text("")
    elif place == "nowhere":
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setattr(Path, "home", classmethod(_nobody))
    else:
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
    load()
    load()
    assert len(compiled) == 2
    assert not cache.exists()


def _nobody(cls: type[Path]) -> Path:
    raise RuntimeError("Could not determine home directory.")


def test_where_the_cache_is(tmp_path: Path) -> None:
    assert resources.cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "opgen"
    assert resources.cache_folder({"XDG_CACHE_HOME": "relative"}) == Path.home() / ".cache" / "opgen"
    assert isinstance(CompiledTemplates(tmp_path), jinja2.BytecodeCache)
