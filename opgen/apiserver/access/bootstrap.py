"""The roles and bindings that every cluster has from the start: data of the real server (see data/NOTICE)."""

from __future__ import annotations

import gzip
import uuid
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from opgen.apiserver.access.authorizer import GROUP
from opgen.apiserver.message import JSONObject
from opgen.apiserver.storage import Store


@cache
def _objects() -> dict[str, list[JSONObject]]:
    packed = (files("opgen.apiserver") / "data" / "rbac.json.gz").read_bytes()
    found: dict[str, list[JSONObject]] = msgspec.json.decode(gzip.decompress(packed))
    return found


def bootstrap(store: Store, now: str) -> None:
    """Put them into an empty store."""
    for plural, objects in _objects().items():
        for obj in objects:
            metadata: Any = obj["metadata"]
            stored = {
                **metadata,
                "uid": str(uuid.uuid4()),
                "creationTimestamp": now,
                "managedFields": [{**entry, "time": now} for entry in metadata["managedFields"]],
            }
            store.put(f"{GROUP}/{plural}", metadata.get("namespace") or "", {**obj, "metadata": stored})
