"""One self-contained HTML page a group: no file beside it, no address asked, readable from a folder or a mail."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import jinja2

from opgen.emit.reference import prose
from opgen.emit.reference.fields import Field, Subject, root_fields, root_rules, versions
from opgen.emit.templating import environment
from opgen.ir.definition import Definition, Version
from opgen.ir.schema import ValidationRule


@dataclass(frozen=True, slots=True)
class _Section:
    """One version of a kind as the page shows it."""

    anchor: str
    definition: Definition
    version: Version
    fields: tuple[Field, ...]
    rules: tuple[ValidationRule, ...]
    samples: tuple[tuple[str, str], ...]


def page(group: str, subjects: Sequence[Subject]) -> str:
    """The page of a group: kinds and versions with their fields, bounds, rules, columns and samples."""
    sections = [
        _section(subject, version) for subject in subjects for version in versions(subject.definition)
    ]
    return _template().render(group=group, sections=sections)


def _section(subject: Subject, version: Version) -> _Section:
    samples = (
        (which, subject.samples[version.name, which])
        for which in ("minimal", "full")
        if (version.name, which) in subject.samples
    )
    return _Section(
        f"{subject.definition.names.kind}.{version.name}",
        subject.definition,
        version,
        root_fields(version),
        root_rules(version),
        tuple(samples),
    )


@functools.cache
def _template() -> jinja2.Template:
    made = environment("reference", autoescape=True)
    made.filters["paragraphs"] = prose.paragraphs
    made.tests["code"] = prose.is_code
    made.filters["markup"] = prose.markup
    return made.get_template("group.html.jinja")
