"""opgen validate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from opgen.cli.options import BooleanCommand, boolean, ignore_lints, lint_codes

if TYPE_CHECKING:
    from opgen.commands.validate import Validated

_VALIDATION = ("Strict", "Warn", "Ignore")


@click.command("validate", cls=BooleanCommand, short_help="what the API server would say, offline")
@click.argument("paths", nargs=-1, required=True, metavar="FILE|FOLDER|-...")
@click.option("--crd", "definitions", multiple=True, help="File or folder of definitions.  [repeatable]")
@click.option("--old", multiple=True, help="The objects as they were: judge updates.  [repeatable]")
@click.option(
    "--field-validation",
    type=click.Choice(_VALIDATION, case_sensitive=False),
    help="What unknown fields are: errors, warnings or nothing.  [default: Strict]",
)
@boolean("--strict", "Short for --field-validation Strict; =false is Warn.")
@boolean("--ignore-missing-schemas", "Leave out objects whose kind is unknown.", default=False)
@ignore_lints
@boolean("--stored", "Print accepted objects as they would be stored.", default=False)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How to report.",
    show_default=True,
)
def command(
    paths: tuple[str, ...],
    definitions: tuple[str, ...],
    old: tuple[str, ...],
    field_validation: str | None,
    strict: bool | None,
    ignore_missing_schemas: bool,
    ignored: tuple[str, ...],
    stored: bool,
    output: str,
) -> int:
    """Say what kube-apiserver would say of manifests: definitions, custom resources, built-in kinds.

    FILEs hold YAML or JSON, many documents or lists; `-` reads what `kustomize build` or `helm template` print.
    Definitions among them serve the objects among them; in a project its own serve as well.
    """
    from opgen.cli import findings
    from opgen.commands.validate import Rules, ValidateRequest, validate

    if strict is not None and field_validation is not None:
        raise click.UsageError("--strict and --field-validation say the same: give one of them")
    if [*paths, *definitions, *old].count("-") > 1:
        raise click.UsageError("standard input can be read once only")
    if stored and output == "github":
        raise click.UsageError("--stored goes with --format text or json")
    if field_validation is None:
        field_validation = "Warn" if strict is False else "Strict"
    rules = Rules(field_validation, ignore_missing_schemas, lint_codes(ignored))
    validated = validate(ValidateRequest(paths, Path.cwd(), definitions, old, rules))
    match output:
        case "json":
            findings.print_as_json(validated, stored=stored)
        case "github":
            findings.print_as_annotations(validated)
        case _:
            findings.print_as_text(validated)
    if stored and output != "json":
        _print_stored(validated)
    return 0 if validated.accepted else 1


def _print_stored(validated: Validated) -> None:
    from opgen.emit.yaml import dump

    for judgement in validated.judgements:
        if judgement.stored is not None:
            click.echo(f"---\n{dump(judgement.stored)}", nl=False)
