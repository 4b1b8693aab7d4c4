"""Writes one Python module of models: which names it imports, and under what names where they would clash.

Used for a custom kind (`models`) and, by scripts/generate_core.py, for the built-in ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from jinja2 import Template

from opgen.emit.models.bounds import literal
from opgen.emit.models.plan import ClassPlan, plan
from opgen.emit.models.spell import ClassText, Spelling, docstring
from opgen.emit.templating import environment
from opgen.ir.schema import CoreRef, Schema

OBJECTS = "opgen_runtime.objects"
_TYPING = frozenset({"TYPE_CHECKING", "Annotated", "Any", "ClassVar", "Literal", "overload"})
_PER_LINE = 88


@dataclass(frozen=True, slots=True)
class Kind:
    """What `ResourceType` is made of."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool


@dataclass(frozen=True, slots=True)
class Root:
    """A class to be written with all that is below it; `kind` for an object with metadata."""

    name: str
    schema: Schema
    kind: Kind | None = None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A module's source, its classes by (root, path), and what it calls the built-in types."""

    source: str
    classes: dict[tuple[str, tuple[str, ...]], str]
    core: Callable[[CoreRef], str]


Locate = Callable[[CoreRef], tuple[str, str]]
"""The module ("" for this one) and the class of a built-in type."""


def write(
    roots: Sequence[Root],
    models: Container[CoreRef],
    locate: Locate,
    *,
    doc: str,
    extra: Iterable[CoreRef] = (),
    lists: bool = True,
) -> Written:
    """The module of `roots`, in their order; `models` are the built-in types that `locate` knows.

    `extra` are built-in types that the module exports too. `lists`: whether items that must differ are checked to.
    """
    plans = [plan(root.name, root.schema, models, resource=root.kind is not None) for root in roots]
    names = [planned.name for classes in plans for planned in classes]
    imports = _Imports(frozenset(names), locate)
    texts: list[ClassText] = []
    for root, classes in zip(roots, plans, strict=True):
        class_of = {planned.path: planned.name for planned in classes}.__getitem__
        spelling = Spelling(class_of, imports.core, imports.helper, models, lists)
        texts += [_text(spelling, planned, root, imports) for planned in classes]
    overloaded = any(len(text.unions.inits) > 1 for text in texts)
    needed = {
        "class_var": ("ClassVar", any(root.kind for root in roots)),
        "resource_type": ("ResourceType", any(root.kind for root in roots)),
        "type_checking": ("TYPE_CHECKING", any(text.unions.unions for text in texts)),
        "any": ("Any", overloaded),
        "overload": ("overload", overloaded),
    }
    helpers = {name: imports.helper(helper) if used else "" for name, (helper, used) in needed.items()}
    exported = sorted({*names, *map(imports.core, extra)}, key=export_key)
    text = _template().render(
        doc=docstring(doc, ""),
        exported=exported,
        imports=imports.blocks(),
        one_line=_fits,
        classes=texts,
        **helpers,
    )
    by_path = {
        (root.name, planned.path): planned.name
        for root, classes in zip(roots, plans, strict=True)
        for planned in classes
    }
    return Written(text, by_path, imports.core)


def _text(spelling: Spelling, planned: ClassPlan, root: Root, imports: _Imports) -> ClassText:
    kind = root.kind if planned.path == () else None
    base = imports.helper("Resource" if kind is not None else "OpenStruct" if planned.open else "Struct")
    text = spelling.class_text(planned, base, root.doc if planned.path == () else "")
    if kind is None:
        return text
    base = f"{base}, {imports.helper('OpenStruct')}" if planned.open else base
    return replace(text, base=base, kind=tuple(_kind_arguments(kind)))


def _kind_arguments(kind: Kind) -> list[str]:
    named = {"group": kind.group, "version": kind.version, "kind": kind.kind, "plural": kind.plural}
    arguments = [f"{name}={literal(value)}" for name, value in named.items()]
    return arguments if kind.namespaced else [*arguments, "namespaced=False"]


class _Imports:
    """Collects imports; a name that a class of the module or another import has is imported under another."""

    def __init__(self, own: frozenset[str], locate: Locate) -> None:
        self._taken = set(own)
        self._locate = locate
        self._found: dict[str, dict[str, str]] = {}

    def helper(self, name: str) -> str:
        """A name of `typing` or of the runtime's objects, as it is called here."""
        return self._add("typing" if name in _TYPING else OBJECTS, name)

    def core(self, ref: CoreRef) -> str:
        """The model of a built-in type, as it is called here."""
        module, name = self._locate(ref)
        return self._add(module, name) if module else name

    def _add(self, module: str, name: str) -> str:
        names = self._found.setdefault(module, {})
        if name not in names:
            local = f"Core{name}" if name in self._taken else name
            while local in self._taken:
                local += "_"
            self._taken.add(local)
            names[name] = local
        return names[name]

    def blocks(self) -> list[list[tuple[str, list[str]]]]:
        """Modules with what is imported from each, as isort sorts: the standard library, then the runtime."""
        lines = [line for module, names in sorted(self._found.items()) for line in _statements(module, names)]
        blocks = ([line for line in lines if (line[0] == "typing") == first] for first in (True, False))
        return [block for block in blocks if block]


def _statements(module: str, names: dict[str, str]) -> list[tuple[str, list[str]]]:
    """One statement for the names that stay as they are, one for each that doesn't."""
    ordered = sorted(names, key=import_key)
    plain = [name for name in ordered if names[name] == name]
    renamed = [(name, [f"{name} as {names[name]}"]) for name in ordered if names[name] != name]
    grouped = [(plain[0], plain), *renamed] if plain else renamed
    return [(module, listed) for _, listed in sorted(grouped, key=lambda item: import_key(item[0]))]


def import_key(name: str) -> tuple[Any, ...]:
    """Where isort puts an imported name: constants, then classes, then others, each by letters whatever their case."""
    return _is_constant(name), not name[:1].isupper(), _natural(name.lower()), _natural(name)


def export_key(name: str) -> tuple[Any, ...]:
    """Where ruff wants a name in `__all__`: constants first, numbers by their value."""
    return _is_constant(name), _natural(name)


def _is_constant(name: str) -> bool:
    return not (len(name) > 1 and name.isupper())


def _natural(name: str) -> list[tuple[int, str]]:
    if not any(map(str.isdigit, name)):
        return [(-1, name)] if name else []
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", name) if part]


def _fits(module: str, names: list[str]) -> bool:
    """Names that need no lines of their own, whatever the reader's line length."""
    few = len(names) == 1 or module == "typing"
    return few and len(f"from {module} import {', '.join(names)}") <= _PER_LINE


@cache
def _template() -> Template:
    return environment("models").get_template("module.py.jinja")
