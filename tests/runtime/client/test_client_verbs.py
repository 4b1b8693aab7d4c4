"""Each verb against a small stand-in server in memory: what is sent, and what becomes of the answer."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from opgen_runtime.client import (
    BlockingClient,
    Client,
    Metadata,
    Request,
    Response,
    WriteGate,
    retry_on_conflict,
)
from opgen_runtime.client.transport import Item
from opgen_runtime.errors import (
    ApiError,
    Conflict,
    Expired,
    NotFound,
    OwnershipError,
    ServiceUnavailable,
    Target,
    TooManyRequests,
    WaitTimedOut,
    WriteFenced,
)
from opgen_runtime.objects import (
    Condition,
    ObjectKey,
    ObjectMeta,
    Resource,
    ResourceType,
    Struct,
    Unstructured,
)
from opgen_runtime.testing import VirtualClock

CONFIG_MAP = ResourceType("", "v1", "ConfigMap", "configmaps")
NODE = ResourceType("", "v1", "Node", "nodes", namespaced=False)
ConfigMap = Unstructured.of(CONFIG_MAP)
Node = Unstructured.of(NODE)


class WidgetSpec(Struct):
    size: int = 1


class WidgetStatus(Struct):
    conditions: list[Condition] | None = None
    observed_generation: int | None = None
    phase: str | None = None


class Widget(Resource):
    KIND: ClassVar[ResourceType] = ResourceType("example.com", "v1", "Widget", "widgets")

    spec: WidgetSpec | None = None
    status: WidgetStatus | None = None


class Server:
    """Keeps the requests; answers each with the next scripted reply, or with an echo of what was sent."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: list[Response | Callable[[Request], Response]] = []
        self.version = 10

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        if self.replies:
            reply = self.replies.pop(0)
            return reply(request) if callable(reply) else reply
        return self.echo(request)

    async def close(self) -> None:
        return None

    def echo(self, request: Request) -> Response:
        sent = json.loads(request.body) if request.body else {}
        body = sent if isinstance(sent, dict) else {}
        self.version += 1
        meta = {"name": request.path.split("/")[-1], "uid": "u", **body.get("metadata", {})}
        meta["resourceVersion"] = str(self.version)
        return stored({**body, "metadata": meta})

    @property
    def last(self) -> Request:
        return self.requests[-1]

    def last_body(self) -> Any:
        return json.loads(self.last.body or b"null")


def stored(data: Any, code: int = 200) -> Response:
    return Response(code, {}, json.dumps(data).encode())


def refused(code: int, reason: str = "", message: str = "", **headers: str) -> Response:
    body = {"kind": "Status", "code": code, "reason": reason, "message": message}
    return Response(code, {k.replace("_", "-"): v for k, v in headers.items()}, json.dumps(body).encode())


def widget(**status: Any) -> Widget:
    data: dict[str, Any] = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": "n", "uid": "u", "resourceVersion": "10", "generation": 2},
    }
    if status:
        data["status"] = status
    return Widget.from_dict(data)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def client(server: Server) -> Client:
    return Client(server, namespace="mine", field_owner="tests")


async def test_get_uses_the_default_namespace(client: Client, server: Server) -> None:
    server.replies = [stored({"metadata": {"name": "a"}, "data": {"x": "1"}})]
    got = await client.get(ConfigMap, "a")
    assert got["data"] == {"x": "1"}
    assert (server.last.method, server.last.path) == ("GET", "/api/v1/namespaces/mine/configmaps/a")


async def test_cluster_scoped_kinds_have_no_namespace(client: Client, server: Server) -> None:
    await client.get(Node, "a")
    assert server.last.path == "/api/v1/nodes/a"


async def test_find_gives_none(client: Client, server: Server) -> None:
    server.replies = [refused(404, "NotFound"), refused(500)]
    assert await client.find(ConfigMap, "a") is None
    with pytest.raises(ApiError):
        await client.find(ConfigMap, "a")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a%2fb"])
