"""A schema made ready to validate values: one `Node` a schema node, built when first met.

The checks, their order, their texts and the match counts by which the server picks the "best" branch of a
junctor are those of kube-openapi's validator. A check appends `Issue`s and returns its match count;
`validation` turns issues into the server's field errors, `ratcheting` drops those of unchanged values.
What a definition may not hold at all (patternProperties, lists of item schemas, dependencies) has no check here:
`definition` refuses it. uniqueItems is checked of defaults alone, which are judged before it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from opgen.apiextensions import formats, numbers, patterns
from opgen.apiextensions.equality import enum_matcher
from opgen.apiextensions.gotext import is_json_integer, plain_numbers, quote, shown
from opgen.apiextensions.issues import (
    ENUM,
    INVALID,
    PATHLESS,
    REQUIRED,
    TOO_LONG,
    TOO_MANY,
    TYPE,
    Issue,
    Issues,
)
from opgen.ir.schema import Schema, Value

# How a child is validated: its name or index, node, value and path, and where issues go.
ChildCheck: TypeAlias = "Callable[[str | int, Node, Any, str, Issues], int]"

_GO_TYPES: Mapping[type, tuple[str, str]] = {
    bool: ("boolean", ""),
    str: ("string", ""),
    int: ("integer", "int64"),
    float: ("number", "float64"),
    list: ("array", ""),
    dict: ("object", ""),
}


class Node:
    """The checks of one schema node."""

    __slots__ = (
        "_accepted",
        "_choices",
        "_enum",
        "_format",
        "_format_check",
        "_items",
        "_junctors",
        "_numbers",
        "_properties",
        "_rest",
        "_structural",
        "_types",
        "schema",
    )

    def __init__(self, schema: Schema, *, structural: bool) -> None:
        """`structural` takes the schema as the server's structural form has it, for defaults."""
        self.schema = schema
        self._structural = structural
        self._types: tuple[str, ...] = (schema.type,) if schema.type else ()
        self._format = schema.format
        if not structural:
            if schema.x_int_or_string:
                self._types = ("integer", "string")
            self._format = formats.supported(schema.format, self._types)
        self._accepted = _accepted(self._types, self._format)
        self._format_check = formats.checker(self._format)
        self._choices = schema.enum if structural else as_stored(schema.enum)
        self._enum = enum_matcher(self._choices) if self._choices else None
        self._numbers = numbers.checks(schema, self._types, self._format)
        self._properties: dict[str, Node] = {}
        self._items: Node | None = None
        self._rest: Node | None = None
        self._junctors: Junctors | None = None
        if schema.any_of or schema.one_of or schema.all_of or schema.not_ is not None:
            self._junctors = Junctors(schema, structural=structural)

    def property(self, name: str) -> Node | None:
        """The node of a declared property, or None."""
        node = self._properties.get(name)
        if node is None and name in self.schema.properties:
            node = self._properties[name] = Node(self.schema.properties[name], structural=self._structural)
        return node

    def items(self) -> Node | None:
        """The node of a list's items, or None."""
        if self._items is None and self.schema.items is not None:
            self._items = Node(self.schema.items, structural=self._structural)
        return self._items

    def rest(self) -> Node | None:
        """The node of additionalProperties, or None."""
        if self._rest is None and isinstance(self.schema.additional_properties, Schema):
            self._rest = Node(self.schema.additional_properties, structural=self._structural)
        return self._rest

    def check(self, value: Any, path: str, issues: Issues, child: ChildCheck | None = None) -> int:
        """Validates `value`; appends to `issues`, returns the match count."""
        if value is None:
            return self._check_null(path, issues)
        count = 4  # two of the junctors, one of the enum, one of the node itself
        if self._types or self._format:
            count += 1 + self._check_type(value, path, issues)
        if self._junctors is not None:
            count += self._junctors.check(value, path, issues)
        if isinstance(value, str):
            count += self._check_text(value, path, issues)
        elif isinstance(value, list):
            count += 2 + self._check_list(value, path, issues, child)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            count += 2
            for number_check in self._numbers:
                number_check(value, path, issues)
        if self._enum is not None and not self._enum(value):
            issues.append(self._enum_issue(value, path))
        if isinstance(value, dict):
            count += 1 + self._check_object(value, path, issues, child)
        return count

    def _check_null(self, path: str, issues: Issues) -> int:
        fits = not self._types or self.schema.nullable
        if not fits:
            issues.append(type_issue(path, ",".join(self._types), "null"))
        if self._enum is not None:  # even an enum that lists null does not take it
            issues.append(self._enum_issue(None, path))
        return int(fits)

    def _enum_issue(self, value: Any, path: str) -> Issue:
        allowed = shown([choice.json for choice in self._choices])
        return Issue(ENUM, path, f"{path} in body should be one of {allowed}", value, self._choices)

    def _check_type(self, value: Any, path: str, issues: Issues) -> int:
        kind = type(value)
        if kind in self._accepted:
            return 1
        mismatch = _mismatch(self._types, self._format, kind, value)
        if mismatch is None:
            return 1
        issues.append(type_issue(path, *mismatch))
        return 0

    def _check_text(self, value: str, path: str, issues: Issues) -> int:
        schema = self.schema
        if schema.max_length is not None and len(value) > schema.max_length:
            message = f"{path} in body should be at most {schema.max_length} chars long"
            issues.append(Issue(TOO_LONG, path, message, value, schema.max_length))
        elif schema.min_length is not None and len(value) < schema.min_length:
            message = f"{path} in body should be at least {schema.min_length} chars long"
            issues.append(Issue(INVALID, path, message, value))
        elif schema.pattern and not patterns.matches(schema.pattern, value):
            issues.append(Issue(INVALID, path, f"{path} in body should match '{schema.pattern}'", value))
        if self._format_check is None:
            return 1
        if not self._format_check(value):
            message = f"{path} in body must be of type {self._format}: {quote(value)}"
            issues.append(Issue(TYPE, path, message, value))
        return 2

    def _check_list(self, value: list[Any], path: str, issues: Issues, child: ChildCheck | None) -> int:
        count = 0
        node = self.items()
        if node is not None:
            for index, item in enumerate(value):
                place = f"{path}[{index}]"
                if child is None:
                    count += node.check(item, place, issues)
                else:
                    count += child(index, node, item, place, issues)
        size, least, most = len(value), self.schema.min_items, self.schema.max_items
        if least is not None and size < least:
            message = f"{path} in body should have at least {least} items"
            issues.append(Issue(INVALID, path, message, size))
        if most is not None and size > most:
            message = f"{path} in body should have at most {most} items"
            issues.append(Issue(TOO_MANY, path, message, size, most))
        if self._structural and self.schema.unique_items and _repeats(value):
            issues.append(Issue(INVALID, path, f"{path} in body shouldn't contain duplicates", ""))
        return count

    def _check_object(
        self, value: dict[str, Any], path: str, issues: Issues, child: ChildCheck | None
    ) -> int:
        schema = self.schema
        size, least, most = len(value), schema.min_properties, schema.max_properties
        if least is not None and size < least:
            message = f"{path} in body should have at least {least} properties"
            issues.append(Issue(INVALID, path, message, size))
        if most is not None and size > most:
            message = f"{path} in body should have at most {most} properties"
            issues.append(Issue(TOO_MANY, path, message, size, most))
        count = 0
        prefix = f"{path}." if path else ""
        for key, item in value.items():
            node = self.property(key)
            if node is not None:
                place = prefix + key
            else:
                node = self.rest()
                place = f"{path}.{key}"  # also at the root, where the name begins with a dot
                if node is None:
                    if schema.additional_properties is False:
                        issues.append(Issue(INVALID, path, f"{place} in body is a forbidden property", key))
                    continue
            if child is None:
                count += node.check(item, place, issues)
            else:
                count += child(key, node, item, place, issues)
        for name in schema.required:
            if name not in value:
                issues.append(Issue(REQUIRED, f"{path}.{name}", f"{path}.{name} in body is required"))
        return count


