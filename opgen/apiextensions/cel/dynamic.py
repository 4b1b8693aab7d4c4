"""What only admission policies have: `Object{...}`, `JSONPatch{...}`, and variables worked out when they are read.

Objects are made without a schema: any field may be set, and each nested object is named by its path, `Object.spec`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.attributes import Run
from opgen.apiextensions.cel.convert import not_optional
from opgen.apiextensions.cel.declarations import Overload
from opgen.apiextensions.cel.operations import NO_OVERLOAD, equal, register_map
from opgen.apiextensions.cel.ranges import NEW_STRUCT
from opgen.apiextensions.cel.types import Type
from opgen.apiextensions.cel.values import (
    CelError,
    MapValue,
    OptionalValue,
    Unsupported,
    Value,
    elements,
    native,
    register_type,
    type_name,
)

OBJECT, JSON_PATCH = "Object", "JSONPatch"
_PATCH_FIELDS = {"op": types.STRING, "path": types.STRING, "from": types.STRING, "value": types.DYN}
_GO_TYPES = {"int": "int64", "uint": "uint64", "double": "float64", "bool": "bool", "bytes": "[]uint8"}

FUNCTIONS: Mapping[str, tuple[Overload, ...]] = {
    "jsonpatch.escapeKey": (
        Overload("string_jsonpatch_escapeKey_string", (types.STRING,), types.STRING, False, ()),
    )
}
"""The functions that only these expressions have."""
OVERLOADS: dict[str, Callable[..., Value]] = {
    "string_jsonpatch_escapeKey_string": lambda text: text.replace("~", "~0").replace("/", "~1")
}


def is_message(name: str) -> bool:
    """Whether objects of that name can be made."""
    return name in (OBJECT, JSON_PATCH) or name.startswith(f"{OBJECT}.")


def field_type(message: str, name: str) -> Type | None:
    """The type of a field; None for one that a patch doesn't have."""
    return _PATCH_FIELDS.get(name) if message == JSON_PATCH else types.DYN


class Made:
    """An `Object{...}`; `name` is its type's."""

    __slots__ = ("fields", "name")

    def __init__(self, name: str, fields: dict[str, Value]) -> None:
        self.name = name
        self.fields = fields

    @property
    def type_name(self) -> str:
        """What `type()` says of it."""
        return self.name

    def native(self) -> dict[str, Any]:
        """The object as plain data."""
        return {key: native(value) for key, value in self.fields.items()}

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        if (
            not isinstance(other, Made)
            or self.name != other.name
            or self.fields.keys() != other.fields.keys()
        ):
            return False
        return all(equal(value, other.fields[key]) for key, value in self.fields.items())

    def misnamed(self) -> list[str]:
        """The objects within whose names aren't their paths, as errors."""
        return list(_misnamed(self, [self.name]))


def _misnamed(value: Value, path: list[str]) -> Iterator[str]:
    if isinstance(value, Made):
        if value.name != ".".join(path):
            yield (
                f'unexpected type name "{value.name}", expected "{".".join(path)}", which matches field name path '
                "from root Object type"
            )
        for key, child in value.fields.items():
            yield from _misnamed(child, [*path, key])
    elif isinstance(value, MapValue):
        for _, child in value.entries.values():
            yield from _misnamed(child, path)
    elif type_name(value) == "list":
        for child in elements(value):
            yield from _misnamed(child, path)


class Patch:
    """A `JSONPatch{...}`: one operation."""

    __slots__ = ("fields",)

    def __init__(self, fields: dict[str, Value]) -> None:
        self.fields = fields

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        if not isinstance(other, Patch) or self.fields.keys() != other.fields.keys():
            return False
        return all(equal(value, other.fields[key]) for key, value in self.fields.items())


register_type(Patch, JSON_PATCH)


class LazyMap:
    """`variables`: each is worked out when it is first read, and then kept, its error too."""

    __slots__ = ("_known", "_make")

    def __init__(self, make: Mapping[str, Callable[[], Value]]) -> None:
        self._make = make
        self._known: dict[str, Value | CelError] = {}

    def __len__(self) -> int:
        return len(self._make)

    def __iter__(self) -> Iterator[Value]:
        return iter(self._make)

    def find(self, key: Value) -> tuple[Value, bool]:
        """The value under a name, and whether there is one."""
        if type(key) is not str:
            raise CelError(NO_OVERLOAD)
        if key not in self._make:
            return None, False
        if key not in self._known:
            try:
                self._known[key] = self._make[key]()
            except CelError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, CelError):
            raise found
        return found, True

    def native(self) -> Any:
        """Variables have no other form."""
        raise Unsupported("variables as a value")


register_type(LazyMap, "kubernetes.variables")
register_map(LazyMap)


def maker(name: str, runs: list[tuple[str, Run, bool]]) -> Run:
    """The function that makes a message of its fields; `True` marks those that are optional."""

    def run(frame: list[Any]) -> Value:
        fields: dict[str, Value] = {}
        try:
            for field, value_run, optional in runs:
                value = value_run(frame)
                if optional:
                    if type(value) is not OptionalValue:
                        raise not_optional(f"entry '{field}'", value)
                    if not value.present:
                        fields.pop(field, None)
                        continue
                    value = value.value
                fields[field] = value
            return _patch(fields) if name == JSON_PATCH else Made(name, fields)
        finally:
            frame[0] += NEW_STRUCT

    return run


def _patch(fields: dict[str, Value]) -> Patch:
    for name, value in fields.items():
        if name not in _PATCH_FIELDS:
            raise CelError(f"unexpected JSONPatchType field: {name}")
        if name != "value" and type(value) is not str:
            kind = type_name(value)
            raise CelError(f"unexpected type {_GO_TYPES.get(kind, kind)} for JSONPatchType '{name}' field")
    return Patch(fields)
