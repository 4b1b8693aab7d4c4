"""What a control plane of our own trusts: bearer tokens, a key for ServiceAccount tokens, and kubeconfigs."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path

ADMIN = "admin"
CONTROLLER_MANAGER = "system:kube-controller-manager"
SCHEDULER = "system:kube-scheduler"
KWOK = "kwok"
_GROUPS: Mapping[str, str] = {
    ADMIN: "system:masters",
    CONTROLLER_MANAGER: "",
    SCHEDULER: "",
    KWOK: "system:masters",
}
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def new_tokens() -> dict[str, str]:
    """A token for each user of a control plane."""
    return {user: secrets.token_hex(24) for user in _GROUPS}


def tokens_file(tokens: Mapping[str, str]) -> str:
    """The text of kube-apiserver's --token-auth-file."""
    return "".join(f'{token},{user},{user},"{_GROUPS[user]}"\n' for user, token in tokens.items())


def private_key() -> str:
    """A new P-256 key as PEM (SEC 1). Its public part may be left out: Go works it out."""
    number = (secrets.randbelow(_P256_ORDER - 1) + 1).to_bytes(32, "big")
    curve = bytes.fromhex("a00a06082a8648ce3d030107")
    der = bytes.fromhex("30310201010420") + number + curve
    body = base64.b64encode(der).decode()
    lines = "\n".join(body[start : start + 64] for start in range(0, len(body), 64))
    return f"-----BEGIN EC PRIVATE KEY-----\n{lines}\n-----END EC PRIVATE KEY-----\n"


def kubeconfig(url: str, certificate: str, user: str, token: str, *, context: str) -> str:
    """The text of a kubeconfig; `certificate` is the PEM that the server is known by."""
    authority = base64.b64encode(certificate.encode()).decode()
    cluster = {"server": url, "certificate-authority-data": authority}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "clusters": [{"name": context, "cluster": cluster}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": user}}],
    }
    return json.dumps(document, indent=2) + "\n"


def write_secret(path: Path, text: str) -> Path:
    """Write a file that nobody else may read."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path
