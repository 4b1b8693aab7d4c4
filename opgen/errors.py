"""What can go wrong, as data and as exceptions.

    OpgenError              the environment is broken: one line, exit code 1
    ├── InputError          the user's input is wrong: carries every Diagnostic found
    └── Interrupted         another command holds the project, or one was cut short

A `Diagnostic` says where, what and how to mend it. Functions that read input return diagnostics beside
their result, so that all problems are found in one run; `InputError` carries them across a command's
boundary, and `opgen.cli` alone prints them and sets the exit code.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


def closest(text: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that was most likely meant, if one is near."""
    import difflib  # only where something is wrong

    return next(iter(difflib.get_close_matches(text, list(known), n=1, cutoff=cutoff)), None)


class Level(enum.StrEnum):
    """How bad a Diagnostic is; only ERROR stops a command."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about the user's input.

    `file` and `line` (1-based, 0 if unknown) say where in the user's file, `path` where in its data
    (`$.versions[0].spec.replicas`, or a field path as the API server words it). `code` names a lint rule.
    """

    level: Level
    message: str
    file: str = ""
    line: int = 0
    path: str = ""
    hint: str = ""
    code: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.file and self.line else self.file
        place = " ".join(part for part in (where, self.path) if part)
        return f"{place}: {self.message}" if place else self.message


def error(
    message: str, *, file: str = "", line: int = 0, path: str = "", hint: str = "", code: str = ""
) -> Diagnostic:
    """A Diagnostic of level ERROR."""
    return Diagnostic(Level.ERROR, message, file, line, path, hint, code)


def warning(
    message: str, *, file: str = "", line: int = 0, path: str = "", hint: str = "", code: str = ""
) -> Diagnostic:
    """A Diagnostic of level WARNING."""
    return Diagnostic(Level.WARNING, message, file, line, path, hint, code)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them stops the command."""
    return any(d.level is Level.ERROR for d in diagnostics)


class OpgenError(Exception):
    """The environment does not allow what was asked; the message is one line for the user."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class InputError(OpgenError):
    """The user's input is wrong. `diagnostics` holds all problems found, warnings included."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(d) for d in self.diagnostics))


class Interrupted(OpgenError):
    """Another opgen command holds the project."""
