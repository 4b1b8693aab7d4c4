"""Generated operators against a real API server: each reconciles its sample.

    KUBEBUILDER_ASSETS=DIR python scripts/corpus_run.py [--count 10]

For each definition chosen (every source in turn gives its largest one left): a project is made, its CRD and minimal
sample are created on the server, and the operator runs as `python -m <package> --kubeconfig ...`. It passes when the
operator counts a successful reconcile of the sample and, where the kind has a status that the skeleton writes, the
object on the server has it. Prints a line an operator; exit 1 if any fails.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import yaml
from corpus import Entry, accepted, choose
from corpus_compile import CRDS, Server, cluster

DEADLINE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def opgen(folder: Path, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "opgen", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"opgen {' '.join(words)}: {done.stdout}{done.stderr}")


def wait_for(what: str, probe: Any) -> Any:
    """Polls until `probe` gives something; RuntimeError after the deadline."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.2)
    raise RuntimeError(f"{what}: not within {DEADLINE:.0f} s")


def successes(port: int) -> float:
    """How many reconciles the operator counts as successful."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            text = answer.read().decode()
    except OSError:
        return 0.0
    counted = re.findall(
        r'^controller_runtime_reconcile_total\{[^}]*result="(?:success|requeue_after)"[^}]*\} (\S+)',
        text,
        re.M,
    )
    return sum(map(float, counted))


def create(server: Server, url: str, obj: Any) -> Any:
    def attempt() -> Any:
        status, answer = server.call("POST", url, obj)
        if status == 201:
            return answer
        if status in (404, 429) or status >= 500:
            return None
        raise RuntimeError(f"{url}: {answer.get('message', '')[:400]}")

    return wait_for(url, attempt)


def scaffold(entry: Entry, name: str, base: Path) -> Path:
    """A project of one kind; returns its folder."""
    folder, source = base / name, base / f"{name}.yaml"
    source.write_bytes(entry.content)
    flags = ["--domain", "corpus.example", "--project-name", name, "--runtime-source", "index"]
    opgen(base, "init", str(folder), *flags)
    opgen(folder, "create", "api", "--schema", str(source))
    return folder


def read(path: Path) -> Any:
    return yaml.load(path.read_bytes(), yaml.CSafeLoader)


def sample_of(folder: Path) -> Any:
    """The minimal sample in the version that the controller reconciles."""
    controller = next(iter(folder.glob("src/*/controller/*_controller.py"))).read_text()
    version = re.search(r"\.api\.(\w+)\.", controller)
    assert version is not None
    paths = [
        path
        for path in sorted((folder / "config/samples").glob("*.yaml"))
        if path.name != "kustomization.yaml" and not path.stem.endswith("_full")
    ]
    return next(s for s in map(read, paths) if s["apiVersion"].rpartition("/")[2] == version.group(1))


def start(name: str, base: Path, kubeconfig: Path, port: int) -> subprocess.Popen[bytes]:
    """The operator as its own process, its output in `<name>.log`."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {
        "PYTHONPATH": str(base / name / "src")
    }
    flags = [
        f"--metrics-bind-address=127.0.0.1:{port}",
        f"--health-probe-bind-address=127.0.0.1:{free_port()}",
    ]
    command = [sys.executable, "-m", name, "--kubeconfig", str(kubeconfig), *flags]
    with (base / f"{name}.log").open("w") as log:
        return subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)


def run_one(entry: Entry, name: str, base: Path, server: Server, kubeconfig: Path) -> str:
    """One operator; returns what was seen. Raises RuntimeError where it did not reconcile."""
    folder = scaffold(entry, name, base)
    (path,) = [p for p in (folder / "config/crd/bases").glob("*.yaml") if p.name != "kustomization.yaml"]
    crd = read(path)
    create(server, CRDS, crd)
    sources = [p.read_text() for p in folder.glob("src/*/controller/*.py")]
    writes_status = "self.client.status(" in "".join(sources)
    sample = sample_of(folder)
    spaced = crd["spec"]["scope"] == "Namespaced"
    url = f"/apis/{sample['apiVersion']}{'/namespaces/default' if spaced else ''}/{crd['spec']['names']['plural']}"
    create(server, url, sample)
    port = free_port()
    operator = start(name, base, kubeconfig, port)
    try:
        wait_for(f"{name}: a successful reconcile", lambda: successes(port))
        if writes_status:
            status = wait_for(
                f"{name}: a status",
                lambda: server.call("GET", f"{url}/{sample['metadata']['name']}")[1].get("status"),
            )
            return f"status: {', '.join(sorted(status))}"
        return "reconciled; the skeleton writes no status for this kind"
    except RuntimeError as problem:
        raise RuntimeError(f"{problem}\n{(base / f'{name}.log').read_text()[-2000:]}") from problem
    finally:
        operator.send_signal(signal.SIGTERM)
        code = operator.wait(30)
        if code:
            print(f"{name}: exit code {code} after SIGTERM")
        server.call("DELETE", f"{CRDS}/{crd['metadata']['name']}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10)
    options = parser.parse_args()
    if "KUBEBUILDER_ASSETS" not in os.environ:
        sys.exit("KUBEBUILDER_ASSETS: set it to the folder with etcd and kube-apiserver")
    base = Path(tempfile.mkdtemp(prefix="opgen-run-"))
    good = 0
    chosen = choose(accepted(), options.count)
    with cluster() as server:
        for number, entry in enumerate(chosen):
            try:
                seen = run_one(entry, f"op{number:02d}", base, server, server.kubeconfig)
            except RuntimeError as problem:
                print(f"FAILED  {entry.path}: {problem}", flush=True)
                continue
            good += 1
            print(f"ok      {entry.path}: {seen}", flush=True)
    shutil.rmtree(base)
    print(f"{good} of {len(chosen)} operators reconciled their sample")
    return 0 if good == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
