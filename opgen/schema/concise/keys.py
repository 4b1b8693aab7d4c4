"""The words of the concise language: which key is allowed where, and what kind of value it takes.

The JSON Schema for editors and the reference page are made from these same tables.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `takes` names the kind of value, `schema` the field of `ir.Schema` it fills (if it maps directly)."""

    takes: str
    help: str
    schema: str = ""


TOP: dict[str, Key] = {
    "group": Key("string", "The API group, e.g. cache.example.com."),
    "kind": Key("string", "The kind, e.g. Memcached."),
    "plural": Key("string", "The resource name; by default Kubernetes' guess from the kind."),
    "singular": Key("string", "By default the kind in lower case."),
    "listKind": Key("string", "By default the kind with List behind."),
    "shortNames": Key("strings", "Short names for kubectl."),
    "categories": Key("strings", "Groups that kubectl knows the kind under, e.g. all."),
    "scope": Key("string", "Namespaced (default) or Cluster."),
    "labels": Key("string map", "Labels of the definition itself."),
    "annotations": Key("string map", "Annotations of the definition itself."),
    "versions": Key("versions", "The versions; a file may also describe just one with `version`."),
}
VERSION: dict[str, Key] = {
    "name": Key("string", "The version, e.g. v1alpha1."),
    "served": Key("boolean", "Whether the API server offers it; true by default."),
    "storage": Key("boolean", "Whether objects are stored in this version; exactly one is."),
    "deprecated": Key("boolean", "Whether using it gives a warning."),
    "deprecationWarning": Key("string", "The text of that warning."),
    "description": Key("string", "What the kind is for."),
    "descriptions": Key(
        "boolean or integer", "All descriptions of the version, as in a field; true by default."
    ),
    "printerColumns": Key("columns", "Columns of kubectl get: name to JSON path, or to a mapping."),
    "scale": Key("scale", "The scale subresource: specReplicasPath, statusReplicasPath, labelSelectorPath."),
    "selectableFields": Key("strings", "JSON paths that field selectors may use."),
    "spec": Key("fields", "The fields of spec."),
    "specConstraints": Key(
        "object constraints", "Constraints on spec as a whole: description, rules, exactlyOneOf, ..."
    ),
    "status": Key("fields", "The fields of status; switches the status subresource on."),
    "statusConstraints": Key("object constraints", "Constraints on status as a whole."),
    "rules": Key("rules", "CEL rules on the whole object."),
    "openapi": Key("openapi", "The whole schema in OpenAPI form, instead of spec and status."),
}
UNIONS = ("exactlyOneOf", "atMostOneOf", "atLeastOneOf")
COLUMN = ("jsonPath", "type", "format", "description", "priority")
SCALE = ("specReplicasPath", "statusReplicasPath", "labelSelectorPath")
RULE = ("rule", "message", "messageExpression", "reason", "fieldPath", "optionalOldSelf")

FIELD: dict[str, Key] = {
    "type": Key("string", "A type expression: string, list<integer>, core/v1.PodSpec, ..."),
    "ref": Key("string", "A core type to be inlined: core/v1.PodTemplateSpec."),
    "descriptions": Key(
        "boolean or integer",
        "The descriptions of this field and of all below: true keeps them, false drops them, a number keeps so many "
        "characters of each, in whole sentences. A core type has none by default.",
    ),
    "required": Key(
        "boolean or strings", "true: the field must be set. A list: these of its fields must be."
    ),
    "description": Key("string", "What the field is for.", "description"),
    "title": Key("string", "A short title.", "title"),
    "format": Key("string", "An OpenAPI format: int32, date-time, uuid, ...", "format"),
    "nullable": Key("boolean", "Whether null may be stored.", "nullable"),
    "default": Key("value", "What the API server sets when the field is absent.", "default"),
    "example": Key("value", "An example, used in samples.", "example"),
    "enum": Key("values", "The only values allowed.", "enum"),
    "minimum": Key("number", "The least number.", "minimum"),
    "exclusiveMinimum": Key("boolean", "Whether minimum itself is refused.", "exclusive_minimum"),
    "maximum": Key("number", "The greatest number.", "maximum"),
    "exclusiveMaximum": Key("boolean", "Whether maximum itself is refused.", "exclusive_maximum"),
    "multipleOf": Key("number", "The number must be a multiple of this.", "multiple_of"),
    "minLength": Key("integer", "The least number of characters.", "min_length"),
    "maxLength": Key("integer", "The greatest number of characters.", "max_length"),
    "pattern": Key("string", "A regular expression in RE2 syntax.", "pattern"),
    "items": Key("field", "What a list holds."),
    "minItems": Key("integer", "The least number of items.", "min_items"),
    "maxItems": Key("integer", "The greatest number of items.", "max_items"),
    "mapKeys": Key("strings", "The fields that tell a list's items apart: makes it a map list."),
    "listType": Key("string", "atomic, set or map.", "x_list_type"),
    "values": Key("field", "What a map holds."),
    "fields": Key("fields", "The fields of an object."),
    "minProperties": Key("integer", "The least number of entries.", "min_properties"),
    "maxProperties": Key("integer", "The greatest number of entries.", "max_properties"),
    "mapType": Key("string", "granular or atomic.", "x_map_type"),
    "preserveUnknownFields": Key(
        "boolean", "Keep what the schema doesn't name.", "x_preserve_unknown_fields"
    ),
    "embeddedResource": Key("boolean", "The object is a whole Kubernetes object.", "x_embedded_resource"),
    "immutable": Key("boolean", "Once set, the field can't be changed or removed."),
    "rules": Key("rules", "CEL rules on this value."),
    "exactlyOneOf": Key("strings", "Exactly one of these fields is set."),
    "atMostOneOf": Key("strings", "At most one of these fields is set."),
    "atLeastOneOf": Key("strings", "At least one of these fields is set."),
    "openapi": Key("openapi", "The schema in OpenAPI form: the escape hatch."),
}
OBJECT_CONSTRAINTS = frozenset(
    {
        "description",
        "title",
        "nullable",
        "default",
        "example",
        "required",
        "minProperties",
        "maxProperties",
        "mapType",
        "preserveUnknownFields",
        "immutable",
        "rules",
        *UNIONS,
    }
)
