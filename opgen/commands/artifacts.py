"""Everything that is made anew from PROJECT, the schemas and the code, as artifacts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from opgen import source
from opgen.commands.definitions import Definitions
from opgen.commands.kinds import Kinds
from opgen.emit import rbac
from opgen.emit.registry import registry_source
from opgen.emit.yaml import dump, dump_all
from opgen.errors import Diagnostic, error
from opgen.ir.artifact import Artifact, Policy, text
from opgen.ir.layout import CONCISE_SCHEMA, Layout
from opgen.ir.project import Project
from opgen.ir.stamp import stamp
from opgen.scaffold.notice import notice_of

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
    resources = project.by_kind()
    for key in definitions.by_kind:
        from opgen.commands.kind_artifacts import kind_artifacts  # heavy, and `init` has no kinds

        kind = kind_artifacts(project, definitions, key, resources.get(key, ()))
        artifacts.extend(kind.artifacts)
        diagnostics.extend(kind.diagnostics)
        crds.append(kind.crd)
        roles.extend(kind.roles)
        samples.extend(kind.samples)
        found |= {(*key, version) for version in kind.sampled}
    if definitions.imported:
        from opgen.commands.imported import imported_artifacts  # as heavy

        artifacts.extend(imported_artifacts(project, definitions.imported))
    if definitions.by_kind:
        from opgen.schema.concise.editor import editor_schema

        artifacts.append(text(CONCISE_SCHEMA, editor_schema()))
        artifacts.append(text(f"{layout.source}/api/__init__.py", _api_package(project), Policy.ONCE))
    files = python_files(project, root, overlay)
    diagnostics.extend(_missing_controllers(project, files))
    needs = source.read(
        source.Sources.parse(files),
        Kinds.of(project, definitions.by_kind, definitions.imported).resolve,
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


def _api_package(project: Project) -> str:
    """The package above all models, as `init` begins it, where somebody took it away."""
    notice = notice_of(project.settings)
    return (
        f"{notice}\n" if notice else ""
    ) + '"""Models of this operator\'s kinds; generated from schemas/."""\n'


def _missing_controllers(project: Project, files: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Controllers of PROJECT whose module is gone: the operator would not start, and its role would be empty."""
    layout = Layout.of(project)
    for resource in project.resources:
        for name in resource.controllers:
            path = layout.controller_path(resource, name)
            if path in files or f"{path.removesuffix('.py')}/__init__.py" in files:
                continue
            only = resource.controllers == (resource.kind.lower(),)
            entry = "`controller: true`" if only else f"`name: {name}`"
            yield error(
                "no such file, though PROJECT names its controller",
                file=path,
                hint="restore it; if its code moved, leave an import there: "
                f"`from {layout.package}.PLACE import setup as setup`; "
                f"if it is to go, take {entry} from {resource.kind} in PROJECT",
            )


def _kustomization(folder: str, resources: Iterable[str]) -> Artifact:
    content = dump(rbac.kustomization(sorted(resources)))
    return text(f"{folder}/kustomization.yaml", stamp(content, "PROJECT"))


def python_files(project: Project, root: Path, overlay: Mapping[str, str]) -> dict[str, str]:
    """The project's own Python below src/, without what is generated, as paths and text."""
    layout = Layout.of(project)
    folder = root / layout.source
    files: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(root).as_posix()
        if relative == layout.registry or relative.startswith(
            (f"{layout.source}/api/", f"{layout.source}/imported/")
        ):
            continue
        if not path.is_file():  # a folder of such a name, or a link that leads nowhere
            continue
        files[relative] = path.read_bytes().decode("utf-8", errors="replace")
    return {**files, **overlay}


def stale(project: Project, root: Path, artifacts: Iterable[Artifact]) -> list[PurePosixPath]:
    """Generated files that nothing makes any more: those of a kind that was renamed or taken out."""
    layout = Layout.of(project)
    made = {artifact.path for artifact in artifacts}
    found: list[PurePosixPath] = []
    folders = ("config/crd/bases", "config/crd/external", "config/rbac/generated")
    for folder in (*folders, f"{layout.source}/api", f"{layout.source}/imported"):
        for path in sorted((root / folder).rglob("*")):
            relative = PurePosixPath(path.relative_to(root).as_posix())
            candidate = path.suffix in (".yaml", ".py") and relative not in made and path.is_file()
            if candidate and b"# opgen:content-sha256=" in path.read_bytes():
                found.append(relative)
    return found
