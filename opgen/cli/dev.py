"""opgen dev."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from opgen.cli.options import BooleanCommand, boolean
from opgen.cli.signals import stop_on_signals


@click.command("dev", cls=BooleanCommand, short_help="run the operator on an embedded API server")
@boolean(
    "--server-only", "Serve the API and leave running the operator to you, a debugger say.", default=False
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of the API server.  [default: a free one]"
)
@click.argument("arguments", nargs=-1)
def command(server_only: bool, port: int, arguments: tuple[str, ...]) -> None:
    """Run the project's operator on an embedded API server with its CRDs and samples.

    It starts again when code or schemas change, and the objects stay. What follows -- goes to the operator.
    """
    from opgen.commands.dev import DevRequest, dev

    stop = stop_on_signals(signal.SIGHUP)
    dev(DevRequest(Path.cwd(), server_only, port, arguments), lambda line: click.echo(line, err=True), stop)
