"""What a controller looks at: the kind it is for, the kinds that it owns, and others that concern it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar, cast

from opgen_runtime.client.client import Client
from opgen_runtime.objects import ObjectKey, Resource
from opgen_runtime.predicates import Predicate

T = TypeVar("T", bound=Resource)
W = TypeVar("W", bound=Resource)

MapFunction = Callable[[W], Iterable[ObjectKey]]
"""From a watched object to the keys to reconcile."""

AsyncMapFunction = Callable[[W, Client], Awaitable[Iterable[ObjectKey]]]
"""The same, with a client to look around with."""


class For(Generic[T]):
    """The kind that is reconciled. An event passes if all predicates let it."""

    def __init__(self, kind: type[T], *, predicates: Sequence[Predicate] = ()) -> None:
        self.kind = kind
        self.predicates = tuple(predicates)


class Owns:
    """A kind whose objects belong to those reconciled: a change reconciles the owner.

    The owner is the controller among the owner references, or every one with `match_every_owner`. Of Secrets and
    ConfigMaps only those are watched that carry the label of the manager's `managed_by`, as applied ones do.
    """

    def __init__(
        self,
        kind: type[Resource],
        *,
        predicates: Sequence[Predicate] = (),
        match_every_owner: bool = False,
    ) -> None:
        self.kind = kind
        self.predicates = tuple(predicates)
        self.match_every_owner = match_every_owner


class Watches(Generic[W]):
    """A kind whose changes concern others: `map_function` says whom.

    It runs on an object's form after a change and on the one before, so that whom an object no longer points
    at learns of it too. An `async` map function gets a client as well. Of Secrets and ConfigMaps only metadata
    are held, and that is what the map function sees: reading one asks the server.
    """

    def __init__(
        self,
        kind: type[W],
        map_function: MapFunction[W] | AsyncMapFunction[W],
        *,
        predicates: Sequence[Predicate] = (),
    ) -> None:
        self.kind = kind
        self.predicates = tuple(predicates)
        self.is_async = inspect.iscoroutinefunction(map_function) or inspect.iscoroutinefunction(
            getattr(map_function, "__call__", None)  # noqa: B004 - asks whether calling it awaits
        )
        self._map = map_function

    def keys(self, obj: W) -> tuple[ObjectKey, ...]:
        """Whom the object concerns, by a plain map function."""
        return tuple(cast("MapFunction[W]", self._map)(obj))

    async def keys_async(self, obj: W, client: Client) -> tuple[ObjectKey, ...]:
        """Whom the object concerns, by an async one."""
        return tuple(await cast("AsyncMapFunction[W]", self._map)(obj, client))
