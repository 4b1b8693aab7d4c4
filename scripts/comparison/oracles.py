"""The API server's own code as commands: JSON lines in, JSON lines out. Built once with the machine's Go."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
CEL = _ROOT.parent / "shared" / "tools" / "celoracle"
OBJECTS = _ROOT / "scripts" / "object_oracle"
_MEMORY = 6 * 2**30


def build(folder: Path) -> str:
    """The path of a command's binary, kept in the user's cache under a digest of its source."""
    if not folder.is_dir():
        sys.exit(f"{folder.name} is not there: the answers of the server's own code come from it")
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        digest.update(file.read_bytes())
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    binary = cache / "opgen" / "oracles" / f"{folder.name}-{digest.hexdigest()[:12]}"
    if not binary.exists():
        binary.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as copied:
            for file in (CEL / "go.mod", CEL / "go.sum", *folder.iterdir()):  # one set of versions for all
                (Path(copied) / file.name).write_bytes(file.read_bytes())
            made = Path(copied) / "oracle"
            subprocess.run(["go", "build", "-mod=mod", "-o", str(made), "."], cwd=copied, check=True)
            shutil.move(made, binary)
    return str(binary)


def ask(binary: str, cases: Sequence[Any]) -> list[dict[str, Any]]:
    """The answers, one a case; {"problem": ...} for a case that ends the command (out of memory, out of stack)."""
    text = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run([binary], input=text, capture_output=True, text=True, preexec_fn=_bounded)
    if done.returncode == 0:
        return [json.loads(line, parse_int=_integer) for line in done.stdout.split("\n") if line]
    if len(cases) == 1:
        return [{"problem": f"the server's code ended with status {done.returncode}"}]
    middle = len(cases) // 2
    return ask(binary, cases[:middle]) + ask(binary, cases[middle:])


def _integer(text: str) -> int | float:
    return -0.0 if text == "-0" else int(text)  # as Go spells the float


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
