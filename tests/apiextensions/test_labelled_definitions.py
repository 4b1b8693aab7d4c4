"""Definitions that a real server has judged: verdicts, fields, types and texts of errors."""

from __future__ import annotations

import gzip
import json
import os
import tarfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from opgen.apiextensions import decode, encode, review_definition
from opgen.apiextensions.complaints import aggregate
from opgen.documents.reader import load

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
LABELLED = CORPUS / "labelled"
if not LABELLED.is_dir() and os.environ.get("CI") == "true":
    raise RuntimeError(f"no labelled definitions in {LABELLED}")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not LABELLED.is_dir(), reason="needs ../shared/corpus"),
]


def lines(name: str) -> list[Any]:
    with gzip.open(LABELLED / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@cache
def files() -> dict[str, bytes]:
    """The public definitions, by `source/file`."""
    found = {}
    with tarfile.open(CORPUS / "crds.tar.gz") as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member)
            if content is not None:
                found["/".join(member.name.split("/")[-2:])] = content.read()
    return found


@pytest.mark.parametrize(("name", "count"), [("crd_mutations", 1129), ("validation_test", 107)])
def test_answers_as_the_server_does(name: str, count: int) -> None:
    """Every definition gets the server's verdict, the decoder's message and all errors, texts included."""
    wrong = []
    rows = lines(name)
    for place, row in enumerate(rows):
        verdict = review_definition(row["crd"], row.get("old"))
        actual = "decode" if verdict.decode else "valid" if verdict.allowed else "invalid"
        expected_errors = Counter((e["Field"], e["Type"], e["Detail"]) for e in row["errors"] or ())
        errors = Counter((e.field, str(e.type), e.detail) for e in verdict.errors)
        if (
            actual != row["verdict"]
            or verdict.decode != (row["decode"] or "")
            or errors != expected_errors
            or verdict.unchecked
        ):
            wrong.append((place, row.get("op"), actual, expected_errors - errors, errors - expected_errors))
    assert len(rows) == count
    assert wrong == []


@pytest.mark.parametrize("mode", ["strict", "ignore"])
def test_public_definitions_get_the_servers_status_and_message(mode: str) -> None:
    """146 public definitions, as a real server answered them with that field validation."""
    rows = json.loads((LABELLED / "crds_verdicts.json").read_text(encoding="utf-8"))
    wrong = []
    for row in rows:
        raw = load(files()[row["file"]]).documents[row["doc"]].data
        verdict = review_definition(raw, field_validation=mode.capitalize())
        status = 400 if verdict.decode else 201 if verdict.allowed else 422
        ours = verdict.decode or (aggregate(verdict.errors) if verdict.errors else "")
        # the message is that of the lenient request where both were refused
        comparable = row["strict"] == row["ignore"] or (mode == "strict" and row["ignore"] == 201)
        if status != row[mode] or (comparable and not _says(row["message"], ours)):
            wrong.append((row["file"], row[mode], row["message"], status, verdict))
    assert len(rows) == 146
    assert wrong == []


def _says(message: str, ours: str) -> bool:
    """The server's message begins as ours does; the values of whole structs in it are not compared."""
    _, found, detail = message.partition("is invalid: ")
    if not found:
        return not message or message.endswith(ours)
    return "Invalid value: [{" in detail or detail.startswith(ours[:40])


def test_decoding_and_encoding_lose_nothing_of_a_valid_definition() -> None:
    """Raw data to a definition and back is the same, but for what the server itself does not keep."""
    compared = 0
    for row in lines("crd_mutations"):
        decoded = decode(row["crd"])
        if row["verdict"] == "valid" and not decoded.dropped:
            assert decoded.definition is not None
            encoded: Any = encode(decoded.definition)
            assert _without_empty(encoded["spec"]) == _without_empty(row["crd"]["spec"])
            again = decode(encoded).definition
            assert again is not None
            assert again.versions == decoded.definition.versions
            compared += 1
    assert compared > 350


def _without_empty(value: Any) -> Any:
    """Without what is false, null or empty: the server writes no such field."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if item not in ("", [], None) and item is not False}
        return {key: _without_empty(item) for key, item in kept.items()}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value
