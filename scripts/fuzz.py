"""Hostile input into every entry: each must end soon, within bounds, with an answer or an error of opgen's own.

    python scripts/fuzz.py [--minutes N] [--seed SEED] [--entry NAME...] [--keep FOLDER]

Inputs run in child processes with limits on memory and time of the CPU. What crashes, hangs or exhausts one is
printed with its case (`--case` runs one again) and kept in `--keep`. Exit 1 if there was any.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from comparison.hostile import Hostile

from opgen.apiextensions import decode, encode, lint, review_definition, review_object
from opgen.apiserver import ApiServer, Request
from opgen.commands.compile import CompileRequest, compile_schemas
from opgen.commands.validate import ValidateRequest, validate
from opgen.documents import load
from opgen.errors import OpgenError

SECONDS = 20
MEMORY = 3 * 2**30
_BATCH = 6


def definitions(hostile: Hostile, folder: Path) -> None:
    """A definition, judged, linted, written."""
    raw = hostile.definition()
    verdict = review_definition(raw)
    decoded = decode(raw).definition
    if decoded is not None:
        lint(decoded)
        encode(decoded)
        review_definition(raw, raw if not verdict.decode else None)


def objects(hostile: Hostile, folder: Path) -> None:
    """An object, created and updated."""
    raw = hostile.definition() if hostile.chance(0.5) else hostile.makers.definition(0)
    definition = decode(raw).definition
    if definition is not None and review_definition(raw).allowed:
        old, obj = hostile.obj(raw), hostile.obj(raw)
        review_object(definition, obj)
        review_object(definition, obj, old, field_validation="Ignore")


def documents(hostile: Hostile, folder: Path) -> None:
    """A file, read."""
    load(hostile.text(), "x.yaml")


def compiles(hostile: Hostile, folder: Path) -> None:
    """A file, compiled: models, samples, reference and all."""
    path = folder / "schema.yaml"
    path.write_bytes(hostile.text())
    compile_schemas(CompileRequest((str(path),)))


def validates(hostile: Hostile, folder: Path) -> None:
    """A file of definitions and objects, validated."""
    path = folder / "all.yaml"
    path.write_bytes(hostile.text())
    validate(ValidateRequest((str(path),), folder))


def requests(hostile: Hostile, folder: Path) -> None:
    """Bodies into the API server in the process."""
    asyncio.run(_requests(hostile))


async def _requests(hostile: Hostile) -> None:
    server = ApiServer()
    raw = hostile.makers.definition(0)
    bodies = [hostile.text() for _ in range(2)]
    paths = [
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "/api/v1/namespaces/default/configmaps",
        "/apis/apps/v1/namespaces/default/deployments", "/api/v1/namespaces/default/pods/x",
        f"/apis/{raw['spec']['group']}/v1/namespaces/default/{raw['spec']['names']['plural']}",
    ]  # fmt: skip
    types = [
        "application/json", "application/yaml", "application/merge-patch+json", "application/json-patch+json",
        "application/strategic-merge-patch+json", "application/apply-patch+yaml",
        "application/vnd.kubernetes.protobuf", "x",
    ]  # fmt: skip
    for body in bodies:
        method = hostile.pick(["POST", "PUT", "PATCH", "DELETE"])
        request = Request(
            method, hostile.pick(paths), (("fieldManager", "f"),), {"content-type": hostile.pick(types)}, body
        )
        response = await server.handle(request)
        if response.status >= 500:
            raise AssertionError(f"{method} {request.path} {request.headers}: {response.body[:300]!r}")


ENTRIES: dict[str, Callable[[Hostile, Path], None]] = {
    "definitions": definitions,
    "objects": objects,
    "documents": documents,
    "compile": compiles,
    "validate": validates,
    "requests": requests,
}


class Slow(BaseException):
    """An input has used up its time."""


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise Slow


def tried(entry: str, case: str) -> str:
    """What one input came to, "" where it was answered."""
    with tempfile.TemporaryDirectory() as folder:
        signal.signal(signal.SIGPROF, _too_slow)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            ENTRIES[entry](Hostile(random.Random(f"{entry} {case}")), Path(folder))
        except OpgenError:
            return ""
        except Slow:
            return f"more than {SECONDS} s of the CPU\n{traceback.format_exc(limit=-12)}"
        except MemoryError:
            return f"more than {MEMORY >> 20} MiB\n{traceback.format_exc(limit=-8)}"
        except Exception:  # noqa: BLE001 -- whatever it is, it is what is looked for
            return traceback.format_exc(limit=-12)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return ""


def batch(cases: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Run inputs in one child: entry, case and what went wrong of each that did."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        with os.fdopen(writer, "w") as told:
            for entry, case in cases:
                print("begins", file=told, flush=True)
                wrong = tried(entry, case)
                print(repr(wrong), file=told, flush=True)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        lines = told.read().splitlines()
    _, status = os.waitpid(child, 0)
    answers: list[Any] = [line for line in lines if line != "begins"]
    found = [(*case, str(eval(answer))) for case, answer in zip(cases, answers, strict=False)]
    if len(answers) < len(cases):
        found.append((*cases[len(answers)], f"the process ended: {status}"))
        found += batch(cases[len(answers) + 1 :]) if cases[len(answers) + 1 :] else []
    return [entry for entry in found if entry[2]]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--entry", action="append", choices=sorted(ENTRIES))
    parser.add_argument("--case", help="run this case of --entry again, in this process")
    args = parser.parse_args()
    entries = args.entry or list(ENTRIES)
    if args.case:
        print(tried(entries[0], args.case) or "answered")
        return 0
    print(f"seed {args.seed}", flush=True)
    ends, number, wrong = time.monotonic() + 60 * args.minutes, 0, 0
    counts: Counter[str] = Counter()
    while time.monotonic() < ends:
        cases = [(entries[n % len(entries)], f"{args.seed}-{n}") for n in range(number, number + _BATCH)]
        number += _BATCH
        counts.update(entry for entry, _ in cases)
        for entry, case, what in batch(cases):
            wrong += 1
            print(f"{entry} --case {case}\n{what}", flush=True)
    print(*(f"{entry}: {count} inputs" for entry, count in counts.items()), f"{wrong} went wrong", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
