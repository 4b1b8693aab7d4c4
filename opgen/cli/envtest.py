"""opgen envtest install, path and list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opgen.cli.options import BooleanCommand, boolean, output_format
from opgen.cli.run import print_json

if TYPE_CHECKING:
    from opgen.controlplane.assets import Installed

index_url = click.option(
    "--index-url",
    envvar="OPGEN_ENVTEST_INDEX_URL",
    metavar="URL",
    help="Index of archives, of a mirror say.  [default: the official one]",
)
full = boolean("--full", "With controllers, scheduler and simulated nodes (kwok).", default=False)


@click.command("install", cls=BooleanCommand, short_help="install a version, and print its folder")
@click.argument("version", default="", required=False)
@boolean("--build", "Build it with this machine's Go, from a Go module proxy.", default=False)
@full
@boolean("--force", "Also where it is installed already.", default=False)
@index_url
@output_format
def install(version: str, build: bool, full: bool, force: bool, index_url: str | None, output: str) -> None:
    """Install etcd, kube-apiserver and kubectl for tests, and print the folder for KUBEBUILDER_ASSETS.

    VERSION is whole (1.36.1), a prefix (1.36) or latest; without it, the one that opgen's own API server is compared
    with. Versions stay side by side. An archive is checked against its SHA-512 before anything of it is used.
    """
    from opgen.commands.envtest import InstallRequest
    from opgen.commands.envtest import install as run
    from opgen.controlplane import releases, versions

    request = InstallRequest(version or versions.DEFAULT, build, full, index_url or releases.INDEX, force)
    _show(run(request, lambda line: click.echo(line, err=True)), output)


@click.command("path", cls=BooleanCommand, short_help="print the folder of an installed version")
@click.argument("version", default="", required=False)
@full
@output_format
def path(version: str, full: bool, output: str) -> None:
    """Print the folder of the newest installed version that VERSION describes.

    export KUBEBUILDER_ASSETS="$(opgen envtest path)"
    """
    from opgen.commands.envtest import path as run

    _show(run(version, full=full), output)


@click.command("list", cls=BooleanCommand, short_help="list versions")
@boolean("--available", "Those of the index instead of the installed ones.", default=False)
@index_url
@output_format
def list_versions(available: bool, index_url: str | None, output: str) -> None:
    """List the versions that are installed, newest first."""
    from opgen.commands import envtest
    from opgen.controlplane import releases

    if available:
        offered = [str(version) for version in envtest.available(index_url or releases.INDEX)]
        if output == "json":
            print_json(offered)
        else:
            for version in offered:
                click.echo(version)
        return
    there = envtest.installed()
    if output == "json":
        print_json([_data(one) for one in there])
        return
    for one in there:
        click.echo(f"{one.version!s:<10} {'full' if one.full else 'api ':<5} {one.folder}")
    if not there:
        click.echo("none is installed: opgen envtest install", err=True)


def _show(found: Installed, output: str) -> None:
    if output == "json":
        print_json(_data(found))
    else:
        click.echo(found.folder)


def _data(one: Installed) -> dict[str, object]:
    return {"version": str(one.version), "path": str(one.folder), "full": one.full}
