"""Decides whether a schema is structural: every field declared outside of junctors, every type given.

Also the special places: the root's metadata, embedded resources, int-or-string. What the whole schema may
not contain at all is `schema_rules`' part; both run on every schema.
"""

from __future__ import annotations

from collections.abc import Iterator

from opgen.apiextensions import patterns
from opgen.apiextensions.complaints import forbidden, invalid, required
from opgen.apiextensions.errors import FieldError
from opgen.ir.schema import Schema

_ROOT, _ITEM, _FIELD = "at the root", "for specified array items", "for specified object fields"
_INT_OR_STRING = (Schema(type="integer"), Schema(type="string"))
_EMPTY = Schema()
# Conversion to the structural form keeps these apart from absent ones where they are empty; properties only below
# junctors.
_KEPT_EMPTY = frozenset(("required", "properties", "x_list_map_keys", "x_validations"))


def _is_int_or_string(branches: tuple[Schema, ...]) -> bool:
    """Whether these are the two branches that alone may name types, as Go's reflect.DeepEqual sees them.

    What the server's structural form leaves out counts for nothing; an empty list that is there does count.
    Source: isIntOrStringAnyOfPattern of k8s.io/apiextensions-apiserver/pkg/apiserver/schema.
    """
    if len(branches) != len(_INT_OR_STRING):
        return False
    return all(
        _converted(branch) == plain and not branch.written_empty & _KEPT_EMPTY
        for branch, plain in zip(branches, _INT_OR_STRING, strict=True)
    )


def _converted(branch: Schema) -> Schema:
    """The branch without the keywords that the server's conversion drops."""
    return branch.changed(
        items_list=branch.items_list or None,
        additional_properties=branch.additional_properties or None,
        ref_uri=branch.ref_uri or None,
        ref=None,
    )


def structural_errors(schema: Schema, path: str) -> tuple[FieldError, ...]:
    """The errors of a schema that `unconvertible` has found fit, sorted by their text as the server does."""
    found = [*_invariants(schema, _ROOT, path), *_complete_value(schema, schema, path, path)]
    return tuple(sorted(found, key=lambda error: (error.field, error.type, error.detail)))


def unconvertible(schema: Schema) -> str:
    """Why the server can't make a structural schema of it (keywords that have no place in one), or ""."""
    return next(_obstacles(schema), "")


def _obstacles(schema: Schema) -> Iterator[str]:
    if schema.plain:
        return
    if not _UNSUPPORTED.isdisjoint(schema.given):
        yield from _unsupported(schema)
    for nested in _branches(schema):
        yield from _obstacles(nested)
    if schema.x_preserve_unknown_fields is False:
        yield "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
    if schema.items_list:
        yield "OpenAPIV3Schema 'items' must be a schema, but is an array"
    if schema.items is not None:
        yield from _obstacles(schema.items)
    for child in schema.properties.values():
        if not child.plain:
            yield from _obstacles(child)
    if isinstance(schema.additional_properties, Schema):
        yield from _obstacles(schema.additional_properties)


_UNSUPPORTED = frozenset(
    ("id", "schema", "ref_uri", "pattern_properties", "dependencies", "additional_items", "definitions")
)


def _unsupported(schema: Schema) -> Iterator[str]:
    for present, name in (
        (schema.id, "id"),
        (schema.schema, "schema"),
        (schema.ref_uri, "$ref"),
        (schema.pattern_properties, "patternProperties"),
        (schema.dependencies, "dependencies"),
        (schema.additional_items is not None, "additionalItems"),
        (schema.definitions, "definitions"),
    ):
        if present:
            yield f"OpenAPIV3Schema '{name}' is not supported"


def _branches(schema: Schema) -> tuple[Schema, ...]:
    own = () if schema.not_ is None else (schema.not_,)
    return (*own, *schema.all_of, *schema.any_of, *schema.one_of)


