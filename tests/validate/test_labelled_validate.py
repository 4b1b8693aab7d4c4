"""`opgen validate` on what a real server has judged; scripts/validate-fidelity takes all of it."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from opgen.commands.catalog import Catalog
from opgen.commands.manifests import Manifest
from opgen.commands.verdicts import Rules, identity, judge
from opgen.documents import Origins

LABELLED = Path(__file__).parents[3] / "shared" / "corpus" / "labelled"
if not LABELLED.is_dir() and os.environ.get("CI") == "true":
    raise RuntimeError(f"no labelled objects in {LABELLED}")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not LABELLED.is_dir(), reason="needs ../shared/corpus"),
]


def lines(name: str, every: int) -> list[Any]:
    with gzip.open(LABELLED / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for place, line in enumerate(file) if place % every == 0]


def manifest(data: Any) -> Manifest:
    return Manifest(data, Origins("case"))


def errors(judged: Any) -> Counter[tuple[str, str]]:
    return Counter((p.diagnostic.path, p.type) for p in judged.problems if p.diagnostic.level == "error")


def expected(row: Any) -> Counter[tuple[str, str]]:
    return Counter((error["Field"], error["Type"]) for error in row["errors"] or ())


def test_custom_resources() -> None:
    catalogs: dict[tuple[str, ...], Catalog] = {}
    for row in lines("cr_generated.crds", 1):
        catalog = catalogs[row["group"], row["kind"], row["version"]] = Catalog(())
        catalog.add_input(manifest(row["crd"]))
    for row in lines("cr_generated", 24):
        catalog = catalogs[row["group"], row["kind"], row["version"]]
        judged = judge(manifest(row["cr"]), catalog, Rules("Ignore"), {})
        assert (str(judged.outcome) == "accepted") is (row["verdict"] == "valid")
        assert errors(judged) == expected(row)
        assert judged.stored is None or judged.stored == row["stored"]


@pytest.mark.parametrize(("name", "every"), [("crd_mutations", 24), ("validation_test", 1)])
def test_definitions(name: str, every: int) -> None:
    for row in lines(name, every):
        old = {identity(manifest(row["old"])): manifest(row["old"])} if row.get("old") else {}
        judged = judge(manifest(row["crd"]), Catalog(()), Rules(), old)
        assert (str(judged.outcome) == "accepted") is (row["verdict"] == "valid")
        of_status = any(field.startswith("status.") for field, _ in expected(row))
        if row["verdict"] == "invalid" and not of_status:  # a create drops the status, whatever is in it
            assert errors(judged) == expected(row)
