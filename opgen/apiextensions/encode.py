"""Writes a `Definition` or a `Schema` back as raw data: the exact inverse of `decode`, empty values left out.

Keys stand in the order of the API's types; a dumper that wants another order sorts.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from opgen.ir.definition import Conversion, Definition, Names, PrinterColumn, Version
from opgen.ir.schema import JSON, Schema, ValidationRule

API_VERSION = "apiextensions.k8s.io/v1"
KIND = "CustomResourceDefinition"

# Keywords that are written as they are unless empty; the rest needs a form of its own.
_PLAIN = (
    ("id", "id"),
    ("$schema", "schema"),
    ("description", "description"),
    ("type", "type"),
    ("format", "format"),
    ("title", "title"),
    ("exclusiveMaximum", "exclusive_maximum"),
    ("exclusiveMinimum", "exclusive_minimum"),
    ("pattern", "pattern"),
    ("uniqueItems", "unique_items"),
    ("nullable", "nullable"),
    ("x-kubernetes-embedded-resource", "x_embedded_resource"),
    ("x-kubernetes-int-or-string", "x_int_or_string"),
)
# Pointers: written wherever they are set, zero and false included.
_POINTERS = (
    ("$ref", "ref_uri"),
    ("maximum", "maximum"),
    ("minimum", "minimum"),
    ("maxLength", "max_length"),
    ("minLength", "min_length"),
    ("maxItems", "max_items"),
    ("minItems", "min_items"),
    ("multipleOf", "multiple_of"),
    ("maxProperties", "max_properties"),
    ("minProperties", "min_properties"),
    ("x-kubernetes-preserve-unknown-fields", "x_preserve_unknown_fields"),
    ("x-kubernetes-list-type", "x_list_type"),
    ("x-kubernetes-map-type", "x_map_type"),
)
_SCHEMA_LISTS = (("allOf", "all_of"), ("oneOf", "one_of"), ("anyOf", "any_of"))
_SCHEMA_MAPS = (
    ("properties", "properties"),
    ("patternProperties", "pattern_properties"),
    ("definitions", "definitions"),
)


def encode_schema(schema: Schema) -> dict[str, JSON]:
    """The schema as raw data; values of default, enum and example are copies."""
    raw: dict[str, JSON] = {}
    for wire, attribute in _PLAIN:
        value = getattr(schema, attribute)
        if value:
            raw[wire] = value
    for wire, attribute in _POINTERS:
        value = getattr(schema, attribute)
        if value is not None:
            raw[wire] = value
    for wire, held in (("default", schema.default), ("example", schema.example)):
        if held is not None:
            raw[wire] = deepcopy(held.json)
    if schema.enum:
        raw["enum"] = [deepcopy(value.json) for value in schema.enum]
    if schema.required:
        raw["required"] = list(schema.required)
    if schema.external_docs is not None:
        docs = (("description", schema.external_docs.description), ("url", schema.external_docs.url))
        raw["externalDocs"] = {key: value for key, value in docs if value}
    _encode_nested(schema, raw)
    if schema.x_list_map_keys:
        raw["x-kubernetes-list-map-keys"] = list(schema.x_list_map_keys)
    if schema.x_validations:
        raw["x-kubernetes-validations"] = [_encode_rule(rule) for rule in schema.x_validations]
    return raw


def _encode_nested(schema: Schema, raw: dict[str, JSON]) -> None:
    for wire, attribute in _SCHEMA_LISTS:
        schemas: tuple[Schema, ...] = getattr(schema, attribute)
        if schemas:
            raw[wire] = [encode_schema(item) for item in schemas]
    for wire, attribute in _SCHEMA_MAPS:
        named: Mapping[str, Schema] = getattr(schema, attribute)
        if named:
            raw[wire] = {name: encode_schema(item) for name, item in named.items()}
    if schema.not_ is not None:
        raw["not"] = encode_schema(schema.not_)
    if schema.items is not None:
        raw["items"] = encode_schema(schema.items)
    elif schema.items_list:
        raw["items"] = [encode_schema(item) for item in schema.items_list]
    for wire, either in (
        ("additionalProperties", schema.additional_properties),
        ("additionalItems", schema.additional_items),
    ):
        if either is not None:
            raw[wire] = encode_schema(either) if isinstance(either, Schema) else either
    if schema.dependencies:
        raw["dependencies"] = {
            name: encode_schema(item) if isinstance(item, Schema) else list(item)
            for name, item in schema.dependencies.items()
        }


def _encode_rule(rule: ValidationRule) -> dict[str, JSON]:
    raw: dict[str, JSON] = {"rule": rule.rule}
    for wire, text in (
        ("message", rule.message),
        ("messageExpression", rule.message_expression),
        ("reason", rule.reason),
        ("fieldPath", rule.field_path),
    ):
        if text or (wire == "reason" and text is not None):
            raw[wire] = text
    if rule.optional_old_self is not None:
        raw["optionalOldSelf"] = rule.optional_old_self
    return raw


def encode(definition: Definition) -> dict[str, JSON]:
    """The definition as raw data: apiVersion, kind, metadata and spec, never a status."""
    spec: dict[str, JSON] = {"group": definition.group, "names": encode_names(definition.names)}
    spec["scope"] = definition.scope
    spec["versions"] = [_encode_version(version) for version in definition.versions]
    if definition.conversion is not None:
        spec["conversion"] = _encode_conversion(definition.conversion)
    if definition.preserve_unknown_fields:
        spec["preserveUnknownFields"] = True
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": _encode_metadata(definition),
        "spec": spec,
    }


def _encode_metadata(definition: Definition) -> dict[str, JSON]:
    """The kept metadata, with name, labels and annotations from the definition's own fields."""
    raw: dict[str, JSON] = deepcopy(dict(definition.metadata))
    if definition.name:
        raw["name"] = definition.name
    for key, pairs in (("labels", definition.labels), ("annotations", definition.annotations)):
        raw.pop(key, None)
        if pairs:
            raw[key] = dict(pairs)
    return raw


