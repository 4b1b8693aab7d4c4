"""What the server does to an object's own metadata between reading a write and judging it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def settled(metadata: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The metadata with each owner once and without managed fields that mean nothing, and the warnings of that."""
    owners, warning = owners_once(metadata.get("ownerReferences") or ())
    if warning:
        metadata = {**metadata, "ownerReferences": owners}
    if not all(map(_is_managed, metadata.get("managedFields") or ())):
        metadata = {key: value for key, value in metadata.items() if key != "managedFields"}
    return metadata, (warning,) if warning else ()


def owners_once(owners: Sequence[dict[str, Any]], *, when: str = "") -> tuple[list[dict[str, Any]], str]:
    """Owners without repetitions, and the warning of those, or "". `when` says where in a write they were found."""
    kept: list[dict[str, Any]] = []
    again: list[str] = []
    for owner in owners:
        if owner in kept:
            again.append(str(owner.get("uid", "")))
        else:
            kept.append(owner)
    if not again:
        return kept, ""
    return kept, (
        f".metadata.ownerReferences contains duplicate entries{when}; API server dedups owner references in 1.20+, "
        "and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "
        + ", ".join(again)
    )


def _is_managed(entry: dict[str, Any]) -> bool:
    """Whether the server can read an entry; where it can't, it forgets them all."""
    return (
        entry.get("operation") in ("Apply", "Update")
        and bool(entry.get("apiVersion"))
        and entry.get("fieldsType") == "FieldsV1"
        and isinstance(entry.get("fieldsV1", {}), dict)
    )
