"""What a type checker of a user's project reads of ours: it follows every import, deferred ones too."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

# Large, and nothing that a user's code names. What needs them loads them by name.
HEAVY = frozenset({"aiohttp", "kubernetes", "copier", "jinja2", "click", "re2", "yarl"})
UNNAMED = (
    "opgen.apiserver",
    "opgen.apiextensions",
    "opgen.schema",
    "opgen.emit",
    "opgen.commands",
    "opgen.scaffold",
)


def source(module: str) -> Path | None:
    """The file of one of our modules."""
    spec = find_spec(module)
    return Path(spec.origin) if spec is not None and spec.origin else None


def imported(module: str) -> set[str]:
    """Whatever a module's text imports, at its top or anywhere else."""
    file = source(module)
    if file is None:
        return set()
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(base), level=0, names=names):
                found |= {base, *(f"{base}.{alias.name}" for alias in names)}
    return found


def followed(*roots: str) -> dict[str, str]:
    """All modules that are read for `roots`, each with the one that led there."""
    reached = dict.fromkeys(roots, "")
    waiting = [*roots]
    while waiting:
        here = waiting.pop()
        # A module's packages are read too.
        names = imported(here) | ({here.rpartition(".")[0]} if "." in here else set())
        for name in sorted(names):
            ours = name.partition(".")[0] in ("opgen", "opgen_runtime")
            if name not in reached and (not ours or _is_module(name)):
                reached[name] = here
                if ours:
                    waiting.append(name)
    return reached


def _is_module(name: str) -> bool:
    parent, _, last = name.rpartition(".")
    if not parent:
        return True
    place = source(parent)
    if place is None or place.name != "__init__.py":
        return False
    return (place.parent / f"{last}.py").is_file() or (place.parent / last / "__init__.py").is_file()


@pytest.mark.parametrize("root", ["opgen_runtime", "opgen_runtime.objects", "opgen.testing"])
def test_nothing_heavy_is_followed(root: str) -> None:
    reached = followed(root)
    assert len(reached) > 20
    heavy = {name: via for name, via in reached.items() if name.partition(".")[0] in HEAVY}
    assert heavy == {}
    assert [name for name in reached if name.startswith(UNNAMED)] == []
