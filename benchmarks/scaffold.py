"""How long the scaffolding commands take, as ratios against `python -c pass` and against kubebuilder in one run.

    python benchmarks/scaffold.py [--runs 5] [--cpu] [--kubebuilder PATH | --no-go]

With Go installed and no path given, kubebuilder is built once into the cache folder. Commands of both sides take
turns, so that a change of the machine's speed meets both. Prints minimum, median and ratio; gates nothing. With
`--cpu` seconds of the processors are counted, the children's too: on a busy machine these say more than a clock.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# As a user has it: bytecode is kept, no foreign environment.
ENV = {
    k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "PYTHONPATH")
}
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "opgen" / "bench"
SCHEMA = """\
group: cache.example.com
kind: Memcached
versions:
- name: v1
  spec:
    size: {type: integer, minimum: 1, maximum: 16, default: 1}
    image: string!
    config: map<string>
  status:
    conditions: list<meta/v1.Condition>
    observedGeneration: int64
"""


def used() -> float:
    """Seconds of the processors that the commands so far have taken."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


CLOCK = used if "--cpu" in sys.argv else time.perf_counter


def call(command: list[str], cwd: Path) -> float:
    """Seconds of one run; a failure ends the benchmark."""
    began = CLOCK()
    done = subprocess.run(
        command, cwd=cwd, env=ENV, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    seconds = CLOCK() - began
    if done.returncode:
        sys.exit(f"$ {' '.join(command)}\n{done.stdout}{done.stderr}")
    return seconds


def kubebuilder(path: str | None, no_go: bool) -> str | None:
    """The kubebuilder to measure against, or None."""
    if path or no_go or not shutil.which("go"):
        return path
    binary = CACHE / "kubebuilder"
    if not binary.exists():
        module = CACHE / "module"
        module.mkdir(parents=True, exist_ok=True)
        if not (module / "go.mod").exists():
            call(["go", "mod", "init", "bench"], module)
        call(["go", "get", "-tool", "sigs.k8s.io/kubebuilder/v4@v4.15.0"], module)
        call(["go", "build", "-o", str(binary), "sigs.k8s.io/kubebuilder/v4"], module)
    return str(binary)


class Bench:
    """Runs rows of a table; each row's commands take turns."""

    def __init__(self, runs: int, base: Path) -> None:
        self.runs, self.base = runs, base
        self.number = 0

    def fresh(self) -> Path:
        self.number += 1
        folder = self.base / f"n{self.number}"
        folder.mkdir()
        return folder

    def row(self, name: str, sides: dict[str, Callable[[], float]]) -> dict[str, float]:
        times: dict[str, list[float]] = {side: [] for side in sides}
        for _ in range(self.runs):
            for side, measure in sides.items():
                times[side].append(measure())
        medians = {side: statistics.median(values) for side, values in times.items()}
        first = medians["opgen"]
        parts = [f"opgen {first:.3f} s (min {min(times['opgen']):.3f})"]
        parts += [
            f"{side} {m:.3f} s, ratio {first / m:.2f}" for side, m in medians.items() if side != "opgen"
        ]
        print(f"{name:42} {'; '.join(parts)}", flush=True)
        return medians


class Commands:
    """The measured commands of both sides; each returns the seconds of one run."""

    def __init__(self, bench: Bench, peer: str | None) -> None:
        self.bench, self.peer = bench, peer
        self.schema = bench.base / "memcached.yaml"
        self.schema.write_text(SCHEMA)
        self.project = bench.fresh()
        self.init(self.project)
        self.flips = 0

    def nothing(self) -> float:
        return call([sys.executable, "-c", "pass"], self.bench.base)

    def init(self, folder: Path) -> float:
        return call(["opgen", "init", "--domain", "example.com", "--project-name", "memcached"], folder)

    def create(self, folder: Path) -> float:
        return call(["opgen", "create", "api", "--schema", str(self.schema)], folder)

    def create_in_a_copy(self) -> float:
        copy = self.bench.base / f"c{self.bench.number}"
        self.bench.number += 1
        shutil.copytree(self.project, copy)
        return self.create(copy)

    def go_init(self, folder: Path) -> float:
        flags = ["--domain", "example.com", "--repo", "example.com/memcached", "--fetch-deps=false"]
        return call([str(self.peer), "init", *flags], folder)

    def go_create(self) -> float:
        folder = self.bench.fresh()
        self.go_init(folder)
        words = ["--group", "cache", "--version", "v1", "--kind", "Memcached"]
        return call(
            [str(self.peer), "create", "api", *words, "--resource", "--controller", "--make=false"], folder
        )

    def regenerate(self) -> float:
        """After an edit of the schema that changes CRD and models."""
        self.flips += 1
        edited = self.project / "schemas" / "cache" / "memcached.v1.yaml"
        edited.write_text(SCHEMA.replace("maximum: 16", f"maximum: {16 + self.flips}"))
        return call(["make", "manifests", "generate"], self.project)

    def everything(self) -> float:
        folder = self.bench.fresh()
        began = CLOCK()
        self.init(folder)
        self.create(folder)
        call(["uv", "sync", "--quiet"], folder)
        call(["make", "generate", "build", "lint", "test"], folder)
        return CLOCK() - began


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--kubebuilder")
    parser.add_argument("--no-go", action="store_true")
    parser.add_argument("--cpu", action="store_true", help="count the processors' time")
    options = parser.parse_args()
    peer = kubebuilder(options.kubebuilder, options.no_go)
    base = Path(tempfile.mkdtemp(prefix="opgen-bench-"))
    bench = Bench(options.runs, base)
    run = Commands(bench, peer)

    def row(name: str, ours: Callable[[], float], theirs: dict[str, Callable[[], float]]) -> None:
        sides = {"opgen": ours, "python -c pass": run.nothing}
        bench.row(name, {**sides, **(theirs if peer else {})})

    row("opgen --help", lambda: call(["opgen", "--help"], base),
        {"kubebuilder": lambda: call([str(peer), "--help"], base)})  # fmt: skip
    row("init", lambda: run.init(bench.fresh()), {"kubebuilder": lambda: run.go_init(bench.fresh())})
    go_create = {"kubebuilder (no CRD)": run.go_create}
    row("create api (CRD and models included)", run.create_in_a_copy, go_create)
    run.create(run.project)
    call(["uv", "sync", "--quiet"], run.project)
    row("make manifests generate after an edit", run.regenerate, {})
    row("init, api, generate, build, lint, test", run.everything, {})
    shutil.rmtree(base)
    return 0


if __name__ == "__main__":
    sys.exit(main())
