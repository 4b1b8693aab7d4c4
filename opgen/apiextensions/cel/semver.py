"""Semantic versions: `semver("1.2.3-rc.1")` and its methods."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from opgen.apiextensions.cel.literals import INT_MAX, UINT_MAX
from opgen.apiextensions.cel.values import CelError, Value, register_type
from opgen.apiextensions.gotext import quote

_DIGITS = re.compile(r"[0-9]*\Z")
_WORD = re.compile(r"[0-9A-Za-z-]*\Z")


@dataclass(frozen=True, slots=True)
class SemverValue:
    """Numbers and pre-release parts; build metadata does not count."""

    numbers: tuple[int, int, int]
    pre: tuple[int | str, ...]

    @property
    def unit_equality(self) -> bool:
        """Comparing two costs one unit."""
        return True

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        if type(other) is not SemverValue:
            raise CelError("no such overload")
        return compare(self, other) == 0


register_type(SemverValue, "kubernetes.Semver")


def parse(text: str, normalize: bool = False) -> SemverValue:
    """`semver(text, normalize)`."""
    if normalize:
        text = _normalised(text)
    if not text:
        raise CelError("Version string empty")
    parts = text.split(".", 2)
    if len(parts) != 3:
        raise CelError("No Major.Minor.Patch elements found")
    patch, plus, build = parts[2].partition("+")
    patch, dash, pre = patch.partition("-")
    numbers = (_number("major", parts[0]), _number("minor", parts[1]), _number("patch", patch))
    pre_parts = tuple(_pre(part) for part in pre.split(".")) if dash else ()
    for part in build.split(".") if plus else ():
        if not part:
            raise CelError("Build meta data is empty")
        if not _WORD.match(part):
            raise CelError(f"Invalid character(s) found in build meta data {quote(part)}")
    return SemverValue(numbers, pre_parts)


def _number(name: str, text: str) -> int:
    if not _DIGITS.match(text):
        raise CelError(f"Invalid character(s) found in {name} number {quote(text)}")
    if len(text) > 1 and text[0] == "0":
        raise CelError(f"{name.capitalize()} number must not contain leading zeroes {quote(text)}")
    if not text:
        raise CelError('strconv.ParseUint: parsing "": invalid syntax')
    if len(text) > 20 or int(text) > UINT_MAX:
        raise CelError(f"strconv.ParseUint: parsing {quote(text)}: value out of range")
    return int(text)


def _pre(text: str) -> int | str:
    if not text:
        raise CelError("Prerelease is empty")
    if _DIGITS.match(text):
        if len(text) > 1 and text[0] == "0":
            raise CelError(f"Numeric PreRelease version must not contain leading zeroes {quote(text)}")
        if len(text) > 20 or int(text) > UINT_MAX:
            raise CelError(f"strconv.ParseUint: parsing {quote(text)}: value out of range")
        return int(text)
    if not _WORD.match(text):
        raise CelError(f"Invalid character(s) found in prerelease {quote(text)}")
    return text


def _normalised(text: str) -> str:
    parts = text.removeprefix("v").split(".", 2)
    for index, part in enumerate(parts):
        if len(part.encode()) > 1:  # Go counts bytes
            part = part.lstrip("0")
            parts[index] = part if part[:1] and part[0] in "0123456789" else "0" + part
    if len(parts) < 3:
        if "+" in parts[-1] or "-" in parts[-1]:
            raise CelError("short version cannot contain PreRelease/Build meta data")
        parts += ["0"] * (3 - len(parts))
    return ".".join(parts)


def compare(one: SemverValue, two: SemverValue) -> int:
    """-1, 0 or 1 by the rules of semantic versioning."""
    if one.numbers != two.numbers:
        return 1 if one.numbers > two.numbers else -1
    if not one.pre or not two.pre:
        return bool(two.pre) - bool(one.pre)
    for left, right in zip(one.pre, two.pre, strict=False):
        if left == right:
            continue
        if isinstance(left, int) and isinstance(right, int):
            return 1 if left > right else -1
        if isinstance(left, str) and isinstance(right, str):
            return 1 if left > right else -1
        return -1 if isinstance(left, int) else 1
    return (len(one.pre) > len(two.pre)) - (len(one.pre) < len(two.pre))


def is_semver(text: str, normalize: bool = False) -> bool:
    """`isSemver(text, normalize)`."""
    try:
        parse(text, normalize)
    except CelError:
        return False
    return True


def _part(index: int) -> Callable[[SemverValue], int]:
    def run(value: SemverValue) -> int:
        number = value.numbers[index]
        return number if number <= INT_MAX else number - UINT_MAX - 1

    return run


OVERLOADS: dict[str, Callable[..., Value]] = {
    "string_to_semver": parse,
    "string_bool_to_semver": parse,
    "is_semver_string": is_semver,
    "is_semver_string_bool": is_semver,
    "semver_major": _part(0),
    "semver_minor": _part(1),
    "semver_patch": _part(2),
    "semver_is_greater_than": lambda one, two: compare(one, two) > 0,
    "semver_is_less_than": lambda one, two: compare(one, two) < 0,
    "semver_compare_to": compare,
}
