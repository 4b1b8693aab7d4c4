"""The down-conversion table as docs/json-schema.md prints it: every row is what the reader does and a server takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from live_definitions import refusal

from opgen import schema
from opgen.apiextensions import encode, review_definition
from opgen.errors import Level
from opgen.schema import Found, Given

if TYPE_CHECKING:
    from envtest import ControlPlane

PAGE = Path(__file__).parents[2] / "docs" / "json-schema.md"
ROW = re.compile(r"^\| `(\{.*\})` \| `(\{.*\})`( \(warning\))? \|$", re.MULTILINE)
ROWS = [
    tuple(part.replace("\\|", "|") for part in found)
    for found in ROW.findall(PAGE.read_text(encoding="utf-8"))
]


def load(fields: dict[str, Any]) -> Found:
    document = {"type": "object", "properties": fields}
    return schema.load_text(json.dumps(document), "w.json", Given("demo.example.com", "v1", "Widget"))


def raw(found: Found) -> Any:
    return encode(found.loaded[0].definition)


def test_the_table_is_there() -> None:
    """A row that the pattern misses would not be checked."""
    table = PAGE.read_text(encoding="utf-8").partition("## The table")[2].partition("Some rows")[0]
    assert len(ROWS) == table.count("\n| ") - 1 > 40


@pytest.mark.parametrize(("given", "becomes", "mark"), ROWS)
def test_each_row_is_what_happens(given: str, becomes: str, mark: str) -> None:
    """The field is converted so, with a warning exactly where the page says so, and the definition is valid."""
    found = load({"f": json.loads(given)})
    assert found.ok, found.diagnostics
    spec = raw(found)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert spec["properties"]["f"] == json.loads(becomes)
    assert bool(found.diagnostics) == bool(mark)
    assert all(d.level is Level.WARNING and d.path.startswith("$.properties.f") for d in found.diagnostics)
    verdict = review_definition(found.loaded[0].definition)
    assert verdict.allowed, verdict.errors


@pytest.mark.envtest
def test_a_real_server_takes_every_row(control_plane: ControlPlane) -> None:
    """All of them as fields of one definition."""
    found = load({f"f{number}": json.loads(given) for number, (given, _, _) in enumerate(ROWS)})
    assert refusal(control_plane, raw(found)) == ""
