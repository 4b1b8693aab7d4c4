"""Reads the vendored data on the built-in types (see NOTICE for where they come from)."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def load() -> dict[str, Any]:
    """`types` by API and name, `kinds`, and the version of `kubernetes`. Nobody changes what this returns."""
    found: dict[str, Any] = _unpacked("types.json.gz")
    return found


@cache
def descriptions() -> dict[str, Any]:
    """Descriptions by API, name and path (properties joined by a slash)."""
    found: dict[str, Any] = _unpacked("descriptions.json.gz")
    return found


@cache
def digests() -> dict[str, str]:
    """The built-in types by the digest that `recognition` makes of a schema."""
    found: dict[str, str] = _unpacked("digests.json.gz")
    return found


@cache
def shapes() -> list[str]:
    """What `recognition` asks first of a schema that might be one of these types."""
    found: list[str] = _unpacked("shapes.json.gz")
    return found


def _unpacked(name: str) -> Any:
    content: Any = json.loads(gzip.decompress(Path(__file__).with_name(name).read_bytes()))
    return content
