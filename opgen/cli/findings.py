"""How `opgen validate` reports: text, JSON, GitHub annotations. docs/validate.md describes the JSON: it is stable."""

from __future__ import annotations

from pathlib import Path

import click

from opgen.cli.run import level_word, print_json, printable
from opgen.commands.manifests import STDIN
from opgen.commands.validate import Outcome, Problem, Validated
from opgen.errors import Level

_WORKFLOW = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def print_as_text(validated: Validated) -> None:
    """A line for each problem on standard error, then the counts."""
    for problem in validated.problems:
        found = problem.diagnostic
        where = f"{found.file}:{found.line}" if found.file and found.line else found.file
        place = " ".join(part for part in (where, problem.object, found.path) if part)
        code = f" [{found.code}]" if found.code else ""
        click.echo(f"{level_word(found.level)} {printable(f'{place}: {found.message}')}{code}", err=True)
        if problem.source:
            click.echo(f"  from: {printable(problem.source)}", err=True)
        if found.hint:
            click.echo(f"  hint: {printable(found.hint)}", err=True)
    click.echo(_summary(validated), err=True)


def _summary(validated: Validated) -> str:
    total = len(validated.judgements)
    files = f"{validated.files} file{'s' if validated.files != 1 else ''}"
    counts = [f"{validated.count(outcome)} {outcome}" for outcome in (Outcome.ACCEPTED, Outcome.REFUSED)]
    if skipped := validated.count(Outcome.SKIPPED):
        counts.append(f"{skipped} not judged")
    if validated.skipped:
        counts.append(f"{validated.skipped} other documents left out")
    return f"{total} object{'s' if total != 1 else ''} in {files}: {', '.join(counts)}"


def print_as_annotations(validated: Validated) -> None:
    """GitHub's workflow commands on standard output, which it shows beside the lines of a pull request."""
    for problem in validated.problems:
        found = problem.diagnostic
        properties = {
            "file": "" if found.file == STDIN else _relative(found.file),
            "line": str(found.line) if found.line and found.file != STDIN else "",
            "title": " ".join(part for part in (problem.object, found.code) if part),
        }
        shown = ",".join(f"{name}={_property(text)}" for name, text in properties.items() if text)
        text = f"{found.path}: {found.message}" if found.path else found.message
        text = f"{text}\nhint: {found.hint}" if found.hint else text
        click.echo(f"::{_WORKFLOW[found.level]}{' ' if shown else ''}{shown}::{_data(text)}")
    click.echo(_summary(validated), err=True)


def _relative(file: str) -> str:
    """The file from the current folder, as GitHub wants it, where it lies below."""
    path = Path(file)
    return (
        str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else file
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def print_as_json(validated: Validated, *, stored: bool = False) -> None:
    """One document on standard output."""
    objects = []
    for judgement in validated.judgements:
        manifest = judgement.manifest
        file, line = manifest.origins.locate(())
        shown: dict[str, object] = {
            "file": file,
            "line": line,
            "source": manifest.source,
            "apiVersion": manifest.api_version,
            "kind": manifest.kind,
            "namespace": manifest.namespace,
            "name": manifest.name,
            "verdict": str(judgement.outcome),
            "problems": [_problem(problem) for problem in judgement.problems],
        }
        if stored:
            shown["stored"] = judgement.stored
        objects.append(shown)
    print_json(
        {
            "accepted": validated.accepted,
            "files": validated.files,
            "counts": {str(outcome): validated.count(outcome) for outcome in Outcome},
            "leftOut": validated.skipped,
            "problems": [_problem(problem) for problem in validated.file_problems],
            "objects": objects,
        }
    )


def _problem(problem: Problem) -> dict[str, object]:
    found = problem.diagnostic
    return {
        "level": str(found.level),
        "file": found.file,
        "line": found.line,
        "field": found.path,
        "type": problem.type,
        "message": found.message,
        "hint": found.hint,
        "code": found.code,
    }
