"""Kubernetes versions, and choosing one by a prefix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from opgen.errors import OpgenError

DEFAULT = "1.36.1"
"""What is installed where no version is asked for: the one that the API server in the process is compared with."""
LATEST = "latest"
_FORM = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?")
_PREFIX = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.[xX*])?")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A release. One that isn't final (`pre`, such as rc.0) comes before the final one."""

    major: int
    minor: int
    patch: int
    final: bool = True
    pre: str = ""

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}{f'-{self.pre}' if self.pre else ''}"

    @property
    def tag(self) -> str:
        """As releases and folders are named."""
        return f"v{self}"


def parse(text: str) -> Version | None:
    """A whole version, with or without its `v`; None for anything else."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    major, minor, patch, pre = found.groups()
    return Version(int(major), int(minor), int(patch), final=not pre, pre=pre or "")


def choose(wanted: str, offered: Iterable[Version]) -> Version | None:
    """The newest of `offered` that `wanted` describes: `1.36.1`, `1.36`, `1.36.x`, `1` or `latest`.

    Only a whole version chooses one that isn't final. Raises OpgenError for what is no version.
    """
    exact = parse(wanted)
    if exact is not None:
        return exact if exact in set(offered) else None
    final = [version for version in offered if version.final]
    if wanted == LATEST:
        return max(final, default=None)
    parts = _PREFIX.fullmatch(wanted)
    if parts is None:
        raise OpgenError(f"{wanted!r} is not a version", hint="such as 1.36.1, 1.36 or latest")
    major, minor = int(parts[1]), parts[2]
    return max(
        (v for v in final if v.major == major and (minor is None or v.minor == int(minor))), default=None
    )
