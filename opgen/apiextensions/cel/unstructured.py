"""Data of an object as CEL sees it through its schema, converted when it is looked at.

Fields go by their escaped names, null fields count as absent, strings of known formats are times, durations or
bytes, lists compare and join by their list type. Data that does not fit the schema is an error when used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opgen.apiextensions.cel.escaping import escape, unescape
from opgen.apiextensions.cel.operations import (
    NO_OVERLOAD,
    equal_values,
    is_list,
    is_map,
    register_list,
    register_map,
)
from opgen.apiextensions.cel.schema_types import with_object_meta
from opgen.apiextensions.cel.text_formats import FORMATS, Convert
from opgen.apiextensions.cel.values import (
    Broken,
    CelError,
    Value,
    elements,
    native,
    register_type,
)
from opgen.apiextensions.equality import equal as same_data
from opgen.ir.schema import Schema

_GO_TYPES = {
    bool: "bool", int: "int64", float: "float64", str: "string", list: "[]interface {}",
    dict: "map[string]interface {}", type(None): "<nil>",
}  # fmt: skip


class Shape:
    """How the data of one schema node is converted; children are made when first met."""

    __slots__ = ("_children", "_convert", "_item", "_rest", "is_object", "keys", "list_type", "schema")

    def __init__(self, schema: Schema) -> None:
        if schema.type == "object" and schema.x_embedded_resource:
            schema = with_object_meta(schema)
        self.schema = schema
        self.is_object = bool(schema.properties)
        self.list_type = schema.x_list_type or ""
        self.keys = tuple(escape(key) or key for key in schema.x_list_map_keys)
        self._children: dict[str, tuple[str, Shape] | None] = {}
        self._item: Shape | None = None
        self._rest: Shape | None = None
        self._convert = _converter(self)

    def convert(self, data: Any) -> Value:
        """The value for some data."""
        if data is None:
            if self.schema.nullable:
                return None
            raise CelError("invalid data, got null for schema with nullable=false")
        return self._convert(data)

    def child(self, name: str) -> tuple[str, Shape] | None:
        """The property behind an identifier (or a map's key): its name in the data and its shape."""
        try:
            return self._children[name]
        except KeyError:
            return self._make_child(name)

    def _make_child(self, name: str) -> tuple[str, Shape] | None:
        found: tuple[str, Shape] | None = None
        if not self.is_object:
            extra = self.schema.additional_properties
            if not isinstance(extra, Schema):
                return None
            if self._rest is None:
                self._rest = Shape(extra)
            return name, self._rest
        real = unescape(name)
        if real is not None and real in self.schema.properties:
            found = real, Shape(self.schema.properties[real])
        if len(self._children) < 4096:
            self._children[name] = found
        return found

    @property
    def item(self) -> Shape:
        """The shape of a list's elements."""
        if self._item is None:
            if self.schema.items is None:
                raise CelError("invalid array type, expected Items with a non-empty Schema")
            self._item = Shape(self.schema.items)
        return self._item

    def knows(self, name: str) -> bool:
        """Whether data under this (real) name has a schema."""
        if self.is_object:
            return name in self.schema.properties
        return isinstance(self.schema.additional_properties, Schema)


class ObjectValue:
    """An object or map of the schema."""

    __slots__ = ("data", "shape")
    go_type = "*common.unstructuredMap"

    def __init__(self, data: dict[str, Any], shape: Shape) -> None:
        self.data = data
        self.shape = shape

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Value]:
        shape = self.shape
        known = [name for name in self.data if shape.knows(name)]
        return iter([escape(name) or name for name in known] if shape.is_object else known)

    def find(self, key: Value) -> tuple[Value, bool]:
        """The value under a key, and whether there is one."""
        if type(key) is not str:
            raise CelError(NO_OVERLOAD)
        shape = self.shape
        child = shape.child(key)
        if child is None or child[0] not in self.data:
            return None, False
        data = self.data[child[0]]
        if data is None and shape.is_object:
            return None, False
        return child[1].convert(data), True

    def native(self) -> dict[str, Any]:
        """The data itself."""
        return self.data

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        if not is_map(other):
            raise CelError(NO_OVERLOAD)
        if len(self) != len(other):
            return False
        for name, data in self.data.items():
            if self.shape.knows(name):
                if not self._same_under(name, other):
                    return False
            elif type(other) is not ObjectValue:
                raise CelError(NO_OVERLOAD)
            elif name in other.data and not same_data(data, other.data[name]):
                return False
        return True

    def _same_under(self, name: str, other: Value) -> bool:
        failed: CelError | None = None
        try:
            value, found = self.find(name)
        except CelError as error:
            value, found, failed = None, True, error
        try:
            theirs, also = other.find(name)
        except CelError:
            if found and failed is None and type(value) in _COMPOUND:
                raise
            if failed is None:
                return False  # an error is no scalar's equal
            also = True
        if found != also:
            return False
        if failed is not None:
            raise failed
        return not found or _same(value, theirs)


