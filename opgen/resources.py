"""Finds opgen's templates, in a wheel (`opgen/_templates`) and in a checkout (`templates/` beside `opgen/`)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from opgen.errors import OpgenError


@cache
def templates() -> Path:
    """The folder of all templates. Raises OpgenError where an installation lost it."""
    package = Path(str(files("opgen")))
    for folder in (package / "_templates", package.parent / "templates"):
        if folder.is_dir():
            return folder
    raise OpgenError("opgen's templates are missing: install opgen again")


def template(name: str) -> str:
    """One template's text; `name` is its path below the folder, `models/module.py.jinja`."""
    return (templates() / name).read_text(encoding="utf-8")
