"""`opgen create api`: a kind and its controller into a project; all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from opgen.commands import naming
from opgen.commands.artifacts import generated, stale
from opgen.commands.budgets import over_budget
from opgen.commands.collection import uncollected
from opgen.commands.definitions import Definitions
from opgen.commands.kinds import Kinds, is_watchable, own_kind
from opgen.commands.new_kind import Api, CreateApiRequest, foreign, own, qualified
from opgen.commands.schemas import load_definitions
from opgen.commands.workspace import Outcome, carry_out, find_root, opened, project_artifact, read_project
from opgen.emit.controller_test import controller_test_source
from opgen.emit.reconciler import Subject, article, controller_source
from opgen.emit.rules import rules_source
from opgen.errors import Diagnostic, InputError, Level, error, has_errors, warning
from opgen.ir.artifact import Artifact, Policy, text
from opgen.ir.layout import KindRef, Layout, default_controller_name
from opgen.ir.names import GroupVersionKind
from opgen.ir.options import ControllerRequest
from opgen.ir.project import ApiSettings, Project, ProjectResource
from opgen.scaffold.notice import notice_of

__all__ = ["CreateApiRequest", "create_api"]


@uncollected()
def create_api(request: CreateApiRequest) -> Outcome:
    """Adds a kind, a controller or both. Raises InputError with all problems, nothing written."""
    root = find_root(request.start)
    with opened(root, write=request.write) as notes:
        project = read_project(root)
        try:
            api = own(project, root, request) if request.resource else foreign(project, root, request)
        except InputError as wrong:  # about the kind: what is wrong with the flags is told with it
            flags = [*naming.check_options(request.options), *_unknown(project, root, request)]
            raise InputError([*wrong.diagnostics, *flags]) from None
        problems = [*api.diagnostics, *_checked(project, api, request)]
        planned, name = _added(project, api, request)
        if has_errors(problems):
            problems += _unknown(planned, root, request)
            raise InputError(problem for problem in problems if problem.level is not Level.INFO)
        overlay = {str(api.schema.path): api.schema.content} if api.schema else {}
        definitions = load_definitions(planned, root, overlay)
        if has_errors(definitions.diagnostics):
            raise InputError([*problems, *definitions.diagnostics])
        if over := [*over_budget(planned, definitions)]:
            raise InputError([*problems, *definitions.diagnostics, *over])
        return _write(planned, root, api, request, name, definitions, problems, notes)


def _write(
    project: Project,
    root: Path,
    api: Api,
    request: CreateApiRequest,
    name: str,
    definitions: Definitions,
    problems: list[Diagnostic],
    notes: tuple[str, ...],
) -> Outcome:
    once: list[Artifact] = [api.schema] if api.schema else []
    options, unfit = _options(project, definitions, request, name)
    unfit += _unownable(api, options)
    if unfit:
        raise InputError([*problems, *unfit])
    layout = Layout.of(project)
    overlay: dict[str, str] = {}
    if request.controller:
        path = layout.controller_path(api.main, name)
        subject = _subject(project, api, definitions)
        known = {**definitions.imported, **definitions.by_kind}
        code = controller_source(subject, options, notice_of(project.settings), known)
        if request.force or not (root / path).exists():
            overlay[path] = code
        once.append(text(path, code, Policy.ONCE))
        once.extend(_packages(layout, path))
    made = generated(project, root, definitions, overlay)
    if request.resource:
        once.extend(_rules(root, layout, api, definitions, made.artifacts, force=request.force))
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
    said = [*problems, *again, *made.diagnostics, *_advice(project, api, definitions, options)]
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


def _rules(
    root: Path,
    layout: Layout,
    api: Api,
    definitions: Definitions,
    made: tuple[Artifact, ...],
    *,
    force: bool,
) -> Iterator[Artifact]:
    """The first rule cases of each version: its samples, as far as they were found. A file that is there stays."""
    known = {str(artifact.path) for artifact in made}
    definition = definitions.by_kind[api.main.qualified_group, api.main.kind]
    for resource in api.resources:
        path = layout.rules_path(resource)
        if resource != api.main or not _is_about(root / path, resource):
            path = layout.rules_path(resource, further=True)
        samples = {
            name: f"../../{sample}"
            for name, full in (("minimal", False), ("full", True))
            if (sample := layout.sample_path(resource, full=full)) in known
        }
        version = definition.version(resource.version)
        if version is None or not version.served or ((root / path).exists() and not force):
            continue
        yield text(path, rules_source(resource, version.schema, samples), Policy.ONCE)


def _is_about(path: Path, resource: ProjectResource) -> bool:
    """Whether a file of rule cases is about that version, or not there yet."""
    if not path.is_file():
        return True
    words = path.read_text(encoding="utf-8", errors="replace").split()
    return resource.gvk.api_version in words or "apiVersion:" not in words


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


def _subject(project: Project, api: Api, definitions: Definitions) -> Subject:
    key = (api.main.qualified_group, api.main.kind)
    definition = definitions.by_kind.get(key)
    if definition is not None:
        return Subject(own_kind(project, api.main, definition), definition.version(api.main.version))
    kind = Kinds.of(project, definitions.by_kind, definitions.imported).find(api.main.gvk)
    assert kind is not None, api.main
    return Subject(kind)


# Whether it fits -------------------------------------------------------------------------------------------


def _checked(project: Project, api: Api, request: CreateApiRequest) -> Iterator[Diagnostic]:
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
            if controller != name and not same_module:
                continue
            if (other.qualified_group, other.kind) == (main.qualified_group, main.kind):
                yield error(
                    f"the controller {controller} is there already, for {other.version}: one reconciles the objects of "
                    "all versions",
                    path="--controller",
                    hint=f"the same command with --controller=false adds {main.version}"
                    if request.resource
                    else f"give another one its own name: --controller-name {main.kind.lower()}-audit",
                )
            else:
                yield error(
                    f"{other.gvk} has a controller of that name: {controller}",
                    path="--controller-name",
                    hint="give --controller-name another name: it becomes a module and owns fields in the cluster",
                )


def _added(project: Project, api: Api, request: CreateApiRequest) -> tuple[Project, str]:
    """The project with the new API, and the controller's name."""
    name = request.options.name or default_controller_name(api.main, multigroup=project.multigroup)
    resources = {resource.gvk: resource for resource in project.resources}
    for resource in api.resources:
        known = resources.get(resource.gvk)
        controllers = known.controllers if known else ()
        if resource == api.main and request.controller:
            controllers = tuple(dict.fromkeys((*controllers, name)))
        extra = known.extra if known else resource.extra
        resources[resource.gvk] = replace(resource, controllers=controllers, extra=extra)
    settings = {settings.gvk: settings for settings in project.settings.apis}
    budget = request.size_budget or project.settings.size_budget(api.main.qualified_group, api.main.kind)
    settings |= {added.gvk: replace(added, size_budget=budget) for added in api.settings}
    if request.size_budget is not None:  # one CRD, so one budget for all its versions
        for gvk, known_api in settings.items():
            if (gvk.group, gvk.kind) == (api.main.qualified_group, api.main.kind):
                settings[gvk] = replace(known_api, size_budget=request.size_budget)
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


