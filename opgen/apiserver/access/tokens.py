"""Bearer tokens: those that the server was told of, and those that it signs for ServiceAccounts.

A signed one is a JWT with Kubernetes' claims; it holds while its ServiceAccount, and the object that it is bound to,
are the same and the server's clock hasn't passed its end.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from opgen.apiserver.access.identity import AUTHENTICATED, User, account_groups, account_name
from opgen.apiserver.message import JSONObject, encode
from opgen.apiserver.storage import Item, Store

ISSUER = "https://kubernetes.default.svc.cluster.local"
AUDIENCES = (ISSUER,)
_PRIVATE = "kubernetes.io"
_EXTRA = "authentication.kubernetes.io"
_BOUND = {"pod": "/pods", "secret": "/secrets", "node": "/nodes"}


class InvalidToken(Exception):
    """Nobody's token; the message is what a TokenReview says."""


class Tokens:
    """Issues and reads tokens. `now` is the server's clock."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._key = secrets.token_bytes(32)
        self._known: dict[str, User] = {}

    def add(self, token: str, user: User) -> None:
        """Take this token for that user's."""
        self._known[token] = user

    def sign_with(self, key: bytes) -> None:
        """Sign with this key from now on, as an earlier run did: its tokens hold again."""
        self._key = key

    def issue(
        self, account: Item, seconds: int, audiences: Sequence[str] = AUDIENCES, bound: Item | None = None
    ) -> str:
        """A token for a stored ServiceAccount that ends after `seconds`."""
        now = int(self._now().timestamp())
        metadata = account.obj["metadata"]
        private: JSONObject = {"namespace": account.namespace}
        if bound is not None:
            private[str(bound.obj["kind"]).lower()] = _reference(bound)
        private["serviceaccount"] = {"name": account.name, "uid": metadata["uid"]}
        claims: JSONObject = {
            "aud": list(audiences),
            "exp": now + seconds,
            "iat": now,
            "iss": ISSUER,
            "jti": str(uuid.uuid4()),
            _PRIVATE: private,
            "nbf": now,
            "sub": account_name(account.namespace, account.name),
        }
        head = {"alg": "HS256", "kid": "opgen"}
        signed = f"{_packed(encode(head))}.{_packed(encode(claims))}"
        return f"{signed}.{self._signature(signed)}"

    def _signature(self, signed: str) -> str:
        return _packed(hmac.digest(self._key, signed.encode(), hashlib.sha256))

    def user(self, token: str, audiences: Sequence[str] = AUDIENCES) -> User:
        """Whose token it is. Raises InvalidToken."""
        known = self._known.get(token)
        if known is not None:
            return known
        signed, _, signature = token.rpartition(".")
        try:
            claims = msgspec.json.decode(_unpacked(signed.partition(".")[2]))
        except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
            claims = None
        if not isinstance(claims, dict) or claims.get("iss") != ISSUER:
            raise InvalidToken("invalid bearer token")
        if not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            raise _refused("go-jose/go-jose: error in cryptographic primitive")
        return self._user(claims, audiences)

    def _user(self, claims: JSONObject, audiences: Sequence[str]) -> User:
        given = claims["aud"]
        if not set(given) & set(audiences):
            raise _refused(
                f"token audiences {_strings(given)} is invalid for the target audiences {_strings(audiences)}"
            )
        if self._now().timestamp() >= claims["exp"]:
            raise _refused("service account token has expired")
        private: Any = claims[_PRIVATE]
        namespace, account = private["namespace"], private["serviceaccount"]
        name, uid = account["name"], account["uid"]
        held = self._store.get("/serviceaccounts", namespace, name)
        if held is None:
            raise _refused(f'serviceaccounts "{name}" not found')
        found = held.obj["metadata"]["uid"]
        if found != uid:
            raise _refused(f"service account UID ({found}) does not match claim ({uid})")
        extra = {f"{_EXTRA}/credential-id": (f"JTI={claims['jti']}",)}
        for kind, table in _BOUND.items():
            bound = private.get(kind)
            if bound is None:
                continue
            self._check_bound(table, "" if kind == "node" else namespace, bound)
            if kind != "secret":
                extra[f"{_EXTRA}/{kind}-name"] = (bound["name"],)
                extra[f"{_EXTRA}/{kind}-uid"] = (bound["uid"],)
        groups = (*account_groups(namespace), AUTHENTICATED)
        return User(account_name(namespace, name), uid, groups, extra)

    def _check_bound(self, table: str, namespace: str, bound: JSONObject) -> None:
        held = self._store.get(table, namespace, bound["name"])
        if held is None or held.obj["metadata"]["uid"] != bound["uid"]:
            raise _refused("service account token has been invalidated")


def _refused(why: str) -> InvalidToken:
    return InvalidToken(f"[invalid bearer token, {why}]")


def _strings(values: Sequence[str]) -> str:
    return "[" + " ".join(f'"{value}"' for value in values) + "]"


def _reference(item: Item) -> JSONObject:
    return {"name": item.name, "uid": item.obj["metadata"]["uid"]}


def _packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
