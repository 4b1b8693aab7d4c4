"""What the fixture `faults` gives: one method for each trouble, each of which returns the fault with its counter."""

from __future__ import annotations

from typing import Any

from opgen.apiserver import ApiServer
from opgen.apiserver.faults import ACTIONS, Fault


class FaultsOnDemand:
    """Faults in one server. All take the fields of `Fault`: verb, resource, name, nth, times, …"""

    def __init__(self, server: ApiServer) -> None:
        self._server = server

    def add(self, action: str, **fields: Any) -> Fault:
        """Any fault, by the name of its action."""
        if action not in ACTIONS:
            raise ValueError(f"{action} is none of {', '.join(ACTIONS)}")
        return self._server.faults.add(Fault(action, **fields))

    def drop(self, **fields: Any) -> Fault:
        """The connection breaks before the request is done."""
        return self.add("drop", **fields)

    def lose(self, **fields: Any) -> Fault:
        """The request is done, its answer is lost."""
        return self.add("lose", **fields)

    def delay(self, seconds: float, **fields: Any) -> Fault:
        """The request waits before it is done."""
        return self.add("delay", seconds=seconds, **fields)

    def hang(self, **fields: Any) -> Fault:
        """No answer comes, and the connection stays open."""
        return self.add("hang", **fields)

    def conflict(self, **fields: Any) -> Fault:
        """409."""
        return self.add("conflict", **fields)

    def throttle(self, seconds: float = 1, **fields: Any) -> Fault:
        """429 with Retry-After."""
        return self.add("throttle", seconds=seconds, **fields)

    def fail(self, status: int = 500, **fields: Any) -> Fault:
        """An error with this code."""
        return self.add("fail", status=status, **fields)

    def expire_pages(self, **fields: Any) -> Fault:
        """410 for the second page of a list."""
        return self.add("gone", verb="list", continued=True, **fields)

    def slow_pages(self, seconds: float, **fields: Any) -> Fault:
        """Each further page of a list takes its time."""
        return self.add("delay", verb="list", continued=True, seconds=seconds, times=0, **fields)

    def drop_watch(self, after: int = 0, **fields: Any) -> Fault:
        """A watch breaks after some events."""
        return self.add("drop", verb="watch", after=after, **fields)

    def silence_watch(self, after: int = 0, **fields: Any) -> Fault:
        """A watch delivers no more after some events, and stays open."""
        return self.add("hang", verb="watch", after=after, **fields)

    def expire_watch(self, after: int = 0, **fields: Any) -> Fault:
        """A watch is told 410 after some events."""
        return self.add("gone", verb="watch", after=after, **fields)

    def truncate_watch(self, after: int = 0, **fields: Any) -> Fault:
        """A watch breaks in the middle of a frame."""
        return self.add("truncate", verb="watch", after=after, **fields)

    def duplicate_events(self, **fields: Any) -> Fault:
        """Each event of a watch comes twice."""
        return self.add("duplicate", verb="watch", **fields)

    def restart(self, *, keep_history: bool = True) -> None:
        """The server restarts: watches break, and without history they can't go on where they were."""
        self._server.restart(keep_history=keep_history)
