"""`opgen create api`: a kind and its controller into a project; all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from opgen import documents, schema
from opgen.commands import naming
from opgen.commands.artifacts import generated, stale
from opgen.commands.definitions import Definitions
from opgen.commands.kinds import Kinds, core_kind, own_kind
from opgen.commands.schemas import load_definitions, reviewed
from opgen.commands.workspace import Outcome, carry_out, find_root, opened, project_artifact, read_project
from opgen.emit.controller_test import controller_test_source
from opgen.emit.reconciler import Subject, controller_source
from opgen.emit.starter import starter_schema
from opgen.emit.yaml import dump
from opgen.errors import Diagnostic, InputError, Level, error, has_errors, warning
from opgen.ir.artifact import Artifact, Policy, text
from opgen.ir.layout import KindRef, Layout, default_controller_name
from opgen.ir.names import GroupVersionKind, plural_of
from opgen.ir.options import ControllerRequest
from opgen.ir.project import ApiSettings, Project, ProjectResource
from opgen.ir.schema import JSON
from opgen.scaffold.notice import notice_of
from opgen.schema import Form, Given, Loaded


@dataclass(frozen=True, slots=True)
class CreateApiRequest:
    """What `create api` was asked for; empty where the schema is to say it.

    `schema` is a file, or "-" with the text in `stdin`. `namespaced` None leaves the schema's scope, or
    Namespaced. `flags` are the controller's flags as given, kept in PROJECT.
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
    resource: bool = True
    controller: bool = True
    force: bool = False
    write: bool = True
    options: ControllerRequest = field(default_factory=ControllerRequest)
    flags: tuple[tuple[str, JSON], ...] = ()


@dataclass(frozen=True, slots=True)
class _Api:
    """What is added: the resources of all versions, the one that is reconciled, and the schema's file."""

    resources: tuple[ProjectResource, ...]
    main: ProjectResource
    settings: tuple[ApiSettings, ...] = ()
    schema: Artifact | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def create_api(request: CreateApiRequest) -> Outcome:
    """Adds a kind, a controller or both. Raises InputError with all problems, nothing written."""
    root = find_root(request.start)
    with opened(root, write=request.write) as notes:
        project = read_project(root)
        api = _own(project, root, request) if request.resource else _foreign(project, request)
        problems = [*api.diagnostics, *_checked(project, api, request)]
        if has_errors(problems):
            raise InputError(problems)
        planned, name = _added(project, api, request)
        overlay = {str(api.schema.path): api.schema.content} if api.schema else {}
        definitions = load_definitions(planned, root, overlay)
        if has_errors(definitions.diagnostics):
            raise InputError([*problems, *definitions.diagnostics])
        return _write(planned, root, api, request, name, definitions, problems, notes)


def _write(
    project: Project,
    root: Path,
    api: _Api,
    request: CreateApiRequest,
    name: str,
    definitions: Definitions,
    problems: list[Diagnostic],
    notes: tuple[str, ...],
) -> Outcome:
    once: list[Artifact] = [api.schema] if api.schema else []
    options, unknown = _options(project, definitions, request, name)
    if unknown:
        raise InputError([*problems, *unknown])
    layout = Layout.of(project)
    overlay: dict[str, str] = {}
    if request.controller:
        path = layout.controller_path(api.main, name)
        code = controller_source(_subject(project, api, definitions), options, notice_of(project.settings))
        if request.force or not (root / path).exists():
            overlay[path] = code
        once.append(text(path, code, Policy.ONCE))
        once.extend(_packages(layout, path))
    made = generated(project, root, definitions, overlay)
    if request.controller:
        has_sample = (api.main.qualified_group, api.main.kind, api.main.version) in made.samples
        module = layout.controller_module(api.main, name)
        subject = _subject(project, api, definitions)
        test = controller_test_source(
            subject, options, module, has_sample=has_sample, notice=notice_of(project.settings)
        )
        once.append(text(layout.test_path(api.main, name), test, Policy.ONCE))
    # What was said of the file that was given isn't said of its copy in schemas/ too.
    told = {(d.line, d.path, d.message) for d in problems}
    again = [d for d in definitions.diagnostics if (d.line, d.path, d.message) not in told]
    said = [*problems, *again, *made.diagnostics, *_advice(api, definitions, options)]
    if not request.force:
        said += _kept(root, once)
    forced = {artifact.path for artifact in once}
    forced |= {
        PurePosixPath(layout.sample_path(resource, full=full))
        for resource in api.resources
        for full in (False, True)
    }
    artifacts = [*once, *made.artifacts, project_artifact(project)]
    return carry_out(
        root,
        artifacts,
        write=request.write,
        diagnostics=said,
        notes=notes,
        force=frozenset(forced) if request.force else frozenset(),
        delete=stale(project, root, made.artifacts),
    )