def _invariants(schema: Schema, level: str, path: str) -> Iterator[FieldError]:
    if schema.type == "array" and schema.items is None:
        yield required(f"{path}.items", "must be specified")
    if schema.items is not None:
        yield from _invariants(schema.items, _ITEM, f"{path}.items")
    for name, child in schema.properties.items():
        if not child.plain:
            yield from _invariants(child, _FIELD, f"{path}.properties[{name}]")
    rest = schema.additional_properties
    if rest is not None and level is _ROOT:
        yield forbidden(f"{path}.additionalProperties", "must not be used at the root")
    if isinstance(rest, Schema):
        yield from _invariants(rest, _FIELD, f"{path}.additionalProperties")
    if schema.x_int_or_string:
        yield from _extensions(schema, path)
    if not _OF_VALUES.isdisjoint(schema.given):
        skip_any = _is_int_or_string(schema.any_of)
        skip_nested = bool(schema.all_of) and _is_int_or_string(schema.all_of[0].any_of)
        yield from _value(schema, path, skip_any=skip_any, skip_nested=skip_nested)
    if not schema.type or schema.x_embedded_resource or level is _ROOT:
        yield from _own_type(schema, level, path)
    if schema.properties:
        yield from _meta_fields(schema, level, path)


_OF_VALUES = frozenset(("all_of", "any_of", "one_of", "not_", "pattern"))


def _extensions(schema: Schema, path: str) -> Iterator[FieldError]:
    """What int-or-string does not go with."""
    if schema.x_preserve_unknown_fields:
        yield invalid(
            f"{path}.x-kubernetes-preserve-unknown-fields",
            True,
            "must be false if x-kubernetes-int-or-string is true",
        )
    if schema.x_embedded_resource:
        yield invalid(
            f"{path}.x-kubernetes-embedded-resource",
            True,
            "must be false if x-kubernetes-int-or-string is true",
        )


def _own_type(schema: Schema, level: str, path: str) -> Iterator[FieldError]:
    if schema.x_embedded_resource and schema.type != "object":
        detail = "must be object if x-kubernetes-embedded-resource is true"
        if schema.type:
            yield invalid(f"{path}.type", schema.type, detail)
        else:
            yield required(f"{path}.type", detail)
    elif not schema.type and not schema.x_int_or_string and not schema.x_preserve_unknown_fields:
        yield required(f"{path}.type", f"must not be empty {level}")
    if schema.x_embedded_resource and schema.additional_properties is not None:
        yield forbidden(
            f"{path}.additionalProperties", "must not be used if x-kubernetes-embedded-resource is set"
        )
    if level is _ROOT and schema.type and schema.type != "object":
        yield invalid(f"{path}.type", schema.type, "must be object at the root")
    if schema.x_embedded_resource and not schema.x_preserve_unknown_fields and not schema.properties:
        yield required(
            f"{path}.properties",
            "must not be empty if x-kubernetes-embedded-resource is true without "
            "x-kubernetes-preserve-unknown-fields",
        )


def _meta_fields(schema: Schema, level: str, path: str) -> Iterator[FieldError]:
    """kind, apiVersion and metadata of a resource, the root or an embedded one."""
    resource = level is _ROOT or schema.x_embedded_resource
    for name in ("kind", "apiVersion"):
        child = schema.properties.get(name)
        if resource and child is not None and child.type != "string":
            yield invalid(f"{path}.properties[{name}].type", child.type, "must be string")
    metadata = schema.properties.get("metadata")
    if metadata is None:
        return
    where = f"{path}.properties[metadata]"
    if resource and metadata.type != "object":
        yield invalid(f"{where}.type", metadata.type, "must be object")
    if level is _ROOT and not _only_names(metadata):
        yield forbidden(
            where,
            "must not specify anything other than name and generateName, but metadata is implicitly specified",
        )


def _only_names(metadata: Schema) -> bool:
    properties = {} if metadata.properties.keys() <= {"name", "generateName"} else metadata.properties
    items_list = metadata.items_list or None  # an empty one is none
    uri = metadata.ref_uri or None
    bare = metadata.changed(
        type="", default=None, properties=properties, items_list=items_list, ref=None, ref_uri=uri
    )
    return bare == _EMPTY and not metadata.written_empty & (_KEPT_EMPTY - {"properties"})


