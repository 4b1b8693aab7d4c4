"""opgen schema: the concise language from an example, and for editors."""

from __future__ import annotations

from pathlib import Path

import click

from opgen.cli.options import BooleanCommand


@click.command("from-example", cls=BooleanCommand, short_help="a concise schema from example objects")
@click.argument("file")
@click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), help="File to write; it must not exist."
)
def from_example(file: str, target: Path | None) -> None:
    """Write a concise schema for the objects in FILE (- for standard input), to be edited.

    Objects of one kind are taken together: fields that only some of them have are marked. Types, maps, Kubernetes'
    own types and lists with keys are told by their looks; comments say what the examples leave open.
    """
    from opgen.cli.run import report
    from opgen.commands.schema_example import schema_from_example

    written = schema_from_example(file)
    report(written.diagnostics)
    _put_out(written.text, target)


@click.command(
    "language", cls=BooleanCommand, short_help="the JSON Schema of the concise language, for editors"
)
@click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), help="File to write; it must not exist."
)
def language(target: Path | None) -> None:
    """Print the JSON Schema of the concise language.

    An editor that knows YAML schemas takes it by a first line `# yaml-language-server: $schema=PATH`. A project has it
    in config/schemas/ already.
    """
    from opgen.schema.concise.editor import editor_schema

    _put_out(editor_schema(), target)


def _put_out(text: str, target: Path | None) -> None:
    from opgen.errors import OpgenError

    if target is None:
        click.echo(text, nl=False)
        return
    try:
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as problem:
        raise OpgenError(f"{target} is here already", hint="name another file, or move it away") from problem
    except OSError as problem:
        raise OpgenError(
            f"{target} cannot be written: {(problem.strerror or str(problem)).lower()}"
        ) from problem
    click.echo(f"create  {target}")
