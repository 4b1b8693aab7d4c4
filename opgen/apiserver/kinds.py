"""What the server serves: one `ResourceInfo` for each group, version and plural, and their registry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from opgen.ir.definition import Definition

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Subresource:
    """A path below an object: its name, the kind that it speaks, and its verbs."""

    name: str
    kind: str
    verbs: tuple[str, ...] = ("get", "patch", "update")
    group: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class ResourceInfo:
    """One served resource in one version.

    `table` is the storage table, which the versions of a resource share; `definition` is there for custom
    resources. `fields` are the paths that a fieldSelector may name beside metadata's. An update of a resource
    that is not `unconditional` must carry the resourceVersion.
    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    singular: str = ""
    list_kind: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[Subresource, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    table: str = ""
    fields: tuple[str, ...] = ()
    unconditional: bool = True
    definition: Definition | None = None
    warning: str = ""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def stored(self) -> bool:
        """Whether its objects are kept; reviews are only answered."""
        return self.verbs != ("create",)

    @property
    def custom(self) -> bool:
        return self.definition is not None

    def subresource(self, name: str) -> Subresource | None:
        """The subresource of that name, or None."""
        return next((s for s in self.subresources if s.name == name), None)


@dataclass(slots=True)
class Registry:
    """All served resources. Order of groups and versions is that of discovery."""

    _resources: dict[tuple[str, str, str], ResourceInfo] = field(default_factory=dict)
    _versions: set[tuple[str, str]] = field(default_factory=set)
    revision: int = 0

    def add(self, info: ResourceInfo) -> None:
        """Serve a resource, or another form of one that is served."""
        self._resources[info.group, info.version, info.plural] = info
        self._versions.add((info.group, info.version))
        self.revision += 1

    def remove(self, group: str, plural: str) -> None:
        """Stop serving a resource in all its versions."""
        for key in [k for k in self._resources if k[0] == group and k[2] == plural]:
            del self._resources[key]
        self._versions = {(g, v) for g, v, _ in self._resources}
        self.revision += 1

    def get(self, group: str, version: str, plural: str) -> ResourceInfo | None:
        """The resource, or None if it isn't served."""
        return self._resources.get((group, version, plural))

    def __iter__(self) -> Iterator[ResourceInfo]:
        return iter(list(self._resources.values()))

    def by_kind(self, group: str, version: str, kind: str) -> ResourceInfo | None:
        """The resource of a kind in a version, or in any other version of the group if that isn't served."""
        other: ResourceInfo | None = None
        for info in self._resources.values():
            if info.group == group and info.kind == kind:
                if info.version == version:
                    return info
                other = other or info
        return other

    def has_version(self, group: str, version: str) -> bool:
        """Whether anything is served in that group and version."""
        return (group, version) in self._versions

    def of_table(self, table: str) -> ResourceInfo | None:
        """Any resource kept in that table."""
        return next((info for info in self._resources.values() if info.table == table), None)


_KUBE_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")


def version_priority(version: str) -> tuple[int, int, int, str]:
    """The sort key of kube-aware versions: v2, v1, v1beta1, v1alpha1, then the rest by name."""
    match = _KUBE_VERSION.fullmatch(version)
    if match is None:
        return (3, 0, 0, version)
    major, stage, minor = match.groups()
    return ({None: 0, "beta": 1, "alpha": 2}[stage], -int(major), -int(minor or 0), "")
