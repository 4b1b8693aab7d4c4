"""opgen compile."""

from __future__ import annotations

from pathlib import Path

import click

from opgen.cli.options import (
    BooleanCommand,
    boolean,
    dry_run,
    ignore_lints,
    lint_codes,
    output_format,
    size_budget,
)

_PARTS = {"crd": "crd", "crds": "crd"} | {name: name for name in ("models", "samples", "schemas", "docs")}


@click.command("compile", cls=BooleanCommand, short_help="schemas to CRDs, models, samples, docs")
@click.argument("schemas", nargs=-1, required=True)
@click.option(
    "-o", "--output", "folder", required=True, type=click.Path(path_type=Path), help="Folder to write to."
)
@click.option(
    "--only",
    default="",
    metavar="PART,...",
    help="Of crd, models, samples, schemas and docs.  [default: all]",
)
@click.option("--group", default="", help="API group, where a schema doesn't say it.")
@click.option("--version", default="", help="Version, where a schema doesn't say it.")
@click.option("--kind", default="", help="Kind, where a schema doesn't say it.")
@click.option("--plural", default="", help="Resource name, where a schema doesn't say it.")
@boolean("--namespaced", "Scope, where a schema doesn't say it.")
@click.option("--pointer", default="", help="JSON pointer to the schema in an OpenAPI document.")
@ignore_lints
@size_budget
@dry_run
@output_format
def command(
    schemas: tuple[str, ...],
    folder: Path,
    only: str,
    group: str,
    version: str,
    kind: str,
    plural: str,
    namespaced: bool | None,
    pointer: str,
    ignored: tuple[str, ...],
    size_budget: int | None,
    dry_run: bool,
    output: str,
) -> None:
    """Turn SCHEMAS (- for standard input) into CRDs, models, samples and an API reference, without a project."""
    from opgen.cli.outcome import report_outcome
    from opgen.commands.compile import PARTS, CompileRequest, compile_schemas
    from opgen.commands.workspace import carry_out, opened
    from opgen.schema import Given

    words = [word.strip() for word in only.split(",") if word.strip()]
    if unknown := [word for word in words if word not in _PARTS]:
        raise click.BadParameter(
            f"{', '.join(unknown)}: choose from crd, models, samples, schemas, docs", param_hint="--only"
        )
    parts = frozenset(_PARTS[word] for word in words) or frozenset(PARTS)
    given = Given(group, version, kind, plural, namespaced, pointer)
    compiled = compile_schemas(CompileRequest(schemas, parts, given, lint_codes(ignored), size_budget))
    root = folder.absolute()
    with opened(root, write=not dry_run) as notes:
        outcome = carry_out(
            root, compiled.artifacts, write=not dry_run, diagnostics=compiled.diagnostics, notes=notes
        )
    report_outcome(outcome, output, show_diff=dry_run)
