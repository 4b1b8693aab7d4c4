"""Who sends a request: names, groups, and what the server's own identities are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opgen.apiserver.message import JSONObject

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
_ACCOUNT = "system:serviceaccount:"
_ACCOUNTS = "system:serviceaccounts"


@dataclass(frozen=True, slots=True)
class User:
    """One identity. `extra` holds lists of values by lower-case key."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def privileged(self) -> bool:
        """Whether no rule is asked for what it does."""
        return MASTERS in self.groups

    def info(self) -> JSONObject:
        """As UserInfo writes it."""
        found: JSONObject = {"username": self.name} if self.name else {}
        if self.uid:
            found["uid"] = self.uid
        if self.groups:
            found["groups"] = list(self.groups)
        if self.extra:
            found["extra"] = {key: list(values) for key, values in sorted(self.extra.items())}
        return found


ADMIN = User("admin", "admin", (MASTERS, AUTHENTICATED))
ANONYMOUS = User("system:anonymous", "", (UNAUTHENTICATED,))


def account_name(namespace: str, name: str) -> str:
    """The user name of a ServiceAccount."""
    return f"{_ACCOUNT}{namespace}:{name}"


def account_groups(namespace: str) -> tuple[str, ...]:
    """The groups that all ServiceAccounts of a namespace are in."""
    return (_ACCOUNTS, f"{_ACCOUNTS}:{namespace}")


def split_account(user: str) -> tuple[str, str] | None:
    """Namespace and name of the ServiceAccount that has this user name; None for anybody else."""
    namespace, separator, name = user.removeprefix(_ACCOUNT).partition(":")
    if not user.startswith(_ACCOUNT) or not separator or not namespace or not name or ":" in name:
        return None
    return namespace, name
