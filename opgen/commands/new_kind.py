"""What `create api` is about: a kind from a schema, one with a starter, or one that is there already.

Reads and reviews the schema that was given; whether the kind fits into the project is `create_api`'s affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from opgen import documents, schema
from opgen.commands import naming
from opgen.commands.further_version import copied
from opgen.commands.imported import load_imported
from opgen.commands.kinds import core_kind, imported_kind, modelled
from opgen.commands.schemas import reviewed
from opgen.emit.starter import starter_schema
from opgen.emit.yaml import dump
from opgen.errors import Diagnostic, InputError, Level, error, has_errors
from opgen.ir.artifact import Artifact, Policy, text
from opgen.ir.layout import Layout
from opgen.ir.names import GroupVersionKind, plural_of
from opgen.ir.options import ControllerRequest
from opgen.ir.project import ApiSettings, Project, ProjectResource
from opgen.ir.schema import JSON
from opgen.schema import Form, Found, Given, Loaded


@dataclass(frozen=True, slots=True)
class CreateApiRequest:
    """What `create api` was asked for; empty where the schema is to say it.

    `schema` is a file, or "-" with the text in `stdin`. `namespaced` None leaves the schema's scope, or
    Namespaced. `size_budget` is how many bytes the CRD may have; None leaves what PROJECT keeps. `flags` are the
    controller's flags as given, kept in PROJECT.
    """

    start: Path
    group: str = ""
    version: str = ""
    kind: str = ""
    plural: str = ""
    namespaced: bool | None = None
    schema: str = ""
    stdin: bytes = b""
    pointer: str = ""
    size_budget: int | None = None
    resource: bool = True
    controller: bool = True
    force: bool = False
    write: bool = True
    options: ControllerRequest = field(default_factory=ControllerRequest)
    flags: tuple[tuple[str, JSON], ...] = ()


@dataclass(frozen=True, slots=True)
class Api:
    """What is added: the resources of all versions, the one that is reconciled, and the schema's file."""

    resources: tuple[ProjectResource, ...]
    main: ProjectResource
    settings: tuple[ApiSettings, ...] = ()
    schema: Artifact | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def own(project: Project, root: Path, request: CreateApiRequest) -> Api:
    """A kind of this project's own, from its schema or with a starter."""
    if not request.schema:
        return _starter(project, root, request)
    given = Given(
        group=qualified(project, request.group) if request.group else "",
        version=request.version,
        kind=request.kind,
        plural=request.plural,
        namespaced=request.namespaced,
        pointer=request.pointer,
    )
    content, file = request.stdin, "<stdin>"
    if request.schema != "-":
        file = request.schema
        content, unreadable = documents.contents(file)  # once: it may be a pipe
        if unreadable:
            raise InputError(unreadable)
    found = schema.load_text(content, file, given)
    if others := _versions_of(project, found):
        # What the file leaves open is as in the kind's other versions.
        plural, namespaced = request.plural or others[-1].plural, request.namespaced
        namespaced = others[-1].namespaced if namespaced is None else namespaced
        found = schema.load_text(content, file, replace(given, plural=plural, namespaced=namespaced))
    group = given.group if len(found.loaded) > 1 else ""
    kind = request.kind if len(found.loaded) > 1 or request.kind else ""
    chosen = schema.choose(found, kind=kind, group=group, file=file)
    if has_errors(chosen.diagnostics) or not chosen.loaded:
        said = list(chosen.diagnostics)
        for readable in chosen.loaded:
            reviewed(readable, said)
        raise InputError(said)
    loaded = chosen.loaded[0]
    return _from_schema(
        project, root, request, loaded, content, chosen.diagnostics, alone=len(found.loaded) == 1
    )


def _from_schema(
    project: Project,
    root: Path,
    request: CreateApiRequest,
    loaded: Loaded,
    content: bytes,
    diagnostics: tuple[Diagnostic, ...],
    *,
    alone: bool,
) -> Api:
    definition = loaded.definition
    group, domain = _split(project, definition.group)
    resources = tuple(
        ProjectResource(
            group=group,
            domain=domain,
            version=version.name,
            kind=definition.names.kind,
            plural=definition.names.plural,
            namespaced=definition.namespaced,
        )
        for version in definition.versions
    )
    storage = definition.storage_version or (definition.versions[0] if definition.versions else None)
    main = next((r for r in resources if storage and r.version == storage.name), None)
    if main is None:
        raise InputError(
            [*diagnostics, error("has no version", file=loaded.origins.file, path="spec.versions")]
        )
    problems = [*diagnostics, *_contradictions(request, loaded)]
    said: list[Diagnostic] = []
    reviewed(_stored(project, loaded), said)  # here for its errors, at the lines of the user's own file
    problems += [_of_flag(problem, loaded) for problem in said if problem.level is Level.ERROR]
    if has_errors(problems):
        raise InputError(problems)
    if loaded.form is not Form.CRD:
        for resource in resources:
            said = naming.check_gvk(
                resource.group, resource.domain, resource.version, resource.kind, resource.plural
            )
            problems += [_in_file(problem, loaded) for problem in said]
    path = _schema_path(project, root, request, loaded, main)
    if not alone:
        from opgen.apiextensions import encode

        content = dump(encode(definition)).encode()
    settings = tuple(
        ApiSettings(
            group=resource.qualified_group,
            version=resource.version,
            kind=resource.kind,
            schema=path,
            pointer=request.pointer,
            options=dict(request.flags) if resource is main and request.controller else {},
        )
        for resource in resources
    )
    artifact = Artifact(PurePosixPath(path), content, Policy.ONCE)
    return Api(resources, main, settings, artifact, tuple(problems))


