"""The same tests of a project on every server that there is: the fixtures hide which one it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plugin_project
import pytest

from opgen.controlplane import ControlPlane, assets
from opgen.errors import OpgenError

pytest_plugins = ["pytester"]

FAILING = """
from opgen_runtime.events import EventRecorder
from opgen_runtime.objects import ObjectMeta
from opgen_runtime.kinds.core_v1 import Secret
import logging
from model import Widget

async def test_fails(client, namespace, kubectl):
    widget = await client.create(Widget(metadata=ObjectMeta(name="left-behind")))
    await client.create(Secret(metadata=ObjectMeta(name="s"), data={"password": "Z2VoZWlt"}))
    event = '''{"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e"}, "type": "Warning",
        "reason": "Broken", "message": "it broke", "involvedObject": {"kind": "Widget", "name": "left-behind",
        "namespace": "%s"}}''' % namespace
    await kubectl("create", "-f", "-", input=event)
    logging.getLogger("opgen_runtime").info("the operator says this")
    assert 0
"""
CLUSTER = """
import pytest
from opgen_runtime.kinds.core_v1 import ConfigMap
from opgen_runtime.objects import ObjectMeta

def test_not_mine_by_kubectl(kubectl):
    with pytest.raises(AssertionError, match="the namespace kube-system is not this test's own"):
        kubectl.run("create", "configmap", "x", "--namespace=kube-system")
    with pytest.raises(AssertionError, match="is not this test's own"):
        kubectl.run("delete", "clusterrole", "view")

async def test_not_mine(client):
    await client.create(ConfigMap(metadata=ObjectMeta(name="x", namespace="kube-system")))
"""


@pytest.fixture
def project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, envtest_assets: Path
) -> pytest.Pytester:
    plugin_project.write(pytester.path)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(envtest_assets))  # pytester has a home of its own
    for variable in ("OPGEN_SERVER", "OPGEN_CONTEXT", "OPGEN_VERSION", "KUBECONFIG"):
        monkeypatch.delenv(variable, raising=False)
    return pytester


def run(project: pytest.Pytester, source: str, *options: str, workers: int = 0) -> pytest.RunResult:
    project.makepyfile(test_it=source)
    parallel = ("-n", str(workers)) if workers else ("-p", "no:xdist")
    return project.runpytest_subprocess(
        "-p", "no:cacheprovider", f"--rootdir={project.path}", *parallel, *options, timeout=120
    )


def shows_what_is_left(result: pytest.RunResult) -> None:
    text = result.stdout.str()
    assert re.search(r"events in namespace test-fails-", text), text
    assert "Warning Broken Widget/left-behind: it broke" in text
    assert re.search(r"objects in namespace test-fails-", text)
    assert "name: left-behind" in text
    assert "the operator says this" in text
    assert "password: <hidden>" in text
    assert "managedFields" not in text


@pytest.mark.envtest
def test_on_the_server_in_the_process(project: pytest.Pytester) -> None:
    run(project, plugin_project.TESTS).assert_outcomes(passed=7)


def test_a_choice_that_makes_no_sense_is_one_line(project: pytest.Pytester) -> None:
    result = run(project, plugin_project.TESTS, "--opgen-server", "existing")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "never use a kubeconfig's current context" in result.stderr.str()


@pytest.mark.envtest
@pytest.mark.xdist_group("control planes")
def test_on_a_real_server(project: pytest.Pytester) -> None:
    result = run(project, plugin_project.TESTS + FAILING, "--opgen-server", "envtest")
    result.assert_outcomes(passed=6, skipped=1, failed=1)
    result.stdout.fnmatch_lines(["opgen: tests run on the API server envtest*"])
    shows_what_is_left(result)


@pytest.mark.envtest
@pytest.mark.xdist_group("control planes")
def test_workers_share_one_server(project: pytest.Pytester) -> None:
    """Every worker's URL is the same; each test has its own namespace."""
    source = plugin_project.TESTS.replace(
        "async def test_of_the_whole_cluster", "async def not_shared"
    ).replace("def test_kubectl_without_a_loop(kubectl, namespace):", WRITES_URL)
    result = run(project, source, "--opgen-server", "envtest", "--opgen-shared", workers=2)
    result.assert_outcomes(passed=5, skipped=1)
    result.stdout.fnmatch_lines(["*2 workers*"])


