"""The kinds that `validate` knows: definitions among the inputs, given with --crd, of the project, and built in.

The first that knows a kind serves it, in that order. The project's own are read only when nothing else fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from opgen import coretypes, documents, schema
from opgen.apiextensions import decode, default_definition, prepared_for_create, review_definition
from opgen.apiextensions.complaints import text as complaint
from opgen.commands.manifests import STDIN, SUFFIXES, Manifest, flattened
from opgen.commands.workspace import find_root
from opgen.errors import Diagnostic, Level, OpgenError, closest, error, has_errors
from opgen.ir.definition import Definition
from opgen.schema import Loaded
from opgen.schema.crd import is_crd, read_crd

if TYPE_CHECKING:
    from opgen.apiserver.kinds import ResourceInfo

PROJECT_DEFINITIONS = ("config/crd/bases", "config/crd/external")
"""Where a project keeps its own definitions and those that it imported."""


@dataclass(frozen=True, slots=True)
class Known:
    """A definition, where it stands, and whether it is among the inputs."""

    definition: Definition
    place: str
    is_input: bool = False


def _known(item: Loaded) -> Known:
    file, line = item.origins.locate(())
    return Known(item.definition, f"{file}:{line}")


@dataclass(slots=True)
class Catalog:
    """Looks kinds up. `diagnostics` grows by what is wrong with the files that are read for it."""

    starts: Sequence[Path]
    given: dict[tuple[str, str], Known] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _project: dict[tuple[str, str], Known] | None = None
    _problems: dict[str, str] = field(default_factory=dict)

    def add_input(self, manifest: Manifest) -> None:
        """A definition among the inputs; it is judged there itself."""
        decoded = decode(manifest.data, strict=False)
        if decoded.definition is None:
            return
        file, line = manifest.origins.locate(())
        definition = prepared_for_create(default_definition(decoded.definition))
        self._add(self.given, Known(definition, f"{file}:{line}", is_input=True))

    def add_sound(self, definition: Definition, place: str) -> None:
        """A definition that was reviewed already, and is right."""
        self._add(self.given, Known(prepared_for_create(default_definition(definition)), place))
        self._problems[place] = ""

    def problem(self, known: Known) -> str:
        """Why no server has the definition, "" if one may: found out when it is first needed."""
        if known.place not in self._problems:
            verdict = review_definition(known.definition)
            error = "" if verdict.allowed else verdict.decode or complaint(verdict.errors[0])
            self._problems[known.place] = error
        return self._problems[known.place]

    def add_files(self, paths: Iterable[str]) -> None:
        """What --crd names: files and folders of definitions, in any form that opgen reads."""
        parts: dict[tuple[str, str], list[Loaded]] = {}
        for path in paths:
            folder = Path(path)
            files = [path]
            if path != "-" and folder.is_dir():
                files = sorted(str(file) for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
            known = [item for file in files for item in self._read(file, only_crds=folder.is_dir())]
            if not known and not has_errors(self.diagnostics):
                self.diagnostics.append(error("holds no definitions", file=path))
            for item in known:
                parts.setdefault((item.definition.group, item.definition.names.kind), []).append(item)
        for key, items in parts.items():
            if key not in self.given:
                self.given[key] = self._merged(items)

    def _merged(self, items: Sequence[Loaded]) -> Known:
        """Files that describe different versions of a kind as one; of those that describe the same the first."""
        chosen = [items[0]]
        for item in items[1:]:
            described = {version.name for each in chosen for version in each.definition.versions}
            if described.isdisjoint(version.name for version in item.definition.versions):
                chosen.append(item)
        found = schema.merge(chosen)
        self.diagnostics.extend(found.diagnostics)
        return _known(found.loaded[0] if found.loaded else chosen[0])

    def find(self, manifest: Manifest) -> Known | ResourceInfo | None:
        """The definition or the built-in resource of an object's kind, in whatever version; None if unknown."""
        group, version = manifest.group_version
        own = self.given.get((group, manifest.kind))
        if own is not None:
            return own
        from opgen.apiserver import (
            offline,
        )  # a whole server's imports, which a project's own kinds don't need

        core = offline.builtin(group, version, manifest.kind)
        if core is not None:
            return core
        return self._projects().get((group, manifest.kind))

    def versions(self, group: str, kind: str) -> tuple[str, ...]:
        """Built-in API versions of a kind: of its group, or of any where that group has none."""
        every = [info for info in coretypes.kinds().values() if info.kind == kind]
        own = [info for info in every if info.group == group] or every
        return tuple(sorted(info.api_version for info in own))

    def similar(self, group: str, kind: str) -> str:
        """What may have been meant: a kind of the group, or a group if none is called so; "" where none is like it."""
        known = self._kinds()
        return (
            closest(kind, known[group]) or "" if group in known else closest(group, known, cutoff=0.8) or ""
        )

    def is_strange(self, manifest: Manifest) -> bool:
        """Whether a project's folder holds the object, and its group is like none that is known here.

        opgen's own config has one: a monitor for the Prometheus operator, which a cluster may have or not.
        """
        group, _ = manifest.group_version
        if manifest.named or not group or group in self._kinds() or self.similar(group, manifest.kind):
            return False
        path = Path(manifest.origins.file).absolute()
        return any(path.is_relative_to(root.absolute()) for root in self._roots())

    def _kinds(self) -> dict[str, list[str]]:
        """All kinds that are known, by their group."""
        found: dict[str, list[str]] = {}
        for info in coretypes.kinds().values():
            found.setdefault(info.group, []).append(info.kind)
        for group, kind in (*self.given, *self._projects()):
            found.setdefault(group, []).append(kind)
        return found

    def _projects(self) -> dict[tuple[str, str], Known]:
        """The kinds of the projects around, read once."""
        if self._project is None:
            self._project = {}
            for root in self._roots():
                for item in self._of_project(root):
                    self._add(self._project, _known(item))
        return self._project

    def _add(self, where: dict[tuple[str, str], Known], item: Known) -> None:
        where[item.definition.group, item.definition.names.kind] = item

    def _read(self, file: str, *, only_crds: bool) -> Iterator[Loaded]:
        content, problems = documents.contents(file)
        name = STDIN if file == "-" else file
        loaded = documents.load(content, name)
        crds = [item for document in loaded.documents for item in flattened(document) if is_crd(item.data)]
        if problems or (only_crds and not crds):
            self.diagnostics.extend(problems)
            return
        found = [read_crd(item) for item in crds] or [schema.load_text(content, name)]
        self.diagnostics.extend(loaded.diagnostics if crds else ())
        for each in found:
            # Fields that the server does not know are dropped, as it may have done.
            self.diagnostics.extend(
                problem for problem in each.diagnostics if problem.level is Level.ERROR and not each.loaded
            )
            yield from each.loaded

    def _of_project(self, root: Path) -> Iterator[Loaded]:
        for folder in PROJECT_DEFINITIONS:
            for path in sorted((root / folder).rglob("*.yaml")):
                yield from self._read(str(path), only_crds=True)

    def _roots(self) -> Iterator[Path]:
        """The projects around the current folder and around the inputs, each once."""
        seen: set[Path] = set()
        for start in self.starts:
            try:
                root = find_root(start)
            except OpgenError:
                continue
            if root not in seen:
                seen.add(root)
                yield root
