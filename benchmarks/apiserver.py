"""The API server in the process against kube-apiserver, in one run on one machine.

    python benchmarks/apiserver.py [--seconds 10] [--objects 10000] [--no-real] [--no-session]

Measured: the time until the server answers; merge patches of a custom object of 2 KB with the server on one core, by
`handle()` and over HTTP; memory with many such objects; a generated project's whole test session. The client has the
other cores. Beside what the clock says stands what the server's own CPU time says, which other processes on the
machine don't change: patches a second of CPU. kube-apiserver's includes etcd. Gates nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opgen_runtime.client.config import ClusterConfig, StaticCredentials
from opgen_runtime.client.live import LiveTransport
from opgen_runtime.client.transport import Request, Transport
from opgen_runtime.testing import InMemoryTransport

from opgen.apiserver import ApiServer
from opgen.controlplane import ControlPlane, assets
from opgen.errors import OpgenError

PATH = "/apis/bench.example.com/v1/namespaces/default/things"
MERGE = {"Content-Type": "application/merge-patch+json"}
JSON = {"Content-Type": "application/json"}
CONNECTIONS = 16
TICKS = os.sysconf("SC_CLK_TCK")
DEFINITION: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.bench.example.com"},
    "spec": {
        "group": "bench.example.com",
        "scope": "Namespaced",
        "names": {"plural": "things", "kind": "Thing"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {
                                    "size": {"type": "integer", "minimum": 0},
                                    "image": {"type": "string"},
                                    "config": {"type": "object", "additionalProperties": {"type": "string"}},
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}


@dataclass(frozen=True)
class Rate:
    """Patches by the clock, and the CPU that each cost the server."""

    per_second: float
    cpu_microseconds: float

    def __str__(self) -> str:
        by_cpu = f"{1e6 / self.cpu_microseconds:8,.0f} /s of CPU" if self.cpu_microseconds else ""
        return f"{self.per_second:8,.0f} /s by the clock   {by_cpu} ({self.cpu_microseconds:,.0f} µs each)"


def thing(name: str) -> bytes:
    """An object of 2 KB."""
    config = {f"key-{number:02}": "x" * 60 for number in range(24)}
    spec = {"size": 1, "image": "registry.example.com/thing:1.2.3", "config": config}
    metadata = {"name": name, "labels": {"app": "bench"}}
    document = {"apiVersion": "bench.example.com/v1", "kind": "Thing", "metadata": metadata, "spec": spec}
    return json.dumps(document).encode()


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def mib(pids: Iterable[int]) -> float:
    """Resident memory of these processes."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return total / 1024


async def fill(transport: Transport, count: int) -> None:
    """Creates so many objects."""
    names = iter(range(count))

    async def create() -> None:
        for number in names:
            answer = await transport.send(Request("POST", PATH, (), JSON, thing(f"t{number}")))
            assert answer.status in (201, 409), answer.body

    await asyncio.gather(*(create() for _ in range(CONNECTIONS)))


async def patches(transport: Transport, seconds: float, connections: int = CONNECTIONS) -> int:
    """How many patches are answered in so many seconds, each connection on an object of its own."""
    count, end = 0, time.perf_counter() + seconds

    async def work(number: int) -> None:
        nonlocal count
        size = 0
        while time.perf_counter() < end:
            size += 1
            body = b'{"spec":{"size":%d}}' % size
            answer = await transport.send(Request("PATCH", f"{PATH}/t{number}", (), MERGE, body))
            assert answer.status == 200, answer.body
            count += 1

    await asyncio.gather(*(work(number) for number in range(connections)))
    return count


async def in_memory(seconds: float) -> Rate:
    transport = InMemoryTransport(ApiServer([DEFINITION]).handle)
    await fill(transport, 1)
    await patches(transport, seconds / 10, 1)
    began, cpu = time.perf_counter(), time.process_time()
    count = await patches(transport, seconds, 1)
    return Rate(count / (time.perf_counter() - began), (time.process_time() - cpu) / count * 1e6)


async def over_http(
    config: ClusterConfig, pids: list[int], seconds: float, objects: int
) -> tuple[Rate, float]:
    """The rate, and the memory with so many objects."""
    transport = LiveTransport(config)
    await fill(transport, CONNECTIONS)
    await patches(transport, seconds / 10)
    began, cpu = time.perf_counter(), cpu_seconds(pids)
    count = await patches(transport, seconds)
    rate = Rate(count / (time.perf_counter() - began), (cpu_seconds(pids) - cpu) / count * 1e6)
    await fill(transport, objects)
    used = mib(pids)
    await transport.close()
    return rate, used


