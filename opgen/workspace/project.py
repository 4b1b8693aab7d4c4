"""PROJECT's raw data to `ir.project.Project` and back. Every fault is found in one reading; nothing is lost.

Reading the YAML itself is `documents`' work and dumping it `emit.yaml`'s: this module sees plain data.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from opgen.documents.origins import Origins, Path, json_path
from opgen.errors import Diagnostic, error
from opgen.ir.names import plural_of
from opgen.ir.project import ApiSettings, ImportedKind, Project, ProjectResource, Settings
from opgen.ir.schema import JSON
from opgen.ir.sizes import parse_size, size_text

PLUGIN = "python.opgen.dev/v1"
FORMAT = 1
_KNOWN = frozenset(
    (
        "cliVersion",
        "domain",
        "layout",
        "multigroup",
        "namespaced",
        "projectName",
        "plugins",
        "resources",
        "version",
    )
)
_KNOWN_RESOURCE = frozenset(
    ("api", "controller", "controllers", "core", "domain", "group", "kind", "path", "plural", "version")
)
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_GROUP = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_KIND = re.compile(r"[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?")
_UPGRADE = "upgrade opgen, or take the PROJECT of an earlier commit"


@dataclass(slots=True)
class _Reader:
    """Typed look-ups in raw data, which note what is wrong instead of raising."""

    file: str
    origins: Origins
    problems: list[Diagnostic] = field(default_factory=list)

    def fault(self, path: Path, message: str, hint: str = "") -> None:
        line = self.origins.line(path)
        self.problems.append(error(message, file=self.file, line=line, path=json_path(path), hint=hint))

    def mapping(self, value: JSON, path: Path) -> dict[str, JSON]:
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self.fault(path, f"must be a mapping, is {_kind(value)}")
        return {}

    def sequence(self, value: JSON, path: Path) -> list[JSON]:
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self.fault(path, f"must be a list, is {_kind(value)}")
        return []

    def text(self, raw: Mapping[str, JSON], key: str, path: Path, *, required: bool = False) -> str:
        value = raw.get(key)
        if isinstance(value, str) and (value or not required):
            return value
        if value is None and not required:
            return ""
        missing = value in (None, "")
        self.fault((*path, key), "is missing" if missing else f"must be a string, is {_kind(value)}")
        return ""

    def name(
        self, raw: Mapping[str, JSON], key: str, path: Path, form: re.Pattern[str], *, required: bool = False
    ) -> str:
        """A text that becomes part of paths and of names in the cluster."""
        value = self.text(raw, key, path, required=required)
        if value and not form.fullmatch(value):
            self.fault((*path, key), f"{value!r} can't be a name there")
            return ""
        return value

    def flag(self, raw: Mapping[str, JSON], key: str, path: Path, default: bool = False) -> bool:
        value = raw.get(key)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        self.fault((*path, key), f"must be true or false, is {_kind(value)}")
        return default

    def size(self, raw: Mapping[str, JSON], key: str, path: Path) -> int | None:
        """Bytes, written as a number or as 200KiB."""
        value = raw.get(key)
        if value is None:
            return None
        size = None if isinstance(value, bool | float) else parse_size(str(value))
        if size is None:
            self.fault((*path, key), "must be a size such as 200KiB, 1MiB or a number of bytes")
        return size


def _kind(value: JSON) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "a mapping"


def decode(
    raw: JSON, *, version: str, file: str = "PROJECT", origins: Origins | None = None
) -> tuple[Project | None, tuple[Diagnostic, ...]]:
    """The project, or None with every fault found; `version` is the running opgen's."""
    reader = _Reader(file, origins or Origins(file))
    if not isinstance(raw, dict):
        reader.fault((), f"must hold a mapping, holds {_kind(raw)}", "restore PROJECT from version control")
        return None, tuple(reader.problems)
    if newer := _newer(raw, version, file):
        return None, (newer,)
    if raw.get("version") not in ("3", 3):
        reader.fault(("version",), 'must be "3", the layout of PROJECT that opgen reads')
    name = reader.name(raw, "projectName", (), _LABEL, required=True)
    plugins = reader.mapping(raw.get("plugins"), ("plugins",))
    settings = _settings(reader, plugins)
    resources = _resources(reader, raw, reader.text(raw, "domain", ()))
    project = Project(
        name=name,
        domain=reader.text(raw, "domain", ()),
        settings=settings,
        cli_version=str(raw.get("cliVersion") or ""),
        multigroup=reader.flag(raw, "multigroup", ()),
        namespaced=reader.flag(raw, "namespaced", ()),
        resources=resources,
        extra=_extra(raw, plugins),
    )
    problems = tuple(dict.fromkeys(reader.problems))
    return (None if problems else project), problems