async def test_a_name_cannot_leave_its_path(client: Client, server: Server, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be an object's name"):
        await client.get(ConfigMap, name)
    assert server.requests == []


async def test_list_starts_over_without_pages_when_they_expire(client: Client, server: Server) -> None:
    first = stored(
        {"metadata": {"continue": "t", "resourceVersion": "1"}, "items": [{"metadata": {"name": "a"}}]}
    )
    whole = stored({"metadata": {}, "items": [{"metadata": {"name": n}} for n in "bc"]})
    server.replies = [first, refused(410, "Expired"), whole]
    found = await client.list(ConfigMap, namespace="n")
    assert [obj.metadata.name for obj in found] == ["b", "c"]
    assert [dict(r.query) for r in server.requests] == [
        {"limit": "500"},
        {"limit": "500", "continue": "t"},
        {},
    ]


async def test_list_looks_through_the_clients_namespaces(server: Server) -> None:
    client = Client(server, namespaces=("a", "b"))
    server.replies = [stored({"metadata": {}, "items": []})] * 4
    await client.list(ConfigMap)
    await client.list(ConfigMap, namespace="")
    await client.list(Node)
    assert [r.path for r in server.requests] == [
        "/api/v1/namespaces/a/configmaps",
        "/api/v1/namespaces/b/configmaps",
        "/api/v1/configmaps",
        "/api/v1/nodes",
    ]


async def test_writes_carry_kind_owner_and_validation(client: Client, server: Server) -> None:
    await client.create(
        ConfigMap.from_dict({"metadata": {"name": "a"}}), dry_run=True, field_validation="Strict"
    )
    assert (server.last.method, server.last.path) == ("POST", "/api/v1/namespaces/mine/configmaps")
    assert dict(server.last.query) == {"fieldManager": "tests", "fieldValidation": "Strict", "dryRun": "All"}
    assert server.last_body() == {"metadata": {"name": "a"}, "apiVersion": "v1", "kind": "ConfigMap"}
    assert server.last.headers["Content-Type"] == "application/json"


async def test_an_update_needs_the_version_that_was_read(client: Client, server: Server) -> None:
    with pytest.raises(ValueError, match="resourceVersion"):
        await client.update(ConfigMap.from_dict({"metadata": {"name": "a"}}))
    await client.update(widget())
    assert (server.last.method, server.last_body()["metadata"]["resourceVersion"]) == ("PUT", "10")


async def test_a_patch_of_a_kind_and_a_name(client: Client, server: Server) -> None:
    await client.patch(Widget, [{"op": "remove", "path": "/spec"}], name="w", namespace="n", type="json")
    assert server.last.path == "/apis/example.com/v1/namespaces/n/widgets/w"
    assert server.last.headers["Content-Type"] == "application/json-patch+json"


async def test_delete_says_how(client: Client, server: Server) -> None:
    await client.delete(widget(), propagation="Foreground", grace_period=0, resource_version="10")
    assert server.last_body() == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Foreground",
        "gracePeriodSeconds": 0,
        "preconditions": {"uid": "u", "resourceVersion": "10"},
    }


async def test_a_dry_run_of_everything(client: Client, server: Server) -> None:
    client.gate.dry_run = True
    await client.create(widget())
    await client.get(Widget, "w")
    await client.delete(widget(), dry_run=True)
    assert [dict(r.query).get("dryRun") for r in server.requests] == ["All", None, "All"]
    assert len([k for k, _ in server.last.query if k == "dryRun"]) == 1


async def test_the_fence_stops_writes_only(server: Server) -> None:
    asked: list[Target] = []

    def fence(target: Target) -> None:
        asked.append(target)
        raise WriteFenced("the lease is lost")

    client = Client(server, gate=WriteGate(fence))
    await client.get(ConfigMap, "a")
    with pytest.raises(WriteFenced):
        await client.apply(widget())
    with pytest.raises(WriteFenced):
        async with client.status(widget()) as status:
            status.phase = "x"
    assert [(t.verb, t.resource, t.subresource) for t in asked] == [
        ("patch", "widgets", ""),
        ("patch", "widgets", "status"),
    ]
    assert len(server.requests) == 1


def test_a_busy_server_is_asked_again_when_it_says(server: Server) -> None:
    server.replies = [refused(429, Retry_After="3"), refused(503, Retry_After="2")]

    async def scenario() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await Client(server).create(widget())
        return loop.time() - began

    assert VirtualClock().run(scenario()) == 5.0
    assert len(server.requests) == 3


def test_the_fence_is_asked_again_after_a_wait(server: Server) -> None:
    server.replies = [refused(429, Retry_After="3")]
    open_until = 2.0

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()

        def fence(target: Target) -> None:
            if loop.time() - began > open_until:
                raise WriteFenced("the lease is lost")

        await Client(server, gate=WriteGate(fence)).create(widget())

    with pytest.raises(WriteFenced):
        VirtualClock().run(scenario())
    assert len(server.requests) == 1


