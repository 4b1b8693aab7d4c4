"""Clients that others wrote work on the server in the process as they do on a cluster."""

from __future__ import annotations

import json
import subprocess
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign_clients import HERE, ROOT, Served

from opgen import documents
from opgen.apiserver.message import Request

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("clients")]
PROGRAMS = HERE / "programs"


@pytest.mark.parametrize("program", ["official", "official_aio", "kr8s_program", "lightkube_program"])
def test_a_python_client_does_its_work(program: str, served: Served, foreign_python: str) -> None:
    said = served.run(foreign_python, str(PROGRAMS / f"{program}.py"), str(PROGRAMS / "widget.json"))
    assert said.splitlines()[-1] == "done"


def until(condition: Callable[[], object], served: Served, what: str) -> None:
    """Waits for a change on the server that makes the condition true."""
    changed = threading.Event()
    unsubscribe = served.running.server.subscribe(lambda change: changed.set())
    try:
        for _ in range(600):
            if condition():
                return
            changed.wait(0.1)
            changed.clear()
    finally:
        unsubscribe()
    pytest.fail(f"{what}\n{served.output}")


def send(served: Served, method: str, path: str, body: Any = None) -> Any:
    """A request past all clients; None for 404."""
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    headers = {"Content-Type": kind, "Accept": "application/json"}
    content = None if body is None else json.dumps(body).encode()
    answer = served.running.server.respond(Request(method, path, (), headers, content))
    assert answer.status < 300 or answer.status == 404, answer.body
    return json.loads(answer.body) if answer.status < 300 else None


@pytest.fixture(scope="session")
def kopf_examples(foreign_python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Kopf's own examples, out of the source archive of the version that is installed."""
    ask = "import importlib.metadata as m; print(m.version('kopf'))"
    asked = subprocess.run([foreign_python, "-c", ask], capture_output=True, text=True, check=True)
    version = asked.stdout.strip()
    folder = tmp_path_factory.mktemp("kopf")
    command = (str(ROOT / "scripts/uv"), "tool", "run", "pip", "download", "--quiet", "--no-deps")
    rest = ("--no-binary=kopf", "--dest", str(folder), f"kopf=={version}")
    subprocess.run([*command, *rest], check=True, capture_output=True)
    (archive,) = folder.glob("kopf-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / f"kopf-{version}/examples"


def test_an_example_of_kopf_handles_its_object(
    served: Served, foreign_python: str, kopf_examples: Path
) -> None:
    for name in ("crd", "obj"):
        (document,) = documents.read(kopf_examples / f"{name}.yaml").documents
        place = "apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        if name == "obj":
            place = "apis/kopf.dev/v1/namespaces/default/kopfexamples"
        send(served, "POST", f"/{place}", document.data)
    path = "/apis/kopf.dev/v1/namespaces/default/kopfexamples/kopf-example-1"
    command = (foreign_python, "-m", "kopf", "run", "--standalone", "--all-namespaces")
    with served.running_program(*command, str(kopf_examples / "05-handlers/example.py")):
        until(lambda: "CREATED 2nd" in served.output, served, "the object's creation was not handled")
        # Kopf keeps there what it has handled: a change before it is part of the creation.
        handled = "kopf.zalando.org/last-handled-configuration"
        until(
            lambda: handled in (send(served, "GET", path)["metadata"].get("annotations") or {}),
            served,
            "nothing says that the creation was handled",
        )
        assert send(served, "GET", path)["metadata"]["finalizers"]
        send(served, "PATCH", path, {"spec": {"field": "other"}})
        until(lambda: "FIELD CHANGED: value -> other" in served.output, served, "no change was handled")
        send(served, "DELETE", path)
        until(lambda: send(served, "GET", path) is None, served, "the object stayed")
        until(lambda: "DELETED 2nd" in served.output, served, "the object's deletion was not handled")
    assert "Traceback" not in served.output


def test_an_example_of_controller_runtime_reconciles(served: Served) -> None:
    program = served.folder / "chaos"
    build = ["go", "build", "-o", str(program), "sigs.k8s.io/controller-runtime/examples/crd"]
    subprocess.run(build, cwd=HERE / "go", check=True, capture_output=True, timeout=600)
    pods = "/api/v1/namespaces/default/pods"
    send(served, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", chaos_pods())
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "c:1"}]}}
    path = "/apis/chaosapps.metamagical.io/v1/namespaces/default/chaospods"
    chaos = {
        "apiVersion": "chaosapps.metamagical.io/v1",
        "kind": "ChaosPod",
        "metadata": {"name": "one"},
        "spec": {"template": template},
    }
    with served.running_program(str(program)):
        owner = send(served, "POST", path, chaos)
        until(lambda: send(served, "GET", f"{pods}/one"), served, "no pod was made")
        pod = send(served, "GET", f"{pods}/one")
        assert pod["metadata"]["ownerReferences"][0]["uid"] == owner["metadata"]["uid"]
        assert pod["metadata"]["labels"] == {"a": "b"}
        until(lambda: send(served, "GET", f"{path}/one").get("status"), served, "no status was written")
        last_run = send(served, "GET", f"{path}/one")["status"]["lastRun"]
        assert last_run == pod["metadata"]["creationTimestamp"]
    send(served, "DELETE", f"{path}/one")
    assert send(served, "GET", f"{pods}/one") is None  # collected with its owner


def chaos_pods() -> dict[str, Any]:
    """The definition of the example's kind."""
    (document,) = documents.load(CHAOS_PODS.encode(), "chaospods.yaml").documents
    assert isinstance(document.data, dict)
    return document.data


CHAOS_PODS = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: chaospods.chaosapps.metamagical.io}
spec:
  group: chaosapps.metamagical.io
  scope: Namespaced
  names: {kind: ChaosPod, plural: chaospods}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              nextStop: {type: string, format: date-time, nullable: true}
              template: {type: object, x-kubernetes-preserve-unknown-fields: true}
          status:
            type: object
            properties:
              lastRun: {type: string, format: date-time, nullable: true}
"""
