"""What the readers hand over: a definition, and where each part of it came from.

`origins` is keyed by the path in the custom resource definition, whatever form the input had, so that a
complaint of the API server's rules (`spec.versions[0].schema.openAPIV3Schema...`) finds the user's line.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from opgen.apiextensions.errors import ErrorType, FieldError, Verdict
from opgen.documents import Origins, Silences
from opgen.errors import Diagnostic, Level, error, has_errors, warning
from opgen.ir.definition import Definition


class Form(enum.StrEnum):
    """The three ways to write a schema."""

    CRD = "crd"
    OPENAPI = "openapi"
    CONCISE = "concise"


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line, or PROJECT (`where` names it), says of the kind; empty where the file is to say it.

    `group` is the whole group (`cache.example.com`). `pointer` is a JSON pointer into an OpenAPI document
    (`/components/schemas/Widget`, with or without `#`).
    """

    group: str = ""
    version: str = ""
    kind: str = ""
    plural: str = ""
    namespaced: bool | None = None
    pointer: str = ""
    where: str = "on the command line"


@dataclass(frozen=True, slots=True)
class Loaded:
    """One definition read from one file, or merged from several.

    `implied_storage` names versions that are the storage version only because the file says nothing of it.
    `partial` says that parts of the schemas could not be read, so that a review of them means nothing.
    `silences` are the comments about lints, by file.
    """

    definition: Definition
    origins: Origins
    form: Form
    implied_storage: frozenset[str] = frozenset()
    partial: bool = False
    silences: Mapping[str, Silences] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """All definitions of a file and all that is to be said about it."""

    loaded: tuple[Loaded, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = field(default_factory=tuple)

    @property
    def ok(self) -> bool:
        return not has_errors(self.diagnostics)


_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")


def field_steps(path: str, definition: Definition) -> tuple[str | int, ...]:
    """The steps of a field path as the server words it.

    With one version, or the same schema in all, the server says `spec.validation` for
    `spec.versions[0].schema`, and likewise for subresources and columns: those are led back to version 0.
    """
    steps: list[str | int] = []
    for match in _STEP.finditer(path):
        name, bracket = match.groups()
        step = name if name is not None else bracket
        after_map = bool(steps) and steps[-1] in ("properties", "definitions", "dependencies")
        steps.append(int(step) if name is None and step.isdigit() and not after_map else step)
    heads: dict[str, tuple[str | int, ...]] = {
        "validation": ("spec", "versions", 0, "schema"),
        "subresources": ("spec", "versions", 0, "subresources"),
        "additionalPrinterColumns": ("spec", "versions", 0, "additionalPrinterColumns"),
        "selectableFields": ("spec", "versions", 0, "selectableFields"),
    }
    if len(steps) > 1 and steps[0] == "spec" and steps[1] in heads and definition.versions:
        return (*heads[str(steps[1])], *steps[2:])
    return tuple(steps)


def diagnose(loaded: Loaded, problems: Iterable[FieldError]) -> tuple[Diagnostic, ...]:
    """The server's errors about a definition as Diagnostics at the user's lines.

    Errors about what nobody writes are left out beside others, since it follows from what is written: the status,
    and in other forms than the CRD itself its name and the old field `version`.
    """
    found = [p for p in problems if not (loaded.partial and "openAPIV3Schema" in p.field)]
    derived = () if loaded.form is Form.CRD else ("metadata.name", "spec.version")
    written = [p for p in found if not p.field.startswith("status.") and p.field not in derived]
    result = []
    for problem in written or found:
        file, line = loaded.origins.locate(field_steps(problem.field, loaded.definition))
        message = problem.detail or _WORDS.get(problem.type, str(problem.type))
        result.append(error(message, file=file, line=line, path=problem.field))
    return tuple(result)


_WORDS = {
    ErrorType.REQUIRED: "is required",
    ErrorType.INVALID: "is not valid",
    ErrorType.DUPLICATE: "is there twice",
    ErrorType.FORBIDDEN: "is not allowed here",
}


def audible(loaded: Loaded, findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Those of the findings that no comment in their file silences."""
    return tuple(
        finding
        for finding in findings
        if (silences := loaded.silences.get(finding.file)) is None
        or not silences.cover(finding.line, finding.code)
    )


def located(loaded: Loaded, findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Findings about the definition (lints), as warnings at the user's lines, unless a comment there silences them."""
    result = []
    for finding in findings:
        file, line = loaded.origins.locate(field_steps(finding.path, loaded.definition))
        result.append(
            replace(finding, level=Level.WARNING, file=finding.file or file, line=finding.line or line)
        )
    return audible(loaded, result)


def diagnose_verdict(loaded: Loaded, verdict: Verdict) -> tuple[Diagnostic, ...]:
    """All that a review of the definition says: errors, a decoder's message, warnings, rules that were not run."""
    result = list(diagnose(loaded, verdict.errors))
    if verdict.decode:
        result.append(error(verdict.decode, file=loaded.origins.file))
    result.extend(warning(text, file=loaded.origins.file) for text in verdict.warnings)
    result.extend(
        warning(
            f"rule not checked here: {text}", file=loaded.origins.file, hint="the API server will check it"
        )
        for text in verdict.unchecked
    )
    return tuple(result)
