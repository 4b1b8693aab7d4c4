"""The PROJECT file as data: kubebuilder's fields under their own meaning, opgen's own apart.

`workspace.project` reads and writes it; everything that generates works on this form. Fields that opgen
doesn't know are kept in `extra`, so that writing PROJECT loses nothing of another tool's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opgen.ir.names import GroupVersionKind
from opgen.ir.schema import JSON


@dataclass(frozen=True, slots=True)
class ProjectResource:
    """resources[*]: one API of the project. `group` and `domain` as written; `plural` always stored.

    `has_api` tells a kind whose CRD this project owns, `core` a built-in one. `controllers` are names, in
    order; kubebuilder's `controller: true` is the one of the default name. `namespaced` is the kind's scope.
    """

    group: str
    domain: str
    version: str
    kind: str
    plural: str
    has_api: bool = True
    namespaced: bool = True
    core: bool = False
    controllers: tuple[str, ...] = ()
    path: str = ""
    extra: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def qualified_group(self) -> str:
        """The group as the API server knows it; "" for Kubernetes' own core group."""
        group = "" if self.core and self.group == "core" else self.group
        return ".".join(part for part in (group, self.domain) if part)

    @property
    def gvk(self) -> GroupVersionKind:
        return GroupVersionKind(self.qualified_group, self.version, self.kind)


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """What opgen keeps about one API under `plugins:`: where its schema lies and the flags it was made with.

    `schema` is relative to the project; `pointer` a JSON pointer into an OpenAPI document; `options` the
    controller flags as given, for `opgen update` alone: the code is the truth. `size_budget` is how many bytes the
    kind's CRD may have as JSON; None leaves it at a warning where kubectl can't apply it.
    """

    group: str
    version: str
    kind: str
    schema: str = ""
    pointer: str = ""
    options: Mapping[str, JSON] = field(default_factory=dict)
    size_budget: int | None = None

    @property
    def gvk(self) -> GroupVersionKind:
        return GroupVersionKind(self.group, self.version, self.kind)


@dataclass(frozen=True, slots=True)
class ImportedKind:
    """Somebody else's kind: its CRD lies in the project for models and test servers, and is never deployed by it.

    `source` is where it came from: an address, a path relative to the project, `cluster:NAME` or `-`; `sha256` of
    what was read there. `versions` get models; none chosen means all that are served.
    """

    group: str
    kind: str
    plural: str
    source: str
    sha256: str
    versions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of its CRD."""
        return f"{self.plural}.{self.group}"


@dataclass(frozen=True, slots=True)
class Settings:
    """opgen's own data under `plugins:`.

    `runtime_source` is "index" or "vendor", `license` "apache2" or "none".
    """

    package: str
    license: str = "apache2"
    owner: str = ""
    runtime_source: str = "index"
    apis: tuple[ApiSettings, ...] = ()
    imports: tuple[ImportedKind, ...] = ()

    def api(self, gvk: GroupVersionKind) -> ApiSettings | None:
        return next((api for api in self.apis if api.gvk == gvk), None)

    def size_budget(self, group: str, kind: str) -> int | None:
        """What the CRD of a kind may weigh in bytes: its versions are one CRD, so the least of theirs counts."""
        budgets = [api.size_budget for api in self.apis if (api.group, api.kind) == (group, kind)]
        return min((budget for budget in budgets if budget is not None), default=None)


@dataclass(frozen=True, slots=True)
class Project:
    """One PROJECT file. `cli_version` is the opgen that wrote the scaffold."""

    name: str
    domain: str
    settings: Settings
    cli_version: str
    multigroup: bool = False
    namespaced: bool = False
    resources: tuple[ProjectResource, ...] = ()
    extra: Mapping[str, JSON] = field(default_factory=dict)

    def resource(self, gvk: GroupVersionKind) -> ProjectResource | None:
        return next((resource for resource in self.resources if resource.gvk == gvk), None)

    def by_kind(self) -> dict[tuple[str, str], tuple[ProjectResource, ...]]:
        """The project's own resources by group and kind, the versions of a kind together."""
        found: dict[tuple[str, str], list[ProjectResource]] = {}
        for resource in self.resources:
            if resource.has_api:
                found.setdefault((resource.qualified_group, resource.kind), []).append(resource)
        return {key: tuple(resources) for key, resources in found.items()}

    @property
    def groups(self) -> tuple[str, ...]:
        """The qualified groups whose kinds this project owns, each once, in order of appearance."""
        return tuple(dict.fromkeys(r.qualified_group for r in self.resources if r.has_api))
