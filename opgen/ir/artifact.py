"""A file to be written: what emitters make, `workspace.plan` compares and `workspace.apply` writes."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import PurePosixPath


class Policy(enum.Enum):
    """ALWAYS: generated, rewritten each time, says so in its header. ONCE: the user's after the first writing."""

    ALWAYS = "always"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Artifact:
    """`path` is relative to the project's (or output) folder, POSIX style; `content` the exact bytes."""

    path: PurePosixPath
    content: bytes
    policy: Policy = Policy.ALWAYS
    executable: bool = False


def text(path: str, content: str, policy: Policy = Policy.ALWAYS, *, executable: bool = False) -> Artifact:
    """An Artifact from text, in UTF-8."""
    return Artifact(PurePosixPath(path), content.encode(), policy, executable)
