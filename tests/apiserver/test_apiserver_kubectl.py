"""The real kubectl on the in-process server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opgen.apiserver import ApiServer
from opgen.apiserver.http import serve_in_thread

pytestmark = pytest.mark.envtest


class Kubectl:
    """Runs kubectl against one server."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.binary = binary
        self.folder = folder

    def run(
        self, *args: str, check: bool = True, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One command, its output as text."""
        command = [
            self.binary,
            "--kubeconfig",
            str(self.folder / "kubeconfig"),
            "--cache-dir",
            str(self.folder / "cache"),
        ]
        result = subprocess.run(
            [*command, *args],
            capture_output=True,
            text=True,
            timeout=60,
            input=stdin,
            cwd=self.folder,
            check=False,
        )
        assert not check or result.returncode == 0, result.stderr
        return result

    def __call__(self, line: str, **options: Any) -> str:
        """A command that succeeds; its output."""
        return self.run(*line.split(), **options).stdout


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """kubectl of KUBEBUILDER_ASSETS, else of PATH."""
    assets = Path(os.environ.get("KUBEBUILDER_ASSETS", "")) / "kubectl"
    binary = str(assets) if assets.is_file() else shutil.which("kubectl")
    if binary is None:
        if os.environ.get("CI"):
            pytest.fail("there is no kubectl: KUBEBUILDER_ASSETS or PATH must hold one")
        pytest.skip("there is no kubectl")
    folder = tmp_path_factory.mktemp("kubectl")
    with serve_in_thread(ApiServer()) as server:
        (folder / "kubeconfig").write_text(server.kubeconfig)
        yield Kubectl(binary, folder)


@pytest.fixture
def applied(kubectl: Kubectl, widgets: Any) -> Kubectl:
    """With the definition and an object applied."""
    for name, obj in (("crd", widgets), ("widget", widget(2)), ("namespace", NAMESPACE)):
        (kubectl.folder / f"{name}.json").write_text(json.dumps(obj))
    kubectl("apply -f crd.json -f namespace.json")
    kubectl("wait --for=condition=Established crd/widgets.example.com")
    kubectl("apply -f widget.json")
    return kubectl


NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "k"}}


def widget(size: int) -> dict[str, Any]:
    metadata = {"name": "w", "namespace": "k"}
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": metadata, "spec": {"size": size}}


def test_get_in_all_outputs(applied: Kubectl) -> None:
    assert applied("get wd -n k").split() == [
        "NAME",
        "SIZE",
        "AGE",
        "w",
        "2",
        applied("get wd -n k").split()[-1],
    ]
    assert applied("get wd -n k -o name") == "widget.example.com/w\n"
    assert applied("get wd w -n k -o jsonpath={.spec.size}") == "2"
    assert "size: 2" in applied("get wd w -n k -o yaml")
    assert json.loads(applied("get widgets -A -o json"))["items"][0]["kind"] == "Widget"
    assert "widget.example.com/w" in applied("get all -n k")
    assert applied("get wd -n k -o custom-columns=S:.spec.size") == "S\n2\n"
    assert "No resources found" in applied.run("get", "wd", "-n", "k", "-l", "no=no").stderr


def test_apply_in_both_ways(applied: Kubectl) -> None:
    assert applied("apply -f widget.json") == "widget.example.com/w unchanged\n"
    (applied.folder / "widget.json").write_text(json.dumps(widget(4)))
    difference = applied.run("diff", "-f", "widget.json", check=False)
    assert difference.returncode == 1
    assert "+  size: 4" in difference.stdout
    assert applied("apply -f widget.json") == "widget.example.com/w configured\n"
    assert applied("apply --server-side -f widget.json") == "widget.example.com/w serverside-applied\n"
    applied('patch wd w -n k --type=merge --field-manager=other -p {"spec":{"size":5}}')
    refused = applied.run("apply", "--server-side", "-f", "widget.json", check=False)
    assert 'conflict with "other" using example.com/v1' in refused.stderr
    applied("apply --server-side --force-conflicts -f widget.json")
    invalid = applied.run("apply", "-f", "-", check=False, stdin=json.dumps(widget(0)))
    assert "spec.size in body should be greater than or equal to 1" in invalid.stderr


def test_labels_annotations_scale_and_edit(applied: Kubectl) -> None:
    assert applied("label wd w -n k a=b") == "widget.example.com/w labeled\n"
    assert applied("annotate wd w -n k note=x") == "widget.example.com/w annotated\n"
    assert applied("get wd -n k -l a=b -o name") == "widget.example.com/w\n"
    assert applied("scale wd w -n k --replicas=7") == "widget.example.com/w scaled\n"
    assert applied("get wd w -n k -o jsonpath={.spec.size}") == "7"
    applied("label wd w -n k a-")


def test_describe_and_explain(applied: Kubectl) -> None:
    described = applied("describe wd w -n k")
    assert "API Version:  example.com/v1" in described
    assert "Size:" in described
    explained = applied("explain widgets.spec.size")
    assert "How big." in explained
    assert "<integer>" in explained
    assert "replicas" in applied("explain deployment.spec")


def test_workloads(applied: Kubectl) -> None:
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "x:1", "ports": [{"containerPort": 80}]}]},
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "k"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template},
    }
    (applied.folder / "deployment.json").write_text(json.dumps(deployment))
    assert applied("apply -f deployment.json") == "deployment.apps/d created\n"
    assert applied("apply -f deployment.json") == "deployment.apps/d unchanged\n"
    assert "0/1" in applied("get deploy d -n k")
    assert applied("set image deploy/d c=x:2 -n k") == "deployment.apps/d image updated\n"
    assert "Image:         x:2" in applied("describe deploy d -n k")
    assert applied("delete deploy d -n k").startswith('deployment.apps "d" deleted')


def test_create_by_its_own_commands(applied: Kubectl) -> None:
    """Recent kubectls send these in protobuf."""
    applied("create configmap c -n k --from-literal=a=b")
    assert applied("get configmap c -n k -o jsonpath={.data.a}") == "b"
    applied("create secret generic s -n k --from-literal=password=x")
    assert applied("get secret s -n k -o jsonpath={.data.password}") == "eA=="
    applied("create deployment e -n k --image=x:1 --replicas=0 --port=80")
    made = json.loads(applied("get deployment e -n k -o json"))
    assert made["spec"]["replicas"] == 0
    assert made["spec"]["template"]["spec"]["containers"][0]["ports"] == [
        {"containerPort": 80, "protocol": "TCP"}
    ]
    applied("create service clusterip e -n k --tcp=80:8080")
    assert applied("get service e -n k -o jsonpath={.spec.ports[0].targetPort}") == "8080"
    applied("create role r -n k --verb=get,list --resource=pods")
    applied("create rolebinding r -n k --role=r --serviceaccount=k:default")
    applied("create serviceaccount sa -n k")
    applied("create job j -n k --image=x -- true")
    applied("create cronjob cj -n k --image=x --schedule=@daily")
    applied("create namespace made")
    applied("delete namespace made")
    applied("run p -n k --image=x")
    assert "Pending" in applied("get pod p -n k")
    applied("expose pod p -n k --port=80")


def test_watch_and_wait(applied: Kubectl) -> None:
    command = [
        applied.binary,
        "--kubeconfig",
        str(applied.folder / "kubeconfig"),
        "get",
        "wd",
        "-n",
        "k",
        "-w",
        "-o",
        "name",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline() == "widget.example.com/w\n"
        applied("annotate wd w -n k seen=yes --overwrite")
        assert watching.stdout.readline() == "widget.example.com/w\n"
        watching.terminate()
    applied("wait --for=jsonpath={.spec.size}=2 wd/w -n k --timeout=5s")


def test_api_resources_and_permissions(applied: Kubectl) -> None:
    listed = applied("api-resources")
    assert "widgets                             wd           example.com/v1" in listed
    assert "deployments" in listed
    assert applied("auth can-i create widgets") == "yes\n"
    assert "v1.36" in applied("version")
    assert "admin" in applied("auth whoami")


def test_deletion(applied: Kubectl) -> None:
    assert applied("delete wd w -n k").startswith('widget.example.com "w" deleted')
    missing = applied.run("get", "wd", "w", "-n", "k", check=False)
    assert missing.stderr == 'Error from server (NotFound): widgets.example.com "w" not found\n'
    assert 'namespace "k" deleted' in applied("delete ns k")
    assert applied.run("get", "ns", "k", check=False).returncode == 1


def test_auth_of_a_service_account(applied: Kubectl) -> None:
    """can-i, whoami and create token, with rights that kubectl itself gives."""
    applied("create serviceaccount robot -n k")
    applied("create role reader -n k --verb=get,list --resource=widgets.example.com --resource-name=w")
    applied("create rolebinding reader -n k --role=reader --serviceaccount=k:robot")
    robot = "--as=system:serviceaccount:k:robot"
    assert applied(f"auth can-i get widgets/w -n k {robot}") == "yes\n"
    for refused in ("get widgets/other -n k", "delete widgets/w -n k", "get widgets/w -n default"):
        assert applied.run(*f"auth can-i {refused} {robot}".split(), check=False).stdout == "no\n"
    listed = applied(f"auth can-i --list -n k {robot}")
    assert any(line.split()[:1] == ["widgets.example.com"] for line in listed.splitlines())
    assert "system:serviceaccount:k:robot" in applied(f"auth whoami {robot}")
    refused = applied.run(*f"get secrets -n k {robot}".split(), check=False).stderr
    assert 'cannot list resource "secrets" in API group "" in the namespace "k"' in refused
    token = applied("create token robot -n k --duration 20m").strip()
    config = json.loads((applied.folder / "kubeconfig").read_text())
    cluster = config["clusters"][0]["cluster"]
    cluster["server"] = f"{cluster['server'].rpartition('/')[0]}/{token}"
    path = applied.folder / "robot"
    path.write_text(json.dumps(config))
    assert "system:serviceaccount:k:robot" in applied(f"--kubeconfig {path} auth whoami")
    assert applied(f"--kubeconfig {path} get widget w -n k -o name") == "widget.example.com/w\n"
