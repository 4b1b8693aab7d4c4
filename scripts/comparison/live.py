"""A real API server as judge: started here or found by its kubeconfig, asked over a few kept connections."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

_ROOT = Path(__file__).resolve().parents[2]
_CLUSTER = _ROOT.parent / "shared" / "tools" / "cluster.py"
PANIC = 0
"""The code of no answer: where its own code panics, the server closes the connection."""
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status code, body, warnings."""

    code: int
    body: Any
    warnings: tuple[str, ...] = ()

    @property
    def causes(self) -> list[tuple[str, str, str]]:
        """Field, type and text of each error."""
        causes = (self.body.get("details") or {}).get("causes") or ()
        return [(c.get("field", ""), c.get("reason", ""), c.get("message", "")) for c in causes]


@dataclass
class Server:
    """A connection to the server; not to be shared between threads."""

    url: str
    token: str
    ca: str
    _connection: http.client.HTTPSConnection | None = field(default=None, repr=False)

    def again(self) -> Server:
        """Another connection to the same server."""
        return Server(self.url, self.token, self.ca)

    def ask(self, method: str, path: str, body: Any = None, content: str = "application/json") -> Answer:
        """One request, tried again on a new connection if the old one was closed."""
        data = None if body is None else json.dumps(body).encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": content,
            "Accept": "application/json",
        }
        for attempt in range(3):
            try:
                connection = self._connected()
                connection.request(method, path, data, headers)
                response = connection.getresponse()
                text = response.read()
            except (OSError, http.client.HTTPException):
                self._connection = None
                if attempt == 2:
                    return Answer(PANIC, {"message": "the server closed the connection"})
                continue
            told = tuple(map(_warning, response.headers.get_all("Warning") or ()))
            is_json = text.startswith((b"{", b"["))
            return Answer(response.status, json.loads(text) if is_json else {"message": text.decode()}, told)
        raise AssertionError("not reached")

    def _connected(self) -> http.client.HTTPSConnection:
        if self._connection is None:
            context = ssl.create_default_context(cadata=self.ca)
            context.check_hostname = False
            parts = urlsplit(self.url)
            assert parts.hostname is not None
            self._connection = http.client.HTTPSConnection(
                parts.hostname, parts.port, context=context, timeout=60
            )
        return self._connection


def _warning(header: str) -> str:
    """The text of a warning header: `299 - "..."`."""
    text = header.encode("latin-1").decode()
    return re.sub(r"\\(.)", r"\1", text.split('"', 1)[1][:-1])


def from_kubeconfig(path: Path) -> Server:
    """The server of a kubeconfig that holds a token."""
    config = yaml.safe_load(path.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    if "certificate-authority-data" in cluster:
        ca = base64.b64decode(cluster["certificate-authority-data"]).decode()
    else:
        ca = Path(cluster["certificate-authority"]).read_text()
    return Server(cluster["server"], user["token"], ca)


@contextmanager
def started() -> Iterator[Server]:
    """etcd and kube-apiserver of KUBEBUILDER_ASSETS, for as long as they are needed."""
    if not os.environ.get("KUBEBUILDER_ASSETS"):
        sys.exit("KUBEBUILDER_ASSETS is not set: it names the folder with etcd and kube-apiserver")
    with tempfile.TemporaryDirectory(prefix="opgen-fidelity-") as folder:
        command = [sys.executable, str(_CLUSTER)]
        try:
            subprocess.run([*command, "start", folder], check=True, stdout=subprocess.DEVNULL)
            yield from_kubeconfig(Path(folder) / "admin.kubeconfig")
        finally:
            subprocess.run([*command, "stop", folder], check=False, stdout=subprocess.DEVNULL)
