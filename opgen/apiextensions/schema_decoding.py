"""JSONSchemaProps of apiextensions.k8s.io/v1 as a table: which keyword has which Go type.

`decode` uses it below a version's schema; `decode_schema` there reads a schema by itself.
"""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.gojson import (
    Abort,
    Bool,
    Float,
    GoType,
    Int,
    Map,
    Nested,
    Raw,
    Slice,
    State,
    String,
    Struct,
)
from opgen.apiextensions.gotext import in_64_bits
from opgen.ir.schema import ExternalDocs, Schema, ValidationRule, Value

_STRING = String()
_INT64 = Int(64)
_FLOAT = Float()
_BOOL = Bool()
_STRINGS = Slice(_STRING, "")
_EMPTY = Schema()
# Keywords of lists and maps, whose empty one the server tells from an absent one here and there.
_EMPTIABLE = frozenset((
    "enum", "required", "properties", "pattern_properties", "dependencies", "definitions", "all_of", "any_of", "one_of",
    "x_list_map_keys", "x_validations",
))  # fmt: skip


def _value(value: Any) -> Value:
    return Value(in_64_bits(value))


def _optional_value(value: Any) -> Value | None:
    return None if value is None else _value(value)


_PRESENT = Raw(_value)
_OPTIONAL_VALUE = Raw(_optional_value)


def _build_schema(**arguments: Any) -> Schema:
    items = arguments.get("items")
    if isinstance(items, tuple):
        del arguments["items"]
        arguments["items_list"] = items
    if not all(arguments.values()):
        empty = [name for name in arguments if name in _EMPTIABLE and not arguments[name]]
        if empty:
            arguments["written_empty"] = frozenset(empty)
    return Schema(**arguments)


_FIELDS: dict[str, tuple[str, GoType]] = {}  # filled below, since schemas hold schemas
SCHEMA = Struct("v1", "JSONSchemaProps", _FIELDS, _build_schema)
_SCHEMAS = Slice(SCHEMA, _EMPTY)
_SCHEMA_MAP = Map(SCHEMA, _EMPTY)


def _schema_or_list(state: State, value: Any) -> Any:
    """JSONSchemaPropsOrArray: anything that is neither object nor list reads as an empty list."""
    if isinstance(value, dict):
        return SCHEMA.decode(state, value)
    if isinstance(value, list):
        return _SCHEMAS.decode(state, value) or ()
    return ()


def _schema_or_bool(state: State, value: Any) -> Any:
    if isinstance(value, dict):
        return SCHEMA.decode(state, value)
    if isinstance(value, bool):
        return value
    raise Abort("boolean or JSON schema expected")


def _schema_or_strings(state: State, value: Any) -> Any:
    """JSONSchemaPropsOrStringArray, as lenient as `_schema_or_list`."""
    if isinstance(value, dict):
        return SCHEMA.decode(state, value)
    if isinstance(value, list):
        return _STRINGS.decode(state, value) or ()
    return ()


class _Pointer:
    """A pointer to a type with a decoder of its own: null is absent and never reaches that decoder."""

    def __init__(self, nested: Nested) -> None:
        self.name = nested.name
        self._nested = nested

    def decode(self, state: State, value: Any) -> Any:
        return None if value is None else self._nested.decode(state, value)


_OR_LIST = _Pointer(Nested("v1.JSONSchemaPropsOrArray", _schema_or_list))
_OR_BOOL = _Pointer(Nested("v1.JSONSchemaPropsOrBool", _schema_or_bool))
_DEPENDENCIES = Map(
    Nested("v1.JSONSchemaPropsOrStringArray", _schema_or_strings), (), "v1.JSONSchemaDependencies"
)


def _build_rule(**arguments: Any) -> ValidationRule:
    return ValidationRule(**{"rule": "", **arguments})


_RULE = Struct(
    "v1",
    "ValidationRule",
    {
        "rule": ("rule", _STRING),
        "message": ("message", _STRING),
        "messageExpression": ("message_expression", _STRING),
        "reason": ("reason", String("v1.FieldValueErrorReason")),
        "fieldPath": ("field_path", _STRING),
        "optionalOldSelf": ("optional_old_self", _BOOL),
    },
    _build_rule,
)

_EXTERNAL_DOCS = Struct(
    "v1",
    "ExternalDocumentation",
    {"description": ("description", _STRING), "url": ("url", _STRING)},
    ExternalDocs,
)


_FIELDS.update(
    {
        "id": ("id", _STRING),
        "$schema": ("schema", String("v1.JSONSchemaURL")),
        "$ref": ("ref_uri", _STRING),
        "description": ("description", _STRING),
        "type": ("type", _STRING),
        "format": ("format", _STRING),
        "title": ("title", _STRING),
        "default": ("default", _OPTIONAL_VALUE),
        "maximum": ("maximum", _FLOAT),
        "exclusiveMaximum": ("exclusive_maximum", _BOOL),
        "minimum": ("minimum", _FLOAT),
        "exclusiveMinimum": ("exclusive_minimum", _BOOL),
        "maxLength": ("max_length", _INT64),
        "minLength": ("min_length", _INT64),
        "pattern": ("pattern", _STRING),
        "maxItems": ("max_items", _INT64),
        "minItems": ("min_items", _INT64),
        "uniqueItems": ("unique_items", _BOOL),
        "multipleOf": ("multiple_of", _FLOAT),
        "enum": ("enum", Slice(_PRESENT, Value(None), "[]v1.JSON")),
        "maxProperties": ("max_properties", _INT64),
        "minProperties": ("min_properties", _INT64),
        "required": ("required", _STRINGS),
        "items": ("items", _OR_LIST),
        "allOf": ("all_of", _SCHEMAS),
        "oneOf": ("one_of", _SCHEMAS),
        "anyOf": ("any_of", _SCHEMAS),
        "not": ("not_", SCHEMA),
        "properties": ("properties", _SCHEMA_MAP),
        "additionalProperties": ("additional_properties", _OR_BOOL),
        "patternProperties": ("pattern_properties", _SCHEMA_MAP),
        "dependencies": ("dependencies", _DEPENDENCIES),
        "additionalItems": ("additional_items", _OR_BOOL),
        "definitions": ("definitions", Map(SCHEMA, _EMPTY, "v1.JSONSchemaDefinitions")),
        "externalDocs": ("external_docs", _EXTERNAL_DOCS),
        "example": ("example", _OPTIONAL_VALUE),
        "nullable": ("nullable", _BOOL),
        "x-kubernetes-preserve-unknown-fields": ("x_preserve_unknown_fields", _BOOL),
        "x-kubernetes-embedded-resource": ("x_embedded_resource", _BOOL),
        "x-kubernetes-int-or-string": ("x_int_or_string", _BOOL),
        "x-kubernetes-list-map-keys": ("x_list_map_keys", _STRINGS),
        "x-kubernetes-list-type": ("x_list_type", _STRING),
        "x-kubernetes-map-type": ("x_map_type", _STRING),
        "x-kubernetes-validations": (
            "x_validations",
            Slice(_RULE, ValidationRule(""), "v1.ValidationRules"),
        ),
    }
)
