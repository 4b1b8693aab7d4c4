"""Writes a `Definition` or a `Schema` back as raw data: the exact inverse of `decode`, empty values left out.

Keys stand in the order of the API's types; a dumper that wants another order sorts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from opgen.apiextensions.gotext import written
from opgen.ir.definition import Conversion, Definition, Names, PrinterColumn, Version
from opgen.ir.schema import JSON, ExternalDocs, Schema, ValidationRule, Value

API_VERSION = "apiextensions.k8s.io/v1"
KIND = "CustomResourceDefinition"
_EXACT = 1 << 53  # up to here a float64 holds every integer


def encode_schema(schema: Schema) -> dict[str, JSON]:
    """The schema as raw data; values of default, enum and example are copies."""
    given = schema.given
    raw: dict[str, JSON] = {}
    for name in sorted([name for name in given if name in _FORMS], key=_RANKS.__getitem__):
        wire, form = _FORMS[name]
        if form is None:
            raw[wire] = given[name]
        elif given[name] != ():  # an empty list of item schemas is none
            raw[wire] = form(given[name])
    return raw


def _value(held: Value) -> JSON:
    return deepcopy(held.json)


def _number(held: float) -> JSON:
    """A float64, for which Go writes the shortest digits that mean it: 1152921504606847000 for 2^60."""
    if type(held) is not int or abs(held) <= _EXACT:
        return held
    return written(float(held))


def _values(held: tuple[Value, ...]) -> JSON:
    return [deepcopy(value.json) for value in held]


def _strings(held: tuple[str, ...]) -> JSON:
    return [*held]


def _docs(held: ExternalDocs) -> JSON:
    return {key: text for key, text in (("description", held.description), ("url", held.url)) if text}


def _schemas(held: tuple[Schema, ...]) -> JSON:
    return [encode_schema(item) for item in held]


def _named(held: Mapping[str, Schema]) -> JSON:
    return {name: encode_schema(item) for name, item in held.items()}


def _schema_or_bool(held: Schema | bool) -> JSON:
    return encode_schema(held) if isinstance(held, Schema) else held


def _dependencies(held: Mapping[str, Schema | tuple[str, ...]]) -> JSON:
    return {name: encode_schema(item) if isinstance(item, Schema) else [*item] for name, item in held.items()}


def _rules(held: tuple[ValidationRule, ...]) -> JSON:
    return [_encode_rule(rule) for rule in held]


# The keywords in the order in which they are written: wire name, and what makes raw data of a value (None: it is).
_FORMS: Mapping[str, tuple[str, Callable[[Any], JSON] | None]] = {
    "id": ("id", None),
    "schema": ("$schema", None),
    "description": ("description", None),
    "type": ("type", None),
    "format": ("format", None),
    "title": ("title", None),
    "exclusive_maximum": ("exclusiveMaximum", None),
    "exclusive_minimum": ("exclusiveMinimum", None),
    "pattern": ("pattern", None),
    "unique_items": ("uniqueItems", None),
    "nullable": ("nullable", None),
    "x_embedded_resource": ("x-kubernetes-embedded-resource", None),
    "x_int_or_string": ("x-kubernetes-int-or-string", None),
    "ref_uri": ("$ref", None),
    "maximum": ("maximum", _number),
    "minimum": ("minimum", _number),
    "max_length": ("maxLength", None),
    "min_length": ("minLength", None),
    "max_items": ("maxItems", None),
    "min_items": ("minItems", None),
    "multiple_of": ("multipleOf", _number),
    "max_properties": ("maxProperties", None),
    "min_properties": ("minProperties", None),
    "x_preserve_unknown_fields": ("x-kubernetes-preserve-unknown-fields", None),
    "x_list_type": ("x-kubernetes-list-type", None),
    "x_map_type": ("x-kubernetes-map-type", None),
    "default": ("default", _value),
    "example": ("example", _value),
    "enum": ("enum", _values),
    "required": ("required", _strings),
    "external_docs": ("externalDocs", _docs),
    "all_of": ("allOf", _schemas),
    "one_of": ("oneOf", _schemas),
    "any_of": ("anyOf", _schemas),
    "properties": ("properties", _named),
    "pattern_properties": ("patternProperties", _named),
    "definitions": ("definitions", _named),
    "not_": ("not", encode_schema),
    "items_list": ("items", _schemas),
    "items": ("items", encode_schema),
    "additional_properties": ("additionalProperties", _schema_or_bool),
    "additional_items": ("additionalItems", _schema_or_bool),
    "dependencies": ("dependencies", _dependencies),
    "x_list_map_keys": ("x-kubernetes-list-map-keys", _strings),
    "x_validations": ("x-kubernetes-validations", _rules),
}
_RANKS = {name: rank for rank, name in enumerate(_FORMS)}


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
    if hook is None or not (hook.has_client_config or hook.review_versions):
        return raw  # an empty one is none
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
