"""Nobody grants what they don't hold: the checks on writing roles and bindings."""

from __future__ import annotations

from opgen.apiserver.access.attributes import Attributes, quoted
from opgen.apiserver.access.authorizer import (
    BINDINGS,
    CLUSTER_BINDINGS,
    CLUSTER_ROLES,
    GROUP,
    ROLES,
    Authorizer,
    MissingRole,
)
from opgen.apiserver.access.identity import User
from opgen.apiserver.access.rules import FULL_AUTHORITY, Rule, missing, read_rules
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.status import forbidden, not_found

_COLLECTED = ("ownerReferences", "finalizers", "managedFields", "resourceVersion")


def check(
    authorizer: Authorizer,
    user: User,
    asked: Attributes,
    info: ResourceInfo,
    obj: JSONObject,
    old: JSONObject | None,
) -> None:
    """Raise 403 where this write would give more than its sender has. `asked` is what the request asked for."""
    if user.privileged or (old is not None and _only_collected(obj, old)):
        return
    if info.table in (ROLES, CLUSTER_ROLES):
        _check_role(authorizer, user, asked, info, obj, old)
    elif info.table in (BINDINGS, CLUSTER_BINDINGS):
        _check_binding(authorizer, user, asked.namespace, info, obj)


def _only_collected(new: JSONObject, old: JSONObject) -> bool:
    """Whether only what the garbage collector writes has changed."""

    def rest(obj: JSONObject) -> JSONObject:
        metadata = {key: value for key, value in obj["metadata"].items() if key not in _COLLECTED}
        return {**obj, "metadata": metadata}

    return rest(new) == rest(old)


def _check_role(
    authorizer: Authorizer,
    user: User,
    asked: Attributes,
    info: ResourceInfo,
    obj: JSONObject,
    old: JSONObject | None,
) -> None:
    escalate = Attributes("escalate", GROUP, "*", asked.resource, "", asked.namespace, asked.name)
    if authorizer.decide(user, escalate).allowed:
        return
    _confirm(authorizer, user, asked.namespace, info, obj, read_rules(obj.get("rules")))
    if _aggregates(obj) or (old is not None and _aggregates(old)):
        held, _ = authorizer.rules(user, asked.namespace)
        if missing(held, FULL_AUTHORITY):
            why = "must have cluster-admin privileges to use the aggregationRule"
            raise forbidden(GROUP, info.plural, obj["metadata"].get("name") or "", why)


def _aggregates(obj: JSONObject) -> bool:
    return bool((obj.get("aggregationRule") or {}).get("clusterRoleSelectors"))


def _check_binding(
    authorizer: Authorizer, user: User, namespace: str, info: ResourceInfo, obj: JSONObject
) -> None:
    role: JSONObject = obj.get("roleRef") or {}
    kind, name = str(role.get("kind") or ""), str(role.get("name") or "")
    plural = {"ClusterRole": "clusterroles", "Role": "roles"}.get(kind, "")
    bind = Attributes("bind", str(role.get("apiGroup") or ""), "*", plural, "", namespace, name)
    if plural and authorizer.decide(user, bind).allowed:
        return
    try:
        rules = authorizer.role_rules(role, namespace)
    except MissingRole:
        # The real server names the binding's resource here, not the role's.
        raise not_found(GROUP, info.plural, name) from None
    _confirm(authorizer, user, namespace, info, obj, tuple(rules))


def _confirm(
    authorizer: Authorizer,
    user: User,
    namespace: str,
    info: ResourceInfo,
    obj: JSONObject,
    rules: tuple[Rule, ...],
) -> None:
    held, errors = authorizer.rules(user, namespace)
    lacking = sorted(str(rule) for rule in missing(held, rules))
    if not lacking:
        return
    groups = f"[{' '.join(map(quoted, user.groups))}]"
    why = (
        f"user {quoted(user.name)} (groups={groups}) is attempting to grant RBAC permissions not currently held:\n"
        + "\n".join(lacking)
    )
    if errors:
        why += f"; resolution errors: [{errors}]"
    raise forbidden(GROUP, info.plural, obj["metadata"].get("name") or "", why)
