"""The API server in the process: a request comes in, an answer goes out; no sockets, no threads of its own.

`handle` may be called from several loops and threads; one lock makes each request a step of its own. What a
request sets off (serving a new definition, garbage collection) is done before it is answered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from opgen.apiextensions import encode as encode_definition
from opgen.apiserver import body, control, discovery, faults, negotiation, reads, rendering, special, writes
from opgen.apiserver.access import impersonation
from opgen.apiserver.access.aggregation import Aggregator
from opgen.apiserver.access.attributes import attributes_of
from opgen.apiserver.access.bootstrap import bootstrap as bootstrap_roles
from opgen.apiserver.access.identity import ADMIN, ANONYMOUS, User
from opgen.apiserver.access.tokens import InvalidToken
from opgen.apiserver.call import CURRENT, Call, Outside
from opgen.apiserver.collect import Collector
from opgen.apiserver.context import Context
from opgen.apiserver.definitions import TABLE, Definitions, DefinitionStrategy
from opgen.apiserver.deletes import Deleted, admit, delete
from opgen.apiserver.faults import Faults
from opgen.apiserver.message import JSONObject, RequestLike, Response, encode, header
from opgen.apiserver.negotiation import Form
from opgen.apiserver.options import read_delete_options, write_options
from opgen.apiserver.patches import patch
from opgen.apiserver.routing import NotAResource, Query, Route, route
from opgen.apiserver.status import StatusError, expired, internal_error, unauthorized
from opgen.apiserver.storage import Change, Compacted, Item
from opgen.apiserver.watch import Scope, Watcher, bookmark_frame, event_of, frame
from opgen.apiserver.webhooks.ask import ask, ask_blocking
from opgen.apiserver.workloads import Workloads
from opgen.apiserver.writes import Options, Written
from opgen.ir.definition import Definition

DEFAULT_WATCH_SECONDS = 2700.0
"""How long a watch lasts that doesn't say; the real server takes 30 to 60 minutes."""


_MAX_QUESTIONS = 1000
"""How often a request may begin anew with another answer of a webhook."""