def _kept(root: Path, once: list[Artifact]) -> Iterator[Diagnostic]:
    """Files of the user's that lie where this command would begin one: the code stays, another schema is refused."""
    for artifact in once:
        path = root / artifact.path
        if not artifact.content or not path.is_file() or path.read_bytes() == artifact.content:
            continue
        if artifact.path.parts[0] == "schemas":
            yield error(
                "is here already and is not the schema that was given",
                file=str(artifact.path),
                hint=f"take it as it is with --schema {artifact.path}, move it away, or start over with --force",
            )
        else:
            hint = "--force writes it anew"
            yield warning("is here already and stays as it is", file=str(artifact.path), hint=hint)


def _packages(layout: Layout, path: str) -> Iterator[Artifact]:
    """The packages between the controller folder and a module: one a group in a multigroup project."""
    folder = PurePosixPath(path).parent
    while folder.name != "controller":
        yield text(str(folder / "__init__.py"), "", Policy.ONCE)
        folder = folder.parent


def _subject(project: Project, api: _Api, definitions: Definitions) -> Subject:
    key = (api.main.qualified_group, api.main.kind)
    definition = definitions.by_kind.get(key)
    if definition is not None:
        return Subject(own_kind(project, api.main, definition), definition.version(api.main.version))
    kind = core_kind(api.main.gvk)
    assert kind is not None, api.main
    return Subject(kind)


# What the kind is ------------------------------------------------------------------------------------------


def _own(project: Project, root: Path, request: CreateApiRequest) -> _Api:
    """A kind of this project's own, from its schema or with a starter."""
    if not request.schema:
        return _starter(project, request)
    given = Given(
        group=_qualified(project, request.group) if request.group else "",
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
) -> _Api:
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
    reviewed(loaded, said)  # here for its errors, at the lines of the user's own file
    problems += [diagnostic for diagnostic in said if diagnostic.level is Level.ERROR]
    if has_errors(problems):
        raise InputError(problems)
    if loaded.form is not Form.CRD:
        for resource in resources:
            problems += naming.check_gvk(
                resource.group, resource.domain, resource.version, resource.kind, resource.plural
            )
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
    return _Api(resources, main, settings, artifact, tuple(problems))


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
    if request.group and not _same_group(request.group, definition.group):
        yield error(f"says {definition.group}, not {request.group}", file=file, path="--group")


def _same_group(given: str, group: str) -> bool:
    return group == given or group.startswith(f"{given}.")


def _starter(project: Project, request: CreateApiRequest) -> _Api:
    group, domain = _split(project, _qualified(project, request.group))
    problems = naming.check_gvk(group, domain, request.version, request.kind, request.plural)
    if problems:
        raise InputError(problems)
    siblings = [
        r for r in project.resources if (r.qualified_group, r.kind) == (_join(group, domain), request.kind)
    ]
    others = [sibling for sibling in siblings if sibling.version != request.version]
    plural = request.plural or (others[0].plural if others else plural_of(request.kind))
    namespaced = request.namespaced
    if namespaced is None:
        namespaced = others[0].namespaced if others else True
    resource = ProjectResource(group, domain, request.version, request.kind, plural, namespaced=namespaced)
    path = f"{Layout.of(project).schema_folder(resource)}/{request.kind.lower()}.{request.version}.yaml"
    settings = ApiSettings(
        resource.qualified_group,
        resource.version,
        resource.kind,
        path,
        options=dict(request.flags) if request.controller else {},
    )
    content = starter_schema(resource, storage=not others)
    return _Api((resource,), resource, (settings,), text(path, content, Policy.ONCE))


