"""Reports what a command wrote, or would write."""

from __future__ import annotations

import click

from opgen.cli.run import as_data, print_json, report
from opgen.commands.workspace import Outcome
from opgen.workspace.plan import Action, diff

_SHOWN = 12


def report_outcome(outcome: Outcome, output: str, *, verb: str = "", show_diff: bool = False) -> None:
    """Diagnostics and notes go to standard error, what changed to standard output."""
    changes = outcome.plan.changes
    if output == "json":
        print_json(
            {
                "root": str(outcome.root),
                "applied": outcome.applied,
                "changes": [{"path": str(change.path), "action": str(change.action)} for change in changes],
                "kept": [str(path) for path in outcome.plan.kept],
                "diagnostics": [as_data(diagnostic) for diagnostic in outcome.diagnostics],
                "notes": list(outcome.notes),
            }
        )
        return
    for note in outcome.notes:
        click.echo(f"note: {note}", err=True)
    report(outcome.diagnostics)
    if show_diff:
        click.echo(diff(outcome.plan), nl=False)
        return
    if not changes:
        click.echo(verb or "up to date")
        return
    for change in changes[: None if len(changes) <= _SHOWN else _SHOWN - 2]:
        click.echo(f"{change.action:>8}  {change.path}")
    if len(changes) > _SHOWN:
        click.echo(f"     ...  and {len(changes) - _SHOWN + 2} more")
    counts = [(sum(1 for change in changes if change.action is action), action) for action in Action]
    click.echo(", ".join(f"{count} {action}d" for count, action in counts if count))
