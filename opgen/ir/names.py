"""How wire names become Python names, and kinds become plurals: one function each, used by every emitter."""

from __future__ import annotations

import builtins
import keyword
import re
from dataclasses import dataclass

_LOWER_TO_UPPER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# The last capital of a run begins the next word, unless what follows is just the run's plural s: IPs, CIDRs.
_RUN_END = re.compile(r"(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s(?![a-z]))")
_OTHER = re.compile(r"[^0-9A-Za-z]+")


@dataclass(frozen=True, slots=True, order=True)
class GroupVersionKind:
    """`group` is the whole group, "" for core."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.api_version} {self.kind}"


def words(name: str) -> list[str]:
    """The words of a wire name: externalIPs -> external, IPs; HTTPRoute -> HTTP, Route; podCIDRs -> pod, CIDRs.

    Split before a capital that follows a lower-case letter or digit, and before the last capital of a run that
    is followed by lower case; a plural s belongs to its run.
    """
    parts: list[str] = []
    for chunk in _OTHER.split(name):
        if chunk:
            for boundary in (_LOWER_TO_UPPER, _RUN_END):
                chunk = boundary.sub("\0", chunk)
            parts.extend(word for word in chunk.split("\0") if word)
    return parts



def snake_case(name: str) -> str:
    """external_ips, http_route, pod_cidrs; may be empty or start with a digit (see `identifier`)."""
    return "_".join(words(name)).lower()


def pascal_case(name: str) -> str:
    """A class name's part: tls -> Tls, externalIPs -> ExternalIPs, foo-bar -> FooBar."""
    return "".join(w[:1].upper() + w[1:] for w in words(name))


def identifier(name: str, reserved: frozenset[str] = frozenset()) -> str:
    """A Python attribute or module name for a wire name: never a keyword, a builtin's shadow, or in `reserved`.

    An unusable name gets a trailing underscore (class_), one that starts with a digit a leading `field_`.
    """
    result = snake_case(name)
    if not result:
        result = "field"
    if result[0].isdigit():
        result = f"field_{result}"
    if keyword.iskeyword(result) or result in reserved:
        result += "_"
    return result


def is_builtin(name: str) -> bool:
    """Whether `name` is one of Python's builtins."""
    return hasattr(builtins, name)


def plural_of(kind: str) -> str:
    """The plural as apimachinery's `UnsafeGuessKindToResource` guesses: s, x, ch, sh -> es; y -> ies; else s."""
    lower = kind.lower()
    if lower.endswith(("s", "x", "ch", "sh")):
        return f"{lower}es"
    if lower.endswith("y"):
        return f"{lower[:-1]}ies"
    return f"{lower}s"
