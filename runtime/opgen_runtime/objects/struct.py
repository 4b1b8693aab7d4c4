"""The base of every model: reading and writing without loss, on top of pydantic.

A model knows three states of a field. *Set*: read from data, given to the constructor or assigned; only such
fields are written. *Absent*: reads as None, or as the scalar default of its schema, and is not written.
*Null*: kept where it was read, and where a nullable field is set to None.

`shapes` decides what a field may hold, `building` makes pydantic's machinery from that, on a class's first
object; this module owns the rules of reading, assignment, deletion and equality. `resource` adds apiVersion,
kind and metadata.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import (
    PydanticUndefined,
)

from opgen_runtime import json
from opgen_runtime.errors import DecodeError
from opgen_runtime.objects import building
from opgen_runtime.objects.shapes import NULL, VALUE, FieldShape, NullMarker

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")
S = TypeVar("S", bound="Struct")

Nullable: TypeAlias = Annotated[T | None, NullMarker()]
"""A field whose schema says `nullable: true`: setting it to None writes null (`del` makes it absent)."""


class Struct(BaseModel):
    """A nested object of a schema. Generated models derive from this; kinds from `Resource`.

    Attributes are snake_case, the constructor takes them as keywords; data carry the wire names. The
    constructor and assignment check types, bounds and enums (pydantic.ValidationError, a ValueError, with
    paths of wire names); `from_dict` and `from_json` check the shape only and keep unknown fields.
    """

    model_config = ConfigDict(
        defer_build=True,
        extra="allow",
        strict=True,
        validate_by_name=True,
        validate_by_alias=False,
        protected_namespaces=(),
    )

    _OPEN: ClassVar[bool] = False

    # -- reading and writing ---------------------------------------------------------------------------

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Reads plain data, which are not shared afterwards. Raises DecodeError if their shape is wrong."""
        try:
            return _read(cls, json.copied(data, _plain))
        except RecursionError as err:
            raise DecodeError(f"{cls.__name__}: the data are nested too deeply") from err

    @classmethod
    def from_json(cls, raw: bytes | str) -> Self:
        """Reads JSON. Raises DecodeError (with `raw`) on malformed JSON or a wrong shape."""
        data = json.loads(raw)
        try:
            return _read(cls, data)
        except DecodeError as err:
            err.raw = raw if isinstance(raw, bytes) else raw.encode()
            raise

    def to_dict(self) -> dict[str, Any]:
        """Plain data with wire names: what was read or set, nothing else. Never shared with the object."""
        data: dict[str, Any] = _dump(self)
        return data

    def to_json(self) -> bytes:
        """The same as compact JSON."""
        return json.dumps(self.to_dict())

    # -- building --------------------------------------------------------------------------------------

    @classmethod
    def model_rebuild(
        cls,
        *,
        force: bool = False,
        raise_errors: bool = True,
        _parent_namespace_depth: int = 2,
        _types_namespace: Mapping[str, Any] | None = None,
    ) -> bool | None:
        """Builds the class's validator and serializer; pydantic calls it on the first object."""
        if cls.__dict__.get("__pydantic_complete__") is True and not force:
            return None
        building.complete(cls)
        return True

    @classmethod
    def model_construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Self:
        """An object without any check; required fields that are not given read as None."""
        made = super().model_construct(_fields_set, **values)
        for name in cls.__pydantic_fields__:
            made.__dict__.setdefault(name, None)
        return made

    # -- assignment, deletion, comparison ----------------------------------------------------------------

    if not TYPE_CHECKING:
        # Hidden from type checkers, which would take any attribute name if they saw them.

        def __setattr__(self, name: str, value: Any) -> None:
            shape = building.shapes_of(type(self)).get(name)
            if shape is not None:
                _assign(self, shape, value)
            elif name.startswith("_"):
                super().__setattr__(name, value)
            elif name in (self.__pydantic_extra__ or {}) or self._OPEN:
                self.__pydantic_extra__[name] = value
            else:
                raise AttributeError(building.unknown(type(self), name))

        def __delattr__(self, name: str) -> None:
            shape = building.shapes_of(type(self)).get(name)
            if shape is not None:
                _make_absent(self, shape)
            elif name in (self.__pydantic_extra__ or {}):
                del self.__pydantic_extra__[name]
                self.__pydantic_fields_set__.discard(name)
            else:
                raise AttributeError(building.unknown(type(self), name))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Struct):
            return NotImplemented
        return type(self) is type(other) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # mutable: ObjectKey is there for sets

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name in self.__pydantic_fields__:
            if name in self.__pydantic_fields_set__:
                yield name, self.__dict__.get(name)
        yield from (self.__pydantic_extra__ or {}).items()


