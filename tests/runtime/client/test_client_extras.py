"""What is not a verb of one object: logs, eviction, subresources, waiting, replacing, worker threads."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from opgen_runtime.client import BlockingClient, Client, Request, Response
from opgen_runtime.errors import Forbidden, Invalid, NotFound, OwnershipError
from opgen_runtime.objects import ResourceType, Unstructured

CONFIG_MAP = ResourceType("", "v1", "ConfigMap", "configmaps")
DEPLOYMENT = ResourceType("apps", "v1", "Deployment", "deployments")
ConfigMap = Unstructured.of(CONFIG_MAP)
Deployment = Unstructured.of(DEPLOYMENT)
Reply = Response | Callable[[Request], Response]


class Script:
    """Answers requests in turn and keeps them."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        reply = self.replies.pop(0)
        return reply(request) if callable(reply) else reply

    async def close(self) -> None:
        return None

    def said(self) -> list[tuple[str, str, Any]]:
        return [(r.method, r.path, json.loads(r.body) if r.body else None) for r in self.requests]


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def client(script: Script) -> Client:
    return Client(script, namespace="n", field_owner="tests")


def ok(data: Any, **headers: str) -> Response:
    return Response(200, headers, json.dumps(data).encode())


def refused(code: int, reason: str = "", message: str = "") -> Response:
    return Response(code, {}, json.dumps({"kind": "Status", "reason": reason, "message": message}).encode())


def streamed(chunks: Sequence[bytes], closed: list[bool]) -> Response:
    async def iterate() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def close() -> None:
        closed.append(True)

    return Response(200, {}, b"", iterate(), close)


def obj(version: str = "1", uid: str = "u", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": "a", "namespace": "n", "uid": uid, "resourceVersion": version}, **more}


async def test_logs(client: Client, script: Script) -> None:
    script.replies = [Response(200, {}, b"one\n\xff\n")]
    text = await client.logs(
        "p", container="c", previous=True, tail_lines=0, since_seconds=5, timestamps=True
    )
    assert text == "one\n\N{REPLACEMENT CHARACTER}\n"
    (request,) = script.requests
    assert request.path == "/api/v1/namespaces/n/pods/p/log"
    assert dict(request.query) == {
        "container": "c",
        "previous": "true",
        "tailLines": "0",
        "sinceSeconds": "5",
        "timestamps": "true",
    }


async def test_followed_logs_come_line_by_line(client: Client, script: Script) -> None:
    closed: list[bool] = []
    script.replies = [streamed([b"on", b"e\ntwo\nthr", b"ee"], closed)]
    assert [line async for line in client.follow_logs("p", "other")] == ["one", "two", "three"]
    assert closed == [True]
    assert dict(script.requests[0].query) == {"follow": "true"}


async def test_an_eviction(client: Client, script: Script) -> None:
    script.replies = [ok({})]
    await client.evict("p", grace_period=3, dry_run=True)
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "p", "namespace": "n"},
        "deleteOptions": {"gracePeriodSeconds": 3},
    }
    assert script.said() == [("POST", "/api/v1/namespaces/n/pods/p/eviction", body)]
    assert script.requests[0].query == (("dryRun", "All"),)


async def test_every_verb_of_a_subresource(client: Client, script: Script) -> None:
    script.replies = [ok({"n": n}) for n in range(5)]
    scale = client.subresource(Deployment, "scale", "web", "other")
    answers = [
        await scale.get(),
        await scale.create({"a": 1}),
        await scale.update({"a": 2}),
        await scale.patch([{"op": "test"}], type="json"),
        await scale.apply({"a": 3}, field_owner="me", force=False),
    ]
    assert answers == [{"n": n} for n in range(5)]
    path = "/apis/apps/v1/namespaces/other/deployments/web/scale"
    assert [r.method for r in script.requests] == ["GET", "POST", "PUT", "PATCH", "PATCH"]
    assert {r.path for r in script.requests} == {path}
    assert script.requests[3].headers["Content-Type"] == "application/json-patch+json"
    assert dict(script.requests[4].query) == {"fieldManager": "me", "force": "false"}


