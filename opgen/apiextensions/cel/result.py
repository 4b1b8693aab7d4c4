"""What a run of the rules over an object comes to."""

from __future__ import annotations

from dataclasses import dataclass

from opgen.apiextensions.errors import FieldError


@dataclass(frozen=True, slots=True)
class CelResult:
    """`errors` in the server's order; `unchecked` names each rule that could not be run here, and why.

    `forgiven` are the failures on unchanged parts of an update, of which the server warns.
    """

    errors: tuple[FieldError, ...] = ()
    unchecked: tuple[str, ...] = ()
    forgiven: tuple[FieldError, ...] = ()