def _unknown(project: Project, root: Path, request: CreateApiRequest) -> list[Diagnostic]:
    """What --owns and --watches say wrongly, where something else is wrong already."""
    return _options(project, load_definitions(project, root), request, "")[1]


def _options(
    project: Project, definitions: Definitions, request: CreateApiRequest, name: str
) -> tuple[ControllerRequest, list[Diagnostic]]:
    """The options with the kinds of --owns and --watches looked up."""
    kinds = Kinds.of(project, definitions.by_kind, definitions.imported)
    problems: list[Diagnostic] = []

    def look_up(flag: str, gvks: tuple[GroupVersionKind, ...]) -> tuple[KindRef, ...]:
        found: list[KindRef] = []
        for gvk in dict.fromkeys(gvks):
            kind = kinds.find(gvk) or kinds.find(replace(gvk, group=qualified(project, gvk.group)))
            if kind is None:
                similar = kinds.similar(gvk)
                problems.append(
                    error(
                        f"{gvk.api_version}/{gvk.kind} is neither built into Kubernetes nor imported nor a kind of "
                        "this project",
                        path=flag,
                        hint=f"did you mean {similar}?"
                        if similar
                        else "group/version/Kind as in the API: apps/v1/Deployment, v1/ConfigMap; "
                        "`opgen import crd` takes in somebody else's kind",
                    )
                )
            elif not is_watchable(kind):
                problems.append(
                    error(f"{kind.gvk} can't be watched: the API server doesn't store it", path=flag)
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


def _unownable(api: Api, options: ControllerRequest) -> Iterator[Diagnostic]:
    """Children that the garbage collector would delete at once."""
    for kind in options.owns_kinds:
        if api.main.namespaced and not kind.namespaced:
            yield error(
                f"{api.main.kind} is namespaced and can't own {article(kind.gvk.kind)} {kind.gvk.kind}, which is "
                "cluster-scoped",
                path="--owns",
                hint=f"--watches {kind.gvk.api_version}/{kind.gvk.kind}, a label for the owner, and a finalize that "
                "deletes it (--finalizer)",
            )


def _advice(
    project: Project, api: Api, definitions: Definitions, options: ControllerRequest
) -> Iterator[Diagnostic]:
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
    if project.namespaced and not api.main.namespaced:
        yield warning(
            f"{api.main.kind} is cluster-scoped, but the roles of a namespaced operator can't list or watch it",
            path="--namespaced",
            hint="make the operator cluster-wide, or grant it a ClusterRole of your own",
        )
