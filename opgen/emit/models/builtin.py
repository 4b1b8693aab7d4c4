"""Writes the package of built-in kinds: one subpackage an API, split so that importing one kind is cheap.

Types that the same kinds need form one module (all that only Pods and what makes them need, say); names are
imported from there on first use. So `from opgen_runtime.kinds.apps_v1 import Deployment` builds the classes
of a Deployment, and no others.
"""

from __future__ import annotations

from collections.abc import Mapping

from opgen import coretypes
from opgen.coretypes import data, inline
from opgen.coretypes.kinds import CoreKind
from opgen.coretypes.lookups import module_name
from opgen.emit.models.module import OBJECTS, Kind, Root, export_key, import_key, write
from opgen.emit.models.spell import docstring
from opgen.ir.names import snake_case
from opgen.ir.schema import CoreRef, Schema
from opgen.ir.stamp import stamp

_NOTICE = "# Descriptions: Copyright The Kubernetes Authors, Apache-2.0."
_INDEX = """{doc}

from typing import TYPE_CHECKING

from opgen_runtime.kinds._lazy import attribute

if TYPE_CHECKING:
{imports}

__all__ = [
{exported}
]

_MODULES = {{
{modules}
}}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        return attribute(__name__, name, _MODULES)


def __dir__() -> list[str]:
    return __all__
"""
_KINDS = '''"""Which API's models hold a kind."""

KINDS: dict[tuple[str, str], str] = {{
{entries}
}}
'''


def modules() -> dict[str, str]:
    """All files of the package by path, without those written by hand."""
    kinds = {kind.type: kind for kind in coretypes.kinds().values()}
    chunks = _chunks(kinds)
    place = {ref: (api, name) for (api, name), refs in chunks.items() for ref in refs}
    files: dict[str, str] = {}
    for (api, name), refs in chunks.items():
        files[f"{module_name(api)}/{name}.py"] = _chunk(api, name, refs, kinds, place)
    for api in sorted({api for api, _ in chunks}):
        here = {ref.name: name for ref, (other, name) in place.items() if other == api}
        files[f"{module_name(api)}/__init__.py"] = _index(api, here)
    files["_index.py"] = _kinds_index(kinds)
    return dict(sorted(files.items()))


def _chunks(kinds: Mapping[CoreRef, CoreKind]) -> dict[tuple[str, str], list[CoreRef]]:
    """Types by API and module, each list in an order in which users come after what they use."""
    reached: dict[CoreRef, set[str]] = {}
    for root in sorted(kinds, key=str):
        todo = [root]
        while todo:
            ref = todo.pop()
            if _is_written(ref) and str(root) not in reached.setdefault(ref, set()):
                reached[ref].add(str(root))
                todo.extend(inline.references(ref))
    # What no kind needs is still somebody's to name in a schema.
    for ref in coretypes.MODELS:
        if _is_written(ref):
            reached.setdefault(ref, {f"alone {ref}"})
    groups: dict[tuple[str, frozenset[str]], list[CoreRef]] = {}
    for ref in _ordered(sorted(reached, key=str)):
        groups.setdefault((ref.api, frozenset(reached[ref])), []).append(ref)
    chunks: dict[tuple[str, str], list[CoreRef]] = {}
    for (api, _), refs in groups.items():
        used = {target for ref in refs for target in inline.references(ref)}
        top = min((ref.name for ref in refs if ref not in used), default=refs[-1].name)
        chunks[api, f"_{snake_case(top)}"] = refs
    return dict(sorted(chunks.items()))


def _is_written(ref: CoreRef) -> bool:
    return ref in coretypes.MODELS and coretypes.model(ref)[0] != OBJECTS


def _ordered(refs: list[CoreRef]) -> list[CoreRef]:
    done: dict[CoreRef, None] = {}

    def visit(ref: CoreRef) -> None:
        if ref not in done:
            for target in sorted(inline.references(ref), key=str):
                if _is_written(target):
                    visit(target)
            done[ref] = None

    for ref in refs:
        visit(ref)
    return list(done)


def _chunk(
    api: str,
    name: str,
    refs: list[CoreRef],
    kinds: Mapping[CoreRef, CoreKind],
    place: Mapping[CoreRef, tuple[str, str]],
) -> str:
    def locate(ref: CoreRef) -> tuple[str, str]:
        if ref not in place:
            return coretypes.model(ref)
        other, module = place[ref]
        if (other, module) == (api, name):
            return "", ref.name
        return f"opgen_runtime.kinds.{module_name(other)}.{module}", ref.name

    roots = [Root(ref.name, schema_of(ref), _kind(kinds.get(ref)), f"{ref.name} of {api}.") for ref in refs]
    # The server lets some lists of built-in kinds repeat their keys (ports of a container).
    written = write(roots, coretypes.MODELS, locate, doc=f"Models of {api}.", lists=False)
    return stamp(written.source, "", notice=_NOTICE)


def schema_of(ref: CoreRef) -> Schema:
    """One type for its model: described, references to other models left as they are."""
    texts = data.descriptions().get(ref.api, {}).get(ref.name, {})
    return inline.converted(inline.raw(ref) or {}, _resolved, texts)


def _resolved(target: CoreRef) -> Schema:
    if target in coretypes.MODELS:
        return Schema(ref=target)
    found = inline.primitive(target)
    # A type that holds itself is plain data.
    return found if found is not None else Schema(type="object", x_preserve_unknown_fields=True)


def _kind(kind: CoreKind | None) -> Kind | None:
    if kind is None:
        return None
    return Kind(kind.group, kind.version, kind.kind, kind.plural, kind.namespaced)


def _index(api: str, here: Mapping[str, str]) -> str:
    package = f"opgen_runtime.kinds.{module_name(api)}"
    by_module: dict[str, list[str]] = {}
    for name, module in sorted(here.items()):
        by_module.setdefault(module, []).append(name)
    imports = "\n".join(_import(f"{package}.{module}", names) for module, names in sorted(by_module.items()))
    text = _INDEX.format(
        doc=docstring(f"The kinds and types of {api}, imported on first use.", ""),
        imports=imports,
        exported="\n".join(f'    "{name}",' for name in sorted(here, key=export_key)),
        modules="\n".join(f'    "{name}": "{module}",' for name, module in sorted(here.items())),
    )
    return stamp(text, "")


def _import(module: str, names: list[str]) -> str:
    listed = "".join(f"        {name},\n" for name in sorted(names, key=import_key))
    return f"    from {module} import (\n{listed}    )"


def _kinds_index(kinds: Mapping[CoreRef, CoreKind]) -> str:
    found = sorted((kind.api_version, kind.kind, module_name(kind.type.api)) for kind in kinds.values())
    entries = "\n".join(f'    ("{version}", "{name}"): "{module}",' for version, name, module in found)
    return stamp(_KINDS.format(entries=entries), "")
