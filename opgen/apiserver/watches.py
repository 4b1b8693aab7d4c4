"""The watches that are open: each begins with what is there or what has happened, and goes on with every change."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from opgen.apiserver import negotiation, reads, rendering
from opgen.apiserver.call import CURRENT, Outside
from opgen.apiserver.context import Context
from opgen.apiserver.message import Response, encode
from opgen.apiserver.negotiation import Form
from opgen.apiserver.routing import Query, Route
from opgen.apiserver.status import expired
from opgen.apiserver.storage import Compacted, Item
from opgen.apiserver.warned import headers
from opgen.apiserver.watch import Scope, Watcher, bookmark_frame, event_of, frame
from opgen.apiserver.webhooks.ask import ask

DEFAULT_WATCH_SECONDS = 2700.0
"""How long a watch lasts that doesn't say; the real server takes 30 to 60 minutes."""


class Watches:
    """The open watches of one server, whose lock they share."""

    def __init__(self, context: Context, lock: AbstractContextManager[object]) -> None:
        self._context = context
        self._lock = lock
        self._open: set[Watcher] = set()

    def __len__(self) -> int:
        return len(self._open)

    def stop(self) -> None:
        """End all watches, as a server does that shuts down."""
        for watcher in list(self._open):
            watcher.stop()

    def break_off(self) -> None:
        """Break all watches, as a server does that is killed."""
        for watcher in list(self._open):
            watcher.breaks()

    def open(self, found: Route, query: Query, form: Form) -> Response:
        """The answer to a watch: a stream. Raises StatusError and Outside."""
        context = self._context
        store, info, call = context.store, found.info, context.call
        scope = reads.scope_of(found, query)
        sent_columns = [False]

        def render(item: Item) -> bytes:
            token = CURRENT.set(call)
            try:
                raw = rendering.render_event(item, info, form, first=not sent_columns[0])
            finally:
                CURRENT.reset(token)
            sent_columns[0] = True
            return raw

        async def answer(outside: Outside) -> None:
            question = outside.question
            call.answers = {question.key: await ask(question, context.services)}

        def bookmark(revision: int, initial_end: bool) -> bytes:
            kind, version = (
                (form.kind, f"meta.k8s.io/{form.version}") if form.kind else (info.kind, info.api_version)
            )
            return bookmark_frame(version, kind, revision, initial_end)

        watcher = Watcher(scope, render, bookmark)
        bookmarks = query.flag("allowWatchBookmarks")
        initial = self._initial(found, query, scope, render, bookmark, bookmarks=bookmarks)
        negotiation.check_stream(form)
        watcher.revision = store.revision
        unsubscribe = store.subscribe(info.table, watcher.push)

        def leave() -> None:
            with self._lock:
                unsubscribe()
                self._open.discard(watcher)

        watcher.unsubscribe = leave
        self._open.add(watcher)
        timeout = query.get("timeoutSeconds")
        seconds = float(timeout) if timeout.isdigit() and timeout != "0" else DEFAULT_WATCH_SECONDS
        chunks = watcher.stream(
            initial, timeout=seconds, bookmarks=bookmarks, current=self._revision, answer=answer
        )

        async def close() -> None:
            leave()
            watcher.stop()

        return Response(200, headers(found), chunks=chunks, close=close)

    def _revision(self) -> int:
        with self._lock:
            return self._context.store.revision

    def _initial(
        self,
        found: Route,
        query: Query,
        scope: Scope,
        render: Callable[[Item], bytes],
        bookmark: Callable[[int, bool], bytes],
        *,
        bookmarks: bool,
    ) -> list[bytes]:
        """What the stream begins with: the objects there are, or what happened since a revision."""
        store, table = self._context.store, found.info.table
        version = query.get("resourceVersion")
        sends = query.has("sendInitialEvents")
        reads.check_version(query)
        if version not in ("", "0"):
            wanted = int(version)
            if not query.flag("sendInitialEvents"):
                return self._since(table, wanted, scope, render)
        if sends and not query.flag("sendInitialEvents"):
            return []
        frames = [
            frame("ADDED", render(item)) for item in store.items(table, found.namespace) if scope.has(item)
        ]
        if sends and bookmarks:
            frames.append(bookmark(store.revision, True))
        return frames

    def _since(self, table: str, wanted: int, scope: Scope, render: Callable[[Item], bytes]) -> list[bytes]:
        store = self._context.store
        try:
            changes = store.changes_since(table, wanted)
        except Compacted as gone:
            text = f"too old resource version: {gone.wanted} ({gone.oldest})"
            return [frame("ERROR", encode(expired(text).body()))]
        events = (event_of(change, scope) for change in changes)
        return [frame(kind, render(item)) for kind, item in filter(None, events)]
