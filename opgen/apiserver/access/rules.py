"""Policy rules as data: what one allows, what a set of them covers, and how a missing one is described."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opgen.apiserver.access.attributes import Attributes, quoted

ALL = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a role."""

    verbs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def allows(self, asked: Attributes) -> bool:
        """Whether the rule is enough for the action."""
        if asked.verb not in self.verbs and ALL not in self.verbs:
            return False
        if not asked.on_resource:
            return any(_path_covers(path, asked.path) for path in self.paths)
        if asked.group not in self.groups and ALL not in self.groups:
            return False
        if self.names and asked.name not in self.names:
            return False
        resources = self.resources
        if asked.combined in resources or ALL in resources:
            return True
        return bool(asked.subresource) and f"*/{asked.subresource}" in resources

    def covers(self, part: Rule) -> bool:
        """Whether the rule grants all of `part`, which has one verb, resource and name at most."""
        if ALL not in self.verbs and not set(part.verbs) <= set(self.verbs):
            return False
        if ALL not in self.groups and not set(part.groups) <= set(self.groups):
            return False
        if self.names and (not part.names or not set(part.names) <= set(self.names)):
            return False
        if not all(any(_path_covers(mine, path) for mine in self.paths) for path in part.paths):
            return False
        return all(self._has_resource(resource) for resource in part.resources)

    def _has_resource(self, resource: str) -> bool:
        if ALL in self.resources or resource in self.resources:
            return True
        _, separator, sub = resource.partition("/")
        return bool(separator) and f"*/{sub}" in self.resources

    def atoms(self) -> Iterator[Rule]:
        """The rule as rules of one verb, group, resource and name each."""
        names: Sequence[tuple[str, ...]] = [(name,) for name in self.names] or [()]
        for group in self.groups:
            for resource in self.resources:
                for verb in self.verbs:
                    for name in names:
                        yield Rule((verb,), (group,), (resource,), name)
        for path in self.paths:
            for verb in self.verbs:
                yield Rule((verb,), paths=(path,))

    def __str__(self) -> str:
        parts = (
            ("APIGroups", self.groups),
            ("Resources", self.resources),
            ("NonResourceURLs", self.paths),
            ("ResourceNames", self.names),
            ("Verbs", self.verbs),
        )
        shown = (f"{title}:[{' '.join(map(quoted, values))}]" for title, values in parts if values)
        return "{" + ", ".join(shown) + "}"


FULL_AUTHORITY = (Rule((ALL,), (ALL,), (ALL,)), Rule((ALL,), paths=(ALL,)))


def _path_covers(mine: str, path: str) -> bool:
    if mine in (ALL, path):
        return True
    return mine.endswith("*") and path.startswith(mine.rstrip("*"))


def read_rules(rules: Any) -> tuple[Rule, ...]:
    """The `rules` of a stored role."""
    return tuple(
        Rule(
            tuple(rule.get("verbs") or ()),
            tuple(rule.get("apiGroups") or ()),
            tuple(rule.get("resources") or ()),
            tuple(rule.get("resourceNames") or ()),
            tuple(rule.get("nonResourceURLs") or ()),
        )
        for rule in rules or ()
    )


def missing(held: Sequence[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """What of `wanted` no rule of `held` grants; the verbs of one resource together."""
    merged: dict[tuple[Any, ...], Rule] = {}
    for rule in wanted:
        for atom in rule.atoms():
            if any(mine.covers(atom) for mine in held):
                continue
            key = (atom.groups, atom.resources, atom.names, atom.paths, atom.verbs if atom.paths else ())
            seen = merged.get(key)
            merged[key] = atom if seen is None else replace(seen, verbs=seen.verbs + atom.verbs)
    return list(merged.values())
