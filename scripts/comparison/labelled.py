"""Definitions and objects of ../shared/corpus/labelled, which a real server has judged."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections import Counter
from functools import cache
from typing import Any

from corpus import CORPUS

from comparison.table import Tally
from opgen.apiextensions import decode, read_object, review_definition, review_object
from opgen.apiextensions.cel import review_schema
from opgen.apiextensions.complaints import aggregate
from opgen.apiextensions.errors import Verdict
from opgen.documents import load

LABELLED = CORPUS / "labelled"


def lines(name: str) -> list[Any]:
    """The rows of a gzipped file of JSON lines."""
    with gzip.open(LABELLED / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@cache
def files() -> dict[str, bytes]:
    """The public definitions, by `source/file`."""
    found = {}
    with tarfile.open(CORPUS / "crds.tar.gz") as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member)
            if content is not None:
                found["/".join(member.name.split("/")[-2:])] = content.read()
    return found


def public_definitions(tally: Tally, mode: str) -> None:
    """The public definitions: status and message as the server answered with that field validation."""
    for row in json.loads((LABELLED / "crds_verdicts.json").read_text(encoding="utf-8")):
        raw = load(files()[row["file"]], row["file"]).documents[row["doc"]].data
        verdict = review_definition(raw, field_validation=mode)
        status = 400 if verdict.decode else 201 if verdict.allowed else 422
        expected = row[mode.lower()]
        tally.note(f"verdict, {mode}", row["file"], (status, _told(verdict)), row, equal=status == expected)
        # the message is that of the lenient request where both were refused
        if row["strict"] == row["ignore"] or (mode == "Strict" and row["ignore"] == 201):
            equal = _says(row["message"], _told(verdict))
            tally.note(f"message, {mode}", row["file"], _told(verdict), row["message"], equal=equal)


def _told(verdict: Verdict) -> str:
    return verdict.decode or (aggregate(verdict.errors) if verdict.errors else "")


def _says(message: str, ours: str) -> bool:
    """The server's message begins as ours does; the values of whole structs in it are not compared."""
    _, found, detail = message.partition("is invalid: ")
    if not found:
        return not message or message.endswith(ours)
    return "Invalid value: [{" in detail or detail.startswith(ours[:40])


def definitions(tally: Tally, name: str) -> None:
    """`crd_mutations` or `validation_test`: verdicts, error sets by field and type, and with their texts."""
    for place, row in enumerate(lines(name)):
        verdict = review_definition(row["crd"], row.get("old"))
        actual = "decode" if verdict.decode else "valid" if verdict.allowed else "invalid"
        case = f"{name} {place} {row.get('op', '')}"
        tally.note(
            "verdicts", case, actual, row["verdict"], equal=actual == row["verdict"] and not verdict.unchecked
        )
        theirs = Counter((e["Field"], e["Type"], e["Detail"]) for e in row["errors"] or ())
        mine = Counter((e.field, str(e.type), e.detail) for e in verdict.errors)
        _sets(tally, case, mine, theirs)
        if row["decode"] or verdict.decode:
            equal = verdict.decode == (row["decode"] or "")
            tally.note("decoder's messages", case, verdict.decode, row["decode"], equal=equal)


def _sets(tally: Tally, case: str, mine: Counter[Any], theirs: Counter[Any]) -> None:
    if not (mine or theirs):
        return
    pairs = [Counter((field, kind) for field, kind, _ in found.elements()) for found in (mine, theirs)]
    tally.note("error sets", case, list(mine - theirs), list(theirs - mine), equal=pairs[0] == pairs[1])
    tally.note("error sets with texts", case, list(mine - theirs), list(theirs - mine), equal=mine == theirs)


def objects(tally: Tally) -> None:
    """`cr_generated`: verdicts, error sets, stored forms."""
    found = {}
    for row in lines("cr_generated.crds"):
        definition = decode(row["crd"], strict=False).definition
        assert definition is not None
        found[row["group"], row["kind"], row["version"]] = definition
    for place, row in enumerate(lines("cr_generated")):
        definition = found[row["group"], row["kind"], row["version"]]
        verdict = review_object(definition, row["cr"], version=row["version"], field_validation="Ignore")
        case = f"cr_generated {place} {row['kind']}"
        allowed = "valid" if verdict.allowed else "invalid"
        tally.note(
            "verdicts",
            case,
            allowed,
            row["verdict"],
            equal=allowed == row["verdict"] and not verdict.unchecked,
        )
        theirs = Counter((e["Field"], e["Type"], e["Detail"]) for e in row["errors"] or ())
        mine = Counter((e.field, str(e.type), e.detail) for e in verdict.errors)
        _sets(tally, case, mine, theirs)
        stored = read_object(definition, row["cr"]).obj
        tally.note("stored forms", case, stored, row["stored"], equal=stored == row["stored"])


def rules(tally: Tally) -> None:
    """The rules of public definitions: all compile, none costs too much, all can be run."""
    for name, content in files().items():
        if b"x-kubernetes-validations" not in content:
            continue
        for document in load(content, name).documents:
            definition = decode(document.data, strict=False).definition
            for version in () if definition is None else definition.versions:
                if version.schema is None:
                    continue
                found = review_schema(version.schema, name)
                wrong = [*(error.detail for error in found.errors), *found.unchecked]
                tally.note("versions' rules", f"{name} {version.name}", wrong, [], equal=not wrong)
