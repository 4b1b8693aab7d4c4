"""The unions of a model: which of some fields is set, and that a constructor sets no two.

Generated classes call one of the three functions here for their method `which`; what it returns is typed in the
class. Only the constructor checks: a value moves from one field to another in two assignments.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Protocol, TypeAlias

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

Values: TypeAlias = Mapping[str, Any]
Which: TypeAlias = Callable[[Any], "tuple[str, Any] | None"]

_UNION = "__opgen_union__"


class Union(Protocol):
    """What one union asks of the values of a class, by attribute."""

    def which(self, values: Values, given: Collection[str]) -> tuple[str, Any] | None:
        """The alternative that is taken; None where the values take none, or more than one."""

    def problem(self, values: Values, given: Collection[str], wire: Mapping[str, str]) -> str | None:
        """What is wrong with the values, in wire names."""


def exactly_one(*fields: str) -> Which:
    """The method that tells which of `fields` is set: its name and value; exactly one has to be."""
    return _method(_Choice(fields, needed=True))


def at_most_one(*fields: str) -> Which:
    """The method that tells which of `fields` is set: its name and value; there may be none."""
    return _method(_Choice(fields, needed=False))


def tagged(by: str, members: Mapping[str, str | None]) -> Which:
    """The method that tells the text of the field `by` and the value of the field that goes with it."""
    return _method(_Tagged(by, members))


def checks(unions: Collection[Union], wire: Mapping[str, str]) -> Callable[[Any], Any]:
    """What a constructor does after the checks of its fields; `wire` gives each attribute's wire name."""

    def check(fields: Any) -> Any:
        values, _, given = fields
        # None takes an optional field away, here as everywhere.
        for union in unions:
            problem = union.problem(values, given, wire)
            if problem is not None:
                raise PydanticCustomError("union", "{problem}", {"problem": problem})
        return fields

    return check


def of_class(cls: type[BaseModel]) -> list[Union]:
    """The unions that a class declares."""
    methods = (value for value in vars(cls).values() if isinstance(value, FunctionType))
    return [method.__dict__[_UNION] for method in methods if _UNION in method.__dict__]


def _method(union: Union) -> Which:
    def which(self: Any) -> tuple[str, Any] | None:
        return union.which(self.__dict__, self.__pydantic_fields_set__)

    setattr(which, _UNION, union)
    return which


@dataclass(frozen=True, slots=True)
class _Choice:
    fields: tuple[str, ...]
    needed: bool

    def which(self, values: Values, given: Collection[str]) -> tuple[str, Any] | None:
        found = self._set(values, given)
        return (found[0], values[found[0]]) if len(found) == 1 else None

    def problem(self, values: Values, given: Collection[str], wire: Mapping[str, str]) -> str | None:
        found = self._set(values, given)
        if len(found) == 1 or not (found or self.needed):
            return None
        names = ", ".join(wire[name] for name in self.fields)
        told = " and ".join(wire[name] for name in found) or "none"
        rule = "exactly one of {} must be set" if self.needed else "at most one of {} may be set"
        return f"{rule.format(names)}, not {told}"

    def _set(self, values: Values, given: Collection[str]) -> list[str]:
        return [name for name in self.fields if name in given and values.get(name) is not None]


@dataclass(frozen=True, slots=True)
class _Tagged:
    by: str
    members: Mapping[str, str | None]

    def which(self, values: Values, given: Collection[str]) -> tuple[str, Any] | None:
        tag = self._tag(values)
        if tag is None or self._wrong(tag, values, given):
            return None
        member = self.members[tag]
        return (tag, None if member is None else values[member])

    def problem(self, values: Values, given: Collection[str], wire: Mapping[str, str]) -> str | None:
        tag = self._tag(values)
        if tag is None:
            return None
        member = self.members[tag]
        wrong = self._wrong(tag, values, given)
        if member is not None and member in wrong:
            return f"{wire[self.by]} {tag} needs {wire[member]}"
        return (
            f"{wire[self.by]} {tag} may not have {' and '.join(wire[name] for name in wrong)}"
            if wrong
            else None
        )

    def _tag(self, values: Values) -> str | None:
        """The text of `by`; None for one that the schema did not have when the class was written."""
        tag = values.get(self.by)
        return tag if isinstance(tag, str) and tag in self.members else None

    def _wrong(self, tag: str, values: Values, given: Collection[str]) -> list[str]:
        """The members that are missing, or there beside another tag."""
        right = self.members[tag]
        names = dict.fromkeys(name for name in self.members.values() if name is not None)
        return [name for name in names if (name in given and values.get(name) is not None) != (name == right)]