class SchemaList:
    """A list of the schema; `list_type` decides how it compares and joins."""

    __slots__ = ("data", "shape")

    def __init__(self, data: list[Any], shape: Shape) -> None:
        self.data = data
        self.shape = shape

    def __len__(self) -> int:
        return len(self.data)

    @property
    def go_type(self) -> str:
        """What the server's code calls such a list."""
        return {"set": "*common.unstructuredSetList", "map": "*common.unstructuredMapList"}.get(
            self.shape.list_type, "*common.unstructuredList"
        )

    def at(self, index: int) -> Value:
        """The element at an index known to be within bounds."""
        return self.shape.item.convert(self.data[index])

    def native(self) -> list[Any]:
        """The data itself."""
        return self.data

    def picked(self, places: list[int]) -> SchemaList:
        """A plain list of the elements at some places, converted when they are used."""
        shape = Shape(self.shape.schema.changed(x_list_type=None))
        return SchemaList([self.data[place] for place in places], shape)

    def contains(self, wanted: Value) -> bool:
        """`wanted in self`."""
        failed: CelError | None = None
        for data in self.data:
            try:
                if _same(self.shape.item.convert(data), wanted):
                    return True
            except CelError as error:
                failed = failed or CelError(str(error))
        if failed is not None:
            raise failed
        return False

    def equal(self, other: Value) -> bool:
        """`self == other`; sets and maps by key do not look at the order."""
        if not is_list(other):
            raise CelError(NO_OVERLOAD)
        if len(self) != len(other):
            return False
        match self.shape.list_type:
            case "set":
                known = {_scalar(data) for data in self.data}
                return all(_scalar(data) in known for data in _found(other))
            case "map":
                return self._equal_by_key(other)
        return all(self._same_at(index, other) for index in range(len(self)))

    def _same_at(self, index: int, other: Value) -> bool:
        mine = self.at(index)
        try:
            theirs = other.at(index)
        except CelError:
            if type(mine) in _COMPOUND:
                raise
            return False
        return _same(mine, theirs)

    def _equal_by_key(self, other: Value) -> bool:
        mine = {self._key(data): data for data in self.data}
        for index in range(len(other)):
            try:
                value = other.at(index)
            except CelError:
                return False
            key = self._key(native(value))
            if key not in mine:
                return False
            if not _same(self.shape.item.convert(mine[key]), value):
                return False
        return True

    def join(self, other: Value) -> Value:
        """`self + other`: sets are united, maps by key merged, other lists joined."""
        added = [native(value) for value in elements(other)]
        found = list(self.data)
        match self.shape.list_type:
            case "set":
                known = {_scalar(data) for data in found}
                for data in added:
                    if _scalar(data) not in known:
                        known.add(_scalar(data))
                        found.append(data)
            case "map":
                places = {self._key(data): index for index, data in enumerate(found)}
                for data in added:
                    place = places.get(self._key(data))
                    if place is None:
                        found.append(data)
                    else:
                        found[place] = data
            case _:
                found += added
        return SchemaList(found, self.shape)

    def _key(self, data: Any) -> Any:
        if type(data) is not dict:
            return _Keyless()
        return tuple(_scalar(data.get(key)) for key in self.shape.keys)


