"""A minimal and a full sample for every version of the public definitions that a server takes."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from opgen.apiextensions import decode, default_definition
from opgen.emit.samples import sample

LABELLED = Path(__file__).parents[3] / "shared" / "corpus" / "labelled"
if not LABELLED.is_dir() and os.environ.get("CI") == "true":
    raise RuntimeError(f"no labelled definitions in {LABELLED}")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not LABELLED.is_dir(), reason="needs ../shared/corpus"),
]


def test_every_kind_has_its_samples() -> None:
    """103 definitions; `sample` itself has each object reviewed, so that one that is found is accepted."""
    without = []
    with gzip.open(LABELLED / "cr_generated.crds.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            definition = decode(row["crd"]).definition
            assert definition is not None
            definition = default_definition(definition)
            for full in (False, True):
                found = sample(definition, row["version"], full=full)
                if found.obj is None:
                    without.append((row["kind"], full, found.reason))
    assert without == []
