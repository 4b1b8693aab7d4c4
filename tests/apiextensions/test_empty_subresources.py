"""An empty `subresources` is stored by the server, so it is kept."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.apiextensions import decode, encode


@pytest.mark.parametrize("version", [{"name": "v1"}, {"name": "v1", "subresources": {}}])
def test_an_empty_mapping_is_not_an_absent_one(version: dict[str, Any]) -> None:
    """Reading and writing keeps the difference."""
    raw: Any = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": {"versions": [version]},
    }
    definition = decode(raw).definition
    assert definition is not None
    written: Any = encode(definition)
    assert ("subresources" in written["spec"]["versions"][0]) == ("subresources" in version)