async def test_waiting_watches_from_the_list_and_starts_over(client: Client, script: Script) -> None:
    def event(type: str, data: Any) -> bytes:
        return json.dumps({"type": type, "object": data}).encode() + b"\n"

    listed = ok({"metadata": {"resourceVersion": "5"}, "items": [obj("4")]})
    closed: list[bool] = []
    too_old = event("ERROR", {"kind": "Status", "code": 410, "reason": "Expired"})
    changed = event("BOOKMARK", obj("8")) + event("MODIFIED", obj("9", data={"x": "1"}))
    script.replies = [
        listed,
        streamed([too_old], closed),
        listed,
        streamed([event("MODIFIED", obj("6"))], closed),
        listed,
        streamed([changed], closed),
    ]
    found = await client.wait_for(ConfigMap, lambda o: o is not None and "data" in o, name="a")
    assert found is not None
    assert found.metadata.resource_version == "9"
    assert closed == [True] * 3
    assert dict(script.requests[1].query)["resourceVersion"] == "5"
    assert dict(script.requests[1].query)["fieldSelector"] == "metadata.name=a"


async def test_waiting_for_a_deletion(client: Client, script: Script) -> None:
    script.replies = [ok({"metadata": {"resourceVersion": "5"}, "items": []})]
    assert await client.wait_for(ConfigMap.from_dict(obj()), lambda o: o is None) is None


# -- replacing what is immutable ------------------------------------------------------------------------


OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "o", "namespace": "n", "uid": "owner"}}
IMMUTABLE = refused(422, "Invalid", "spec.selector: Invalid value: field is immutable")


def controlled(by: str, uid: str = "old") -> dict[str, Any]:
    data = obj(uid=uid)
    data["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": by, "controller": True}
    ]
    return data


async def test_a_child_is_made_anew(client: Client, script: Script) -> None:
    empty = ok({"metadata": {"resourceVersion": "5"}, "items": []})
    script.replies = [IMMUTABLE, ok(controlled("owner")), ok({}), empty, ok(obj(uid="new"))]
    child = Deployment.from_dict({"metadata": {"name": "a"}})
    (made,) = await client.apply_all(ConfigMap.from_dict(OWNER), [child], on_immutable="recreate")
    assert made.metadata.uid == "new"
    assert [r.method for r in script.requests] == ["PATCH", "GET", "DELETE", "GET", "PATCH"]
    assert script.said()[2][2]["preconditions"] == {"uid": "old"}


async def test_a_child_of_somebody_else_is_left_alone(client: Client, script: Script) -> None:
    script.replies = [IMMUTABLE, ok(controlled("another"))]
    child = Deployment.from_dict({"metadata": {"name": "a"}})
    with pytest.raises(OwnershipError, match="not controlled by ConfigMap o"):
        await client.apply_all(ConfigMap.from_dict(OWNER), [child], on_immutable="recreate")
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("message", "mode"), [("spec.replicas: Invalid value: -1", "recreate"), ("field is immutable", "error")]
)
async def test_other_refusals_are_errors(client: Client, script: Script, message: str, mode: Any) -> None:
    script.replies = [refused(422, "Invalid", message)]
    child = Deployment.from_dict({"metadata": {"name": "a"}})
    with pytest.raises(Invalid):
        await client.apply_all(ConfigMap.from_dict(OWNER), [child], on_immutable=mode)


async def test_a_dry_run_deletes_nothing(client: Client, script: Script) -> None:
    script.replies = [IMMUTABLE, ok(controlled("owner")), ok({})]
    client.gate.dry_run = True
    child = Deployment.from_dict({"metadata": {"name": "a"}})
    await client.apply_all(ConfigMap.from_dict(OWNER), [child], on_immutable="recreate")
    assert [dict(r.query).get("dryRun") for r in script.requests] == ["All", None, "All"]


async def test_a_child_without_a_namespace_of_a_cluster_scoped_owner(client: Client, script: Script) -> None:
    node = Unstructured.of(ResourceType("", "v1", "Node", "nodes", namespaced=False))
    owner = node.from_dict({"metadata": {"name": "x", "uid": "u"}})
    with pytest.raises(OwnershipError, match="needs a namespace"):
        await client.apply_all(owner, [ConfigMap.from_dict({"metadata": {"name": "a"}})])


async def test_an_object_without_model_or_kind(client: Client) -> None:
    with pytest.raises(ValueError, match="apiVersion and kind"):
        await client.apply({"metadata": {"name": "a"}})


# -- status of plain data, and warnings -----------------------------------------------------------------


