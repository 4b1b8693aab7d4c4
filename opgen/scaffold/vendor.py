"""Wheels of opgen and opgen-runtime for a project's `vendor/`, made from what is installed here.

Neither an index nor a build tool is needed: a wheel is an archive of the package's files and its metadata. An
editable installation (a checkout) gives its source folder, any other one the files that its RECORD names.
The same files give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath

from opgen.errors import OpgenError
from opgen.ir.artifact import Artifact
from opgen.resources import templates

DISTRIBUTIONS = ("opgen", "opgen-runtime")
_METADATA = ("METADATA", "WHEEL", "entry_points.txt")
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel file."""

    name: str
    content: bytes

    def artifact(self) -> Artifact:
        return Artifact(PurePosixPath("vendor") / self.name, self.content)


def from_index(name: str) -> bool:
    """Whether a distribution was installed from an index: pip and uv note every other origin."""
    return _find(name).read_text("direct_url.json") is None


def wheels() -> tuple[Wheel, Wheel]:
    """The wheels of opgen and of opgen-runtime."""
    opgen, runtime = (_wheel(name) for name in DISTRIBUTIONS)
    return opgen, runtime


def _find(name: str) -> metadata.Distribution:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError as problem:
        raise OpgenError(f"{name} is not installed as a package", hint="pip install opgen") from problem


def _wheel(name: str) -> Wheel:
    distribution = _find(name)
    module = name.replace("-", "_")
    stem = f"{module}-{distribution.version}"
    files = dict(_package_files(distribution, module))
    files |= {f"{stem}.dist-info/{path}": content for path, content in _metadata_files(distribution)}
    return Wheel(f"{stem}-py3-none-any.whl", _archive(files, f"{stem}.dist-info/RECORD"))


def _editable(distribution: metadata.Distribution) -> bool:
    origin = distribution.read_text("direct_url.json")
    if origin is None:
        return False
    info = json.loads(origin).get("dir_info")
    return isinstance(info, dict) and info.get("editable") is True


def _package_files(distribution: metadata.Distribution, module: str) -> Iterator[tuple[str, bytes]]:
    if _editable(distribution):
        package = _package_folder(module)
        yield from _walk(package, module)
        if module == "opgen":
            yield from _walk(templates(), f"{module}/_templates")
        return
    for entry in distribution.files or ():
        path = entry.as_posix()
        if path.startswith(f"{module}/") and "__pycache__" not in path:
            yield path, Path(str(entry.locate())).read_bytes()


def _package_folder(module: str) -> Path:
    from importlib.util import find_spec

    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise OpgenError(f"the package {module} can't be found", hint="install opgen again")
    return Path(spec.origin).parent


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        place = Path(here)
        inside = "/".join((prefix, *place.relative_to(folder).parts))
        for name in sorted(names):
            yield f"{inside}/{name}", (place / name).read_bytes()


def _metadata_files(distribution: metadata.Distribution) -> Iterator[tuple[str, bytes]]:
    for name in _METADATA:
        content = distribution.read_text(name)
        if content is not None:
            yield name, content.encode()
    for entry in distribution.files or ():
        parts = entry.parts
        if len(parts) > 2 and parts[0].endswith(".dist-info") and parts[1] == "licenses":
            yield "/".join(parts[1:]), Path(str(entry.locate())).read_bytes()


def _archive(files: dict[str, bytes], record: str) -> bytes:
    buffer = io.BytesIO()
    lines = []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(files):
            digest = base64.urlsafe_b64encode(hashlib.sha256(files[path]).digest()).rstrip(b"=").decode()
            lines.append(f"{path},sha256={digest},{len(files[path])}")
            archive.writestr(_entry(path), files[path])
        lines.append(f"{record},,")
        archive.writestr(_entry(record), "\n".join(lines) + "\n")
    return buffer.getvalue()


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _EPOCH)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
