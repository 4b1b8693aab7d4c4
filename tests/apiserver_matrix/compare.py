"""Sends each request of the table to both servers and tells how the answers differ."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import yaml
from apiserver_comparison import Answer, differences, masked

from apiserver_matrix.request import Request

Ask = Callable[[Request], Answer]


@dataclass(slots=True)
class Side:
    """One server, and what a path may ask for of its earlier answers."""

    ask: Ask
    known: dict[str, str] = field(
        default_factory=lambda: {"rv": "0", "uid": "", "token": "", "first": "", "own": "0"}
    )
    generated: dict[str, str] = field(default_factory=dict)

    def __call__(self, request: Request) -> Answer:
        path = request.path
        for name, value in self.known.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        body = request.body
        if isinstance(body, dict) and ("{rv}" in (text := json.dumps(body)) or "{own}" in text):
            body = text.replace("{rv}", self.known["rv"]).replace("{own}", self.known["own"])
        answer = self._named(request, self.ask(replace(request, path=path, body=body)))
        self._learn(answer)
        return answer

    def _named(self, request: Request, answer: Answer) -> Answer:
        """The answer with the random ends of generated names masked, those of earlier answers too."""
        metadata = request.body.get("metadata") if isinstance(request.body, dict) else None
        prefix = metadata.get("generateName") if isinstance(metadata, dict) else None
        if prefix and isinstance(prefix, str):
            names = re.findall(
                re.escape(prefix[:58]) + r"[bcdfghjklmnpqrstvwxz2456789]{5}\b(?!a)", answer.body
            )
            self.generated |= dict.fromkeys(names, prefix[:58] + "RANDOM")
        body = answer.body
        for name, shown in self.generated.items():
            body = body.replace(name, shown)
        return replace(answer, body=body)

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
                if name == "rv" and "uid" in metadata:
                    self.known["own"] = metadata[key]
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
    theirs, mine = _events(_body(real)), _events(_body(ours))
    return found + differences(theirs, mine)


def _events(data: Any) -> Any:
    """A watch's answer as a mapping, so that a missing event shows as one."""
    if isinstance(data, dict) and set(data) == {"type", "object"}:
        data = [data]
    if isinstance(data, list) and all(isinstance(event, dict) and "type" in event for event in data):
        told = [f"{event['type']} {_name(event)}" for event in data]
        return {"told": ", ".join(told), **{f"event{index}": event for index, event in enumerate(data)}}
    return data


def _name(event: dict[str, Any]) -> str:
    metadata = (event.get("object") or {}).get("metadata") or {}
    return str(metadata.get("name", ""))


class _Loader(yaml.CSafeLoader):
    """Times stay text."""


_Loader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in held if not tag.endswith(":timestamp")]
    for key, held in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


_MASKS = (
    (r'"(resourceVersion|continue)":\s*"[^"]*"', r'"\1":"MASKED"'),
    (r'(resourceVersion\\*":\\*")\d+', r"\1N"),
    (r"127\.0\.0\.1:\d+", "SERVER"),
    (r"(in the precondition|in precondition:) \(?\d+\)?", r"\1 N"),
    (r'"(nodePort|healthCheckNodePort)":\s*3[0-2]\d{3}', r'"\1":30000'),
)


def _body(answer: Answer) -> Any:
    text = answer.body
    if "yaml" in answer.content_type and "kind:" in text:
        with contextlib.suppress(yaml.YAMLError):
            text = json.dumps(yaml.load(text, _Loader))
    for pattern, replacement in _MASKS:
        text = re.sub(pattern, replacement, text)
    return _in_order(_without_other_groups(masked(text)))


def _without_other_groups(data: Any) -> Any:
    """A list of groups without those of definitions, which earlier requests may have left on a real server."""
    if isinstance(data, dict) and data.get("kind") == "APIGroupList":
        ours = [g for g in data["groups"] if "." not in g["name"] or g["name"].endswith(".k8s.io")]
        return {**data, "groups": ours}
    return data


_QUOTED_OBJECT = re.compile(r'(patch: Invalid value: |Invalid value: )"((?:[^"\\]|\\.)*)": ')


def _with_sorted_quotes(data: Any) -> Any:
    """Messages that quote a patched object, with its keys sorted: the real server's order is that of Go's structs."""
    if isinstance(data, str) and 'Invalid value: "{' in data:
        return _QUOTED_OBJECT.sub(_sorted_quote, data)
    if isinstance(data, dict):
        return {key: _with_sorted_quotes(value) for key, value in data.items()}
    return [_with_sorted_quotes(item) for item in data] if isinstance(data, list) else data


def _sorted_quote(found: re.Match[str]) -> str:
    try:
        quoted = json.loads(json.loads(f'"{found[2]}"'))
    except ValueError:
        return found[0]
    return f"{found[1]}{json.dumps(quoted, sort_keys=True)}: "


def _in_order(data: Any) -> Any:
    """Several causes in one order: the real server walks maps, whose order changes from request to request."""
    data = _with_sorted_quotes(data)
    if isinstance(data, dict) and ": errors:\n" in str(data.get("message")):
        head, *lines = data["message"].split("\n")
        return {**data, "message": [head, *sorted(lines)]}
    causes = (data.get("details") or {}).get("causes") if isinstance(data, dict) else None
    if not isinstance(causes, list) or len(causes) < 2:
        return data
    ordered = sorted(causes, key=lambda cause: json.dumps(cause, sort_keys=True))
    head = data["message"].partition(":")[0]
    return {**data, "message": head, "details": {**data["details"], "causes": ordered}}
