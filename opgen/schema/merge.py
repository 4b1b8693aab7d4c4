"""Several files, one version each, make one definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from opgen.documents import Origins, Position
from opgen.errors import Diagnostic, error
from opgen.ir.definition import Names, Version
from opgen.ir.schema import JSON
from opgen.schema.loaded import Found, Loaded


def merge(parts: Sequence[Loaded]) -> Found:
    """The definition of one kind from all files that describe its versions.

    Names, scope and conversion must be the same in all files; labels, annotations, short names and
    categories may stand in one file only. Exactly one version must be the storage version: one that says
    `storage: true`, else the one that says nothing.
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
    return Found((Loaded(definition, _origins(parts), parts[0].form, silences=silences),))


def _disagreements(parts: Sequence[Loaded]) -> list[Diagnostic]:
    first = parts[0]
    found = []
    for part in parts[1:]:
        for name in ("group", "scope"):
            mine, theirs = getattr(part.definition, name), getattr(first.definition, name)
            if mine != theirs:
                found.append(_disagrees(part, first, name, mine, theirs))
        for name in ("kind", "plural", "singular", "list_kind"):
            mine, theirs = getattr(part.definition.names, name), getattr(first.definition.names, name)
            if mine != theirs:
                found.append(_disagrees(part, first, name.replace("list_kind", "listKind"), mine, theirs))
    return found


def _disagrees(part: Loaded, first: Loaded, name: str, mine: str, theirs: str) -> Diagnostic:
    return error(
        f"{name} is {mine!r} here and {theirs!r} in {first.origins.file}",
        file=part.origins.file,
        line=part.origins.line(()),
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
