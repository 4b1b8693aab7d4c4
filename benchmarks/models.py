"""How long models take to be written, imported and used, over the corpus of real CRDs.

    python benchmarks/models.py [--peer]

Each module is imported in a process of its own, on top of opgen_runtime.objects, from bytecode. `--peer` runs
datamodel-codegen (which has to be on the PATH) over the same schemas, taking turns. Prints the best of some
rounds, which a busy machine disturbs least; gates nothing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from opgen_runtime import json as runtime_json
from opgen_runtime.kinds.core_v1 import Pod

from opgen import coretypes
from opgen.apiextensions import decode, encode_schema
from opgen.documents import load
from opgen.emit.models import models
from opgen.ir.definition import Definition

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

IMPORT = """
import sys, time
import opgen_runtime.objects
sys.path.insert(0, sys.argv[1])
began = time.perf_counter()
__import__(sys.argv[2])
print(time.perf_counter() - began)
"""
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web-1",
        "namespace": "default",
        "resourceVersion": "12345",
        "labels": {f"label{number}": "value" for number in range(6)},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "u"}],
    },
    "spec": {
        "containers": [
            {
                "name": f"c{number}",
                "image": "nginx:1",
                "ports": [{"containerPort": 80, "protocol": "TCP"}],
                "env": [{"name": f"E{other}", "value": "v"} for other in range(5)],
                "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m"}},
                "volumeMounts": [{"name": "v", "mountPath": "/x"}],
            }
            for number in range(2)
        ],
        "volumes": [{"name": "v", "emptyDir": {}}],
    },
    "status": {
        "phase": "Running",
        "conditions": [{"type": kind, "status": "True"} for kind in ("Ready", "Initialized", "PodScheduled")],
    },
}


def best(call: Callable[[], object], rounds: int, calls: int = 1) -> float:
    """Seconds of one call, in the fastest round."""
    found = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(calls):
            call()
        found = min(found, (time.perf_counter() - began) / calls)
    return found


def definitions() -> list[Definition]:
    """The corpus as the readers hand it on: built-in types recognised."""
    from corpus import accepted

    found = []
    for entry in accepted():
        for document in load(entry.content, entry.path).documents:
            definition = decode(document.data).definition
            if definition is not None:
                versions = tuple(
                    replace(version, schema=version.schema and coretypes.recognise(version.schema))
                    for version in definition.versions
                )
                found.append(replace(definition, versions=versions))
    return found


def quantiles(label: str, seconds: list[float], unit: str = "ms") -> None:
    ordered = sorted(1000 * value for value in seconds)
    p50, p90 = statistics.median(ordered), ordered[int(0.9 * len(ordered))]
    print(f"{label:<44} p50 {p50:8.2f}  p90 {p90:8.2f}  max {ordered[-1]:8.2f} {unit}")


def written(found: list[Definition], folder: Path) -> list[str]:
    """Writes all modules and prints how long that takes."""
    quantiles("models of one CRD", [best(partial(models, definition), 3) for definition in found])
    names = []
    for number, definition in enumerate(found):
        for module in models(definition):
            names.append(f"m{number}_{module.version.replace('-', '_')}")
            (folder / f"{names[-1]}.py").write_text(module.source, encoding="utf-8")
    return names


def imported(names: list[str], folder: Path) -> None:
    def once(name: str) -> float:
        done = subprocess.run(
            [sys.executable, "-c", IMPORT, str(folder), name], capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    subprocess.run([sys.executable, "-m", "compileall", "-q", str(folder)], check=True)
    quantiles("import of one module beyond objects", [once(name) for name in names])


def used() -> None:
    raw = json.dumps(POD).encode()
    pod = Pod.from_json(raw)
    calls: dict[str, Callable[[], object]] = {
        "JSON alone": lambda: runtime_json.loads(raw),
        "from_json": lambda: Pod.from_json(raw),
        "from_dict": lambda: Pod.from_dict(POD),
        "to_dict": pod.to_dict,
        "to_json": pod.to_json,
    }
    for label, call in calls.items():
        print(f"a Pod of {len(raw)} bytes, {label:<26} {1e6 * best(call, 30, 200):8.1f} µs")


def peer(found: list[Definition], folder: Path) -> None:
    """datamodel-codegen on every tenth schema, and the ratio to ours on the same ones."""
    command = shutil.which("datamodel-codegen")
    if command is None:
        sys.exit("datamodel-codegen is not on the PATH")
    ours, theirs = [], []
    for definition in found[::10]:
        schema = definition.versions[0].schema
        if schema is None:
            continue
        (folder / "schema.json").write_text(json.dumps(encode_schema(schema)), encoding="utf-8")
        arguments = ["--input", "schema.json", "--input-file-type", "jsonschema", "--output", "peer.py"]
        ours.append(best(partial(models, definition), 3) / len(definition.versions))
        began = time.perf_counter()
        subprocess.run([command, *arguments], cwd=folder, check=True, capture_output=True)
        theirs.append(time.perf_counter() - began)
    quantiles("datamodel-codegen, one schema", theirs)
    print(f"{statistics.median(theirs) / statistics.median(ours):.0f} × ours")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--peer", action="store_true", help="run datamodel-codegen too")
    arguments = parser.parse_args()
    found = definitions()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        names = written(found, folder)
        imported(names, folder)
        used()
        if arguments.peer:
            peer(found, folder)


if __name__ == "__main__":
    main()