def encode_names(names: Names) -> dict[str, JSON]:
    """spec.names or status.acceptedNames as raw data."""
    raw: dict[str, JSON] = {"plural": names.plural}
    if names.singular:
        raw["singular"] = names.singular
    if names.short_names:
        raw["shortNames"] = list(names.short_names)
    raw["kind"] = names.kind
    if names.list_kind:
        raw["listKind"] = names.list_kind
    if names.categories:
        raw["categories"] = list(names.categories)
    return raw


def _encode_version(version: Version) -> dict[str, JSON]:
    raw: dict[str, JSON] = {"name": version.name, "served": version.served, "storage": version.storage}
    if version.deprecated:
        raw["deprecated"] = True
    if version.deprecation_warning is not None:
        raw["deprecationWarning"] = version.deprecation_warning
    if version.schema is not None:
        raw["schema"] = {"openAPIV3Schema": encode_schema(version.schema)}
    subresources: dict[str, JSON] = {}
    if version.status_subresource:
        subresources["status"] = {}
    if version.scale is not None:
        scale: dict[str, JSON] = {
            "specReplicasPath": version.scale.spec_replicas_path,
            "statusReplicasPath": version.scale.status_replicas_path,
        }
        if version.scale.label_selector_path is not None:
            scale["labelSelectorPath"] = version.scale.label_selector_path
        subresources["scale"] = scale
    if subresources or version.has_subresources:
        raw["subresources"] = subresources
    if version.printer_columns:
        raw["additionalPrinterColumns"] = [_encode_column(column) for column in version.printer_columns]
    if version.selectable_fields:
        raw["selectableFields"] = [{"jsonPath": path} for path in version.selectable_fields]
    return raw


def _encode_column(column: PrinterColumn) -> dict[str, JSON]:
    raw: dict[str, JSON] = {"name": column.name, "type": column.type}
    if column.format:
        raw["format"] = column.format
    if column.description:
        raw["description"] = column.description
    if column.priority:
        raw["priority"] = column.priority
    raw["jsonPath"] = column.json_path
    return raw


def _encode_conversion(conversion: Conversion) -> dict[str, JSON]:
    raw: dict[str, JSON] = {"strategy": conversion.strategy}
    hook = conversion.webhook
    if hook is None:
        return raw
    encoded: dict[str, JSON] = {}
    if hook.has_client_config:
        client: dict[str, JSON] = {}
        if hook.url is not None:
            client["url"] = hook.url
        if hook.service is not None:
            service: dict[str, JSON] = {"namespace": hook.service.namespace, "name": hook.service.name}
            if hook.service.path is not None:
                service["path"] = hook.service.path
            if hook.service.port is not None:
                service["port"] = hook.service.port
            client["service"] = service
        if hook.ca_bundle:
            client["caBundle"] = hook.ca_bundle
        encoded["clientConfig"] = client
    encoded["conversionReviewVersions"] = list(hook.review_versions)
    raw["webhook"] = encoded
    return raw
