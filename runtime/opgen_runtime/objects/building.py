"""Builds what one model class needs of pydantic-core, each on first use and once.

*Constructor*: keywords by attribute name become wire names, then all is checked strictly. *Reader*: one
schema for a class and all below it, shape only. *Writer*: names only. *Assignment*: one field's strict check.
pydantic's own generation from annotations is not used: it can't read and construct by different rules, and
takes ten times as long. Hence models hold fields only; validators and private attributes are refused.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import CoreSchema, PydanticCustomError, SchemaSerializer, SchemaValidator
from pydantic_core import core_schema as cs

from opgen_runtime.objects import shapes, unions
from opgen_runtime.objects.shapes import FieldShape

Model = type[BaseModel]


def shapes_of(cls: Model) -> dict[str, FieldShape]:
    """What is known of each field, by attribute name."""
    found: dict[str, FieldShape] | None = cls.__dict__.get("__opgen_shapes__")
    if found is None:
        _refuse_unsupported(cls)
        found = {name: shapes.field_shape(name, info) for name, info in cls.__pydantic_fields__.items()}
        _keep(cls, "__opgen_shapes__", found)
    return found


def _keep(cls: Model, name: str, value: Any) -> None:
    """Sets a class attribute that type checkers know nothing of."""
    setattr(cls, name, value)


def _refuse_unsupported(cls: Model) -> None:
    decorators = cls.__pydantic_decorators__
    found = {
        **decorators.validators,
        **decorators.field_validators,
        **decorators.root_validators,
        **decorators.model_validators,
        **decorators.field_serializers,
        **decorators.model_serializers,
        **decorators.computed_fields,
        **cls.__private_attributes__,
    }
    if found:
        raise TypeError(
            f"{cls.__name__} declares {', '.join(sorted(found))}: models hold fields only; "
            "put checks into functions of your own"
        )


def complete(cls: Model) -> None:
    """Sets pydantic's validator (the constructor's) and serializer."""
    schema = _constructor_schema(cls)
    cls.__pydantic_computed_fields__ = {}
    cls.__pydantic_core_schema__ = schema
    cls.__pydantic_validator__ = SchemaValidator(schema, None, _use_prebuilt=False)
    prepare_writing(cls)
    cls.__pydantic_complete__ = True


def prepare_writing(cls: Model) -> None:
    """Sets the serializer alone: all that objects which are only read and written need of pydantic."""
    if not isinstance(cls.__dict__.get("__pydantic_serializer__"), SchemaSerializer):
        cls.__pydantic_serializer__ = SchemaSerializer(_writer_schema(cls), None, _use_prebuilt=False)


def reader(cls: Model) -> SchemaValidator:
    """Reads data with wire names; wants a list as context, which is not empty after data for `settle`."""
    found: SchemaValidator | None = cls.__dict__.get("__opgen_reader__")
    if found is None:
        found = SchemaValidator(_reader_schema(cls), None, _use_prebuilt=False)
        _keep(cls, "__opgen_reader__", found)
    return found


def _constructor_schema(cls: Model) -> CoreSchema:
    by_name = shapes_of(cls)
    takes_unknown = getattr(cls, "_OPEN", False)
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
            if shape is None and not takes_unknown:
                raise PydanticCustomError("unknown_field", "{problem}", {"problem": unknown(cls, name)})
            if value is not None or shape is None or (shape.required and shape.nullable):
                found[shape.wire if shape else name] = value
        return found

    checked: CoreSchema = cs.model_fields_schema(fields, model_name=cls.__name__, extra_behavior="allow")
    found = unions.of_class(cls)
    if found:
        wire = {name: shape.wire for name, shape in by_name.items()}
        checked = cs.no_info_after_validator_function(unions.checks(found, wire), checked)
    inner = cs.no_info_before_validator_function(given, checked)
    return cs.model_schema(
        cls,
        inner,
        post_init="_constructed" if hasattr(cls, "_constructed") else None,
        config=cs.CoreConfig(title=cls.__name__),
    )


def _instance_of(annotation: Any) -> CoreSchema:
    return cs.is_instance_schema(_model(annotation))


def _model(annotation: Any) -> Model:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    raise TypeError(
        f"{annotation!r} is not a type of a model's field: there are str, int, float, bool, Literal, Any, "
        "list, dict and models that are defined before their users"
    )


def _writer_schema(cls: Model) -> CoreSchema:
    """Names only: values are written by what they are, so that a wrong one is written too, not dropped."""
    fields = {
        name: cs.model_field(cs.any_schema(), serialization_alias=shape.wire)
        for name, shape in shapes_of(cls).items()
    }
    return cs.model_schema(
        cls,
        cs.model_fields_schema(fields, extra_behavior="allow"),
        config=cs.CoreConfig(extra_fields_behavior="allow"),
    )


def _defaulted(cls: Model, shape: FieldShape, schema: CoreSchema) -> CoreSchema:
    info = cls.__pydantic_fields__[shape.name]
    if info.default_factory is not None:
        return cs.with_default_schema(schema, default_factory=info.default_factory)
    return schema if shape.required else cs.with_default_schema(schema, default=shape.default)


def _reader_schema(cls: Model) -> CoreSchema:
    """The schema that reads `cls` and all below it; each nested class is built once, and completed."""
    definitions: dict[str, CoreSchema] = {}

    def struct(annotation: Any) -> CoreSchema:
        nested = _model(annotation)
        ref = f"{nested.__module__}.{nested.__qualname__}:{id(nested)}"
        if ref not in definitions:
            definitions[ref] = cs.none_schema()  # stands there while the class is built, for recursive ones
            definitions[ref] = model(nested, ref)
        return cs.definition_reference_schema(ref)

    def model(of: Model, ref: str) -> CoreSchema:
        prepare_writing(of)
        by_name = shapes_of(of)
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


def assignment(cls: Model, shape: FieldShape) -> SchemaValidator:
    """Checks one field's value, wrapped in a dict so that errors carry the wire name."""
    cache: dict[str, SchemaValidator] | None = cls.__dict__.get("__opgen_assignments__")
    if cache is None:
        cache = {}
        _keep(cls, "__opgen_assignments__", cache)
    found = cache.get(shape.name)
    if found is None:
        field = cs.typed_dict_field(shapes.constructing(shape, _instance_of))
        schema = cs.typed_dict_schema({shape.wire: field})
        found = cache[shape.name] = SchemaValidator(
            schema, cs.CoreConfig(title=cls.__name__), _use_prebuilt=False
        )
    return found


def unknown(cls: Model, name: str) -> str:
    """What to say of a name that is no field's."""
    close = difflib.get_close_matches(name, list(shapes_of(cls)), n=1)
    wire = next((shape.name for shape in shapes_of(cls).values() if shape.wire == name), None)
    hint = wire or (close[0] if close else None)
    return f"{cls.__name__} has no field {name!r}" + (f"; did you mean {hint!r}?" if hint else "")
