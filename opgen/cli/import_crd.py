"""opgen import crd, opgen import update."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from opgen.cli.options import BooleanCommand, boolean, dry_run, output_format

if TYPE_CHECKING:
    from opgen.commands.importing import Imported, Update

_CONTEXT = click.option("--context", default="", help="Context of the cluster to read from; never guessed.")
_KUBECONFIG = click.option(
    "--kubeconfig", default="", help="Kubeconfig file.  [default: as kubectl finds it]"
)
_YES = boolean("--yes", "Take a newer version although it breaks something.", default=False)


@click.command("crd", cls=BooleanCommand, short_help="take in somebody else's kind")
@click.argument("source", metavar="FILE|URL|-|NAME")
@boolean("--from-cluster", "SOURCE is the name of a definition in the cluster of --context.", default=False)
@_CONTEXT
@_KUBECONFIG
@click.option("--kind", "kinds", multiple=True, help="Kind, where SOURCE holds several.  [repeatable]")
@click.option("--group", default="", help="API group, where SOURCE holds several.")
@click.option(
    "--version", "versions", multiple=True, help="Version to make models of.  [default: all that are served]"
)
@click.option("--sha256", default="", help="What SOURCE must have, or nothing is taken.")
@_YES
@dry_run
@output_format
def crd(
    source: str,
    from_cluster: bool,
    context: str,
    kubeconfig: str,
    kinds: tuple[str, ...],
    group: str,
    versions: tuple[str, ...],
    sha256: str,
    yes: bool,
    dry_run: bool,
    output: str,
) -> int:
    """Take somebody else's kind into the project: models, its CRD on the test servers, its place in RBAC.

    SOURCE is a file, an https:// address or -, each with one definition or more, or with --from-cluster the name
    of one (certificates.cert-manager.io). The CRD is kept in config/crd/external and never deployed from here.
    """
    from opgen.commands.importing import ImportRequest, import_crd

    if from_cluster and not context:
        raise click.UsageError("--from-cluster needs --context: a cluster is never chosen in silence")
    if context and not from_cluster:
        raise click.UsageError("--context goes with --from-cluster")
    imported = import_crd(
        ImportRequest(
            start=Path.cwd(),
            source=source,
            from_cluster=from_cluster,
            kinds=kinds,
            group=group,
            versions=tuple(dict.fromkeys(versions)),
            sha256=sha256,
            context=context,
            kubeconfig=kubeconfig,
            write=not dry_run,
            agree=_agree(yes, output),
        )
    )
    return _report(imported, output, show_diff=dry_run)


@click.command("update", cls=BooleanCommand, short_help="fetch what was imported again")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@boolean("--check", "Write nothing; exit with 1 where a source has changed.", default=False)
@_CONTEXT
@_KUBECONFIG
@_YES
@dry_run
@output_format
def update(
    names: tuple[str, ...],
    check: bool,
    context: str,
    kubeconfig: str,
    yes: bool,
    dry_run: bool,
    output: str,
) -> int:
    """Fetch imported kinds again, say what changed as `opgen diff` does, and take it in.

    NAMEs are kinds or names of definitions; without one, everything that was imported. What breaks something is
    taken only with --yes, or after a question on a terminal.
    """
    from opgen.commands.importing import UpdateRequest, import_update

    imported = import_update(
        UpdateRequest(
            start=Path.cwd(),
            names=names,
            context=context,
            kubeconfig=kubeconfig,
            write=not (check or dry_run),
            agree=_agree(yes, output),
        )
    )
    if check and output == "text" and imported.updates:
        _print_updates(imported.updates)
        click.echo("out of date: run `opgen import update`", err=True)
        return 1
    code = _report(imported, output, show_diff=dry_run)
    return 1 if check and imported.updates else code


def _agree(yes: bool, output: str) -> Callable[[Sequence[Update]], bool]:
    """Asks on a terminal alone, after showing what breaks."""

    def agree(updates: Sequence[Update]) -> bool:
        if yes:
            return True
        if output != "text" or not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        _print_updates(updates)
        return click.confirm("take it all the same?", err=True)

    return agree


def _print_updates(updates: Sequence[Update]) -> None:
    from opgen.cli.diff import print_changes

    for item in updates:
        what = "imported" if item.was is None else "restored" if item.restored else "changed"
        if not item.changed:
            what = "unchanged"
        click.echo(f"{item.kind.name} {what}: {item.kind.source} sha256:{item.kind.sha256}")
        if item.difference is not None:
            shown = [change for change in item.difference.changes if str(change.reason.severity) != "safe"]
            print_changes(shown, named=False)


def _report(imported: Imported, output: str, *, show_diff: bool) -> int:
    from opgen.cli.outcome import report_outcome

    if output == "json":
        _print_as_json(imported)
        return 1 if imported.refused else 0
    _print_updates(imported.updates)
    if imported.refused:
        from opgen.cli.run import report

        report(imported.outcome.diagnostics)
        click.echo("nothing was written: --yes takes what breaks", err=True)
        return 1
    changed = bool(imported.outcome.plan.changes)
    report_outcome(imported.outcome, output, show_diff=show_diff and changed)
    return 0


def _print_as_json(imported: Imported) -> None:
    from opgen.cli.diff import as_json
    from opgen.cli.run import as_data, print_json

    outcome = imported.outcome
    print_json(
        {
            "root": str(outcome.root),
            "applied": outcome.applied,
            "refused": imported.refused,
            "imports": [
                {
                    "name": item.kind.name,
                    "kind": item.kind.kind,
                    "source": item.kind.source,
                    "sha256": item.kind.sha256,
                    "new": item.was is None,
                    "reasons": [as_json(change) for change in item.difference.changes]
                    if item.difference is not None
                    else [],
                }
                for item in imported.updates
            ],
            "changes": [
                {"path": str(change.path), "action": str(change.action)} for change in outcome.plan.changes
            ],
            "diagnostics": [as_data(diagnostic) for diagnostic in outcome.diagnostics],
        }
    )
