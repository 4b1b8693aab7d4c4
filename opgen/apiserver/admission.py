"""Admission of writes: mutating policies and webhooks, a second round of them where asked, then validating ones.

`writes` and `deletes` call `mutate` and `validate`; what is kept of a request until it is answered is in its `Call`.
"""

from __future__ import annotations

from opgen.apiserver.access.authorizer import Authorizer
from opgen.apiserver.call import Call
from opgen.apiserver.kinds import Registry, ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.policies import mutating, validating
from opgen.apiserver.policies.mutating import Strategies
from opgen.apiserver.policies.running import Runner
from opgen.apiserver.policies.stored import MUTATING, VALIDATING
from opgen.apiserver.storage import Store
from opgen.apiserver.webhooks.admission import Webhooks
from opgen.apiserver.webhooks.matching import Write
from opgen.apiserver.webhooks.reinvocation import Rounds


class Admission:
    """All that may change a write or refuse it, apart from the kinds' own rules."""

    def __init__(
        self, store: Store, registry: Registry, authorizer: Authorizer, strategies: Strategies
    ) -> None:
        self._webhooks = Webhooks(store, registry, authorizer)
        self._policies = Runner(store, registry, authorizer)
        self._strategies = strategies

    def concerns(self, kind: str, call: Call, info: ResourceInfo) -> bool:
        """Whether anybody (mutating or validating) could have a say about a write of this resource."""
        return self._webhooks.concerns(kind, call, info) or self._policies.concerns(kind, call, info)

    def mutate(self, call: Call, write: Write) -> JSONObject | None:
        """The object as it is changed; None where it isn't. Raises StatusError and Outside."""
        rounds = Rounds()
        changed = self._round(call, write, rounds)
        if rounds.wanted:
            rounds.second = True
            changed = self._round(call, changed, rounds)
        return changed.obj if changed.obj is not write.obj else None

    def _round(self, call: Call, write: Write, rounds: Rounds) -> Write:
        if self._policies.concerns(MUTATING, call, write.info):
            write = mutating.mutate(self._policies, self._strategies, call, write, rounds)
        return self._webhooks.mutate(call, write, rounds)

    def validate(self, call: Call, write: Write) -> None:
        """Ask all validating policies, then the webhooks. Raises StatusError and Outside."""
        if self._policies.concerns(VALIDATING, call, write.info):
            validating.validate(self._policies, call, write)
        self._webhooks.validate(call, write)
