"""Downloads an archive, checks it, and takes the binaries out of it: nothing else of what it holds is written."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import secrets
import shutil
import tarfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import urlsplit

from opgen.controlplane.assets import BINARIES
from opgen.controlplane.releases import Release
from opgen.errors import OpgenError

Progress = Callable[[str], None]
TIMEOUT = 60.0
"""Seconds without a byte."""
_INDEX_BYTES = 16 << 20
_ARCHIVE_BYTES = 1 << 30
_BINARY_BYTES = 1 << 30
_CHUNK = 1 << 20


def fetch_index(url: str) -> str:
    """The text at `url`. Raises OpgenError."""
    with _open(url) as answer:
        data = _read(url, answer, _INDEX_BYTES + 1)
    if len(data) > _INDEX_BYTES:
        raise OpgenError(f"{url} is too large for an index")
    return data.decode(errors="replace")


def install(release: Release, folder: Path, say: Progress) -> None:
    """Puts the archive's binaries into `folder`. Raises OpgenError; then nothing has changed there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = folder.parent / f".part-{secrets.token_hex(6)}"
    work.mkdir()
    try:
        archive = work / "archive.tar.gz"
        _download(release, archive, say)
        unpacked = work / "unpacked"
        unpacked.mkdir()
        unpack(archive, unpacked)
        folder.mkdir(exist_ok=True)
        for name in BINARIES:
            os.replace(unpacked / name, folder / name)
    except OSError as problem:
        raise OpgenError(f"can't install into {folder}: {problem.strerror or problem}") from problem
    finally:
        shutil.rmtree(work, ignore_errors=True)


def clean(store: Path) -> None:
    """Remove what an install left that was killed; the caller holds the lock."""
    for path in store.glob(".part-*"):
        shutil.rmtree(path, ignore_errors=True)


def _download(release: Release, path: Path, say: Progress) -> None:
    digest, size, told = hashlib.sha512(), 0, 0
    with _open(release.url) as answer, path.open("wb") as out:
        total = int(answer.headers.get("Content-Length") or 0)
        while chunk := _read(release.url, answer, _CHUNK):
            size += len(chunk)
            if size > _ARCHIVE_BYTES:
                raise OpgenError(f"{release.url} is too large: more than {_ARCHIVE_BYTES >> 20} MiB")
            digest.update(chunk)
            out.write(chunk)
            if size - told >= 10 * _CHUNK:
                told = size
                share = f" of {total >> 20}" if total else ""
                say(f"downloaded {size >> 20}{share} MiB")
    if total and size < total:
        raise OpgenError(f"{release.url} broke off after {size} of {total} bytes", hint="run it again")
    if digest.hexdigest() != release.sha512:
        raise OpgenError(
            f"{release.url} has another SHA-512 than the index says: {digest.hexdigest()[:16]}... instead of "
            f"{release.sha512[:16]}...",
            hint="nothing was installed; the mirror may be out of date, or somebody changed the archive",
        )


def unpack(archive: Path, folder: Path) -> None:
    """Takes the binaries out of the archive. Raises OpgenError for an archive that holds anything dangerous.

    Only regular files with the right names are written, under those names. A path that leaves the archive, a link
    or a device is refused all the same: such an archive is not what it says it is.
    """
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                _check(member)
                name = PurePosixPath(member.name).name
                if member.isfile() and name in BINARIES:
                    source = tar.extractfile(member)
                    assert source is not None
                    _write(source, folder / name)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as problem:
        if isinstance(problem, OSError) and problem.errno is not None:
            raise
        raise OpgenError(f"the archive is damaged: {problem}") from problem
    missing = [name for name in BINARIES if not (folder / name).exists()]
    if missing:
        raise OpgenError(f"the archive lacks {', '.join(missing)}")


def _check(member: tarfile.TarInfo) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name:
        raise OpgenError(f"the archive is refused: {member.name!r} leads out of it")
    if not (member.isfile() or member.isdir()):
        raise OpgenError(f"the archive is refused: {member.name!r} is neither a file nor a folder")
    if member.size > _BINARY_BYTES:
        raise OpgenError(f"the archive is refused: {member.name!r} has {member.size} bytes")


def _write(source: IO[bytes], path: Path) -> None:
    with source, path.open("xb") as out:
        shutil.copyfileobj(source, out, _CHUNK)
        out.flush()
        os.fsync(out.fileno())
    path.chmod(0o755)


def _open(url: str) -> http.client.HTTPResponse:
    if urlsplit(url).scheme not in ("http", "https"):
        raise OpgenError(f"{url} is not an http or https address")
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=TIMEOUT)
    except urllib.error.HTTPError as refused:
        with contextlib.closing(refused):
            raise OpgenError(f"{url}: {refused.code} {refused.reason}") from refused
    except (OSError, http.client.HTTPException, ValueError) as problem:
        reason = getattr(problem, "reason", problem)
        hint = "behind a firewall: --index-url with a mirror, or --build with a Go module proxy"
        raise OpgenError(f"{url} can't be reached: {reason}", hint=hint) from problem
    return answer


def _read(url: str, answer: http.client.HTTPResponse, size: int) -> bytes:
    try:
        return answer.read(size)
    except (OSError, http.client.HTTPException) as problem:
        raise OpgenError(f"{url} broke off: {problem!r}", hint="run it again") from problem
