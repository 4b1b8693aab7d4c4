"""Templates are found in a checkout; an installation without them says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from opgen import resources
from opgen.errors import OpgenError


def test_templates_are_found() -> None:
    assert (resources.templates() / "models" / "module.py.jinja").is_file()
    assert "KIND" in resources.template("models/module.py.jinja")


def test_missing_templates_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "opgen"
    package.mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", package)
    resources.templates.cache_clear()
    try:
        with pytest.raises(OpgenError, match="templates are missing"):
            resources.templates()
        (package / "_templates").mkdir()
        assert resources.templates() == package / "_templates"
    finally:
        resources.templates.cache_clear()
