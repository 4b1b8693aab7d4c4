"""Names, selections and indices: a root and the qualifiers applied to it, which the server resolves as one.

A root and each qualifier applied cost one unit. Once a qualifier is optional, a missing step makes the whole
`optional.none()`; a root that is an optional is entered, and what it holds is then plain data without a schema.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeAlias

from opgen.apiextensions.cel.convert import printed, show_double
from opgen.apiextensions.cel.operations import NO_OVERLOAD, is_list, is_map
from opgen.apiextensions.cel.unstructured import ObjectValue, SchemaList
from opgen.apiextensions.cel.values import (
    NONE,
    Broken,
    CelError,
    ErrorValue,
    ListValue,
    MapValue,
    OptionalValue,
    UInt,
    Value,
    from_native,
    go_type,
    native,
    type_name,
)

Frame: TypeAlias = "list[Any]"
Run: TypeAlias = "Callable[[Frame], Value]"
MISSING = object()
# A qualifier: frame, what it is applied to, whether it only looks; MISSING if it looks and finds nothing.
Apply: TypeAlias = "Callable[[Frame, Value, bool], Value]"


class Lazy:
    """A variable whose value is worked out when it is first read."""

    __slots__ = ("run",)

    def __init__(self, run: Run) -> None:
        self.run = run


_SPECIAL = {OptionalValue, ErrorValue, Lazy}


class Qualifier:
    """One step: `apply`, its constant name if it is one, and whether it is optional."""

    __slots__ = ("apply", "name", "optional")

    def __init__(self, apply: Apply, name: str | None, *, optional: bool) -> None:
        self.apply = apply
        self.name = name
        self.optional = optional


class Planned(ABC):
    """A planned node."""

    @abstractmethod
    def run(self) -> Run:
        """The function that evaluates it and counts its cost."""


class Constant(Planned):
    """A value known before running."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def run(self) -> Run:
        value = self.value
        return lambda frame: value


