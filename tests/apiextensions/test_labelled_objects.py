"""Objects that a real server has judged: verdicts, fields and types of errors, texts, stored form."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from opgen.apiextensions import decode, read_object, review_object
from opgen.ir.definition import Definition

LABELLED = Path(__file__).parents[3] / "shared" / "corpus" / "labelled"
if not LABELLED.is_dir() and os.environ.get("CI") == "true":
    raise RuntimeError(f"no labelled objects in {LABELLED}")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not LABELLED.is_dir(), reason="needs ../shared/corpus"),
]


def lines(name: str) -> list[Any]:
    with gzip.open(LABELLED / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def definition_of(raw: Any) -> Definition:
    definition = decode(raw).definition
    assert definition is not None
    return definition


def test_answers_as_the_server_does() -> None:
    """Every one of 2,678 objects gets the server's verdict, errors (texts included) and stored form."""
    definitions = {
        (row["group"], row["kind"], row["version"]): definition_of(row["crd"])
        for row in lines("cr_generated.crds.jsonl.gz")
    }
    wrong = []
    rows = lines("cr_generated.jsonl.gz")
    for place, row in enumerate(rows):
        definition = definitions[row["group"], row["kind"], row["version"]]
        verdict = review_object(definition, row["cr"], version=row["version"], field_validation="Ignore")
        expected = Counter((e["Field"], e["Type"], e["Detail"]) for e in row["errors"] or ())
        actual = Counter((e.field, str(e.type), e.detail) for e in verdict.errors)
        stored = read_object(definition, row["cr"]).obj
        if verdict.allowed != (row["verdict"] == "valid") or actual != expected or stored != row["stored"]:
            wrong.append((place, row["kind"], expected - actual, actual - expected))
        assert not verdict.unchecked
    assert len(rows) > 2000
    assert wrong == []
