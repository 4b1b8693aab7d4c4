"""opgen schema, and schemas from standard input in every command that reads one."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from opgen.cli.root import cli
from opgen.cli.run import guarded

CONCISE = "group: cache.example.com\nkind: Cache\nversion: v1\nspec: {size: integer!}\n"
OBJECT = "apiVersion: cache.example.com/v1\nkind: Cache\nmetadata: {name: a}\nspec: {size: 3}\n"
JSON_SCHEMA = json.dumps({"type": "object", "properties": {"size": {"type": ["integer", "null"]}}})


class Cli:
    """Runs opgen in this process, in a folder, with a standard input."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        patch.chdir(folder)
        self._patch, self._capture = patch, capture
        self.out = self.err = ""

    def __call__(self, *words: str, stdin: str = "") -> int:
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = guarded(cli, words)
        self.out, self.err = self._capture.readouterr()
        assert "Traceback" not in self.err
        return code


@pytest.fixture
def opgen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("from_stdin", [True, False])
def test_from_example_to_definition(opgen: Cli, tmp_path: Path, from_stdin: bool) -> None:
    """An object goes in, and what comes out compiles."""
    (tmp_path / "cache.yaml").write_text(OBJECT)
    assert opgen("schema", "from-example", "-" if from_stdin else "cache.yaml", stdin=OBJECT) == 0
    assert "    size: integer\n" in opgen.out
    assert opgen.err == ""
    assert opgen("compile", "-", "-o", "out", "--only", "crd", stdin=opgen.out) == 0
    assert (tmp_path / "out" / "crds" / "caches.cache.example.com.yaml").is_file()


def test_from_example_writes_a_file_once(opgen: Cli, tmp_path: Path) -> None:
    assert opgen("schema", "from-example", "-", "-o", "cache.yaml", stdin=OBJECT) == 0
    assert (tmp_path / "cache.yaml").read_text().startswith("# Cache, from an example")
    assert opgen("schema", "from-example", "-", "-o", "cache.yaml", stdin=OBJECT) == 1
    assert "cache.yaml is here already" in opgen.err
    assert opgen("schema", "from-example", "-", "-o", "no/cache.yaml", stdin=OBJECT) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "<stdin>: holds no object: the file is empty"),
        ("a: [", "<stdin>:2: YAML syntax"),
        ("{apiVersion: v1, kind: Pod}", "<stdin>:1: Pod is built into Kubernetes"),
    ],
)
def test_from_example_says_what_is_wrong(opgen: Cli, text: str, says: str) -> None:
    assert opgen("schema", "from-example", "-", stdin=text) == 1
    assert says in opgen.err
    assert opgen.out == ""


def test_the_language_for_editors(opgen: Cli, tmp_path: Path) -> None:
    assert opgen("schema", "language") == 0
    assert json.loads(opgen.out)["$schema"].startswith("http://json-schema.org/draft-07")
    assert opgen("schema", "language", "-o", "concise.json") == 0
    assert json.loads((tmp_path / "concise.json").read_text())["definitions"]


def documents(*kinds: str) -> list[dict[str, object]]:
    return [
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{kind.lower()}s.a.example.com"},
            "spec": {
                "group": "a.example.com",
                "scope": "Namespaced",
                "names": {"plural": f"{kind.lower()}s", "kind": kind},
                "versions": [
                    {
                        "name": "v1",
                        "served": True,
                        "storage": True,
                        "schema": {"openAPIV3Schema": {"type": "object"}},
                    }
                ],
            },
        }
        for kind in kinds
    ]


@pytest.mark.parametrize(
    ("text", "flags", "written"),
    [
        (CONCISE, (), ["caches.cache.example.com"]),
        (JSON_SCHEMA, ("--group", "b.example.com", "--version", "v1", "--kind", "Box"), ["boxes.b.example.com"]),
        (json.dumps(documents("Foo")[0]), (), ["foos.a.example.com"]),
        (json.dumps({"apiVersion": "v1", "kind": "List", "items": documents("Foo", "Bar")}), (),
         ["bars.a.example.com", "foos.a.example.com"]),
        ("\n---\n".join([CONCISE, *map(json.dumps, documents("Foo", "Bar"))]), (),
         ["bars.a.example.com", "caches.cache.example.com", "foos.a.example.com"]),
        ("\n---\n# nothing\n---\n" + CONCISE, (), ["caches.cache.example.com"]),
    ],
)  # fmt: skip
def test_compile_reads_every_form_from_standard_input(
    opgen: Cli, tmp_path: Path, text: str, flags: tuple[str, ...], written: list[str]
) -> None:
    """The form is told by what is there: several documents, lists, and forms in one stream."""
    assert opgen("compile", "-", *flags, "-o", "out", "--only", "crd", stdin=text) == 0, opgen.err
    assert sorted(path.stem for path in (tmp_path / "out" / "crds").iterdir()) == written


def test_what_is_wrong_on_standard_input_has_its_line(opgen: Cli) -> None:
    assert opgen("compile", "-", "-o", "out", stdin=CONCISE.replace("integer!", "intger")) == 1
    assert "<stdin>:4" in opgen.err


def test_create_api_reads_standard_input(opgen: Cli, tmp_path: Path) -> None:
    assert opgen("init", "--domain", "example.com", "--project-name", "cache") == 0, opgen.err
    example = opgen("schema", "from-example", "-", stdin=OBJECT)
    assert example == 0
    assert opgen("create", "api", "--schema", "-", stdin=opgen.out) == 0, opgen.err
    assert (
        (tmp_path / "schemas" / "cache" / "cache.v1.yaml").read_text().startswith("# Cache, from an example")
    )
    schema = tmp_path / "config" / "schemas" / "concise-schema.json"
    assert opgen("schema", "language") == 0
    assert schema.read_text() == opgen.out


def test_a_new_schema_names_the_language_where_it_lies(opgen: Cli, tmp_path: Path) -> None:
    """The first line of a starter leads to a file of the project, so that an editor needs no network."""
    assert opgen("init", "--domain", "example.com", "--project-name", "cache") == 0, opgen.err
    assert opgen("create", "api", "--group", "cache", "--version", "v1", "--kind", "Cache") == 0, opgen.err
    path = tmp_path / "schemas" / "cache" / "cache.v1.yaml"
    head, _, target = path.read_text().splitlines()[0].partition("$schema=")
    assert head == "# yaml-language-server: "
    assert (
        json.loads((path.parent / target).resolve().read_text())["title"]
        == "opgen's concise schema of a Kubernetes kind"
    )
