"""RBAC: from the stored roles and bindings to an answer, with the sentence that says why.

`Authorizer` reads the store when it is asked; what a user's bindings give is kept until a role or binding changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opgen.apiserver.access.attributes import Attributes, quoted, refusal
from opgen.apiserver.access.identity import User, account_name
from opgen.apiserver.access.rules import Rule, read_rules
from opgen.apiserver.message import JSONObject
from opgen.apiserver.storage import Change, Item, Store

GROUP = "rbac.authorization.k8s.io"
ROLES, BINDINGS = f"{GROUP}/roles", f"{GROUP}/rolebindings"
CLUSTER_ROLES, CLUSTER_BINDINGS = f"{GROUP}/clusterroles", f"{GROUP}/clusterrolebindings"
_TABLES = (ROLES, BINDINGS, CLUSTER_ROLES, CLUSTER_BINDINGS)
_MAX_KEPT = 512


@dataclass(frozen=True, slots=True)
class Grant:
    """A rule that a binding gives to a user; `error` instead where its role is missing."""

    rule: Rule | None
    source: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer. `grant` is the one that allowed it, if any did."""

    allowed: bool
    reason: str = ""
    grant: Grant | None = None


class MissingRole(Exception):
    """A binding names a role that isn't there."""


class Authorizer:
    """Answers who may do what."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[tuple[tuple[str, tuple[str, ...]], str], tuple[Grant, ...]] = {}
        self.impersonations: dict[str, str] = {}
        """The way of impersonation that was last allowed, by sender."""
        for table in _TABLES:
            store.subscribe(table, self._changed)

    def _changed(self, change: Change) -> None:
        self._kept.clear()

    def decide(self, user: User, asked: Attributes) -> Decision:
        """Whether the user may; members of system:masters may do everything."""
        if user.privileged:
            return Decision(True)
        errors: list[str] = []
        for grant in self.grants(user, asked.namespace):
            if grant.rule is None:
                errors.append(grant.error)
            elif grant.rule.allows(asked):
                return Decision(True, f"RBAC: allowed by {grant.source}", grant)
        return Decision(False, f"RBAC: {_joined(errors)}" if errors else "")

    def require(self, user: User, asked: Attributes) -> None:
        """Raise 403 where the user may not."""
        decision = self.decide(user, asked)
        if not decision.allowed:
            raise refusal(user, asked, decision.reason)

    def rules(self, user: User, namespace: str) -> tuple[list[Rule], str]:
        """All rules that hold for the user there, and what is wrong with the others."""
        grants = self.grants(user, namespace)
        errors = [grant.error for grant in grants if grant.rule is None]
        return [grant.rule for grant in grants if grant.rule is not None], _joined(errors) if errors else ""

    def grants(self, user: User, namespace: str) -> tuple[Grant, ...]:
        """The cluster's bindings first, then the namespace's, in the order of their names."""
        key = ((user.name, user.groups), namespace)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            found = self._kept[key] = tuple(self._grants(user, namespace))
        return found

    def _grants(self, user: User, namespace: str) -> Iterator[Grant]:
        for item in self._store.items(CLUSTER_BINDINGS):
            yield from self._given(item, "ClusterRoleBinding", user, "")
        if namespace:
            for item in self._store.items(BINDINGS, namespace):
                yield from self._given(item, "RoleBinding", user, namespace)

    def _given(self, item: Item, kind: str, user: User, namespace: str) -> Iterator[Grant]:
        subject = _subject(item.obj.get("subjects") or (), user, namespace)
        if subject is None:
            return
        role: JSONObject = item.obj.get("roleRef") or {}
        try:
            rules = self.role_rules(role, namespace)
        except MissingRole as error:
            yield Grant(None, error=str(error))
            return
        name = f"{item.name}/{namespace}" if namespace else item.name
        source = f"{kind} {quoted(name)} of {role.get('kind')} {quoted(str(role.get('name')))} to {subject}"
        for rule in rules:
            yield Grant(rule, source)

    def role_rules(self, role: JSONObject, namespace: str) -> Sequence[Rule]:
        """The rules of the role that a binding in `namespace` refers to. Raises MissingRole."""
        kind, name = role.get("kind"), str(role.get("name") or "")
        table, plural, where = CLUSTER_ROLES, "clusterrole", ""
        if kind == "Role":
            table, plural, where = ROLES, "role", namespace
        item = self._store.get(table, where, name)
        if item is None:
            raise MissingRole(f"{plural}.{GROUP} {quoted(name)} not found")
        rules: tuple[Rule, ...] | None = item.memo.get("rules")
        if rules is None:
            rules = item.memo["rules"] = read_rules(item.obj.get("rules"))
        return rules


def _joined(errors: list[str]) -> str:
    unique = list(dict.fromkeys(errors))
    return unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]"


def _subject(subjects: Sequence[JSONObject], user: User, namespace: str) -> str | None:
    """The first subject that is this user, as the real server describes it."""
    for subject in subjects:
        kind, name = subject.get("kind"), str(subject.get("name") or "")
        home = str(subject.get("namespace") or namespace)
        match kind:
            case "User" if user.name == name:
                return f"User {quoted(name)}"
            case "Group" if name in user.groups:
                return f"Group {quoted(name)}"
            case "ServiceAccount" if home and user.name == account_name(home, name):
                return f"ServiceAccount {quoted(f'{name}/{home}')}"
            case _:
                pass
    return None
