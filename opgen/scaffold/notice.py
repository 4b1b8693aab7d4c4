"""The licence notice that stands on top of the user's Python files."""

from __future__ import annotations

from opgen.ir.project import Settings


def notice_of(settings: Settings) -> str:
    """Comment lines, or "" where no licence and no owner were named. Holds no year: it would never be right."""
    lines = []
    if settings.owner:
        lines.append(f"# Copyright {settings.owner}")
    if settings.license == "apache2":
        lines.append("# SPDX-License-Identifier: Apache-2.0")
    return "\n".join(lines)
