"""`opgen compile`: schemas in, CRDs, models, samples, editors' schemas and the API reference out, without a project.

Reads every file, reviews every definition as the API server would, and makes all artifacts before anything is
written; `workspace.apply` writes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TypeAlias

from opgen import schema
from opgen.apiextensions import lint
from opgen.commands.collection import uncollected
from opgen.emit.crd import crd_yaml, size_warnings
from opgen.emit.editor import editor_schema
from opgen.emit.models import models
from opgen.emit.reference.fields import Subject
from opgen.emit.samples import sample
from opgen.emit.yaml import dump
from opgen.errors import Diagnostic, InputError, error, has_errors, warning
from opgen.ir.artifact import Artifact, text
from opgen.ir.definition import Definition
from opgen.ir.names import identifier
from opgen.schema import Given, Loaded

PARTS = ("crd", "models", "samples", "schemas", "docs")
"""What `only` may name."""

SampleTexts: TypeAlias = dict[tuple[str, str], str]
"""(version, minimal or full) -> YAML."""

SAMPLE_HEADER = "# A sample that the API server accepts. Written by opgen compile.\n"


@dataclass(frozen=True, slots=True)
class CompileRequest:
    """Schema files (`-` for standard input), what to emit, what the command line says of their kind, the lints not to
    tell, and how many bytes a definition may have (None: a warning where kubectl can't apply it)."""

    schemas: Sequence[str]
    only: frozenset[str] = frozenset(PARTS)
    given: Given = field(default_factory=Given)
    ignored_lints: frozenset[str] = frozenset()
    size_budget: int | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """The artifacts, relative to the output folder, and what is to be said about the input."""

    artifacts: tuple[Artifact, ...]
    diagnostics: tuple[Diagnostic, ...]
    kinds: tuple[str, ...]


@uncollected()
def compile_schemas(request: CompileRequest) -> Compiled:
    """Compile schema files, each of which may hold some versions of a kind.

    Raises InputError with all problems where any file is wrong.
    """
    diagnostics: list[Diagnostic] = []
    parts: list[Loaded] = []
    for path in request.schemas:
        found = schema.load(path, request.given)
        diagnostics.extend(found.diagnostics)
        parts.extend(found.loaded)
    merged = schema.merge_kinds(parts)
    diagnostics.extend(merged.diagnostics)
    loaded = merged.loaded
    whole = {(item.definition.group, item.definition.names.kind) for item in loaded}
    apart = [item for item in parts if (item.definition.group, item.definition.names.kind) not in whole]
    for item in (*loaded, *map(schema.alone, apart)):  # what can't be merged is read for what else is wrong
        diagnostics.extend(schema.diagnose_verdict(item, schema.review(item)))
        diagnostics.extend(schema.located(item, lint(item.definition)))
    diagnostics.extend(_clashes(loaded))
    if has_errors(diagnostics):
        raise InputError(diagnostics)
    artifacts: list[Artifact] = []
    subjects: list[Subject] = []
    for item in loaded:
        made, said, samples = _compiled(item.definition, request.only, item.origins.file, request.size_budget)
        artifacts.extend(made)
        diagnostics.extend(schema.audible(item, said))
        subjects.append(Subject(item.definition, samples))
    if has_errors(diagnostics):
        raise InputError(diagnostics)
    if "docs" in request.only:
        artifacts.extend(_reference(subjects))
    kinds = tuple(f"{item.definition.names.kind}.{item.definition.group}" for item in loaded)
    told = tuple(said for said in diagnostics if said.code not in request.ignored_lints)
    unique = {artifact.path: artifact for artifact in artifacts}  # kinds of one group share a package
    return Compiled(tuple(unique.values()), told, kinds)


def compile_definition(
    definition: Definition, only: frozenset[str] = frozenset(PARTS), file: str = ""
) -> tuple[list[Artifact], list[Diagnostic]]:
    """The artifacts of one definition that is known to be valid; the reference is written for whole groups."""
    artifacts, diagnostics, _ = _compiled(definition, only, file)
    return artifacts, diagnostics


def _compiled(
    definition: Definition, only: frozenset[str], file: str, budget: int | None = None
) -> tuple[list[Artifact], list[Diagnostic], SampleTexts]:
    artifacts: list[Artifact] = []
    diagnostics: list[Diagnostic] = []
    samples: SampleTexts = {}
    if "crd" in only:
        content = crd_yaml(definition)
        diagnostics.extend(size_warnings(definition, content, file, budget))
        artifacts.append(text(f"crds/{definition.names.plural}.{definition.group}.yaml", content))
    if "models" in only:
        artifacts.extend(_models(definition))
    if "schemas" in only:
        artifacts.extend(
            text(f"schemas/{_stem(definition, version.name)}.json", editor_schema(definition, version))
            for version in definition.versions
        )
    if only & {"samples", "docs"}:
        samples, said = _samples(definition, file)
        if "samples" in only:
            artifacts.extend(_sample_files(definition, samples, with_schemas="schemas" in only))
            diagnostics.extend(said)
    return artifacts, diagnostics, samples


def group_folder(group: str) -> str:
    """The Python package of a group: cache.example.com -> cache_example_com."""
    return identifier(group)


def _models(definition: Definition) -> list[Artifact]:
    folder = f"models/{group_folder(definition.group)}"
    artifacts = [text(f"{folder}/__init__.py", "")]
    for module in models(definition, command="opgen compile"):
        version = identifier(module.version)
        artifacts.append(text(f"{folder}/{version}/__init__.py", ""))
        artifacts.append(text(f"{folder}/{version}/{module.module_name}.py", module.source))
    return artifacts


def _samples(definition: Definition, file: str) -> tuple[SampleTexts, list[Diagnostic]]:
    found: SampleTexts = {}
    diagnostics: list[Diagnostic] = []
    for version in definition.versions:
        for which in ("minimal", "full"):
            made = sample(definition, version.name, full=which == "full")
            if made.obj is not None:
                found[version.name, which] = dump(made.obj)
                continue
            said = f"no {which} sample found for {definition.names.kind} {version.name}: {made.reason}"
            diagnostics.append(warning(said, file=file))
    return found, diagnostics


def _sample_files(definition: Definition, samples: SampleTexts, *, with_schemas: bool) -> Iterator[Artifact]:
    """The samples; where their schemas are written too, they name them for editors."""
    for (version, which), content in samples.items():
        stem = _stem(definition, version)
        header = f"# yaml-language-server: $schema=../schemas/{stem}.json\n" if with_schemas else ""
        suffix = "_full" if which == "full" else ""
        yield text(f"samples/{stem}{suffix}.yaml", header + SAMPLE_HEADER + content)


def _stem(definition: Definition, version: str) -> str:
    return f"{definition.group}_{version}_{definition.names.kind.lower()}"


def _reference(subjects: Sequence[Subject]) -> Iterator[Artifact]:
    """The API reference: a page and a Markdown file for every group."""
    from opgen.emit import reference

    for group, members in reference.by_group(subjects).items():
        yield text(f"docs/{group}.html", reference.page(group, members))
        yield text(f"docs/{group}.md", reference.markdown(group, members))


def _clashes(loaded: Sequence[Loaded]) -> list[Diagnostic]:
    """Two kinds that would be written to the same files."""
    seen: dict[PurePosixPath, Loaded] = {}
    found = []
    for item in loaded:
        key = PurePosixPath(f"{item.definition.names.plural}.{item.definition.group}")
        if key in seen:
            found.append(
                error(
                    f"{key} is defined in {seen[key].origins.file} as well",
                    file=item.origins.file,
                    line=item.origins.line(()),
                    hint="give one of the kinds another plural, or compile the files apart",
                )
            )
        seen.setdefault(key, item)
    return found
