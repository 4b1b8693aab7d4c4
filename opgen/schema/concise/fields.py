"""Fields of the concise language: a type expression, or a mapping of constraints. Text to schema, with its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from opgen.apiextensions import decode_schema
from opgen.coretypes import problem as core_problem
from opgen.documents import MAX_DEPTH, Position
from opgen.ir.schema import CoreRef, Schema, ValidationRule, Value
from opgen.schema.concise import expressions
from opgen.schema.concise.descriptions import trimmed
from opgen.schema.concise.keys import FIELD, OBJECT_CONSTRAINTS, UNIONS
from opgen.schema.concise.rules import (
    can_say,
    immutable_presence,
    immutable_value,
    read_rules,
    read_unions,
)
from opgen.schema.concise.scope import Scope, describe
from opgen.schema.placing import unmarshal_steps

Types = Callable[[CoreRef, bool], Schema | None]
"""Finds a core type's schema, with or without its descriptions."""

_NUMBERS = ("minimum", "maximum", "multipleOf")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_TEXTS = ("description", "title", "format", "pattern", "listType", "mapType")
_FLAGS = ("nullable", "exclusiveMinimum", "exclusiveMaximum", "embeddedResource")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its schema, whether its parent requires it and keeps it immutable, and its lines by CRD path."""

    schema: Schema
    position: Position
    required: bool = False
    immutable: bool = False


def read_field(scope: Scope, types: Types) -> Field:
    """A field's value in either form. A wrong one gives a complaint and an empty schema."""
    match scope.data:
        case str():
            return _from_expression(scope, scope.data, types)
        case dict():
            return _from_mapping(scope, types)
        case None:
            scope.problem(
                "the field has no type", "string, integer, list<string>, or a mapping with `fields`"
            )
        case _:
            scope.problem(
                f"a field is a type or a mapping, not {describe(scope.data)}",
                "write list<T> for lists, and put a default under `default:`",
            )
    return Field(Schema(), Position(scope.line))


def read_fields(scope: Scope, types: Types) -> tuple[Schema, Position]:
    """A mapping of names to fields as an object's schema."""
    position = Position(scope.line)
    if scope.data is None:
        return Schema(type="object"), position
    if scope.mapping("fields") is None:
        return Schema(type="object"), position
    names = Position(scope.line)
    position.children["properties"] = names
    properties: dict[str, Schema] = {}
    required: list[str] = []
    rules: list[ValidationRule] = []
    for name in scope.data:
        child = scope.child(name)
        if not name:
            child.problem("a field needs a name")
            continue
        field = read_field(child, types)
        properties[name] = field.schema
        names.children[name] = field.position
        if field.required:
            required.append(name)
        elif field.immutable and can_say(name, field.schema):
            rules.append(immutable_presence(name))
        elif field.immutable:
            child.child("immutable").problem(
                "`immutable` needs a field that CEL can speak of: with a type, and a name of letters, digits and -_./",
                "give it a type or another name, or make the object around it immutable",
            )
    return Schema(
        type="object", properties=properties, required=tuple(sorted(required)), x_validations=tuple(rules)
    ), position


def constrain_object(scope: Scope, schema: Schema, position: Position) -> Schema:
    """The constraints of a whole object (`specConstraints`) on its schema."""
    scope.known(sorted(OBJECT_CONSTRAINTS), "these constraints")
    return _constrain(scope, schema, position)


def _from_expression(scope: Scope, text: str, types: Types) -> Field:
    parsed = expressions.parse(text, lambda ref: types(ref, False))
    position = Position(scope.line)
    if isinstance(parsed, expressions.Wrong):
        scope.problem(parsed.message, parsed.hint)
        return Field(Schema(), position)
    if parsed.schema == expressions.SIMPLE["object"]:
        scope.problem(
            "`object` says nothing of its fields, so the API server would drop them all",
            "write a mapping with `fields`, or `any`, or map<T>",
        )
    return Field(parsed.schema, position, parsed.required)


def _from_mapping(scope: Scope, types: Types) -> Field:
    if len(scope.path) > MAX_DEPTH:
        scope.problem("is nested too deep")
        return Field(Schema(), Position(scope.line))
    scope.known(FIELD, "a field")
    position = Position(scope.line)
    schema, bang = _shape(scope, types, position)
    if "descriptions" in scope.data:
        schema = trimmed(schema, scope.amount("descriptions", default="ref" not in scope.data))
    required = scope.data.get("required")
    immutable = scope.flag("immutable")
    if required is not None and not isinstance(required, (bool, list)):
        scope.child("required").problem("required is true, false or a list of field names")
    schema = _constrain(scope, schema, position)
    return Field(schema, position, bang or required is True, immutable)


def _shape(scope: Scope, types: Types, position: Position) -> tuple[Schema, bool]:
    """What `type`, `ref`, `fields`, `items`, `values` and `openapi` say together; and whether a `!` was there."""
    data = scope.data
    if "openapi" in data:
        return _openapi(scope, position), False
    if "ref" in data:
        return _reference(scope, types), scope.text("ref").strip().endswith("!")
    text = scope.text("type").strip()
    bang, base = text.endswith("!"), text.removesuffix("!").strip()
    if "fields" in data:
        if base not in ("", "object"):
            scope.child("type").problem(f"a field with `fields` is an object, not `{base}`")
        schema, lines = read_fields(scope.child("fields"), types)
        position.children.update(lines.children)
        return schema, bang
    if "items" in data or base in ("list", "set", "array"):
        return _container(scope, "set" if base == "set" else "list", "items", base, types, position), bang
    if "values" in data or base == "map":
        return _container(scope, "map", "values", base, types, position), bang
    if not base:
        if "preserveUnknownFields" in data or "embeddedResource" in data:
            return Schema(type="object"), bang
        if "enum" in data and isinstance(data["enum"], list):
            return Schema(type=_type_of_values(data["enum"])), bang
        scope.problem("the field has no type", "add `type`, `fields`, `items`, `values`, `ref` or `openapi`")
        return Schema(), bang
    field = _from_expression_key(scope, text, types)
    return field, bang


