"""Notices a key that its own writes bring back again and again. Pure.

A run that writes is followed by one that its write triggered; if that one writes nothing, all is well. When run
after run writes, and nothing but updates triggered them, something in it never comes to rest: a field that the
server changes back, a time stamp in a status. After a few such runs the key is suspicious and the changed paths
are worth computing; after some more they are reported, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from opgen_runtime.controller.routing import Trigger
from opgen_runtime.objects import ObjectKey

SUSPICIOUS = 5
REPORTED = 10
"""Runs in a row, each of which wrote and was triggered by updates alone."""


@dataclass(slots=True)
class _Streak:
    runs: int = 0
    paths: dict[str, None] = field(default_factory=dict)


class LoopWatch:
    """The streaks of one controller's keys."""

    def __init__(self) -> None:
        self._streaks: dict[ObjectKey, _Streak] = {}

    def suspicious(self, key: ObjectKey) -> bool:
        """Whether the paths that change should be computed for this key."""
        streak = self._streaks.get(key)
        return streak is not None and streak.runs >= SUSPICIOUS

    def ran(self, key: ObjectKey, triggers: Sequence[Trigger], wrote: bool) -> tuple[str, ...] | None:
        """Note a run. Returns the paths to warn of when the key is to be reported, None otherwise."""
        if not wrote or not triggers or any(trigger.event != "update" for trigger in triggers):
            self._streaks.pop(key, None)
            return None
        streak = self._streaks.setdefault(key, _Streak())
        streak.runs += 1
        for trigger in triggers:
            streak.paths.update(dict.fromkeys(f"{trigger.source} {path}" for path in trigger.changed))
        return tuple(streak.paths) if streak.runs == REPORTED else None

    def forget(self, key: ObjectKey) -> None:
        """The object is gone."""
        self._streaks.pop(key, None)
