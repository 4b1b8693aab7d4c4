"""Which server a run uses, and what a test may touch on a cluster that was there before."""

from __future__ import annotations

import json

import aiohttp
import pytest
from opgen_runtime.client.transport import Request, Response
from opgen_runtime.testing import InMemoryTransport

from opgen.testing.choice import Choice, Unusable, choose
from opgen.testing.guard import Guard, GuardedTransport, NotYours, target_of
from opgen.testing.proxy import Proxy

APPLY = {"Content-Type": "application/apply-patch+yaml"}


def chosen(
    options: dict[str, str] | None = None,
    ini: dict[str, str] | None = None,
    environ: dict[str, str] | None = None,
    shared: bool = False,
) -> Choice:
    return choose(
        lambda name: (options or {}).get(name),
        lambda name: (ini or {}).get(name, ""),
        shared=shared,
        environ=environ or {},
    )


def test_the_option_goes_before_the_variable_and_the_variable_before_the_file() -> None:
    ini, environ = {"opgen_server": "envtest"}, {"OPGEN_SERVER": "full"}
    assert chosen().kind == "builtin"
    assert chosen(ini=ini).kind == "envtest"
    assert chosen(ini=ini, environ=environ).kind == "full"
    assert chosen({"--opgen-server": "builtin"}, ini, environ).kind == "builtin"
    assert chosen(ini=ini, environ={"OPGEN_VERSION": "1.35"}) == Choice("envtest", version="1.35")


def test_an_existing_cluster_is_never_the_current_context() -> None:
    with pytest.raises(Unusable, match="needs --opgen-context"):
        chosen({"--opgen-server": "existing"})
    with pytest.raises(Unusable, match="goes with --opgen-server existing"):
        chosen({"--opgen-context": "production"})
    with pytest.raises(Unusable, match="none of builtin"):
        chosen(environ={"OPGEN_SERVER": "production"})
    found = chosen({"--opgen-server": "existing", "--opgen-context": "kind-dev"})
    assert found == Choice("existing", "kind-dev")


def test_only_servers_of_the_runs_own_are_shared() -> None:
    assert chosen({"--opgen-server": "envtest"}, shared=True).shared
    assert not chosen(shared=True).shared


@pytest.mark.parametrize(
    ("path", "resource", "namespace", "name"),
    [
        ("/api/v1/namespaces/a/pods/p/log", "/api/v1/pods", "a", "p"),
        ("/api/v1/namespaces/a", "/api/v1/namespaces", "", "a"),
        ("/api/v1/namespaces/a/finalize", "/api/v1/namespaces", "", "a"),
        ("/api/v1/namespaces", "/api/v1/namespaces", "", ""),
        ("/apis/apps/v1/namespaces/a/deployments", "/apis/apps/v1/deployments", "a", ""),
        ("/apis/apps/v1/deployments", "/apis/apps/v1/deployments", "", ""),
        ("/apis/x.y/v1/things/n%2Fm", "/apis/x.y/v1/things", "", "n/m"),
        ("/apis/x.y/v1/things/n/status", "/apis/x.y/v1/things", "", "n"),
        ("/apis/x.y/v1", "", "", ""),
        ("/version", "", "", ""),
    ],
)
def test_what_a_path_is_about(path: str, resource: str, namespace: str, name: str) -> None:
    found = target_of(path)
    assert (found.resource, found.namespace, found.name) == (resource, namespace, name)


class Cluster:
    """Answers 201 to what creates, 404 or 200 to reads, and remembers what reached it."""

    def __init__(self, *there: str) -> None:
        self.there = there
        self.seen: list[str] = []

    async def handle(self, request: Request) -> Response:
        self.seen.append(f"{request.method} {request.path}")
        if request.method == "GET":
            return Response(200 if request.path in self.there else 404)
        name = json.loads(request.body or b"{}").get("metadata", {}).get("name", "generated")
        status = 201 if request.method in ("POST", "PATCH") else 200
        return Response(status, body=json.dumps({"metadata": {"name": name}}).encode())


