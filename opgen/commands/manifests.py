"""Files, folders and standard input as single objects, each with where it stands: what `validate` works on.

Lists are taken apart. `helm template` says in comments which template an object came from (`# Source:`), and that
is kept. What is not an API object (a kustomization, a Helm values file, a schema) is told apart, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from opgen import documents
from opgen.documents import Document, Origins
from opgen.errors import Diagnostic, error, warning

SUFFIXES = (".yaml", ".yml", ".json")
STDIN = "<stdin>"
_LOCAL_GROUPS = ("kustomize.config.k8s.io/", "kind.x-k8s.io/", "config.k8s.io/")
"""API groups that tools read from files and no server serves."""
_SOURCE = re.compile(r"^# Source: (\S.*?)\s*$")
_TEMPLATE = "this looks like a template: render it first, as in `helm template CHART | opgen validate -`"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object of the input. `source` is the Helm template that it was rendered from, "" if unknown."""

    data: dict[str, Any]
    origins: Origins
    source: str = ""
    lints: documents.Silences = field(default_factory=documents.Silences)
    named: bool = True
    """Whether its file was named, rather than found in a folder."""

    @property
    def api_version(self) -> str:
        return _text(self.data.get("apiVersion"))

    @property
    def kind(self) -> str:
        return _text(self.data.get("kind"))

    @property
    def name(self) -> str:
        return _text(self._metadata.get("name")) or _text(self._metadata.get("generateName"))

    @property
    def namespace(self) -> str:
        return _text(self._metadata.get("namespace"))

    @property
    def _metadata(self) -> dict[str, Any]:
        found = self.data.get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def group_version(self) -> tuple[str, str]:
        group, _, version = self.api_version.rpartition("/")
        return group, version

    @property
    def title(self) -> str:
        """`Deployment/web`, as kubectl would name it."""
        return f"{self.kind or '?'}/{self.name}" if self.name else self.kind


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Manifests:
    """The objects of the input in order, how many files they came from, and what was left out and why."""

    objects: tuple[Manifest, ...]
    diagnostics: tuple[Diagnostic, ...]
    files: int = 0
    skipped: int = 0


def read_manifests(paths: Sequence[str]) -> Manifests:
    """All objects in the files, folders (searched below, hidden ones aside) and standard input (`-`)."""
    found: list[Manifest] = []
    diagnostics: list[Diagnostic] = []
    files = skipped = 0
    for path, listed in _expanded(paths, diagnostics):
        files += 1
        content, problems = documents.contents(path)
        if problems:
            diagnostics.extend(problems)
            continue
        file = STDIN if path == "-" else path
        loaded = documents.load(content, file)
        template = bool(loaded.diagnostics) and b"{{" in content
        diagnostics.extend(_hinted(problem) if template else problem for problem in loaded.diagnostics)
        sources = _sources(content)
        for document in loaded.documents:
            for item in flattened(document):
                if _is_object(item.data, listed=listed):
                    source = _source_of(sources, item.origins.line(()))
                    found.append(Manifest(item.data, item.origins, source, loaded.silences, listed))
                elif listed and not _is_local(item.data):
                    diagnostics.append(_no_object(item))
                else:
                    skipped += 1
        if listed and not loaded.documents and not loaded.diagnostics:
            diagnostics.append(warning("holds no objects", file=file))
    return Manifests(tuple(found), tuple(diagnostics), files, skipped)


def _expanded(paths: Sequence[str], diagnostics: list[Diagnostic]) -> Iterator[tuple[str, bool]]:
    """Each file, and whether it was named (or given on standard input) rather than found in a folder."""
    for path in dict.fromkeys(paths):
        folder = Path(path)
        if path == "-" or not folder.is_dir():
            yield path, True
            continue
        inside = sorted(_below(folder))
        if not inside:
            hint = f"files that end in {', '.join(SUFFIXES)} are read"
            diagnostics.append(error("holds no manifests", file=path, hint=hint))
        yield from ((str(file), False) for file in inside)


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SUFFIXES and not hidden and path.is_file():
            yield path


def flattened(document: Document) -> Iterator[Document]:
    """The items of a list, or the document itself."""
    data = document.data
    if isinstance(data, dict) and str(data.get("kind", "")).endswith("List") and "items" in data:
        items = data["items"]
        if items is None or isinstance(items, list):
            for index, item in enumerate(items or ()):
                yield from flattened(Document(item, document.origins.at(("items", index)), document.index))
            return
    yield document


def _is_object(data: Any, *, listed: bool) -> bool:
    """Whether a server is to be asked about it; in a folder that takes an apiVersion, beside a kind or metadata."""
    if not isinstance(data, dict) or _is_local(data):
        return False
    if listed:
        return "apiVersion" in data or ("kind" in data and "metadata" in data)
    return ("apiVersion" in data) + ("kind" in data) + ("metadata" in data) >= 2


def _is_local(data: Any) -> bool:
    return isinstance(data, dict) and str(data.get("apiVersion", "")).startswith(_LOCAL_GROUPS)


def _no_object(document: Document) -> Diagnostic:
    file, line = document.origins.locate(())
    if isinstance(document.data, dict) and ("versions" in document.data or "properties" in document.data):
        hint = "schemas are for `opgen compile`; --crd takes them as definitions"
    else:
        hint = "an API object says its apiVersion and kind"
    return error("is not an API object: it has no apiVersion and kind", file=file, line=line, hint=hint)


def _hinted(problem: Diagnostic) -> Diagnostic:
    return problem if problem.hint.startswith("it was first") else replace(problem, hint=_TEMPLATE)


def _sources(content: bytes) -> list[tuple[int, str]]:
    """Lines from which on another `# Source:` holds, and which; "" from each start of a document."""
    if b"# Source: " not in content:
        return []
    found = []
    for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
        if line.startswith("---"):
            found.append((number, ""))
        elif comment := _SOURCE.match(line):
            found.append((number, comment[1]))
    return found


def _source_of(sources: Iterable[tuple[int, str]], line: int) -> str:
    source = ""
    for start, name in sources:
        if start > line:
            break
        source = name
    return source
