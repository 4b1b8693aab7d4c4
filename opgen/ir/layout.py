"""Where everything of a project lies and by which names it is imported, for all emitters and readers."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from opgen.ir.names import GroupVersionKind, identifier, snake_case
from opgen.ir.project import Project, ProjectResource

PROJECT_FILE = PurePosixPath("PROJECT")
CONCISE_SCHEMA = "config/schemas/concise-schema.json"
"""The JSON Schema of the concise language, which schemas name in their first line."""


@dataclass(frozen=True, slots=True)
class KindRef:
    """A kind as generated code names it: `from module import class_name`, and as RBAC does.

    `has_status` tells whether it has a status subresource.
    """

    gvk: GroupVersionKind
    plural: str
    namespaced: bool
    module: str
    class_name: str
    has_status: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one project; POSIX paths relative to its root."""

    package: str
    multigroup: bool = False

    @classmethod
    def of(cls, project: Project) -> Layout:
        return cls(project.settings.package, project.multigroup)

    @property
    def source(self) -> str:
        return f"src/{self.package}"

    @property
    def registry(self) -> str:
        return f"{self.source}/_registry.py"

    def group_module(self, resource: ProjectResource) -> str:
        return group_module(resource.group or resource.domain)

    def api_module(self, resource: ProjectResource) -> str:
        """The module of a kind's models: widgets.api.v1.widget."""
        group = f".{self.group_module(resource)}" if self.multigroup else ""
        return f"{self.package}.api{group}.{identifier(resource.version)}.{kind_module(resource.kind)}"

    def api_path(self, resource: ProjectResource) -> str:
        return f"src/{self.api_module(resource).replace('.', '/')}.py"

    def controller_module(self, resource: ProjectResource, controller: str) -> str:
        group = f".{self.group_module(resource)}" if self.multigroup else ""
        return f"{self.package}.controller{group}.{controller_stem(resource, controller)}_controller"

    def controller_path(self, resource: ProjectResource, controller: str) -> str:
        return f"src/{self.controller_module(resource, controller).replace('.', '/')}.py"

    def test_path(self, resource: ProjectResource, controller: str) -> str:
        group = f"{self.group_module(resource)}_" if self.multigroup else ""
        return f"tests/test_{group}{controller_stem(resource, controller)}_controller.py"

    def rules_path(self, resource: ProjectResource, *, further: bool = False) -> str:
        """The file of a kind's rule cases; `further` is for a version beside the first, which has its own."""
        group = f"{self.group_module(resource)}_" if self.multigroup else ""
        suffix = f"_{resource.version}" if further else ""
        return f"tests/rules/{group}{resource.kind.lower()}{suffix}.yaml"

    def crd_path(self, group: str, plural: str) -> str:
        return f"config/crd/bases/{group}_{plural}.yaml"

    def imported_module(self, group: str, version: str, kind: str) -> str:
        """The module of an imported kind's models: widgets.imported.cert_manager_io.v1.certificate."""
        return f"{self.package}.imported.{group_module(group)}.{identifier(version)}.{kind_module(kind)}"

    def imported_path(self, group: str, version: str, kind: str) -> str:
        return f"src/{self.imported_module(group, version, kind).replace('.', '/')}.py"

    def imported_crd_path(self, group: str, plural: str) -> str:
        """Where the definition of an imported kind is kept: beside the project's own, in no kustomization."""
        return f"config/crd/external/{group}_{plural}.yaml"

    def role_path(self, resource: ProjectResource, role: str) -> str:
        return f"config/rbac/generated/{self.role_stem(resource)}_{role}_role.yaml"

    def role_stem(self, resource: ProjectResource) -> str:
        group = f"{self.group_module(resource)}_" if self.multigroup else ""
        return f"{group}{resource.kind.lower()}"

    def sample_path(self, resource: ProjectResource, *, full: bool = False) -> str:
        suffix = "_full" if full else ""
        return f"config/samples/{_stem(resource)}{suffix}.yaml"

    def editor_schema_path(self, resource: ProjectResource) -> str:
        return f"config/schemas/{_stem(resource)}.json"

    def schema_folder(self, resource: ProjectResource) -> str:
        return f"schemas/{resource.group or resource.domain}"


def _stem(resource: ProjectResource) -> str:
    return f"{resource.group or resource.domain}_{resource.version}_{resource.kind.lower()}"


def group_module(group: str) -> str:
    """A group as a package name: sea-creatures -> sea_creatures, foo.policy -> foo_policy."""
    return identifier(group)


def kind_module(kind: str) -> str:
    """A kind as a module name: HTTPRoute -> http_route, Class -> class_."""
    return identifier(kind)


def default_controller_name(resource: ProjectResource, *, multigroup: bool) -> str:
    """kubebuilder's: the kind, with its group in front in a multigroup project."""
    kind = resource.kind.lower()
    if not multigroup:
        return kind
    return f"{re.sub(r'[^a-z0-9]+', '-', (resource.group or resource.domain).lower())}-{kind}"


def controller_stem(resource: ProjectResource, controller: str) -> str:
    """The start of a controller's module name: the kind's, or the controller's own where it has one."""
    if controller in ("", resource.kind.lower(), default_controller_name(resource, multigroup=True)):
        return snake_case(resource.kind)
    return snake_case(controller)


# What the package of a project can't be called: it would hide a module that the operator imports.
_TAKEN = frozenset(
    (
        "aiohttp",
        "attr",
        "attrs",
        "click",
        "copier",
        "jinja2",
        "kubernetes",
        "msgspec",
        "multidict",
        "mypy",
        "opgen",
        "opgen_runtime",
        "prometheus_client",
        "propcache",
        "pydantic",
        "pydantic_core",
        "pytest",
        "pytest_asyncio",
        "re2",
        "ruff",
        "test",
        "tests",
        "typing_extensions",
        "urllib3",
        "uv",
        "yaml",
        "yarl",
    )
)


def package_name(project_name: str, stdlib: frozenset[str]) -> str:
    """The import name of a project: my-operator -> my_operator; a name that is taken gets `_app`.

    `stdlib` holds the standard library's names (`sys.stdlib_module_names`): a folder called operator is common.
    """
    name = project_name.replace("-", "_").replace(".", "_")
    if name[:1].isdigit():
        name = f"op_{name}"
    if name in _TAKEN or name in stdlib or keyword.iskeyword(name) or keyword.issoftkeyword(name):
        name += "_app"
    return name