class Opaque:
    """Data that was preserved without a schema; it can only be compared."""

    __slots__ = ("data",)

    def __init__(self, data: Any) -> None:
        self.data = data

    def native(self) -> Any:
        """The data itself."""
        return self.data

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        return same_data(self.data, native(other))


register_type(ObjectValue, "map")
register_type(SchemaList, "list")
register_type(Opaque, "unknown")
register_map(ObjectValue)
register_list(SchemaList)


_COMPOUND = (ObjectValue, SchemaList)
"""What asks of a value that it is compared with to be of its own kind; where it is an error, so is the comparison."""


class _Keyless:
    """The key of data that can have none: like no other."""

    __slots__ = ()


def _found(values: Value) -> Iterator[Any]:
    """The plain data of each element; one that doesn't fit its schema is like no other."""
    for index in range(len(values)):
        try:
            yield native(values.at(index))
        except CelError:
            yield _Keyless()


def _same(left: Value, right: Value) -> bool:
    return right is None if left is None else equal_values(left, right)


def _scalar(data: Any) -> Any:
    try:
        hash(data)
    except TypeError:
        kind = _GO_TYPES.get(type(data), type(data).__name__)
        raise Broken(f"runtime error: hash of unhashable type {kind}") from None
    return (type(data), data)


def _converter(shape: Shape) -> Convert:
    schema = shape.schema
    if schema.x_int_or_string:
        return _int_or_string
    match schema.type:
        case "object":
            return lambda data: ObjectValue(
                _typed(data, dict, "a map for the provided schema with type=object"), shape
            )
        case "array":
            return lambda data: _list(data, shape)
        case "string":
            return _text(schema.format)
        case "number":
            return _number
        case "integer":
            return _integer
        case "boolean":
            return _boolean
    if schema.x_preserve_unknown_fields:
        return Opaque
    return lambda data: _fail(
        "invalid type, expected object, array, number, integer, boolean or string, or no type with "
        f"x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got {schema.type}"
    )


def _fail(message: str) -> Value:
    raise CelError(message)


def _typed(data: Any, kind: type, expected: str) -> Any:
    if type(data) is not kind:
        raise CelError(f"invalid data, expected {expected}")
    return data


def _list(data: Any, shape: Shape) -> Value:
    _typed(data, list, "an array for the provided schema with type=array")
    if shape.schema.items is None:
        raise CelError("invalid array type, expected Items with a non-empty Schema")
    if shape.list_type not in ("", "map", "set", "atomic"):
        raise CelError(
            f"invalid x-kubernetes-list-type, expected 'map', 'set' or 'atomic' but got {shape.list_type}"
        )
    return SchemaList(data, shape)


def _int_or_string(data: Any) -> Value:
    if type(data) is str or type(data) is int:
        return data
    raise CelError("invalid data, expected XIntOrString value to be either a string or integer")


def _wrong(expected: str, data: Any) -> CelError:
    return CelError(
        f"invalid data, expected {expected}, got {_GO_TYPES.get(type(data), type(data).__name__)}"
    )


def _number(data: Any) -> Value:
    if type(data) is float or type(data) is int:
        return float(data)
    raise _wrong("float", data)


def _integer(data: Any) -> Value:
    if type(data) is int:
        return data
    raise _wrong("int", data)


def _boolean(data: Any) -> Value:
    if type(data) is bool:
        return data
    raise _wrong("bool", data)


def _plain(data: Any) -> Value:
    if type(data) is str:
        return data
    raise _wrong("string", data)


def _text(format_: str) -> Convert:
    parse = FORMATS.get(format_)
    return _plain if parse is None else lambda data: parse(_plain(data))
