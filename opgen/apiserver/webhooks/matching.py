"""Which webhooks of a configuration a write concerns: rules, selectors and conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from opgen.apiserver.conversion import to_served
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.selectors import selects
from opgen.apiserver.storage import Store


@dataclass(frozen=True, slots=True)
class Write:
    """What is about to happen. `obj` is None for a deletion, `old` for a creation; `options` are a deletion's.

    `shape` is the kind that the subresource speaks, where it has one of its own.
    """

    info: ResourceInfo
    operation: str
    namespace: str
    name: str
    subresource: str = ""
    obj: JSONObject | None = None
    old: JSONObject | None = None
    dry_run: bool = False
    options: JSONObject = field(default_factory=dict)
    shape: ResourceInfo | None = None

    def seen(self, obj: JSONObject | None, info: ResourceInfo) -> JSONObject | None:
        """The object, or the one before, in the version of `info`."""
        return obj if obj is None or self.shape is not None else to_served(obj, info)


def rule_fits(rule: JSONObject, write: Write, info: ResourceInfo) -> bool:
    """Whether a rule names this write, seen as one of the resource `info`."""
    operations = rule.get("operations") or ()
    if write.operation not in operations and "*" not in operations:
        return False
    scope = rule.get("scope") or "*"
    if scope != "*" and (scope == "Namespaced") != info.namespaced:
        return False
    if not _has(rule.get("apiGroups"), info.group) or not _has(rule.get("apiVersions"), info.version):
        return False
    for named in rule.get("resources") or ():
        resource, _, sub = str(named).partition("/")
        if resource in ("*", info.plural) and sub in ("*", write.subresource):
            return True
    return False


def _has(values: Any, wanted: str) -> bool:
    return "*" in (values or ()) or wanted in (values or ())


def fitting(hook: JSONObject, write: Write, others: Iterator[ResourceInfo]) -> ResourceInfo | None:
    """The resource in whose version the hook wants the object; None where it isn't concerned.

    `others` are the other versions of the resource, which count with the match policy Equivalent.
    """
    rules = hook.get("rules") or ()
    if any(rule_fits(rule, write, write.info) for rule in rules):
        return write.info
    if hook.get("matchPolicy") == "Exact":
        return None
    equivalents = list(others)
    for rule in rules:
        for info in equivalents:
            if rule_fits(rule, write, info):
                return info
    return None


def selected(hook: JSONObject, write: Write, store: Store) -> bool:
    """Whether the selectors of the hook admit the write."""
    placed = write.info.namespaced or write.info.table == "/namespaces"
    if placed and not selects(hook.get("namespaceSelector"), _namespace_labels(write, store)):
        return False
    selector = hook.get("objectSelector")
    if not selector:
        return True
    return any(selects(selector, _labels(obj)) for obj in (write.obj, write.old) if obj is not None)


def _labels(obj: JSONObject) -> dict[str, str]:
    found: dict[str, str] = (obj.get("metadata") or {}).get("labels") or {}
    return found


def _namespace_labels(write: Write, store: Store) -> dict[str, str]:
    if write.info.table == "/namespaces":
        obj = write.obj if write.obj is not None and not write.subresource else write.old
        return _labels(obj) if obj is not None else {}
    held = store.get("/namespaces", "", write.namespace)
    return _labels(held.obj) if held is not None else {}