_PLACES: dict[str, tuple[str | int, ...]] = {
    "--group": ("spec", "group"),
    "--version": ("spec", "versions"),
    "--kind": ("spec", "names", "kind"),
    "--plural": ("spec", "names", "plural"),
}


def _in_file(problem: Diagnostic, loaded: Loaded) -> Diagnostic:
    """What is wrong with a name that a flag may give, at its line where the file itself says it."""
    place = _PLACES.get(problem.path)
    if place is None or loaded.origins.at(place).root is None:
        return problem
    file, line = loaded.origins.locate(place)
    flag, hint = problem.path.removeprefix("--"), problem.hint
    if hint.startswith(f"{problem.path} "):
        hint = f"write {flag}: {hint.removeprefix(f'{problem.path} ')}"
    return replace(problem, file=file, line=line, path="", hint=hint)


def _of_flag(problem: Diagnostic, loaded: Loaded) -> Diagnostic:
    """What the server says against a name that is not in the file: a flag, or PROJECT's domain, gave it."""
    for flag, place in _PLACES.items():
        if problem.path == ".".join(map(str, place)) and loaded.origins.at(place).root is None:
            hint = "--group cache.example.com, or a domain in PROJECT" if flag == "--group" else problem.hint
            return replace(problem, file="", line=0, path=flag, hint=hint)
    return problem


def _versions_of(project: Project, found: Found) -> tuple[ProjectResource, ...]:
    """The versions that the project has already of the kind in a file, where it holds one kind."""
    if len(found.loaded) != 1:
        return ()
    definition = found.loaded[0].definition
    return project.by_kind().get((definition.group, definition.names.kind), ())


def _stored(project: Project, loaded: Loaded) -> Loaded:
    """The file's definition as one to be reviewed, where another file of the kind has the stored version."""
    definition = loaded.definition
    others = project.by_kind().get((definition.group, definition.names.kind), ())
    return schema.alone(loaded) if others else loaded


def _contradictions(request: CreateApiRequest, loaded: Loaded) -> Iterator[Diagnostic]:
    """Flags that say otherwise than the file."""
    definition = loaded.definition
    file = loaded.origins.file
    names = [version.name for version in definition.versions]
    if request.version and request.version not in names:
        yield error(f"has no version {request.version}, but {', '.join(names)}", file=file, path="--version")
    if request.plural and request.plural != definition.names.plural:
        yield error(f"says {definition.names.plural}, not {request.plural}", file=file, path="--plural")
    if request.namespaced is not None and request.namespaced != definition.namespaced:
        yield error(
            f"says the scope is {definition.scope}", file=file, path="--namespaced", hint="change the file"
        )
    if request.pointer and loaded.form is not Form.OPENAPI:
        yield error("is not an OpenAPI document, so nothing in it is pointed at", file=file, path="--pointer")
    if request.group and not _same_group(request.group, definition.group):
        yield error(f"says {definition.group}, not {request.group}", file=file, path="--group")


def _same_group(given: str, group: str) -> bool:
    return group == given or group.startswith(f"{given}.")


def _starter(project: Project, root: Path, request: CreateApiRequest) -> Api:
    """A kind without a schema: a commented one, or for a further version a copy of the version before it."""
    group, domain = _split(project, qualified(project, request.group))
    problems = naming.check_gvk(group, domain, request.version, request.kind, request.plural)
    if problems:
        raise InputError(problems)
    others = _siblings(project, _join(group, domain), request.kind, request.version)
    plural = request.plural or (others[-1].plural if others else plural_of(request.kind))
    namespaced = request.namespaced
    if namespaced is None:
        namespaced = others[-1].namespaced if others else True
    resource = ProjectResource(group, domain, request.version, request.kind, plural, namespaced=namespaced)
    path = f"{Layout.of(project).schema_folder(resource)}/{request.kind.lower()}.{request.version}.yaml"
    settings = ApiSettings(
        resource.qualified_group,
        resource.version,
        resource.kind,
        path,
        options=dict(request.flags) if request.controller else {},
    )
    copy = copied(project, root, others[-1], request.version) if others else None
    if copy is None:
        content = starter_schema(resource, storage=not others)
        return Api((resource,), resource, (settings,), text(path, content, Policy.ONCE))
    told = Diagnostic(
        Level.INFO,
        f"begins as a copy of {copy.source}: change it to what is new in {request.version}",
        file=path,
        hint="`storage: true` moves to the version in which objects are to be stored",
    )
    return Api((resource,), resource, (settings,), text(path, copy.text, Policy.ONCE), (told,))