WRITES_URL = """
def test_one_url(api_server, worker_id):
    assert api_server.kind == "envtest"
    assert not api_server.plane

def unused(kubectl, namespace):"""


@pytest.fixture
def cluster(envtest_assets: Path, tmp_path: Path) -> Iterator[ControlPlane]:
    """A server that stands for somebody's cluster; its own definitions aren't the project's."""
    with ControlPlane.start(envtest_assets, base=tmp_path) as plane:
        yield plane


def kubeconfig(plane: ControlPlane, path: Path) -> Path:
    config: dict[str, Any] = json.loads(plane.kubeconfig.read_text())
    config["contexts"].append({**config["contexts"][0], "name": "chosen"})
    config["current-context"] = "production"
    path.write_text(json.dumps(config))
    return path


@pytest.mark.envtest
@pytest.mark.xdist_group("control planes")
def test_on_an_existing_cluster(
    project: pytest.Pytester, cluster: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(cluster, tmp_path / "kubeconfig")))
    options = ("--opgen-server", "existing", "--opgen-context", "chosen")
    lacking = run(project, plugin_project.TESTS, *options)
    assert "lacks widgets.example.com" in lacking.stdout.str()
    assert "make install" in lacking.stdout.str()
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert cluster.api("GET", definitions)["items"] == []

    import yaml

    cluster.install([yaml.safe_load(plugin_project.CRD)])
    result = run(project, plugin_project.TESTS + CLUSTER, *options)
    result.assert_outcomes(passed=7, skipped=1, failed=1)
    result.stdout.fnmatch_lines(["*API server existing (context chosen)*"])
    assert "the namespace kube-system is not this test's own" in result.stdout.str()
    # No namespace controller runs there, so what the tests made is seen to be on its way out, and empty.
    left = cluster.api("GET", "/api/v1/namespaces")["items"]
    mine = [one for one in left if one["metadata"]["name"].startswith("test-")]
    assert {one["status"]["phase"] for one in mine} <= {"Terminating"}
    assert cluster.api("GET", "/apis/example.com/v1/widgets")["items"] == []
    maps = cluster.api("GET", "/api/v1/configmaps")["items"]
    assert not [one for one in maps if one["metadata"]["namespace"].startswith("test-")]


@pytest.mark.full
def test_on_a_full_cluster(project: pytest.Pytester) -> None:
    """With controllers a Deployment gets ready by itself, and what is owned by a new kind is collected at once."""
    try:
        assets.for_tests(full=True)
    except OpgenError as problem:
        pytest.fail(f"{problem}: {problem.hint}")
    source = (
        plugin_project.TESTS
        + """
from opgen_runtime.kinds.apps_v1 import Deployment

async def test_controllers(client, eventually):
    labels = {"app": "a"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    await client.create(Deployment.from_dict({"metadata": {"name": "d"}, "spec": spec}))
    async def ready():
        assert (await client.get(Deployment, "d")).status.ready_replicas == 2
    await eventually(ready)

    owner = await client.create(Widget(metadata=ObjectMeta(name="owner")))
    reference = {"apiVersion": "example.com/v1", "kind": "Widget", "name": "owner", "uid": owner.metadata.uid}
    child = {"metadata": {"name": "child", "ownerReferences": [reference]}}
    await client.create(ConfigMap.from_dict(child))
    await client.delete(owner)
    async def collected():
        assert await client.find(ConfigMap, "child") is None
    await eventually(collected)
"""
    )
    result = run(project, source, "--opgen-server", "full")
    result.assert_outcomes(passed=7, skipped=1)
