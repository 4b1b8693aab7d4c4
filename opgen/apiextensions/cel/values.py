"""What expressions evaluate to. None, bool, int, float, str and bytes are themselves; the rest is here.

Failure is an exception: `CelError` for what CEL calls an error value (&& and || may absorb it),
`CostExceeded` where the budget ends, `Unsupported` for what this package cannot run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = Any


class CelError(Exception):
    """An error of evaluation; the message is the server's."""


class CostExceeded(Exception):
    """The rule has used up what one call may cost; nothing absorbs this."""


class Unsupported(Exception):
    """The expression is legal but cannot be run here; the caller reports it as unchecked."""


class UInt(int):
    """An unsigned integer."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in nanoseconds."""

    nanoseconds: int


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A point in time: nanoseconds since 1970 in UTC, and the offset (seconds) with which it was written."""

    nanoseconds: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class TypeValue:
    """A type as a value, by its run-time name."""

    name: str


class OptionalValue:
    """`optional.of(value)`; `NONE` is the one without a value."""

    __slots__ = ("present", "value")

    def __init__(self, value: Value, *, present: bool = True) -> None:
        self.value = value
        self.present = present


NONE = OptionalValue(None, present=False)


class ListValue:
    """A list made by an expression."""

    __slots__ = ("items",)

    def __init__(self, items: list[Value]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.items)

    def at(self, index: int) -> Value:
        """The element at an index known to be within bounds."""
        return self.items[index]

    def native(self) -> list[Any]:
        """The elements as plain data, as lists of the schema store them."""
        return [native(item) for item in self.items]


class GrowingList(ListValue):
    """The accumulator of a comprehension: adding to it does not copy it."""

    __slots__ = ()


class MapValue:
    """A map made by an expression; keys keep their type, lookups cross the numeric types."""

    __slots__ = ("entries",)

    def __init__(self, entries: dict[Any, tuple[Value, Value]]) -> None:
        self.entries = entries

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Value]:
        return iter([key for key, _ in self.entries.values()])

    def find(self, key: Value) -> tuple[Value, bool]:
        """The value under a key, and whether there is one."""
        for candidate in _candidates(key):
            entry = self.entries.get(candidate)
            if entry is not None:
                return entry[1], True
        return None, False

    def native(self) -> dict[Any, Any]:
        """The map as plain data."""
        return {native(key): native(value) for key, value in self.entries.values()}


class GrowingMap(MapValue):
    """The accumulator of a comprehension that makes a map."""

    __slots__ = ()


def map_key(key: Value) -> Any:
    """The dictionary key for a CEL map key: distinct for distinct types."""
    return key if type(key) is str else (type(key), key)


def _candidates(key: Value) -> Iterator[Any]:
    yield map_key(key)
    kind = type(key)
    if kind is float:
        if key == key and abs(key) < 2.0**63 and key == int(key):
            yield (int, int(key))
        if key == key and 0 <= key < 2.0**64 and key == int(key):
            yield (UInt, UInt(int(key)))
    elif kind is int and key >= 0:
        yield (UInt, UInt(key))
    elif kind is UInt and key < 2**63:
        yield (int, int(key))


def native(value: Value) -> Any:
    """A value as plain data, as far as it has such a form."""
    if isinstance(value, ListValue | MapValue) or hasattr(value, "native"):
        return value.native()
    return value


_TYPE_NAMES: dict[type, str] = {
    type(None): "null_type",
    bool: "bool",
    int: "int",
    UInt: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    Duration: "google.protobuf.Duration",
    Timestamp: "google.protobuf.Timestamp",
    TypeValue: "type",
    OptionalValue: "optional_type",
    ListValue: "list",
    GrowingList: "list",
    MapValue: "map",
    GrowingMap: "map",
}


def register_type(kind: type, name: str) -> None:
    """Give a library's value class the name that `type()` returns for it."""
    _TYPE_NAMES[kind] = name


def type_name(value: Value) -> str:
    """The run-time name of a value's type."""
    return _TYPE_NAMES[type(value)]
