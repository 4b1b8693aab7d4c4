"""Label selectors, read as kubectl reads them: `app=web,tier in (a,b),!test,env!=prod,weight>5`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opgen_runtime.predicates.base import Event, Predicate

_KEY = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_VALUE = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"
_SET = re.compile(rf"\s*({_KEY})\s+(in|notin)\s*\(([^()]*)\)\s*")
_EQUAL = re.compile(rf"\s*({_KEY})\s*(==|=|!=)\s*({_VALUE})\s*")
_ORDER = re.compile(rf"\s*({_KEY})\s*([<>])\s*(-?\d+)\s*")
_EXISTS = re.compile(rf"\s*(!?)\s*({_KEY})\s*")
_IS_VALUE = re.compile(_VALUE)
_INTEGER = re.compile(r"[-+]?\d+")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on a label. `operator` is in, notin, exists, absent, < or >."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether these labels meet the condition."""
        value = labels.get(self.key)
        match self.operator:
            case "in":
                return value in self.values
            case "notin":
                return value not in self.values
            case "exists":
                return value is not None
            case "absent":
                return value is None
            case _:
                if value is None or not _INTEGER.fullmatch(value):
                    return False
                bound = int(self.values[0])
                return int(value) > bound if self.operator == ">" else int(value) < bound


@dataclass(frozen=True, slots=True)
class Selector:
    """Conditions that must all hold; none at all select everything."""

    requirements: tuple[Requirement, ...] = ()

    @classmethod
    def parse(cls, text: str | Mapping[str, str | Sequence[str]]) -> Selector:
        """Read kubectl's spelling, or a mapping from a label to its value or values. Raises ValueError."""
        if not isinstance(text, str):
            return cls(tuple(Requirement(key, "in", _values(value)) for key, value in text.items()))
        found: list[Requirement] = []
        position = 0
        while position < len(text) or (found and text.rstrip().endswith(",")):
            requirement, position = _requirement(text, position)
            found.append(requirement)
            if position >= len(text):
                break
            if text[position] != ",":
                raise ValueError(f"label selector {text!r}: cannot read {text[position:]!r}")
            position += 1
        return cls(tuple(found))

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        """Whether an object with these labels is selected."""
        return all(requirement.matches(labels or {}) for requirement in self.requirements)


def _values(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _requirement(text: str, position: int) -> tuple[Requirement, int]:
    if found := _SET.match(text, position):
        values = tuple(value.strip() for value in found[3].split(","))
        for value in values:
            if not _IS_VALUE.fullmatch(value):
                raise ValueError(f"label selector {text!r}: {value!r} cannot be a label's value")
        return Requirement(found[1], found[2], values), found.end()
    if found := _EQUAL.match(text, position):
        operator = "notin" if found[2] == "!=" else "in"
        return Requirement(found[1], operator, (found[3],)), found.end()
    if found := _ORDER.match(text, position):
        return Requirement(found[1], found[2], (found[3],)), found.end()
    if found := _EXISTS.match(text, position):
        return Requirement(found[2], "absent" if found[1] else "exists"), found.end()
    raise ValueError(f"label selector {text!r}: cannot read {text[position:]!r}")


class LabelSelector(Predicate):
    """Passes events of objects whose labels match: `LabelSelector("app=web,tier in (a,b)")`.

    Takes kubectl's spelling or a mapping, `LabelSelector({"tier": ["a", "b"]})`. Raises ValueError.
    """

    def __init__(self, selector: str | Mapping[str, str | Sequence[str]]) -> None:
        self._text = selector
        self._selector = Selector.parse(selector)

    def __repr__(self) -> str:
        return f"LabelSelector({self._text!r})"

    def matches(self, event: Event, /) -> bool:
        return self._selector.matches(event.new.metadata.labels)
