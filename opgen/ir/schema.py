"""The structural schema, lossless: JSONSchemaProps of apiextensions.k8s.io/v1 as frozen data.

Every keyword that the API server's type has is here, the forbidden ones too, since `apiextensions` must
see them to refuse them. Absent is None (or empty, or False where the server's encoding drops false).
`properties` and the like are plain dicts that nobody mutates after construction. What a reader adds
beyond the server's type is `ref`: the core type whose definition was inlined here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"


@dataclass(frozen=True, slots=True)
class CoreRef:
    """A built-in type: `CoreRef("core/v1", "PodTemplateSpec")`; `meta/v1` for apimachinery's own."""

    api: str
    name: str

    def __str__(self) -> str:
        return f"{self.api}.{self.name}"


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """One x-kubernetes-validations entry (KEP-2876)."""

    rule: str
    message: str = ""
    message_expression: str = ""
    reason: str | None = None
    field_path: str = ""
    optional_old_self: bool | None = None


@dataclass(frozen=True, slots=True)
class ExternalDocs:
    """OpenAPI externalDocs."""

    description: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value that is present; lets a present null be told from an absent value."""

    json: JSON


@dataclass(frozen=True, slots=True, eq=True)
class Schema:
    """One node of a schema. Field names are the wire names in snake_case, `x_kubernetes_` shortened to `x_`."""

    type: str = ""
    description: str = ""
    title: str = ""
    format: str = ""
    nullable: bool = False
    default: Value | None = None
    example: Value | None = None
    enum: tuple[Value, ...] = ()
    # numbers
    minimum: int | float | None = None
    exclusive_minimum: bool = False
    maximum: int | float | None = None
    exclusive_maximum: bool = False
    multiple_of: int | float | None = None
    # strings
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    # arrays
    items: Schema | None = None
    items_list: tuple[Schema, ...] | None = None
    additional_items: Schema | bool | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    # objects
    properties: Mapping[str, Schema] = field(default_factory=dict)
    additional_properties: Schema | bool | None = None
    required: tuple[str, ...] = ()
    min_properties: int | None = None
    max_properties: int | None = None
    # junctors
    all_of: tuple[Schema, ...] = ()
    any_of: tuple[Schema, ...] = ()
    one_of: tuple[Schema, ...] = ()
    not_: Schema | None = None
    # Kubernetes
    x_preserve_unknown_fields: bool | None = None
    x_embedded_resource: bool = False
    x_int_or_string: bool = False
    x_list_type: str | None = None
    x_list_map_keys: tuple[str, ...] = ()
    x_map_type: str | None = None
    x_validations: tuple[ValidationRule, ...] = ()
    # forbidden in a CRD, kept so that they can be refused
    id: str = ""
    schema: str = ""
    ref_uri: str | None = None
    definitions: Mapping[str, Schema] = field(default_factory=dict)
    dependencies: Mapping[str, Schema | tuple[str, ...]] = field(default_factory=dict)
    pattern_properties: Mapping[str, Schema] = field(default_factory=dict)
    external_docs: ExternalDocs | None = None
    # opgen's own: where this node came from; emitters import the core type's model
    ref: CoreRef | None = None
    # fields that were written as an empty list or map, which equality and encoding don't tell from absent ones
    written_empty: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
