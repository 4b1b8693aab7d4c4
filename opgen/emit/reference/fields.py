"""A structural schema as the tree of fields that a reader of the reference sees.

Arrays and maps are walked through: `spec.ports[].name` and `spec.limits.*` are fields of the object above them.
What bounds a value is said as facts, a label and a text each; `markdown` and `page` write them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from opgen.ir.definition import Definition, Version
from opgen.ir.schema import JSON, Schema, ValidationRule


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that holds for a value: `Fact("minimum", "1")`; `code` where the text is a literal."""

    label: str
    text: str
    code: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `path` starts below the object: `spec.ports[].name`; `core` names a built-in type."""

    name: str
    path: str
    type: str
    required: bool = False
    description: str = ""
    core: str = ""
    facts: tuple[Fact, ...] = ()
    rules: tuple[ValidationRule, ...] = ()
    children: tuple[Field, ...] = ()

    def below(self) -> Iterator[Field]:
        """The field and all that it holds, in the order of the page."""
        yield self
        for child in self.children:
            yield from child.below()


@dataclass(frozen=True, slots=True)
class Subject:
    """A definition with its samples as YAML text: (version, "minimal" or "full") -> text."""

    definition: Definition
    samples: Mapping[tuple[str, str], str] = field(default_factory=dict)


def by_group(subjects: Iterable[Subject]) -> dict[str, tuple[Subject, ...]]:
    """The subjects of each group, groups and kinds in alphabetical order."""
    groups: dict[str, list[Subject]] = {}
    for subject in sorted(subjects, key=lambda item: (item.definition.group, item.definition.names.kind)):
        groups.setdefault(subject.definition.group, []).append(subject)
    return {group: tuple(found) for group, found in groups.items()}


def versions(definition: Definition) -> tuple[Version, ...]:
    """Those that are served first, each part in the definition's order."""
    return tuple(sorted(definition.versions, key=lambda version: not version.served))


def root_rules(version: Version) -> tuple[ValidationRule, ...]:
    """Rules on the whole object."""
    return version.schema.x_validations if version.schema is not None else ()


def root_fields(version: Version) -> tuple[Field, ...]:
    """The top-level fields of a version, spec first and status last; apiVersion, kind and metadata go unsaid.

    A schema that says something of metadata of its own has it too.
    """
    schema = version.schema
    if schema is None:
        return ()
    plain = {"apiVersion", "kind"}
    if (metadata := schema.properties.get("metadata")) is not None and not metadata.properties:
        plain.add("metadata")
    order = {"metadata": 0, "spec": 1, "status": 3}
    names = sorted(schema.properties.keys() - plain, key=lambda name: (order.get(name, 2), name))
    return tuple(_field(name, name, schema.properties[name], name in schema.required) for name in names)


def _field(name: str, path: str, schema: Schema, required: bool) -> Field:
    layers = list(_layers(schema))
    inner, suffix = layers[-1]
    below = path + suffix
    facts = [
        fact
        for depth, (layer, mark) in enumerate(layers)
        for fact in _facts(layer, "" if depth == 0 else f"{_words(mark)} ")
    ]
    rules = tuple(rule for layer, _ in layers for rule in layer.x_validations)
    children = tuple(
        _field(child, f"{below}.{child}", inner.properties[child], child in inner.required)
        for child in sorted(inner.properties)
    )
    described = next((layer.description for layer, _ in layers if layer.description), "")
    core = next((str(layer.ref) for layer, _ in layers if layer.ref is not None), "")
    return Field(name, path, _type(schema), required, described, core, tuple(facts), rules, children)


def _layers(schema: Schema) -> Iterator[tuple[Schema, str]]:
    """The schema, then what its items or values are, with the marks that lead there: `[]`, `.*`, `[][]`."""
    marks = ""
    while True:
        yield schema, marks
        if schema.items is not None:
            schema, marks = schema.items, f"{marks}[]"
        elif isinstance(schema.additional_properties, Schema):
            schema, marks = schema.additional_properties, f"{marks}.*"
        else:
            return


