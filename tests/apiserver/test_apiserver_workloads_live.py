"""The statuses and events that the simple controllers leave, held against those of a real controller manager.

The real one runs with a scheduler and simulated nodes, as `--opgen-server full` starts it.
"""

from __future__ import annotations

import json
import os
import re
import threading
from typing import Any

import pytest
from apiserver_matrix.compare import Ask
from apiserver_matrix.request import STRATEGIC, Request, delete, get, patch, post
from apiserver_matrix.servers import in_process, live

from opgen.apiserver import ApiServer
from opgen.controlplane import ControlPlane, assets
from opgen.errors import OpgenError

pytestmark = pytest.mark.envtest

NAMESPACE = "left"
CONTAINERS = [{"name": "c", "image": "x:1"}]
APPS = f"/apis/apps/v1/namespaces/{NAMESPACE}"
JOBS = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"
BUDGETS = f"/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets"
MAPS = f"/api/v1/namespaces/{NAMESPACE}/configmaps"


def _spec(label: str, **more: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"is": label}}, "spec": {"containers": CONTAINERS}}
    return {"selector": {"matchLabels": {"is": label}}, "template": template, **more}


def _job(**more: Any) -> dict[str, Any]:
    return {"template": {"spec": {"restartPolicy": "Never", "containers": CONTAINERS}}, **more}


def _named(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": spec}


SENT: tuple[Request, ...] = (
    post("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}}),
    post(f"{APPS}/deployments", _named("d", _spec("d", replicas=2))),
    post(f"{APPS}/deployments", _named("paused", _spec("paused", paused=True))),
    post(f"{APPS}/statefulsets", _named("s", _spec("s", replicas=2, serviceName="x"))),
    post(f"{APPS}/daemonsets", _named("e", _spec("e"))),
    post(f"{APPS}/replicasets", _named("r", _spec("r", replicas=2))),
    post(JOBS, _named("j", _job())),
    post(JOBS, _named("numbered", _job(completions=3, parallelism=2, completionMode="Indexed"))),
    post(JOBS, _named("waits", _job(suspend=True))),
    post(BUDGETS, _named("p", {"minAvailable": 1, "selector": {"matchLabels": {"is": "r"}}})),
    post(BUDGETS, _named("none", {"maxUnavailable": 1, "selector": {"matchLabels": {"is": "x"}}})),
    post(MAPS, {"metadata": {"name": "held", "finalizers": ["example.com/x"]}}),
)
LEFT = (
    *(f"{APPS}/{name}" for name in ("deployments/d", "deployments/paused", "statefulsets/s", "daemonsets/e")),
    f"{APPS}/replicasets/r",
    *(f"{JOBS}/{name}" for name in ("j", "numbered", "waits")),
    *(f"{BUDGETS}/{name}" for name in ("p", "none")),
)
TOLD = ("d", "paused", "s", "e", "r", "j", "numbered", "waits")
MASKS = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"-[0-9a-z]{8,10}\b(-[0-9a-z]{5}\b)?", "-NAME"),
    (r"\b(r|e|j|numbered-\d)-[0-9a-z]{5}\b", r"\1-NAME"),
)


def _masked(data: Any) -> Any:
    text = json.dumps(data)
    for pattern, replacement in MASKS:
        text = re.sub(pattern, replacement, text)
    return json.loads(text)


def _status(ask: Ask, path: str) -> Any:
    return _masked(json.loads(ask(get(path)).body).get("status"))


def _events(ask: Ask, name: str) -> list[Any]:
    path = f"/api/v1/namespaces/{NAMESPACE}/events?fieldSelector=involvedObject.name%3D{name}"
    found = json.loads(ask(get(path)).body)["items"]
    return sorted(_masked([event["reason"], event["message"], event["type"]]) for event in found)


def _soon(read: Any, wanted: Any, seconds: int = 10) -> Any:
    """What the real server has in the end: asked until it is as wanted, or its time is over."""
    for _ in range(4 * seconds):
        found = read()
        if found == wanted:
            break
        threading.Event().wait(0.25)
    return found


def test_statuses_and_events_are_those_of_the_real_controllers(tmp_path: Any) -> None:
    try:
        binaries = assets.for_tests(full=True)
    except OpgenError as problem:
        if os.environ.get("CI"):
            pytest.fail(f"{problem}: {problem.hint}")
        pytest.skip(f"{problem}: {problem.hint}")
    ours = in_process(ApiServer(workloads=True))
    with ControlPlane.start(binaries, base=tmp_path, full=True, nodes=1) as plane:
        real = live(plane.url, plane.token, str(plane.certificate_file))
        for request in SENT:
            assert real(request).status == ours(request).status == 201, str(request)
        for path in LEFT:
            assert _soon(lambda path=path: _status(real, path), _status(ours, path)) == _status(ours, path), (
                path
            )
        for name in TOLD:
            assert _soon(lambda name=name: _events(real, name), _events(ours, name)) == _events(ours, name), (
                name
            )
        new = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "x:2"}]}}}}
        for change in (new, {"spec": {"replicas": 0}}):
            for ask in (real, ours):
                ask(patch(f"{APPS}/deployments/d", change, STRATEGIC))
            path = f"{APPS}/deployments/d"
            assert _soon(lambda path=path: _status(real, path), _status(ours, path)) == _status(ours, path), (
                path
            )
        for ask in (real, ours):
            ask(delete(f"/api/v1/namespaces/{NAMESPACE}"))
        path = f"/api/v1/namespaces/{NAMESPACE}"
        # While Pods of the namespace end in good order, its controller looks again only after half their time.
        assert _soon(lambda: _status(real, path), _status(ours, path), seconds=60) == _status(ours, path)