def _siblings(project: Project, group: str, kind: str, version: str) -> tuple[ProjectResource, ...]:
    """The other versions of a kind, as they came into the project."""
    return tuple(r for r in project.by_kind().get((group, kind), ()) if r.version != version)


def foreign(project: Project, root: Path, request: CreateApiRequest) -> Api:
    """A kind that is there already: a built-in or imported one, or one of the project's for a further controller."""
    if request.schema:
        raise InputError(
            [
                error(
                    "goes with a kind of this project's own", path="--schema", hint="without --resource=false"
                )
            ]
        )
    if not request.controller:
        raise InputError([error("neither a resource nor a controller is asked for", path="--controller")])
    known = project.resource(
        GroupVersionKind(qualified(project, request.group), request.version, request.kind)
    ) or project.resource(GroupVersionKind(request.group, request.version, request.kind))
    if known is not None:
        return Api((known,), known)
    if not (request.version and request.kind):
        raise InputError([*naming.check_version(request.version), *naming.check_kind(request.kind)])
    if imported := _imported(project, root, request):
        return Api((imported,), imported)
    kind = core_kind(GroupVersionKind(request.group, request.version, request.kind))
    if kind is None:
        raise InputError(
            [
                error(
                    f"{request.group or 'core'}/{request.version} {request.kind} is neither a kind of this project nor "
                    "imported nor built into Kubernetes",
                    path="--kind",
                    hint="names are as in the API: --group apps --version v1 --kind Deployment; `opgen import crd` "
                    "takes in somebody else's kind",
                )
            ]
        )
    group, _, domain = kind.gvk.group.partition(".")
    resource = ProjectResource(
        group=group or "core",
        domain=domain,
        version=kind.gvk.version,
        kind=kind.gvk.kind,
        plural=kind.plural,
        has_api=False,
        namespaced=kind.namespaced,
        core=True,
        path=kind.module,
    )
    known = project.resource(resource.gvk)
    return Api((known or resource,), known or resource)


def _imported(project: Project, root: Path, request: CreateApiRequest) -> ProjectResource | None:
    """An imported kind. Raises InputError where its version has no models or its definition can't be read."""
    names = [(kind.group, kind.kind) for kind in project.settings.imports]
    if (request.group, request.kind) not in names:
        return None
    found, said = load_imported(project, root, {})
    definition = found.get((request.group, request.kind))
    if definition is None or has_errors(said):
        raise InputError(said)
    versions = {version.name: version for version in modelled(project, definition)}
    if request.version not in versions:
        listing = ", ".join(versions)
        message = f"{request.kind} was not imported in {request.version}, but in {listing}"
        raise InputError([error(message, path="--version", hint="`opgen import crd --version` chooses")])
    kind = imported_kind(project, definition, versions[request.version])
    group, domain = _split(project, definition.group)
    return ProjectResource(
        group=group,
        domain=domain,
        version=kind.gvk.version,
        kind=kind.gvk.kind,
        plural=kind.plural,
        has_api=False,
        namespaced=kind.namespaced,
        path=kind.module,
        extra={"external": True},
    )


def _join(group: str, domain: str) -> str:
    return ".".join(part for part in (group, domain) if part)


def qualified(project: Project, group: str) -> str:
    """`cache` is cache.<domain>; a group that ends in the domain, or is it, is whole already."""
    if not project.domain or group == project.domain or group.endswith(f".{project.domain}"):
        return group
    return _join(group, project.domain)


def _split(project: Project, qualified: str) -> tuple[str, str]:
    """Group and domain as PROJECT keeps them."""
    if project.domain and qualified.endswith(f".{project.domain}"):
        return qualified.removesuffix(f".{project.domain}"), project.domain
    if project.domain and qualified == project.domain:
        return "", project.domain
    return qualified, ""


def _schema_path(
    project: Project, root: Path, request: CreateApiRequest, loaded: Loaded, main: ProjectResource
) -> str:
    """Where the schema is kept; a file that lies in schemas/ already stays where it is."""
    if request.schema != "-":
        given = Path(request.schema).resolve()
        if given.is_relative_to(root.resolve() / "schemas"):
            return given.relative_to(root.resolve()).as_posix()
    folder = Layout.of(project).schema_folder(main)
    several = loaded.form is Form.CRD or len(loaded.definition.versions) > 1
    stem = main.kind.lower() if several else f"{main.kind.lower()}.{main.version}"
    return f"{folder}/{stem}.yaml"
