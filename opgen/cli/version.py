"""opgen version."""

from __future__ import annotations

import click

from opgen.cli.options import output_format


@click.command("version", short_help="show the version")
@output_format
def command(output: str) -> None:
    """Show the version of opgen and what it runs on."""
    show(output)


def show(output: str) -> None:
    """Print it as `text` or `json`."""
    from dataclasses import asdict

    from opgen.cli.run import print_json
    from opgen.commands.version import version

    versions = version()
    if output == "json":
        print_json(asdict(versions))
    else:
        click.echo(f"opgen {versions.opgen} (Python {versions.python}, {versions.platform})")
