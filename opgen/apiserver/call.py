"""What belongs to one request while it is answered: who sends it, and what it asks permission for."""

from __future__ import annotations

from dataclasses import dataclass

from opgen.apiserver.access.attributes import Attributes
from opgen.apiserver.access.identity import ADMIN, User


@dataclass(slots=True)
class Call:
    """One request's own state. Without a request it is the administrator's."""

    user: User = ADMIN
    asked: Attributes | None = None
