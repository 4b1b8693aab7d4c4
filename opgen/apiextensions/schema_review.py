"""Judges one version's schema: structural or not, what it may not contain, its defaults, its rules in CEL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from opgen.apiextensions import cel
from opgen.apiextensions.complaints import invalid
from opgen.apiextensions.default_rules import review_defaults
from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiextensions.layout import Part
from opgen.apiextensions.schema_rules import root_errors, schema_errors
from opgen.apiextensions.structural import structural_errors, unconvertible
from opgen.apiextensions.update_demands import Demands

_PER_RULE = ("estimated rule cost exceeds budget", "estimated messageExpression cost exceeds budget")


@dataclass(slots=True)
class SchemaReview:
    """What all schemas of a definition share: whether they must be structural, and what could not be checked.

    `has_defaults` is found out for definitions that preserve unknown fields, which may have none.
    """

    structural: bool = True
    has_defaults: bool = False
    unchecked: list[str] = field(default_factory=list)


def review_schema(part: Part, status: bool, demands: Demands, review: SchemaReview) -> Iterator[FieldError]:
    """The errors of the schema of `part`; `status` says whether the status subresource is on."""
    schema = part.schema
    if schema is None:
        return
    path = f"{part.schema_path}.openAPIV3Schema"
    found = list(root_errors(schema, path, status=status))
    unfit = ""
    sound = False
    if review.structural:
        unfit = unconvertible(schema)
        loose = () if unfit else structural_errors(schema, path)
        found += loose
        if not unfit and not loose:
            defaults = review_defaults(schema, path, pruned=demands.pruned_defaults)
            found += defaults.errors
            review.unchecked += defaults.unchecked
            sound = not defaults.errors
    placed = schema_errors(schema, path, demands.strictness)
    found += [error for _, error in placed]
    broken = frozenset(where for where, _ in placed)
    rules = cel.review_schema(schema, path, compile_rules_too=sound, broken=broken)
    review.unchecked += rules.unchecked
    dear = part.version in demands.cheap_rules_in
    found += [error for error in rules.errors if not (dear and _is_cost(error))]
    if not found and unfit:
        found.append(invalid(path, "", unfit))
    yield from found


def _is_cost(error: FieldError) -> bool:
    return error.type is ErrorType.FORBIDDEN and error.detail.startswith(_PER_RULE)
