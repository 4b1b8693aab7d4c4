"""Which writes a policy or its binding concerns, and with which parameters it is then to be run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from opgen.apiserver.conversion import to_served
from opgen.apiserver.kinds import Registry, ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.policies.stored import Binding, Policy
from opgen.apiserver.selectors import selects
from opgen.apiserver.storage import Item, Store
from opgen.apiserver.webhooks.matching import Write, rule_fits, selected

_SCOPED = "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
_UNSCOPED = "paramRef.namespace must not be provided for a cluster-scoped `paramKind`"
_NOTHING_FOUND = "no params found for policy binding with `Deny` parameterNotFoundAction"


class Misconfigured(Exception):
    """A policy or binding that can't be put to use; the message is the server's."""


def matches(constraints: JSONObject, write: Write, registry: Registry, store: Store) -> ResourceInfo | None:
    """The resource in whose version the write is matched; None where it isn't."""
    if not selected(constraints, write, store):
        return None
    policy = constraints.get("matchPolicy")
    if _ruled(constraints.get("excludeResourceRules") or (), policy, write, registry) is not None:
        return None
    rules = constraints.get("resourceRules") or ()
    return _ruled(rules, policy, write, registry) if rules else write.info


def _ruled(
    rules: Sequence[JSONObject], policy: str | None, write: Write, registry: Registry
) -> ResourceInfo | None:
    for rule in rules:
        if rule_fits(rule, write, write.info) and _names(rule, write):
            return write.info
    if policy != "Equivalent":
        return None
    others = list(_others(write.info, registry))
    for rule in rules:
        for info in others:
            if rule_fits(rule, write, info) and _names(rule, write):
                return info
    return None


def _names(rule: JSONObject, write: Write) -> bool:
    names = rule.get("resourceNames")
    return not names or write.name in names


def _others(info: ResourceInfo, registry: Registry) -> Iterator[ResourceInfo]:
    for other in registry:
        if other.table == info.table and other.group == info.group and other.version != info.version:
            yield other


def param_kind(policy: Policy, registry: Registry) -> ResourceInfo | None:
    """The resource of a policy's parameters; None for one without. Raises Misconfigured for one that isn't served."""
    kind: JSONObject | None = policy.spec.get("paramKind")
    if not kind:
        return None
    group, _, version = str(kind.get("apiVersion") or "").rpartition("/")
    found = registry.by_kind(group, version, str(kind.get("kind") or ""))
    if found is None or found.version != version:
        shown = f"{group}/{version}, Kind={kind.get('kind') or ''}"
        raise Misconfigured(f"failed to find resource referenced by paramKind: '{shown}'")
    return found


def params(
    binding: Binding, kind: ResourceInfo | None, namespace: str, store: Store
) -> list[JSONObject | None]:
    """The parameters to run a policy with, one after the other. Raises Misconfigured."""
    reference: JSONObject | None = binding.spec.get("paramRef")
    if kind is None or not reference:
        return [None]
    home = ""
    if kind.namespaced:
        home = reference.get("namespace") or namespace
        if not home:
            raise Misconfigured(_SCOPED)
    elif reference.get("namespace"):
        raise Misconfigured(_UNSCOPED)
    found = list(_found(reference, kind, home, store))
    if not found and reference.get("parameterNotFoundAction") == "Deny":
        raise Misconfigured(_NOTHING_FOUND)
    return [to_served(item.obj, kind) for item in found]


def _found(reference: JSONObject, kind: ResourceInfo, namespace: str, store: Store) -> Iterator[Item]:
    if reference.get("name"):
        item = store.get(kind.table, namespace, reference["name"])
        if item is not None:
            yield item
        return
    for item in store.items(kind.table, namespace):
        if selects(reference.get("selector"), item.obj["metadata"].get("labels") or {}):
            yield item
