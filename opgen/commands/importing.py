"""`opgen import crd` and `opgen import update`: somebody else's kinds into a project, and their newer versions.

Everything is fetched and compared before anything is written; `imported` reads back what was put into the project.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from opgen.apiextensions.compare import Severity
from opgen.commands.artifacts import generated, stale
from opgen.commands.diff import Difference, compare_sides
from opgen.commands.imported import crd_artifact, kept, load_imported, problems
from opgen.commands.obtaining import STDIN, Obtained, choose, obtain, source_of
from opgen.commands.schemas import load_definitions
from opgen.commands.sides import CLUSTER, Side, name_of
from opgen.commands.workspace import Outcome, carry_out, find_root, opened, project_artifact, read_project
from opgen.errors import Diagnostic, InputError, OpgenError, error, has_errors, warning
from opgen.ir.artifact import Artifact
from opgen.ir.definition import Definition
from opgen.ir.layout import Layout
from opgen.ir.project import ImportedKind, Project
from opgen.schema import Loaded

Agree = Callable[[Sequence["Update"]], bool]
"""Shown what breaks, says whether to go on."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """`source` is a file, an address, `-`, or with `from_cluster` the name of a definition.

    `kinds` and `group` choose among several; `versions` get models (all that are served, if none is named). `sha256`,
    if given, is what the source must have.
    """

    start: Path
    source: str
    from_cluster: bool = False
    kinds: tuple[str, ...] = ()
    group: str = ""
    versions: tuple[str, ...] = ()
    sha256: str = ""
    context: str = ""
    kubeconfig: str = ""
    write: bool = True
    agree: Agree = field(default=lambda _: False)


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """`names` are kinds or names of definitions; none means all. `agree` is asked only where something breaks."""

    start: Path
    names: tuple[str, ...] = ()
    context: str = ""
    kubeconfig: str = ""
    write: bool = True
    agree: Agree = field(default=lambda _: False)


@dataclass(frozen=True, slots=True)
class Update:
    """One imported kind, before and after. `difference` is None where nothing was there to compare with.

    `restored`: the source is the same, yet the file in the project is not what came from it.
    """

    kind: ImportedKind
    definition: Definition
    was: ImportedKind | None = None
    difference: Difference | None = None
    restored: bool = False

    @property
    def changed(self) -> bool:
        return self.kind != self.was or self.restored

    @property
    def breaks(self) -> bool:
        return self.difference is not None and self.difference.count(Severity.BREAKING) > 0


@dataclass(frozen=True, slots=True)
class Imported:
    """What was, or would be, imported. `refused`: something breaks, and nobody agreed, so nothing was written."""

    outcome: Outcome
    updates: tuple[Update, ...]
    refused: bool = False


def import_crd(request: ImportRequest) -> Imported:
    """Takes somebody else's kinds into the project. Raises InputError with all problems, nothing written."""
    root = find_root(request.start)
    if request.from_cluster:
        source = f"{CLUSTER}{request.source}"
    else:
        source = source_of(request.source, request.start, root)
    obtained = obtain(source, root, context=request.context, kubeconfig=request.kubeconfig)
    if request.sha256 and request.sha256.lower() != obtained.sha256:
        raise OpgenError(
            f"{source} has the SHA-256 {obtained.sha256}, not {request.sha256}", hint="it is another file"
        )
    chosen, said = choose(obtained, request.kinds, request.group)
    if said:
        raise InputError(said)
    with opened(root, write=request.write) as notes:
        project = read_project(root)
        wrong = [
            problem for item in chosen for problem in _unfit(project, item, request.versions, obtained.source)
        ]
        if wrong:
            raise InputError(wrong)
        updates = [_update(project, root, item, obtained, request.versions) for item in chosen]
        return _carried_out(project, root, updates, request.write, request.agree, notes)


def import_update(request: UpdateRequest) -> Imported:
    """Fetches what was imported again. Raises InputError with all problems, nothing written."""
    root = find_root(request.start)
    project = read_project(root)
    wanted, said = _named(project, request.names)
    if said:
        raise InputError(said)
    got: dict[str, Obtained] = {}
    problems_: list[Diagnostic] = []
    skipped: list[Diagnostic] = []
    chosen: list[tuple[ImportedKind, Loaded]] = []
    for kind in wanted:
        if reason := _beyond(kind, request):
            skipped.append(warning(f"{kind.name} is left out: {reason}"))
            continue
        try:
            if kind.source not in got:
                got[kind.source] = obtain(
                    kind.source, root, context=request.context, kubeconfig=request.kubeconfig
                )
            found, wrong = choose(got[kind.source], (kind.name,), kind.group)
            problems_ += wrong
            chosen += [(kind, item) for item in found]
        except InputError as failed:
            problems_ += failed.diagnostics
        except OpgenError as failed:
            problems_.append(error(str(failed), hint=failed.hint))
    for kind, item in chosen:
        problems_ += _unfit(project, item, kind.versions, kind.source)
    if problems_:
        raise InputError([*skipped, *dict.fromkeys(problems_)])
    with opened(root, write=request.write) as notes:
        updates = [_update(project, root, item, got[kind.source], kind.versions) for kind, item in chosen]
        changed = [update for update in updates if update.changed]
        return _carried_out(project, root, changed, request.write, request.agree, notes, skipped)


