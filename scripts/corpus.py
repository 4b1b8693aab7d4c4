"""The corpus of public definitions, as the scripts that measure opgen on it choose from it."""

from __future__ import annotations

import json
import sys
import tarfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the corpus: its source project, its name and its text."""

    source: str
    name: str
    content: bytes

    @property
    def path(self) -> str:
        return f"{self.source}/{self.name}"


def accepted(folder: Path = CORPUS) -> list[Entry]:
    """The definitions that a real API server takes with strict field validation, by path."""
    if not folder.is_dir():
        sys.exit(f"the corpus is not there: {folder.name} (it belongs beside the checkout, in ../shared)")
    verdicts: list[dict[str, Any]] = json.loads((folder / "labelled" / "crds_verdicts.json").read_text())
    wanted = {v["file"] for v in verdicts if v["strict"] == 201}
    entries = []
    with tarfile.open(folder / "crds.tar.gz") as archive:
        for member in archive:
            name = member.name.removeprefix("./").removeprefix("crds/")
            if member.isfile() and name in wanted:
                stream = archive.extractfile(member)
                assert stream is not None
                source, _, rest = name.partition("/")
                entries.append(Entry(source, rest, stream.read()))
    return sorted(entries, key=lambda e: e.path)


def choose(entries: list[Entry], count: int) -> list[Entry]:
    """`count` entries by a fixed rule: round after round, every source gives its largest one left.

    So all sources are there, the largest definitions first among each source's own.
    """
    by_source: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda e: (-len(e.content), e.path)):
        by_source[entry.source].append(entry)
    chosen: list[Entry] = []
    while len(chosen) < min(count, len(entries)):
        for source in sorted(by_source):
            if by_source[source] and len(chosen) < count:
                chosen.append(by_source[source].pop(0))
    return chosen
