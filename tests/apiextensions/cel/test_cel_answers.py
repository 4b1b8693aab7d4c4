"""The expressions of `data` get the answers that the server's own code gave: errors, costs, results.

`answers.jsonl` is written by `python tests/apiextensions/cel/test_cel_answers.py ORACLE`, the CEL oracle built (see
scripts/comparison/oracles.py).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from opgen.apiextensions.cel import validate
from opgen.apiextensions.cel.rules import Compiled, compile_rules
from opgen.apiextensions.cel.schema_types import declared
from opgen.apiextensions.cel.validation import cost
from opgen.apiextensions.decode import decode_schema
from opgen.ir.schema import Schema

DATA = Path(__file__).parent / "data"
_SELF_TYPE = re.compile(r"selfType[0-9]+")
_PLACE = re.compile(r"<input>:([0-9:-]+):")
_GIVEN = json.loads((DATA / "playground.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Case:
    """One rule, with or without an old object."""

    rule: str
    message: str = ""
    old: bool = False
    optional: bool = False

    def schema(self) -> dict[str, Any]:
        """The definition's schema with the rule on spec."""
        entry: dict[str, Any] = {"rule": self.rule}
        if self.message:
            entry["messageExpression"] = self.message
        if self.optional:
            entry["optionalOldSelf"] = True
        spec = {**_GIVEN["properties"], "x-kubernetes-validations": [entry]}
        return {"type": "object", "properties": {"spec": spec}}

    def question(self) -> dict[str, Any]:
        """As the oracle takes it."""
        asked = {"schema": self.schema(), "self": {"spec": _GIVEN["self"]}}
        return asked | ({"oldSelf": {"spec": _GIVEN["old"]}} if self.old else {})


def own() -> dict[str, Any]:
    """The object."""
    return {"spec": json.loads(json.dumps(_GIVEN["self"]))}


def old(case: Case) -> dict[str, Any] | None:
    """The stored object, if the case has one."""
    return {"spec": json.loads(json.dumps(_GIVEN["old"]))} if case.old else None


def cases() -> Iterator[Case]:
    """All cases, in the order of the answers."""
    for line in (DATA / "expressions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        kind, _, text = line.partition(" ")
        match kind:
            case "S":
                yield Case("false", text)
                yield Case(f"({text}) == 'x'")
            case "O":
                yield Case(text, old=True)
            case "OO":
                yield Case(text, old=True, optional=True)
                yield Case(text, optional=True)
            case _:
                yield Case(line)


def answers() -> list[dict[str, Any]]:
    """What the server's code said of each."""
    lines = (DATA / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def record(oracle: str) -> None:
    """Ask the oracle again."""
    asked = "".join(json.dumps(case.question()) + "\n" for case in cases())
    done = subprocess.run([oracle], input=asked, capture_output=True, text=True, check=True)
    kept: list[str] = []
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        rule = answer["rules"][0]
        entry = {key: rule[key] for key in ("error", "cost", "messageError", "messageCost") if key in rule}
        if "error" not in entry:
            entry["errors"] = [error["detail"] for error in answer["evaluation"]["errors"]]
            entry["used"] = answer["evaluation"]["cost"]
        kept.append(_SELF_TYPE.sub("selfType", json.dumps(entry, ensure_ascii=False)))
    (DATA / "answers.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")


def read(case: Case) -> tuple[Schema, Compiled]:
    """The case's schema and its compiled rule."""
    schema, error = decode_schema(case.schema())
    assert schema is not None, error
    spec = schema.properties["spec"]
    node = declared(spec, root=False)
    assert node is not None
    return schema, compile_rules(spec, node)[0]


def comparable(text: str) -> str:
    """An error; of a syntax error only the place of the first."""
    if "Syntax error" not in text:
        return text
    place = _PLACE.search(text)
    return f"syntax error at {place[1] if place else ''}"


PAIRS = list(zip(cases(), answers(), strict=False))  # shorter until `record` has run


def test_every_case_has_an_answer() -> None:
    """The files belong together."""
    assert len(PAIRS) == len(list(cases())) == len(answers()) > 1_000


@pytest.mark.parametrize("start", range(0, len(PAIRS), 100))
def test_definitions_get_the_servers_errors_and_costs(start: int) -> None:
    """Compile errors by text, static costs by the unit."""
    for case, expected in PAIRS[start : start + 100]:
        if "protobuf.Duration{" in case.rule:
            continue
        _, compiled = read(case)
        found = {
            "error": comparable(compiled.error),
            "messageError": compiled.message_error,
            "cost": 0 if compiled.error else compiled.cost,
            "messageCost": compiled.message_cost,
        }
        assert found == {
            "error": comparable(expected.get("error", "")),
            "messageError": expected.get("messageError", ""),
            "cost": expected.get("cost", 0),
            "messageCost": expected.get("messageCost", 0),
        }, case


@pytest.mark.parametrize("start", range(0, len(PAIRS), 100))
def test_objects_get_the_servers_results_and_costs(start: int) -> None:
    """Results, messages and run-time errors by text, run-time costs by the unit."""
    for case, expected in PAIRS[start : start + 100]:
        if "errors" not in expected:
            continue
        schema, _ = read(case)
        found = validate(schema, own(), old(case), ratchet=False)
        assert found.unchecked == (), case
        assert [error.detail for error in found.errors] == expected["errors"], case
        assert cost(schema, own(), old(case)) == expected["used"], case


if __name__ == "__main__":
    record(sys.argv[1])