def _beyond(kind: ImportedKind, request: UpdateRequest) -> str:
    """Why a kind can't be fetched again."""
    if kind.source == STDIN:
        return "it came from standard input (import it again)"
    if kind.source.startswith(CLUSTER) and not request.context:
        return "it came from a cluster (give --context)"
    return ""


def _named(project: Project, names: tuple[str, ...]) -> tuple[list[ImportedKind], list[Diagnostic]]:
    imports = project.settings.imports
    if not names:
        return list(imports), []
    found: dict[str, ImportedKind] = {}
    said: list[Diagnostic] = []
    for name in names:
        fits = [kind for kind in imports if name in (kind.kind, kind.name)]
        found |= {kind.name: kind for kind in fits}
        if not fits:
            listing = ", ".join(kind.name for kind in imports) or "nothing"
            said.append(error(f"{name} was not imported", path="NAME", hint=f"imported are: {listing}"))
    return list(found.values()), said


def _unfit(project: Project, item: Loaded, versions: tuple[str, ...], source: str) -> Iterator[Diagnostic]:
    """Why a definition can't be imported."""
    definition = kept(item.definition)
    group, kind = definition.group, definition.names.kind
    if (group, kind) in project.by_kind():
        yield error(
            f"{kind} ({group}) is a kind of this project", file=source, hint="its schema is in schemas/"
        )
    yield from problems(item)
    known = [version.name for version in definition.versions]
    for version in versions:
        if version not in known:
            yield error(
                f"{kind} has no version {version}, but {', '.join(known)}", file=source, path="--version"
            )
    if not versions and not any(version.served for version in definition.versions):
        yield error(f"no version of {kind} is served", file=source, hint="choose one with --version")
    layout = Layout.of(project)
    for other in project.settings.imports:
        if other.name == name_of(definition):
            continue
        if layout.imported_module(other.group, "v1", other.kind) == layout.imported_module(group, "v1", kind):
            yield error(f"{kind} ({group}) and {other.name} would be one module in Python", file=source)


def _update(
    project: Project, root: Path, item: Loaded, obtained: Obtained, versions: tuple[str, ...]
) -> Update:
    definition = kept(item.definition)
    names = definition.names
    kind = ImportedKind(
        definition.group, names.kind, names.plural, obtained.source, obtained.sha256, versions
    )
    was = next((known for known in project.settings.imports if known.name == kind.name), None)
    if was is None:
        return Update(kind, definition)
    if not versions:
        kind = replace(kind, versions=was.versions)
    artifact = crd_artifact(Layout.of(project), definition, kind.source)
    path = root / artifact.path
    if kind == was:
        return Update(
            kind, definition, was, None, not path.is_file() or path.read_bytes() != artifact.content
        )
    single = replace(project, settings=replace(project.settings, imports=(was,)))
    before, _ = load_imported(single, root, {})
    old = before.get((was.group, was.kind))
    if old is None:
        return Update(kind, definition, was)
    difference = compare_sides(
        Side("before", (Loaded(old, item.origins, item.form),)),
        Side("after", (replace(item, definition=definition),)),
    )
    return Update(kind, definition, was, difference)


def _carried_out(
    project: Project,
    root: Path,
    updates: Sequence[Update],
    write: bool,
    agree: Agree,
    notes: tuple[str, ...],
    said: Sequence[Diagnostic] = (),
) -> Imported:
    planned = _planned(project, updates)
    layout = Layout.of(project)
    crds = {
        update.kind.name: crd_artifact(layout, update.definition, update.kind.source) for update in updates
    }
    overlay: Mapping[str, bytes] = {str(crd.path): crd.content for crd in crds.values()}
    definitions = load_definitions(planned, root, overlay)
    if has_errors(definitions.diagnostics):
        raise InputError(definitions.diagnostics)
    made = generated(planned, root, definitions, {})
    refused = write and any(update.breaks for update in updates) and not agree(updates)
    artifacts: list[Artifact] = list(made.artifacts)
    if updates:
        artifacts.append(project_artifact(planned))
    outcome = carry_out(
        root,
        artifacts,
        write=write and not refused,
        diagnostics=(*said, *definitions.diagnostics, *made.diagnostics),
        notes=notes,
        force=frozenset(PurePosixPath(crd.path) for crd in crds.values()),
        delete=stale(planned, root, made.artifacts),
    )
    return Imported(outcome, tuple(updates), refused)


def _planned(project: Project, updates: Sequence[Update]) -> Project:
    imports = {kind.name: kind for kind in project.settings.imports}
    imports |= {update.kind.name: update.kind for update in updates}
    ordered = tuple(imports[name] for name in sorted(imports))
    return replace(project, settings=replace(project.settings, imports=ordered))