class Code(Planned):
    """Anything that is neither a constant nor an attribute."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def run(self) -> Run:
        return self._run


class Attribute(Planned):
    """A root that can still take qualifiers."""

    @abstractmethod
    def add(self, qualifier: Qualifier) -> None:
        """Apply one more step."""

    @abstractmethod
    def resolve(self) -> Run:
        """As `run`, without the unit for the root: as branches and indices are resolved."""

    def run(self) -> Run:
        resolve = self.resolve()

        def run(frame: Frame) -> Value:
            frame[0] += 1
            try:
                return resolve(frame)
            except Broken:
                frame[0] -= 1
                raise

        return run


class Rooted(Attribute):
    """A variable."""

    def __init__(self, place: int) -> None:
        self._place = place
        self._qualifiers: list[Qualifier] = []

    def add(self, qualifier: Qualifier) -> None:
        self._qualifiers.append(qualifier)

    def run(self) -> Run:
        return self._chain(1) or super().run()

    def resolve(self) -> Run:
        return self._chain(0) or self._general()

    def _chain(self, cost: int) -> Run | None:
        """The common case: nothing but names."""
        names = [qualifier.name for qualifier in self._qualifiers if not qualifier.optional]
        if len(names) != len(self._qualifiers):
            return None
        keys = [name for name in names if name is not None]
        if len(keys) != len(names):
            return None
        place, general = self._place, self._general()

        def run(frame: Frame) -> Value:
            value = frame[place]
            frame[0] += cost
            if type(value) in _SPECIAL:
                try:
                    return general(frame)
                except Broken:
                    frame[0] -= cost
                    raise
            for key in keys:
                frame[0] += 1
                if type(value) is ObjectValue:
                    value, found = value.find(key)
                    if not found:
                        raise CelError(f"no such key: {key}")
                else:
                    value = step(value, key, False)
            return value

        return run

    def _general(self) -> Run:
        place, qualifiers = self._place, self._qualifiers

        def run(frame: Frame) -> Value:
            value = frame[place]
            if type(value) is Lazy:
                value = frame[place] = _forced(value, frame)
            if type(value) is ErrorValue:
                raise value.error
            return qualified(frame, value, qualifiers)

        return run


def _forced(lazy: Lazy, frame: Frame) -> Value:
    try:
        return lazy.run(frame)
    except CelError as error:
        return ErrorValue(error)


class Wrapped(Attribute):
    """The result of another expression."""

    def __init__(self, operand: Run) -> None:
        self._operand = operand
        self._qualifiers: list[Qualifier] = []

    def add(self, qualifier: Qualifier) -> None:
        self._qualifiers.append(qualifier)

    def resolve(self) -> Run:
        operand, qualifiers = self._operand, self._qualifiers
        return lambda frame: qualified(frame, operand(frame), qualifiers)


class Conditional(Attribute):
    """`condition ? then : otherwise`; qualifiers apply to both branches."""

    def __init__(self, condition: Run, then: Attribute, otherwise: Attribute) -> None:
        self._condition = condition
        self._then = then
        self._otherwise = otherwise

    def add(self, qualifier: Qualifier) -> None:
        self._then.add(qualifier)
        self._otherwise.add(qualifier)

    def resolve(self) -> Run:
        condition, then, otherwise = self._condition, self._then.resolve(), self._otherwise.resolve()

        def run(frame: Frame) -> Value:
            chosen = condition(frame)
            if chosen is True:
                return then(frame)
            if chosen is False:
                return otherwise(frame)
            raise CelError(NO_OVERLOAD)

        return run

    def run(self) -> Run:
        return self.resolve()


class Tested(Attribute):
    """`has(attribute)`: its last qualifier only looks."""

    def __init__(self, attribute: Attribute) -> None:
        self._attribute = attribute

    def add(self, qualifier: Qualifier) -> None:
        self._attribute.add(qualifier)

    def resolve(self) -> Run:
        return self._attribute.resolve()

    def run(self) -> Run:
        resolve = self._attribute.resolve()
        refund = 1 if isinstance(self._attribute, Conditional) else 0

        def run(frame: Frame) -> Value:
            frame[0] -= refund
            value = resolve(frame)
            return value.present if type(value) is OptionalValue else value

        return run


# qualifiers


def constant_qualifier(key: Value, *, optional: bool, test: bool) -> Qualifier:
    """A step by a constant; `test` makes it answer whether it could be taken."""
    if type(key) not in (str, int, UInt, bool, float):
        raise CelError(f"invalid qualifier type: {go_type(key)}")

    def tested(frame: Frame, value: Value, looking: bool) -> Value:
        if looking:
            return _counted(frame, value, key)
        frame[0] += 1
        return step(value, key, True) is not MISSING

    if test:
        return Qualifier(tested, None, optional=False)

    def apply(frame: Frame, value: Value, looking: bool) -> Value:
        if looking:
            return _counted(frame, value, key)
        frame[0] += 1
        return step(value, key, False)

    return Qualifier(apply, key if type(key) is str else None, optional=optional)


def _counted(frame: Frame, value: Value, key: Value) -> Value:
    """Look for a step; only finding it costs."""
    found = step(value, key, True)
    if found is not MISSING:
        frame[0] += 1
    return found


def indirect_qualifier(index: Run, *, optional: bool) -> Qualifier:
    """A step by a computed key."""

    def apply(frame: Frame, value: Value, looking: bool) -> Value:
        if looking:
            key = _key(index(frame))
            return _counted(frame, value, key)
        frame[0] += 1
        try:
            key = index(frame)
        except Broken:
            frame[0] -= 1
            raise
        return step(value, _key(key), False)

    return Qualifier(apply, None, optional=optional)


def _key(key: Value) -> Value:
    if type(key) not in (str, int, UInt, bool, float):
        raise CelError(f"invalid qualifier type: {go_type(key)}")
    return key


def qualified(frame: Frame, value: Value, qualifiers: list[Qualifier]) -> Value:
    """Apply all steps to a root."""
    looking = False
    if type(value) is OptionalValue:
        if not value.present:
            return value
        looking, value = True, _entered(value.value)
    for qualifier in qualifiers:
        looking = looking or qualifier.optional
        value = qualifier.apply(frame, value, looking)
        if value is MISSING:
            return NONE
    return OptionalValue(value) if looking else value


def _entered(value: Value) -> Value:
    """What an optional holds: an expression's list or map as it is, data without its schema."""
    return value if isinstance(value, ListValue | MapValue) else from_native(native(value))


def step(value: Value, key: Value, looking: bool) -> Value:
    """One step by a key; MISSING if only `looking`."""
    if is_map(value):
        found, present = value.find(key)
        if present:
            return found
        if looking:
            return MISSING
        raise CelError(f"no such key: {printed(key)}")
    if is_list(value):
        index = list_index(key)
        if 0 <= index < len(value):
            if type(value) is SchemaList and type(key) is not int:
                raise CelError(f"unsupported index: {printed(key)}")
            return value.at(index)
        if looking:
            return MISSING
        raise CelError(f"index out of bounds: {printed(key)}")
    if looking:
        return MISSING
    raise CelError(f"no such key: {printed(key)}")


def list_index(key: Value) -> int:
    """A list index from any numeric key."""
    if type(key) is int:
        return key
    if type(key) is float:
        if key == key and abs(key) < 2.0**63 and key == int(key):
            return int(key)
        raise CelError(f"unsupported index value {show_double(key)} in list")
    if type(key) is UInt:
        if key < 2**63:
            return int(key)
        raise CelError(f"unsupported index value {int(key)} in list")
    raise CelError(f"unsupported index type '{type_name(key)}' in list")