def test_a_server_that_stays_busy_is_given_up(server: Server) -> None:
    server.replies = [refused(429, Retry_After="1")] * 9

    async def scenario() -> None:
        await Client(server).create(widget())

    with pytest.raises(TooManyRequests):
        VirtualClock().run(scenario())
    assert len(server.requests) == 6


async def test_a_server_that_names_no_time_is_not_asked_again(client: Client, server: Server) -> None:
    server.replies = [refused(503)]
    with pytest.raises(ServiceUnavailable):
        await client.create(widget())


async def test_apply_sends_what_is_set(client: Client, server: Server) -> None:
    obj = Widget(metadata=ObjectMeta(name="w"), spec=WidgetSpec(size=3))
    applied = await client.apply(obj, force=False, field_owner="other")
    assert type(applied) is Widget
    assert (server.last.method, server.last.headers["Content-Type"]) == (
        "PATCH",
        "application/apply-patch+yaml",
    )
    assert dict(server.last.query) == {"fieldManager": "other", "force": "false"}
    assert server.last_body() == {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": "mine"},
        "spec": {"size": 3},
    }


class Memory:
    """A reader that knows one object."""

    def __init__(self) -> None:
        self.item: Item | None = None

    async def get(self, kind: Any, key: ObjectKey) -> Any:
        raise AssertionError("nothing reads here")

    async def list(self, kind: Any, namespaces: Any, label_selector: str, field_selector: str) -> Any:
        raise AssertionError("nothing reads here")

    def peek(self, kind: ResourceType, key: ObjectKey) -> Item | None:
        return self.item


async def test_apply_is_not_sent_while_the_cache_holds_its_result(client: Client, server: Server) -> None:
    memory = Memory()
    cached = client.derive(reader=memory)
    obj = Widget(metadata=ObjectMeta(name="w"), spec=WidgetSpec(size=3))
    first = await cached.apply(obj)
    memory.item = Item(
        Metadata(name="w", resource_version=first.metadata.resource_version or ""), first.to_json()
    )
    assert (await cached.apply(obj)) == first
    assert len(server.requests) == 1
    memory.item = Item(Metadata(name="w", resource_version="99"), first.to_json())  # somebody changed it
    await cached.apply(obj)
    assert len(server.requests) == 2
    obj.spec = WidgetSpec(size=4)  # something else is wanted
    await cached.apply(obj)
    assert len(server.requests) == 3


async def test_a_dry_run_of_apply_is_not_remembered(client: Client, server: Server) -> None:
    memory = Memory()
    cached = client.derive(reader=memory)
    obj = Widget(metadata=ObjectMeta(name="w"))
    tried = await cached.apply(obj, dry_run=True)
    memory.item = Item(Metadata(resource_version=tried.metadata.resource_version or ""), tried.to_json())
    await cached.apply(obj)
    assert len(server.requests) == 2


