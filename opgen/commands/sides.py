"""What OLD and NEW of `opgen diff` stand for: files, folders, `-`, Git revisions, addresses, a cluster, the project.

Every one becomes a `Side`: definitions by name, each with where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from opgen import documents, schema
from opgen.commands import git
from opgen.commands.fetch import fetch, is_url
from opgen.commands.manifests import SUFFIXES, flattened
from opgen.documents import Document, Origins
from opgen.errors import Diagnostic, InputError, OpgenError, error, has_errors
from opgen.ir.definition import Definition
from opgen.schema import Given, Loaded
from opgen.schema.concise import looks_concise

CLUSTER = "cluster:"
BASES = "config/crd/bases"


@dataclass(frozen=True, slots=True)
class Side:
    """`complete` says that a definition which is not here is gone, not merely out of sight."""

    label: str
    loaded: tuple[Loaded, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    complete: bool = True

    def by_name(self) -> dict[str, Loaded]:
        """By `plural.group`."""
        return {name_of(item.definition): item for item in self.loaded}


@dataclass(frozen=True, slots=True)
class Reach:
    """How a word is looked up: from which folder, in which cluster, with what the command line says of the kind."""

    start: Path
    context: str = ""
    kubeconfig: str = ""
    given: Given = field(default_factory=Given)


def name_of(definition: Definition) -> str:
    """The name that its CRD has."""
    return f"{definition.names.plural}.{definition.group}"


def is_cluster(word: str) -> bool:
    """Whether a word means a live cluster."""
    return word.startswith(CLUSTER)


def side(word: str, reach: Reach, others: Side | None = None) -> Side:
    """The definitions that `word` stands for; "" is the project around. `others` is the other side, for a cluster.

    What can't be read is in `diagnostics`; raises OpgenError where the word stands for nothing.
    """
    if not word:
        return _project(reach)
    if is_cluster(word):
        return _cluster(word.removeprefix(CLUSTER), reach, others)
    if word == "-":
        content, problems = documents.contents("-")
        return _texts(word, [("<stdin>", content)], reach, problems, complete=False)
    if is_url(word):
        return _texts(word, [(word, fetch(word).content)], reach, complete=False)
    path = reach.start / word
    if path.is_dir():
        return _folder(word, path, reach)
    if path.exists():
        content, problems = documents.contents(path)
        return _texts(word, [(word, content)], reach, problems, complete=False)
    return _revision(word, reach)


def _project(reach: Reach) -> Side:
    from opgen.commands.schemas import load_definitions
    from opgen.commands.workspace import find_root, read_project

    root = find_root(reach.start)
    found = load_definitions(read_project(root), root)
    if has_errors(found.diagnostics):
        raise InputError(found.diagnostics)
    loaded = tuple(
        Loaded(definition, found.origins[key], schema.Form.CRD) for key, definition in found.by_kind.items()
    )
    return Side("the project", loaded)


def _cluster(name: str, reach: Reach, others: Side | None) -> Side:
    from opgen.commands.live import live_definitions

    names: Iterable[str] | None = [name] if name else None
    if not name and others is not None:
        names = others.by_name()
    label = f"cluster {reach.context}"
    found = live_definitions(names, context=reach.context, kubeconfig=reach.kubeconfig)
    if name and not found:
        raise OpgenError(f"the cluster of the context {reach.context} has no definition {name}")
    return side_of_definitions(label, found, reach)


def side_of_definitions(label: str, found: Iterable[dict[str, Any]], reach: Reach) -> Side:
    """Definitions as a cluster gives them."""
    loaded: list[Loaded] = []
    diagnostics: list[Diagnostic] = []
    for raw in found:
        title = f"{label}: {_raw_name(raw)}"
        read = _documents([Document(raw, Origins(title))], title, reach)
        loaded += read.loaded
        diagnostics += read.diagnostics
    return Side(label, tuple(loaded), tuple(diagnostics), complete=False)


def side_of_content(label: str, content: bytes, reach: Reach) -> Side:
    """Definitions in one file."""
    return _texts(label, [(label, content)], reach, complete=False)


def _folder(word: str, folder: Path, reach: Reach) -> Side:
    texts: list[tuple[str, bytes]] = []
    problems: list[Diagnostic] = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix.lower() not in SUFFIXES or any(part.startswith(".") for part in inside.parts):
            continue
        if not path.is_file():
            continue
        content, wrong = documents.contents(path)
        problems.extend(wrong)
        if not wrong:
            texts.append((f"{word.rstrip('/')}/{inside.as_posix()}", content))
    return _texts(word, texts, reach, problems)


def _revision(word: str, reach: Reach) -> Side:
    revision, colon, path = word.partition(":")
    if not git.is_repository(reach.start):
        raise OpgenError(f"{word}: no such file or folder, and there is no Git repository here", hint=_HINT)
    if not git.is_revision(reach.start, revision):
        what = f"no revision {revision} here" if colon else "no such file, folder or Git revision"
        raise OpgenError(f"{word}: {what}", hint=_HINT)
    if colon:
        texts = git.files(reach.start, revision, path)
        if texts is None:
            raise OpgenError(f"{word}: the revision has no such file or folder", hint=_HINT)
        single = len(texts) == 1 and texts[0][0].endswith(path)
        named = [(f"{revision}:{name}", content) for name, content in texts]
        return _texts(word, named, reach, complete=not single)
    from opgen.commands.workspace import find_root

    root = find_root(reach.start)
    texts = git.files(root, revision, f"./{BASES}")
    if texts is None:
        raise OpgenError(
            f"{word}: the revision has no {BASES}",
            hint=f"name what is to be compared: {word}:PATH",
        )
    return _texts(word, [(f"{revision}:{name}", content) for name, content in texts], reach)


_HINT = (
    "a file, a folder, - for standard input, REVISION:PATH, an https:// address, or cluster: with --context"
)


def _texts(
    label: str,
    texts: Iterable[tuple[str, bytes]],
    reach: Reach,
    problems: Iterable[Diagnostic] = (),
    *,
    complete: bool = True,
) -> Side:
    """Definitions out of files. One that was named must hold some; in a folder other files are passed over."""
    diagnostics = list(problems)
    loaded: list[Loaded] = []
    for file, content in texts:
        if not diagnostics or complete:
            read = documents.load(content, file)
            diagnostics += read.diagnostics
            if has_errors(read.diagnostics) and not read.documents:
                continue  # it is not empty, it can't be read
            found = _documents(read.documents, file, reach, lenient=complete)
            loaded += found.loaded
            diagnostics += found.diagnostics
    merged, said = _merged(loaded)
    diagnostics += said
    if not merged and not diagnostics:
        diagnostics.append(error("holds no definition", file=label))
    return Side(label, merged, tuple(diagnostics), complete or len(merged) > 1)


def _documents(found: Iterable[Document], file: str, reach: Reach, *, lenient: bool = False) -> schema.Found:
    """The schemas among documents: a release's manifest holds Deployments as well."""
    flat = [item for document in found for item in flattened(document)]
    chosen = [item for item in flat if not _is_object(item.data)]
    if lenient:
        chosen = [item for item in chosen if _is_schema(item.data)]
    if flat and not chosen:
        return schema.Found()
    read = schema.load_parsed(documents.Loaded(tuple(chosen), ()), file, reach.given)
    stored = {_raw_name(item.data): _stored_versions(item.data) for item in chosen}
    kept = tuple(
        replace(item, definition=replace(item.definition, stored_versions=stored[name], established=True))
        if stored.get(name := name_of(item.definition))
        else item
        for item in read.loaded
    )
    return schema.Found(kept, read.diagnostics)