def _words(marks: str) -> str:
    words = ["each item" if mark == "[]" else "each value" for mark in _split(marks)]
    return ": ".join(words) + ":"


def _split(marks: str) -> list[str]:
    return [marks[index : index + 2] for index in range(0, len(marks), 2)]


def _type(schema: Schema) -> str:
    """A type in words: `list of string`, `map of integer (int64)`, `integer or string`."""
    if schema.x_int_or_string:
        return "integer or string"
    if schema.items is not None:
        head = {"set": "set", "map": "list"}.get(schema.x_list_type or "", "list")
        return f"{head} of {_type(schema.items)}"
    if isinstance(schema.additional_properties, Schema):
        return f"map of {_type(schema.additional_properties)}"
    if schema.ref is not None:
        return schema.ref.name
    if schema.x_embedded_resource:
        return "Kubernetes object"
    if not schema.type:
        return "any value"
    if schema.type == "array":
        return "list"
    return f"{schema.type} ({schema.format})" if schema.format else schema.type


def _facts(schema: Schema, prefix: str) -> Iterator[Fact]:
    """What bounds a value of this schema; `prefix` says whose value where it isn't the field's own."""

    def fact(label: str, value: object, *, code: bool = True) -> Fact:
        return Fact(prefix + label, value if isinstance(value, str) else _json(value), code)

    if schema.default is not None:
        yield fact("default", _json(schema.default.json))
    if schema.nullable:
        yield fact("nullable", "may be null", code=False)
    if schema.enum:
        yield fact("one of", ", ".join(_json(value.json) for value in schema.enum))
    yield from (fact(label, value) for label, value in _bounds(schema))
    if schema.pattern:
        yield fact("pattern", schema.pattern)
    if schema.format and (schema.x_int_or_string or schema.items is not None):
        yield fact("format", schema.format)
    if schema.x_list_type == "map":
        yield fact("keys", ", ".join(schema.x_list_map_keys))
    if schema.x_list_type == "atomic" or schema.x_map_type == "atomic":
        yield fact("atomic", "replaced as a whole by server-side apply", code=False)
    if schema.x_preserve_unknown_fields:
        yield fact("open", "fields that aren't named here are kept", code=False)
    if schema.example is not None:
        yield fact("example", _json(schema.example.json))
    yield from (fact(label, text) for label, text in _junctors(schema))
    if schema.external_docs is not None and schema.external_docs.url:
        yield fact("see", schema.external_docs.url, code=False)


def _bounds(schema: Schema) -> Iterator[tuple[str, object]]:
    if schema.minimum is not None:
        yield ("more than" if schema.exclusive_minimum else "minimum"), schema.minimum
    if schema.maximum is not None:
        yield ("less than" if schema.exclusive_maximum else "maximum"), schema.maximum
    named = (
        ("multiple of", schema.multiple_of),
        ("minimum length", schema.min_length),
        ("maximum length", schema.max_length),
        ("minimum items", schema.min_items),
        ("maximum items", schema.max_items),
        ("minimum properties", schema.min_properties),
        ("maximum properties", schema.max_properties),
    )
    yield from ((label, value) for label, value in named if value is not None)


def _junctors(schema: Schema) -> Iterator[tuple[str, str]]:
    """allOf, anyOf, oneOf and not: in words where each branch only requires fields, else as they are."""
    if schema.x_int_or_string:
        return
    words = {"exactly one of": schema.one_of, "at least one of": schema.any_of, "all of": schema.all_of}
    for label, branches in words.items():
        if branches:
            yield label, "; ".join(_branch(branch) for branch in branches)
    if schema.not_ is not None:
        yield "not", _branch(schema.not_)


def _branch(schema: Schema) -> str:
    if schema.required and schema == Schema(required=schema.required):
        return " and ".join(schema.required)
    return _json(_plain(schema))


def _plain(schema: Schema) -> JSON:
    from opgen.apiextensions import encode_schema

    encoded: JSON = encode_schema(schema)
    return encoded


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
