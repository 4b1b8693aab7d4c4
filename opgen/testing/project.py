"""What a test run takes from the project around it: its definitions and its root folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opgen.documents import read
from opgen.errors import Level, OpgenError

DEFINITIONS = "config/crd/bases"
IMPORTED = "config/crd/external"
SAMPLES = "config/samples"


class _Root:
    """The project's folder: pytest's rootdir in a test run, else the current folder."""

    path: Path | None = None


def set_root(path: Path) -> None:
    """Say which folder is the project's."""
    _Root.path = path


def root() -> Path:
    """The project's folder."""
    return _Root.path or Path.cwd()


def documents_of(path: Path) -> Iterator[dict[str, Any]]:
    """The objects in a YAML file; raises OpgenError for one that can't be read."""
    found = read(path)
    for problem in found.diagnostics:
        if problem.level is Level.ERROR:
            raise OpgenError(str(problem), hint=problem.hint)
    for document in found.documents:
        if isinstance(document.data, dict):
            yield document.data


def definitions_of(folder: Path) -> list[dict[str, Any]]:
    """The CustomResourceDefinitions of the project in `folder`, then those that it imported, by file name."""
    return [
        document
        for place in (DEFINITIONS, IMPORTED)
        for path in sorted((folder / place).glob("*.yaml"))
        for document in documents_of(path)
        if document.get("kind") == "CustomResourceDefinition"
    ]
