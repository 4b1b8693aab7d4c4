"""The base of every model: reading and writing without loss, on top of pydantic.

A model knows three states of a field. *Set*: read from data, given to the constructor or assigned; only such
fields are written. *Absent*: reads as None, or as the scalar default of its schema, and is not written.
*Null*: kept where it was read, and where a nullable field is set to None.

`shapes` decides what a field may hold; this module builds one class's validators from that, lazily (on its
first object), and owns the rules of assignment, deletion and equality. `resource` adds apiVersion, kind and
metadata.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import (
    CoreSchema,
    PydanticCustomError,
    PydanticUndefined,
    SchemaSerializer,
    SchemaValidator,
)
from pydantic_core import core_schema as cs

from opgen_runtime import json
from opgen_runtime.errors import DecodeError
from opgen_runtime.objects import shapes
from opgen_runtime.objects.shapes import FieldShape, NullMarker

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")

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
        _complete(cls)
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
            shape = _shapes(type(self)).get(name)
            if shape is not None:
                _assign(self, shape, value)
            elif name.startswith("_"):
                super().__setattr__(name, value)
            elif name in (self.__pydantic_extra__ or {}) or self._OPEN:
                self.__pydantic_extra__[name] = value
            else:
                raise AttributeError(_unknown(type(self), name))

        def __delattr__(self, name: str) -> None:
            shape = _shapes(type(self)).get(name)
            if shape is not None:
                _make_absent(self, shape)
            elif name in (self.__pydantic_extra__ or {}):
                del self.__pydantic_extra__[name]
                self.__pydantic_fields_set__.discard(name)
            else:
                raise AttributeError(_unknown(type(self), name))

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


# -- one class's machinery, built on its first use ------------------------------------------------------


def field_shapes(model: Struct | type[Struct]) -> Mapping[str, FieldShape]:
    """What is known of each field of a model, by attribute name."""
    return _shapes(model if isinstance(model, type) else type(model))


def _shapes(cls: type[Struct]) -> dict[str, FieldShape]:
    found: dict[str, FieldShape] | None = cls.__dict__.get("__opgen_shapes__")
    if found is None:
        found = {name: shapes.field_shape(name, info) for name, info in cls.__pydantic_fields__.items()}
        setattr(cls, "__opgen_shapes__", found)  # noqa: B010
    return found


def _complete(cls: type[Struct]) -> None:
    """Sets pydantic's validator (the constructor's) and serializer."""
    schema = _constructor_schema(cls)
    cls.__pydantic_computed_fields__ = {}
    cls.__pydantic_core_schema__ = schema
    cls.__pydantic_validator__ = SchemaValidator(schema, None, _use_prebuilt=False)
    _prepare_writing(cls)
    cls.__pydantic_complete__ = True


def _prepare_writing(cls: type[Struct]) -> None:
    """Sets the serializer alone: all that objects which are only read and written need of pydantic."""
    if not isinstance(cls.__dict__.get("__pydantic_serializer__"), SchemaSerializer):
        cls.__pydantic_serializer__ = SchemaSerializer(_writer_schema(cls), None, _use_prebuilt=False)


def _constructor_schema(cls: type[Struct]) -> CoreSchema:
    by_name = _shapes(cls)
    fields = {
        name: cs.model_field(
            _defaulted(cls, shape, shapes.constructing(shape, _instance_of)),
            validation_alias=shape.wire,
            serialization_alias=shape.wire,
        )
        for name, shape in by_name.items()
    }

    def given(keywords: Mapping[str, Any]) -> dict[str, Any]:
        """The keywords by wire name; None counts as not given, save where only null can be meant."""
        found = {}
        for name, value in keywords.items():
            shape = by_name.get(name)
            if shape is None and not cls._OPEN:
                raise PydanticCustomError("unknown_field", "{problem}", {"problem": _unknown(cls, name)})
            if value is not None or shape is None or (shape.required and shape.nullable):
                found[shape.wire if shape else name] = value
        return found

    inner = cs.no_info_before_validator_function(
        given, cs.model_fields_schema(fields, model_name=cls.__name__, extra_behavior="allow")
    )
    return cs.model_schema(
        cls,
        inner,
        post_init="_constructed" if hasattr(cls, "_constructed") else None,
        config=cs.CoreConfig(title=cls.__name__),
    )


def _instance_of(annotation: Any) -> CoreSchema:
    return cs.is_instance_schema(annotation)


def _writer_schema(cls: type[Struct]) -> CoreSchema:
    """Names only: values are written by what they are, so that a wrong one is written too, not dropped."""
    fields = {
        name: cs.model_field(cs.any_schema(), serialization_alias=shape.wire)
        for name, shape in _shapes(cls).items()
    }
    return cs.model_schema(
        cls,
        cs.model_fields_schema(fields, extra_behavior="allow"),
        config=cs.CoreConfig(extra_fields_behavior="allow"),
    )


def _defaulted(cls: type[Struct], shape: FieldShape, schema: CoreSchema) -> CoreSchema:
    info = cls.__pydantic_fields__[shape.name]
    if info.default_factory is not None:
        return cs.with_default_schema(schema, default_factory=info.default_factory)
    return schema if shape.required else cs.with_default_schema(schema, default=shape.default)


def _reader(cls: type[Struct]) -> SchemaValidator:
    found: SchemaValidator | None = cls.__dict__.get("__opgen_reader__")
    if found is None:
        found = SchemaValidator(_reader_schema(cls), None, _use_prebuilt=False)
        setattr(cls, "__opgen_reader__", found)  # noqa: B010
    return found


def _reader_schema(cls: type[Struct]) -> CoreSchema:
    """The schema that reads `cls` and all below it; each nested class is built once, and completed."""
    definitions: dict[str, CoreSchema] = {}

    def struct(nested: Any) -> CoreSchema:
        ref = f"{nested.__module__}.{nested.__qualname__}"
        if ref not in definitions:
            definitions[ref] = cs.none_schema()  # stands there while the class is built, for recursive ones
            definitions[ref] = model(nested, ref)
        return cs.definition_reference_schema(ref)

    def model(of: type[Struct], ref: str) -> CoreSchema:
        _prepare_writing(of)
        by_name = _shapes(of)
        wires = {shape.wire for shape in by_name.values()}
        hidden = sorted(name for name in by_name if name not in wires)
        fields = {
            name: cs.model_field(
                _defaulted(of, shape, shapes.reading(shape, struct)), validation_alias=shape.wire
            )
            for name, shape in by_name.items()
        }
        inner = cs.model_fields_schema(
            fields,
            model_name=of.__name__,
            extra_behavior="allow",
            extras_keys_schema=shapes.surprising_key(hidden) if hidden else None,
        )
        return cs.model_schema(of, inner, ref=ref)

    root = struct(cls)
    return cs.definitions_schema(root, list(definitions.values()))


def _read(cls: type[T], data: Any) -> T:
    surprises: list[Any] = []
    try:
        made = _reader(cls).validate_python(data, context=surprises, by_alias=True, by_name=False)  # type: ignore[arg-type]
    except ValidationError as err:
        raise DecodeError(f"{cls.__name__}: {_first_problems(err)}") from err
    if surprises:
        _settle(made, data)
    result: T = made
    return result


def _first_problems(err: ValidationError) -> str:
    problems = [
        f"{'.'.join(str(step) for step in problem['loc']) or '$'}: {problem['msg']}"
        for problem in err.errors(include_url=False, include_input=False, include_context=False)
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
        for name, shape in _shapes(type(value)).items():
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
    target.__dict__[shape.name] = _assignment(type(target), shape).validate_python({shape.wire: value})[
        shape.wire
    ]
    target.__pydantic_fields_set__.add(shape.name)
    if target.__pydantic_extra__:
        target.__pydantic_extra__.pop(shape.wire, None)


def _assignment(cls: type[Struct], shape: FieldShape) -> SchemaValidator:
    """Checks one field's value, wrapped in a dict so that errors carry the wire name."""
    cache: dict[str, SchemaValidator] | None = cls.__dict__.get("__opgen_assignments__")
    if cache is None:
        cache = {}
        setattr(cls, "__opgen_assignments__", cache)  # noqa: B010
    found = cache.get(shape.name)
    if found is None:
        field = cs.typed_dict_field(shapes.constructing(shape, _instance_of))
        schema = cs.typed_dict_schema({shape.wire: field})
        found = cache[shape.name] = SchemaValidator(
            schema, cs.CoreConfig(title=cls.__name__), _use_prebuilt=False
        )
    return found


def _make_absent(target: Struct, shape: FieldShape) -> None:
    default: Any = type(target).__pydantic_fields__[shape.name].get_default(call_default_factory=True)
    target.__dict__[shape.name] = None if default is PydanticUndefined else default
    target.__pydantic_fields_set__.discard(shape.name)
    if target.__pydantic_extra__:
        target.__pydantic_extra__.pop(shape.wire, None)


def _unknown(cls: type[Struct], name: str) -> str:
    close = difflib.get_close_matches(name, list(_shapes(cls)), n=1)
    wire = next((shape.name for shape in _shapes(cls).values() if shape.wire == name), None)
    hint = wire or (close[0] if close else None)
    return f"{cls.__name__} has no field {name!r}" + (f"; did you mean {hint!r}?" if hint else "")
