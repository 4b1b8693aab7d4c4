"""What one served version declares and another does not, where nothing converts between them.

Only what is new is said: a difference that the old definition had already is no news.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from opgen.apiextensions.compare.reasons import CODES, Reason
from opgen.apiextensions.compare.values import type_name, types
from opgen.ir.definition import Definition, Version
from opgen.ir.schema import Schema

_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
_META = frozenset(("apiVersion", "kind", "metadata"))


def divergences(old: Definition, new: Definition) -> Iterator[Reason]:
    """One reason a field and version that lacks it, or has another type for it."""
    if new.conversion is not None and new.conversion.strategy == "Webhook":
        return
    converted = old.conversion is not None and old.conversion.strategy == "Webhook"
    known = set() if converted else {(b.name, path, text) for _, b, path, text in _all(old)}
    for source, target, path, text in _all(new):
        if (target.name, path, text) in known:
            continue
        place = f"spec.versions[{new.versions.index(target)}].schema.openAPIV3Schema"
        full = f"{text} {source.name}"
        yield Reason("versions-diverge", full, target.name, path, place, CODES["versions-diverge"].hint)


def _all(definition: Definition) -> Iterator[tuple[Version, Version, str, str]]:
    served = [version for version in definition.versions if version.served and version.schema is not None]
    served.sort(key=lambda version: _rank(version.name), reverse=True)
    told: set[tuple[str, str]] = set()
    for source in served:
        for target in served:
            if source is target or source.schema is None or target.schema is None:
                continue
            for path, text in _missing(source.schema, target.schema, ""):
                if (target.name, path) not in told:
                    told.add((target.name, path))
                    yield source, target, path, text


def _missing(source: Schema, target: Schema, path: str) -> Iterator[tuple[str, str]]:
    if not (types(source) <= types(target) or types(target) <= types(source)):
        yield path, f"is {type_name(target)}, unlike {type_name(source)} in"
        return
    if target.x_preserve_unknown_fields:
        return
    for name, below in source.properties.items():
        if not path and name in _META:
            continue
        inner = f"{path}.{name}" if path else name
        other = target.properties.get(name)
        if other is not None:
            yield from _missing(below, other, inner)
        elif target.additional_properties in (None, False):
            yield inner, "is not declared, unlike in"
    if source.items is not None and target.items is not None:
        yield from _missing(source.items, target.items, f"{path}[]")
    one, other_rest = source.additional_properties, target.additional_properties
    if isinstance(one, Schema) and isinstance(other_rest, Schema):
        yield from _missing(one, other_rest, f"{path}.*")


def _rank(name: str) -> tuple[int, int, int]:
    """Kubernetes' order: v2 before v1 before v1beta2 before v1alpha1 before others."""
    match = _VERSION.fullmatch(name)
    if match is None:
        return 0, 0, 0
    major, stage, minor = match.groups()
    return {None: 3, "beta": 2, "alpha": 1}[stage], int(major), int(minor or 0)
