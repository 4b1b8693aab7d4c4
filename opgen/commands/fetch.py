"""Gets a file over HTTPS, bounded in size and time, with its SHA-256; what goes wrong is one line."""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from opgen.errors import OpgenError

MAX_BYTES = 16 * 1024 * 1024
TIMEOUT = 20.0
"""Seconds that the server may be silent."""
DEADLINE = 120.0
"""Seconds for the whole file."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was got, and the SHA-256 of exactly these bytes in hexadecimal."""

    content: bytes
    sha256: str


def is_url(text: str) -> bool:
    """Whether it is an address rather than a path."""
    return text.partition("://")[0] in ("http", "https") and "://" in text


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def fetch(
    url: str, *, most: int = MAX_BYTES, timeout: float = TIMEOUT, deadline: float = DEADLINE
) -> Fetched:
    """The file at `url`. Raises OpgenError. Plain HTTP is taken from this machine only."""
    _check(url)
    opener = urllib.request.build_opener(_Redirects())
    request = urllib.request.Request(url, headers={"User-Agent": "opgen", "Accept": "*/*"})
    until = time.monotonic() + deadline
    try:
        with opener.open(request, timeout=timeout) as answer:
            content = _read(answer, url, most, until)
    except urllib.error.HTTPError as refused:
        refused.close()
        hint = "check the address; for a file on GitHub take its raw address" if refused.code == 404 else ""
        raise OpgenError(f"{url} answers {refused.code} {refused.reason}".rstrip(), hint=hint) from None
    except urllib.error.URLError as problem:
        raise OpgenError(f"can't fetch {url}: {_reason(problem.reason)}") from None
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise OpgenError(f"can't fetch {url}: {_reason(problem)}") from None
    return Fetched(content, digest(content))


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as problem:
        raise OpgenError(f"{url} is not an address: {problem}") from None
    if not host:
        raise OpgenError(f"{url} is not an address: it names no host")
    if parts.scheme != "https" and host not in _LOOPBACK:
        raise OpgenError(
            f"{url} is not fetched, since anybody on the way could change it", hint="use https://"
        )
    if parts.username or parts.password:
        raise OpgenError("an address with a password in it is not fetched", hint="download the file yourself")


def _read(answer: IO[bytes], url: str, most: int, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := answer.read(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > most:
            raise OpgenError(
                f"{url} is larger than {most // 2**20} MiB" if most >= 2**20 else f"{url} is too large"
            )
        if time.monotonic() > until:
            raise OpgenError(f"{url} takes too long")
    return b"".join(parts)


def _reason(problem: object) -> str:
    match problem:
        case socket.gaierror():
            return "no such host"
        case TimeoutError():
            return "no answer in time"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {problem.verify_message}"
        case OSError() if problem.strerror:
            return problem.strerror.lower()
    return str(problem) or type(problem).__name__


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, yet never from HTTPS to anything less."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise OpgenError(f"{req.full_url} leads to {newurl}, which is not fetched")
        _check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
