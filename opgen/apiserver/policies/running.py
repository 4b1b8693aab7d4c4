"""What validating and mutating policies have in common: whom they concern, and what their expressions are run on."""

from __future__ import annotations

from dataclasses import replace

from opgen.apiserver.access.authorizer import Authorizer
from opgen.apiserver.call import Call
from opgen.apiserver.kinds import Registry, ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.policies.authorization import decider, own_resource
from opgen.apiserver.policies.expressions import Inputs
from opgen.apiserver.policies.matching import matches, param_kind
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

    def concerned(self, policy: Policy, write: Write) -> ResourceInfo | None:
        """The resource in whose version the policy is run; None where it isn't."""
        return matches(policy.spec.get("matchConstraints") or {}, write, self._registry, self.store)

    def param_kind(self, policy: Policy) -> ResourceInfo | None:
        """The resource of the policy's parameters. Raises Misconfigured."""
        return param_kind(policy, self._registry)

    def binds(self, binding: Binding, write: Write) -> bool:
        """Whether the binding applies its policy to the write."""
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
