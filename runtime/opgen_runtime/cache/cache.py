"""The shared cache: one store a kind, fed by one reflector a watched namespace.

Decided here: which kinds and namespaces are watched (what the controllers together need), and when all of it
is there. `cached.CachedClient` reads from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from opgen_runtime.cache.reflector import Reflector
from opgen_runtime.cache.store import Store, metadata_only, strip_managed_fields
from opgen_runtime.client.raw import RawClient
from opgen_runtime.errors import ConfigurationError, OpgenRuntimeError
from opgen_runtime.objects import ResourceType
from opgen_runtime.predicates import Selector


class CacheSyncTimeout(OpgenRuntimeError):
    """A kind could not be listed in time. The message names it, and what its last attempt met."""


class Cache:
    """Stores by kind. Kinds are declared before `start`; each is watched once, however many ask for it.

    `namespaces` bounds everything namespaced (None: the whole cluster).
    """

    def __init__(self, raw: RawClient, namespaces: Iterable[str] | None = None) -> None:
        self._raw = raw
        self._bound = tuple(dict.fromkeys(namespaces)) if namespaces is not None else None
        self._wanted: dict[ResourceType, set[str]] = {}
        self._whole: set[ResourceType] = set()
        self._selectors: dict[ResourceType, str | None] = {}
        self._stores: dict[ResourceType, Store] = {}
        self._reflectors: dict[ResourceType, list[Reflector]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def within(self, namespaces: Iterable[str] | None = None) -> tuple[str, ...]:
        """Of these namespaces (None: all) those that the cache is bound to; empty means the whole cluster.

        Raises ConfigurationError if they have none in common.
        """
        asked = tuple(dict.fromkeys(namespaces)) if namespaces is not None else None
        if asked is None or self._bound is None:
            return asked or self._bound or ()
        common = tuple(name for name in asked if name in self._bound)
        if not common:
            bound = ", ".join(self._bound)
            raise ConfigurationError(
                f"the operator watches the namespaces {bound} and not {', '.join(asked)}, as a controller asks for"
            )
        return common

    def scope(self, kind: ResourceType, namespaces: Iterable[str] | None = None) -> tuple[str, ...]:
        """The namespaces in which `within` shows this kind; `("",)` is all, or a cluster-scoped kind."""
        return (self.within(namespaces) if kind.namespaced else ()) or ("",)

    def want(
        self,
        kind: ResourceType,
        namespaces: Iterable[str] | None = None,
        *,
        whole: bool = True,
        label_selector: str | None = None,
    ) -> None:
        """Declare that a kind is needed, in these namespaces.

        `whole=False`: its metadata is enough. `label_selector`: only objects that match; who asks without one,
        or with another, gets all.
        """
        if self._tasks:
            raise RuntimeError(f"{kind.kind} was asked for after the cache had started")
        self._wanted.setdefault(kind, set()).update(self.scope(kind, namespaces))
        if whole:
            self._whole.add(kind)
        if self._selectors.setdefault(kind, label_selector) != label_selector:
            self._selectors[kind] = None

    def store(self, kind: ResourceType) -> Store | None:
        """The store of a kind that was declared, or None. It is made when first asked for."""
        store = self._stores.get(kind)
        if store is None and kind in self._wanted:
            wanted = self._wanted[kind]
            transform = strip_managed_fields if kind in self._whole else metadata_only
            store = Store(kind, ("",) if "" in wanted else sorted(wanted), transform)
            self._stores[kind] = store
        return store

    def is_partial(self, kind: ResourceType) -> bool:
        """Whether only metadata is held of this kind."""
        return kind in self._wanted and kind not in self._whole

    def is_selective(self, kind: ResourceType) -> bool:
        """Whether only objects with certain labels are held of this kind: what is missing may exist."""
        return self._selectors.get(kind) is not None

    def selects(self, kind: ResourceType, labels: Mapping[str, str] | None) -> bool:
        """Whether an object of this kind with these labels is held, by its labels."""
        selector = self._selectors.get(kind)
        return selector is None or Selector.parse(selector).matches(labels)

    def stores(self) -> tuple[Store, ...]:
        """All stores, for whoever looks inside."""
        return tuple(self._stores.values())

    def start(self) -> None:
        """Begin to list and watch, once. Handlers that must see everything are added before."""
        if self._tasks:
            return
        for kind in self._wanted:
            store = self.store(kind)
            if store is None:
                continue
            self._reflectors[kind] = [
                Reflector(
                    self._raw,
                    store,
                    namespace,
                    label_selector=self._selectors[kind] or "",
                    metadata_only=self.is_partial(kind),
                )
                for namespace in store.progress
            ]
        self._tasks = [
            asyncio.create_task(reflector.run(), name=f"watch {reflector}")
            for reflectors in self._reflectors.values()
            for reflector in reflectors
        ]

    async def wait_synced(self, kinds: Iterable[ResourceType], timeout: float, waiter: str) -> None:
        """Wait until these kinds are listed. Raises CacheSyncTimeout after `timeout` seconds."""
        wanted = [store for kind in kinds if (store := self.store(kind)) is not None]
        try:
            async with asyncio.timeout(timeout):
                for store in wanted:
                    for progress in store.progress.values():
                        await progress.wait_synced()
        except TimeoutError:
            raise CacheSyncTimeout(self._complaint(wanted, timeout, waiter)) from None

    def _complaint(self, wanted: list[Store], timeout: float, waiter: str) -> str:
        missing = []
        for store in wanted:
            reflectors = zip(self._reflectors.get(store.kind, []), store.progress.values(), strict=True)
            for reflector, progress in reflectors:
                if not progress.synced:
                    why = reflector.last_error
                    missing.append(f"{reflector}: {why if why is not None else 'no answer yet'}")
        return f"{waiter}: not everything could be listed within {timeout:g} s: {'; '.join(missing)}"

    async def stop(self) -> None:
        """End all watches."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