def _is_object(data: Any) -> bool:
    """An API object that is no definition."""
    if not isinstance(data, dict) or "kind" not in data or "apiVersion" not in data:
        return False
    return bool(data["kind"] != "CustomResourceDefinition")


def _is_schema(data: Any) -> bool:
    """Whether a document in a folder is meant as a schema rather than as anything else."""
    if not isinstance(data, dict):
        return False
    if data.get("kind") == "CustomResourceDefinition" or "openapi" in data:
        return True
    return ("version" in data or "versions" in data) and looks_concise(data)


def _raw_name(data: Any) -> str:
    metadata = data.get("metadata") if isinstance(data, dict) else None
    return str(metadata.get("name")) if isinstance(metadata, dict) else ""


def _stored_versions(data: Any) -> tuple[str, ...]:
    """status.storedVersions of a definition that came out of a cluster."""
    status = data.get("status") if isinstance(data, dict) else None
    versions = status.get("storedVersions") if isinstance(status, dict) else None
    return tuple(v for v in versions if isinstance(v, str)) if isinstance(versions, list) else ()


def _merged(loaded: list[Loaded]) -> tuple[tuple[Loaded, ...], list[Diagnostic]]:
    """One definition a kind: files that hold a version each are put together."""
    groups: dict[str, list[Loaded]] = {}
    for item in loaded:
        groups.setdefault(name_of(item.definition), []).append(item)
    merged: list[Loaded] = []
    problems: list[Diagnostic] = []
    for parts in groups.values():
        found = schema.merge(parts)
        merged += found.loaded
        problems += found.diagnostics
    return tuple(merged), problems
