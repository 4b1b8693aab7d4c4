"""Compares what the in-process server and a real kube-apiserver answer to the same requests.

The real answers come from a live server, or from a recording of one.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from opgen_runtime.testing import VirtualClock

from opgen.apiserver import ApiServer, Request

MASKS = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r'"resourceVersion":\s*"\d+"', '"resourceVersion":"RV"'),
    (r'(resourceVersion\\*":\\*")\d+', r"\1N"),
    (r'"continue":"[^"]+"', '"continue":"TOKEN"'),
    (r"(in record |current: )\(?\d+\)?", r"\1N"),
    (r"10\.0\.\d+\.\d+", "ADDRESS"),
    (r"https://(127\.0\.0\.1:\d+/|kubernetes\.default\.svc\.cluster\.local)", "ISSUER"),
    (r"https://127\.0\.0\.1:\d+", "https://HOST"),
    (r"(dial tcp |read tcp )127\.0\.0\.1:\d+(->127\.0\.0\.1:\d+)?", r"\1HOST"),
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "JWT"),
    (r'"\d+[smhdy](\d+[smhd])?"', '"AGE"'),
)
ESTABLISHED_SECONDS = 3.0
"""How long a real server takes until it serves a new definition's objects."""

KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        r"PATCH .*/configmaps/c1(\?fieldValidation=Strict)?$",
        r"message$",
        "quotes the patched object in another key order",
    ),
    (r"POST .*/widgets$", r"^warnings", "a version that isn't served is refused without reading the object"),
    (
        r"(POST|GET) .*/events",
        r"managedFields|reporting",
        "empty fields of the other group's events are there",
    ),
    (r"GET .*/events", r"^\.(items|rows)$", "a real server may tell of its own repairs of addresses"),
    (r"GET .*resourceVersion=1$", r"", "the real server has forgotten its first version"),
    (
        r"GET .*/deployments\?watch=1.*sendInitialEvents",
        r"",
        "the real server ends a second's watch before the bookmark",
    ),
    (r"(GET|PATCH) .*/gadgets", r"managedFields", "managedFields are not converted by a webhook"),
    (
        r"DELETE .*/widgets/w$",
        r"^\.message$",
        "it quotes managedFields, which depend on when a second begins",
    ),
    (r"PATCH .*/gadgets/a$", r"^\.message$", "managedFields are not converted by a webhook"),
    (r"POST .*/roles$", r"managedFields$", "rules that are given as an empty list have no owner"),
)
"""Request, path inside the answer, and why it differs."""


def settled(ask: Callable[[], Answer]) -> Answer:
    """A real server's answer, asked again while it only says that a definition's storage isn't ready yet."""
    answer = ask()
    for _ in range(20):
        if '"storage is (re)initializing"' not in answer.body:
            break
        threading.Event().wait(0.5)
        answer = ask()
    return answer


def masked(body: str) -> Any:
    for pattern, replacement in MASKS:
        body = re.sub(pattern, replacement, body)
    try:
        return unordered(json.loads(body))
    except ValueError:
        pass
    try:
        return [unordered(json.loads(line)) for line in body.splitlines() if line]
    except ValueError:
        return body


def unordered(value: Any) -> Any:
    """With managedFields in an order that doesn't depend on when a second began."""
    if isinstance(value, dict):
        result = {key: unordered(item) for key, item in value.items()}
        if isinstance(result.get("managedFields"), list):
            result["managedFields"].sort(
                key=lambda entry: [entry.get(name, "") for name in ("operation", "manager", "subresource")]
            )
        for name in ("resourceRules", "nonResourceRules"):  # the real server lists them at random
            if isinstance(result.get(name), list):
                result[name].sort(key=json.dumps)
        return result
    return [unordered(item) for item in value] if isinstance(value, list) else value


def differences(real: Any, ours: Any, path: str = "") -> list[tuple[str, str]]:
    """Where two answers differ, and how."""
    if isinstance(real, dict) and isinstance(ours, dict):
        found = []
        for key in sorted(real.keys() | ours.keys()):
            found += differences(real.get(key, "(absent)"), ours.get(key, "(absent)"), f"{path}.{key}")
        return found
    if isinstance(real, list) and isinstance(ours, list) and len(real) == len(ours):
        return [
            d
            for i, pair in enumerate(zip(real, ours, strict=True))
            for d in differences(*pair, f"{path}[{i}]")
        ]
    if real != ours or type(real) is not type(ours):
        return [(path, f"real {json.dumps(real)[:300]}, ours {json.dumps(ours)[:300]}")]
    return []


@dataclass
class Answer:
    """What a server answered."""

    status: int
    body: str
    warnings: str
    content_type: str


@dataclass
class Comparison:
    """Sends each request to both servers and notes how the answers differ."""

    real: Callable[[str, str, bytes | None, dict[str, str]], Answer]
    waits: bool = True
    server: ApiServer = field(default_factory=lambda: ApiServer(controllers=False))
    sent: int = 0
    known: int = 0
    unknown: list[str] = field(default_factory=list)
    tokens: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Kept tokens by name: the real server's and ours."""

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        agent: str = "probe/1.0",
        headers: dict[str, str] | None = None,
        token: str = "",
        keep: str = "",
    ) -> None:
        """Compare one request. `token` is the name of a kept token to send, `keep` the name for the answer's.

        `$TOKEN NAME$` in a body stands for a kept token. WAIT takes seconds as its path.
        """
        if method == "WAIT":
            if self.waits:
                threading.Event().wait(float(path) if path else ESTABLISHED_SECONDS)
            return
        data = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        sent = {"Accept": accept, "User-Agent": agent, **(headers or {})}
        if data is not None:
            sent["Content-Type"] = content_type
        self.sent += 1
        answers = [
            send(method, path, self._filled(data, side), self._with_token(sent, token, side))
            for side, send in enumerate((self.real, self._ours))
        ]
        if keep:
            found = [json.loads(answer.body).get("status", {}).get("token", "") for answer in answers]
            self.tokens[keep] = (found[0], found[1])
        self._compare(f"{method} {path}", *answers)

    def _filled(self, data: bytes | None, side: int) -> bytes | None:
        for name, tokens in self.tokens.items():
            data = data and data.replace(f"$TOKEN {name}$".encode(), tokens[side].encode())
        return data

    def _with_token(self, headers: dict[str, str], token: str, side: int) -> dict[str, str]:
        if not token:
            return headers
        return {**headers, "Authorization": f"Bearer {self.tokens.get(token, (token, token))[side]}"}

    def _compare(self, request: str, real: Answer, ours: Answer) -> None:
        found = differences(masked(real.body), masked(ours.body))
        found += differences(real.status, ours.status, "status")
        found += differences(real.warnings, ours.warnings, "warnings")
        found += differences(real.content_type, ours.content_type, "content type")
        unknown = [
            f"{request}: {path}: {text}"
            for path, text in found
            if not any(re.match(r, request) and re.search(p, path) for r, p, _ in KNOWN)
        ]
        self.unknown += unknown
        self.known += bool(found) and not unknown

    def _ours(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Answer:
        route, _, query = path.partition("?")
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        response = self.server.respond(Request(method, route, pairs, headers, data))
        body = response.body
        chunks = response.chunks
        if chunks is not None:

            async def read() -> bytes:
                return b"".join([chunk async for chunk in chunks])

            body = VirtualClock().run(read())
        return Answer(
            response.status, body.decode(), response.header("warning"), response.header("content-type")
        )
