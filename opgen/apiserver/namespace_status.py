"""What a namespace that is being emptied says of what is left in it, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from opgen.apiserver.message import JSONObject
from opgen.apiserver.storage import Item

_FINE = (
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    (
        "NamespaceDeletionGroupVersionParsingFailure",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    (
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
)


def conditions(left: Iterable[tuple[str, Item]], held: Sequence[JSONObject], now: str) -> list[JSONObject]:
    """The conditions of a namespace with objects that finalizers keep; `left` pairs them with their tables."""
    kinds: Counter[str] = Counter()
    finalizers: Counter[str] = Counter()
    for table, item in left:
        group, _, plural = table.partition("/")
        kinds[f"{plural}.{group}"] += 1
        finalizers.update(item.obj["metadata"].get("finalizers") or ())
    resources = ", ".join(f"{name} has {kinds[name]} resource instances" for name in sorted(kinds))
    waiting = ", ".join(f"{name} in {finalizers[name]} resource instances" for name in sorted(finalizers))
    found = [_condition(type, "False", reason, text, now) for type, reason, text in _FINE]
    found.append(
        _condition(
            "NamespaceContentRemaining",
            "True",
            "SomeResourcesRemain",
            f"Some resources are remaining: {resources}",
            now,
        )
    )
    if waiting:
        text = f"Some content in the namespace has finalizers remaining: {waiting}"
        found.append(_condition("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", text, now))
    else:
        text = "All content-preserving finalizers finished"
        found.append(_condition("NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers", text, now))
    before = {condition["type"]: condition for condition in held}
    return [_kept(condition, before.get(condition["type"])) for condition in found]


def _condition(type: str, status: str, reason: str, message: str, now: str) -> JSONObject:
    return {"type": type, "status": status, "lastTransitionTime": now, "reason": reason, "message": message}


def _kept(new: JSONObject, old: JSONObject | None) -> JSONObject:
    """The condition with its old time where its status is as it was."""
    if old is None or old["status"] != new["status"]:
        return new
    return {**new, "lastTransitionTime": old["lastTransitionTime"]}
