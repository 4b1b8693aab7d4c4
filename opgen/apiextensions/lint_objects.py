"""Lints of one node as an object: what it loses, and what it only seems to check. `lints` walks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opgen.apiextensions import lint_codes as codes
from opgen.apiextensions.schema_rules import META_FIELDS
from opgen.ir.schema import Schema

Finding = tuple[str, str, str]
"""Code, path and message."""


def objects(schema: Schema, path: str, root: bool) -> Iterator[Finding]:
    """Objects that lose what they are given, and fields that are asked for and never kept."""
    resource = root or schema.x_embedded_resource
    if schema.type == "object" and not schema.properties and not keeps_rest(schema):
        if path.endswith(".properties[metadata]"):
            yield (
                codes.PRUNES_METADATA,
                path,
                "the embedded metadata declares no field: labels and annotations are dropped",
            )
        else:
            yield codes.PRUNES_EVERYTHING, path, "the object declares no field: all of its content is dropped"
    elif not keeps_rest(schema):
        for name in schema.required:
            if not _declares(schema, name, resource=resource):
                yield codes.REQUIRED_UNDECLARED, f"{path}.required", f"{name} is required, yet not declared"
    for where, branch in _branches(schema):
        yield from _junctor(branch, schema, f"{path}.{where}", resource=resource)


def keeps_rest(schema: Schema) -> bool:
    """Whether fields that are not declared are stored."""
    return bool(schema.x_preserve_unknown_fields) or schema.additional_properties not in (None, False)


def _declares(schema: Schema, name: str, *, resource: bool) -> bool:
    return name in schema.properties or (resource and name in META_FIELDS)


_BRANCHES = frozenset(("all_of", "any_of", "one_of", "not_"))


def _branches(schema: Schema) -> Iterator[tuple[str, Schema]]:
    if _BRANCHES.isdisjoint(schema.given):
        return
    for name, branches in (("allOf", schema.all_of), ("anyOf", schema.any_of), ("oneOf", schema.one_of)):
        for index, branch in enumerate(branches):
            yield f"{name}[{index}]", branch
    if schema.not_ is not None:
        yield "not", schema.not_


def _junctor(value: Schema, declared: Schema, path: str, *, resource: bool) -> Iterator[Finding]:
    """What a junctor speaks of and `declared`, the node that it narrows, does not declare."""
    if declared.type == "object" and not keeps_rest(declared):
        for name in dict.fromkeys((*value.properties, *value.required)):
            if not _declares(declared, name, resource=resource):
                yield codes.UNDECLARED_IN_JUNCTOR, path, f"{name} is not declared outside of junctors"
    for name, child in value.properties.items():
        below = declared.properties.get(name)
        if below is not None:
            yield from _junctor(
                child, below, f"{path}.properties[{name}]", resource=below.x_embedded_resource
            )
    if value.items is not None and declared.items is not None:
        items = declared.items
        yield from _junctor(value.items, items, f"{path}.items", resource=items.x_embedded_resource)
    for where, branch in _branches(value):
        yield from _junctor(branch, declared, f"{path}.{where}", resource=resource)


_FIXED = re.compile(r"\s*(self\s*==\s*oldSelf|oldSelf\s*==\s*self)\s*")


def removable(schema: Schema, name: str, path: str, holders: tuple[Schema, ...]) -> Iterator[Finding]:
    """A field that its rule fixes, and that can be taken away first: rules with oldSelf need both values."""
    if name in holders[-1].required or schema.default is not None:
        return
    for index, rule in enumerate(schema.x_validations):
        if _FIXED.fullmatch(rule.rule) and not rule.optional_old_self:
            held = re.compile(rf"has\(\s*oldSelf(\.\w+)*\.{re.escape(name)}\s*\)")
            if not any(held.search(other.rule) for holder in holders for other in holder.x_validations):
                message = f"{name} can be changed all the same: by removing it first, since it is optional"
                yield codes.REMOVABLE, f"{path}.x-kubernetes-validations[{index}]", message
