"""Asks an API server about a case of `rules`, and says where its answer differs from what is expected.

Only requests go out, through the transport that every backend has: nothing here knows which server answers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opgen_runtime.client.transport import Request, Transport

from opgen.emit.yaml import dump
from opgen.errors import OpgenError
from opgen.testing.rules import JSON, Case, Reason

_NOT_CHECKED = "some validation rules were not checked because the object was invalid"
_SERVED_SECONDS = 5.0
"""How long a server that has just been given a definition may take to serve it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Where objects of a kind are written to."""

    group: str
    plural: str
    namespaced: bool

    def path(self, version: str, namespace: str) -> str:
        """The collection's path."""
        place = f"/namespaces/{namespace}" if self.namespaced else ""
        return f"/apis/{self.group}/{version}{place}/{self.plural}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: accepted with an object, or refused with reasons."""

    status: int
    body: JSON

    @property
    def accepted(self) -> bool:
        return self.status < 300

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The causes of a refusal, or its message where it has none; without the note that rules were left out."""
        if self.accepted:
            return ()
        causes = (self.body.get("details") or {}).get("causes") or ()
        found = [
            Reason(str(cause.get("field") or ""), str(cause.get("message") or ""))
            for cause in causes
            if _NOT_CHECKED not in str(cause.get("message"))
        ]
        return tuple(dict.fromkeys(found)) or (Reason("", str(self.body.get("message") or self.status)),)


def kind_of(case: Case, definitions: list[JSON]) -> Kind:
    """The case's kind among the project's definitions. Raises OpgenError where it is none of them."""
    group = case.api_version.rpartition("/")[0]
    for definition in definitions:
        spec = definition["spec"]
        if (spec["group"], spec["names"]["kind"]) == (group, case.kind):
            return Kind(group, spec["names"]["plural"], spec["scope"] == "Namespaced")
    raise OpgenError(
        f"{case.place}: {case.api_version} {case.kind} is no kind of this project",
        hint="config/crd/bases has no definition of it: `opgen generate` writes them",
    )


async def check(case: Case, kind: Kind, transport: Transport, namespace: str) -> str:
    """Why the server's answer is not what the case expects; "" where it is."""
    answer = await _ask(case, kind, transport, namespace)
    differences = list(_differences(case, answer))
    return _report(case, answer, differences) if differences else ""


async def _ask(case: Case, kind: Kind, transport: Transport, namespace: str) -> Answer:
    collection = kind.path(case.api_version.rpartition("/")[2], namespace)
    new = _complete(case, case.object, kind, namespace)
    trial = (("dryRun", "All"), ("fieldValidation", case.field_validation))
    if case.old is None and not case.subresource:
        return await _send(transport, "POST", collection, trial, new)
    given = case.old if case.old is not None else {k: v for k, v in case.object.items() if k != "status"}
    old = _complete(case, given, kind, namespace)
    made = await _send(transport, "POST", collection, (), old)
    if not made.accepted:
        raise OpgenError(f"the old object is refused:\n{_lines(made.reasons)}")
    path = f"{collection}/{made.body['metadata']['name']}"
    try:
        if "status" in old and "status" not in made.body:
            body = {**old, "metadata": {**old["metadata"], **_identity(made.body)}}
            made = await _send(transport, "PUT", f"{path}/status", (), body)
            if not made.accepted:
                raise OpgenError(f"the old object's status is refused:\n{_lines(made.reasons)}")
        body = {**new, "metadata": {**new["metadata"], **_identity(made.body)}}
        place = f"{path}/{case.subresource}" if case.subresource else path
        return await _send(transport, "PUT", place, trial, body)
    finally:
        await _send(transport, "DELETE", path, (), None)


def _complete(case: Case, obj: JSON, kind: Kind, namespace: str) -> JSON:
    """The object with what a case leaves out: type, name and the test's namespace."""
    given = obj.get("metadata")
    metadata = dict(given) if isinstance(given, dict) else {}
    if not metadata.get("name") and not metadata.get("generateName"):
        metadata["name"] = "case"
    metadata.pop("namespace", None)
    if kind.namespaced:
        metadata["namespace"] = namespace
    return {"apiVersion": case.api_version, "kind": case.kind, **obj, "metadata": metadata}


def _identity(made: JSON) -> JSON:
    metadata = made["metadata"]
    return {key: metadata[key] for key in ("name", "uid", "resourceVersion")}


async def _send(
    transport: Transport, method: str, path: str, query: tuple[tuple[str, str], ...], obj: JSON | None
) -> Answer:
    body = None if obj is None else json.dumps(obj).encode()
    headers = {} if body is None else {"Content-Type": "application/json"}
    loop = asyncio.get_running_loop()
    end = loop.time() + _SERVED_SECONDS
    while True:
        response = await transport.send(Request(method, path, query, headers, body))
        if response.status != 404 or method != "POST" or loop.time() > end:
            return Answer(response.status, _data(response.body))
        await asyncio.sleep(0.1)  # the definition was installed a moment ago


def _data(body: bytes) -> JSON:
    try:
        data = json.loads(body)
    except ValueError:
        return {"message": body.decode(errors="replace")}
    return data if isinstance(data, dict) else {"message": str(data)}


# Comparing -------------------------------------------------------------------------------------------------


def _differences(case: Case, answer: Answer) -> Iterator[str]:
    if case.refused is None:
        if not answer.accepted:
            yield "it was to be accepted"
        elif case.stored is not None:
            yield from _missing(case.stored, answer.body, "")
        return
    if answer.accepted:
        yield "it was to be refused"
        return
    for reason in case.refused:
        if not any(_fits(reason, said) for said in answer.reasons):
            yield f"the server does not say: {reason}"
    if case.refused:
        for said in answer.reasons:
            if not any(_fits(reason, said) for reason in case.refused):
                yield f"the case does not expect: {said}"


def _fits(expected: Reason, said: Reason) -> bool:
    return expected.field in ("", said.field) and expected.message in said.message


def _missing(expected: Any, stored: Any, path: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(stored, dict):
        for key, value in expected.items():
            place = f"{path}.{key}".lstrip(".")
            if key in stored:
                yield from _missing(value, stored[key], place)
            elif value is not None:  # null says that nothing is stored
                yield f"{place} is not stored"
    elif expected != stored:
        yield f"{path} is stored as {json.dumps(stored)}, not {json.dumps(expected)}"


def _report(case: Case, answer: Answer, differences: list[str]) -> str:
    what = "updated" if case.old is not None or case.subresource else "created"
    lines = [f"{case.place}: {case.name}", *(f"  {difference}" for difference in differences)]
    if answer.accepted:
        lines += [f"the server accepts the object, {what}; it would store:", _shown(answer.body)]
    else:
        lines += [f"the server refuses the object, {what}:", _lines(answer.reasons)]
        lines += ["the object:", _shown(case.object)]
    if case.old is not None:
        lines += ["the old object:", _shown(case.old)]
    return "\n".join(lines)


def _lines(reasons: tuple[Reason, ...]) -> str:
    return "\n".join(f"  {reason}" for reason in reasons)


_NOISE = ("managedFields", "uid", "creationTimestamp", "generation", "resourceVersion", "namespace")


def _shown(obj: JSON) -> str:
    metadata = obj.get("metadata")
    if isinstance(metadata, dict):
        obj = {**obj, "metadata": {key: value for key, value in metadata.items() if key not in _NOISE}}
    return "\n".join(f"  {line}" for line in dump(obj).splitlines())
