"""opgen testserver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from opgen.cli.options import output_format
from opgen.cli.run import as_data, print_json, report
from opgen.cli.signals import stop_on_signals

if TYPE_CHECKING:
    from opgen.commands.testserver import Ready

_LEVELS = ("Metadata", "Request", "RequestResponse")


@click.command("testserver", short_help="a Kubernetes API on a port, for any client")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port on loopback.  [default: a free one]"
)
@click.option("--crd", "crds", multiple=True, metavar="PATH", help="Definitions to install.  [repeatable]")
@click.option(
    "--manifests",
    multiple=True,
    metavar="PATH",
    help="Objects to begin with: files or folders.  [repeatable]",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the objects in this folder, and begin with what it holds.",
)
@click.option(
    "--kubeconfig",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the kubeconfig.  [default: into --data, or a temporary folder]",
)
@click.option("--audit-log", default="", metavar="FILE|-", help="Log every request, a line of JSON each.")
@click.option(
    "--audit-level",
    type=click.Choice(_LEVELS, case_sensitive=False),
    default="Metadata",
    show_default=True,
    help="How much of a request is logged; what Secrets hold never is.",
)
@click.option(
    "--workloads",
    is_flag=True,
    help="Run Deployments, StatefulSets, DaemonSets and Jobs: they get Pods, which become ready or succeed.",
)
@output_format
def command(
    port: int,
    crds: tuple[str, ...],
    manifests: tuple[str, ...],
    data: Path | None,
    kubeconfig: Path | None,
    audit_log: str,
    audit_level: str,
    workloads: bool,
    output: str,
) -> None:
    """Serve a Kubernetes API from this process, on loopback, until it is interrupted.

    It prints the line that kubectl and other clients need; with --format json, one object on standard output as soon
    as requests are answered. Nothing but opgen is needed: no cluster, no containers.
    """
    from opgen.apiserver.audit import Level
    from opgen.commands.testserver import ServeRequest, serve

    stop = stop_on_signals()
    level = next(one for one in Level if one.lower() == audit_level.lower())
    request = ServeRequest(port, crds, manifests, data, kubeconfig, audit_log, level, workloads)
    serve(request, lambda ready: _show(ready, output), stop)


def _show(ready: Ready, output: str) -> None:
    if output == "json":
        print_json(
            {
                "url": ready.url,
                "token": ready.token,
                "kubeconfig": str(ready.kubeconfig),
                "restored": ready.restored,
                "diagnostics": [as_data(diagnostic) for diagnostic in ready.diagnostics],
            }
        )
        return
    report(ready.diagnostics)
    click.echo(
        f"API server at {ready.url}{' with the objects of before' if ready.restored else ''}", err=True
    )
    click.echo(f"export KUBECONFIG={ready.kubeconfig}", err=True)