def _extra(raw: Mapping[str, JSON], plugins: Mapping[str, JSON]) -> dict[str, JSON]:
    """What other tools keep here: unknown fields, other plugins, further layouts."""
    extra = {key: value for key, value in raw.items() if key not in _KNOWN}
    if others := {key: value for key, value in plugins.items() if key != PLUGIN}:
        extra["plugins"] = others
    layout = raw.get("layout")
    if isinstance(layout, list) and layout != [PLUGIN]:
        extra["layout"] = layout
    return extra


def _newer(raw: Mapping[str, JSON], version: str, file: str) -> Diagnostic | None:
    plugins = raw.get("plugins")
    ours = plugins.get(PLUGIN) if isinstance(plugins, dict) else None
    layout = ours.get("format") if isinstance(ours, dict) else None
    if isinstance(layout, int) and layout > FORMAT:
        return error(
            f"was written by a newer opgen (format {layout}, this opgen reads {FORMAT})",
            file=file,
            path=f"$.plugins.{PLUGIN}.format",
            hint=_UPGRADE,
        )
    written = raw.get("cliVersion")
    if isinstance(written, str) and _release(written) > _release(version):
        return error(
            f"was written by a newer opgen ({written}, this is {version})",
            file=file,
            path="$.cliVersion",
            hint=_UPGRADE,
        )
    return None


def _release(version: str) -> tuple[int, ...]:
    """The release numbers at the start of a version: 1.2.0rc1 -> (1, 2, 0); trailing zeros don't count."""
    numbers: list[int] = []
    for part in version.removeprefix("v").split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _settings(reader: _Reader, plugins: Mapping[str, JSON]) -> Settings:
    path = ("plugins", PLUGIN)
    if PLUGIN not in plugins:
        reader.fault(
            path, "is missing, so this project was not made by opgen", "run opgen init in an empty folder"
        )
        return Settings(package="")
    raw = reader.mapping(plugins.get(PLUGIN), path)
    package = reader.text(raw, "package", path, required=True)
    if package and (not package.isidentifier() or keyword.iskeyword(package)):
        reader.fault((*path, "package"), f"{package!r} is not the name of a Python package")
    apis = [
        _api_settings(reader, entry, (*path, "apis", index))
        for index, entry in enumerate(reader.sequence(raw.get("apis"), (*path, "apis")))
    ]
    return Settings(
        package=package,
        license=reader.text(raw, "license", path) or "none",
        owner=reader.text(raw, "owner", path),
        runtime_source=reader.text(raw, "runtimeSource", path) or "index",
        apis=tuple(apis),
        imports=_imports(reader, raw, path),
    )


def _imports(reader: _Reader, raw: Mapping[str, JSON], path: Path) -> tuple[ImportedKind, ...]:
    found: list[ImportedKind] = []
    for index, entry in enumerate(reader.sequence(raw.get("imports"), (*path, "imports"))):
        place = (*path, "imports", index)
        value = reader.mapping(entry, place)
        fields = {
            key: reader.text(value, key, place, required=True)
            for key in ("group", "kind", "plural", "source", "sha256")
        }
        versions = reader.sequence(value.get("versions"), (*place, "versions"))
        imported = ImportedKind(**fields, versions=tuple(str(version) for version in versions))
        if any(other.name == imported.name for other in found):
            reader.fault(place, f"{imported.name} is imported twice")
        found.append(imported)
    return tuple(found)


def _api_settings(reader: _Reader, value: JSON, path: Path) -> ApiSettings:
    raw = reader.mapping(value, path)
    return ApiSettings(
        group=reader.text(raw, "group", path),
        version=reader.text(raw, "version", path, required=True),
        kind=reader.text(raw, "kind", path, required=True),
        schema=reader.text(raw, "schema", path),
        pointer=reader.text(raw, "pointer", path),
        options=reader.mapping(raw.get("options"), (*path, "options")),
        size_budget=reader.size(raw, "sizeBudget", path),
    )


def _resources(reader: _Reader, raw: Mapping[str, JSON], domain: str) -> tuple[ProjectResource, ...]:
    resources: list[ProjectResource] = []
    seen: dict[str, Path] = {}
    for index, value in enumerate(reader.sequence(raw.get("resources"), ("resources",))):
        path = ("resources", index)
        resource = _resource(reader, reader.mapping(value, path), path)
        if first := seen.get(str(resource.gvk)):
            reader.fault(path, f"{resource.gvk} stands in {json_path(first)} already")
        seen[str(resource.gvk)] = path
        resources.append(resource)
    return tuple(resources)


