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
    return _unpacked("types.json.gz")


@cache
def descriptions() -> dict[str, Any]:
    """Descriptions by API, name and path (properties joined by a slash)."""
    return _unpacked("descriptions.json.gz")


@cache
def digests() -> dict[str, str]:
    """The built-in types by the digest that `recognition` makes of a schema."""
    return _unpacked("digests.json.gz")


def _unpacked(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(gzip.decompress(Path(__file__).with_name(name).read_bytes()))
    return content
