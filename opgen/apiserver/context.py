"""What the parts of the server share: the store, what is served, strategies, who may what, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from opgen.apiserver.access.authorizer import Authorizer
from opgen.apiserver.access.tokens import Tokens
from opgen.apiserver.admission import Admission
from opgen.apiserver.builtin import builtin_resources
from opgen.apiserver.call import CURRENT, Call
from opgen.apiserver.core import CoreStrategy
from opgen.apiserver.custom import CustomStrategy
from opgen.apiserver.kinds import Registry, ResourceInfo
from opgen.apiserver.storage import Store
from opgen.apiserver.strategy import Strategy
from opgen.apiserver.webhooks.ask import Services


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Context:
    """The state of one server. `now` is the wall clock; `controllers` says whether the server also does the
    work of the garbage collector and the namespace controller. `services` says where webhooks' services are."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime] | None = None,
        history: int = 10_000,
        controllers: bool = True,
    ) -> None:
        self.store = Store(history=history)
        self.registry = Registry()
        self.controllers = controllers
        self._now = now or _utc_now
        self._own = Call()
        self.authorizer = Authorizer(self.store)
        self.tokens = Tokens(self.store, self.now)
        self.admission = Admission(self.store, self.registry, self.authorizer, self.strategy)
        self.services: Services = {}
        self._second: datetime | None = None
        self._stamp = ""
        self.shapes: dict[tuple[str, str, str, str], ResourceInfo] = {}
        """The kinds that subresources speak, by group, version and plural of the resource, and by their names."""
        self._strategies: dict[tuple[str, str, str], tuple[ResourceInfo, Strategy]] = {}
        for info in builtin_resources():
            self.registry.add(info)

    @property
    def call(self) -> Call:
        """The request that is being answered; outside of requests, the server's own."""
        return CURRENT.get() or self._own

    def now(self) -> datetime:
        """The server's clock; during a request, the time when that came."""
        return self.call.began or self._now()

    def timestamp(self, *, after: int = 0) -> str:
        """The time, or the time after some seconds, as metadata writes it."""
        now = self.now().replace(microsecond=0)
        if after:
            return (now + timedelta(seconds=after)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if now != self._second:
            self._second, self._stamp = now, now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._stamp

    def strategy(self, info: ResourceInfo) -> Strategy:
        """The rules of a served resource."""
        key = (info.group, info.version, info.plural)
        held = self._strategies.get(key)
        if held is not None and held[0] is info:
            return held[1]
        strategy: Strategy
        version = info.definition.version(info.version) if info.definition is not None else None
        if info.definition is not None and version is not None:
            strategy = CustomStrategy(info.definition, version)
        else:
            strategy = CoreStrategy(info)
        self._strategies[key] = (info, strategy)
        return strategy

    def set_strategy(self, info: ResourceInfo, strategy: Strategy) -> None:
        """Give a built-in resource rules of its own."""
        self._strategies[info.group, info.version, info.plural] = (info, strategy)