def _from_expression_key(scope: Scope, text: str, types: Types) -> Schema:
    keeps_all = scope.data.get("preserveUnknownFields") is True or "embeddedResource" in scope.data
    if text.removesuffix("!").strip() == "object" and keeps_all:
        return Schema(type="object")
    return _from_expression(scope.child("type"), text, types).schema


def _type_of_values(values: list[Any]) -> str:
    kinds = {type(v) for v in values}
    if kinds <= {bool}:
        return "boolean"
    if kinds <= {int}:
        return "integer"
    if kinds <= {int, float}:
        return "number"
    return "string"


def _container(scope: Scope, name: str, key: str, base: str, types: Types, position: Position) -> Schema:
    if base not in ("", name, "array"):
        scope.child("type").problem(f"a field with `{key}` is a {name}, not `{base}`")
    if key not in scope.data:
        scope.problem(f"a {name} needs `{key}`", f"or write {name}<T>")
        return Schema()
    item = read_field(scope.child(key), types)
    if item.required:
        scope.child(key).problem(f"`!` has no meaning in `{key}`", "only a field can be required")
    position.children["additionalProperties" if key == "values" else "items"] = item.position
    result = expressions.container(name, item.schema)
    if isinstance(result, expressions.Wrong):
        scope.problem(result.message, result.hint)
        return Schema()
    return result


def _reference(scope: Scope, types: Types) -> Schema:
    place = scope.child("ref")
    ref = expressions.reference(scope.text("ref").removesuffix("!"))
    if "type" in scope.data:
        place.problem("`ref` and `type` exclude each other")
    if ref is None:
        place.problem("ref must name a core type", "core/v1.PodTemplateSpec, meta/v1.Condition, ...")
        return Schema()
    found = types(ref, scope.amount("descriptions", default=False) is not False)
    if found is None:
        place.problem(core_problem(ref), "use `any` to keep whatever is there")
        return Schema()
    return found


def _openapi(scope: Scope, position: Position) -> Schema:
    place = scope.child("openapi")
    if place.mapping("openapi") is None:
        return Schema()
    schema = read_openapi(place)
    position.children.update(place.position.children)
    return schema


def read_openapi(scope: Scope) -> Schema:
    """A schema in OpenAPI form; what the decoder says is said at the line that it means."""
    schema, problem = decode_schema(scope.data)
    if schema is None:
        steps, hint = unmarshal_steps(problem, scope.data)
        for step in steps:
            scope = scope.child(step)
        scope.problem(problem, hint)
        return Schema()
    return schema


def _constrain(scope: Scope, schema: Schema, position: Position) -> Schema:
    """The OpenAPI-named constraints, list keys, unions and rules of a mapping, added to its schema."""
    changes = _plain_constraints(scope, position)
    if "mapKeys" in scope.data:
        changes |= {"x_list_type": "map", "x_list_map_keys": scope.texts("mapKeys")}
    if "preserveUnknownFields" in scope.data:
        changes["x_preserve_unknown_fields"] = scope.flag("preserveUnknownFields") or None
    if isinstance(scope.data.get("required"), list):
        changes["required"] = tuple(sorted({*schema.required, *scope.texts("required")}))
    rules = list(schema.x_validations)
    if any(key in scope.data for key in UNIONS):
        more, junctors = read_unions(scope, schema.properties)
        rules.extend(more)
        if junctors:
            changes["all_of"] = (*schema.all_of, *junctors)
    if "rules" in scope.data:
        rules.extend(read_rules(scope.child("rules")))
        position.children["x-kubernetes-validations"] = Position(scope.child("rules").line)
    if scope.flag("immutable"):
        rules.append(immutable_value())
        position.children.setdefault("x-kubernetes-validations", Position(scope.child("immutable").line))
    if rules:
        changes["x_validations"] = tuple(rules)
    return schema.changed(**changes) if changes else schema


def _plain_constraints(scope: Scope, position: Position) -> dict[str, Any]:
    data: Mapping[str, Any] = scope.data
    changes: dict[str, Any] = {}
    for key in _TEXTS:
        if key in data:
            changes[FIELD[key].schema] = scope.text(key)
    for key in _FLAGS:
        if key in data:
            changes[FIELD[key].schema] = scope.flag(key)
    for keys, takes, what in ((_NUMBERS, (int, float), "a number"), (_COUNTS, (int,), "a whole number")):
        for key in keys:
            value = scope.typed(key, takes, what)
            if value is not None:
                changes[FIELD[key].schema] = value
    for key in ("default", "example"):
        if key in data:
            changes[FIELD[key].schema] = Value(data[key])
    if "enum" in data:
        values = data["enum"]
        if not isinstance(values, list) or not values:
            scope.child("enum").problem("enum must be a list of at least one value")
        else:
            changes["enum"] = tuple(Value(v) for v in values)
    for key in data:
        if key in FIELD and FIELD[key].schema:
            position.children[_wire_name(key)] = Position(scope.child(key).line)
    return changes


def _wire_name(key: str) -> str:
    return {"listType": "x-kubernetes-list-type", "mapType": "x-kubernetes-map-type"}.get(key, key)