class OpenStruct(Struct):
    """A Struct whose schema allows undeclared fields: `model_extra` holds them, by wire name."""

    _OPEN: ClassVar[bool] = True


def field_shapes(model: Struct | type[Struct]) -> Mapping[str, FieldShape]:
    """What is known of each field of a model, by attribute name."""
    return building.shapes_of(model if isinstance(model, type) else type(model))


def _read(cls: type[S], data: Any) -> S:
    surprises: list[Any] = []
    reader = building.reader(cls)
    try:
        made: S = reader.validate_python(data, context=surprises, by_alias=True, by_name=False)
    except ValidationError as err:
        raise DecodeError(f"{cls.__name__}: {_first_problems(err)}") from err
    if surprises:
        _settle(made, data)
    return made


def _first_problems(err: ValidationError) -> str:
    problems = [
        f"{'.'.join(str(step) for step in problem['loc'] if step != VALUE) or '$'}: {problem['msg']}"
        for problem in err.errors(include_url=False, include_input=False, include_context=False)
        if NULL not in problem["loc"]
    ]
    more = len(problems) - 3
    return "; ".join(problems[:3]) + (f"; and {more} more" if more > 0 else "")


def _settle(value: Any, data: Any) -> None:
    """Repairs what pydantic can't express; runs only for data that need it.

    A null of a defaulted field reads as the default and is written as null: it moves to the unknown fields.
    An unknown field that is spelled like another field's attribute must not make that field count as set.
    """
    if isinstance(value, Struct):
        extra = value.__pydantic_extra__
        for name, shape in building.shapes_of(type(value)).items():
            if shape.wire not in data:
                value.__pydantic_fields_set__.discard(name)
            elif data[shape.wire] is not None:
                _settle(value.__dict__[name], data[shape.wire])
            elif shape.null_reads_as_default and extra is not None:
                _make_absent(value, shape)
                extra[shape.wire] = None
    elif isinstance(value, list):
        for item, item_data in zip(value, data, strict=True):
            _settle(item, item_data)
    elif isinstance(value, dict):
        for key, item in value.items():
            _settle(item, data[key])


def _dump(value: Struct) -> dict[str, Any]:
    result: dict[str, Any] = value.__pydantic_serializer__.to_python(
        value, by_alias=True, exclude_unset=True, warnings=False
    )
    return result


def _plain(value: Any) -> Any:
    """What stands among plain data in `from_dict`: a model for its data, any mapping for a dict."""
    if isinstance(value, Struct):
        return value.to_dict()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON data")


def _assign(target: Struct, shape: FieldShape, value: Any) -> None:
    if value is None and not shape.nullable:
        _make_absent(target, shape)
        return
    target.__dict__[shape.name] = building.assignment(type(target), shape).validate_python(
        {shape.wire: value}
    )[shape.wire]
    target.__pydantic_fields_set__.add(shape.name)
    if target.__pydantic_extra__:
        target.__pydantic_extra__.pop(shape.wire, None)


def _make_absent(target: Struct, shape: FieldShape) -> None:
    default: Any = type(target).__pydantic_fields__[shape.name].get_default(call_default_factory=True)
    target.__dict__[shape.name] = None if default is PydanticUndefined else default
    target.__pydantic_fields_set__.discard(shape.name)
    if target.__pydantic_extra__:
        target.__pydantic_extra__.pop(shape.wire, None)
