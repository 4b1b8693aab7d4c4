"""What the server takes and what is broken all the same: each finding has a stable code, each code its harm.

Findings are warnings: such a definition can be installed. Paths are the definition's own
(`spec.versions[0].schema.openAPIV3Schema.properties[spec]`), whatever the server calls them in errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from opgen.apiextensions.formats import supported
from opgen.apiextensions.lint_rules import bounds, enums, objects
from opgen.errors import Diagnostic, Level
from opgen.ir.definition import Definition
from opgen.ir.schema import Schema

HARMS: Mapping[str, str] = {
    "bound-out-of-format": "A bound that its own type and format cannot hold refuses every value of the field.",
    "empty-range": "A minimum above its maximum refuses every value of the field.",
    "negative-bound": "Lengths and counts are never negative: a negative maximum refuses every value, a negative "
    "minimum has no effect.",
    "required-undeclared": "A required field that the schema does not declare is pruned before it is looked for, so "
    "every object is refused.",
    "enum-type": "A value of an enum that is not of the field's type can never be given.",
    "prunes-everything": "An object that declares nothing loses all its content when it is stored, without a word.",
    "prunes-metadata": "Labels and annotations of embedded metadata that declares nothing are dropped without a "
    "word, and what is made of it, such as pods, lacks them.",
    "undeclared-in-junctor": "Below the root the server does not check that a field which only allOf, anyOf, oneOf "
    "or not speak of is declared: it is pruned before they see it.",
    "dropped-keyword": "Below items, additionalProperties and the like unknown keywords vanish even in strict "
    "requests, so what they were to enforce is not.",
    "unknown-format": "A format that the server does not know is not checked.",
}

_Rule = Callable[[Schema, str, bool], Iterator[tuple[str, str, str]]]
_RULES: tuple[_Rule, ...] = (bounds, enums, objects)


def lint(definition: Definition, dropped: Sequence[str] = ()) -> tuple[Diagnostic, ...]:
    """The findings in all versions, in the order of the definition.

    `dropped` are the paths of keywords that decoding lost (`Decoded.dropped`), which a definition no longer shows.
    """
    found = [
        _warning("dropped-keyword", path, f"the keyword {path.rpartition('.')[2]} is dropped", "")
        for path in dropped
    ]
    for index, version in enumerate(definition.versions):
        if version.schema is not None:
            path = f"spec.versions[{index}].schema.openAPIV3Schema"
            found += _node(version.schema, path, root=True)
    return tuple(found)


def _node(schema: Schema, path: str, *, root: bool = False) -> Iterator[Diagnostic]:
    for rule in _RULES:
        for code, where, message in rule(schema, path, root):
            yield _warning(code, where, message, _HINTS.get(code, ""))
    yield from _formats(schema, path)
    resource = root or schema.x_embedded_resource
    for name, child in schema.properties.items():
        if not (resource and name == "metadata"):  # the server knows what is in there
            yield from _node(child, f"{path}.properties[{name}]")
    if schema.items is not None:
        yield from _node(schema.items, f"{path}.items")
    if isinstance(schema.additional_properties, Schema):
        yield from _node(schema.additional_properties, f"{path}.additionalProperties")


def _formats(schema: Schema, path: str) -> Iterator[Diagnostic]:
    if schema.format and not supported(schema.format, (schema.type,)):
        of = f" of type {schema.type}" if schema.type else ""
        message = f"the format {schema.format}{of} is unknown to the server, which does not check it"
        yield _warning("unknown-format", f"{path}.format", message, "")


_HINTS = {
    "prunes-everything": "declare its properties, or set x-kubernetes-preserve-unknown-fields: true",
    "prunes-metadata": "declare name, labels and annotations, or make the parent an embedded resource",
    "required-undeclared": "declare the field under properties",
    "undeclared-in-junctor": "declare the field under properties of the schema itself",
    "bound-out-of-format": "use a wider format such as int64, or a bound that fits",
}


def _warning(code: str, path: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(Level.WARNING, message, path=path, hint=hint, code=code)