async def test_children_go_to_the_owners_namespace_in_order(client: Client, server: Server) -> None:
    named = client.derive(managed_by="project")
    await named.apply_all(widget(), [ConfigMap.from_dict({"metadata": {"name": n}}) for n in "ba"])
    assert [r.path for r in server.requests] == [
        "/api/v1/namespaces/n/configmaps/b",
        "/api/v1/namespaces/n/configmaps/a",
    ]
    meta = server.last_body()["metadata"]
    assert meta["labels"] == {"app.kubernetes.io/managed-by": "project"}
    assert meta["ownerReferences"] == [
        {
            "apiVersion": "example.com/v1",
            "kind": "Widget",
            "name": "w",
            "uid": "u",
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]


@pytest.mark.parametrize(
    ("child", "error"),
    [
        (Node.from_dict({"metadata": {"name": "x"}}), OwnershipError),
        (ConfigMap.from_dict({"metadata": {"name": "x", "namespace": "other"}}), OwnershipError),
        (ConfigMap.from_dict({"metadata": {"name": "first"}}), ValueError),
        (ConfigMap.from_dict({"metadata": {}}), ValueError),
    ],
)
async def test_a_child_that_cannot_be_stops_all(
    client: Client, server: Server, child: Unstructured, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await client.apply_all(widget(), [ConfigMap.from_dict({"metadata": {"name": "first"}}), child])
    assert server.requests == []


async def test_the_official_clients_models_are_desired_state(client: Client, server: Server) -> None:
    class V1ConfigMap:
        def to_str(self) -> str:
            return ""

        def to_json(self) -> str:
            return '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}'

    resources = {"resources": [{"name": "configmaps", "kind": "ConfigMap", "namespaced": True}]}
    server.replies = [stored(resources)]
    applied = await client.apply(V1ConfigMap())
    assert applied.metadata.name == "a"
    await client.apply(V1ConfigMap())
    assert [r.path for r in server.requests] == ["/api/v1"] + ["/api/v1/namespaces/mine/configmaps/a"] * 2


async def test_a_kind_that_is_not_there_is_looked_for_again(client: Client, server: Server) -> None:
    server.replies = [refused(404), stored({"resources": []})]
    for _ in range(2):
        with pytest.raises(NotFound):
            await client.kind("example.com/v1", "Widget")
    server.replies = [stored({"resources": [{"name": "widgets", "kind": "Widget", "namespaced": True}]})]
    assert (await client.kind("example.com/v1", "Widget")).KIND == Widget.KIND


async def test_written_objects_are_told_to_the_listener(client: Client, server: Server) -> None:
    heard: list[tuple[str, str]] = []

    class Listener:
        def wrote(self, kind: ResourceType, metadata: Metadata) -> None:
            heard.append((kind.kind, metadata.resource_version))

    told = client.derive(listener=Listener())
    await told.create(widget())
    await told.patch(widget(), {"spec": {}})
    await told.apply(widget())
    async with told.status(widget()) as status:
        status.phase = "x"
    assert heard == [("Widget", str(v)) for v in (11, 12, 13, 14)]
    told.gate.dry_run = True
    await told.create(widget())
    assert len(heard) == 4


# -- status ---------------------------------------------------------------------------------------------


async def test_an_absent_status_starts_empty(client: Client, server: Server) -> None:
    obj = widget()
    async with client.status(obj) as status:
        assert status.phase is None
        status.observed_generation = obj.metadata.generation
    assert server.last.path.endswith("/widgets/w/status")
    assert server.last.headers["Content-Type"] == "application/merge-patch+json"
    assert server.last_body() == {"status": {"observedGeneration": 2}}
    assert obj.status is not None
    assert obj.status.observed_generation == 2
    assert obj.metadata.resource_version == "10"  # others may have written in between: not this version


async def test_an_unchanged_status_is_not_sent(client: Client, server: Server) -> None:
    async with client.status(widget(phase="Ready")) as status:
        status.phase = "Ready"
    async with client.status(widget()):
        pass
    assert server.requests == []


async def test_nothing_is_sent_when_the_block_raises(client: Client, server: Server) -> None:
    obj = widget(phase="Ready")

    async def break_down() -> None:
        async with client.status(obj) as status:
            status.phase = "Broken"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await break_down()
    assert server.requests == []
    assert obj.status is not None
    assert obj.status.phase == "Ready"


async def test_a_changed_list_carries_the_version(client: Client, server: Server) -> None:
    condition = {"type": "A", "status": "True", "reason": "R", "message": "", "lastTransitionTime": "t"}
    obj = widget(conditions=[condition])
    async with client.status(obj) as status:
        assert status.conditions is not None
        status.conditions[0].status = "False"
    body = server.last_body()
    assert obj.metadata.resource_version == "11"
    assert body["metadata"] == {"resourceVersion": "10"}
    assert body["status"] == {"conditions": [{**condition, "status": "False"}]}


async def test_on_conflict_the_record_is_made_on_what_is_there(client: Client, server: Server) -> None:
    theirs = {"type": "Theirs", "status": "True", "reason": "R", "message": "", "lastTransitionTime": "t"}
    current = {"metadata": {"name": "w", "resourceVersion": "20"}, "status": {"conditions": [theirs]}}
    server.replies = [refused(409, "Conflict"), stored(current), refused(409, "Conflict"), stored(current)]
    runs = 0
    obj = widget()
    async with client.status(obj) as status:
        runs += 1
        mine = Condition(type="Mine", status="True", reason="R", message="", last_transition_time="t")
        status.conditions = [mine]
    assert runs == 1
    assert [r.method for r in server.requests] == ["PATCH", "GET", "PATCH", "GET", "PATCH"]
    body = server.last_body()
    assert body["metadata"]["resourceVersion"] == "20"
    assert [c["type"] for c in body["status"]["conditions"]] == ["Theirs", "Mine"]
    assert obj.status is not None
    assert [c.type for c in obj.status.conditions or []] == ["Theirs", "Mine"]


async def test_a_conflict_that_never_ends_is_raised(client: Client, server: Server) -> None:
    server.replies = [
        lambda r: (
            refused(409, "Conflict")
            if r.method == "PATCH"
            else stored({"metadata": {"resourceVersion": "2"}})
        )
    ] * 20
    with pytest.raises(Conflict):
        async with client.status(widget()) as status:
            status.phase = "x"
    assert [r.method for r in server.requests].count("PATCH") == 5


async def test_what_others_brought_about_is_not_sent_again(client: Client, server: Server) -> None:
    server.replies = [
        refused(409, "Conflict"),
        stored({"metadata": {"resourceVersion": "20"}, "status": {"phase": "x"}}),
    ]
    obj = widget()
    async with client.status(obj) as status:
        status.phase = "x"
    assert len(server.requests) == 2
    assert obj.metadata.resource_version == "10"  # the rest of the object is still that of this version


async def test_a_kind_without_the_subresource_gets_its_status_too(client: Client, server: Server) -> None:
    server.replies = [refused(404, "NotFound", "the server could not find the requested resource")]
    for _ in range(2):
        async with client.status(widget()) as status:
            status.phase = "x"
    assert [r.path.rpartition("/")[2] for r in server.requests] == ["status", "w", "w"]


async def test_an_object_that_is_gone_has_no_status(client: Client, server: Server) -> None:
    server.replies = [refused(404, "NotFound", 'widgets.example.com "w" not found')]
    with pytest.raises(NotFound):
        async with client.status(widget()) as status:
            status.phase = "x"
    assert len(server.requests) == 1


async def test_a_kind_that_has_no_status_at_all(client: Client) -> None:
    class Plain(Resource):
        KIND: ClassVar[ResourceType] = CONFIG_MAP

    with pytest.raises(TypeError, match="Plain has no status"):
        async with client.status(Plain(metadata=ObjectMeta(name="x"))):  # type: ignore[call-overload]  # the point
            pass


# -- waiting, helpers, threads --------------------------------------------------------------------------


def test_waiting_gives_up(server: Server) -> None:
    server.replies = [refused(410, "Expired")] * 100

    async def scenario() -> None:
        await Client(server).wait_for(ConfigMap, lambda obj: obj is not None, name="a", timeout=10)

    with pytest.raises(WaitTimedOut, match="ConfigMap default/a"):
        VirtualClock().run(scenario())
    assert len(server.requests) < 10


async def test_conflicts_are_retried_a_bounded_number_of_times() -> None:
    attempts = 0

    async def attempt() -> int:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise Conflict(409)
        return attempts

    assert await retry_on_conflict(attempt, delay=0) == 3
    attempts = 0
    with pytest.raises(Conflict):
        await retry_on_conflict(attempt, attempts=2, delay=0)
    with pytest.raises(Expired):
        await retry_on_conflict(_expired, delay=0)


async def _expired() -> None:
    raise Expired(410)


async def test_worker_threads_share_the_client(client: Client, server: Server) -> None:
    blocking = BlockingClient(client, asyncio.get_running_loop())
    server.replies = [stored({"metadata": {"name": "a"}})]

    def work() -> tuple[str, str]:
        got = blocking.get(ConfigMap, "a")
        obj = widget()
        with blocking.status(obj) as status:
            status.phase = "Ready"
        return got.metadata.name or "", threading.current_thread().name

    name, thread = await asyncio.to_thread(work)
    assert name == "a"
    assert thread != threading.current_thread().name
    assert server.last_body() == {"status": {"phase": "Ready"}}


async def test_the_loops_own_thread_may_not_block(client: Client, server: Server) -> None:
    blocking = BlockingClient(client, asyncio.get_running_loop())
    with pytest.raises(RuntimeError, match="await a Client"):
        blocking.get(ConfigMap, "a")
    assert server.requests == []


async def test_errors_reach_the_thread(client: Client, server: Server) -> None:
    blocking = BlockingClient(client, asyncio.get_running_loop())
    server.replies = [refused(404, "NotFound")]
    with pytest.raises(NotFound):
        await asyncio.to_thread(blocking.get, ConfigMap, "a")
