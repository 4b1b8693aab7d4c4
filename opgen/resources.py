"""Finds opgen's templates, in a wheel (`opgen/_templates`) and in a checkout (`templates/` beside `opgen/`).

Also the folder for what opgen can make again at any time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from opgen.errors import OpgenError

_PACKAGE = Path(__file__).parent


@cache
def templates() -> Path:
    """The folder of all templates. Raises OpgenError where an installation lost it."""
    for folder in (_PACKAGE / "_templates", _PACKAGE.parent / "templates"):
        if folder.is_dir():
            return folder
    raise OpgenError("opgen's templates are missing: install opgen again")


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """opgen's folder among the user's caches; it need not exist."""
    cache = environ.get("XDG_CACHE_HOME", "")
    # The specification of these variables wants relative paths to be ignored.
    base = Path(cache) if cache and Path(cache).is_absolute() else Path.home() / ".cache"
    return base / "opgen"


def template(name: str) -> str:
    """One template's text; `name` is its path below the folder, `models/module.py.jinja`."""
    return (templates() / name).read_text(encoding="utf-8")
