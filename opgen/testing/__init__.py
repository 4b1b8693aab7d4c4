"""Tests of operators on an API server: pytest fixtures in `plugin`, and helpers to import.

Nothing heavy is imported before it is used, since pytest loads the plugin in every run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opgen.testing.eventually import Eventually
    from opgen.testing.project import definitions_of
    from opgen.testing.ready import make_ready
    from opgen.testing.samples import sample

__all__ = ["Eventually", "definitions_of", "make_ready", "sample"]

_HOMES = {
    "Eventually": "eventually",
    "definitions_of": "project",
    "make_ready": "ready",
    "sample": "samples",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
