"""What the server's stages hide from one another is told at once, each thing once, at the user's lines."""

from __future__ import annotations

import pytest

from opgen import schema
from opgen.apiextensions import review_definition

STAGES = """\
group: shop.example.com
kind: Widget
versions:
- name: v1
  storage: true
  printerColumns: {Size: "spec.size["}
  spec:
    p: {type: string, pattern: "(["}
    l: {type: list, items: {fields: {a: string!}}, mapKeys: [b]}
    "n": {type: integer, default: "x"}
    u: {type: integer, rules: [self == 'x', self > 0, "self ==="]}
"""
WRONG = [
    ("p", "pattern"),
    ("l", "x-kubernetes-list-map-keys"),
    ("", "JSONPath"),
    ("n", "default"),
    ("u", "x-kubernetes-validations[0].rule"),
    ("u", "x-kubernetes-validations[2].rule"),
]


def named(text: str) -> list[tuple[str, str]]:
    (loaded,) = schema.load_text(text, "x.yaml").loaded
    found = []
    for error in schema.review(loaded).errors:
        field = error.field.partition("properties[spec].properties[")[2]
        place = error.field.rpartition("]." if field else ".")[2]
        if "validations" in error.field:
            place = error.field[error.field.index("x-kubernetes-validations") :]
        found.append((field.partition("]")[0], place))
    return found


def test_all_stages_are_told_each_error_once() -> None:
    assert named(STAGES) == WRONG
    (loaded,) = schema.load_text(STAGES, "x.yaml").loaded
    first = review_definition(loaded.definition).errors
    assert schema.review(loaded).errors[: len(first)] == first
    told = schema.diagnose_verdict(loaded, schema.review(loaded))
    assert [diagnostic.line for diagnostic in told] == [8, 9, 6, 10, 11, 11]


def test_versions_with_one_schema_are_told_once() -> None:
    version = STAGES[STAGES.index("- name") :]
    assert named(STAGES + version.replace("v1", "v2").replace("storage: true", "storage: false")) == WRONG


@pytest.mark.parametrize("line", ['"n"', "    u:", "    p:", "    l:", "printerColumns"])
def test_what_is_mended_is_no_longer_told(line: str) -> None:
    """Nothing follows from what was taken out for the next look."""
    kept = "".join(text for text in STAGES.splitlines(keepends=True) if line not in text)
    gone = {"printerColumns": ""}.get(line, line.strip(' ":'))
    assert sorted(named(kept)) == sorted(wrong for wrong in WRONG if wrong[0] != gone)
