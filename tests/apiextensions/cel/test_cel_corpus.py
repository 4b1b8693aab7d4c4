"""The rules of public definitions: all of them compile, none costs too much, all can be run.

What objects are told by them is part of `tests/apiextensions/test_labelled_objects.py`.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from opgen.apiextensions import decode
from opgen.apiextensions.cel import review_schema
from opgen.ir.schema import Schema

CRDS = Path(__file__).parents[4] / "shared" / "corpus" / "crds.tar.gz"


def schemas() -> Iterator[tuple[str, Schema]]:
    with tarfile.open(CRDS) as archive:
        for member in archive:
            file = archive.extractfile(member)
            text = file.read() if file is not None else b""
            if b"x-kubernetes-validations" not in text:
                continue
            for document in yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                definition = decode(document).definition
                assert definition is not None, member.name
                for version in definition.versions:
                    if version.schema is not None:
                        yield f"{member.name} {version.name}", version.schema


@pytest.mark.corpus
def test_public_rules_compile_and_can_be_run() -> None:
    if not CRDS.exists():
        assert os.environ.get("CI") != "true", f"{CRDS} is absent"
        pytest.skip("the corpus is absent")
    wrong = []
    count = 0
    for name, schema in schemas():
        result = review_schema(schema, name)
        count += 1
        wrong += [f"{error.field}: {error.detail}" for error in result.errors] + list(result.unchecked)
    assert wrong == []
    assert count >= 50