def _resource(reader: _Reader, raw: Mapping[str, JSON], path: Path) -> ProjectResource:
    kind = reader.name(raw, "kind", path, _KIND, required=True)
    has_api = raw.get("api") is not None
    api = reader.mapping(raw.get("api"), (*path, "api"))
    controllers = tuple(
        reader.name(reader.mapping(entry, place), "name", place, _LABEL, required=True)
        for number, entry in enumerate(reader.sequence(raw.get("controllers"), (*path, "controllers")))
        for place in ((*path, "controllers", number),)
    )
    if not controllers and reader.flag(raw, "controller", path):
        controllers = (kind.lower(),)
    return ProjectResource(
        group=reader.name(raw, "group", path, _GROUP),
        domain=reader.name(raw, "domain", path, _GROUP),
        version=reader.name(raw, "version", path, _LABEL, required=True),
        kind=kind,
        plural=reader.name(raw, "plural", path, _LABEL) or plural_of(kind),
        has_api=has_api,
        namespaced=reader.flag(api, "namespaced", (*path, "api")),
        core=reader.flag(raw, "core", path),
        controllers=controllers,
        path=reader.text(raw, "path", path),
        extra={key: value for key, value in raw.items() if key not in _KNOWN_RESOURCE},
    )


def encode(project: Project) -> dict[str, JSON]:
    """The raw data of PROJECT, in kubebuilder's order (alphabetical), with what `decode` kept of others'."""
    settings = project.settings
    plugin: dict[str, JSON] = {
        "format": FORMAT,
        "license": settings.license,
        "package": settings.package,
        "runtimeSource": settings.runtime_source,
    }
    if settings.owner:
        plugin["owner"] = settings.owner
    if settings.apis:
        plugin["apis"] = [_encode_api(api) for api in settings.apis]
    if settings.imports:
        plugin["imports"] = [_encode_import(kind) for kind in settings.imports]
    raw: dict[str, JSON] = dict(project.extra)
    others = raw.get("plugins")
    raw["plugins"] = {**(others if isinstance(others, dict) else {}), PLUGIN: dict(sorted(plugin.items()))}
    raw.setdefault("layout", [PLUGIN])
    raw |= {"cliVersion": project.cli_version, "projectName": project.name, "version": "3"}
    if project.domain:
        raw["domain"] = project.domain
    if project.multigroup:
        raw["multigroup"] = True
    if project.namespaced:
        raw["namespaced"] = True
    if project.resources:
        raw["resources"] = [_encode_resource(resource) for resource in project.resources]
    return dict(sorted(raw.items()))


def _encode_import(kind: ImportedKind) -> dict[str, JSON]:
    raw: dict[str, JSON] = {
        "group": kind.group,
        "kind": kind.kind,
        "plural": kind.plural,
        "sha256": kind.sha256,
        "source": kind.source,
    }
    if kind.versions:
        raw["versions"] = list(kind.versions)
    return raw


def _encode_api(api: ApiSettings) -> dict[str, JSON]:
    raw: dict[str, JSON] = {"group": api.group, "kind": api.kind, "version": api.version}
    if api.schema:
        raw["schema"] = api.schema
    if api.pointer:
        raw["pointer"] = api.pointer
    if api.options:
        raw["options"] = dict(api.options)
    if api.size_budget is not None:
        raw["sizeBudget"] = size_text(api.size_budget)
    return dict(sorted(raw.items()))


def _encode_resource(resource: ProjectResource) -> dict[str, JSON]:
    raw: dict[str, JSON] = dict(resource.extra)
    raw |= {"kind": resource.kind, "plural": resource.plural, "version": resource.version}
    if resource.has_api:
        api: dict[str, JSON] = {"crdVersion": "v1"}
        if resource.namespaced:
            api["namespaced"] = True
        raw["api"] = api
    if resource.controllers == (resource.kind.lower(),):
        raw["controller"] = True
    elif resource.controllers:
        raw["controllers"] = [{"name": name} for name in resource.controllers]
    for key, value in (("group", resource.group), ("domain", resource.domain), ("path", resource.path)):
        if value:
            raw[key] = value
    if resource.core:
        raw["core"] = True
    return dict(sorted(raw.items()))
