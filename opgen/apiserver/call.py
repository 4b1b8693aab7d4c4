"""What belongs to one request while it is answered: who sends it, what it asks permission for, what others said.

A webhook is asked while no lock is held: whoever needs an answer that isn't there raises `Outside`; `server` asks,
notes the answer here and lets the request begin anew, which is cheap, since nothing has been stored yet.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from opgen.apiserver.access.attributes import Attributes
from opgen.apiserver.access.identity import ADMIN, User

if TYPE_CHECKING:
    from opgen.apiserver.webhooks.ask import Answer, Question


class Outside(Exception):
    """Something outside must answer first."""

    def __init__(self, call: Call, question: Question) -> None:
        super().__init__(question.title)
        self.call = call
        self.question = question


@dataclass(slots=True)
class Call:
    """One request's own state. Without a request it is the administrator's, and no webhook is asked.

    `fixed` holds what must be the same each time that the request begins anew: uids, names, the time.
    """

    user: User = ADMIN
    asked: Attributes | None = None
    query: dict[str, str] = field(default_factory=dict)
    admits: bool = False
    began: datetime | None = None
    warnings: list[str] = field(default_factory=list)
    answers: dict[bytes, Answer] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)

    def answer(self, question: Question) -> Answer:
        """What was answered. Raises Outside until it was."""
        found = self.answers.get(question.key)
        if found is None:
            raise Outside(self, question)
        return found

    def once(self, name: str, make: Callable[[], str]) -> str:
        """A value that a request makes when it first asks for it."""
        if not self.admits:
            return make()
        found = self.fixed.get(name)
        if found is None:
            found = self.fixed[name] = make()
        return found


CURRENT: ContextVar[Call | None] = ContextVar("opgen_apiserver_call", default=None)


def current() -> Call:
    """The request that is being answered here."""
    return CURRENT.get() or Call()