def _value(schema: Schema, path: str, *, skip_any: bool, skip_nested: bool) -> Iterator[FieldError]:
    """Junctors and the pattern; the two forms in which int-or-string is written are skipped."""
    if not skip_any:
        for index, branch in enumerate(schema.any_of):
            yield from _nested(branch, f"{path}.anyOf[{index}]")
    for index, branch in enumerate(schema.all_of):
        yield from _nested(branch, f"{path}.allOf[{index}]", skip_any=skip_nested and index == 0)
    for index, branch in enumerate(schema.one_of):
        yield from _nested(branch, f"{path}.oneOf[{index}]")
    if schema.not_ is not None:
        yield from _nested(schema.not_, f"{path}.not")
    if schema.pattern:
        wrong = patterns.complaint(schema.pattern)
        if wrong:
            detail = f"must be a valid regular expression, but isn't: {wrong}"
            yield invalid(f"{path}.pattern", schema.pattern, detail)


def _nested(schema: Schema, path: str, *, skip_any: bool = False) -> Iterator[FieldError]:
    """A schema inside a junctor: it may only narrow values, never declare."""
    yield from _value(schema, path, skip_any=skip_any, skip_nested=False)
    if schema.items is not None:
        yield from _nested(schema.items, f"{path}.items")
    for name, child in schema.properties.items():
        yield from _nested(child, f"{path}.properties[{name}]")
    for present, wire, detail in (
        (schema.type, "type", "must be empty"),
        # additionalProperties: false says nothing there, as the server reads it
        (schema.additional_properties not in (None, False), "additionalProperties", "must be undefined"),
        (schema.default is not None, "default", "must be undefined"),
        (schema.title, "title", "must be empty"),
        (schema.description, "description", "must be empty"),
        (schema.nullable, "nullable", "must be false"),
        (schema.x_preserve_unknown_fields, "x-kubernetes-preserve-unknown-fields", "must be false"),
        (schema.x_embedded_resource, "x-kubernetes-embedded-resource", "must be false"),
        (schema.x_int_or_string, "x-kubernetes-int-or-string", "must be false"),
        (schema.x_list_map_keys, "x-kubernetes-list-map-keys", "must be empty"),
        (schema.x_list_type is not None, "x-kubernetes-list-type", "must be undefined"),
        (schema.x_map_type is not None, "x-kubernetes-map-type", "must be undefined"),
        (schema.x_validations, "x-kubernetes-validations", "must be empty"),
    ):
        if present:
            yield forbidden(f"{path}.{wire}", f"{detail} to be structural")
    if "metadata" in schema.properties:
        yield forbidden(f"{path}.properties[metadata]", "must not be specified in a nested context")


def _complete_value(value: Schema, declared: Schema, path: str, defined: str) -> Iterator[FieldError]:
    """Whether what the junctors of `value` speak of is declared in `declared`, which stands at `path`."""
    if value.not_ is not None:
        yield from _complete(value.not_, declared, path, f"{defined}.not")
    for name, branches in (("allOf", value.all_of), ("anyOf", value.any_of), ("oneOf", value.one_of)):
        for index, branch in enumerate(branches):
            yield from _complete(branch, declared, path, f"{defined}.{name}[{index}]")


def _complete(value: Schema, declared: Schema | None, path: str, defined: str) -> Iterator[FieldError]:
    if declared is None:
        yield required(path, f"because it is defined in {defined}")
        return
    yield from _complete_value(value, declared, path, defined)
    if value.items is not None:
        yield from _complete(value.items, declared.items, f"{path}.items", f"{defined}.items")
    for name, child in value.properties.items():
        yield from _complete(
            child,
            declared.properties.get(name),
            f"{path}.properties[{name}]",
            f"{defined}.properties[{name}]",
        )
