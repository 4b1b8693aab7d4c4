"""Reads files of a Git revision, without touching the working tree."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from opgen.errors import OpgenError

TIMEOUT = 60.0
MAX_BYTES = 256 * 1024 * 1024


def is_revision(folder: Path, word: str) -> bool:
    """Whether `word` names a commit of the repository around `folder`."""
    if not word or word.startswith("-"):
        return False
    return (
        _try(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}") is not None
    )


def is_repository(folder: Path) -> bool:
    """Whether `folder` lies in a working tree."""
    return _try(folder, "rev-parse", "--show-toplevel") is not None


def files(folder: Path, revision: str, path: str) -> tuple[tuple[str, bytes], ...] | None:
    """The file, or the files below the folder, at `path` in `revision`, with paths from the repository's root.

    `path` counts from the root of the repository as Git's own `REV:path` does, and from `folder` where nothing is
    there. None where neither has it.
    """
    for spelled in dict.fromkeys((path, _from_here(folder, path))):
        kind = _try(folder, "cat-file", "-t", "--end-of-options", f"{revision}:{spelled}")
        if kind == b"blob":
            return _contents(folder, revision, [spelled])
        if kind == b"tree":
            return _tree(folder, revision, spelled)
    return None


def _from_here(folder: Path, path: str) -> str:
    prefix = (_try(folder, "rev-parse", "--show-prefix") or b"").decode(errors="surrogateescape")
    joined = os.path.normpath(f"{prefix}{path}")
    return "" if joined == "." else joined


def _tree(folder: Path, revision: str, path: str) -> tuple[tuple[str, bytes], ...]:
    listing = _run(folder, "ls-tree", "-r", "-z", "--full-tree", "--end-of-options", f"{revision}:{path}")
    names: list[str] = []
    for entry in listing.decode(errors="surrogateescape").split("\0"):
        head, _, name = entry.partition("\t")
        if name and head.split()[:2] in (["100644", "blob"], ["100755", "blob"]):
            names.append(f"{path.rstrip('/')}/{name}" if path else name)
    wanted = [name for name in names if PurePosixPath(name).suffix.lower() in (".yaml", ".yml", ".json")]
    return _contents(folder, revision, wanted)


def _contents(folder: Path, revision: str, paths: Sequence[str]) -> tuple[tuple[str, bytes], ...]:
    """All of them from one process."""
    readable = [path for path in paths if "\n" not in path]
    request = "".join(f"{revision}:{path}\n" for path in readable).encode(errors="surrogateescape")
    output = _run(folder, "cat-file", "--batch", given=request)
    found: list[tuple[str, bytes]] = []
    at = 0
    for path in readable:
        end = output.index(b"\n", at)
        head = output[at:end].split()
        if len(head) < 3 or head[-2] != b"blob":
            at = end + 1
            continue
        size = int(head[-1])
        if size > MAX_BYTES:
            raise OpgenError(f"{revision}:{path} is too large")
        found.append((path, output[end + 1 : end + 1 + size]))
        at = end + 1 + size + 1
    return tuple(found)


def _try(folder: Path, *arguments: str) -> bytes | None:
    """The output, None where Git says no."""
    done = _git(folder, arguments, b"")
    return done.stdout.strip() if done.returncode == 0 else None


def _run(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    done = _git(folder, arguments, given)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise OpgenError(f"git {arguments[0]}: {said[0] if said else f'exit code {done.returncode}'}")
    return done.stdout


def _git(folder: Path, arguments: Sequence[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments],
            input=given,
            capture_output=True,
            env=environment,
            timeout=TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        raise OpgenError("git is not installed", hint="name files or folders instead of revisions") from None
    except subprocess.TimeoutExpired:
        raise OpgenError(f"git {arguments[0]} takes too long") from None
