"""What the wheels hold: every template, no more, and nothing of the developer's tools in the runtime."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("wheels")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, zipfile.ZipFile]:
    """Both wheels, built from the checkout."""
    out = tmp_path_factory.mktemp("wheels")
    for source in (ROOT, ROOT / "runtime"):
        done = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
            cwd=source, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return {path.name.split("-")[0]: zipfile.ZipFile(path) for path in out.glob("*.whl")}


def test_every_template_is_in_the_wheel(wheels: dict[str, zipfile.ZipFile]) -> None:
    """A pattern in an ignore file must not drop a template."""
    listed = subprocess.run(
        ["git", "ls-files", "templates"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tracked = {name.removeprefix("templates/").strip('"') for name in listed.stdout.splitlines()}
    prefix = "opgen/_templates/"
    packed = {name.removeprefix(prefix) for name in wheels["opgen"].namelist() if name.startswith(prefix)}
    assert packed - {name for name in packed if "__pycache__" in name} == packed
    assert tracked <= packed


def test_no_template_is_plain_python() -> None:
    """pip compiles `.py` files of a wheel: Python templates end in `.jinja`."""
    assert not list((ROOT / "templates").rglob("*.py"))


def test_the_runtime_brings_no_generator(wheels: dict[str, zipfile.ZipFile]) -> None:
    """The operator's image carries neither Click, copier nor Jinja."""
    names = wheels["opgen_runtime"].namelist()
    assert all(name.startswith(("opgen_runtime/", "opgen_runtime-")) for name in names)
    metadata = next(name for name in names if name.endswith("METADATA"))
    required = [
        line
        for line in wheels["opgen_runtime"].read(metadata).decode().splitlines()
        if line.startswith("Requires-Dist")
    ]
    assert not [
        line
        for line in required
        if any(tool in line.lower() for tool in ("click", "copier", "jinja", "pytest"))
    ]
    assert [line for line in required if "kubernetes" in line] == [
        "Requires-Dist: kubernetes<38,>=37.0.2; extra == 'kubeconfig'"
    ]


def test_both_are_typed_and_licensed(wheels: dict[str, zipfile.ZipFile]) -> None:
    """py.typed and the licence are part of both."""
    for package, archive in wheels.items():
        names = archive.namelist()
        assert f"{package}/py.typed" in names
        assert any(name.endswith("licenses/LICENSE") for name in names)
