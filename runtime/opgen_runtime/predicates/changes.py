"""Predicates that compare the two forms of an updated object. All let creations and deletions pass."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from opgen_runtime import json
from opgen_runtime.errors import DecodeError
from opgen_runtime.predicates.base import Event, EventType, Predicate, Seen


class _Change(Predicate):
    """An update passes if the object was recreated under its name, or if `changed` says so."""

    def matches(self, event: Event, /) -> bool:
        old = event.old
        if event.type is not EventType.UPDATE or old is None:
            return True
        return old.metadata.uid != event.new.metadata.uid or self.changed(old, event.new)

    @abstractmethod
    def changed(self, old: Seen, new: Seen) -> bool:
        """Whether the difference matters."""


@dataclass(frozen=True, slots=True)
class GenerationChanged(_Change):
    """Passes updates of the spec: `metadata.generation` moved, or the object began to be deleted.

    Status, labels and annotations don't move the generation. Where a kind has no status subresource, each
    status write does.
    """

    def changed(self, old: Seen, new: Seen) -> bool:
        before, after = old.metadata, new.metadata
        return (
            before.generation != after.generation
            or (before.deletion_timestamp is None) != (after.deletion_timestamp is None)
            # A kind without generations would never pass.
            or (not after.generation and before.resource_version != after.resource_version)
        )


@dataclass(frozen=True, slots=True)
class ResourceVersionChanged(_Change):
    """Passes updates that changed anything: all but those of a resync."""

    def changed(self, old: Seen, new: Seen) -> bool:
        return old.metadata.resource_version != new.metadata.resource_version


@dataclass(frozen=True, slots=True)
class LabelsChanged(_Change):
    """Passes updates that changed a label."""

    def changed(self, old: Seen, new: Seen) -> bool:
        return (old.metadata.labels or {}) != (new.metadata.labels or {})


@dataclass(frozen=True, slots=True)
class AnnotationsChanged(_Change):
    """Passes updates that changed an annotation."""

    def changed(self, old: Seen, new: Seen) -> bool:
        return (old.metadata.annotations or {}) != (new.metadata.annotations or {})


class FieldsChanged(_Change):
    """Passes updates that changed one of these fields, or began the object's deletion.

    Fields are paths in the object's own (wire) names: `FieldsChanged("spec.replicas", "spec.tls")`.
    """

    def __init__(self, *fields: str) -> None:
        if not fields:
            raise ValueError("FieldsChanged needs at least one path, such as 'spec.replicas'")
        for field in fields:
            if not all(field.split(".")):
                raise ValueError(f"FieldsChanged: {field!r} is not a path such as 'spec.replicas'")
        self._paths = tuple(tuple(field.split(".")) for field in fields)

    def __repr__(self) -> str:
        return f"FieldsChanged({', '.join(repr('.'.join(path)) for path in self._paths)})"

    def changed(self, old: Seen, new: Seen) -> bool:
        before, after = old.metadata, new.metadata
        if (before.deletion_timestamp is None) != (after.deletion_timestamp is None):
            return True
        if before.resource_version == after.resource_version:
            return False
        try:
            was, now = json.loads(old.raw), json.loads(new.raw)
        except DecodeError:
            return True  # the reconcile that follows reports it
        return any(_at(was, path) != _at(now, path) for path in self._paths)


_ABSENT = object()


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return _ABSENT
        value = value[name]
    return value