async def test_a_status_of_plain_data(client: Client, script: Script) -> None:
    plain = ConfigMap.from_dict(obj(status={"a": 1, "b": 2}))
    script.replies = [ok(obj("2"))]
    async with client.status(plain) as status:
        status["a"] = 3
        del status["b"]
    assert script.said() == [
        ("PATCH", "/api/v1/namespaces/n/configmaps/a/status", {"status": {"a": 3, "b": None}})
    ]

    async def broken() -> None:
        async with client.status(plain) as status:
            status["a"] = 4
            raise LookupError

    with pytest.raises(LookupError):
        await broken()
    assert plain["status"] == {"a": 3}


async def test_warnings_of_the_server_are_logged_once(
    client: Client, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    warning = '299 - "unknown field \\"spec.replicaz\\" (extras)"'
    script.replies = [ok(obj(), Warning=warning)] * 2
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            await client.create(ConfigMap.from_dict({"metadata": {"name": "a"}}))
    assert [r.getMessage() for r in caplog.records] == [f"the API server warns: {warning}"]


async def test_a_missing_right_is_named_once(
    client: Client, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    said = 'deployments.apps is forbidden: User "x" cannot list resource "deployments" in API group "apps"'
    script.replies = [refused(403, "Forbidden", said)] * 2
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            with pytest.raises(Forbidden):
                await client.list(Deployment)
    (line,) = [r.getMessage() for r in caplog.records]
    assert line.endswith('@rbac(groups="apps", resources="deployments", verbs="list")')


# -- worker threads -------------------------------------------------------------------------------------


def test_a_blocking_client_has_the_clients_verbs() -> None:
    left_out = {"connect", "derive", "live", "peek", "follow_logs", "gate", "at", "send_apply", "kind_of"}
    verbs = {n for n, v in vars(Client).items() if inspect.isfunction(v) and not n.startswith("_")} - left_out
    assert verbs <= set(vars(BlockingClient))
    for name in verbs - {"status"}:
        ours = set(inspect.signature(getattr(BlockingClient, name)).parameters)
        assert ours <= set(inspect.signature(getattr(Client, name)).parameters), name


async def test_every_verb_from_a_worker_thread(client: Client, script: Script) -> None:
    blocking = BlockingClient(client, asyncio.get_running_loop())
    plain = ConfigMap.from_dict(obj())
    owner = ConfigMap.from_dict(OWNER)
    empty = ok({"metadata": {"resourceVersion": "5"}, "items": []})
    resources = ok({"resources": [{"name": "configmaps", "kind": "ConfigMap", "namespaced": True}]})

    def work() -> None:
        assert blocking.find(ConfigMap, "a") is None
        assert blocking.list(ConfigMap) == []
        assert blocking.kind("v1", "ConfigMap") is ConfigMap
        assert blocking.create(plain) == plain
        assert blocking.update(plain) == plain
        assert blocking.patch(plain, {}) == plain
        assert blocking.patch(ConfigMap, {}, name="a") == plain
        assert blocking.apply(plain) == plain
        assert blocking.apply_all(owner, [plain]) == [plain]
        blocking.delete(plain)
        blocking.delete(ConfigMap, "a", missing_ok=True)
        blocking.delete_all_of(ConfigMap)
        assert blocking.logs("p") == "text"
        blocking.evict("p")
        assert blocking.wait_for(ConfigMap, lambda o: o is None, name="a") is None
        scale = blocking.subresource(plain, "scale")
        assert [scale.get(), scale.create({}), scale.update({}), scale.patch({})] == [{}] * 4

    script.replies = [
        refused(404, "NotFound"),
        empty,
        resources,
        *[ok(obj())] * 6,
        ok({}),
        refused(404, "NotFound"),
        ok({}),
        Response(200, {}, b"text"),
        ok({}),
        empty,
        *[ok({})] * 4,
    ]
    await asyncio.to_thread(work)
    assert script.replies == []


async def test_a_failed_block_in_a_thread_sends_nothing(client: Client, script: Script) -> None:
    blocking = BlockingClient(client, asyncio.get_running_loop())
    plain = ConfigMap.from_dict(obj(status={"a": 1}))

    def work() -> None:
        with blocking.status(plain) as status:
            status["a"] = 2
            raise LookupError

    with pytest.raises(LookupError):
        await asyncio.to_thread(work)
    assert script.requests == []
    assert plain["status"] == {"a": 1}


async def test_not_found_stays_not_found(client: Client, script: Script) -> None:
    script.replies = [refused(404, "NotFound")]
    with pytest.raises(NotFound):
        await client.get(ConfigMap, "a")