def _repeats(items: list[Any]) -> bool:
    """Whether two items are the same; 1, 1.0 and true are different."""
    return len({json.dumps(item, sort_keys=True) for item in items}) < len(items)


@lru_cache(maxsize=1024)
def _accepted(types: tuple[str, ...], wanted: str) -> frozenset[type]:
    """The Python types whose values all fit; for floats the value matters."""
    return frozenset(t for t in _GO_TYPES if t is not float and _mismatch(types, wanted, t, 0.0) is None)


def _mismatch(types: tuple[str, ...], wanted: str, kind: type, value: Any) -> tuple[str, str] | None:
    """What type or format was wanted and what was found, or None. `value` matters for floats alone."""
    found, found_format = _GO_TYPES[kind]
    integral = kind is float and "integer" in types and is_json_integer(value)
    fits = found in types or integral or (kind is int and "number" in types)
    if wanted:
        text_or_list = kind is str or kind is list
        if not text_or_list and not fits and found_format != wanted:
            return wanted, found_format
        # As in the server: a list passes for a string that has a format.
        if text_or_list and "number" not in types and "integer" not in types:
            return None
    return None if fits or not (types or wanted) else (",".join(types), found)


def as_stored(choices: tuple[Value, ...]) -> tuple[Value, ...]:
    """The values of an enum as a stored definition has them: 3 for 3.0, 0 for -0.0."""
    if all(isinstance(choice.json, str) for choice in choices):
        return choices
    return tuple(Value(plain_numbers(choice.json)) for choice in choices)


