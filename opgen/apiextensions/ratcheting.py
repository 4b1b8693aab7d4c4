"""Validation of an update: what was wrong in an unchanged part of the stored object is forgiven (KEP-4008).

The parts of the new object are paired with those of the old by field name and by the keys of map lists. A node
whose value did not change drops all issues found in it; junctors are judged as a whole.
"""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.cel.correlation import Correlated
from opgen.apiextensions.errors import FieldError
from opgen.apiextensions.issues import Issues, field_errors
from opgen.apiextensions.nodes import Node
from opgen.apiextensions.validation import prepared
from opgen.ir.schema import Schema


def validate_update(
    schema: Schema, pair: Correlated | None, value: Any, field_path: str = ""
) -> tuple[FieldError, ...]:
    """As `validation.validate`, beside the stored value that `pair` holds; None where there is none to pair."""
    issues: Issues = []
    _check(prepared(schema), value, "", issues, pair)
    return field_errors(issues, field_path) if issues else ()


def _check(node: Node, value: Any, path: str, issues: Issues, pair: Correlated | None) -> int:
    if pair is None:
        return node.check(value, path, issues)
    known = pair

    def child(key: str | int, below: Node, item: Any, place: str, found: Issues) -> int:
        if isinstance(key, int):
            return _check(below, item, place, found, known.index(key))
        if path == "" and key in ("kind", "apiVersion"):
            return below.check(item, place, found)
        return _check(below, item, place, found, known.key(key))

    found: Issues = []
    count = node.check(value, path, found, child)
    if found and not known.unchanged():
        issues.extend(found)
    return count
