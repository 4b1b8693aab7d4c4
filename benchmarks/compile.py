"""How long compiling takes, side by side with datamodel-code-generator, and a review beside a live server's answer.

    python benchmarks/compile.py [--every N] [--no-peer] [--no-live | --kubeconfig FILE]

Both compilers read every schema of the corpus in turn, each in a process of its own that has imported what it needs,
and each the best of a few times; what counts is time of the CPU, which another process's load lengthens least.
datamodel-code-generator writes models and nothing else, and is installed into a folder that is thrown away: it is
compared with `opgen compile --only models`, from a file to text with the verdict and the lints, and with the making of
the text alone; the definition, which it doesn't write, is in a row beside. The live server is that of
KUBEBUILDER_ASSETS. Exits 1 where a figure falls short.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from opgen.apiextensions import cel, decode, encode_schema, read_object, review_object
from opgen.documents import load
from opgen.ir.definition import Definition
from opgen.ir.schema import Schema

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

PEER = "datamodel-code-generator"
TIMES = 4
FACTORS = (1, 4, 16, 64)
IMPORT = """
import sys, time
import opgen_runtime.objects
sys.path.insert(0, sys.argv[1])
began = time.process_time()
__import__(sys.argv[2])
print(time.process_time() - began)
"""
OURS = """
import json, resource, sys, time
from opgen.apiextensions import decode
from opgen.commands.compile import CompileRequest, compile_schemas
from opgen.documents import load
from opgen.emit.models import models
for line in sys.stdin:
    asked = json.loads(line)
    if "only" not in asked:  # what the peer does: from data to the text of models
        raw = load(open(asked["file"], "rb").read(), "x").documents[0].data
        began = time.process_time()
        models(decode(raw).definition)
        print(json.dumps({"seconds": time.process_time() - began}), flush=True)
        continue
    began = time.process_time()
    made = compile_schemas(CompileRequest((asked["file"],), only=frozenset(asked["only"])))
    took = time.process_time() - began
    if "out" in asked:
        for artifact in made.artifacts:
            path = str(artifact.path)
            if path.endswith(".py") and not path.endswith("__init__.py"):
                with open(asked["out"] + "/" + path.replace("/", "_").replace("-", "_"), "wb") as file:
                    file.write(artifact.content)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": took, "rss": peak / 1024}), flush=True)
"""
THEIRS = """
import json, resource, sys, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
from datamodel_code_generator import DataModelType, InputFileType, generate
for line in sys.stdin:
    asked = json.loads(line)
    took = 0.0
    for number, schema in enumerate(asked["schemas"]):
        began = time.process_time()
        generate(
            json.dumps(schema), input_file_type=InputFileType.JsonSchema, output=Path(asked["out"]) / "peer.py",
            output_model_type=DataModelType.PydanticV2BaseModel,
        )
        took += time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": took, "rss": peak / 1024}), flush=True)
"""


class Worker:
    """A compiler in a process of its own: one question a line, one answer a line."""

    def __init__(self, python: str, code: str) -> None:
        self._process = subprocess.Popen(
            [python, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, question: dict[str, Any]) -> dict[str, float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, float] = json.loads(self._process.stdout.readline())
        return answer

    def best(self, question: dict[str, Any]) -> dict[str, float]:
        """The quickest of a few answers."""
        return min((self.ask(question) for _ in range(TIMES)), key=lambda answer: answer["seconds"])

    def close(self) -> None:
        self._process.communicate()


class Figures:
    """What was measured, and whether it is what is asked for."""

    def __init__(self) -> None:
        self.short = False

    def quantiles(self, label: str, seconds: Sequence[float], unit: str = "ms") -> tuple[float, float]:
        ordered = sorted(seconds)
        p50, p90 = statistics.median(ordered), ordered[int(0.9 * len(ordered))]
        scale = 1e6 if unit == "µs" else 1e3
        print(
            f"{label:<48} p50 {scale * p50:9.2f}  p90 {scale * p90:9.2f}  max {scale * ordered[-1]:9.2f} {unit}",
            flush=True,
        )
        return p50, p90

    def asked(self, label: str, value: float, least: float = 0.0, most: float = float("inf")) -> None:
        good = least <= value <= most
        self.short |= not good
        bound = f"at least {least:g}" if least else f"at most {most:g}"
        print(f"{label:<48} {value:9.2f}  ({bound}){'' if good else '  SHORT'}", flush=True)


def corpus(folder: Path, every: int) -> Iterator[tuple[Path, list[Any]]]:
    """Each definition that a server takes as a file, and its versions' schemas."""
    from corpus import accepted

    for number, entry in enumerate(accepted()[::every]):
        for place, document in enumerate(load(entry.content, entry.path).documents):
            definition = decode(document.data).definition
            if definition is None:
                continue
            path = folder / f"{number}-{place}.yaml"
            path.write_text(yaml.dump(document.data, Dumper=yaml.CSafeDumper), encoding="utf-8")
            schemas = [encode_schema(version.schema) for version in definition.versions if version.schema]
            yield path, schemas


