"""Random schemas and objects with the answers of the server's own code, by `scripts/fidelity objects --record`."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from opgen.apiextensions import check_object, decode_schema, read_object
from opgen.apiextensions.errors import Omitted
from opgen.apiextensions.gotext import in_64_bits, plain_numbers, to_json
from opgen.ir.definition import Definition, Names, Scale, Version
from opgen.ir.schema import JSON

DATA = Path(__file__).parent / "data"


def _shown(value: JSON | Omitted) -> str:
    return "" if isinstance(value, Omitted) else to_json(value)


def _integer(text: str) -> int | float:
    return -0.0 if text == "-0" else int(text)  # as Go spells the float


def definition_of(case: Any) -> Definition:
    schema, error = decode_schema(case["schema"])
    assert schema is not None, error
    scale = Scale(*case["scale"].values()) if "scale" in case else None
    version = Version(name="v1", served=True, storage=True, schema=schema, scale=scale)
    names = Names(plural="widgets", kind="Widget")
    return Definition("widgets.example.com", "example.com", names, "Namespaced", (version,))


def same(case: Any) -> bool:
    """Whether the review says what the server said; it leaves the order of errors to chance."""
    definition, answer = definition_of(case), case["answer"]
    reading = read_object(definition, case["obj"])
    old = read_object(definition, case["old"]) if "old" in case else None
    error = reading.error or (old.error if old is not None else "")
    if error or "err" in answer:
        # Of several embedded resources that can't be read the server names any.
        return error == answer.get("err") or (
            "Invalid value" in error and "Invalid value" in answer.get("err", "")
        )
    before = None if old is None else old.obj
    errors, _ = check_object(definition, reading.obj, before, subresource=case.get("sub", ""))
    said = Counter((e.field, str(e.type), e.detail, _shown(e.value)) for e in errors)
    expected = Counter(
        (e["field"], e["type"], e["detail"], to_json(e["value"])) for e in answer.get("errors", ())
    )
    return (
        said == expected
        and sorted(reading.unknown) == sorted(answer.get("unknown", ()))
        and plain_numbers(reading.obj) == plain_numbers(in_64_bits(answer["stored"]))
    )


@pytest.mark.parametrize("name", ["random_creates", "random_updates"])
def test_reviews_as_the_server_does(name: str) -> None:
    """Each of 500 cases: the decoder's error, dropped fields, errors with texts and values, the stored form."""
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        cases = [json.loads(line, parse_int=_integer) for line in file]
    assert len(cases) > 450
    assert [case for case in cases if not same(case)] == []
