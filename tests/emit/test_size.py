"""How large a definition is, what makes it so, and what `descriptions:` and a budget do about it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opgen import schema
from opgen.cli.root import cli
from opgen.cli.run import guarded
from opgen.emit.crd import crd_yaml, most_json_bytes, size_warnings
from opgen.emit.yaml import dump
from opgen.errors import Level
from opgen.ir.definition import Definition
from opgen.ir.sizes import parse_size, size_text
from opgen.schema.concise.descriptions import shortened

HEAD = "group: demo.example.com\nkind: Widget\nversion: v1\n"
LARGE = (
    HEAD + "spec: {template: {ref: core/v1.PodTemplateSpec, descriptions: true}, other: core/v1.Container}\n"
)


def definition(text: str) -> Definition:
    found = schema.load_text(text, "widget.yaml")
    assert found.diagnostics == ()
    return found.loaded[0].definition


def description_of(text: str, *path: str) -> str:
    node = definition(text).versions[0].schema
    for step in path:
        assert node is not None
        node = node.items if step == "[]" else node.properties[step]
    assert node is not None
    return node.description


def test_a_large_definition_says_what_costs_most() -> None:
    """The references in it with their bytes, and the descriptions' share."""
    large = definition(LARGE)
    (said,) = size_warnings(large, crd_yaml(large), "widget.yaml")
    assert said.level is Level.WARNING
    assert said.hint.startswith("largest references: spec.template (core/v1.PodTemplateSpec) 3")
    assert "spec.other (core/v1.Container)" in said.hint
    assert "% of it: `descriptions: false`" in said.hint
    small = definition(LARGE.replace("true", "60"))
    assert size_warnings(small, crd_yaml(small)) == ()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("a'\"\\ \n\t:#-é\x00"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("a'\"\\ \n-é", max_size=5), inner),
)


@given(VALUES)
def test_the_yaml_bounds_the_json(data: object) -> None:
    """So that definitions far below the limit need not be written twice."""
    written = dump({"data": data})
    assert len(
        json.dumps({"data": data}, separators=(",", ":"), ensure_ascii=False).encode()
    ) <= most_json_bytes(written)


def test_a_budget_is_an_error() -> None:
    small = definition(HEAD + "spec: {a: string}\n")
    assert size_warnings(small, crd_yaml(small), budget=10_000) == ()
    (said,) = size_warnings(small, crd_yaml(small), budget=100)
    assert said.level is Level.ERROR
    assert "over its budget of 100" in said.message


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("Short.", 20, "Short."),
        ("One is here. Two is there. Three.", 30, "One is here. Two is there."),
        ("One is here. Two is there. Three.", 20, "One is here."),
        ("Ends with a question? Yes it does.", 25, "Ends with a question?"),
        ("Names e.g. this one and others. More.", 32, "Names e.g. this one and others."),
        ("Names, e.g. This is no end of it, surely not.", 20, "Names, e.g. This…"),
        ("First paragraph\n\nSecond paragraph that is long", 20, "First paragraph"),
        ("averylongwordwithoutanyspace", 10, "averylong…"),
        ("A few words that do not end within", 14, "A few words…"),
        ("Anything.", 0, ""),
        ("Version 1.2 is old. It goes.", 20, "Version 1.2 is old."),
        ('He said "stop." Then he left.', 20, 'He said "stop."'),
        ("Größe ist 5 µm. Änderung folgt.", 20, "Größe ist 5 µm."),
        ("Runs v. now. It stays so.", 14, "Runs v. now."),
        ("Ends with `a. B`. `c` comes next.", 20, "Ends with `a. B`."),
        ("Use it.\n```yaml\na: b. C\n\nd: e.\n```\nThen more.", 30, "Use it."),
        ("Use it:\n```yaml\na: b. C\n```\nThen more.", 26, "Use it…"),
        ("日本語の説明。次の文。", 8, "日本語の説明。"),
    ],
)
def test_whole_sentences_are_kept(text: str, limit: int, kept: str) -> None:
    assert shortened(text, limit) == kept
    assert len(shortened(text, limit)) <= limit


