"""Several files, one version each, make one definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from opgen.documents import Origins, Position
from opgen.errors import Diagnostic, error
from opgen.ir.definition import Names, Version
from opgen.ir.schema import JSON
from opgen.schema.loaded import Found, Loaded


def merge_kinds(loaded: Sequence[Loaded]) -> Found:
    """One definition a kind, in the order in which the kinds first come; what is wrong with one keeps out only that."""
    kinds: dict[tuple[str, str], list[Loaded]] = {}
    for item in loaded:
        kinds.setdefault((item.definition.group, item.definition.names.kind), []).append(item)
    found = [merge(parts) for parts in kinds.values()]
    return Found(
        tuple(item for each in found for item in each.loaded),
        tuple(said for each in found for said in each.diagnostics),
    )


def merge(parts: Sequence[Loaded]) -> Found:
    """The definition of one kind from all files that describe its versions.

    Names, scope and conversion must be the same in all files; labels, annotations, short names and
    categories may stand in some of them, and must agree where they do. Exactly one version must be the
    storage version: one that says `storage: true`, else the one that says nothing.
    """
    if len(parts) == 1:
        return Found(tuple(parts))
    diagnostics = [*_disagreements(parts), *_twice(parts)]
    if diagnostics:
        return Found((), tuple(diagnostics))
    versions, problem = _versions(parts)
    if problem:
        return Found((), (problem,))
    first = parts[0].definition
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    for part in parts:
        labels.update(part.definition.labels)
        annotations.update(part.definition.annotations)
    metadata: dict[str, JSON] = dict(first.metadata)
    for key, texts in (("labels", labels), ("annotations", annotations)):
        if texts:
            metadata[key] = {**texts}
    definition = replace(
        first,
        names=_names(parts),
        versions=versions,
        labels=labels,
        annotations=annotations,
        metadata=metadata,
    )
    silences = {file: found for part in parts for file, found in part.silences.items()}
    partial = any(part.partial for part in parts)
    return Found((Loaded(definition, _origins(parts), parts[0].form, partial=partial, silences=silences),))


def alone(item: Loaded) -> Loaded:
    """A file's definition as one that could stand alone, where another file of the kind has the stored version."""
    definition = item.definition
    if definition.storage_version or not definition.versions:
        return item
    first, *rest = definition.versions
    versions = (replace(first, storage=True), *rest)
    return replace(item, definition=replace(definition, versions=versions))


_SPEC = ("group", "scope")
_NAMES = (("kind", "kind"), ("plural", "plural"), ("singular", "singular"), ("list_kind", "listKind"))
_LISTS = (("short_names", "shortNames"), ("categories", "categories"))


def _disagreements(parts: Sequence[Loaded]) -> list[Diagnostic]:
    """What two files say otherwise; silence of one is no disagreement where a file may be silent."""
    first = parts[0]
    found = []
    for part in parts[1:]:
        for name in _SPEC:
            mine, theirs = getattr(part.definition, name), getattr(first.definition, name)
            if mine != theirs:
                found.append(_disagrees(part, first, ("spec", name), repr(mine), repr(theirs)))
        for name, spelled in _NAMES:
            mine, theirs = getattr(part.definition.names, name), getattr(first.definition.names, name)
            if mine != theirs:
                found.append(_disagrees(part, first, ("spec", "names", spelled), repr(mine), repr(theirs)))
        if part.definition.conversion != first.definition.conversion:
            mine, theirs = (
                item.definition.conversion.strategy if item.definition.conversion else "None"
                for item in (part, first)
            )
            told = f"{mine} with other settings" if mine == theirs else mine
            found.append(_disagrees(part, first, ("spec", "conversion"), told, theirs))
    for name, spelled in _LISTS:
        given = [part for part in parts if getattr(part.definition.names, name)]
        for part in given[1:]:
            mine, theirs = (getattr(item.definition.names, name) for item in (part, given[0]))
            if set(mine) != set(theirs):
                place = ("spec", "names", spelled)
                found.append(_disagrees(part, given[0], place, ", ".join(mine), ", ".join(theirs)))
    return [*found, *_other_texts(parts, "labels"), *_other_texts(parts, "annotations")]


def _other_texts(parts: Sequence[Loaded], what: str) -> list[Diagnostic]:
    """Labels or annotations to which two files give different values."""
    seen: dict[str, Loaded] = {}
    found = []
    for part in parts:
        texts: Mapping[str, str] = getattr(part.definition, what)
        for key, mine in texts.items():
            first = seen.setdefault(key, part)
            theirs = getattr(first.definition, what)[key]
            if mine != theirs:
                place = ("metadata", what, key)
                found.append(_disagrees(part, first, place, repr(mine), repr(theirs)))
    return found


def _disagrees(part: Loaded, first: Loaded, place: tuple[str, ...], mine: str, theirs: str) -> Diagnostic:
    name = " ".join((place[-2].removesuffix("s"), place[-1])) if place[0] == "metadata" else place[-1]
    return error(
        f"{name} is {mine} here and {theirs} in {first.origins.file}",
        file=part.origins.file,
        line=part.origins.line(place),
        hint="all files of one kind must agree",
    )


def _twice(parts: Sequence[Loaded]) -> list[Diagnostic]:
    seen: dict[str, Loaded] = {}
    found = []
    for part in parts:
        for index, version in enumerate(part.definition.versions):
            if version.name in seen:
                found.append(
                    error(
                        f"version {version.name} is described in {seen[version.name].origins.file} as well",
                        file=part.origins.file,
                        line=part.origins.line(("spec", "versions", index)),
                    )
                )
            seen.setdefault(version.name, part)
    return found


def _versions(parts: Sequence[Loaded]) -> tuple[tuple[Version, ...], Diagnostic | None]:
    explicit = [
        v.name for p in parts for v in p.definition.versions if v.storage and v.name not in p.implied_storage
    ]
    implied = sorted(name for p in parts for name in p.implied_storage)
    storage = explicit or implied
    if len(storage) != 1:
        what = "no version is" if not storage else f"versions {', '.join(storage)} are all"
        return (), error(
            f"{what} the storage version of {parts[0].definition.names.kind}",
            file=parts[-1].origins.file,
            hint="set `storage: true` on one version and `storage: false` on the others",
        )
    versions = [replace(v, storage=v.name == storage[0]) for p in parts for v in p.definition.versions]
    return tuple(sorted(versions, key=lambda v: v.name)), None


def _names(parts: Sequence[Loaded]) -> Names:
    """The names of the first file, with short names and categories from any."""
    names = parts[0].definition.names
    for part in parts[1:]:
        other = part.definition.names
        names = replace(
            names,
            short_names=names.short_names or other.short_names,
            categories=names.categories or other.categories,
        )
    return names


def _origins(parts: Sequence[Loaded]) -> Origins:
    """The first file's positions, with each version's under the index that it has after sorting."""
    order = sorted(
        ((v.name, part, index) for part in parts for index, v in enumerate(part.definition.versions)),
        key=lambda entry: entry[0],
    )
    versions = Position(0)
    for target, (_, part, index) in enumerate(order):
        found = part.origins.at(("spec", "versions", index)).root or Position(part.origins.line(()))
        versions.children[target] = Position(found.line, found.children, file=part.origins.file)
    first = parts[0].origins
    spec = first.at(("spec",)).root or Position(0)
    merged_spec = Position(spec.line, {**spec.children, "versions": versions})
    root = first.root or Position(0)
    return Origins(first.file, Position(root.line, {**root.children, "spec": merged_spec}))
