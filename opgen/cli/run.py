"""Runs a command and turns whatever comes out of it into an exit code: the one place that prints problems."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence

import click

from opgen.errors import Diagnostic, InputError, Level, OpgenError

_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_COLORS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "blue"}


def guarded(command: click.Command, arguments: Sequence[str]) -> int:
    """The exit code. A mistake of the user's is never a traceback, a bug of ours always one."""
    try:
        result = command.main(args=list(arguments), prog_name="opgen", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        return 130
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except OpgenError as problem:
        for note in getattr(problem, "__notes__", ()):
            click.echo(f"note: {note}", err=True)
        if isinstance(problem, InputError):
            report(problem.diagnostics)
        else:
            report_failure(problem)
        return 1
    except BrokenPipeError:
        # Whoever read our output has gone; nothing may be written to it at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return result if isinstance(result, int) else 0


def report(diagnostics: Iterable[Diagnostic]) -> None:
    """All of them on standard error, a hint below each."""
    for diagnostic in diagnostics:
        code = f" [{diagnostic.code}]" if diagnostic.code else ""
        click.echo(f"{level_word(diagnostic.level)} {printable(str(diagnostic))}{code}", err=True)
        if diagnostic.hint:
            click.echo(f"  hint: {printable(diagnostic.hint)}", err=True)


def printable(text: str) -> str:
    """The text without what a terminal would obey: names and values in it come out of users' files."""
    return text if text.isprintable() else _COMMANDS.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def level_word(level: Level) -> str:
    """`error:` and the like, in its colour on a terminal."""
    return click.style(f"{level}:", fg=_COLORS[level], bold=True)


def report_failure(problem: OpgenError) -> None:
    """One line and a hint."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {printable(str(problem))}", err=True)
    if problem.hint:
        click.echo(f"  hint: {printable(problem.hint)}", err=True)


def as_data(diagnostic: Diagnostic) -> dict[str, object]:
    """For --format json."""
    return {
        "level": str(diagnostic.level),
        "message": diagnostic.message,
        "file": diagnostic.file,
        "line": diagnostic.line,
        "path": diagnostic.path,
        "hint": diagnostic.hint,
        "code": diagnostic.code,
    }


def print_json(data: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))