def builtin(seconds: float, objects: int) -> tuple[Rate, float, float]:
    """Rate, memory with and without objects; the server in a process of its own on the first core."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crd.json"
        path.write_text(json.dumps(DEFINITION))
        program = "import os; os.sched_setaffinity(0, {0}); from opgen.cli import main; main()"
        command = [sys.executable, "-c", program, "testserver", "--format", "json", "--crd", str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout is not None
                text = b""
                while not text.endswith(b"}\n"):
                    text += process.stdout.readline()
                told = json.loads(text)
                empty = mib([process.pid])
                config = ClusterConfig(told["url"], StaticCredentials.token(told["token"]))
                rate, used = asyncio.run(over_http(config, [process.pid], seconds, objects))
            finally:
                process.kill()
    return rate, used, empty


def real(seconds: float, objects: int) -> tuple[float, Rate, float, float]:
    """Seconds to start, rate, memory with and without objects; etcd and kube-apiserver on the first core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})  # what is started now stays there
    try:
        began = time.perf_counter()
        plane = ControlPlane.start(assets.for_tests(), definitions=[DEFINITION])
        started = time.perf_counter() - began
    finally:
        os.sched_setaffinity(0, cores)
    with plane:
        pids = list(plane.pids.values())
        empty = mib(pids)
        config = ClusterConfig(plane.url, StaticCredentials.token(plane.token), ca_data=plane.certificate)
        rate, used = asyncio.run(over_http(config, pids, seconds, objects))
    return started, rate, used, empty


READY = """
import time
from opgen.apiserver import ApiServer
from opgen.apiserver.http import serve_in_thread
import urllib.request
began, cpu = time.perf_counter(), time.process_time()
with serve_in_thread(ApiServer()) as running:
    urllib.request.urlopen(running.url + "/readyz").read()
    print((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000)
"""


def ready() -> tuple[float, float]:
    """Milliseconds after the import until the server answers: by the clock, and of CPU; the best of five."""
    runs = [
        tuple(map(float, subprocess.check_output([sys.executable, "-c", READY]).split())) for _ in range(5)
    ]
    return min(run[0] for run in runs), min(run[1] for run in runs)


def quietly(command: list[str], folder: str) -> None:
    """Run a command that must succeed."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"$ {' '.join(command)}\n{done.stdout}{done.stderr}")


def session(server: str) -> tuple[float, float]:
    """Seconds of a generated project's whole test session: by the clock, and of CPU of pytest's own process."""
    with tempfile.TemporaryDirectory() as folder:
        opgen = [sys.executable, "-c", "from opgen.cli import main; main()"]
        init = [
            "init",
            folder,
            "--domain",
            "example.com",
            "--project-name",
            "bench",
            "--runtime-source",
            "index",
        ]
        quietly([*opgen, *init], folder)
        api = ["create", "api", "--group", "cache", "--version", "v1", "--kind", "Memcached"]
        quietly([*opgen, *api], folder)
        tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--opgen-server={server}"]
        quietly(tests, folder)  # writes bytecode
        before, began = os.times(), time.perf_counter()
        quietly(tests, folder)
        after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return time.perf_counter() - began, cpu


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--no-real", action="store_true", help="leave kube-apiserver out")
    parser.add_argument("--no-session", action="store_true", help="leave the test sessions out")
    options = parser.parse_args()
    clock, cpu = ready()
    print(f"ready                     builtin        {clock:8.0f} ms by the clock   {cpu:8.0f} ms of CPU")
    print(f"merge patches of 2 KB     handle()       {asyncio.run(in_memory(options.seconds))}")
    rate, used, empty = builtin(options.seconds, options.objects)
    print(f"                          builtin, HTTP  {rate}")
    print(f"memory, {options.objects:,} objects    builtin        {used:8.0f} MiB ({empty:.0f} without)")
    if not options.no_real:
        try:
            started, live, live_used, live_empty = real(options.seconds, options.objects)
        except OpgenError as problem:
            print(f"kube-apiserver is left out: {problem} ({problem.hint})")
            return 1
        print(f"ready                     kube-apiserver {started * 1000:8.0f} ms by the clock")
        print(f"merge patches of 2 KB     kube-apiserver {live}")
        print(
            f"memory, {options.objects:,} objects    kube-apiserver {live_used:8.0f} MiB ({live_empty:.0f} without)"
        )
        print(f"builtin against it: {live.cpu_microseconds / rate.cpu_microseconds:.1f} patches for one")
    for server in () if options.no_session else ("builtin", *(() if options.no_real else ("envtest",))):
        clock, cpu = session(server)
        print(f"a project's test session  {server:<14} {clock:8.1f} s by the clock   {cpu:8.1f} s of CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main())