def type_issue(path: str, wanted: str, found: str) -> Issue:
    """A value of the wrong type."""
    return Issue(TYPE, path, f"{path} in body must be of type {wanted}: {quote(found)}", found)


class Junctors:
    """anyOf, oneOf, allOf and not of one schema node."""

    __slots__ = ("_all", "_any", "_not", "_one")

    def __init__(self, schema: Schema, *, structural: bool) -> None:
        self._any = tuple(Node(branch, structural=structural) for branch in schema.any_of)
        self._one = tuple(Node(branch, structural=structural) for branch in schema.one_of)
        self._all = tuple(Node(branch, structural=structural) for branch in schema.all_of)
        self._not = None if schema.not_ is None else Node(schema.not_, structural=structural)

    def check(self, value: Any, path: str, issues: Issues) -> int:
        """Appends what the junctors say of `value`; the match count of the branches that the server keeps."""
        count = 0
        if self._any:
            count += self._check_any(value, path, issues)
        if self._one:
            count += self._check_one(value, path, issues)
        if self._all:
            count += self._check_all(value, path, issues)
        if self._not is not None:
            found: Issues = []
            self._not.check(value, path, found)
            if not found:
                message = f"{quote(path)} must not validate the schema (not)"
                issues.append(Issue(PATHLESS, path, message))
        return count

    def _check_any(self, value: Any, path: str, issues: Issues) -> int:
        best: tuple[int, Issues] | None = None
        for branch in self._any:
            found: Issues = []
            count = branch.check(value, path, found)
            if not found:
                return count
            if best is None or count > best[0]:
                best = count, found
        issues.append(Issue(PATHLESS, path, f"{quote(path)} must validate at least one schema (anyOf)"))
        assert best is not None
        issues.extend(best[1])
        return best[0]

    def _check_one(self, value: Any, path: str, issues: Issues) -> int:
        best: tuple[int, Issues] | None = None
        valid: list[int] = []
        for branch in self._one:
            found: Issues = []
            count = branch.check(value, path, found)
            if not found:
                valid.append(count)
            elif not valid and (best is None or count > best[0]):
                best = count, found
        if len(valid) == 1:
            return valid[0]
        what = f"Found {len(valid)} valid alternatives" if valid else "Found none valid"
        message = f"{quote(path)} must validate one and only one schema (oneOf). {what}"
        issues.append(Issue(PATHLESS, path, message))
        if valid or best is None:
            return 0
        issues.extend(best[1])
        return best[0]

    def _check_all(self, value: Any, path: str, issues: Issues) -> int:
        count = valid = 0
        for branch in self._all:
            found: Issues = []
            count += branch.check(value, path, found)
            valid += not found
            issues.extend(found)
        if valid < len(self._all):
            what = "" if valid else ". None validated"
            message = f"{quote(path)} must validate all the schemas (allOf){what}"
            issues.append(Issue(PATHLESS, path, message))
        return count
