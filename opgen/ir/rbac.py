"""Rules of a role, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One policy rule. `namespace` puts it into a Role there; `role` names another role than the manager's."""

    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    namespace: str = ""
    role: str = ""


def _absorb(words: set[str]) -> tuple[str, ...]:
    """Sorted, once each; `*` holds all the others."""
    return ("*",) if "*" in words else tuple(sorted(words))


def merge(rules: list[Rule] | tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The same permissions in as few rules as can be read: one per resource first, then resources joined
    whose groups and verbs are the same. Sorted, so that the result doesn't hang on the order of the source.
    """
    verbs: dict[tuple[str, str, tuple[str, ...], str, str, str], set[str]] = {}
    for rule in rules:
        named = tuple(sorted(set(rule.resource_names)))
        for group in rule.groups or ("",):
            for resource in rule.resources:
                key = (group, resource, named, "", rule.namespace, rule.role)
                verbs.setdefault(key, set()).update(rule.verbs)
        for url in rule.urls:
            verbs.setdefault(("", "", (), url, rule.namespace, rule.role), set()).update(rule.verbs)
    joined: dict[tuple[str, tuple[str, ...], tuple[str, ...], bool, str, str], set[str]] = {}
    for (group, resource, named, url, namespace, role), words in verbs.items():
        joined.setdefault((group, named, _absorb(words), bool(url), namespace, role), set()).add(
            url or resource
        )
    merged = [
        Rule((), (), words, (), _absorb(names), namespace, role)
        if is_url
        else Rule((group,), _absorb(names), words, named, (), namespace, role)
        for (group, named, words, is_url, namespace, role), names in joined.items()
    ]
    return tuple(sorted(_join_groups(merged), key=lambda rule: (bool(rule.urls), rule)))


def _join_groups(rules: list[Rule]) -> list[Rule]:
    """Rules that differ in the group alone become one: events of the core group and of events.k8s.io."""
    groups: dict[Rule, set[str]] = {}
    for rule in rules:
        key = Rule((), rule.resources, rule.verbs, rule.resource_names, rule.urls, rule.namespace, rule.role)
        groups.setdefault(key, set()).update(rule.groups)
    return [
        Rule(_absorb(names), key.resources, key.verbs, key.resource_names, key.urls, key.namespace, key.role)
        for key, names in groups.items()
    ]
