"""The process: flags, first line, exit codes, signals. Each test runs one, as the generated module would."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from opgen_runtime.main import parser, shown_server, watched_namespaces

OPERATOR = """
import asyncio, sys
sys.path.insert(0, {tests!r})
from runtime_harness import Widget
from opgen_runtime import Controller, For, Manager, Reconciler, ResourceType
from opgen_runtime.main import run

class Slow(Reconciler[Widget]):
    async def reconcile(self, widget: Widget) -> None:
        self.log.info("reconciling")
        await asyncio.sleep({seconds})
        self.log.info("reconciled")

class Unknown(Widget):
    KIND = ResourceType("example.com", "v1", "Unknown", "unknowns")

def register(manager: Manager) -> None:
    manager.add(Controller("widget", Slow, For({kind})))

if __name__ == "__main__":
    sys.exit(run(register))
"""

SERVER = """
import sys
sys.path.insert(0, {tests!r})
from runtime_harness import definition
from opgen.apiserver import ApiServer
from opgen.apiserver.http import serve_in_thread

server = ApiServer([definition()])
running = serve_in_thread(server)
print(running.kubeconfig, flush=True)
print("---", flush=True)
sys.stdin.read()
running.stop()
"""

TESTS = str(Path(__file__).parents[2])


def start(
    tmp_path: Path, kubeconfig: str, *flags: str, seconds: float = 0.0, kind: str = "Widget"
) -> subprocess.Popen[str]:
    program = tmp_path / "run_operator.py"
    program.write_text(OPERATOR.format(tests=TESTS, seconds=seconds, kind=kind))
    config = tmp_path / "kubeconfig"
    config.write_text(kubeconfig)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KUBE")} | {"WATCH_NAMESPACE": ""}
    return subprocess.Popen(
        [
            sys.executable,
            str(program),
            "--kubeconfig",
            str(config),
            "--health-probe-bind-address",
            "0",
            *flags,
        ],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: away
clusters: [{name: away, cluster: {server: "http://127.0.0.1:1"}}]
contexts: [{name: away, context: {cluster: away, user: me}}]
users: [{name: me, user: {token: x}}]
"""


def test_without_a_reachable_cluster_there_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    with start(tmp_path, KUBECONFIG) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert re.fullmatch(r"error: no API server answers at http://127\.0\.0\.1:1 \(context away\): .*\n", err)


def test_a_wrong_flag_is_exit_code_2(tmp_path: Path) -> None:
    with start(tmp_path, KUBECONFIG, "--leader-elect") as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--leader-elect" in err


def read_until(process: subprocess.Popen[str], text: str) -> str:
    seen = ""
    assert process.stderr is not None
    for line in process.stderr:
        seen += line
        if text in line:
            return seen
    raise AssertionError(f"{text!r} never came:\n{seen}")


@pytest.fixture
def kubeconfig() -> Iterator[str]:
    """A server in a process of its own, with one Widget; yields its kubeconfig."""
    program = SERVER.format(tests=TESTS)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        text = ""
        for line in process.stdout:
            if line == "---\n":
                break
            text += line
        yield text
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


def create_widget(tmp_path: Path) -> None:
    program = (
        f"import sys, asyncio; sys.path.insert(0, {TESTS!r})\n"
        "from runtime_harness import widget\n"
        "from opgen_runtime import Client\n"
        "async def main():\n"
        f"    async with Client.connect({str(tmp_path / 'kubeconfig')!r}) as client:\n"
        "        await client.create(widget())\n"
        "asyncio.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_sigterm_drains_and_the_first_line_names_the_cluster(tmp_path: Path, kubeconfig: str) -> None:
    with start(tmp_path, kubeconfig, "--zap-encoder=console", seconds=1.0) as process:
        began = read_until(process, "started: widget")
        create_widget(tmp_path)
        began += read_until(process, "reconciling")
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=60)
    first = began.splitlines()[0]
    assert re.search(r"context opgen, server https?://(127\.0\.0\.1|localhost):\d+, namespaces all", first), (
        first
    )
    assert "SIGTERM: stopping" in rest
    assert "reconciled  controller=widget  namespace=default  name=a  reconcileID=" in rest
    assert process.returncode == 0


def test_sigterm_during_the_start_ends_it_in_order(tmp_path: Path, kubeconfig: str) -> None:
    """Here a kind that the server does not know is never listed."""
    with start(tmp_path, kubeconfig, "--zap-encoder=console", kind="Unknown") as process:
        read_until(process, "next attempt in")
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=60)
    assert "SIGTERM: stopping" in rest
    assert process.returncode == 0


def test_ctrl_c_that_a_parent_passes_on_kills_nothing(tmp_path: Path, kubeconfig: str) -> None:
    """The terminal sends SIGINT to all of a process group, and a parent such as `opgen dev` then SIGTERM."""
    with start(tmp_path, kubeconfig, "--zap-encoder=console", seconds=1.0) as process:
        read_until(process, "started: widget")
        create_widget(tmp_path)
        read_until(process, "reconciling")
        process.send_signal(signal.SIGINT)
        read_until(process, "SIGINT: stopping")
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=60)
    assert "reconciled  controller=widget" in rest
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("server", "shown"),
    [
        ("https://10.0.0.1:6443", "https://10.0.0.1:6443"),
        ("https://cluster.example.com", "https://cluster.example.com"),
        ("http://127.0.0.1:4567/s3cret-token", "http://127.0.0.1:4567"),
        ("https://me:pw@[::1]:6443/", "https://[::1]:6443"),
    ],
)
def test_the_server_is_shown_without_secrets(server: str, shown: str) -> None:
    assert shown_server(server) == shown


def test_a_second_signal_kills(tmp_path: Path, kubeconfig: str) -> None:
    with start(tmp_path, kubeconfig, seconds=3600.0) as process:
        read_until(process, "started: widget")
        create_widget(tmp_path)
        read_until(process, "reconciling")
        process.send_signal(signal.SIGTERM)
        read_until(process, "SIGTERM: stopping")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM


@pytest.mark.parametrize(
    ("flags", "attribute", "value"),
    [
        (["--zap-log-level=debug"], "log_level", 10),
        (["--zap-log-level", "5"], "log_level", 10),
        (["--log-level=error"], "log_level", 40),
        (["--zap-devel"], "devel", True),
        (["--zap-devel=false"], "devel", False),
        (["--zap-encoder=json"], "log_encoding", "json"),
        (["--metrics-bind-address=:8443"], "metrics_bind_address", ":8443"),
        ([], "health_probe_bind_address", ":8081"),
    ],
)
def test_the_flags_are_kubebuilders(flags: list[str], attribute: str, value: object) -> None:
    assert getattr(parser().parse_args(flags), attribute) == value


@pytest.mark.parametrize(
    ("text", "expected"), [("", None), ("a", ("a",)), (" a, b,,a ", ("a", "b")), (" , ", None)]
)
def test_watch_namespace_is_a_list(text: str, expected: tuple[str, ...] | None) -> None:
    assert watched_namespaces({"WATCH_NAMESPACE": text}) == expected
    assert watched_namespaces({}) is None
