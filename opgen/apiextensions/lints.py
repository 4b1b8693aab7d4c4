"""What the server takes and what is broken all the same: each finding has a stable code (see `lint_codes`).

Findings are warnings: such a definition can be installed. Paths are the definition's own
(`spec.versions[0].schema.openAPIV3Schema.properties[spec]`), whatever the server calls them in errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from opgen.apiextensions import lint_codes as codes
from opgen.apiextensions.formats import supported
from opgen.apiextensions.lint_bounds import BOUNDS, TYPED, bounds, enums, example, unfit
from opgen.apiextensions.lint_codes import LINTS
from opgen.apiextensions.lint_objects import Finding, objects, removable
from opgen.apiextensions.lint_versions import versions
from opgen.errors import Diagnostic, Level
from opgen.ir.definition import Definition
from opgen.ir.schema import Schema

_Rule = Callable[[Schema, str, bool], Iterator[Finding]]


def lint(definition: Definition, dropped: Sequence[str] = ()) -> tuple[Diagnostic, ...]:
    """The findings in all versions, in the order of the definition.

    `dropped` are the paths of keywords that decoding lost (`Decoded.dropped`), which a definition no longer shows.
    """
    found = [
        finding(codes.DROPPED_KEYWORD, path, f"the keyword {path.rpartition('.')[2]} is dropped")
        for path in dropped
    ]
    for index, version in enumerate(definition.versions):
        if version.schema is not None:
            path = f"spec.versions[{index}].schema.openAPIV3Schema"
            _look(version.schema, path, (), found, root=True)
    found += (finding(*each) for each in versions(definition))
    return tuple(found)


def finding(code: str, path: str, message: str, hint: str = "") -> Diagnostic:
    """A lint's warning, with its usual remedy where no better one is given."""
    return Diagnostic(Level.WARNING, message, path=path, hint=hint or LINTS[code].hint, code=code)


def _formats(schema: Schema, path: str, root: bool) -> Iterator[Finding]:
    if schema.format and not supported(schema.format, (schema.type,)):
        of = f" of type {schema.type}" if schema.type else ""
        message = f"the format {schema.format}{of} is unknown to the server, which does not check it"
        yield codes.UNKNOWN_FORMAT, f"{path}.format", message


_RULES: tuple[tuple[_Rule, frozenset[str]], ...] = (
    (bounds, BOUNDS),
    (unfit, TYPED),
    (enums, frozenset(("enum",))),
    (example, frozenset(("example",))),
    (objects, frozenset(("type", "required", "all_of", "any_of", "one_of", "not_"))),
    (_formats, frozenset(("format",))),
)
"""The rules of one node, each with the fields without any of which it has nothing to say."""


def _look(
    schema: Schema, path: str, above: tuple[Schema, ...], said: list[Diagnostic], *, root: bool = False
) -> None:
    """Says what is found at a node and all below it; `above` are the nodes that hold it, the nearest last."""
    given = schema.given.keys()
    for rule, fields in _RULES:
        if not fields.isdisjoint(given):
            said += [finding(*found) for found in rule(schema, path, root)]
    resource = root or schema.x_embedded_resource
    holders = (*above, schema)
    for name, child in schema.properties.items():
        if (resource and name == "metadata") or (child.plain and not child.format):
            continue  # the server knows what is in there, or it has nothing to look at
        place = f"{path}.properties[{name}]"
        if child.x_validations:
            said += [finding(*found) for found in removable(child, name, place, holders)]
        _look(child, place, holders, said)
    if schema.items is not None:
        _look(schema.items, f"{path}.items", holders, said)
    if isinstance(schema.additional_properties, Schema):
        _look(schema.additional_properties, f"{path}.additionalProperties", holders, said)
