"""The API server in the process: a request comes in, an answer goes out; no sockets, no threads of its own.

`handle` may be called from several loops and threads; one lock makes each request a step of its own. What a
request sets off (serving a new definition, garbage collection) is done before it is answered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from opgen.apiextensions import encode as encode_definition
from opgen.apiserver import control, discovery, faults, negotiation, special, writes
from opgen.apiserver.access import impersonation
from opgen.apiserver.access.aggregation import Aggregator
from opgen.apiserver.access.attributes import attributes_of
from opgen.apiserver.access.bootstrap import bootstrap as bootstrap_roles
from opgen.apiserver.access.identity import ADMIN, ANONYMOUS, User
from opgen.apiserver.access.tokens import InvalidToken
from opgen.apiserver.answers import answer
from opgen.apiserver.body import bounded
from opgen.apiserver.call import CURRENT, Call, Outside
from opgen.apiserver.collect import Collector
from opgen.apiserver.context import Context
from opgen.apiserver.definitions import TABLE, Definitions, DefinitionStrategy
from opgen.apiserver.faults import Faults
from opgen.apiserver.message import JSONObject, RequestLike, Response, header
from opgen.apiserver.routing import NotAResource, Query, Route, route
from opgen.apiserver.status import StatusError, internal_error, unauthorized
from opgen.apiserver.storage import Change
from opgen.apiserver.warned import warned, with_warnings
from opgen.apiserver.watches import Watches
from opgen.apiserver.webhooks.ask import ask, ask_blocking
from opgen.apiserver.workloads import Workloads
from opgen.apiserver.writes import Options
from opgen.ir.definition import Definition

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
        self._watches = Watches(self.context, self._lock)
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
            self._watches.stop()

    def restart(self, *, keep_history: bool = True) -> None:
        """What clients see of a restart: their watches break; without history they can't go on where they were."""
        with self._lock:
            self._watches.break_off()
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
        return with_warnings(response, call.warnings) if call.warnings else response

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
        bounded(request)
        query = Query(request.query)
        try:
            found = route(request, self.context.registry, query)
        except NotAResource:
            if request.path.startswith("/opgen/"):
                return control.respond(self, request)
            return discovery.respond(self.context, request)
        with warned(found.info.warning):
            return answer(self.context, self._watches, found, request, query)


def _given(metadata: JSONObject) -> JSONObject:
    return {name: metadata[name] for name in ("labels", "annotations") if name in metadata}


def _too_many_questions() -> Response:
    return internal_error("webhooks were asked again and again").response()
