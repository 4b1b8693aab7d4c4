"""`opgen diff`: what changed between two states of definitions, and what that does to stored objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from opgen import schema
from opgen.apiextensions.compare import (
    CODES,
    Reason,
    Severity,
    compare,
    compare_object,
    fits_definition,
)
from opgen.commands.manifests import Manifest, read_manifests
from opgen.commands.sides import Reach, Side, is_cluster, side
from opgen.errors import Diagnostic, InputError, Level, error, has_errors
from opgen.schema import Given, Loaded


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """`new` "" is the project around `start`. `objects` are files and folders of stored objects.

    `conventions` asks for breaches of Kubernetes' API conventions in what is new, too.
    """

    old: str
    new: str
    start: Path
    objects: tuple[str, ...] = ()
    context: str = ""
    kubeconfig: str = ""
    given: Given = field(default_factory=Given)
    conventions: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A reason, of which definition, and where it stands. `versions` are those that say the same."""

    reason: Reason
    definition: str
    file: str = ""
    line: int = 0
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes, those that break first by place; what was compared; and notes about the input."""

    changes: tuple[Change, ...]
    compared: tuple[str, ...]
    objects: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()

    def count(self, severity: Severity) -> int:
        return sum(change.reason.severity is severity for change in self.changes)


def diff(request: DiffRequest) -> Difference:
    """Compares. Raises InputError with everything that can't be read, OpgenError where a side is not there."""
    reach = Reach(request.start, request.context, request.kubeconfig, request.given)
    if is_cluster(request.old):
        after = side(request.new, reach)
        before = side(request.old, reach, after)
    else:
        before = side(request.old, reach)
        after = side(request.new, reach, before)
    manifests = read_manifests([_from(request.start, path) for path in request.objects])
    said = [*before.diagnostics, *after.diagnostics, *manifests.diagnostics]
    if has_errors(said):
        raise InputError(said)
    compared = compare_sides(before, after, conventions=request.conventions)
    pairs = list(_pairs(before, after))
    changes, objects = list(compared.changes), 0
    for manifest in manifests.objects:
        for old, new in pairs:
            if fits_definition(old.definition, manifest.data):
                objects += 1
                changes += _object_changes(old, new, manifest)
    if request.objects and not objects and pairs:
        names = ", ".join(old.definition.names.kind for old, _ in pairs[:5])
        said.append(Diagnostic(Level.WARNING, f"none of the objects is a {names}", path="--objects"))
    return replace(compared, changes=tuple(changes), objects=objects, diagnostics=tuple(said))


def _from(start: Path, path: str) -> str:
    """As it was given where one stands in `start`, so that it is reported like that."""
    return path if path == "-" or start == Path.cwd() else str(start / path)


def compare_sides(before: Side, after: Side, *, conventions: bool = False) -> Difference:
    """The definitions of two sides; `opgen import update` shows the same."""
    changes: list[Change] = []
    compared: list[str] = []
    pairs = list(_pairs(before, after))
    for old, new in pairs:
        compared.append(_name(new))
        changes += _changes(new, compare(old.definition, new.definition, conventions=conventions))
    changes += _alone(before, after, pairs)
    return Difference(tuple(changes), tuple(compared))


def _name(item: Loaded) -> str:
    return f"{item.definition.names.plural}.{item.definition.group}"


def _pairs(before: Side, after: Side) -> Iterator[tuple[Loaded, Loaded]]:
    """By name; where each side has one alone, these two."""
    old, new = before.by_name(), after.by_name()
    if len(old) == len(new) == 1:
        yield next(iter(old.values())), next(iter(new.values()))
        return
    for name, item in new.items():
        if name in old:
            yield old[name], item


def _alone(before: Side, after: Side, pairs: list[tuple[Loaded, Loaded]]) -> Iterator[Change]:
    paired_old, paired_new = {_name(old) for old, _ in pairs}, {_name(new) for _, new in pairs}
    for name, item in before.by_name().items():
        if name not in paired_old and before.complete and after.complete:
            kind = item.definition.names.kind
            yield Change(Reason("kind-removed", f"{kind} is gone", kind=kind), name, item.origins.file)
    for name, item in after.by_name().items():
        if name not in paired_new:
            kind = item.definition.names.kind
            yield Change(Reason("kind-added", f"{kind} is new", kind=kind), name, item.origins.file)


def _changes(new: Loaded, reasons: Iterable[Reason]) -> Iterator[Change]:
    """Reasons at lines of the new side; what several versions share is said once."""
    grouped: dict[tuple[str, str, str, str], list[Reason]] = {}
    for reason in reasons:
        grouped.setdefault((reason.code, reason.path, reason.text, reason.hint), []).append(reason)
    for same in grouped.values():
        first = same[0]
        file, line = new.origins.file, 0
        if first.place:
            file, line = new.origins.locate(schema.field_steps(first.place, new.definition))
        versions = tuple(dict.fromkeys(reason.version for reason in same if reason.version))
        yield Change(first, _name(new), file, line, versions)


def _object_changes(old: Loaded, new: Loaded, manifest: Manifest) -> Iterator[Change]:
    file, line = manifest.origins.locate(())
    for reason in compare_object(old.definition, new.definition, manifest.data):
        versions = (reason.version,) if reason.version else ()
        yield Change(reason, _name(new), file, line, versions)


def unknown_codes(codes: Iterable[str]) -> list[Diagnostic]:
    """What `--ignore` can't mean."""
    return [
        error(f"there is no reason {code}", path="--ignore", hint="docs/diff.md lists them all")
        for code in codes
        if code not in CODES
    ]
