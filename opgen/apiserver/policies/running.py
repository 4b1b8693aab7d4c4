"""What validating and mutating policies have in common: whom they concern, and what their expressions are run on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from opgen.apiserver.access.authorizer import Authorizer
from opgen.apiserver.call import Call
from opgen.apiserver.kinds import Registry, ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.policies.authorization import decider, own_resource
from opgen.apiserver.policies.expressions import Inputs
from opgen.apiserver.policies.matching import Misconfigured, matches, param_kind, params
from opgen.apiserver.policies.stored import GROUP, Binding, Policy, Stored
from opgen.apiserver.status import not_found
from opgen.apiserver.storage import Store
from opgen.apiserver.webhooks.matching import Write
from opgen.apiserver.webhooks.request import review_request

_METADATA = (
    "name",
    "generateName",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "finalizers",
)
"""What of a namespace's metadata `namespaceObject` has."""
_EXEMPT = frozenset(
    f"{GROUP}/{kind}admissionpolic{end}"
    for kind in ("validating", "mutating")
    for end in ("ies", "ybindings")
)


@dataclass(frozen=True, slots=True)
class Invocation:
    """A policy to be run with one parameter, a resource of `kind`, for the object in the version of `info`."""

    policy: Policy
    binding: Binding
    info: ResourceInfo
    kind: ResourceInfo | None
    param: JSONObject | None


@dataclass(frozen=True, slots=True)
class Unready:
    """A policy, or a binding of it, that can't be put to use, and whose failures count."""

    policy: Policy
    binding: Binding | None
    problem: str


class Runner:
    """Finds what a policy needs in one server."""

    def __init__(self, store: Store, registry: Registry, authorizer: Authorizer) -> None:
        self.store = store
        self._registry = registry
        self._authorizer = authorizer
        self._stored = Stored(store)

    def bound(self, kind: str) -> tuple[Policy, ...]:
        """The policies of a kind that are bound."""
        return self._stored.bound(kind)

    def concerns(self, kind: str, call: Call, info: ResourceInfo) -> bool:
        """Whether any policy of the kind could be run for a write of this resource."""
        return bool(call.admits and self.bound(kind) and info.stored and info.table not in _EXEMPT)

    def invocations(self, kind: str, write: Write) -> Iterator[Invocation | Unready]:
        """Each policy of the kind that concerns the write, with each parameter of each binding, in their order."""
        for policy in self.bound(kind):
            try:
                info = matches(policy.spec.get("matchConstraints") or {}, write, self._registry, self.store)
                of = None if info is None else param_kind(policy, self._registry)
            except Misconfigured as wrong:
                if not policy.ignores_failures:
                    yield Unready(policy, None, f"failed to configure policy: {wrong}")
                continue
            if info is None:
                continue
            for binding in policy.bindings:
                if not self._binds(binding, write):
                    continue
                try:
                    found = params(binding, of, write.namespace, self.store)
                except Misconfigured as wrong:
                    if not policy.ignores_failures:
                        yield Unready(policy, binding, f"failed to configure binding: {wrong}")
                    continue
                for param in found:
                    yield Invocation(policy, binding, info, of, param)

    def _binds(self, binding: Binding, write: Write) -> bool:
        constraints = binding.spec.get("matchResources")
        return not constraints or matches(constraints, write, self._registry, self.store) is not None

    def inputs(self, call: Call, write: Write, info: ResourceInfo, param: JSONObject | None) -> Inputs:
        """What a policy's expressions are run on. Raises 404 without the write's namespace."""
        request = review_request(call, write, info)
        return Inputs(
            request["object"],
            request["oldObject"],
            request,
            self._namespace(write),
            param,
            decider(self._authorizer, call.user),
            own_resource(write),
        )

    def conditions_inputs(self, inputs: Inputs, write: Write) -> Inputs:
        """The same as match conditions see it: without the namespace, and always with the resource asked for."""
        own = write.info
        resource = {"group": own.group, "version": own.version, "resource": own.plural}
        return replace(inputs, namespace=None, request={**inputs.request, "resource": resource})

    def _namespace(self, write: Write) -> JSONObject | None:
        if not write.namespace or write.info.table == "/namespaces":
            return None
        held = self.store.get("/namespaces", "", write.namespace)
        if held is None:
            raise not_found("", "namespaces", write.namespace)
        metadata = held.obj["metadata"]
        shown: JSONObject = {"metadata": {name: metadata[name] for name in _METADATA if name in metadata}}
        return shown | {name: held.obj.get(name) or {} for name in ("spec", "status")}
