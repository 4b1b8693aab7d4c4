"""From an event about any watched object to the keys to reconcile, and how urgently. Nothing here waits.

Decided here: which events the user's predicates see (pausing, resuming, "reconcile now" and the deletion of what
we are to finalize pass before them),
whom an owned object belongs to, and that the first listing and resyncs stand back behind real changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from opgen_runtime import json
from opgen_runtime.client.transport import Metadata
from opgen_runtime.controller.sources import Owns
from opgen_runtime.errors import DecodeError
from opgen_runtime.objects import ObjectKey, ResourceType
from opgen_runtime.predicates import Event, EventType, Predicate, Seen, Selector

LOW_PRIORITY = -100
"""For objects of the first listing and of a resync: changes made by people go first."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why a key was queued: the kind, what happened to it, its key where it is another object, and the paths
    that changed (known only while debug lines are logged)."""

    source: str
    event: str
    key: ObjectKey | None = None
    changed: tuple[str, ...] = ()

    def __str__(self) -> str:
        about = f" {self.key}" if self.key is not None else ""
        paths = f" ({', '.join(self.changed)})" if self.changed else ""
        return f"{self.source}{about} {self.event}{paths}"


@dataclass(frozen=True, slots=True)
class Annotations:
    """The annotations by which people steer a kind's controllers; their prefix is the kind's group."""

    paused: str
    reconcile_now: str

    @classmethod
    def of(cls, kind: ResourceType) -> Annotations:
        """Those of one kind; `core` stands for the core group, which has no name."""
        prefix = kind.group or "core"
        return cls(f"{prefix}/paused", f"{prefix}/reconcile-now")

    def pauses(self, metadata: Metadata) -> bool:
        """Whether the object is paused."""
        annotations = metadata.annotations
        return annotations is not None and annotations.get(self.paused) == "true"

    def steered(self, event: Event) -> bool:
        """Whether the event resumes an object or asks for a reconcile now."""
        if event.old is None:
            return False
        before, after = event.old.metadata.annotations or {}, event.new.metadata.annotations or {}
        if before.get(self.paused) == "true" and after.get(self.paused) != "true":
            return True
        now = after.get(self.reconcile_now)
        return now is not None and now != before.get(self.reconcile_now)


def begins_deletion(event: Event, finalizer: str) -> bool:
    """Whether an object that carries this finalizer is found to be on its way out. No predicate may hide that:
    nothing else would follow, and the object would stay for ever."""
    metadata = cast("Metadata", event.new.metadata)
    if event.type is EventType.DELETE or metadata.deletion_timestamp is None:
        return False
    if not finalizer or finalizer not in (metadata.finalizers or ()):
        return False
    return event.old is None or event.old.metadata.deletion_timestamp is None


class Scope:
    """Which objects a controller looks at: namespaces (empty: all) and labels."""

    __slots__ = ("_namespaces", "_selector")

    def __init__(self, namespaces: Sequence[str], selector: Selector) -> None:
        self._namespaces = frozenset(name for name in namespaces if name)
        self._selector = selector

    def has(self, key: ObjectKey) -> bool:
        """Whether the key's namespace is one of them."""
        return not self._namespaces or not key.namespace or key.namespace in self._namespaces

    def selects(self, metadata: Metadata) -> bool:
        """Whether the labels match."""
        return self._selector.matches(metadata.labels)


def passes(predicates: Sequence[Predicate], event: Event) -> bool:
    """Whether all predicates let the event through."""
    return all(predicate.matches(event) for predicate in predicates)


def owners(source: Owns, kind: ResourceType, metadata: Metadata) -> Iterator[ObjectKey]:
    """The objects of `kind` that own an object: by group and kind, whatever the version."""
    for reference in metadata.owner_references or ():
        if reference.kind != kind.kind or reference.api_version.rpartition("/")[0] != kind.group:
            continue
        if source.match_every_owner or reference.controller:
            yield ObjectKey(metadata.namespace if kind.namespaced else "", reference.name)


def owners_in(
    source: Owns, kind: ResourceType, event: Event, metadata_of: Callable[[Seen], Metadata]
) -> tuple[ObjectKey, ...]:
    """The owners after the event and before it, each once."""
    found = dict.fromkeys(owners(source, kind, metadata_of(event.new)))
    if event.old is not None:
        found.update(dict.fromkeys(owners(source, kind, metadata_of(event.old))))
    return tuple(found)


def priority_of(event: Event, initial: bool) -> int:
    """How urgent an event is."""
    return LOW_PRIORITY if initial and event.type is EventType.CREATE else 0


def changed_paths(event: Event, limit: int = 8) -> tuple[str, ...]:
    """The paths that differ between the two forms of an updated object, for the log. Costs two decodes."""
    if event.old is None:
        return ()
    try:
        before, after = json.loads(event.old.raw), json.loads(event.new.raw)
    except DecodeError:
        return ()
    found: list[str] = []
    _differences(before, after, "", found, limit)
    return tuple(found)


_NOISE = frozenset({"metadata.resourceVersion", "metadata.managedFields"})


def _differences(before: object, after: object, path: str, found: list[str], limit: int) -> None:
    if len(found) >= limit or before == after or path in _NOISE:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            _differences(before.get(name), after.get(name), f"{path}.{name}" if path else name, found, limit)
    else:
        found.append(path)