def guarded(cluster: Cluster, strict: bool = True) -> GuardedTransport:
    return GuardedTransport(InMemoryTransport(cluster.handle), Guard(strict, {"mine"}))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/namespaces/kube-system/secrets/s"),
        ("POST", "/api/v1/namespaces/other/configmaps"),
        ("PATCH", "/apis/apps/v1/namespaces/other/deployments/d"),
        ("DELETE", "/api/v1/namespaces/other"),
        ("PUT", "/api/v1/namespaces/other/finalize"),
        ("DELETE", "/api/v1/namespaces"),
        ("DELETE", "/api/v1/nodes"),
        ("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterroles/admin"),
        ("PATCH", "/api/v1/nodes/n/status"),
        ("PUT", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x.y"),
        ("DELETE", "/api/v1/pods"),
        ("GET", "/api/v1/namespaces/%6bube-system/secrets"),
    ],
)
async def test_a_request_that_is_not_the_tests_own_is_not_sent(method: str, path: str) -> None:
    cluster = Cluster()
    with pytest.raises(NotYours, match="was not sent"):
        await guarded(cluster).send(Request(method, path))
    assert cluster.seen == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/pods"),
        ("GET", "/api/v1/nodes/n"),
        ("GET", "/api/v1/namespaces"),
        ("GET", "/apis"),
        ("POST", "/api/v1/namespaces/mine/configmaps"),
        ("DELETE", "/api/v1/namespaces/mine"),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        ("POST", "/apis/x.y/v1/things"),
    ],
)
async def test_a_request_that_is_fine_is_sent(method: str, path: str) -> None:
    cluster = Cluster()
    await guarded(cluster).send(Request(method, path))
    assert cluster.seen == [f"{method} {path}"]


async def test_what_a_test_makes_is_its_own() -> None:
    cluster = Cluster()
    transport = guarded(cluster)
    await transport.send(Request("POST", "/api/v1/namespaces", body=b'{"metadata": {"name": "second"}}'))
    await transport.send(Request("POST", "/api/v1/namespaces/second/pods"))
    await transport.send(Request("POST", "/apis/x.y/v1/things", body=b'{"metadata": {"name": "t"}}'))
    await transport.send(Request("DELETE", "/apis/x.y/v1/things/t"))
    dry = Request("POST", "/apis/x.y/v1/things", (("dryRun", "All"),), body=b'{"metadata": {"name": "u"}}')
    await transport.send(dry)
    with pytest.raises(NotYours):
        await transport.send(Request("DELETE", "/apis/x.y/v1/things/u"))


async def test_an_apply_makes_what_is_new_and_changes_nothing_that_was_there() -> None:
    cluster = Cluster("/apis/x.y/v1/things/old")
    transport = guarded(cluster)
    body = b'{"metadata": {"name": "new"}}'
    for _ in range(2):
        await transport.send(Request("PATCH", "/apis/x.y/v1/things/new", (), APPLY, body))
    with pytest.raises(NotYours):
        await transport.send(Request("PATCH", "/apis/x.y/v1/things/old", (), APPLY, body))
    assert "PATCH /apis/x.y/v1/things/old" not in cluster.seen


async def test_on_a_server_of_the_runs_own_nothing_is_refused() -> None:
    cluster = Cluster()
    await guarded(cluster, strict=False).send(Request("DELETE", "/api/v1/namespaces/other"))
    assert cluster.seen == ["DELETE /api/v1/namespaces/other"]


async def test_what_comes_through_the_proxy_is_guarded() -> None:
    cluster = Cluster("/api/v1/namespaces/mine/pods/p")
    proxy = Proxy(lambda: guarded(cluster))
    await proxy.start()
    try:
        async with aiohttp.ClientSession() as session:
            base = json.loads(proxy.kubeconfig)["clusters"][0]["cluster"]["server"]
            async with session.get(f"{base}/api/v1/namespaces/mine/pods/p?a=b%2Fc") as answer:
                assert answer.status == 200
            async with session.delete(f"{base}/api/v1/namespaces/other/pods/p") as answer:
                assert answer.status == 403
                assert "not this test's own" in (await answer.json())["message"]
            async with session.get(f"{base[:-3]}xxx/api/v1/pods") as answer:
                assert answer.status == 401
    finally:
        await proxy.stop()
    assert cluster.seen == ["GET /api/v1/namespaces/mine/pods/p"]
