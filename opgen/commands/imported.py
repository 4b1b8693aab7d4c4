"""The kinds of others in a project: their definitions read from where `opgen import crd` put them, and what is made
of them again each time. `importing` gets them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from opgen import schema
from opgen.apiextensions import review_definition
from opgen.commands.kinds import modelled
from opgen.errors import Diagnostic, error
from opgen.ir.artifact import Artifact, text
from opgen.ir.definition import Conversion, Definition
from opgen.ir.layout import Layout
from opgen.ir.project import ImportedKind, Project
from opgen.ir.stamp import edited, stamp
from opgen.schema import Loaded

_LEFT_OUT = ("kubectl.kubernetes.io/last-applied-configuration",)


def load_imported(
    project: Project, root: Path, pending: Mapping[str, bytes]
) -> tuple[dict[tuple[str, str], Definition], tuple[Diagnostic, ...]]:
    """The definitions that PROJECT says were imported; `pending` holds files that are about to be written."""
    layout = Layout.of(project)
    found: dict[tuple[str, str], Definition] = {}
    diagnostics: list[Diagnostic] = []
    for kind in project.settings.imports:
        path = layout.imported_crd_path(kind.group, kind.plural)
        hint = f"opgen import update {kind.name} fetches it anew"
        content = pending.get(path)
        if content is None:
            if not (root / path).is_file():
                diagnostics.append(error("no such file, though PROJECT names it", file=path, hint=hint))
                continue
            content = (root / path).read_bytes()
        if edited(content) is not False:
            diagnostics.append(error("was edited by hand", file=path, hint=hint))
        loaded = schema.load_text(content, path)
        read = schema.choose(loaded, kind=kind.kind, group=kind.group, file=path, hint=f"{hint}; here are")
        diagnostics.extend(replace(said, hint=said.hint or hint) for said in read.diagnostics)
        if read.loaded:
            definition = read.loaded[0].definition
            found[(definition.group, definition.names.kind)] = definition
            diagnostics.extend(_missing(kind, definition, path))
    return found, tuple(diagnostics)


def _missing(kind: ImportedKind, definition: Definition, path: str) -> Iterator[Diagnostic]:
    for version in kind.versions:
        if definition.version(version) is None:
            names = ", ".join(known.name for known in definition.versions)
            yield error(
                f"has no version {version}, but {names}", file=path, hint="take it out of PROJECT's imports"
            )


def kept(definition: Definition) -> Definition:
    """The definition as the project keeps it: what a cluster or its operator put in is left out.

    Conversion becomes None: the webhook that converts is not there in tests.
    """
    annotations = {k: v for k, v in definition.annotations.items() if k not in _LEFT_OUT}
    metadata = {key: definition.metadata[key] for key in ("name", "labels") if definition.metadata.get(key)}
    if annotations:
        metadata["annotations"] = {**annotations}
    conversion = definition.conversion
    if conversion is not None and conversion.strategy == "Webhook":
        conversion = Conversion("None")
    return replace(
        definition,
        annotations=annotations,
        metadata=metadata,
        conversion=conversion,
        preserve_unknown_fields=False,
        stored_versions=(),
        accepted_names=None,
        established=False,
    )


def problems(item: Loaded) -> list[Diagnostic]:
    """Why a test server would not take it, at the lines of the source."""
    definition = kept(item.definition)
    wrong = review_definition(definition).errors
    return [
        replace(found, message=f"the API server refuses it: {found.message}")
        for found in schema.diagnose(replace(item, definition=definition), wrong)
        if not found.path.startswith("status.")
    ]


def imported_artifacts(
    project: Project, definitions: Mapping[tuple[str, str], Definition]
) -> Iterator[Artifact]:
    """Definitions and models of all imported kinds."""
    layout = Layout.of(project)
    sources = {(kind.group, kind.kind): kind.source for kind in project.settings.imports}
    for key, definition in definitions.items():
        yield crd_artifact(layout, definition, sources.get(key, ""))
        yield from _models(project, definition)


def crd_artifact(layout: Layout, definition: Definition, source: str) -> Artifact:
    """The definition as a file."""
    from opgen.emit.crd import crd_yaml

    path = layout.imported_crd_path(definition.group, definition.names.plural)
    origin = "standard input" if source == "-" else source
    return text(path, stamp(crd_yaml(definition), f"{origin}, not for deployment"))


def _models(project: Project, definition: Definition) -> Iterator[Artifact]:
    from opgen.emit.models import models

    layout = Layout.of(project)
    origin = layout.imported_crd_path(definition.group, definition.names.plural)
    wanted = {version.name for version in modelled(project, definition)}
    for module in models(definition, origin):
        if module.version in wanted:
            path = PurePosixPath(
                layout.imported_path(definition.group, module.version, definition.names.kind)
            )
            yield text(str(path), module.source)
            folder = path.parent
            while folder.name != project.settings.package:
                yield text(str(folder / "__init__.py"), stamp("", "PROJECT"))
                folder = folder.parent
