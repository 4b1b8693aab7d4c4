"""What a kind adds to the general course of a write: its shape, its checks, what a subresource may change.

`custom` and `core` implement it; `writes` calls it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from opgen.apiextensions.errors import FieldError
from opgen.apiserver.apply.fieldset import FieldSet
from opgen.apiserver.apply.types import Node
from opgen.apiserver.message import JSONObject


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An object after pruning and defaulting, and what is wrong with it.

    `told` are the warnings that are given even where it is refused.
    """

    obj: JSONObject
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


class Strategy(Protocol):
    """One kind's rules. Methods return new objects and never change those they get."""

    @property
    def node(self) -> Node:
        """The kind's shape for comparing and merging."""
        ...

    @property
    def has_generation(self) -> bool:
        """Whether metadata.generation counts the changes of its spec."""
        ...

    def ignored(self, subresource: str) -> FieldSet:
        """The fields that a writer of this subresource ("" for the object itself) never owns."""
        ...

    def decode(self, obj: JSONObject, field_validation: str) -> tuple[JSONObject, tuple[str, ...]]:
        """The object as its type reads it, and warnings; raises 400 for what doesn't fit."""
        ...

    def prepare_create(self, obj: JSONObject) -> JSONObject:
        """Drop what a create may not set, fill in what the server does."""
        ...

    def prepare_update(self, new: JSONObject, old: JSONObject, subresource: str) -> JSONObject:
        """Take from `new` only what this subresource may change, the rest from `old`."""
        ...

    def spec_changed(self, new: JSONObject, old: JSONObject) -> bool:
        """Whether the change moves the generation."""
        ...

    def review(self, new: JSONObject, old: JSONObject | None, subresource: str) -> Reviewed:
        """Check and complete the object that would be stored."""
        ...
