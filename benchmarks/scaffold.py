"""How long the scaffolding commands take, as ratios against `python -c pass` and against kubebuilder in one run.

    python benchmarks/scaffold.py [--runs 5] [--kubebuilder PATH | --no-go]

With Go installed and no path given, kubebuilder is built once into the cache folder. Commands of both sides take
turns, so that a change of the machine's speed meets both. Prints minimum, median and ratio; gates nothing.
"""

from __future__ import annotations

import argparse
import os
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


def call(command: list[str], cwd: Path) -> float:
    """Seconds of one run; a failure ends the benchmark."""
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=cwd, env=ENV, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
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


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--kubebuilder")
    parser.add_argument("--no-go", action="store_true")
    options = parser.parse_args()
    peer = kubebuilder(options.kubebuilder, options.no_go)
    base = Path(tempfile.mkdtemp(prefix="opgen-bench-"))
    bench = Bench(options.runs, base)
    nothing: dict[str, Callable[[], float]] = {
        "python -c pass": lambda: call([sys.executable, "-c", "pass"], base)
    }

    help_peer = {"kubebuilder": lambda: call([str(peer), "--help"], base)} if peer else {}
    bench.row("opgen --help", {"opgen": lambda: call(["opgen", "--help"], base), **nothing, **help_peer})

    def opgen_init() -> float:
        return call(
            ["opgen", "init", "--domain", "example.com", "--project-name", "memcached"], bench.fresh()
        )

    def go_init() -> float:
        flags = ["--domain", "example.com", "--repo", "example.com/memcached", "--fetch-deps=false"]
        return call([str(peer), "init", *flags], bench.fresh())

    bench.row("init", {"opgen": opgen_init, **nothing, **({"kubebuilder": go_init} if peer else {})})

    project = bench.fresh()
    call(["opgen", "init", "--domain", "example.com", "--project-name", "memcached"], project)
    schema = base / "memcached.yaml"
    schema.write_text(SCHEMA)

    def create() -> float:
        copy = base / f"c{bench.number}"
        bench.number += 1
        shutil.copytree(project, copy)
        return call(["opgen", "create", "api", "--schema", str(schema)], copy)

    def go_create() -> float:
        folder = bench.fresh()
        flags = ["--domain", "example.com", "--repo", "example.com/memcached", "--fetch-deps=false"]
        call([str(peer), "init", *flags], folder)
        words = [
            "--group",
            "cache",
            "--version",
            "v1",
            "--kind",
            "Memcached",
            "--resource",
            "--controller",
            "--make=false",
        ]
        return call([str(peer), "create", "api", *words], folder)

    bench.row(
        "create api (CRD and models included)",
        {"opgen": create, **nothing, **({"kubebuilder (no CRD)": go_create} if peer else {})},
    )

    call(["opgen", "create", "api", "--schema", str(schema)], project)
    call(["uv", "sync", "--quiet"], project)
    edited = project / "schemas" / "cache" / "memcached.v1.yaml"
    flip = [0]

    def regenerate() -> float:
        flip[0] += 1
        edited.write_text(SCHEMA.replace("maximum: 16", f"maximum: {16 + flip[0]}"))
        return call(["make", "manifests", "generate"], project)

    bench.row("make manifests generate after an edit", {"opgen": regenerate, **nothing})

    def everything() -> float:
        folder = bench.fresh()
        began = time.perf_counter()
        call(["opgen", "init", "--domain", "example.com", "--project-name", "memcached"], folder)
        call(["opgen", "create", "api", "--schema", str(schema)], folder)
        call(["uv", "sync", "--quiet"], folder)
        call(["make", "generate", "build", "lint", "test"], folder)
        return time.perf_counter() - began

    bench.row("init, api, generate, build, lint, test", {"opgen": everything, **nothing})
    shutil.rmtree(base)
    return 0


if __name__ == "__main__":
    sys.exit(main())
