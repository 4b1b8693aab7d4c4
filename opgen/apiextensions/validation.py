"""Validates a value against a schema as kube-apiserver 1.36 does: `validate`, and `prepared` for many values.

`nodes` holds the checks; here are the cache of prepared schemas and the outward form of what they find.
Pruning, defaults, list types, embedded metadata and CEL are stages of their own (`objects` has their order).
"""

from __future__ import annotations

from opgen.apiextensions.errors import FieldError
from opgen.apiextensions.issues import Issues, field_errors
from opgen.apiextensions.memo import IdentityCache
from opgen.apiextensions.nodes import Node
from opgen.ir.schema import JSON, Schema

_prepared: IdentityCache[Node] = IdentityCache(lambda schema: Node(schema, structural=False))
_prepared_structural: IdentityCache[Node] = IdentityCache(lambda schema: Node(schema, structural=True))


def prepared(schema: Schema, *, structural: bool = False) -> Node:
    """The schema ready to validate, kept by the identity of `schema`."""
    return (_prepared_structural if structural else _prepared)(schema)


def validate(
    schema: Schema, value: JSON, field_path: str = "", *, structural: bool = False
) -> tuple[FieldError, ...]:
    """The errors of `value` under `schema`: types, enums, bounds, formats, patterns, required, junctors.

    `field_path` prefixes the fields' names ("" at the root, where an error without a place says `<nil>`).
    `structural` judges as the server judges the defaults of a definition: there an int-or-string has no type
    and formats unknown to the server still count as such. Neither null nor pruned fields are dropped before.
    """
    issues: Issues = []
    prepared(schema, structural=structural).check(value, "", issues)
    return field_errors(issues, field_path) if issues else ()
