"""The models of every real CRD: clean for ruff, mypy --strict and pyright, and quick to import."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from opgen import coretypes
from opgen.apiextensions import decode
from opgen.documents import load
from opgen.emit.models import models

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
if not CORPUS.is_dir() and os.environ.get("CI") == "true":
    raise RuntimeError(f"no corpus in {CORPUS}")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="needs ../shared/corpus"),
]


@pytest.fixture(scope="module", params=["own classes", "built-in types shared"])
def generated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package `api` of all modules, of each CRD that the server takes."""
    verdicts = json.loads((CORPUS / "labelled" / "crds_verdicts.json").read_text(encoding="utf-8"))
    taken = {(row["file"], row["doc"]) for row in verdicts if row["strict"] == 201}
    folder = tmp_path_factory.mktemp("models")
    api = folder / "api"
    api.mkdir()
    (api / "__init__.py").write_text("", encoding="utf-8")
    crds = 0
    with tarfile.open(CORPUS / "crds.tar.gz") as packed:
        for member in packed:
            stream = packed.extractfile(member)
            name = "/".join(Path(member.name).parts[-2:])
            if stream is None or not any(file == name for file, _ in taken):
                continue
            for document in load(stream.read(), name).documents:
                if (name, document.index) not in taken:
                    continue
                definition = decode(document.data).definition
                assert definition is not None
                crds += 1
                if request.param != "own classes":
                    versions = tuple(
                        replace(version, schema=version.schema and coretypes.recognise(version.schema))
                        for version in definition.versions
                    )
                    definition = replace(definition, versions=versions)
                prefix = re.sub("[^a-z0-9]", "_", f"{Path(name).parent.name}_{definition.name}")
                for module in models(definition):
                    file = api / f"m_{prefix}_{module.version}.py"
                    file.write_text(module.source, encoding="utf-8")
    assert crds >= 139
    return folder


def run(folder: Path, *command: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout[-3000:]


def test_ruff_finds_nothing(generated: Path) -> None:
    assert run(
        generated, "ruff", "check", "--isolated", "--ignore=E501", "--select=E,F,W,I,B,UP,RUF", "api"
    ) == (
        0,
        "All checks passed!\n",
    )


def test_mypy_strict_finds_nothing(generated: Path) -> None:
    code, output = run(generated, "mypy", "--strict", "api")
    assert code == 0, output


def test_pyright_finds_nothing(generated: Path) -> None:
    code, output = run(generated, "pyright", "--pythonpath", sys.executable, "api")
    assert code == 0, output
