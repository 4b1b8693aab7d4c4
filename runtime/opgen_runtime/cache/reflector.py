"""Keeps one store in step with the server, in one namespace or all: `policy` gives the steps."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import aclosing
from dataclasses import replace

from opgen_runtime.cache import policy
from opgen_runtime.cache.store import Listing, Store
from opgen_runtime.client.raw import RawClient
from opgen_runtime.client.transport import Item
from opgen_runtime.errors import Expired, Forbidden, Gone, OpgenRuntimeError

log = logging.getLogger("opgen_runtime.cache")

PAGE = 500
"""Objects a page of a list."""
RESTARTS = 3
"""How often a paged list whose token expired starts over before it asks for everything at once."""
WATCH_SECONDS = (240, 300)
"""How long a watch is asked to last: spread, so that those of many replicas don't end together."""


class Reflector:
    """Lists and watches until cancelled; never raises. `label_selector` narrows both.

    `last_error` is what the newest attempt met, None once it works.
    """

    def __init__(
        self,
        raw: RawClient,
        store: Store,
        namespace: str = "",
        *,
        label_selector: str = "",
        metadata_only: bool = False,
        chance: random.Random | None = None,
    ) -> None:
        self._raw = raw
        self._store = store
        self._namespace = namespace
        self._selector = label_selector or None
        self._metadata_only = metadata_only
        self._random = chance if chance is not None else random.Random()
        self._progress = store.progress[namespace]
        self._state = policy.State()
        self.last_error: Exception | None = None
        self._told: type[Exception] | None = None

    def __str__(self) -> str:
        where = f" in namespace {self._namespace}" if self._namespace else ""
        return f"{self._store.kind.kind} ({self._store.kind.api_version}){where}"

    async def run(self) -> None:
        """Keep the store in step, for ever."""
        clock = asyncio.get_running_loop().time
        step = policy.Step(watch=False)
        while True:
            if step.after:
                await asyncio.sleep(step.after)
            began = clock()
            error: Exception | None = None
            watched = step.watch or self._state.streaming
            try:
                if step.watch:
                    await self._watch(self._state.version)
                else:
                    await self._list(self._state.streaming)
            except OpgenRuntimeError as err:
                error = err
            except Exception as err:  # a bug here must not leave a controller blind
                log.exception("%s: the watch met an unexpected error", self)
                error = err
            outcome = policy.Outcome(self._progress.version, error, clock() - began, watched)
            before = self._state
            self._state, step = policy.decide(before, outcome, self._random.random())
            self._report(error, before, step)

    def _report(self, error: Exception | None, before: policy.State, step: policy.Step) -> None:
        if error is None or (step.after == 0.0 and not step.watch):
            return  # a fallback to the paged list, or a plain relist, is nobody's trouble
        self.last_error = error
        single = bool(before.version) and before.failures == 0
        if single or self._told is type(error):
            log.debug("%s: %s (next attempt in %.1f s)", self, error, step.after)
            return
        # A broken watch that resumes is no news; an outage is one line at its start, and one at its end.
        self._told = type(error)
        log.warning("%s: %s (next attempt in %.1f s)", self, error, step.after)
        if isinstance(error, Forbidden) and error.rbac_line:
            log.warning("the role lacks a rule; declare it, run `make manifests`: %s", error.rbac_line)

    def _works(self) -> None:
        self.last_error = None
        if self._told is not None:
            self._told = None
            log.info("%s: watched again", self)

    async def _list(self, streaming: bool) -> None:
        if streaming:
            await self._stream(None, initial=True)
            return
        for attempt in range(RESTARTS + 1):
            try:
                await self._pages(PAGE if attempt < RESTARTS else 0)
                return
            except Gone:
                if attempt == RESTARTS:
                    raise

    async def _pages(self, limit: int) -> None:
        listing = self._store.listing(self._namespace)
        token = ""
        while True:
            page = await self._raw.list_page(
                self._store.kind,
                namespace=self._namespace or None,
                label_selector=self._selector,
                limit=limit,
                continue_token=token,
                metadata_only=self._metadata_only,
            )
            for item in page.items:
                listing.put(item)
            token = page.continue_token
            if not token:
                self._listed(listing, page.resource_version)
                return
            await asyncio.sleep(0)  # a long list must not hold up whoever else runs here

    def _listed(self, listing: Listing, version: str) -> None:
        listing.finish(version)
        self._state = replace(self._state, version=version, failures=0)
        self._works()

    async def _watch(self, version: str) -> None:
        await self._stream(version, initial=False)

    async def _stream(self, version: str | None, *, initial: bool) -> None:
        store, progress = self._store, self._progress
        listing = store.listing(self._namespace) if initial else None
        events = self._raw.watch(
            store.kind,
            namespace=self._namespace or None,
            label_selector=self._selector,
            resource_version=version,
            send_initial_events=initial,
            timeout_seconds=self._random.randint(*WATCH_SECONDS),
            metadata_only=self._metadata_only,
        )
        async with aclosing(events):
            async for event in events:
                kind, meta = event.type, event.metadata
                if listing is not None:
                    if kind == "BOOKMARK":
                        if event.initial_events_end:
                            self._listed(listing, meta.resource_version)
                            listing = None  # from here on it is a watch
                    elif kind == "DELETED":
                        listing.remove(Item(meta, event.raw))
                    else:
                        listing.put(Item(meta, event.raw))
                    continue
                if self.last_error is not None:
                    self._works()
                if kind == "DELETED":
                    store.remove(Item(meta, event.raw))
                elif kind != "BOOKMARK":
                    store.put(Item(meta, event.raw))
                progress.advance(meta.resource_version)
        if listing is not None:
            raise Expired(410, "Expired", "the server ended a streaming list before its end")