class ApiServer:
    """One API server with its own storage.

    `definitions` are installed at once. `now` replaces the wall clock. `history` is the number of changes that
    a watch may go back. `controllers=False` leaves out garbage collection and the emptying of namespaces, as a
    kube-apiserver without a controller manager does. `workloads=True` also runs Deployments, StatefulSets,
    DaemonSets, Jobs and Pods.
    """

    def __init__(
        self,
        definitions: Iterable[Definition | JSONObject] = (),
        *,
        now: Callable[[], datetime] | None = None,
        history: int = 10_000,
        controllers: bool = True,
        workloads: bool = False,
    ) -> None:
        self.context = Context(now=now, history=history, controllers=controllers)
        self._lock = threading.RLock()
        self._definitions = Definitions(self.context)
        self._collector = Collector(self.context)
        self._aggregator = Aggregator(self.context.store)
        self.workloads = Workloads(self.context)
        self._watchers: set[Watcher] = set()
        self.faults = Faults()
        definition_info = self.context.registry.get("apiextensions.k8s.io", "v1", "customresourcedefinitions")
        assert definition_info is not None
        self.context.set_strategy(definition_info, DefinitionStrategy(definition_info))
        with self._step():
            special.bootstrap(self.context)
            bootstrap_roles(self.context.store, self.context.timestamp())
        self.workloads.switch(workloads)
        for definition in definitions:
            self.install(definition)

    # -- for the process that holds the server

    def install(self, definition: Definition | JSONObject) -> None:
        """Create a definition, or update the one that is there; objects stay. Raises StatusError."""
        raw: Any = encode_definition(definition) if isinstance(definition, Definition) else definition
        obj: JSONObject = {key: value for key, value in raw.items() if key != "status"}
        name = obj["metadata"]["name"]
        info = self.context.registry.get("apiextensions.k8s.io", "v1", "customresourcedefinitions")
        assert info is not None
        with self._step():
            held = self.context.store.get(TABLE, "", name)
            options = Options(manager="opgen", field_validation="Ignore")
            if held is None:
                writes.create(self.context, Route(info, "create"), obj, options)
                return
            metadata = {**held.obj["metadata"], **_given(obj["metadata"])}
            metadata["resourceVersion"] = held.obj["metadata"]["resourceVersion"]
            writes.update(
                self.context, Route(info, "update", name=name), {**obj, "metadata": metadata}, options
            )

    def create_namespace(self, name: str) -> None:
        """Create a namespace. Raises StatusError."""
        info = self.context.registry.get("", "v1", "namespaces")
        assert info is not None
        obj: JSONObject = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name}}
        with self._step():
            writes.create(self.context, Route(info, "create"), obj, Options(manager="opgen"))

    def settle(self) -> None:
        """Do what follows from changes that were made through `locked`."""
        with self._step():
            pass

    @contextmanager
    def locked(self) -> Iterator[Context]:
        """The server's state, with no request in progress: for helpers that look into it."""
        with self._lock:
            yield self.context

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` after each change, in the writer's thread; returns what ends it."""
        with self._lock:
            return self.context.store.subscribe("", listener)

    def stop_watches(self) -> None:
        """End all watches, as a server does that shuts down."""
        with self._lock:
            for watcher in list(self._watchers):
                watcher.stop()

    def restart(self, *, keep_history: bool = True) -> None:
        """What clients see of a restart: their watches break; without history they can't go on where they were."""
        with self._lock:
            for watcher in list(self._watchers):
                watcher.breaks()
            if not keep_history:
                self.context.store.compact()

    # -- requests

    async def handle(self, request: RequestLike, user: User | None = None) -> Response:
        """Answer one request. Never raises for a bad one; ConnectionError where a fault breaks the connection.

        `user` sends it; without one the Authorization header says who does, and without that the administrator.
        """
        fault = self.faults.take(request)
        if fault is None:
            return await self._handle(request, user)
        answered = await faults.before(fault, request)
        if answered is not None:
            return answered
        return faults.after(fault, request, await self._handle(request, user))

    async def _handle(self, request: RequestLike, user: User | None) -> Response:
        call = Call(admits=True)
        for _ in range(_MAX_QUESTIONS):
            try:
                return self._attempt(request, user, call)
            except Outside as outside:
                question = outside.question
                call.answers[question.key] = await ask(question, self.context.services)
        return _too_many_questions()

    def respond(self, request: RequestLike, user: User | None = None) -> Response:
        """Answer one request, without a loop and without faults; waits in this thread for webhooks alone."""
        call = Call(admits=True)
        for _ in range(_MAX_QUESTIONS):
            try:
                return self._attempt(request, user, call)
            except Outside as outside:
                question = outside.question
                call.answers[question.key] = ask_blocking(question, self.context.services)
        return _too_many_questions()

    def _attempt(self, request: RequestLike, user: User | None, call: Call) -> Response:
        """Answer a request as far as what `call` knows allows. Raises Outside."""
        call.warnings.clear()
        token = CURRENT.set(call)
        try:
            with self._step():
                try:
                    if call.began is None:
                        self._begin(request, user, call)
                    response = self._respond(request)
                except StatusError as error:
                    response = error.response()
                response = negotiation.as_asked(response, header(request.headers, "accept"))
        finally:
            CURRENT.reset(token)
        return _with_warnings(response, call.warnings) if call.warnings else response

    def authenticate(self, token: str) -> User | None:
        """Whose bearer token that is; None for nobody's. An empty one is the anonymous user's."""
        if not token:
            return ANONYMOUS
        try:
            with self._lock:
                return self.context.tokens.user(token)
        except InvalidToken:
            return None

    def _sender(self, request: RequestLike) -> User:
        credentials = header(request.headers, "authorization")
        if not credentials:
            return ADMIN
        kind, _, token = credentials.partition(" ")
        user = self.authenticate(token.strip()) if kind.lower() == "bearer" else None
        if user is None:
            raise unauthorized()
        return user

    def _begin(self, request: RequestLike, user: User | None, call: Call) -> None:
        """Find out who the request is from in the end, and whether they may. Raises 400, 401 and 403."""
        call.user = sender = user if user is not None else self._sender(request)
        call.query = dict(request.query)
        wanted = impersonation.wanted(request.headers)
        if wanted is not None or not sender.privileged:
            asked = attributes_of(request.method, request.path, Query(request.query))
            if wanted is not None:
                call.user = impersonation.impersonate(self.context.authorizer, sender, wanted, asked)
            self.context.authorizer.require(call.user, asked)
            call.asked = asked
        call.began = self.context.now()

    @contextmanager
    def _step(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            finally:
                self._settle()

    def _settle(self) -> None:
        token = CURRENT.set(None)  # what follows from a request isn't done in its sender's name
        try:
            self._follow()
        finally:
            CURRENT.reset(token)

    def _follow(self) -> None:
        self._definitions.run()
        self._collector.run()
        self._definitions.run()
        if self.context.controllers:
            self._aggregator.run()
        while self.workloads.run():
            self._collector.run()

    def _respond(self, request: RequestLike) -> Response:
        query = Query(request.query)
        try:
            found = route(request, self.context.registry, query)
        except NotAResource:
            if request.path.startswith("/opgen/"):
                return control.respond(self, request)
            return discovery.respond(self.context, request)
        with _warned(found.info.warning):
            return self._answer(found, request, query)

    def _answer(self, found: Route, request: RequestLike, query: Query) -> Response:
        accept = header(request.headers, "accept")
        form = negotiation.accepted(accept, custom=found.info.custom, streams=not found.name)
        answered = special.respond(self.context, found, request, query, form)
        if answered is not None:
            return answered
        match found.verb:
            case "get":
                return _object(writes.get_item(self.context, found), found, form)
            case "list":
                page = reads.list_page(self.context, found, query, reads.scope_of(found, query))
                return Response(200, _headers(found), rendering.render_list(page, found.info, form))
            case "watch":
                return self._watch(found, query, form)
            case "create":
                return self._create(found, request, query, form)
            case "update":
                return self._update(found, request, query, form)
            case "patch":
                options = write_options(request, query)
                return _written(patch(self.context, found, request, options), found, form)
            case "delete":
                return self._delete(found, request, query, form)
            case _:
                return self._delete_collection(found, request, query, form)

    def _create(self, found: Route, request: RequestLike, query: Query, form: Form) -> Response:
        options = write_options(request, query)
        obj = body.check_kind(body.read_body(request, found.info), found.info)
        obj = body.check_address(obj, found.namespace, "", namespaced=found.info.namespaced)
        return _written(writes.create(self.context, found, obj, options), found, form)

    def _update(self, found: Route, request: RequestLike, query: Query, form: Form) -> Response:
        options = write_options(request, query)
        obj = body.check_kind(body.read_body(request, found.info), found.info)
        obj = body.check_address(obj, found.namespace, found.name, namespaced=found.info.namespaced)
        return _written(writes.update(self.context, found, obj, options), found, form)

    def _delete(self, found: Route, request: RequestLike, query: Query, form: Form) -> Response:
        options = read_delete_options(request, query)
        info = found.info
        warnings = (_ORPHANED_PODS,) if info.table == "batch/jobs" and not options.propagation else ()
        with _warned(*warnings):
            deleted = delete(self.context, info, found.namespace, found.name, options)
        if not deleted.gone or info.table in _RETURNED:
            return _object(deleted.item, found, form, warnings)
        return Response(200, _headers(found, warnings), encode(_deleted_status(deleted, found)))

    def _delete_collection(self, found: Route, request: RequestLike, query: Query, form: Form) -> Response:
        options = read_delete_options(request, query)
        scope = reads.scope_of(found, query)
        page = reads.list_page(self.context, found, query, scope)
        for item in page.items:  # all are admitted before the first one goes
            admit(self.context, found.info, item, options)
        for item in page.items:
            delete(self.context, found.info, item.namespace, item.name, options)
        warnings = (_ORPHANED_PODS,) if found.info.table == "batch/jobs" and not options.propagation else ()
        return Response(200, _headers(found, warnings), rendering.render_list(page, found.info, form))

    # -- watches

    def _watch(self, found: Route, query: Query, form: Form) -> Response:
        store, info = self.context.store, found.info
        scope = reads.scope_of(found, query)
        sent_columns = [False]

        call = self.context.call

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
            call.answers = {question.key: await ask(question, self.context.services)}

        def bookmark(revision: int, initial_end: bool) -> bytes:
            kind, version = (
                (form.kind, f"meta.k8s.io/{form.version}") if form.kind else (info.kind, info.api_version)
            )
            return bookmark_frame(version, kind, revision, initial_end)

        watcher = Watcher(scope, render, bookmark)
        bookmarks = query.flag("allowWatchBookmarks")
        initial = self._initial(found, query, scope, render, bookmark, bookmarks=bookmarks)
        watcher.revision = store.revision
        unsubscribe = store.subscribe(info.table, watcher.push)

        def leave() -> None:
            with self._lock:
                unsubscribe()
                self._watchers.discard(watcher)

        watcher.unsubscribe = leave
        self._watchers.add(watcher)
        timeout = query.get("timeoutSeconds")
        seconds = float(timeout) if timeout.isdigit() and timeout != "0" else DEFAULT_WATCH_SECONDS
        chunks = watcher.stream(
            initial, timeout=seconds, bookmarks=bookmarks, current=self._revision, answer=answer
        )

        async def close() -> None:
            leave()
            watcher.stop()

        return Response(200, _headers(found), chunks=chunks, close=close)

    def _revision(self) -> int:
        with self._lock:
            return self.context.store.revision

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
        store, table = self.context.store, found.info.table
        version = query.get("resourceVersion")
        send = query.get("sendInitialEvents")
        reads.check_watch(query)
        if version not in ("", "0"):
            wanted = int(version)
            if send not in ("true", "1"):
                return self._since(table, wanted, scope, render)
        if send in ("false", "0"):
            return []
        frames = [
            frame("ADDED", render(item)) for item in store.items(table, found.namespace) if scope.has(item)
        ]
        if send in ("true", "1") and bookmarks:
            frames.append(bookmark(store.revision, True))
        return frames

    def _since(self, table: str, wanted: int, scope: Scope, render: Callable[[Item], bytes]) -> list[bytes]:
        store = self.context.store
        try:
            changes = store.changes_since(table, wanted)
        except Compacted as gone:
            text = f"too old resource version: {gone.wanted} ({gone.oldest})"
            return [frame("ERROR", encode(expired(text).body()))]
        events = (event_of(change, scope) for change in changes)
        return [frame(kind, render(item)) for kind, item in filter(None, events)]


_ORPHANED_PODS = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or "
    "set propagationPolicy=Orphan to suppress this warning"
)
_RETURNED = frozenset(
    (
        "/pods",
        "/services",
        "/persistentvolumeclaims",
        "/persistentvolumes",
        "/serviceaccounts",
        "/podtemplates",
        "/resourcequotas",
        "storage.k8s.io/csidrivers",
        "storage.k8s.io/csinodes",
        "storage.k8s.io/storageclasses",
        "storage.k8s.io/volumeattachments",
        "storage.k8s.io/volumeattributesclasses",
        "resource.k8s.io/deviceclasses",
        "resource.k8s.io/resourceclaims",
        "resource.k8s.io/resourceclaimtemplates",
        "resource.k8s.io/resourceslices",
    )
)


def _given(metadata: JSONObject) -> JSONObject:
    return {name: metadata[name] for name in ("labels", "annotations") if name in metadata}


def _deleted_status(deleted: Deleted, found: Route) -> JSONObject:
    info = found.info
    details: JSONObject = {"name": found.name}
    if info.group:
        details["group"] = info.group
    details["kind"] = info.plural
    details["uid"] = deleted.item.obj["metadata"].get("uid", "")
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


@contextmanager
def _warned(*warnings: str) -> Iterator[None]:
    """Refusals carry the warnings too."""
    try:
        yield
    except StatusError as error:
        if texts := [text for text in warnings if text]:
            error.headers.setdefault("Warning", ", ".join(f"299 - {_quoted(text)}" for text in texts))
        raise


def _headers(found: Route, warnings: tuple[str, ...] = ()) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    texts = (*warnings, found.info.warning) if found.info.warning else warnings
    if texts:
        headers["Warning"] = ", ".join(f"299 - {_quoted(text)}" for text in texts)
    return headers


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _with_warnings(response: Response, warnings: list[str]) -> Response:
    texts = [f"299 - {_quoted(text)}" for text in dict.fromkeys(warnings)]
    given = response.header("warning")
    headers = {**response.headers, "Warning": ", ".join([given, *texts] if given else texts)}
    return replace(response, headers=headers)


def _too_many_questions() -> Response:
    return internal_error("webhooks were asked again and again").response()


def _object(item: Item, found: Route, form: Form, warnings: tuple[str, ...] = ()) -> Response:
    return Response(200, _headers(found, warnings), rendering.render_object(item, found.info, form))


def _written(written: Written, found: Route, form: Form) -> Response:
    content = rendering.render_object(written.item, found.info, form)
    return Response(201 if written.created else 200, _headers(found, written.warnings), content)
