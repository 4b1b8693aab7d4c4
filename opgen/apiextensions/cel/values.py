"""What expressions evaluate to. None, bool, int, float, str and bytes are themselves; the rest is here.

Failure is an exception: `CelError` for what CEL calls an error value (&& and || may absorb it),
`CostExceeded` where the budget ends, `Unsupported` for what this package cannot run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = Any
MOST_WEIGHT = 5_000_000


class CelError(Exception):
    """An error of evaluation; the message is the server's."""


class CostExceeded(Exception):
    """The rule has used up what one call may cost, `cost` until then; nothing absorbs this."""

    def __init__(self, cost: int = 0) -> None:
        super().__init__()
        self.cost = cost


class Unsupported(Exception):
    """The expression is legal but cannot be run here; the caller reports it as unchecked."""


class Broken(Exception):
    """Where the server's own code panics; it ends the rule with an internal error that nothing absorbs."""


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

    __slots__ = ("items", "weight")

    def __init__(self, items: list[Value], weight: int = 0) -> None:
        """`weight` counts what nested lists and maps hold, which sharing may make huge."""
        self.items = items
        self.weight = weight or len(items)

    def __len__(self) -> int:
        return len(self.items)

    def at(self, index: int) -> Value:
        """The element at an index known to be within bounds."""
        return self.items[index]

    def native(self) -> list[Any]:
        """The elements as plain data, as lists of the schema store them."""
        return [native(item) for item in self.items]

    def join(self, other: Value) -> Value:
        """`self + other`."""
        if not self.items:
            return other
        if not len(other):
            return self
        weight = self.weight + weigh(other)
        if weight > MOST_WEIGHT:
            raise Unsupported("a list grows too long to be built here")
        return ListValue([*self.items, *elements(other)], weight)


class GrowingList(ListValue):
    """The accumulator of a comprehension: adding to it does not copy it."""

    __slots__ = ()

    def join(self, other: Value) -> Value:
        self.weight += weigh(other)
        if self.weight > MOST_WEIGHT:
            raise Unsupported("a list grows too long to be built here")
        self.items += elements(other)
        return self


class RawList:
    """A list of plain data without a schema."""

    __slots__ = ("raw",)

    def __init__(self, raw: list[Any]) -> None:
        self.raw = raw

    def __len__(self) -> int:
        return len(self.raw)

    def at(self, index: int) -> Value:
        """The element at an index known to be within bounds."""
        return from_native(self.raw[index])

    def native(self) -> list[Any]:
        """The elements as plain data."""
        return self.raw

    def join(self, other: Value) -> Value:
        """`self + other`."""
        return ListValue(elements(self)).join(other)


class MapValue:
    """A map made by an expression; keys keep their type, lookups cross the numeric types."""

    __slots__ = ("entries", "weight")

    def __init__(self, entries: dict[Any, tuple[Value, Value]], weight: int = 0) -> None:
        self.entries = entries
        self.weight = weight or len(entries)

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


class RawMap:
    """A map of plain data without a schema."""

    __slots__ = ("raw",)

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw

    def __len__(self) -> int:
        return len(self.raw)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.raw)

    def find(self, key: Value) -> tuple[Value, bool]:
        """The value under a key, and whether there is one."""
        if type(key) is str and key in self.raw:
            return from_native(self.raw[key]), True
        return None, False

    def native(self) -> dict[str, Any]:
        """The map as plain data."""
        return self.raw


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """What a loop variable holds where the data does not fit its schema: using it raises the error."""

    error: CelError


def weigh(value: Value) -> int:
    """How many values a value holds, itself included."""
    return value.weight + 1 if isinstance(value, ListValue | MapValue) else 1


def elements(value: Value) -> list[Value]:
    """All elements of a list value."""
    if isinstance(value, ListValue):
        return value.items
    return [value.at(index) for index in range(len(value))]


def from_native(raw: Any) -> Value:
    """Plain data as a value, as far as it is not one already."""
    if type(raw) is dict:
        return RawMap(raw)
    if type(raw) is list:
        return RawList(raw)
    return raw


def map_key(key: Value) -> Any:
    """The dictionary key for a CEL map key: distinct for distinct types. Go's maps have no bytes for keys."""
    if type(key) is bytes:
        raise Broken("runtime error: hash of unhashable type types.Bytes")
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
    made = getattr(value, "native", None)
    return value if made is None else made()


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
    RawList: "list",
    MapValue: "map",
    GrowingMap: "map",
    RawMap: "map",
}


_GO_TYPES = {
    "int": "types.Int", "uint": "types.Uint", "double": "types.Double", "string": "types.String",
    "bool": "types.Bool", "bytes": "types.Bytes", "null_type": "types.Null",
    "google.protobuf.Duration": "types.Duration", "google.protobuf.Timestamp": "types.Timestamp",
    "optional_type": "*types.Optional", "type": "*types.Type", "list": "*types.baseList", "map": "*types.baseMap",
    "kubernetes.Quantity": "cel.Quantity", "kubernetes.Semver": "cel.Semver", "kubernetes.URL": "cel.URL",
    "kubernetes.NamedFormat": "cel.Format", "net.IP": "cel.IP", "net.CIDR": "cel.CIDR",
}  # fmt: skip


def go_type(value: Value) -> str:
    """What the server's own code calls a value's type; some of its errors do."""
    own = getattr(value, "go_type", None)
    name = type_name(value)
    return own if isinstance(own, str) else _GO_TYPES.get(name, name)


def register_type(kind: type, name: str) -> None:
    """Give a library's value class the name that `type()` returns for it."""
    _TYPE_NAMES[kind] = name


def type_name(value: Value) -> str:
    """The run-time name of a value's type."""
    found = _TYPE_NAMES.get(type(value))
    return str(value.type_name) if found is None else found
