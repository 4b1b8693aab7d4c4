"""What a failed test prints beside its traceback: the events and objects that it left in its namespace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

_MAX_CHARACTERS = 20_000


def events(found: Iterable[dict[str, Any]]) -> str:
    """The events among the objects, one line each, oldest first; empty where there are none."""
    listed = {obj["metadata"]["name"]: obj for obj in found if obj.get("kind") == "Event"}
    in_order = sorted(
        listed.values(), key=lambda obj: str(obj.get("lastTimestamp") or obj.get("eventTime") or "")
    )
    return "\n".join(_event(obj) for obj in in_order)


def _event(obj: dict[str, Any]) -> str:
    about = obj.get("involvedObject") or obj.get("regarding") or {}
    note = obj.get("message") or obj.get("note") or ""
    return f"{obj.get('type', '')} {obj.get('reason', '')} {about.get('kind', '')}/{about.get('name', '')}: {note}"


def objects(found: Iterable[dict[str, Any]]) -> str:
    """The objects but events as YAML, without managedFields and what Secrets hold; empty where there are none."""
    documents = [_shown(obj) for obj in found if obj.get("kind") != "Event"]
    if not documents:
        return ""
    text: str = yaml.dump_all(documents, Dumper=yaml.CSafeDumper, sort_keys=False)
    return text if len(text) <= _MAX_CHARACTERS else text[:_MAX_CHARACTERS] + "\n... (cut)"


def _shown(obj: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    ordered = {"apiVersion": obj.get("apiVersion"), "kind": obj.get("kind"), "metadata": metadata}
    rest = {key: value for key, value in obj.items() if key not in ordered}
    if obj.get("kind") == "Secret":
        for name in ("data", "stringData"):
            if name in rest:
                rest[name] = dict.fromkeys(rest[name], "<hidden>")
    return ordered | rest
