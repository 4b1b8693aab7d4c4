"""`opgen quickstart`, whole: what it prints is what one would type, and it ends with a status."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from opgen.commands.quickstart import QuickstartRequest, quickstart
from opgen.errors import InputError


def test_it_ends_with_the_samples_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # without uv, so that the project's tests run in this environment
    said: list[str] = []
    shown = yaml.safe_load(quickstart(QuickstartRequest(tmp_path / "memcached-operator"), said.append))
    assert {c["type"]: c["status"] for c in shown["status"]["conditions"]} == {"Ready": "True"}
    assert shown["status"]["observedGeneration"] == 1
    commands = [line for line in said if line.startswith("$ ")]
    assert commands[0] == "$ opgen init memcached-operator --domain example.com"
    assert commands[3].startswith("$ opgen create api --schema memcached.yaml")
    assert any("5 passed" in line for line in said)
    with pytest.raises(InputError, match="holds a project"):
        quickstart(QuickstartRequest(tmp_path / "memcached-operator"), said.append)
