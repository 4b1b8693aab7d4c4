"""`opgen version`: which opgen this is, and what it runs on."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from opgen.commands.workspace import version as opgen_version


@dataclass(frozen=True, slots=True)
class Versions:
    """opgen and opgen-runtime share one number."""

    opgen: str
    python: str
    platform: str


def version() -> Versions:
    """The versions."""
    return Versions(
        opgen_version(), platform.python_version(), f"{platform.system().lower()}/{platform.machine()}"
    )
