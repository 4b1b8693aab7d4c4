"""Everything that is made anew from PROJECT, the schemas and the code, as artifacts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from opgen import source
from opgen.commands.kinds import Kinds
from opgen.commands.schemas import Definitions
from opgen.emit import rbac
from opgen.emit.crd import crd_yaml, size_warnings
from opgen.emit.editor import editor_schema
from opgen.emit.models import models
from opgen.emit.registry import registry_source
from opgen.emit.samples import sample
from opgen.emit.yaml import dump, dump_all
from opgen.errors import Diagnostic, warning
from opgen.ir.artifact import Artifact, Policy, text
from opgen.ir.definition import Definition
from opgen.ir.layout import Layout
from opgen.ir.project import Project, ProjectResource
from opgen.ir.stamp import stamp

_CODE = "the code's For, Owns, Watches and @rbac"


@dataclass(frozen=True, slots=True)
class Generated:
    """The artifacts, and what is to be said about what they were made from."""

    artifacts: tuple[Artifact, ...]
    diagnostics: tuple[Diagnostic, ...]
    samples: frozenset[tuple[str, str, str]] = frozenset()


def generated(
    project: Project, root: Path, definitions: Definitions, overlay: Mapping[str, str]
) -> Generated:
    """All of it. `overlay` holds Python files that are about to be written; they hide those on the disk."""
    layout = Layout.of(project)
    artifacts: list[Artifact] = []
    diagnostics: list[Diagnostic] = []
    found: set[tuple[str, str, str]] = set()
    crds: list[str] = []
    roles: list[str] = []
    samples: list[str] = []
    for key, definition in definitions.by_kind.items():
        resources = [r for r in project.resources if r.has_api and (r.qualified_group, r.kind) == key]
        origin = ", ".join(definitions.files[key])
        content = crd_yaml(definition)
        diagnostics.extend(size_warnings(definition, content, definitions.files[key][0]))
        path = layout.crd_path(definition.group, definition.names.plural)
        crds.append(PurePosixPath(path).name)
        artifacts.append(text(path, stamp(content, origin)))
        artifacts.extend(_models(layout, definition, resources, origin))
        for resource in resources:
            made, said = _per_version(project, layout, definition, resource)
            artifacts.extend(made)
            diagnostics.extend(said)
            samples.extend(
                a.path.name for a in made if a.policy is Policy.ONCE and "_full" not in a.path.name
            )
            found |= {
                (*key, resource.version)
                for a in made
                if a.policy is Policy.ONCE and "_full" not in a.path.name
            }
        made = _kind_roles(project, layout, definition, resources)
        roles.extend(artifact.path.name for artifact in made)
        artifacts.extend(made)
    needs = source.read(
        source.Sources.parse(python_files(project, root, overlay)),
        Kinds.of(project, definitions.by_kind).resolve,
    )
    diagnostics.extend(needs.diagnostics)
    manager = rbac.manager_roles(project, needs.rules, needs.cluster_scoped)
    artifacts.append(text("config/rbac/generated/role.yaml", stamp(dump_all(manager), _CODE)))
    artifacts += [
        _kustomization("config/crd/bases", crds),
        _kustomization("config/rbac/generated", ["role.yaml", *sorted(roles)]),
        _kustomization("config/samples", samples),
        text(layout.registry, stamp(registry_source(project), "PROJECT")),
    ]
    unique = {artifact.path: artifact for artifact in artifacts}
    return Generated(tuple(unique.values()), tuple(diagnostics), frozenset(found))


def _kustomization(folder: str, resources: Iterable[str]) -> Artifact:
    content = dump(rbac.kustomization(sorted(resources)))
    return text(f"{folder}/kustomization.yaml", stamp(content, "PROJECT"))


def _models(
    layout: Layout, definition: Definition, resources: list[ProjectResource], origin: str
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
    project: Project, layout: Layout, definition: Definition, resource: ProjectResource
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
    project: Project, layout: Layout, definition: Definition, resources: list[ProjectResource]
) -> list[Artifact]:
    if not resources:
        return []
    has_status = any(version.status_subresource for version in definition.versions)
    roles = rbac.kind_roles(project, resources[0], has_status=has_status)
    return [
        text(layout.role_path(resources[0], role), stamp(dump(content), "PROJECT"))
        for role, content in roles.items()
    ]


def python_files(project: Project, root: Path, overlay: Mapping[str, str]) -> dict[str, str]:
    """The project's own Python below src/, without what is generated, as paths and text."""
    layout = Layout.of(project)
    folder = root / layout.source
    files: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(root).as_posix()
        if relative == layout.registry or relative.startswith(f"{layout.source}/api/"):
            continue
        files[relative] = path.read_bytes().decode("utf-8", errors="replace")
    return {**files, **overlay}


def stale(project: Project, root: Path, artifacts: Iterable[Artifact]) -> list[PurePosixPath]:
    """Generated files that nothing makes any more: those of a kind that was renamed or taken out."""
    layout = Layout.of(project)
    made = {artifact.path for artifact in artifacts}
    found: list[PurePosixPath] = []
    for folder in ("config/crd/bases", "config/rbac/generated", f"{layout.source}/api"):
        for path in sorted((root / folder).rglob("*")):
            relative = PurePosixPath(path.relative_to(root).as_posix())
            candidate = path.suffix in (".yaml", ".py") and relative not in made and path.is_file()
            if candidate and b"# opgen:content-sha256=" in path.read_bytes():
                found.append(relative)
    return found
