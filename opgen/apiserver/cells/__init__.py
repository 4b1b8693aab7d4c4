"""The columns of built-in kinds in a Table, and what stands in their cells.

What a column is called and says of itself is data, taken from a running API server by scripts/generate_columns.py;
how a cell is read from an object is code here. `table` puts both together.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from opgen.apiserver.cells import read
from opgen.apiserver.cells.others import OTHERS
from opgen.apiserver.cells.read import Cells
from opgen.apiserver.cells.workloads import WORKLOADS
from opgen.apiserver.kinds import ResourceInfo

Column: TypeAlias = tuple[str, str, str, str, int]
"""Title, type, format, description, priority."""

_ANY: Cells = {
    "Name": lambda obj: obj["metadata"]["name"],
    "Age": read.age,
    "Created At": lambda obj: obj["metadata"]["creationTimestamp"],
}


def of(table: str) -> Cells:
    """The readers of a kind's cells, by their columns' titles."""
    return {**_ANY, **(WORKLOADS.get(table) or OTHERS.get(table) or {})}


def definitions(info: ResourceInfo) -> tuple[Column, ...]:
    """The columns of a built-in resource in their order; empty for one that isn't known."""
    return _definitions().get(f"{info.group}/{info.version}/{info.plural}", ())


@cache
def _definitions() -> dict[str, tuple[Column, ...]]:
    text = files("opgen.apiserver").joinpath("data/columns.json").read_text(encoding="utf-8")
    return {name: tuple((a, b, c, d, e) for a, b, c, d, e in rows) for name, rows in json.loads(text).items()}
