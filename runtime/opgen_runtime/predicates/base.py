"""What predicates see, and how they combine. `changes` and `selector` hold the ready-made ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class SeenMetadata(Protocol):
    """The metadata that a predicate can look at without decoding the object."""

    @property
    def name(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def uid(self) -> str: ...
    @property
    def resource_version(self) -> str: ...
    @property
    def generation(self) -> int: ...
    @property
    def deletion_timestamp(self) -> str | None: ...
    @property
    def labels(self) -> Mapping[str, str] | None: ...
    @property
    def annotations(self) -> Mapping[str, str] | None: ...


class Seen(Protocol):
    """An object as the cache holds it: decoded metadata and its JSON."""

    @property
    def metadata(self) -> SeenMetadata: ...
    @property
    def raw(self) -> bytes: ...


class EventType(Enum):
    """What happened to an object. Each one that exists at start-up is a CREATE."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `new` is the object after it (for a DELETE its last known form); `old` the one before an
    UPDATE, None otherwise."""

    type: EventType
    new: Seen
    old: Seen | None = None


class Predicate(ABC):
    """Decides whether an event is worth a reconcile. Combine with `&`, `|` and `~`."""

    @abstractmethod
    def matches(self, event: Event, /) -> bool:
        """Whether the event passes."""

    def __and__(self, other: Predicate) -> Predicate:
        return _All((self, other))

    def __or__(self, other: Predicate) -> Predicate:
        return _Any((self, other))

    def __invert__(self) -> Predicate:
        return _Not(self)


@dataclass(frozen=True, slots=True)
class _All(Predicate):
    parts: tuple[Predicate, ...]

    def matches(self, event: Event, /) -> bool:
        return all(part.matches(event) for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Any(Predicate):
    parts: tuple[Predicate, ...]

    def matches(self, event: Event, /) -> bool:
        return any(part.matches(event) for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Not(Predicate):
    part: Predicate

    def matches(self, event: Event, /) -> bool:
        return not self.part.matches(event)
