"""The decisions behind one sample: immutable, so that a search can compare what each change does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from opgen.ir.schema import JSON

Path: TypeAlias = "tuple[str | int, ...]"
# include and exclude: whether an optional field is there; choice: which branches of the junctors;
# count: how many items or entries; nth: which of a scalar's candidates; value: this value; keys: a map's names.
Kind: TypeAlias = Literal["present", "choice", "count", "nth", "value", "keys"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sample holds. `full` wants every field, else what is required; `changes` are the exceptions."""

    full: bool
    changes: Mapping[tuple[Kind, Path], JSON] = field(default_factory=dict)

    def get(self, kind: Kind, path: Path) -> JSON:
        """The decision for a place, None where there is none."""
        return self.changes.get((kind, path))

    def holds(self, kind: Kind, path: Path) -> bool:
        """Whether there is a decision for a place."""
        return (kind, path) in self.changes

    def number(self, kind: Kind, path: Path, default: int = 0) -> int:
        """A decision that is a number."""
        value = self.changes.get((kind, path), default)
        return value if isinstance(value, int) else default

    def with_change(self, kind: Kind, path: Path, value: JSON) -> Plan:
        """The plan with one more decision."""
        return Plan(self.full, {**self.changes, (kind, path): value})

    def present(self, path: Path) -> Plan:
        """The plan with a field and all that it stands in."""
        changes = dict(self.changes)
        for end in range(1, len(path) + 1):
            if isinstance(path[end - 1], str):
                changes["present", path[:end]] = True
        return Plan(self.full, changes)

    def absent(self, path: Path) -> Plan:
        """The plan without a field."""
        return self.with_change("present", path, False)

    def key(self) -> frozenset[tuple[tuple[Kind, Path], str]]:
        """Tells plans apart."""
        return frozenset((place, repr(value)) for place, value in self.changes.items())
