"""Which class stands for which kind: the project's own models and the built-in ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from opgen import coretypes
from opgen.errors import closest
from opgen.ir.definition import Definition, Version
from opgen.ir.layout import KindRef, Layout
from opgen.ir.names import GroupVersionKind, class_name
from opgen.ir.project import Project, ProjectResource


def core_kind(gvk: GroupVersionKind) -> KindRef | None:
    """A built-in kind, also by kubebuilder's short names of groups (`core`, `networking`)."""
    for group in _spellings(gvk.group):
        if found := coretypes.kind(group, gvk.version, gvk.kind):
            return _core(found)
    return None


def is_watchable(kind: KindRef) -> bool:
    """Whether the API server has a watch for the kind: a TokenReview, say, is answered and never stored."""
    core = coretypes.kind(kind.gvk.group, kind.gvk.version, kind.gvk.kind)
    return core is None or "watch" in core.verbs


def _spellings(group: str) -> tuple[str, ...]:
    if group in ("", "core"):
        return ("",)
    return (group,) if "." in group else (group, f"{group}.k8s.io", f"{group}.authorization.k8s.io")


def _core(kind: coretypes.CoreKind) -> KindRef:
    return KindRef(
        GroupVersionKind(kind.group, kind.version, kind.kind),
        kind.plural,
        kind.namespaced,
        kind.module,
        kind.class_name,
        "status" in kind.subresources,
    )


def own_kind(project: Project, resource: ProjectResource, definition: Definition | None) -> KindRef:
    """A kind whose models lie in the project."""
    version = definition.version(resource.version) if definition else None
    return KindRef(
        resource.gvk,
        resource.plural,
        resource.namespaced,
        Layout.of(project).api_module(resource),
        class_name(resource.kind),
        version.status_subresource if version else True,
    )


def imported_kind(project: Project, definition: Definition, version: Version) -> KindRef:
    """Somebody else's kind, whose models were made by `opgen import crd`."""
    group, kind = definition.group, definition.names.kind
    return KindRef(
        GroupVersionKind(group, version.name, kind),
        definition.names.plural,
        definition.namespaced,
        Layout.of(project).imported_module(group, version.name, kind),
        class_name(kind),
        version.status_subresource,
    )


def modelled(project: Project, definition: Definition) -> tuple[Version, ...]:
    """The versions of an imported kind that have models: those that were chosen, or all that are served."""
    name = f"{definition.names.plural}.{definition.group}"
    chosen = next((kind.versions for kind in project.settings.imports if kind.name == name), ())
    return tuple(
        version
        for version in definition.versions
        if (version.name in chosen if chosen else version.served) and version.schema is not None
    )


@dataclass(frozen=True, slots=True)
class Kinds:
    """All kinds that the project's code can name; `classes` are its own and the imported, by module and class."""

    own: Mapping[GroupVersionKind, KindRef]
    classes: Mapping[tuple[str, str], KindRef]

    @classmethod
    def of(
        cls,
        project: Project,
        definitions: Mapping[tuple[str, str], Definition],
        imported: Mapping[tuple[str, str], Definition] | None = None,
    ) -> Kinds:
        own = {
            resource.gvk: own_kind(
                project, resource, definitions.get((resource.qualified_group, resource.kind))
            )
            for resource in project.resources
            if resource.has_api
        }
        for definition in (imported or {}).values():
            for version in modelled(project, definition):
                kind = imported_kind(project, definition, version)
                own.setdefault(kind.gvk, kind)
        return cls(own, {(kind.module, kind.class_name): kind for kind in own.values()})

    def find(self, gvk: GroupVersionKind) -> KindRef | None:
        """By what flags and PROJECT call it."""
        return self.own.get(gvk) or core_kind(gvk)

    def similar(self, gvk: GroupVersionKind) -> str:
        """What may have been meant by a kind that isn't there: `apps/v1/Deployment`; "" where nothing is like it."""
        groups = _spellings(gvk.group)
        core = (GroupVersionKind(kind.group, kind.version, kind.kind) for kind in coretypes.kinds().values())
        every = {f"{known.api_version}/{known.kind}": known for known in (*self.own, *core)}
        same = [name for name, known in every.items() if known.kind == gvk.kind and known.group in groups]
        written = f"{gvk.api_version}/{gvk.kind}"
        return closest(written, same, 0.0) or closest(written, every, 0.8) or ""

    def resolve(self, module: str, name: str) -> KindRef | None:
        """By what the code calls it."""
        if kind := self.classes.get((module, name)):
            return kind
        if not module.startswith("opgen_runtime.kinds"):
            return None
        for core in coretypes.kinds().values():
            if core.class_name == name and (module == core.module or module.startswith(f"{core.module}.")):
                return _core(core)
        return None
