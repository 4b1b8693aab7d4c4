"""What a schema may not contain, structural or not: forbidden keywords, list and map types, the root's limits.

`structural` has the other half. Rules in CEL are `cel.check_schema`'s part; the paths of the nodes that have
errors here tell it which rules not to compile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from opgen.apiextensions.complaints import forbidden, invalid, not_supported
from opgen.apiextensions.errors import FieldError
from opgen.apiextensions.gostructs import schema_struct
from opgen.apiextensions.list_rules import list_errors, map_item_errors
from opgen.ir.schema import Schema

TYPES = ("array", "boolean", "integer", "number", "object", "string")
META_FIELDS = ("metadata", "kind", "apiVersion")


@dataclass(frozen=True, slots=True)
class Strictness:
    """Which rules hold; an update keeps what the old definition broke already (`ratchet`)."""

    known_types: bool = True
    atomic_sets: bool = True
    sound_map_keys: bool = True


@dataclass(frozen=True, slots=True)
class _Context:
    """What surrounds a node: why defaults are forbidden there ("" if not), whether it is a resource's metadata."""

    no_defaults: str = ""
    inside_meta: bool = False


def schema_errors(schema: Schema, path: str, strictness: Strictness) -> list[tuple[str, FieldError]]:
    """The errors of a version's whole schema, each with the path of the node that it is about."""
    return list(_node(schema, path, strictness, _Context(), root=True))


def _node(
    schema: Schema, path: str, strictness: Strictness, context: _Context, *, root: bool = False
) -> Iterator[tuple[str, FieldError]]:
    for error in _own(schema, path, strictness, context):
        yield path, error
    rest = schema.additional_properties
    if rest is not None and rest is not True and schema.properties:
        text = "additionalProperties and properties are mutual exclusive"
        yield path, forbidden(f"{path}.additionalProperties", text)
    if isinstance(rest, Schema):
        below = context
        if context.inside_meta:
            below = replace(context, no_defaults="inside additionalProperties applying to object metadata")
        yield from _node(rest, f"{path}.additionalProperties", strictness, below)
    for name, child in schema.properties.items():
        below = context
        if child.plain:
            continue
        if (root or schema.x_embedded_resource) and name in META_FIELDS:
            reason = f"in top-level {name}" if root else context.no_defaults
            below = _Context(reason, inside_meta=True)
        yield from _node(child, f"{path}.properties[{name}]", strictness, below)
    for where, child in _elsewhere(schema):
        yield from _node(child, f"{path}.{where}", strictness, context)
    if schema.x_preserve_unknown_fields is False:
        text = "must be true or undefined"
        yield path, invalid(f"{path}.x-kubernetes-preserve-unknown-fields", False, text)
    if _OF_LISTS.isdisjoint(schema.given):
        return
    for error in list_errors(schema, path, atomic_sets=strictness.atomic_sets):
        yield path, error
    if strictness.sound_map_keys:
        for error in map_item_errors(schema, path):
            yield path, error


_OF_LISTS = frozenset(("x_list_type", "x_list_map_keys", "x_map_type"))
_ELSEWHERE = frozenset(
    ("not_", "all_of", "one_of", "any_of", "definitions", "items", "items_list", "dependencies")
)


