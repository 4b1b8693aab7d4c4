"""opgen diff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from opgen.cli.options import BooleanCommand, boolean
from opgen.cli.run import as_data, print_json, printable, report

if TYPE_CHECKING:
    from opgen.commands.diff import Change, Difference

_COLORS = {"breaking": "red", "dangerous": "yellow", "safe": "green"}
_WORKFLOW = {"breaking": "error", "dangerous": "warning", "safe": "notice"}


@click.command("diff", cls=BooleanCommand, short_help="what an update of definitions breaks")
@click.argument("old", required=False, default="")
@click.argument("new", required=False, default="")
@click.option("--objects", multiple=True, help="File or folder of stored objects to try.  [repeatable]")
@boolean("--from-cluster", "OLD is the cluster of --context, and the one argument is NEW.", default=False)
@click.option("--context", default="", help="Context of the cluster that `cluster:` means; never guessed.")
@click.option("--kubeconfig", default="", help="Kubeconfig file.  [default: as kubectl finds it]")
@boolean("--all", "Show safe changes too.", default=False)
@boolean("--conventions", "Hold what is new to Kubernetes' API conventions, too.", default=False)
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "dangerous", "none"]),
    default="breaking",
    show_default=True,
    help="From which severity on to exit with 1.",
)
@click.option("--ignore", "ignored", multiple=True, help="Codes not to report (comma list).  [repeatable]")
@click.option("--group", default="", help="API group, where a schema doesn't say it.")
@click.option("--version", default="", help="Version, where a schema doesn't say it.")
@click.option("--kind", default="", help="Kind, where a schema doesn't say it.")
@click.option("--pointer", default="", help="JSON pointer to the schema in an OpenAPI document.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How to report.",
    show_default=True,
)
def command(
    old: str,
    new: str,
    objects: tuple[str, ...],
    from_cluster: bool,
    context: str,
    kubeconfig: str,
    all: bool,
    conventions: bool,
    fail_on: str,
    ignored: tuple[str, ...],
    group: str,
    version: str,
    kind: str,
    pointer: str,
    output: str,
) -> int:
    """Say what breaks between two states of definitions, one line a reason; exit 1 if anything does.

    OLD and NEW are files, folders, - for standard input, Git revisions (HEAD:config/crd, main:path), https://
    addresses, or `cluster:` with --context. In a project, NEW left out is the project as it is, and a plain
    revision (opgen diff HEAD) its CRDs there.
    """
    from opgen.commands.diff import DiffRequest, diff, unknown_codes
    from opgen.errors import InputError
    from opgen.schema import Given

    if from_cluster:
        if new:
            raise click.UsageError("--from-cluster is OLD, so that only NEW can be given")
        old, new = "cluster:", old
    if not old:
        raise click.UsageError("Missing argument 'OLD'.")
    if [old, new, *objects].count("-") > 1:
        raise click.UsageError("standard input can be read once only")
    uses_cluster = any(word.startswith("cluster:") for word in (old, new))
    if uses_cluster and not context:
        raise click.UsageError("`cluster:` needs --context: a cluster is never chosen in silence")
    codes = frozenset(code.strip() for words in ignored for code in words.split(",") if code.strip())
    if problems := unknown_codes(sorted(codes)):
        raise InputError(problems)
    given = Given(group=group, version=version, kind=kind, pointer=pointer)
    found = diff(DiffRequest(old, new, Path.cwd(), objects, context, kubeconfig, given, conventions))
    changes = [change for change in found.changes if change.reason.code not in codes]
    shown = [change for change in changes if all or str(change.reason.severity) != "safe"]
    match output:
        case "json":
            _print_as_json(found, changes)
        case "github":
            _print_as_annotations(found, shown)
        case _:
            _print_as_text(found, shown, changes)
    failing = {"breaking": ("breaking",), "dangerous": ("breaking", "dangerous"), "none": ()}[fail_on]
    return 1 if any(str(change.reason.severity) in failing for change in changes) else 0


def place(change: Change, *, named: bool) -> str:
    """Definition, versions and path, as far as they say something."""
    parts = [change.definition if named else "", ", ".join(change.versions), change.reason.path]
    return " ".join(part for part in parts if part)


def change_line(change: Change, *, named: bool) -> str:
    """One reason in one line."""
    reason = change.reason
    word = click.style(f"{reason.severity!s:9}", fg=_COLORS[str(reason.severity)], bold=True)
    where = place(change, named=named)
    return f"{word} {printable(f'{where}: {reason.text}' if where else reason.text)} [{reason.code}]"


def print_changes(changes: list[Change], *, named: bool) -> None:
    """A line each on standard output; what to do about them, once each, on standard error."""
    for change in changes:
        click.echo(change_line(change, named=named))
    hints: dict[str, list[str]] = {}
    for change in changes:
        if change.reason.hint:
            hints.setdefault(change.reason.hint, []).append(change.reason.code)
    for hint, codes in hints.items():
        click.echo(f"hint [{', '.join(dict.fromkeys(codes))}]: {printable(hint)}", err=True)


def _print_as_text(found: Difference, shown: list[Change], changes: list[Change]) -> None:
    report(found.diagnostics)
    print_changes(
        shown, named=len(found.compared) != 1 or any(c.definition not in found.compared for c in shown)
    )
    click.echo(_summary(found, changes), err=True)


def _summary(found: Difference, changes: list[Change]) -> str:
    counts = {word: sum(str(change.reason.severity) == word for change in changes) for word in _COLORS}
    definitions = len(found.compared)
    objects = f", {found.objects} object{'s' if found.objects != 1 else ''} tried" if found.objects else ""
    listed = ", ".join(f"{count} {word}" for word, count in counts.items())
    return f"{definitions} definition{'s' if definitions != 1 else ''} compared{objects}: {listed}"


def _print_as_json(found: Difference, changes: list[Change]) -> None:
    print_json(
        {
            "compared": list(found.compared),
            "objects": found.objects,
            "breaking": sum(str(change.reason.severity) == "breaking" for change in changes),
            "reasons": [as_json(change) for change in changes],
            "diagnostics": [as_data(diagnostic) for diagnostic in found.diagnostics],
        }
    )


def as_json(change: Change) -> dict[str, object]:
    """One reason; docs/diff.md describes it."""
    reason = change.reason
    return {
        "definition": change.definition,
        "kind": reason.kind,
        "severity": str(reason.severity),
        "code": reason.code,
        "versions": list(change.versions),
        "path": reason.path,
        "text": reason.text,
        "hint": reason.hint,
        "file": change.file,
        "line": change.line,
    }


def _print_as_annotations(found: Difference, shown: list[Change]) -> None:
    report(found.diagnostics)
    for change in shown:
        reason = change.reason
        properties = [("title", _property(f"{change.definition} [{reason.code}]"))]
        if change.file and "://" not in change.file and not change.file.startswith(("<", "cluster ")):
            properties.append(("file", _property(change.file)))
            if change.line:
                properties.append(("line", str(change.line)))
        where = place(change, named=False)
        text = f"{where}: {reason.text}" if where else reason.text
        text += f"\nhint: {reason.hint}" if reason.hint else ""
        listed = ",".join(f"{name}={value}" for name, value in properties)
        click.echo(f"::{_WORKFLOW[str(reason.severity)]} {listed}::{_data(text)}")
    click.echo(_summary(found, shown), err=True)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
