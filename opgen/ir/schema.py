"""The structural schema, lossless: JSONSchemaProps of apiextensions.k8s.io/v1 as frozen data.

Every keyword that the API server's type has is here, the forbidden ones too, since `apiextensions` must
see them to refuse them. Absent is None (or empty, or False where the server's encoding drops false).
`properties` and the like are plain dicts that nobody mutates after construction. What a reader adds
beyond the server's type is `ref`: the core type whose definition was inlined here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

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


class _Derived:
    """What follows from a node's fields and is asked for all the time: no field itself, so it has a slot."""

    __slots__ = ("plain",)

    plain: bool
    """Whether it is a scalar that nothing narrows: a type, perhaps with a format and texts. Walks pass by these."""


@dataclass(frozen=True)
class Schema(_Derived):
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

    if not TYPE_CHECKING:  # checkers know the constructor that a dataclass has

        def __init__(self, **given: Any) -> None:
            kept = self.__dict__
            if not given.keys() <= _FIELDS:
                raise TypeError(f"a schema has no field {min(given.keys() - _FIELDS)!r}")
            if all(given.values()):  # as no default is
                kept.update(given)
            else:
                kept.update({name: value for name, value in given.items() if value != _DEFAULTS[name]})
            _SET_PLAIN(self, kept.get("type") in _SCALARS and kept.keys() <= _OF_PLAIN)

        def __reduce__(self) -> tuple[Any, ...]:
            return _restored, (self.given,)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schema):
            return NotImplemented
        return self is other or _compared(self.given) == _compared(other.given)

    def __repr__(self) -> str:
        texts = [f"{name}={self.given[name]!r}" for name in _SHOWN if name in self.given]
        return f"Schema({', '.join(texts)})"

    def changed(self, **fields: Any) -> Schema:
        """A copy with other values in some fields; raises TypeError for a field that a schema doesn't have.

        What dataclasses.replace does, which takes all of the fields in its hand, present or not.
        """
        return Schema(**{**self.__dict__, **fields})

    @property
    def given(self) -> Mapping[str, Any]:
        """The fields that differ from their defaults, in no particular order."""
        return self.__dict__


def _restored(given: Mapping[str, Any]) -> Schema:
    return Schema(**given)


def _compared(given: Mapping[str, Any]) -> Mapping[str, Any]:
    if "written_empty" not in given:
        return given
    return {name: value for name, value in given.items() if name != "written_empty"}


_SHOWN = tuple(each.name for each in fields(Schema) if each.repr)
_SET_PLAIN = _Derived.__dict__["plain"].__set__  # past the guard of a frozen class
_SCALARS = frozenset(("boolean", "integer", "number", "string"))
_OF_PLAIN = frozenset(("type", "description", "title", "format"))
_DEFAULTS: Mapping[str, Any] = {
    each.name: MappingProxyType({}) if each.default is MISSING else each.default for each in fields(Schema)
}
_FIELDS = frozenset(_DEFAULTS)
for _name, _default in _DEFAULTS.items():
    setattr(Schema, _name, _default)