def peers_python(folder: Path) -> str:
    """The interpreter of a new environment with datamodel-code-generator in it."""
    uv = str(ROOT / "scripts" / "uv")
    venv = folder / "peer"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)], check=True)
    environment = {**os.environ, "VIRTUAL_ENV": str(venv)}
    subprocess.run([uv, "pip", "install", "--quiet", PEER], check=True, env=environment)
    return str(venv / "bin" / "python")


def compiled(figures: Figures, folder: Path, every: int, peer: bool) -> Path:
    """Both compilers over the corpus; the folder of our modules."""
    ours = Worker(sys.executable, OURS)
    theirs = Worker(peers_python(folder), THEIRS) if peer else None
    out = folder / "models"
    out.mkdir()
    models, both, whole, alone, others, ratios = [], [], [], [], [], []
    peak = peers_peak = 0.0
    for number, (path, schemas) in enumerate(list(corpus(folder, every))):
        if not number:  # what is imported late is imported
            ours.ask({"file": str(path), "only": ["crd", "models", "schemas", "docs"]})
            if theirs is not None:
                theirs.ask({"schemas": schemas[:1], "out": str(folder)})
        answer = ours.best({"file": str(path), "only": ["crd", "models"], "out": str(out)})
        both.append(answer["seconds"])
        models.append(ours.best({"file": str(path), "only": ["models"]})["seconds"])
        alone.append(ours.best({"file": str(path)})["seconds"])
        whole.append(ours.ask({"file": str(path), "only": ["crd", "models", "schemas", "docs"]})["seconds"])
        peak = answer["rss"]
        if theirs is not None:
            told = theirs.best({"schemas": schemas, "out": str(folder)})
            others.append(told["seconds"])
            ratios.append(told["seconds"] / models[-1])
            peers_peak = told["rss"]
    ours.close()
    alone50, alone90 = figures.quantiles("opgen's models alone, from data, as its peer's", alone)
    p50, p90 = figures.quantiles("opgen compile, models of one definition", models)
    both50, both90 = figures.quantiles("opgen compile, CRD and models", both)
    figures.quantiles("opgen compile, with JSON Schema and reference", whole)
    print(f"{'memory of the process after all of them':<48} {peak:9.0f} MiB")
    if theirs is not None:
        theirs.close()
        peer50, peer90 = figures.quantiles("datamodel-code-generator, models", others)
        print(f"{'memory of its process':<48} {peers_peak:9.0f} MiB")
        figures.asked("models alone, times faster at p50", peer50 / alone50, least=20)
        figures.asked("models alone, times faster at p90", peer90 / alone90, least=20)
        figures.asked("compile to models, times faster at p50", peer50 / p50, least=20)
        figures.asked("compile to models, times faster at p90", peer90 / p90, least=20)
        label = "with the CRD, which its peer doesn't write"
        print(f"{label:<48} p50 {peer50 / both50:9.1f}  p90 {peer90 / both90:9.1f}")
        slowest = sorted(ratios)[len(ratios) // 10]
        print(f"{'times faster in nine of ten definitions':<48} {slowest:9.1f}")
    return out


def imported(figures: Figures, folder: Path) -> None:
    """Import of each generated module beyond the base, from bytecode, each time in a process of its own."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(folder)], check=True)
    names = sorted(path.stem for path in folder.glob("*.py"))
    seconds = [
        float(
            subprocess.run(
                [sys.executable, "-c", IMPORT, str(folder), name], stdout=subprocess.PIPE, check=True
            ).stdout
        )
        for name in names
    ]
    p50, _ = figures.quantiles(f"import of one of {len(names)} modules beyond the base", seconds)
    figures.asked("import, p50, ms", 1000 * p50, most=20)


def linear(figures: Figures, folder: Path) -> None:
    """A schema 4, 16 and 64 times as large takes no more than as many times as long (half as much again)."""
    from corpus import accepted

    entry = next(
        entry for entry in accepted() if entry.path == "cert-manager/certificates.cert-manager.io.yaml"
    )
    raw: Any = load(entry.content, entry.path).documents[0].data
    version = raw["spec"]["versions"][0]
    version.pop("selectableFields", None)
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    ours = Worker(sys.executable, OURS)
    took = []
    for factor in FACTORS:
        parts = {f"part{number}": {**spec, "description": f"Part {number}."} for number in range(factor)}
        version["schema"]["openAPIV3Schema"]["properties"]["spec"] = {"type": "object", "properties": parts}
        path = folder / f"large{factor}.yaml"
        path.write_text(yaml.dump(raw, Dumper=yaml.CSafeDumper), encoding="utf-8")
        question = {"file": str(path), "only": ["crd", "models"]}
        took.append(ours.best(question)["seconds"])
        print(f"{f'a schema {factor} times as large':<48} {1000 * took[-1]:9.1f} ms", flush=True)
    ours.close()
    figures.asked("64 times as large, per part against 4 times", took[-1] / took[1] / 16, most=1.5)


def reviewed(figures: Figures, kubeconfig: Path | None, count: int = 300) -> None:
    """Reviews of objects, and the server's answers to dry runs of the same, in turn."""
    from comparison import live
    from comparison.labelled import lines

    found: dict[tuple[str, str, str], Definition] = {}
    raws = {}
    for row in lines("cr_generated.crds"):
        key = row["group"], row["kind"], row["version"]
        definition = decode(row["crd"], strict=False).definition
        assert definition is not None
        found[key], raws[key] = definition, row["crd"]
    keys = list(found)[:20]
    rows = [row for row in lines("cr_generated") if (row["group"], row["kind"], row["version"]) in keys][
        :count
    ]
    with nullcontext(live.from_kubeconfig(kubeconfig)) if kubeconfig else live.started() as server:
        for key in keys:
            server.ask("POST", f"{live.DEFINITIONS}?fieldValidation=Ignore", raws[key])
        time.sleep(4)
        ours, theirs = [], []
        for row in rows:
            definition = found[row["group"], row["kind"], row["version"]]
            space = "namespaces/default/" if definition.namespaced else ""
            path = f"/apis/{row['group']}/{row['version']}/{space}{definition.names.plural}"
            path = f"{path}?dryRun=All&fieldValidation=Ignore"
            ours.append(timed(partial(review_object, definition, row["cr"], field_validation="Ignore")))
            theirs.append(timed(partial(server.ask, "POST", path, row["cr"])))
        for key in keys:
            server.ask("DELETE", f"{live.DEFINITIONS}/{raws[key]['metadata']['name']}")
    p50, _ = figures.quantiles("review_object", ours)
    live50, _ = figures.quantiles("a dry run on the live server", theirs)
    figures.asked("times faster than the live server at p50", live50 / p50, least=5)


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def rules(figures: Figures) -> None:
    """One rule on one object of the corpus."""
    from comparison.labelled import lines

    found = {}
    for row in lines("cr_generated.crds"):
        definition = decode(row["crd"], strict=False).definition
        assert definition is not None
        found[row["group"], row["kind"], row["version"]] = definition
    seconds = []
    for row in lines("cr_generated"):
        definition = found[row["group"], row["kind"], row["version"]]
        version = definition.version(row["version"])
        if row["verdict"] != "valid" or version is None or version.schema is None:
            continue
        count = met(version.schema, row["stored"])
        if count:
            obj, schema = read_object(definition, row["cr"]).obj, version.schema
            run = partial(cel.validate, schema, obj, None)
            run()
            seconds.append(min(timed(run) for _ in range(3)) / count)
    p50, _ = figures.quantiles("a validation rule on an object", seconds, "µs")
    figures.asked("a rule, p50, µs", 1e6 * p50, most=50)


def met(schema: Schema, value: Any) -> int:
    """How many rules a value meets."""
    count = len(schema.x_validations) if value is not None else 0
    if isinstance(value, dict):
        rest = schema.additional_properties
        for key, item in value.items():
            below = schema.properties.get(key) or (rest if isinstance(rest, Schema) else None)
            count += met(below, item) if below is not None else 0
    if isinstance(value, list) and schema.items is not None:
        count += sum(met(schema.items, item) for item in value)
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--every", type=int, default=1, help="compile every Nth definition")
    parser.add_argument("--no-peer", action="store_true", help="leave datamodel-code-generator out")
    parser.add_argument("--no-live", action="store_true", help="leave the live server out")
    parser.add_argument("--kubeconfig", type=Path, help="a running server, with a token")
    args = parser.parse_args()
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="opgen-compile-") as temporary:
        folder = Path(temporary)
        modules = compiled(figures, folder, args.every, not args.no_peer)
        imported(figures, modules)
        linear(figures, folder)
        rules(figures)
        if not args.no_live:
            reviewed(figures, args.kubeconfig)
    return 1 if figures.short else 0


if __name__ == "__main__":
    sys.exit(main())