def test_descriptions_per_reference_field_and_version() -> None:
    """A field's own words stay; what is below it follows the policy; a version's policy holds for all."""
    text = """\
spec:
  a: {ref: core/v1.Container, descriptions: 40}
  b: {ref: core/v1.Container, descriptions: true, description: Mine to say.}
  c: {description: Kept., descriptions: false, fields: {x: {type: string, description: Gone.}}}
  d: {type: list, descriptions: 9, items: {fields: {x: {type: string, description: One two. Three four.}}}}
"""
    assert 0 < len(description_of(HEAD + text, "spec", "a", "image")) <= 40
    assert description_of(HEAD + text, "spec", "b") == "Mine to say."
    assert len(description_of(HEAD + text, "spec", "b", "image")) > 40
    assert description_of(HEAD + text, "spec", "c") == "Kept."
    assert description_of(HEAD + text, "spec", "c", "x") == ""
    assert description_of(HEAD + text, "spec", "d", "[]", "x") == "One two."
    assert description_of(HEAD + "descriptions: false\n" + text, "spec", "c") == ""


@pytest.mark.parametrize("value", ["some", "-1", "1.5"])
def test_a_policy_that_is_none(value: str) -> None:
    found = schema.load_text(
        f"{HEAD}spec:\n  a: {{ref: core/v1.Container, descriptions: {value}}}\n", "w.yaml"
    )
    assert found.diagnostics[0].line == 5
    assert "descriptions must" in found.diagnostics[0].message


def test_the_budget_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """compile and generate fail over it; a word that is no size is wrong usage."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "widget.yaml").write_text(HEAD + "spec: {a: string}\n")

    def opgen(*words: str) -> int:
        return guarded(cli, words)

    assert opgen("compile", "widget.yaml", "-o", "out", "--only", "crd", "--size-budget", "200KiB") == 0
    assert opgen("compile", "widget.yaml", "-o", "out", "--only", "crd", "--size-budget", "400") == 1
    assert "over its budget of 400" in capsys.readouterr().err
    assert opgen("compile", "widget.yaml", "-o", "out", "--size-budget", "much") == 2
    assert opgen("init", "--domain", "example.com", "--project-name", "widgets") == 0
    assert opgen("create", "api", "--schema", "widget.yaml") == 0
    assert opgen("generate", "--size-budget", "1MiB") == 0
    capsys.readouterr()
    assert opgen("generate", "--size-budget", "512") == 1
    assert "over its budget of 512" in capsys.readouterr().err


def test_a_budget_that_the_project_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """create api stores it in PROJECT, every generate holds it, also for further versions of the kind."""
    monkeypatch.chdir(tmp_path)

    def opgen(*words: str) -> int:
        return guarded(cli, words)

    (tmp_path / "widget.yaml").write_text(HEAD + "spec:\n  a: string\n")
    assert opgen("init", "--domain", "example.com", "--project-name", "widgets") == 0
    assert opgen("create", "api", "--schema", "widget.yaml", "--size-budget", "100") == 1
    assert "over its budget of 100 (sizeBudget in PROJECT)" in capsys.readouterr().err
    assert "sizeBudget" not in (tmp_path / "PROJECT").read_text()
    assert opgen("create", "api", "--schema", "widget.yaml", "--size-budget", "2KiB") == 0
    assert "sizeBudget: 2KiB" in (tmp_path / "PROJECT").read_text()
    assert opgen("generate", "--check") == 0
    (schema_file,) = (tmp_path / "schemas").rglob("widget*.yaml")
    text = schema_file.read_text()
    schema_file.write_text(text + f"  long: {{type: string, description: {'Word. ' * 400}}}\n")
    capsys.readouterr()
    assert opgen("generate") == 1
    said = capsys.readouterr().err
    assert "over its budget of 2,048 (sizeBudget in PROJECT)" in said
    assert "descriptions" in said
    assert opgen("generate", "--size-budget", "1MiB") == 0
    schema_file.write_text(text)
    (tmp_path / "PROJECT").write_text((tmp_path / "PROJECT").read_text().replace("2KiB", "much"))
    capsys.readouterr()
    assert opgen("generate") == 1
    assert "must be a size such as 200KiB" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "size", "shown"),
    [
        ("200KiB", 204800, "200KiB"),
        ("1m", 1048576, "1MiB"),
        ("1500", 1500, "1500"),
        ("0", None, ""),
        ("2GiB", None, ""),
    ],
)
def test_sizes_as_they_are_written(written: str, size: int | None, shown: str) -> None:
    assert parse_size(written) == size
    if size is not None:
        assert size_text(size) == shown


def test_a_long_description_of_short_sentences_is_cut_at_once() -> None:
    started = time.process_time()
    assert len(shortened(".\n.\n" * 10_000, 19_999)) <= 19_999
    assert time.process_time() - started < 1
