"""The wheels that a project carries: the installed packages, complete, the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path

from opgen.resources import templates
from opgen.scaffold.vendor import Wheel, from_index, wheels

ROOT = Path(__file__).parents[2]


def names(wheel: Wheel) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(wheel.content)).namelist())


def test_both_wheels_hold_all_of_their_package() -> None:
    opgen, runtime = wheels()
    assert opgen.name.startswith("opgen-")
    assert runtime.name.startswith("opgen_runtime-")
    for wheel, package, folder in (
        (opgen, "opgen", ROOT / "opgen"),
        (runtime, "opgen_runtime", ROOT / "runtime/opgen_runtime"),
    ):
        there = {
            f"{package}/{path.relative_to(folder).as_posix()}"
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert there <= names(wheel)
    shipped = {
        f"opgen/_templates/{path.relative_to(templates())}"
        for path in templates().rglob("*")
        if path.is_file()
    }
    assert {name for name in shipped if "__pycache__" not in name} <= names(opgen)


def test_the_record_is_right() -> None:
    for wheel in wheels():
        archive = zipfile.ZipFile(io.BytesIO(wheel.content))
        record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        listed = set()
        for line in archive.read(record).decode().splitlines():
            path, digest, size = line.rsplit(",", 2)
            listed.add(path)
            if path != record:
                content = archive.read(path)
                expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                assert digest == f"sha256={expected}"
                assert size == str(len(content))
        assert listed == set(archive.namelist())
        assert {f"{record.rsplit('/', 1)[0]}/{name}" for name in ("METADATA", "WHEEL")} <= listed


def test_the_same_bytes_each_time() -> None:
    assert [wheel.content for wheel in wheels()] == [wheel.content for wheel in wheels()]


def test_a_checkout_is_not_from_an_index() -> None:
    assert not from_index("opgen")
    assert from_index("pytest")
