"""opgen generate."""

from __future__ import annotations

from pathlib import Path

import click

from opgen.cli.options import BooleanCommand, Size, boolean, dry_run, output_format


@click.command("generate", cls=BooleanCommand, short_help="write everything generated again")
@boolean("--check", "Write nothing; exit with 1 and a diff where something is out of date.", default=False)
@click.option(
    "--size-budget",
    type=Size(),
    help="Fail where a CRD has more bytes, such as 200KiB.  [default: a kind's own in PROJECT, else warn over 256KiB]",
)
@dry_run
@output_format
def command(check: bool, size_budget: int | None, dry_run: bool, output: str) -> int:
    """Write everything that is generated again, from schemas/, PROJECT and the code."""
    from opgen.cli.outcome import report_outcome
    from opgen.commands.generate import GenerateRequest, generate

    outcome = generate(GenerateRequest(Path.cwd(), write=not (check or dry_run), size_budget=size_budget))
    pending = bool(outcome.plan.changes)
    report_outcome(outcome, output, show_diff=pending and (check or dry_run))
    if check and pending and output == "text":
        click.echo("out of date: run `opgen generate`", err=True)
    return 1 if check and pending else 0
