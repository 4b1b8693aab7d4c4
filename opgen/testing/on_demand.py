"""Fixtures that few tests ask for: faults, the operator under its own roles, controllers for built-in workloads.

`plugin` gives them to pytest. Nothing heavy is imported before a test asks.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from opgen_runtime.client.transport import Transport
    from opgen_runtime.manager import Manager

    from opgen.apiserver.workloads import Workloads
    from opgen.testing.backends import Backend
    from opgen.testing.faults import FaultsOnDemand
    from opgen.testing.proof import Proof, Proving

_PROOF: pytest.StashKey[Proof] = pytest.StashKey()
_ACCOUNT = "operator"
_SETTLE_SECONDS = 10.0


@pytest.fixture
def faults(api_server: Backend, namespace: str) -> Iterator[FaultsOnDemand]:
    """Faults in the test's server: `faults.fail(resource="deployments")`, `faults.drop_watches()`; builtin only.

    A fault that never struck fails the test.
    """
    from opgen.testing.faults import FaultsOnDemand

    try:
        server = api_server.server
    except LookupError as none:
        pytest.skip(f"faults: {none}")
    made = FaultsOnDemand(server)
    yield made
    left = server.faults.clear()
    if left:
        pytest.fail("faults that never struck:\n" + "\n".join(f"  {fault}" for fault in left), pytrace=False)


@pytest.fixture
def workloads(api_server: Backend, namespace: str) -> Iterator[Workloads | None]:
    """Deployments, StatefulSets, DaemonSets and Jobs get Pods, and those run, as long as the test does.

    On builtin; `workloads.switch(True, ready=False)` keeps Pods pending. With full the cluster's own controllers do
    it, and the fixture gives None; envtest and existing clusters skip the test.
    """
    if api_server.kind == "full":
        yield None
        return
    try:
        server = api_server.server
    except LookupError as none:
        pytest.skip(f"workloads: {none}")
    server.workloads.switch(True)
    yield server.workloads
    server.workloads.switch(False)


@pytest_asyncio.fixture
async def rbac(
    request: pytest.FixtureRequest, api_server: Backend, namespace: str, _transport: Transport
) -> AsyncIterator[Proving]:
    """The operator's own connection: as a ServiceAccount that has the roles of config/rbac, and nothing else.

    The test fails for what they don't allow, with the `@rbac` line to add and the line of code that asked;
    clear `rbac.missing` where a refusal is expected.
    """
    from opgen.testing.proof import Proving

    proof = _proof(request.config)
    token = await _account(_transport, proof, namespace)
    transport = api_server.transport(in_memory="clock" in request.fixturenames, token=token)
    proving = Proving(proof, transport)
    await _settled(transport, proof)
    yield proving
    await proving.close()
    complaint = proving.complaint()
    if complaint:
        pytest.fail(complaint, pytrace=False)


@pytest_asyncio.fixture
async def proven_manager(
    rbac: Proving, namespace: str, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Manager]:
    """As `manager`, but with just the rights that the generated roles give to the operator."""
    from opgen_runtime.client import Client
    from opgen_runtime.manager import Manager

    caplog.set_level("INFO", logger="opgen_runtime")
    made = Manager(Client(rbac, namespace=namespace), namespaces=(namespace,))
    yield made
    await made.stop()


def _proof(config: pytest.Config) -> Proof:
    from opgen.testing.proof import Proof
    from opgen.testing.roles import FOLDER, roles_of

    held = config.stash.get(_PROOF, None)
    if held is None:
        bound = roles_of(config.rootpath)
        if not bound:
            pytest.fail(f"{FOLDER} binds no role to a ServiceAccount: run opgen generate", pytrace=False)
        held = config.stash[_PROOF] = Proof(config.rootpath, bound)
    return held


async def _post(transport: Transport, path: str, obj: dict[str, Any]) -> dict[str, Any]:
    from opgen_runtime.client.transport import Request

    headers = {"Content-Type": "application/json"}
    answer = await transport.send(Request("POST", path, (), headers, json.dumps(obj).encode()))
    if answer.status >= 300:
        pytest.fail(f"POST {path}: {answer.body.decode(errors='replace')}", pytrace=False)
    found: dict[str, Any] = json.loads(answer.body)
    return found


async def _account(transport: Transport, proof: Proof, namespace: str) -> str:
    """Make the ServiceAccount with its roles; its token."""
    from opgen.testing.roles import objects_for

    for path, obj in objects_for(proof.bound, namespace, _ACCOUNT):
        await _post(transport, path, obj)
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{_ACCOUNT}/token"
    answer = await _post(transport, path, {"spec": {"expirationSeconds": 3600}})
    return str(answer["status"]["token"])


async def _settled(transport: Transport, proof: Proof) -> None:
    """Wait until the server's authorizer has seen the bindings: a real one takes a moment."""
    rule = next((rule for role in proof.bound if role.wide for rule in role.parsed if rule.resources), None)
    if rule is None:
        return
    asked = {"verb": rule.verbs[0], "group": rule.groups[0], "resource": rule.resources[0]}
    spec = {"spec": {"resourceAttributes": asked}}
    async with asyncio.timeout(_SETTLE_SECONDS):
        while True:
            path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
            if (await _post(transport, path, spec))["status"].get("allowed"):
                return
            await asyncio.sleep(0.05)


def summary(config: pytest.Config) -> list[str]:
    """What the run says at its end about rights that no test used."""
    proof = config.stash.get(_PROOF, None)
    return proof.unused() if proof is not None else []
