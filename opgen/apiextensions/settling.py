"""What the server does to an object's own metadata between reading a write and judging it."""

from __future__ import annotations

from typing import Any


def settled(metadata: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The metadata with each owner once and without managed fields that mean nothing, and the warnings of that."""
    owners, again = _once(metadata.get("ownerReferences") or [])
    if again:
        metadata = {**metadata, "ownerReferences": owners}
    if not all(map(_is_managed, metadata.get("managedFields") or ())):
        metadata = {key: value for key, value in metadata.items() if key != "managedFields"}
    return metadata, (_WARNING + ", ".join(again),) if again else ()


_WARNING = (
    ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject "
    "such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "
)


def _once(owners: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Owners without repetitions, and the uids of those."""
    kept: list[dict[str, Any]] = []
    again: list[str] = []
    for owner in owners:
        if owner in kept:
            again.append(owner.get("uid", ""))
        else:
            kept.append(owner)
    return kept, again


def _is_managed(entry: dict[str, Any]) -> bool:
    """Whether the server can read an entry; where it can't, it forgets them all."""
    return (
        entry.get("operation") in ("Apply", "Update")
        and bool(entry.get("apiVersion"))
        and entry.get("fieldsType") == "FieldsV1"
        and isinstance(entry.get("fieldsV1", {}), dict)
    )
