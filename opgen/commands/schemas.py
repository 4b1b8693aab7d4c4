"""The project's definitions: each kind's files read, merged and reviewed as the API server would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from opgen import documents, schema
from opgen.apiextensions import lint
from opgen.commands.definitions import Definitions
from opgen.commands.imported import load_imported
from opgen.commands.manifests import SUFFIXES
from opgen.documents import Origins, Silences
from opgen.errors import Diagnostic, Level, error, has_errors, warning
from opgen.ir.definition import Conversion, Definition
from opgen.ir.project import ApiSettings, Project, ProjectResource
from opgen.schema import Given, Loaded


def load_definitions(project: Project, root: Path, overlay: Mapping[str, bytes] | None = None) -> Definitions:
    """Reads all schemas that PROJECT names; `overlay` holds files that are about to be written."""
    pending = overlay or {}
    by_kind: dict[tuple[str, str], Definition] = {}
    files: dict[tuple[str, str], tuple[str, ...]] = {}
    diagnostics: list[Diagnostic] = []
    groups: dict[tuple[str, str], list[ApiSettings]] = {}
    silences: dict[str, Silences] = {}
    origins: dict[tuple[str, str], Origins] = {}
    for api in project.settings.apis:
        if api.schema:
            groups.setdefault((api.group, api.kind), []).append(api)
    resources = project.by_kind()
    for key, apis in groups.items():
        versions = resources.get(key, ())
        sources = {api.schema: api for api in reversed(apis)}
        found = [_load(versions, root, api, pending, diagnostics) for _, api in sorted(sources.items())]
        parts = [part for part in found if part is not None]
        if len(parts) < len(found):
            continue
        merged = schema.merge(parts)
        diagnostics.extend(merged.diagnostics)
        for item in merged.loaded:
            by_kind[key] = reviewed(item, diagnostics)
            silences.update(item.silences)
            origins[key] = item.origins
            files[key] = tuple(sorted(sources))
            diagnostics.extend(_missing_versions(versions, item))
            diagnostics.extend(_other_plural(versions, item))
            diagnostics.extend(_other_scope(versions, item))
            diagnostics.extend(_new_versions(versions, item))
    imported, said = load_imported(project, root, pending)
    return Definitions(by_kind, files, (*diagnostics, *said), imported, silences, origins)


def _load(
    versions: tuple[ProjectResource, ...],
    root: Path,
    api: ApiSettings,
    pending: Mapping[str, bytes],
    diagnostics: list[Diagnostic],
) -> Loaded | None:
    resource = next((version for version in versions if version.version == api.version), None)
    given = given_for(api, resource)
    if api.schema in pending:
        found = schema.load_text(pending[api.schema], api.schema, given)
    else:
        path = root / api.schema
        if not path.is_file():
            hint = "restore it, or name the right file in PROJECT"
            diagnostics.append(error("no such file, though PROJECT names it", file=api.schema, hint=hint))
            return None
        found = schema.load_text(path.read_bytes(), api.schema, given)
    hint = f"PROJECT wants {api.kind} ({api.group}), here are"
    chosen = schema.choose(found, kind=api.kind, group=api.group, file=api.schema, hint=hint)
    diagnostics.extend(chosen.diagnostics)
    if has_errors(chosen.diagnostics):
        for readable in chosen.loaded:
            reviewed(readable, diagnostics)  # for what else is wrong
        return None
    return chosen.loaded[0] if chosen.loaded else None


def unnamed(project: Project, root: Path) -> Iterator[Diagnostic]:
    """Schemas in schemas/ of which PROJECT says nothing: nothing is made of them."""
    named = {api.schema for api in project.settings.apis}
    for path in sorted((root / "schemas").rglob("*")):
        file = path.relative_to(root).as_posix()
        if file in named or path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        found = documents.load(path.read_bytes(), file)
        if found.diagnostics or any(map(schema.is_schema, schema.flatten(found.documents))):
            hint = f"`opgen create api --schema {file}` takes it in; what is to be kept aside lies outside schemas/"
            yield warning("is not in PROJECT, so nothing is made of it", file=file, hint=hint)


def given_for(api: ApiSettings, resource: ProjectResource | None) -> Given:
    """What PROJECT says of a kind, for the forms that leave it out."""
    return Given(
        group=api.group,
        version=api.version,
        kind=api.kind,
        plural=resource.plural if resource else "",
        namespaced=resource.namespaced if resource else None,
        pointer=api.pointer,
        where="in PROJECT",
    )


def reviewed(item: Loaded, diagnostics: list[Diagnostic]) -> Definition:
    """The definition as the project ships it; what the API server would say goes to `diagnostics`."""
    definition = item.definition
    if definition.conversion is not None and definition.conversion.strategy == "Webhook":
        diagnostics.append(
            Diagnostic(
                Level.WARNING,
                "conversion by another project's webhook is left out: strategy None stands in the CRD",
                file=item.origins.file,
                path="spec.conversion",
            )
        )
        definition = _without_conversion(definition)
        item = replace(item, definition=definition)
    diagnostics.extend(schema.diagnose_verdict(item, schema.review(item)))
    diagnostics.extend(schema.located(item, lint(definition)))
    return definition


def _without_conversion(definition: Definition) -> Definition:
    return replace(definition, conversion=Conversion("None"))


def _missing_versions(versions: tuple[ProjectResource, ...], item: Loaded) -> list[Diagnostic]:
    """Versions that PROJECT has and the schema lost; see also `_new_versions`."""
    known = {version.name for version in item.definition.versions}
    return [
        error(
            f"PROJECT has {resource.gvk}, but the schema has no version {resource.version}",
            file=item.origins.file,
            hint="put the version back, or take it out of PROJECT with its code",
        )
        for resource in versions
        if resource.version not in known
    ]


def _other_plural(versions: tuple[ProjectResource, ...], item: Loaded) -> list[Diagnostic]:
    """PROJECT and the schema must agree: roles are made from the one, the CRD from the other."""
    plural = item.definition.names.plural
    wrong = next((resource for resource in versions if resource.plural != plural), None)
    if wrong is None:
        return []
    file, line = item.origins.locate(("spec", "names", "plural"))
    message = f"the plural of {wrong.kind} is {plural} here and {wrong.plural} in PROJECT"
    return [
        error(
            message,
            file=file,
            line=line,
            hint="a plural can't change once objects exist: put the old one back",
        )
    ]


def _other_scope(versions: tuple[ProjectResource, ...], item: Loaded) -> list[Diagnostic]:
    """As with the plural: roles, samples and the client's paths are made from what PROJECT says."""
    namespaced = item.definition.namespaced
    wrong = next((resource for resource in versions if resource.namespaced != namespaced), None)
    if wrong is None:
        return []
    file, line = item.origins.locate(("spec", "scope"))
    words = {True: "Namespaced", False: "Cluster"}
    return [
        error(
            f"the scope of {wrong.kind} is {words[namespaced]} here and {words[wrong.namespaced]} in PROJECT",
            file=file,
            line=line,
            hint="a scope can't change once the CRD is installed: put the old one back, or set `namespaced` in PROJECT",
        )
    ]


def _new_versions(versions: tuple[ProjectResource, ...], item: Loaded) -> list[Diagnostic]:
    """Versions that the schema has and PROJECT does not: in the CRD, but without models."""
    known = {resource.version for resource in versions}
    return [
        warning(
            f"version {version.name} is not in PROJECT: the CRD has it, but no models are written for it",
            file=item.origins.file,
            line=item.origins.line(("spec", "versions", index)),
            hint="`opgen create api --schema FILE --force` takes it in; the controller and samples start over",
        )
        for index, version in enumerate(item.definition.versions)
        if version.name not in known
    ]
