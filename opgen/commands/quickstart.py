"""`opgen quickstart`: the whole way once, from an empty folder to an object's status, each step as one types it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opgen.apiserver.message import Request
from opgen.commands.create_api import CreateApiRequest, create_api
from opgen.commands.dev import DevRequest, Session, session
from opgen.commands.init import InitRequest, init
from opgen.emit.yaml import dump
from opgen.errors import OpgenError
from opgen.ir.names import GroupVersionKind
from opgen.ir.options import ControllerRequest
from opgen.ir.schema import JSON
from opgen.resources import templates

_OBJECT = "/apis/cache.example.com/v1alpha1/namespaces/default/memcacheds/memcached-sample"
DEADLINE = 60.0
"""Seconds until the sample's status must be there."""


@dataclass(frozen=True, slots=True)
class QuickstartRequest:
    """`folder` is made; it may be there, empty."""

    folder: Path


def quickstart(request: QuickstartRequest, say: Callable[[str], None]) -> str:
    """Goes the way and returns the sample as `kubectl get -o yaml` shows it. Raises OpgenError where it ends."""
    folder = request.folder
    say(f"$ opgen init {folder.name} --domain example.com")
    init(InitRequest(folder=folder, domain="example.com"))
    example = (templates() / "quickstart/memcached.yaml").read_bytes()
    say(f"$ cd {folder.name}")
    say("$ cat memcached.yaml")
    say(example.decode().rstrip())
    say("$ opgen create api --schema memcached.yaml --owns apps/v1/Deployment --predicate generation")
    source = folder / "memcached.yaml"
    source.write_bytes(example)
    options = ControllerRequest(
        owns=(GroupVersionKind("apps", "v1", "Deployment"),), predicates=("generation",)
    )
    flags: tuple[tuple[str, JSON], ...] = (("owns", ["apps/v1/Deployment"]), ("predicates", ["generation"]))
    create_api(CreateApiRequest(start=folder, schema=str(source), options=options, flags=flags))
    source.unlink()
    _test(folder, say)
    say("$ opgen dev")
    with session(DevRequest(folder)) as opened:
        _, problems = opened.refresh()
        problems += opened.apply_samples()
        if problems:
            raise OpgenError("; ".join(str(problem) for problem in problems))
        opened.start_operator(("--log-level=error",))
        obj = _wait(opened)
    say("$ kubectl --kubeconfig .opgen/kubeconfig get memcacheds memcached-sample -o yaml")
    return dump(_shown(obj))


def _shown(obj: Any) -> Any:
    """As kubectl prints an object: keys sorted, without managedFields."""
    if isinstance(obj, dict):
        return {key: _shown(obj[key]) for key in sorted(obj) if key != "managedFields"}
    return [_shown(item) for item in obj] if isinstance(obj, list) else obj


def _test(folder: Path, say: Callable[[str], None]) -> None:
    """The project's tests: in its own environment where uv is there to make it, else in opgen's."""
    commands = [["uv", "sync", "--quiet"], ["uv", "run", "pytest", "-q"]]
    if shutil.which("uv") is None:
        commands = [[sys.executable, "-m", "pytest", "-q"]]
    for command in commands:
        say(f"$ {' '.join(command)}")
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise OpgenError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}".rstrip())
        if done.stdout.strip():
            say(done.stdout.strip().splitlines()[-1])


def _wait(opened: Session) -> dict[str, object]:
    """The sample, once its status says that it is ready."""
    server = opened.running.server
    found = threading.Event()
    unsubscribe = server.subscribe(lambda _: found.set())
    waited = 0.0
    try:
        while waited < DEADLINE:
            answer = server.respond(Request("GET", _OBJECT, (), {"Accept": "application/json"}, None))
            obj: dict[str, object] = json.loads(answer.body or b"{}")
            status = obj.get("status")
            if isinstance(status, dict) and status.get("conditions"):
                return obj
            code = opened.ended()
            if code is not None:
                raise OpgenError(f"the operator ended with exit code {code}")
            if not found.wait(0.2):
                waited += 0.2
            found.clear()
    finally:
        unsubscribe()
    raise OpgenError(f"the sample had no status after {DEADLINE:g} s")
