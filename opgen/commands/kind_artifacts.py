"""What is made of one kind: CRD, models, editors' schemas, samples and the roles of its users."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from opgen.commands.definitions import Definitions
from opgen.documents import Silences
from opgen.emit import rbac
from opgen.emit.crd import crd_yaml, size_warnings
from opgen.emit.editor import editor_schema
from opgen.emit.models import models
from opgen.emit.samples import sample
from opgen.emit.yaml import dump
from opgen.errors import Diagnostic, warning
from opgen.ir.artifact import Artifact, Policy, text
from opgen.ir.definition import Definition
from opgen.ir.layout import Layout
from opgen.ir.project import Project, ProjectResource
from opgen.ir.stamp import stamp


@dataclass(frozen=True, slots=True)
class KindArtifacts:
    """`crd`, `roles` and `samples` are file names, for the kustomizations that list them.

    `sampled` holds the versions for which a minimal sample was found.
    """

    artifacts: tuple[Artifact, ...]
    diagnostics: tuple[Diagnostic, ...]
    crd: str
    roles: tuple[str, ...]
    samples: tuple[str, ...]
    sampled: tuple[str, ...]


def kind_artifacts(
    project: Project,
    definitions: Definitions,
    key: tuple[str, str],
    resources: tuple[ProjectResource, ...],
) -> KindArtifacts:
    """All of one kind, by its group and kind; `resources` are its versions in PROJECT."""
    layout = Layout.of(project)
    definition = definitions.by_kind[key]
    origin = ", ".join(definitions.files[key])
    content = crd_yaml(definition)
    file = definitions.files[key][0]
    silences = definitions.silences.get(file, Silences())
    sizes = size_warnings(definition, content, file)
    diagnostics = [one for one in sizes if not silences.cover(one.line, one.code)]
    crd = text(layout.crd_path(definition.group, definition.names.plural), stamp(content, origin))
    artifacts = [crd, *_models(layout, definition, resources, origin)]
    samples: list[str] = []
    sampled: list[str] = []
    for resource in resources:
        made, said = _per_version(layout, definition, resource)
        artifacts.extend(made)
        diagnostics.extend(said)
        minimal = PurePosixPath(layout.sample_path(resource))
        if any(artifact.path == minimal for artifact in made):
            samples.append(minimal.name)
            sampled.append(resource.version)
    roles = _kind_roles(project, layout, definition, resources)
    artifacts.extend(roles)
    return KindArtifacts(
        tuple(artifacts),
        tuple(diagnostics),
        crd.path.name,
        tuple(role.path.name for role in roles),
        tuple(samples),
        tuple(sampled),
    )


def _models(
    layout: Layout, definition: Definition, resources: tuple[ProjectResource, ...], origin: str
) -> Iterator[Artifact]:
    by_version = {resource.version: resource for resource in resources}
    for module in models(definition, origin):
        if resource := by_version.get(module.version):
            path = PurePosixPath(layout.api_path(resource))
            yield text(str(path), module.source)
            folder = path.parent
            while folder.name != "api":
                yield text(str(folder / "__init__.py"), stamp("", "PROJECT"))
                folder = folder.parent


def _per_version(
    layout: Layout, definition: Definition, resource: ProjectResource
) -> tuple[list[Artifact], list[Diagnostic]]:
    version = definition.version(resource.version)
    if version is None:
        return [], []
    schema_path = layout.editor_schema_path(resource)
    artifacts = [text(schema_path, editor_schema(definition, version))]
    diagnostics: list[Diagnostic] = []
    header = (
        f"# yaml-language-server: $schema=../schemas/{PurePosixPath(schema_path).name}\n"
        f"# %s of {resource.kind}; yours to change.\n"
    )
    if not version.served:
        return artifacts, diagnostics
    for full in (False, True):
        made = sample(definition, version.name, full=full)
        if made.obj is None:
            which = "full" if full else "minimal"
            diagnostics.append(warning(f"no {which} sample of {resource.gvk} was found: {made.reason}"))
            continue
        title = "Every field" if full else "What must be there"
        content = header % title + dump(made.obj)
        artifacts.append(text(layout.sample_path(resource, full=full), content, Policy.ONCE))
    return artifacts, diagnostics


def _kind_roles(
    project: Project, layout: Layout, definition: Definition, resources: tuple[ProjectResource, ...]
) -> list[Artifact]:
    if not resources:
        return []
    has_status = any(version.status_subresource for version in definition.versions)
    roles = rbac.kind_roles(project, resources[0], has_status=has_status)
    return [
        text(layout.role_path(resources[0], role), stamp(dump(content), "PROJECT"))
        for role, content in roles.items()
    ]
