"""Compares the review of random objects with the API server's own code, without a server: hundreds a second.

What a running server is asked by `random_kinds` goes through more of it; this reaches more cases, values of the
errors included.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comparison.oracles import ask
from comparison.structural import Schemas
from comparison.table import Tally
from comparison.values import Values
from opgen.apiextensions import check_object, decode_schema, encode_schema, read_object
from opgen.apiextensions.defaulting import with_stored_defaults
from opgen.apiextensions.gotext import in_64_bits, plain_numbers, to_json
from opgen.ir.definition import Definition, Names, Scale, Version

Raw = dict[str, Any]
_SCALE = {"SpecReplicasPath": ".spec.a", "StatusReplicasPath": ".status.b", "LabelSelectorPath": ".status.c"}
_BATCH = 500


def cases(seed: int, count: int) -> Iterator[Raw]:
    """Questions to the oracle: creates and updates in turn."""
    for index in range(count):
        yield _case(random.Random(f"{seed}-{index}"), update=index % 2 == 1)


def _case(rng: random.Random, *, update: bool) -> Raw:
    makers, values = Schemas(rng), Values(rng)
    schema = _stored(makers.root())
    metadata: Raw = {"name": "x", "namespace": "d"} | ({"resourceVersion": "1", "uid": "u"} if update else {})
    head = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": metadata}
    wild = rng.choice([0, 0, 0.02, 0.1, 0.3])
    case: Raw = {"schema": schema, "obj": head | values.resource(schema, wild)}
    if rng.random() < 0.2:
        case["scale"] = _SCALE
    if update:
        case["old"] = case["obj"]
        fields = {key: value for key, value in case["obj"].items() if key not in head}
        changed = values.changed(fields, schema, wild)
        case["obj"] = (changed if isinstance(changed, dict) else {}) | head
        if "status" in schema["properties"] and rng.random() < 0.4:
            case["sub"] = "status"
    return case


def _stored(schema: Raw) -> Raw:
    """The schema as a stored definition has it, defaults and all."""
    decoded, _ = decode_schema(plain_numbers(schema))
    return schema if decoded is None else encode_schema(with_stored_defaults(decoded))


def definition_of(case: Raw) -> Definition | None:
    """The kind that the oracle takes a case for."""
    schema, _ = decode_schema(case["schema"])
    if schema is None:
        return None
    scale = Scale(*case["scale"].values()) if "scale" in case else None
    version = Version(name="v1", served=True, storage=True, schema=schema, scale=scale)
    names = Names(plural="widgets", kind="Widget")
    return Definition("widgets.example.com", "example.com", names, "Namespaced", (version,))


def told(case: Raw) -> Raw | None:
    """What opgen says, in the oracle's form; None if it takes the schema for none."""
    definition = definition_of(case)
    if definition is None:
        return None
    reading = read_object(definition, case["obj"])
    old = read_object(definition, case["old"]) if "old" in case else None
    error = reading.error or (old.error if old is not None else "")
    if error:
        return {"err": error}
    before = None if old is None else old.obj
    errors, _ = check_object(definition, reading.obj, before, subresource=case.get("sub", ""))
    found = [
        {"field": e.field, "type": str(e.type), "detail": e.detail, "value": _sorted(e.value)} for e in errors
    ]
    return {"unknown": list(reading.unknown), "errors": found, "stored": reading.obj}


def _sorted(value: Any) -> Any:
    """A value whose structs are maps, as the oracle's are once they are read."""
    return json.loads(json.dumps(value)) if isinstance(value, dict | list) else value


def comparable(answer: Raw) -> Raw:
    """An answer without what the server leaves to chance: the order of errors, and which embedded resource that
    can't be read it comes upon first."""
    err = answer.get("err", "")
    return {
        "err": "Invalid value" if "Invalid value" in err else err,
        "unknown": sorted(answer.get("unknown", [])),
        "errors": sorted(map(to_json, answer.get("errors", []))),
        "stored": in_64_bits(plain_numbers(answer.get("stored", {}))),
    }


def compare(tally: Tally, oracle: str, seed: int, count: int) -> list[Raw]:
    """Ask the oracle about all cases and note what differs; the cases with its answers."""
    kept = []
    waiting = list(cases(seed, count))
    for start in range(0, count, _BATCH):
        batch = waiting[start : start + _BATCH]
        for case, theirs in zip(batch, ask(oracle, batch), strict=True):
            if theirs.get("schema") or theirs.get("problem"):
                continue  # no structural schema
            kept.append({**case, "answer": theirs})
            mine = told(case)
            left, right = comparable(mine or {"err": "no schema"}), comparable(theirs)
            for what in ("err", "unknown", "errors", "stored"):
                tally.note(_NAMES[what], case, left[what], right[what], equal=left[what] == right[what])
    return kept


_NAMES = {
    "err": "decoder's errors",
    "unknown": "unknown fields",
    "errors": "errors, texts and values",
    "stored": "stored forms",
}


def record(cases_: list[Raw], path: Path) -> None:
    """Write cases with the server's answers, for a test that needs no Go."""
    text = "".join(json.dumps(case, separators=(",", ":")) + "\n" for case in cases_)
    with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        packed.write(text.encode())
