"""`opgen compile`: JSON Schemas for editors, and lints that are silenced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from opgen.cli.root import cli
from opgen.cli.run import guarded

WIDGET = """\
kind: Widget
group: example.com
versions:
- name: v1
  spec:
    size: {type: integer, minimum: 3, maximum: 1}%s
    more: string
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "widget.yaml").write_text(WIDGET % "")
    return tmp_path


def test_schemas_are_a_part_and_samples_name_them(folder: Path) -> None:
    (folder / "widget.yaml").write_text(WIDGET.replace("minimum: 3", "minimum: 0") % "")
    assert guarded(cli, ("compile", "widget.yaml", "-o", "out", "--only", "schemas,samples")) == 0
    schema = json.loads((folder / "out" / "schemas" / "example.com_v1_widget.json").read_text())
    assert schema["properties"]["spec"]["properties"]["size"] == {
        "maximum": 1,
        "minimum": 0,
        "type": "integer",
    }
    sample = (folder / "out" / "samples" / "example.com_v1_widget.yaml").read_text()
    assert sample.startswith("# yaml-language-server: $schema=../schemas/example.com_v1_widget.json\n")
    assert guarded(cli, ("compile", "widget.yaml", "-o", "bare", "--only", "samples")) == 0
    assert (
        "yaml-language-server" not in (folder / "bare" / "samples" / "example.com_v1_widget.yaml").read_text()
    )


@pytest.mark.parametrize(
    ("comment", "words", "told"),
    [
        ("", (), True),
        ("", ("--ignore", "OPG102"), False),
        (" # opgen: ignore OPG102", (), False),
        (" # opgen: ignore OPG103", (), True),
        ("\n# opgen: ignore-file OPG102", (), False),
    ],
)
def test_a_lint_is_silenced(
    folder: Path, capsys: pytest.CaptureFixture[str], comment: str, words: tuple[str, ...], told: bool
) -> None:
    (folder / "widget.yaml").write_text(WIDGET % comment)
    assert guarded(cli, ("compile", "widget.yaml", "-o", "out", "--only", "crd", *words)) == 0
    said = capsys.readouterr().err
    assert ("[OPG102]" in said) is told
    assert not told or "warning: widget.yaml:6 " in said


def test_a_size_is_silenced_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (WIDGET % "").replace("maximum: 1", "maximum: 5")
    long = text + "".join(
        f"    a{number}: {{type: string, description: {'x' * 3000}}}\n" for number in range(100)
    )
    (folder / "widget.yaml").write_text(long)
    assert guarded(cli, ("compile", "widget.yaml", "-o", "out", "--only", "crd")) == 0
    assert "[OPG401]" in capsys.readouterr().err
    (folder / "widget.yaml").write_text(f"# opgen: ignore-file OPG401 on purpose\n{long}")
    assert guarded(cli, ("compile", "widget.yaml", "-o", "out", "--only", "crd")) == 0
    assert capsys.readouterr().err == ""


VERSION = """\
kind: Widget
group: example.com
%sversion: %s
spec: {size: integer}
"""


def test_files_that_hold_a_version_each_are_one_kind(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "v1.yaml").write_text(VERSION % ("", "v1"))
    (folder / "v1alpha1.yaml").write_text(VERSION % ("", "v1alpha1\nstorage: false"))
    assert guarded(cli, ("compile", "v1.yaml", "v1alpha1.yaml", "-o", "out", "--only", "crd")) == 0
    (crd,) = (folder / "out" / "crds").iterdir()
    versions = yaml.safe_load(crd.read_text())["spec"]["versions"]
    assert [(version["name"], version["storage"]) for version in versions] == [
        ("v1", True),
        ("v1alpha1", False),
    ]
    (folder / "v1alpha1.yaml").write_text(VERSION % ("scope: Cluster\n", "v1alpha1\nstorage: false"))
    capsys.readouterr()
    assert guarded(cli, ("compile", "v1.yaml", "v1alpha1.yaml", "-o", "out")) == 1
    said = capsys.readouterr().err
    assert "v1alpha1.yaml:3: scope is 'Cluster' here and 'Namespaced' in v1.yaml" in said
    assert "storage version" not in said
