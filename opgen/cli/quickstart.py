"""opgen quickstart."""

from __future__ import annotations

from pathlib import Path

import click

from opgen.cli.options import BooleanCommand


@click.command(
    "quickstart", cls=BooleanCommand, short_help="see it all once, from schema to running operator"
)
@click.argument("folder", default="memcached-operator", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Make an example operator in FOLDER, test it, and run it until its sample's status is set."""
    from opgen.commands.quickstart import QuickstartRequest, quickstart

    click.echo(quickstart(QuickstartRequest(folder.absolute()), click.echo), nl=False)
