"""Every valid object of the corpus through the generated models, as dicts and as JSON: none refused, none changed.

    python scripts/round_trip.py [--python 3.11 --python 3.13]

Reads the objects of `labelled/cr_generated`, as given and as stored, and the projects' own of `crs.tar.gz` that their
definitions take. Each goes through models with classes of their own and through models that share the built-in
types. With `--python` it runs in the environment that `scripts/setup` makes for that version, one after the other.
Exit 1 where anything is refused or changed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import subprocess
import sys
import tarfile
import types
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from corpus import CORPUS
from opgen_runtime.objects import DecodeError, Resource

from opgen import coretypes
from opgen.apiextensions import decode, review_object
from opgen.documents import load
from opgen.emit.models import models
from opgen.ir.definition import Definition

ROOT = Path(__file__).resolve().parents[1]
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Case:
    """One object, the definition and version that it belongs to, and which part of the corpus it is from."""

    part: str
    definition: Definition
    version: str
    obj: dict[str, Any]


def generated() -> Iterator[Case]:
    """The objects that a real server was asked about, and took."""
    definitions = {}
    for row in lines("cr_generated.crds.jsonl.gz"):
        definition = decode(row["crd"], strict=False).definition
        assert definition is not None
        definitions[row["group"], row["kind"], row["version"]] = definition
    for row in lines("cr_generated.jsonl.gz"):
        if row["verdict"] == "valid":
            definition = definitions[row["group"], row["kind"], row["version"]]
            for form, part in (("cr", "generated"), ("stored", "generated, as stored")):
                yield Case(part, definition, row["version"], row[form])


def lines(name: str) -> Iterator[Any]:
    with gzip.open(CORPUS / "labelled" / name, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def real() -> Iterator[Case]:
    """The projects' own manifests that their own definitions take."""
    found = {}
    for raw in documents("crds"):
        definition = decode(raw, strict=False).definition
        if definition is not None:
            for version in definition.versions:
                found[f"{definition.group}/{version.name}", definition.names.kind] = definition
    for obj in documents("crs"):
        if not isinstance(obj, dict):
            continue
        api = str(obj.get("apiVersion", ""))
        definition = found.get((api, str(obj.get("kind", ""))))
        if definition is not None and review_object(definition, obj, field_validation="Ignore").allowed:
            yield Case("real", definition, api.rpartition("/")[2], obj)


def documents(name: str) -> Iterator[Any]:
    with tarfile.open(CORPUS / f"{name}.tar.gz") as packed:
        for member in packed:
            stream = packed.extractfile(member) if member.name.endswith((".yaml", ".yml")) else None
            if stream is not None:
                yield from (document.data for document in load(stream.read(), member.name).documents)


@cache
def kinds(definition_id: int, version: str, shared: bool) -> type[Resource]:
    """The kind's class, from the module that is written for it."""
    definition = DEFINITIONS[definition_id]
    if shared:
        versions = tuple(
            replace(one, schema=one.schema and coretypes.recognise(one.schema)) for one in definition.versions
        )
        definition = replace(definition, versions=versions)
    for written in models(definition):
        if written.version == version:
            module = types.ModuleType(f"{written.module_name}_{definition_id}_{version}_{shared}")
            sys.modules[module.__name__] = module
            exec(compile(written.source, module.__name__, "exec"), module.__dict__)
            kind: type[Resource] = getattr(module, written.class_name)
            return kind
    raise LookupError(version)


DEFINITIONS: dict[int, Definition] = {}


def forget() -> None:
    """Let go of all definitions and modules that were tried."""
    kinds.cache_clear()
    DEFINITIONS.clear()


def tried(case: Case, *, shared: bool) -> str:
    """ "" for an object that comes out as it went in, else what became of it."""
    DEFINITIONS[id(case.definition)] = case.definition
    kind = kinds(id(case.definition), case.version, shared)
    text = json.dumps(case.obj)
    try:
        from_dict, from_json = kind.from_dict(case.obj), kind.from_json(text)
    except DecodeError as err:
        return f"refused: {err}"
    outputs = (
        from_dict.to_dict(),
        json.loads(from_dict.to_json()),
        from_json.to_dict(),
        json.loads(from_json.to_json()),
    )
    for output in outputs:
        if not same(output, case.obj):
            return "changed"
    return "" if json.dumps(case.obj) == text else "changed: the data that were handed over"


def same(left: Any, right: Any) -> bool:
    """Whether JSON data are the same; an integral float is the integer that the server stores for it."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) or isinstance(right, float):
        return type(left) is not bool and type(right) is not bool and left == right
    return type(left) is type(right) and left == right


def measured() -> int:
    """Prints the table for the interpreter at hand."""
    counts: Counter[tuple[str, str]] = Counter()
    kinds_met: dict[str, set[int]] = {}
    wrong = []
    for case in (*generated(), *real()):
        counts[case.part, "objects"] += 1
        kinds_met.setdefault(case.part, set()).add(id(case.definition))
        for shared in (False, True):
            became = tried(case, shared=shared)
            if became:
                counts[case.part, became.partition(":")[0]] += 1
                wrong.append(f"{case.definition.names.kind} ({case.part}): {became}")
    print(f"Python {platform.python_version()}")
    print(f"{'':24} {'kinds':>6} {'objects':>8} {'refused':>8} {'changed':>8}")
    for part, met in kinds_met.items():
        figures = (counts[part, what] for what in ("objects", "refused", "changed"))
        print(f"{part:24} {len(met):>6} {' '.join(f'{figure:>8}' for figure in figures)}", flush=True)
    print(*wrong[:SHOWN], sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", action="append", default=[], help="a version to run in, again for each")
    options = parser.parse_args()
    if not CORPUS.is_dir():
        sys.exit("the corpus is not there: it belongs beside the checkout, in ../shared")
    if not options.python:
        return measured()
    worst = 0
    for version in options.python:
        made = subprocess.run(
            [ROOT / "scripts" / "setup", version], stdout=subprocess.PIPE, text=True, check=True
        )
        python = Path(made.stdout.strip()) / "bin" / "python"
        worst = max(worst, subprocess.run([python, __file__], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
