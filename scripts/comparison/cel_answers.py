"""Compares opgen's CEL with what the API server's own code says of rules, schemas and objects."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from comparison.oracles import ask
from comparison.table import Tally
from opgen.apiextensions.cel import validate
from opgen.apiextensions.cel.review import occurrences
from opgen.apiextensions.cel.rules import Compiled, compile_rules
from opgen.apiextensions.cel.schema_types import cardinality, declared
from opgen.apiextensions.cel.validation import cost
from opgen.apiextensions.decode import decode_schema
from opgen.ir.schema import Schema

BATCH = 500
_SELF_TYPE = re.compile(r"selfType[0-9]+")
_PLACE = re.compile(r"ERROR: <input>:(-?[0-9]+:[0-9]+): (Syntax error)?")


def compare(tally: Tally, oracle: str, cases: Iterable[dict[str, Any]]) -> None:
    """Ask the oracle about all cases and note what differs."""
    waiting = list(cases)
    for start in range(0, len(waiting), BATCH):
        batch = waiting[start : start + BATCH]
        for case, answer in zip(batch, ask(oracle, batch), strict=True):
            schema, _ = decode_schema(case["schema"])
            if answer.get("problem") or schema is None:
                continue
            _rules(tally, schema, answer)
            _run(tally, schema, case, answer)


def walk(schema: Schema, path: str, count: int | None, *, root: bool) -> Iterator[tuple[str, Compiled, int]]:
    """Each rule with its path and cardinality, in the oracle's order."""
    if schema.x_validations:
        node = declared(schema, root=root or schema.x_embedded_resource)
        if node is not None:
            for compiled in compile_rules(schema, node):
                yield path, compiled, cardinality(node) if count is None else count
    factor = occurrences(schema)
    below = None if factor is None or count is None else min(factor * count, 2**64 - 1)
    for name in sorted(schema.properties):
        yield from walk(schema.properties[name], f"{path}.{name}", below, root=False)
    if schema.items is not None:
        yield from walk(schema.items, f"{path}[*]", below, root=False)
    if isinstance(schema.additional_properties, Schema):
        yield from walk(schema.additional_properties, f"{path}{{*}}", below, root=False)


def _rules(tally: Tally, schema: Schema, answer: dict[str, Any]) -> None:
    """Compile errors, static costs and cardinalities."""
    for (_, compiled, count), theirs in zip(walk(schema, "self", 1, root=True), answer["rules"], strict=True):
        rule = compiled.rule.rule
        if compiled.unchecked:
            tally.note("errors", rule, compiled.unchecked, theirs, equal=False)
            continue
        error = theirs.get("error", "")
        tally.note("errors", rule, compiled.error, plain(error), equal=same_error(compiled.error, error))
        if not error and not compiled.error:
            tally.note(
                "static cost", rule, compiled.cost, theirs["cost"], equal=compiled.cost == theirs["cost"]
            )
            tally.note(
                "cardinality", rule, count, theirs["cardinality"], equal=count == theirs["cardinality"]
            )
            old = theirs.get("usesOldSelf", False)
            tally.note("oldSelf", rule, compiled.uses_old, old, equal=compiled.uses_old == old)
        if not error and not compiled.error and compiled.rule.message_expression:
            message = theirs.get("messageError", "")
            equal = same_error(compiled.message_error, message) and (
                message != "" or compiled.message_cost == theirs.get("messageCost", 0)
            )
            mine = (compiled.message_error, compiled.message_cost)
            told = (plain(message), theirs.get("messageCost", 0))
            tally.note("messages", compiled.rule.message_expression, mine, told, equal=equal)


def _run(tally: Tally, schema: Schema, case: dict[str, Any], answer: dict[str, Any]) -> None:
    """Errors and the cost of a run."""
    evaluation = answer.get("evaluation")
    if evaluation is None:
        return
    own, old = whole(case["self"]), whole(case.get("oldSelf"))
    found = validate(schema, own, old, ratchet=False)
    rules = json.dumps(case, ensure_ascii=False)
    if found.unchecked:
        tally.note("results", rules, found.unchecked, "", equal=False)
        return
    mine = Counter((e.field, e.type.value, comparable(e.detail)) for e in found.errors)
    theirs = Counter((e["field"], e["type"], comparable(e["detail"])) for e in evaluation["errors"])
    if tally.note("results", rules, list(mine - theirs), list(theirs - mine), equal=mine == theirs):
        used = cost(schema, own, old)
        tally.note("run-time cost", rules, used, evaluation["cost"], equal=used == evaluation["cost"])


def whole(value: Any) -> Any:
    """Whole floats as integers, as the server's decoder has them."""
    if isinstance(value, float) and value == int(value) and abs(value) < 2**63:
        return int(value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    return {k: whole(v) for k, v in value.items()} if isinstance(value, dict) else value


def plain(text: str) -> str:
    """An error without the random number in the name of `self`'s type."""
    return _SELF_TYPE.sub("selfType", text)


def same_error(mine: str, theirs: str) -> bool:
    """Type errors by their text, syntax errors by the place of the first."""
    mine, theirs = plain(mine), plain(theirs)
    if "Syntax error" not in theirs:
        return mine == theirs
    one, other = _PLACE.search(mine), _PLACE.search(theirs)
    return one is not None and other is not None and one[1] == other[1]


def comparable(detail: str) -> str:
    """A result's text; of a syntax error only its place."""
    if "Syntax error" in detail:
        place = _PLACE.search(detail)
        return f"syntax error at {place[1] if place else ''}"
    return plain(detail)
