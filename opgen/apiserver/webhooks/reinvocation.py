"""The second round of mutating admission: who is asked again because somebody else changed the object after them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from opgen.apiserver.message import JSONObject


@dataclass(slots=True)
class Turns:
    """One plugin's memory over both rounds: whom it asked that may be asked again, and whom it must."""

    asked: set[Hashable] = field(default_factory=set)
    again: set[Hashable] = field(default_factory=set)
    left: JSONObject | None = None

    def changed(self) -> None:
        """The object has changed: whoever was asked before is asked again."""
        self.again |= self.asked
        self.asked = set()


@dataclass(slots=True)
class Rounds:
    """The rounds of one write; `wanted` says that there must be a second."""

    second: bool = False
    wanted: bool = False
    policies: Turns = field(default_factory=Turns)
    webhooks: Turns = field(default_factory=Turns)

    def begin(self, turns: Turns, obj: JSONObject | None) -> None:
        """A plugin's turn begins: in the second round, what changed since its last counts."""
        if self.second and obj != turns.left:
            turns.changed()

    def skips(self, turns: Turns, key: Hashable) -> bool:
        """Whether that one isn't asked in this round."""
        return self.second and key not in turns.again

    def changed(self, turns: Turns) -> None:
        """One of a plugin's has changed the object."""
        turns.changed()
        self.wanted = True