def _elsewhere(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The schemas below a node other than properties and additionalProperties."""
    if _ELSEWHERE.isdisjoint(schema.given):
        return
    if schema.not_ is not None:
        yield "not", schema.not_
    for name, branches in (("allOf", schema.all_of), ("oneOf", schema.one_of), ("anyOf", schema.any_of)):
        for index, branch in enumerate(branches):
            yield f"{name}[{index}]", branch
    for name, child in schema.definitions.items():
        yield f"definitions[{name}]", child
    if schema.items is not None:
        yield "items", schema.items
    for index, child in enumerate(schema.items_list or ()):
        yield f"items[{index}]", child
    for name, dependency in schema.dependencies.items():
        if isinstance(dependency, Schema):
            yield f"dependencies[{name}]", dependency


_FORBIDDEN = frozenset(
    (
        "id",
        "additional_items",
        "pattern_properties",
        "definitions",
        "dependencies",
        "written_empty",
        "ref_uri",
    )
) | {"items_list", "x_embedded_resource", "unique_items"}


def _own(schema: Schema, path: str, strictness: Strictness, context: _Context) -> Iterator[FieldError]:
    if strictness.known_types and schema.type and schema.type not in TYPES:
        yield not_supported(f"{path}.type", schema.type, TYPES)
    if schema.default is not None and context.no_defaults:
        yield forbidden(f"{path}.default", f"must not be set {context.no_defaults}")
    if schema.type != "null" and _FORBIDDEN.isdisjoint(schema.given):
        return
    for present, name in (
        (schema.id, "id"),
        (schema.additional_items is not None, "additionalItems"),
        (schema.pattern_properties, "patternProperties"),
        (schema.definitions, "definitions"),
        (schema.dependencies or "dependencies" in schema.written_empty, "dependencies"),
        (schema.ref_uri is not None, "$ref"),
    ):
        if present:
            yield forbidden(f"{path}.{name}", f"{name} is not supported")
    if schema.type == "null":
        yield forbidden(f"{path}.type", "type cannot be set to null, use nullable as an alternative")
    if schema.items_list:
        yield forbidden(f"{path}.items", "items must be a schema object and not an array")
    if context.inside_meta and schema.x_embedded_resource:
        yield forbidden(f"{path}.x-kubernetes-embedded-resource", "must not be used inside of resource meta")
    if schema.unique_items:
        yield forbidden(
            f"{path}.uniqueItems",
            "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
        )


_ROOT_FIELDS = (
    "Description", "Type", "Format", "Title", "Maximum", "ExclusiveMaximum", "Minimum", "ExclusiveMinimum",
    "MaxLength", "MinLength", "Pattern", "MaxItems", "MinItems", "UniqueItems", "MultipleOf", "Required", "Items",
    "Properties", "ExternalDocs", "Example", "XPreserveUnknownFields", "XValidations",
)  # fmt: skip


# The fields above that are lists and maps; any other one counts as used even where it is empty.
_EMPTY_AT_ROOT = frozenset(("required", "properties", "x_validations"))


def root_errors(schema: Schema, path: str, *, status: bool) -> Iterator[FieldError]:
    """What the root may not have; with the status subresource, whose schema is cut out of it, that is more."""
    if status:
        yield from _status_errors(schema, path)
    if schema.nullable:
        yield forbidden(f"{path}.nullable", "nullable cannot be true at the root")


def _not_allowed(schema: Schema, path: str) -> FieldError:
    return invalid(
        path,
        schema_struct(schema),
        f"only [{' '.join(_ROOT_FIELDS)}] fields are allowed at the root of the schema if the status subresource "
        "is enabled",
    )


def _status_errors(schema: Schema, path: str) -> Iterator[FieldError]:
    """The first error in the order of the server's fields: a wrong type, or a keyword that is not allowed."""
    if schema.id or schema.schema or schema.ref_uri is not None:
        yield _not_allowed(schema, path)
    elif schema.type and schema.type != "object":
        text = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
        yield invalid(f"{path}.type", schema.type, text)
    elif any(
        (
            schema.written_empty - _EMPTY_AT_ROOT,
            schema.nullable,
            schema.default is not None,
            schema.enum,
            schema.max_properties is not None,
            schema.min_properties is not None,
            schema.all_of,
            schema.one_of,
            schema.any_of,
            schema.not_ is not None,
            schema.additional_properties is not None,
            schema.pattern_properties,
            schema.dependencies,
            schema.additional_items is not None,
            schema.definitions,
            schema.x_embedded_resource,
            schema.x_int_or_string,
            schema.x_list_map_keys,
            schema.x_list_type is not None,
            schema.x_map_type is not None,
        )
    ):
        yield _not_allowed(schema, path)