def _foreign(project: Project, request: CreateApiRequest) -> _Api:
    """A kind that is there already: a built-in one, or one of the project's for a further controller."""
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
    own = project.resource(
        GroupVersionKind(_qualified(project, request.group), request.version, request.kind)
    ) or project.resource(GroupVersionKind(request.group, request.version, request.kind))
    if own is not None:
        return _Api((own,), own)
    if not (request.version and request.kind):
        raise InputError([*naming.check_version(request.version), *naming.check_kind(request.kind)])
    kind = core_kind(GroupVersionKind(request.group, request.version, request.kind))
    if kind is None:
        raise InputError(
            [
                error(
                    f"{request.group or 'core'}/{request.version} {request.kind} is neither a kind of this project nor "
                    "built into Kubernetes",
                    path="--kind",
                    hint="names are as in the API: --group apps --version v1 --kind Deployment",
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
    return _Api((known or resource,), known or resource)


def _join(group: str, domain: str) -> str:
    return ".".join(part for part in (group, domain) if part)


def _qualified(project: Project, group: str) -> str:
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


# Whether it fits -------------------------------------------------------------------------------------------


def _checked(project: Project, api: _Api, request: CreateApiRequest) -> Iterator[Diagnostic]:
    if request.controller:
        yield from naming.check_options(request.options)
    if request.resource:
        for resource in api.resources:
            if project.resource(resource.gvk) is not None and not request.force:
                yield error(
                    f"the API {resource.gvk} is in this project already",
                    path="--kind",
                    hint="edit its schema and run `make manifests generate`, or start it over with --force",
                )
            yield from naming.check_fits(project, resource)
    if request.controller:
        yield from _controller_taken(project, api.main, request)


def _controller_taken(
    project: Project, main: ProjectResource, request: CreateApiRequest
) -> Iterator[Diagnostic]:
    name = request.options.name or default_controller_name(main, multigroup=project.multigroup)
    known = project.resource(main.gvk)
    if known is not None and known.controllers and name in known.controllers and not request.force:
        yield error(
            f"{main.gvk} has a controller {name} already",
            path="--controller-name",
            hint=f"give another one its own name: --controller-name {main.kind.lower()}-audit",
        )
    layout = Layout.of(project)
    for other in project.resources:
        if other.gvk == main.gvk:
            continue
        for controller in other.controllers:
            same_module = layout.controller_module(other, controller) == layout.controller_module(main, name)
            if controller == name or same_module:
                same_kind = (other.qualified_group, other.kind) == (main.qualified_group, main.kind)
                yield error(
                    f"{other.gvk} has a controller of that name: {controller}",
                    path="--controller-name",
                    hint="a further version of a kind needs no controller of its own: --controller=false"
                    if same_kind
                    else "give --controller-name another name: it becomes a module and owns fields in the cluster",
                )


def _added(project: Project, api: _Api, request: CreateApiRequest) -> tuple[Project, str]:
    """The project with the new API, and the controller's name."""
    name = request.options.name or default_controller_name(api.main, multigroup=project.multigroup)
    resources = {resource.gvk: resource for resource in project.resources}
    for resource in api.resources:
        known = resources.get(resource.gvk)
        controllers = known.controllers if known else ()
        if resource == api.main and request.controller:
            controllers = tuple(dict.fromkeys((*controllers, name)))
        extra = known.extra if known else {}
        resources[resource.gvk] = replace(resource, controllers=controllers, extra=extra)
    settings = {settings.gvk: settings for settings in project.settings.apis}
    settings |= {added.gvk: added for added in api.settings}
    if not api.settings and request.controller and request.flags:
        known_settings = settings.get(api.main.gvk)
        added = known_settings or ApiSettings(api.main.qualified_group, api.main.version, api.main.kind)
        settings[api.main.gvk] = replace(added, options={**added.options, **dict(request.flags)})
    planned = replace(
        project,
        resources=tuple(resources.values()),
        settings=replace(project.settings, apis=tuple(settings.values())),
    )
    return planned, name


def _options(
    project: Project, definitions: Definitions, request: CreateApiRequest, name: str
) -> tuple[ControllerRequest, list[Diagnostic]]:
    """The options with the kinds of --owns and --watches looked up."""
    kinds = Kinds.of(project, definitions.by_kind)
    problems: list[Diagnostic] = []

    def look_up(flag: str, gvks: tuple[GroupVersionKind, ...]) -> tuple[KindRef, ...]:
        found: list[KindRef] = []
        for gvk in dict.fromkeys(gvks):
            kind = kinds.find(gvk) or kinds.find(replace(gvk, group=_qualified(project, gvk.group)))
            if kind is None:
                problems.append(
                    error(
                        f"{gvk.api_version}/{gvk.kind} is neither built into Kubernetes nor a kind of this project",
                        path=flag,
                        hint="group/version/Kind as in the API: apps/v1/Deployment, v1/ConfigMap",
                    )
                )
            elif kind not in found:
                found.append(kind)
        return tuple(found)

    options = replace(
        request.options,
        name=name,
        owns_kinds=look_up("--owns", request.options.owns),
        watches_kinds=look_up("--watches", request.options.watches),
    )
    return options, problems


def _advice(api: _Api, definitions: Definitions, options: ControllerRequest) -> Iterator[Diagnostic]:
    definition = definitions.by_kind.get((api.main.qualified_group, api.main.kind))
    version = definition.version(api.main.version) if definition else None
    if "generation" in options.predicates and version is not None and not version.status_subresource:
        yield warning(
            f"{api.main.kind} has no status subresource, so every write of its status moves the generation",
            path="--predicate",
            hint="declare a status in the schema",
        )
    if not api.main.namespaced and any(kind.namespaced for kind in options.owns_kinds):
        names = ", ".join(kind.gvk.kind for kind in options.owns_kinds if kind.namespaced)
        yield warning(
            f"{api.main.kind} is cluster-scoped: give each {names} that it owns a namespace of its own",
            path="--owns",
        )
