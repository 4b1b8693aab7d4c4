"""The reference page and the JSON Schema of the concise language: complete, true, and at one with the reader."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator
from live_definitions import refusal

from opgen import schema
from opgen.apiextensions import encode, review_definition
from opgen.documents import load as load_documents
from opgen.emit.samples import sample
from opgen.schema import Found
from opgen.schema.concise import editor
from opgen.schema.concise.expressions import CONTAINERS, SIMPLE
from opgen.schema.concise.keys import COLUMN, FIELD, RULE, SCALE, TOP, VERSION

if TYPE_CHECKING:
    from envtest import ControlPlane

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "concise-schema.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def document(block: str, number: int) -> str:
    """A block as a whole document: fields stand in a spec."""
    if "kind:" in block:
        return block
    fields = "".join(f"  {line}\n" for line in block.splitlines())
    return f"group: docs.example.com\nkind: Block{number}\nversion: v1\nspec:\n{fields}"


DOCUMENTS = [document(block, number) for number, block in enumerate(BLOCKS)]
OTHERS = [
    *sorted((ROOT / "examples").glob("*/schemas/*/*.yaml")),
    *sorted((ROOT / "templates" / "quickstart").glob("*.yaml")),
]


def load(text: str) -> Found:
    return schema.load_text(text, "block.yaml")


@cache
def validator() -> Draft7Validator:
    Draft7Validator.check_schema(editor.schema())
    return Draft7Validator(editor.schema())


def complaints(text: str) -> list[str]:
    return [
        error.message for one in load_documents(text).documents for error in validator().iter_errors(one.data)
    ]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_every_block_of_the_page_is_compiled(text: str) -> None:
    """Without a word, to a definition that is taken and has both samples; and editors find nothing wrong."""
    found = load(text)
    assert found.diagnostics == ()
    definition = found.loaded[0].definition
    verdict = review_definition(definition)
    assert (verdict.errors, verdict.warnings, verdict.unchecked) == ((), (), ())
    for version in definition.versions:
        for full in (False, True):
            assert sample(definition, version.name, full=full).reason == ""
    assert complaints(text) == []


def test_every_word_of_the_language_is_on_the_page() -> None:
    """Each key, type and container stands in a block."""
    code = "\n".join(re.sub(r"#.*", "", block) for block in BLOCKS)
    keys = {*TOP, *VERSION, *FIELD, *RULE, *COLUMN, *SCALE, "version"}
    assert [key for key in sorted(keys) if not re.search(rf"(?<![\w.]){key}:", code)] == []
    types = set(re.findall(r"[\w-]+", code))
    assert [name for name in (*SIMPLE, *CONTAINERS) if name not in types] == []


@pytest.mark.envtest
def test_a_real_server_takes_every_block(control_plane: ControlPlane) -> None:
    said = [refusal(control_plane, encode(load(text).loaded[0].definition)) for text in DOCUMENTS]
    assert said == [""] * len(DOCUMENTS)


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_schemas_of_this_repository_are_valid_in_an_editor(path: Path) -> None:
    assert complaints(path.read_text(encoding="utf-8")) == []


MISTAKES = [
    "kindd: Widget",
    "scope: Global",
    "labels: [a]",
    "shortNames: {a: b}",
    "versions: []",
    "versions: [{spec: {}}]",
    "versions: [{name: v1, storages: true}]",
    "versions: [{name: v1, served: 'no'}]",
    "versions: [{name: v1, printerColumns: {Age: {type: text, jsonPath: .a}}}]",
    "versions: [{name: v1, printerColumns: {Age: metadata.creationTimestamp}}]",
    "versions: [{name: v1, scale: {replicasPath: .a}}]",
    "versions: [{name: v1, specConstraints: {minLength: 1}}]",
    "spec: {a: strin}",
    "spec: {a: '[]string'}",
    "spec: {a: string?}",
    "spec: {a: 'array<string>'}",
    "spec: {a: object}",
    "spec: {a: [string]}",
    "spec: {a: }",
    "spec: {a: {type: string, defualt: x}}",
    "spec: {a: {type: integer, minimum: '1'}}",
    "spec: {a: {type: string, minLength: 1.5}}",
    "spec: {a: {type: string, enum: []}}",
    "spec: {a: {type: string, enum: x}}",
    "spec: {a: {type: list, items: strin}}",
    "spec: {a: {items: string, listType: bag}}",
    "spec: {a: {type: string, nullable: 'yes'}}",
    "spec: {a: {type: string, rules: self > 1}}",
    "spec: {a: {type: string, rules: [{message: x}]}}",
    "spec: {a: {type: string, rules: [{rule: x, reason: Wrong}]}}",
    "spec: {a: {fields: {b: strin}}}",
    "spec: {a: {ref: core/v1.PodSpec, descriptions: some}}",
    "spec: {a: {openapi: string}}",
]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_typical_mistakes_are_seen_in_an_editor_and_by_the_reader(mistake: str) -> None:
    text = f"group: demo.example.com\nkind: Widget\n{'' if mistake.startswith('version') else 'version: v1' + chr(10)}"
    assert complaints(text + mistake) != []
    found = load(text + mistake)
    definition = found.loaded[0].definition if found.loaded else None
    assert found.diagnostics or (definition and review_definition(definition).errors)
    assert all(d.line > 0 and d.file == "block.yaml" for d in found.diagnostics)


def test_the_schema_is_self_contained() -> None:
    """References lead within it, so that an editor needs no network."""
    text = editor.editor_schema()
    targets = set(re.findall(r'"\$ref": "([^"]+)"', text))
    assert targets
    assert all(target.startswith("#/definitions/") for target in targets)
    names: Any = json.loads(text)["definitions"]
    assert {target.removeprefix("#/definitions/") for target in targets} <= names.keys()
