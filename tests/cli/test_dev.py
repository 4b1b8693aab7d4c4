"""`opgen dev` and `opgen quickstart`: a real operator process on the embedded server."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from opgen.apiserver.message import Request
from opgen.commands.create_api import CreateApiRequest, create_api
from opgen.commands.dev import DevRequest, Session, dev, files_of, reload, session
from opgen.commands.init import InitRequest, init
from opgen.errors import OpgenError

OBJECT = "/apis/cache.example.com/v1/namespaces/default/memcacheds/memcached-sample"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    init(InitRequest(folder=folder, domain="example.com", runtime_source="index"))
    create_api(CreateApiRequest(start=folder, group="cache", version="v1", kind="Memcached"))
    return folder


class Lines:
    """What was said, and a wait for a line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._said = threading.Condition()

    def __call__(self, line: str) -> None:
        with self._said:
            self.lines.append(line)
            self._said.notify_all()

    def wait(self, part: str, after: int = 0) -> None:
        with self._said:
            found = self._said.wait_for(lambda: any(part in line for line in self.lines[after:]), 30)
        assert found, self.lines


@contextmanager
def running(project: Path) -> Iterator[tuple[Lines, str]]:
    """`dev --server-only` in a thread; yields what it says and the server's address."""
    said, stop = Lines(), threading.Event()
    thread = threading.Thread(target=dev, args=(DevRequest(project, server_only=True), said, stop))
    thread.start()
    try:
        said.wait("export KUBECONFIG")
        config = json.loads((project / ".opgen/kubeconfig").read_text())
        yield said, config["clusters"][0]["cluster"]["server"]
    finally:
        stop.set()
        thread.join(30)


def get(server: str, path: str) -> Any:
    with urllib.request.urlopen(server + path) as answer:
        return json.load(answer)


def test_a_schema_change_reaches_the_server_and_the_objects_stay(project: Path) -> None:
    with running(project) as (said, server):
        deadline = threading.Event()
        for _ in range(100):
            try:
                first = get(server, OBJECT)
                break
            except OSError:
                deadline.wait(0.1)
        schema = project / "schemas/cache/memcached.v1.yaml"
        before = len(said.lines)
        whole = schema.read_text().replace("    replicas:\n", "    color: string\n    replicas:\n")
        schema.write_text(whole)
        said.wait("changed: schemas/cache/memcached.v1.yaml", before)
        definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/memcacheds.cache.example.com"
        for _ in range(100):
            if "color" in json.dumps(get(server, definition)):
                break
            deadline.wait(0.1)
        assert "color" in json.dumps(get(server, definition))
        assert get(server, OBJECT)["metadata"]["uid"] == first["metadata"]["uid"]
        before = len(said.lines)
        schema.write_text("a: [")
        said.wait("YAML syntax", before)
        said.wait("waiting for the next change", before)
        schema.write_text(whole.replace("type: integer\n", "type: intege\n"))
        said.wait("  hint: did you mean integer?", before)
        assert "color" in json.dumps(get(server, definition))
    assert not (project / ".opgen/kubeconfig").exists()


def test_a_second_one_is_refused_and_leaves_the_first_its_kubeconfig(project: Path) -> None:
    with running(project):
        kubeconfig = (project / ".opgen/kubeconfig").read_text()
        with pytest.raises(OpgenError, match=r"runs here already, process \d+, http://127\.0\.0\.1:\d+$"):
            dev(DevRequest(project), lambda _: None, threading.Event())
        assert (project / ".opgen/kubeconfig").read_text() == kubeconfig


def test_a_change_saved_while_files_are_read_is_seen(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = project / "schemas/cache/memcached.v1.yaml"
    refresh = Session.refresh

    def edited_meanwhile(opened: Session) -> object:
        done = refresh(opened)
        if "color" not in schema.read_text():
            schema.write_text(
                schema.read_text().replace("    replicas:\n", "    color: string\n    replicas:\n")
            )
        return done

    monkeypatch.setattr(Session, "refresh", edited_meanwhile)
    with running(project) as (said, _):
        said.wait("changed: schemas/cache/memcached.v1.yaml")


def test_what_is_generated_is_no_change(project: Path) -> None:
    with session(DevRequest(project)) as opened:
        model = next((project / "src").rglob("api/**/memcached.py"))
        model.unlink()
        ready, seen = reload(opened, lambda line: None)
        assert ready
        assert model in seen
        assert seen == files_of(project)


def test_the_operator_reconciles_its_sample(project: Path) -> None:
    with session(DevRequest(project)) as opened:
        _, problems = opened.refresh()
        assert problems == ()
        assert opened.apply_samples() == ()
        opened.start_operator(("--log-level=error",))
        done = threading.Event()

        def look(_: object) -> None:
            answer = opened.running.server.respond(
                Request("GET", OBJECT, (), {"Accept": "application/json"}, None)
            )
            conditions = json.loads(answer.body).get("status", {}).get("conditions") or []
            if any(condition["type"] == "Ready" for condition in conditions):
                done.set()

        watcher = threading.Event()
        opened.running.server.subscribe(lambda change: watcher.set())
        for _ in range(300):
            look(None)
            if done.is_set():
                break
            watcher.wait(0.1)
            watcher.clear()
        assert done.is_set()
        assert opened.ended() is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_the_operator_of_a_session_that_was_killed_ends(project: Path) -> None:
    code = (
        "import pathlib, sys; from opgen.commands.dev import DevRequest, session\n"
        f"with session(DevRequest(pathlib.Path({str(project)!r}))) as opened:\n"
        "    opened.start_operator(())\n"
        "    print(opened._operator.pid, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        ended = os.pidfd_open(int(owner.stdout.readline()))
        try:
            owner.kill()
            assert select.select([ended], [], [], 30)[0]
        finally:
            os.close(ended)


def test_first_it_says_what_runs_there_and_what_does_not(project: Path) -> None:
    with running(project) as (said, server):
        assert (
            said.lines[0]
            == f"API server at {server.rpartition('/')[0]}, with this project's CRDs and samples"
        )
        assert "Kubernetes' own controllers don't run there" in said.lines[1]


def test_a_namespaced_operator_watches_its_namespace_and_a_mistake_in_the_code_is_told_with_its_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The output is no terminal here, and its lines are for people nevertheless."""
    init(InitRequest(folder=tmp_path / "demo", domain="example.com", runtime_source="index", namespaced=True))
    create_api(CreateApiRequest(start=tmp_path / "demo", group="cache", version="v1", kind="Memcached"))
    controller = tmp_path / "demo/src/demo/controller/memcached_controller.py"
    controller.write_text(controller.read_text().replace("    return ()\n", "    return (Mistake(),)\n"))
    line = controller.read_text().splitlines().index("    return (Mistake(),)") + 1
    with session(DevRequest(tmp_path / "demo")) as opened:
        opened.refresh()
        opened.apply_samples()
        opened.start_operator(())
        text, waiter = "", threading.Event()
        for _ in range(300):
            text += capfd.readouterr().err
            if "NameError" in text:
                break
            waiter.wait(0.1)
    assert ", namespaces default\n" in text.splitlines(keepends=True)[0]
    assert f'memcached_controller.py", line {line}, in desired\n' in text


def test_a_port_in_use_is_one_line(project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(OpgenError, match=f"can't listen on port {port}"),
            session(DevRequest(project, port=port)),
        ):
            pass
    assert not (project / ".opgen").exists()
