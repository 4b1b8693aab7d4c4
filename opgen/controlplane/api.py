"""A small blocking client for JSON on one API server: readiness, set-up, and looking at what a test left.

Operators and their tests use `opgen_runtime.client`; this one serves code that must not import the runtime.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 30.0
"""Seconds that an answer may take."""


class ApiFailure(Exception):
    """The server refused a request. `status` is HTTP's, `body` the Status object or text."""

    def __init__(self, method: str, path: str, status: int, body: Any) -> None:
        message = body.get("message", "") if isinstance(body, dict) else str(body)
        super().__init__(f"{method} {path}: {status} {message}")
        self.status = status
        self.body = body


class Api:
    """Calls one server over one connection a thread. `certificate` is PEM; it is ignored for http URLs."""

    def __init__(self, url: str, token: str, certificate: str = "") -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._prefix = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._tls: ssl.SSLContext | None = None
        if parts.scheme == "https":
            self._tls = ssl.create_default_context(cadata=certificate or None)
            self._tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
        self._local = threading.local()

    def __call__(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", accept: str = ""
    ) -> Any:
        """The answer as data. Raises ApiFailure for a refusal and OSError where nobody answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = self._headers | ({"Content-Type": kind} if data is not None else {})
        if accept:
            headers["Accept"] = accept
        status, text = self._exchange(method, self._prefix + path, data, headers)
        try:
            answer: Any = json.loads(text) if text else None
        except ValueError:
            answer = text.decode(errors="replace")
        if status >= 400:
            raise ApiFailure(method, path, status, answer)
        return answer

    def answers(self, path: str) -> bool:
        """Whether a GET succeeds now."""
        try:
            self("GET", path)
        except (OSError, http.client.HTTPException, ApiFailure):
            return False
        return True

    def close(self) -> None:
        """Close this thread's connection."""
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _exchange(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        for attempt in (1, 2):
            connection = self._connection()
            fresh = connection.sock is None
            try:
                connection.request(method, path, data, headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self.close()
                # A connection that the server closed while it was idle: once more, on a new one.
                if fresh or attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def _connection(self) -> http.client.HTTPConnection:
        held: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if held is None:
            if self._tls is not None:
                held = http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT, context=self._tls)
            else:
                held = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)
            self._local.connection = held
        return held
