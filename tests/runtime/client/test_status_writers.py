"""Several writers of one status, interleaved at every request: nobody loses what is their own."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opgen_runtime.client import Client, Request, Response
from opgen_runtime.errors import Conflict
from opgen_runtime.objects import ResourceType, Unstructured

WIDGET = ResourceType("example.com", "v1", "Widget", "widgets")
Widget = Unstructured.of(WIDGET)


class OneObject:
    """A server that keeps one object, checks resourceVersions, and answers late."""

    def __init__(self, delays: list[int]) -> None:
        self.version = 1
        self.uid = "first"
        self.status: dict[str, Any] = {}
        self.writes = 0
        self.delays = delays

    async def send(self, request: Request) -> Response:
        for _ in range(self.delays[self.version % len(self.delays)]):
            await asyncio.sleep(0)
        if request.method == "PATCH":
            patch = json.loads(request.body or b"{}")
            wanted = patch.get("metadata", {}).get("resourceVersion")
            if wanted is not None and wanted != str(self.version):
                return Response(409, {}, b'{"kind": "Status", "reason": "Conflict"}')
            self.status = merge(self.status, patch["status"])
            self.version += 1
            self.writes += 1
        return Response(200, {}, json.dumps(self.current()).encode())

    def current(self) -> dict[str, Any]:
        return {
            "metadata": {
                "name": "w",
                "namespace": "n",
                "uid": self.uid,
                "resourceVersion": str(self.version),
            },
            "status": self.status,
        }

    async def close(self) -> None:
        return None


def merge(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key) or {}, value) if isinstance(value, dict) else value
    return result


WRITES = st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=1, max_size=4)


@settings(max_examples=300)
@given(st.lists(WRITES, min_size=1, max_size=3), st.lists(st.integers(0, 4), min_size=1, max_size=5))
async def test_each_writer_finds_what_it_wrote(
    plans: list[list[tuple[bool, int]]], delays: list[int]
) -> None:
    server = OneObject(delays)
    client = Client(server)

    async def write(writer: int, plan: list[tuple[bool, int]]) -> None:
        mine, obj = f"Writer{writer}", Widget.from_dict(server.current())  # read once: stale soon
        for present, value in plan:
            async with client.status(obj) as status:
                others = [c for c in status.get("conditions", []) if c["type"] != mine]
                status["conditions"] = [*others, {"type": mine, "value": value}] if present else others
                status.setdefault("sizes", {})[mine] = value

    await asyncio.gather(*(write(n, plan) for n, plan in enumerate(plans)))
    wanted = {f"Writer{n}": plan[-1][1] for n, plan in enumerate(plans) if plan[-1][0]}
    assert {c["type"]: c["value"] for c in server.status.get("conditions", [])} == wanted
    assert server.status["sizes"] == {f"Writer{n}": plan[-1][1] for n, plan in enumerate(plans)}


async def test_a_second_pass_writes_nothing() -> None:
    server = OneObject([1])
    client = Client(server)
    obj = Widget.from_dict(server.current())
    for _ in range(3):
        async with client.status(obj) as status:
            status["conditions"] = [{"type": "Ready", "status": "True"}]
            status["observed"] = 1
            status["absent"] = None
    assert server.writes == 1


async def test_conditions_of_a_gone_object_are_not_given_to_the_next_of_its_name() -> None:
    server = OneObject([1])
    client = Client(server)
    gone = Widget.from_dict(server.current())
    server.uid, server.version = "second", 2
    with pytest.raises(Conflict):
        async with client.status(gone) as status:
            status["conditions"] = [{"type": "Ready", "status": "True"}]
    assert server.writes == 0
    assert not server.status
