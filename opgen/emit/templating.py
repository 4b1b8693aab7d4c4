"""The Jinja environments of the emitters, whose compiled templates are kept as Python keeps its bytecode.

Compiling the templates of one kind takes longer than anything else that `opgen create api` does. The cache lies in
the user's own cache folder; where it can't be written, or might be another user's, all works without it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

from opgen.resources import cache_folder, templates


def environment(folder: str, *, autoescape: bool = False) -> jinja2.Environment:
    """The environment of one folder of templates."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates() / folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=autoescape,
        bytecode_cache=_cache(),
    )


def _cache() -> jinja2.BytecodeCache | None:
    try:
        return CompiledTemplates(cache_folder() / "templates")
    except (OSError, RuntimeError):  # nobody's home
        return None


class CompiledTemplates(jinja2.BytecodeCache):
    """Keeps compiled templates in a folder that belongs to this user alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._compiler = _compiler()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills the bucket where its template was compiled before, by the same Jinja under the same settings."""
        with suppress(OSError):
            if _is_own(self._folder):
                bucket.bytecode_from_string(self._file(bucket).read_bytes())

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what was compiled, unless Python is told to keep no bytecode."""
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_own(self._folder):
                unfinished = self._file(bucket).with_suffix(f".{os.getpid()}")
                unfinished.write_bytes(bucket.bytecode_to_string())
                unfinished.replace(self._file(bucket))

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}-{self._compiler}.bin"


def _is_own(folder: Path) -> bool:
    """Whether nobody else can have put a file there: what is loaded from it is run."""
    if not hasattr(os, "getuid"):
        return True
    found = folder.lstat()
    return found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o022


def _compiler() -> str:
    """What compiled templates depend on besides their text: Jinja's own files, and the settings above."""
    parts = []
    for file in (jinja2.__file__, sys.modules["jinja2.compiler"].__file__, __file__):
        found = os.stat(file or "")
        parts.append((str(file), found.st_mtime_ns, found.st_size))
    return hashlib.sha256(repr((sys.version, parts)).encode()).hexdigest()[:16]
