"""One question to a webhook: over HTTPS, or to a function in this process; failures are worded as Go's client does.

`Question` is data; `ask` and `ask_blocking` do the talking, outside the server's lock.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import http.client
import socket
import ssl
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from opgen.apiserver.body import ParseError, parse_yaml
from opgen.apiserver.message import JSONObject, encode

Handler = Callable[[str, bytes], Awaitable[tuple[int, bytes]]]
"""A webhook in this process: path with query and body in, status and body out."""
Services = dict[str, str | Handler]
"""Where `namespace/name` of a service is: `https://127.0.0.1:9443`, or a function."""

_MAX_ANSWER = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Question:
    """`review` lacks its uid, which is drawn when it is sent. `client` is the clientConfig of a webhook."""

    title: str
    client: JSONObject
    review: JSONObject
    timeout: float
    shows_timeout: bool = True

    @property
    def key(self) -> bytes:
        """The same for the same question."""
        return hashlib.sha256(encode([self.title, self.client, self.review])).digest()

    @property
    def url(self) -> str:
        """As Go's errors show it."""
        service = self.client.get("service")
        if service:
            path = (service.get("path") or "").lstrip("/")
            host = f"{service.get('name')}.{service.get('namespace')}.svc:{service.get('port') or 443}"
            base = f"https://{host}/{path}"
        else:
            base = str(self.client.get("url") or "")
        seconds = f"?timeout={self.timeout:g}s" if self.shows_timeout else ""
        return base + seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` as it came, or `error`: why there is none."""

    uid: str
    data: Any = None
    error: str = ""


class _Failed(Exception):
    """No answer; the message says why."""


def _sent(question: Question) -> tuple[str, bytes]:
    uid = str(uuid.uuid4())
    review = {**question.review, "request": {"uid": uid, **question.review["request"]}}
    return uid, encode(review)


async def ask(question: Question, services: Services) -> Answer:
    """The answer of a webhook, from a loop."""
    handler = _home(question, services)
    if handler is None or isinstance(handler, str):
        return await asyncio.to_thread(ask_blocking, question, services)
    uid, body = _sent(question)
    parts = urlsplit(question.url)
    try:
        async with asyncio.timeout(question.timeout):
            status, raw = await handler(f"{parts.path}?{parts.query}".rstrip("?"), body)
        return Answer(uid, _read(status, raw))
    except TimeoutError:
        return Answer(uid, error=f'Post "{question.url}": context deadline exceeded')
    except _Failed as failed:
        return Answer(uid, error=str(failed))


def ask_blocking(question: Question, services: Services) -> Answer:
    """The answer of a webhook, waiting in this thread."""
    handler = _home(question, services)
    if handler is not None and not isinstance(handler, str):
        return asyncio.run(ask(question, services))
    uid, body = _sent(question)
    try:
        return Answer(uid, _read(*_post(question, handler, body)))
    except _Failed as failed:
        return Answer(uid, error=str(failed))


def _home(question: Question, services: Services) -> str | Handler | None:
    """Where the question's service is; None for a question by URL."""
    service = question.client.get("service")
    if not service:
        return None
    return services.get(f"{service.get('namespace')}/{service.get('name')}", "")


def _post(question: Question, base: str | None, body: bytes) -> tuple[int, bytes]:
    url = question.url
    shown = f'Post "{url}": '
    service = question.client.get("service")
    if service and not base:
        raise _Failed(f'{shown}service "{service.get("name")}" not found')
    parts = urlsplit(url)
    place = urlsplit(base) if base else parts
    name = f"{service['name']}.{service['namespace']}.svc" if service else parts.hostname or ""
    host, port = place.hostname or "", place.port or (443 if place.scheme == "https" else 80)
    path = f"{parts.path or '/'}?{parts.query}".rstrip("?")
    connection = http.client.HTTPConnection(host, port, timeout=question.timeout)
    try:
        connection.connect()
        if place.scheme == "https":
            context = _context(str(question.client.get("caBundle") or ""))
            connection.sock = context.wrap_socket(connection.sock, server_hostname=name)
        headers = {"Content-Type": "application/json", "Accept": "application/json, */*"}
        headers["User-Agent"] = "kube-apiserver-admission"
        connection.request("POST", path, body, headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read(_MAX_ANSWER)
    except TimeoutError:
        raise _Failed(f"{shown}context deadline exceeded") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _Failed(shown + _worded(error, host, port)) from None
    finally:
        connection.close()


@lru_cache(maxsize=32)
def _context(bundle: str) -> ssl.SSLContext:
    if not bundle.strip():
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cadata=base64.b64decode(bundle).decode("ascii", "replace"))
    except (binascii.Error, ssl.SSLError):
        raise ValueError("unable to load root certificates: unable to parse bytes as PEM block") from None


def _worded(error: Exception, host: str, port: int) -> str:
    """A failure of the connection as Go says it."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"tls: failed to verify certificate: x509: {_certificate(error)}"
        case ssl.SSLError() if "WRONG_VERSION_NUMBER" in str(error) or "HTTP_REQUEST" in str(error):
            return "http: server gave HTTP response to HTTPS client"
        case ConnectionRefusedError():
            return f"dial tcp {host}:{port}: connect: connection refused"
        case socket.gaierror():
            return f"dial tcp: lookup {host}: no such host"
        case http.client.RemoteDisconnected() | ConnectionError():
            return "EOF"
        case _:
            return str(error)


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    text = error.verify_message
    if "mismatch" in text or "doesn't match" in text:
        return f"certificate is not valid: {text}"
    return "certificate signed by unknown authority" if "self" in text or "issuer" in text else text


def _read(status: int, raw: bytes, kind: str = "application/json") -> Any:
    said = raw.decode("utf-8", "replace").strip() if kind.startswith("text/") else "unknown"
    if status >= 500:
        raise _Failed(f'an error on the server ("{said}") has prevented the request from succeeding')
    if status == 404:
        raise _Failed("the server could not find the requested resource")
    if status == 403:
        raise _Failed(said)
    if status >= 400:
        raise _Failed(_REFUSED.get(status, "the server rejected our request for an unknown reason"))
    if not raw:
        raise _Failed(f"0-length response with status code: {status} and content type: {kind}")
    try:
        data = parse_yaml(raw)
    except ParseError:
        raise _Failed("couldn't get version/kind; json parse error: it is no JSON") from None
    if not isinstance(data, Mapping):
        found = {list: "array", str: "string", bool: "bool"}.get(type(data), "number")
        raise _Failed(
            f"couldn't get version/kind; json parse error: json: cannot unmarshal {found} into Go value of type "
            'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
            'Kind string "json:\\"kind,omitempty\\"" }'
        )
    return data


_REFUSED = {
    401: "the server has asked for the client to provide credentials",
    405: "the server does not allow this method on the requested resource",
    413: "the request is too large",
    429: "the server has received too many requests and has asked us to try again later",
}
