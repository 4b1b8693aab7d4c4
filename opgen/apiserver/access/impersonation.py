"""Impersonate-* headers: whom a request wants to be, and whether its sender may be that.

The narrow ways are tried before the old one (verb `impersonate`), as the real server does; the first refusal is the
one that is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import unquote

from opgen.apiserver.access.attributes import Attributes, quoted, refusal
from opgen.apiserver.access.authorizer import Authorizer
from opgen.apiserver.access.identity import (
    ANONYMOUS,
    AUTHENTICATED,
    MASTERS,
    UNAUTHENTICATED,
    User,
    account_groups,
    split_account,
)
from opgen.apiserver.status import StatusError, bad_request

_PREFIX = "impersonate-"
_EXTRA = "impersonate-extra-"
_NODE = "system:node:"
_AUTHENTICATION = "authentication.k8s.io"


def wanted(headers: Mapping[str, str]) -> User | None:
    """The identity that the headers ask for, without what the server adds; None where they ask for none."""
    name, uid = "", ""
    groups: list[str] = []
    extra: dict[str, list[str]] = {}
    found = False
    for key, value in headers.items():
        if len(key) < len(_PREFIX) or key[: len(_PREFIX)].lower() != _PREFIX:
            continue
        lower = key.lower()
        if lower == "impersonate-user":
            name = name or value
        elif lower == "impersonate-uid":
            uid = uid or value
        elif lower == "impersonate-group":
            groups.append(value)
        elif lower.startswith(_EXTRA):
            extra.setdefault(unquote(lower[len(_EXTRA) :]), []).append(value)
        else:
            continue
        found = True
    if not found or not (name or uid or groups or extra):
        return None
    user = User(name, uid, tuple(groups), {key: tuple(values) for key, values in extra.items()})
    if not name:
        raise bad_request(f"requested {_go(user)} without impersonating a user name")
    return user


def _go(user: User) -> str:
    groups = "[]string(nil)"
    if user.groups:
        groups = "[]string{" + ", ".join(map(quoted, user.groups)) + "}"
    extra = "map[string][]string(nil)"
    if user.extra:
        shown = (
            f"{quoted(k)}:[]string{{{', '.join(map(quoted, v))}}}" for k, v in sorted(user.extra.items())
        )
        extra = "map[string][]string{" + ", ".join(shown) + "}"
    return f'&user.DefaultInfo{{Name:"", UID:{quoted(user.uid)}, Groups:{groups}, Extra:{extra}}}'


def impersonate(authorizer: Authorizer, sender: User, user: User, asked: Attributes) -> User:
    """The identity under which the request goes on. Raises 403."""
    if sender.privileged:
        return _completed(user, "")
    first: StatusError | None = None
    # The way that worked last for this sender comes first, and so does its refusal.
    last = authorizer.impersonations.get(sender.name)
    modes = list(_modes(user))
    for mode in sorted(modes, key=lambda mode: mode != last):
        try:
            if mode:
                authorizer.require(sender, asked.under(f"impersonate-on:{mode}:{asked.verb}"))
            for attributes in _checks(sender, user, mode):
                authorizer.require(sender, attributes)
        except StatusError as error:
            first = first or error
        else:
            authorizer.impersonations[sender.name] = mode
            return _completed(user, mode)
    assert first is not None
    raise first


def _modes(user: User) -> Iterator[str]:
    """The ways that fit, narrow ones first; the last, "", fits always."""
    node, account = user.name.startswith(_NODE), split_account(user.name) is not None
    alone = not (user.uid or user.groups or user.extra)
    if alone and node:
        yield "arbitrary-node"
    if alone and account:
        yield "serviceaccount"
    if not node and not account:
        yield "user-info"
    yield ""


def _checks(sender: User, user: User, mode: str) -> Iterator[Attributes]:
    """All that has to be allowed for this identity."""
    verb = f"impersonate:{mode}" if mode else "impersonate"
    base = Attributes(verb, _AUTHENTICATION if mode else "", "v1", "users", name=user.name)
    account = split_account(user.name)
    if account is not None:
        yield replace(base, resource="serviceaccounts", namespace=account[0], name=account[1])
    elif mode == "arbitrary-node":
        yield replace(base, resource="nodes", name=user.name.removeprefix(_NODE))
    else:
        yield base
    if user.uid:
        yield replace(base, group=_AUTHENTICATION, resource="uids", name=user.uid)
    groups = replace(base, resource="groups", name="")
    if mode and MASTERS in user.groups:
        why = "impersonating the system:masters group is not allowed"
        raise refusal(sender, replace(groups, name=MASTERS), why)
    for group in user.groups:
        yield replace(groups, name=group)
    for key, values in user.extra.items():
        for value in values:
            yield replace(base, group=_AUTHENTICATION, resource="userextras", subresource=key, name=value)


def _completed(user: User, mode: str) -> User:
    """With the groups that the server adds."""
    groups = user.groups
    account = split_account(user.name)
    if mode == "arbitrary-node":
        groups = ("system:nodes",)
    elif account is not None and not groups:
        groups = account_groups(account[0])
    if user.name == ANONYMOUS.name:
        added = UNAUTHENTICATED
    else:
        added = "" if UNAUTHENTICATED in groups else AUTHENTICATED
    if added and added not in groups:
        groups = (*groups, added)
    return replace(user, groups=groups)
