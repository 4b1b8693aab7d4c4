"""The server's own structs in its messages: a schema, a version, a rule, spelled out as Go's JSON has its fields.

The server shows the whole value that breaks a rule, in its internal form: every field, also those that are empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from opgen.apiextensions.errors import InternalStruct
from opgen.apiextensions.layout import Part
from opgen.ir.definition import Version
from opgen.ir.schema import JSON, Schema, ValidationRule, Value


def schema_struct(schema: Schema) -> InternalStruct:
    """An internal JSONSchemaProps."""
    docs = schema.external_docs
    return InternalStruct(
        ID=schema.id,
        Schema=schema.schema,
        Ref=schema.ref_uri,
        Description=schema.description,
        Type=schema.type,
        Nullable=schema.nullable,
        Format=schema.format,
        Title=schema.title,
        Default=_value(schema.default),
        Maximum=_float(schema.maximum),
        ExclusiveMaximum=schema.exclusive_maximum,
        Minimum=_float(schema.minimum),
        ExclusiveMinimum=schema.exclusive_minimum,
        MaxLength=schema.max_length,
        MinLength=schema.min_length,
        Pattern=schema.pattern,
        MaxItems=schema.max_items,
        MinItems=schema.min_items,
        UniqueItems=schema.unique_items,
        MultipleOf=_float(schema.multiple_of),
        Enum=_list(schema, "enum", (value.json for value in schema.enum)),
        MaxProperties=schema.max_properties,
        MinProperties=schema.min_properties,
        Required=_list(schema, "required", schema.required),
        Items=items_struct(schema),
        AllOf=_list(schema, "all_of", map(schema_struct, schema.all_of)),
        OneOf=_list(schema, "one_of", map(schema_struct, schema.one_of)),
        AnyOf=_list(schema, "any_of", map(schema_struct, schema.any_of)),
        Not=None if schema.not_ is None else schema_struct(schema.not_),
        Properties=_map(schema, "properties", _named(schema.properties)),
        AdditionalProperties=_schema_or_bool(schema.additional_properties),
        PatternProperties=_map(schema, "pattern_properties", _named(schema.pattern_properties)),
        Dependencies=_map(
            schema,
            "dependencies",
            {
                name: InternalStruct(Schema=schema_struct(held), Property=None)
                if isinstance(held, Schema)
                else InternalStruct(Schema=None, Property=[*held] or None)
                for name, held in schema.dependencies.items()
            },
        ),
        AdditionalItems=_schema_or_bool(schema.additional_items),
        Definitions=_map(schema, "definitions", _named(schema.definitions)),
        ExternalDocs=None if docs is None else InternalStruct(Description=docs.description, URL=docs.url),
        Example=_value(schema.example),
        XPreserveUnknownFields=schema.x_preserve_unknown_fields,
        XEmbeddedResource=schema.x_embedded_resource,
        XIntOrString=schema.x_int_or_string,
        XListMapKeys=_list(schema, "x_list_map_keys", schema.x_list_map_keys),
        XListType=schema.x_list_type,
        XMapType=schema.x_map_type,
        XValidations=_list(schema, "x_validations", map(rule_struct, schema.x_validations)),
    )


def rule_struct(rule: ValidationRule) -> InternalStruct:
    """An internal ValidationRule."""
    return InternalStruct(
        Rule=rule.rule,
        Message=rule.message,
        MessageExpression=rule.message_expression,
        Reason=rule.reason,
        FieldPath=rule.field_path,
        OptionalOldSelf=rule.optional_old_self,
    )


def items_struct(schema: Schema) -> InternalStruct | None:
    """The JSONSchemaPropsOrArray of a list's items; None without."""
    if schema.items is not None:
        return InternalStruct(Schema=schema_struct(schema.items), JSONSchemas=None)
    if schema.items_list is None:
        return None
    held: list[JSON] = [*map(schema_struct, schema.items_list)]
    return InternalStruct(Schema=None, JSONSchemas=held)


def version_struct(version: Version, part: Part) -> InternalStruct:
    """An internal CustomResourceDefinitionVersion; `part` is what stands at this version, not at the top."""
    scale = part.scale
    return InternalStruct(
        Name=version.name,
        Served=version.served,
        Storage=version.storage,
        Deprecated=version.deprecated,
        DeprecationWarning=version.deprecation_warning,
        Schema=None if part.schema is None else InternalStruct(OpenAPIV3Schema=schema_struct(part.schema)),
        Subresources=None
        if not part.has_subresources
        else InternalStruct(
            Status=InternalStruct() if part.status else None,
            Scale=None
            if scale is None
            else InternalStruct(
                SpecReplicasPath=scale.spec_replicas_path,
                StatusReplicasPath=scale.status_replicas_path,
                LabelSelectorPath=scale.label_selector_path,
            ),
        ),
        AdditionalPrinterColumns=[
            InternalStruct(
                Name=column.name,
                Type=column.type,
                Format=column.format,
                Description=column.description,
                Priority=column.priority,
                JSONPath=column.json_path,
            )
            for column in part.columns
        ]
        or None,
        SelectableFields=[InternalStruct(JSONPath=path) for path in part.selectable_fields] or None,
    )


def _value(held: Value | None) -> JSON:
    return None if held is None else held.json


def _float(held: float | None) -> float | None:
    return None if held is None else float(held)


def _named(held: Mapping[str, Schema]) -> dict[str, JSON]:
    return {name: schema_struct(schema) for name, schema in held.items()}


def _list(schema: Schema, name: str, held: Iterable[JSON]) -> JSON:
    return [*held] or ([] if name in schema.written_empty else None)


def _map(schema: Schema, name: str, held: dict[str, JSON]) -> JSON:
    return held or ({} if name in schema.written_empty else None)


def _schema_or_bool(held: Schema | bool | None) -> JSON:
    if held is None:
        return None
    schema = schema_struct(held) if isinstance(held, Schema) else None
    return InternalStruct(Allows=schema is not None or bool(held), Schema=schema)
