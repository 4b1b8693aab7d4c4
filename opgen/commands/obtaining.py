"""Gets somebody else's definitions from a file, an address, standard input or a cluster, with the SHA-256 of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from opgen import documents
from opgen.commands.fetch import digest, fetch, is_url
from opgen.commands.sides import CLUSTER, Reach, Side, name_of, side_of_content, side_of_definitions
from opgen.errors import Diagnostic, InputError, OpgenError, error, has_errors
from opgen.schema import Loaded

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Obtained:
    """`source` is as PROJECT keeps it; `loaded` all definitions that are there."""

    source: str
    sha256: str
    loaded: tuple[Loaded, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


def obtain(source: str, root: Path, *, context: str = "", kubeconfig: str = "") -> Obtained:
    """What lies at a source as PROJECT keeps it. Raises OpgenError, InputError with all that is wrong there."""
    reach = Reach(root, context, kubeconfig)
    if source.startswith(CLUSTER):
        return _from_cluster(source, reach)
    if source == STDIN:
        content, problems = documents.contents(STDIN)
        shown = "<stdin>"
    elif is_url(source):
        content, problems, shown = fetch(source).content, (), source
    else:
        content, problems = documents.contents(root / source)
        shown = source
        problems = tuple(error(problem.message, file=source, hint=problem.hint) for problem in problems)
    if problems:
        raise InputError(problems)
    return _checked(source, digest(content), side_of_content(shown, content, reach))


def _from_cluster(source: str, reach: Reach) -> Obtained:
    from opgen.commands.live import live_definitions
    from opgen.emit.crd import crd_yaml

    name = source.removeprefix(CLUSTER)
    found = live_definitions([name], context=reach.context, kubeconfig=reach.kubeconfig)
    if not found:
        raise OpgenError(
            f"the cluster of the context {reach.context} has no definition {name}",
            hint="the name is PLURAL.GROUP, as `kubectl get crd` lists it",
        )
    got = side_of_definitions(source, found, reach)
    # What a cluster adds of its own (resourceVersion, status) is no part of what was imported.
    text = "".join(crd_yaml(item.definition) for item in got.loaded)
    return _checked(source, digest(text.encode()), got)


def _checked(source: str, sha256: str, got: Side) -> Obtained:
    if has_errors(got.diagnostics):
        raise InputError(got.diagnostics)
    return Obtained(source, sha256, got.loaded, got.diagnostics)


def source_of(given: str, start: Path, root: Path) -> str:
    """How PROJECT keeps what the user named: a path counts from the project, so that it holds on other machines."""
    if given == STDIN or is_url(given):
        return given
    return Path(os.path.relpath((start / given).resolve(), root.resolve())).as_posix()


def choose(
    obtained: Obtained, kinds: tuple[str, ...], group: str
) -> tuple[tuple[Loaded, ...], list[Diagnostic]]:
    """The definitions of these kinds, or the only one."""
    fits = [item for item in obtained.loaded if not group or item.definition.group == group]
    if not kinds:
        if len(fits) == 1:
            return tuple(fits), []
        return (), [_choice(obtained, f"holds {len(fits)} definitions")]
    chosen: list[Loaded] = []
    said: list[Diagnostic] = []
    for kind in dict.fromkeys(kinds):
        named = [item for item in fits if kind in (item.definition.names.kind, name_of(item.definition))]
        if len(named) == 1:
            chosen += named
        else:
            said.append(_choice(obtained, f"holds {len(named) or 'no'} kind{'s' if named else ''} {kind}"))
    return tuple(chosen), said


def _choice(obtained: Obtained, message: str) -> Diagnostic:
    listing = ", ".join(sorted(_titles(obtained)))
    return error(message, file=obtained.source, hint=f"choose with --kind or --group: {listing}")


def _titles(obtained: Obtained) -> Iterator[str]:
    return (f"{item.definition.names.kind} ({item.definition.group})" for item in obtained.loaded)
