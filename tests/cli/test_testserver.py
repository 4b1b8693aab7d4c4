"""`opgen testserver`: any client's server, without a project; what it keeps, logs and leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from opgen.apiserver.audit import Level
from opgen.commands.testserver import Ready, ServeRequest, serve
from opgen.errors import InputError, OpgenError

WIDGETS = "/apis/example.com/v1/namespaces/team/widgets"
OBJECTS = """
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: team}
spec: {size: 5}
---
apiVersion: v1
kind: Namespace
metadata: {name: team}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData: {password: geheim}
"""


@pytest.fixture
def crd(tmp_path: Path, widgets: dict[str, Any]) -> str:
    path = tmp_path / "crds" / "widgets.yaml"
    path.parent.mkdir()
    path.write_text(json.dumps(widgets))
    return str(path.parent)


@pytest.fixture
def objects(tmp_path: Path) -> str:
    path = tmp_path / "objects.yaml"
    path.write_text(OBJECTS)
    return str(path)


def widget(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}


@contextmanager
def served(request: ServeRequest) -> Iterator[Ready]:
    """The server in a thread of its own."""
    stop, there = threading.Event(), threading.Event()
    told: list[Ready] = []

    def ready(found: Ready) -> None:
        told.append(found)
        there.set()

    def run() -> None:
        try:
            serve(request, ready, stop)
        finally:
            there.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert there.wait(30)
        yield told[0]
    finally:
        stop.set()
        thread.join(30)


def call(ready: Ready, path: str, body: Any = None, method: str = "", token: str = "") -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token or ready.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(ready.url + path, data, headers, method=method or None)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_it_serves_definitions_and_manifests_in_any_order(crd: str, objects: str, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    with served(ServeRequest(crds=(crd,), manifests=(objects,), kubeconfig=kubeconfig)) as ready:
        assert ready.url.startswith("http://127.0.0.1:")
        assert call(ready, f"{WIDGETS}/w")["spec"]["size"] == 5
        config = json.loads(kubeconfig.read_text())
        assert config["clusters"][0]["cluster"]["server"].startswith(ready.url)
        assert kubeconfig.stat().st_mode & 0o077 == 0
    assert not kubeconfig.exists()


def test_manifests_without_an_object_are_told(crd: str, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/widget.yaml").write_text("kind: Widget\nversion: v1\nspec: {size: integer}\n")
    with served(ServeRequest(crds=(crd,), manifests=(str(tmp_path / "schemas"),))) as ready:
        (told,) = ready.diagnostics
    assert (told.level, told.file, told.message) == ("warning", str(tmp_path / "schemas"), "holds no objects")


def test_what_is_wrong_is_told_at_its_line_before_anything_is_served(crd: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(OBJECTS.replace("size: 5", "size: big").replace("kind: Secret", "kind: Secrt"))
    with pytest.raises(InputError) as caught:
        serve(ServeRequest(crds=(crd,), manifests=(str(bad),)), lambda ready: None, threading.Event())
    told = [(d.line, d.message) for d in caught.value.diagnostics]
    assert told[0][0] == 2
    assert "spec.size" in told[0][1]
    assert told[1] == (11, "the server has no kind v1 Secrt")


def test_objects_survive_a_restart_with_their_identity(crd: str, objects: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(ServeRequest(crds=(crd,), manifests=(objects,), data=data)) as ready:
        first = call(ready, f"{WIDGETS}/w")
        accounts = "/api/v1/namespaces/team/serviceaccounts"
        call(ready, accounts, {"metadata": {"name": "operator"}})
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        account = call(ready, f"{accounts}/operator/token", asked)["status"]["token"]
        later = call(ready, WIDGETS, widget("later"))
        with pytest.raises(OpgenError, match="another server keeps its objects"):
            serve(ServeRequest(data=data), lambda ready: None, threading.Event())
        token = ready.token
    with served(ServeRequest(data=data)) as again:
        reviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        who = call(again, reviews, review, token=account)["status"]["userInfo"]["username"]
        assert who == "system:serviceaccount:team:operator"
        assert again.restored
        assert again.token == token
        assert call(again, f"{WIDGETS}/w") == first
        assert call(again, f"{WIDGETS}/later")["metadata"]["uid"] == later["metadata"]["uid"]
        version = call(again, WIDGETS)["metadata"]["resourceVersion"]
        assert version == later["metadata"]["resourceVersion"]


def test_the_audit_log_has_every_request_and_no_secret(crd: str, objects: str, tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    request = ServeRequest(
        crds=(crd,), manifests=(objects,), audit_log=str(log), audit_level=Level.REQUEST_RESPONSE
    )
    with served(request) as ready:
        call(ready, f"{WIDGETS}?labelSelector=a%3Db")
        call(ready, WIDGETS, widget("x", size=4))
        call(
            ready,
            "/api/v1/namespaces/default/secrets",
            {"metadata": {"name": "t"}, "stringData": {"a": "tief"}},
        )
        call(ready, "/api/v1/namespaces/default/secrets/s")
        call(ready, "/version")
        call(ready, f"{WIDGETS}/x", method="DELETE")
        for path, token in ((f"{WIDGETS}/none", ""), (WIDGETS, "wrong")):
            with pytest.raises(urllib.error.HTTPError) as refused:
                call(ready, path, token=token)
            refused.value.close()
    text = log.read_text()
    events = [json.loads(line) for line in text.splitlines()]
    assert [(e["verb"], e["responseStatus"]["code"]) for e in events] == [
        ("list", 200),
        ("create", 201),
        ("create", 201),
        ("get", 200),
        ("get", 200),
        ("delete", 200),
        ("get", 404),
        ("list", 401),
    ]
    assert events[0]["requestURI"] == f"{WIDGETS}?labelSelector=a%3Db"
    assert events[1]["objectRef"] == {
        "resource": "widgets",
        "namespace": "team",
        "apiGroup": "example.com",
        "apiVersion": "v1",
    }
    assert events[1]["requestObject"]["spec"] == {"size": 4}
    assert events[1]["responseObject"]["metadata"]["name"] == "x"
    assert events[2]["level"] == "Metadata"
    assert events[6]["responseStatus"]["reason"] == "NotFound"
    assert events[7]["user"]["username"] == ""
    assert "geheim" not in text
    assert "tief" not in text
    assert ready.token not in text


def test_a_watch_is_logged_when_it_starts_and_when_it_ends(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    with served(ServeRequest(audit_log=str(log))) as ready:
        headers = {"Authorization": f"Bearer {ready.token}"}
        request = urllib.request.Request(
            f"{ready.url}/api/v1/namespaces?watch=1&timeoutSeconds=1", None, headers
        )
        with urllib.request.urlopen(request, timeout=10) as stream:
            stream.read()
    first, last = (json.loads(line) for line in log.read_text().splitlines())
    assert (first["stage"], last["stage"]) == ("ResponseStarted", "ResponseComplete")
    assert first["auditID"] == last["auditID"]
    assert first["verb"] == "watch"


@contextmanager
def start(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", "from opgen.cli import main; main()", "testserver", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def started(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What it prints with --format json, as soon as it is there."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line == "}\n":
            break
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_good_order(number: signal.Signals) -> None:
    with start("--format", "json", "--audit-log", "-") as process:
        told = started(process)
        folder = Path(told["kubeconfig"]).parent
        assert folder.exists()
        ready = Ready(told["url"], told["token"], Path(), False, ())
        call(ready, "/api/v1/namespaces/default")
        process.send_signal(number)
        out, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")
        assert json.loads(out)["objectRef"]["name"] == "default"
        assert not folder.exists()


def test_a_kill_loses_nothing_that_was_answered(crd: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with start("--format", "json", "--crd", crd, "--data", str(data)) as process:
        told = started(process)
        ready = Ready(told["url"], told["token"], Path(), False, ())
        call(ready, "/api/v1/namespaces", {"metadata": {"name": "team"}})
        made = [call(ready, WIDGETS, widget(f"w{number}"))["metadata"] for number in range(20)]
        process.kill()
        process.wait(30)
    with open(data / "objects.jsonl", "ab") as out:
        out.write(b'{"put":"/configmaps","in":"def')  # as the kernel may leave a line that was being written
    with served(ServeRequest(data=data)) as again:
        listed = {item["metadata"]["name"]: item["metadata"] for item in call(again, WIDGETS)["items"]}
    assert listed == {one["name"]: one for one in made}


def test_workloads_run_where_that_is_asked_for() -> None:
    spec = {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {
            "metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "c", "image": "i"}]},
        },
    }
    path = "/apis/apps/v1/namespaces/default/deployments"
    for workloads, ready_replicas in ((True, 1), (False, None)):
        with served(ServeRequest(workloads=workloads)) as ready:
            call(ready, path, {"metadata": {"name": "d"}, "spec": spec})
            assert call(ready, f"{path}/d")["status"].get("readyReplicas") == ready_replicas


def test_a_port_in_use_and_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with served(ServeRequest()) as ready:
        port = int(ready.url.rpartition(":")[2])
        with pytest.raises(OpgenError, match=f"can't listen on port {port}"):
            serve(ServeRequest(port=port), lambda ready: None, threading.Event())
    (tmp_path / "file").touch()
    for request in (
        ServeRequest(data=tmp_path / "file"),
        ServeRequest(audit_log=str(tmp_path)),
        ServeRequest(kubeconfig=tmp_path / "no" / "such" / "folder"),
    ):
        with pytest.raises(OpgenError, match="can't"):
            serve(request, lambda ready: None, threading.Event())


def test_a_full_disk_ends_it(tmp_path: Path) -> None:
    """The objects of a server that can't keep them any more would be lost in silence."""
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    from opgen.apiserver import ApiServer, Request
    from opgen.apiserver.persistence import Persistence

    server = ApiServer()
    kept = Persistence(server, tmp_path)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, kept._out)
    os.close(full)
    assert (
        server.respond(Request("POST", "/api/v1/namespaces", body=b'{"metadata": {"name": "n"}}')).status
        == 201
    )
    assert kept.failure is not None
    kept.close()
