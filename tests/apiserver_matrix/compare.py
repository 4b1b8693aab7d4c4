"""Sends each request of the table to both servers and tells how the answers differ."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from apiserver_comparison import Answer, differences, masked
from apiserver_matrix.request import Request

Ask = Callable[[Request], Answer]


@dataclass(slots=True)
class Side:
    """One server, and what a path may ask for of its earlier answers."""

    ask: Ask
    known: dict[str, str] = field(default_factory=lambda: {"rv": "0", "uid": "", "token": "", "first": ""})

    def __call__(self, request: Request) -> Answer:
        path = request.path
        for name, value in self.known.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        answer = self.ask(replace(request, path=path))
        self._learn(answer)
        return answer

    def _learn(self, answer: Answer) -> None:
        try:
            data = json.loads(answer.body)
        except ValueError:
            return
        metadata = data.get("metadata") if isinstance(data, dict) else None
        if not isinstance(metadata, dict):
            return
        for name, key in (("rv", "resourceVersion"), ("uid", "uid"), ("token", "continue")):
            if isinstance(metadata.get(key), str):
                self.known[name] = metadata[key]
        if str(data.get("kind", "")).endswith("List") and not self.known["first"]:
            self.known["first"] = self.known["rv"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One place of one answer."""

    request: Request
    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.request}: {self.path}: {self.text}"


@dataclass(slots=True)
class Result:
    """`equal` of `sent` requests had equal answers."""

    sent: int = 0
    equal: int = 0
    found: list[Difference] = field(default_factory=list)


def compare(requests: Iterable[Request], real: Side, ours: Side, *, waits: bool = True) -> Result:
    """Status, content type, warnings and body of every answer, uid, times and versions masked."""
    result = Result()
    for request in requests:
        if request.wait and waits:
            threading.Event().wait(request.wait)
        result.sent += 1
        places = list(_compare(real(request), ours(request)))
        result.equal += not places
        result.found += [Difference(request, path, text) for path, text in places]
    return result


def _compare(real: Answer, ours: Answer) -> list[tuple[str, str]]:
    found = differences(real.status, ours.status, "status")
    found += differences(real.warnings, ours.warnings, "warnings")
    found += differences(real.content_type, ours.content_type, "content type")
    return found + differences(_body(real.body), _body(ours.body))


def _body(text: str) -> Any:
    return masked(re.sub(r'"(resourceVersion|continue)":\s*"[^"]*"', r'"\1":"MASKED"', text))
