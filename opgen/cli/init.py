"""opgen init."""

from __future__ import annotations

from pathlib import Path

import click

from opgen.cli.options import BooleanCommand, boolean, dry_run, output_format


@click.command("init", cls=BooleanCommand, short_help="make a project")
@click.argument("folder", default=".", type=click.Path(path_type=Path))
@click.option("--domain", default="my.domain", show_default=True, help="Domain of the API groups.")
@click.option(
    "--project-name", default="", help="Name of the project.  [default: the folder's, in lower case]"
)
@click.option(
    "--license",
    "licence",
    default="apache2",
    show_default=True,
    metavar="[apache2|none]",
    help="Licence of the project's files.",
)
@click.option("--owner", default="", help="Who holds the copyright; stands on top of your Python files.")
@boolean("--multigroup", "Kinds of several API groups in one project.", default=False)
@boolean("--namespaced", "An operator that watches its own namespace only, with Roles.", default=False)
@click.option(
    "--runtime-source",
    default="",
    metavar="[index|vendor]",
    help="Where it gets opgen from: vendor puts wheels into it.  [default: as opgen itself was installed]",
)
@dry_run
@output_format
def command(
    folder: Path,
    domain: str,
    project_name: str,
    licence: str,
    owner: str,
    multigroup: bool,
    namespaced: bool,
    runtime_source: str,
    dry_run: bool,
    output: str,
) -> None:
    """Make a project in FOLDER that builds, tests and runs before any API exists."""
    from opgen.cli.outcome import report_outcome
    from opgen.commands.init import InitRequest, init

    request = InitRequest(
        folder=folder.absolute(),
        domain=domain,
        project_name=project_name,
        license=licence,
        owner=owner,
        multigroup=multigroup,
        namespaced=namespaced,
        runtime_source=runtime_source,
        write=not dry_run,
    )
    outcome = init(request)
    report_outcome(outcome, output, show_diff=dry_run)
    if output == "text" and not dry_run:
        for kept in outcome.plan.kept:
            click.echo(f"    keep  {kept}, which was here")
        click.echo("\nNext:")
        if folder != Path():
            click.echo(f"  cd {folder}")
        click.echo(
            "  opgen create api --group cache --version v1 --kind Memcached\n  uv sync\n  make lint test build"
        )
