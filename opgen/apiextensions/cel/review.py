"""A definition's rules: their shape, compilation, worst-case costs and use of `oldSelf`, in the server's order."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field, replace

from opgen.apiextensions.cel.fieldpath import FieldPathFault, normalised
from opgen.apiextensions.cel.result import CelResult
from opgen.apiextensions.cel.rules import Compiled, compile_rules
from opgen.apiextensions.cel.schema_types import Declared, cardinality, declared, has_type, with_object_meta
from opgen.apiextensions.errors import ErrorType, FieldError, GoText
from opgen.apiextensions.gostructs import rule_struct
from opgen.apiextensions.structural import unconvertible
from opgen.ir.schema import JSON, Schema, ValidationRule

RULE_LIMIT = 10_000_000
TOTAL_LIMIT = 100_000_000
_MOST = 2**64 - 1
_NEWLINE = re.compile(r"[\n\r]")
_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
_SHOWN_RULES = 4


def review_schema(
    schema: Schema, field_path: str, *, compile_rules_too: bool = True, broken: Container[str] = ()
) -> CelResult:
    """The errors in the rules of one version's schema, and the rules that cannot be judged or run here.

    `compile_rules_too=False` looks at the rules' shape only, as the server does where the schema is not structural.
    `broken` are the paths of nodes with other errors of the schema: rules at and above them are not compiled.
    """
    walk = _Walk(field_path, compile_rules_too, broken)
    walk.node(schema, field_path, _Place(1, None, root=True))
    return CelResult((*walk.shape, *walk.errors, *walk.total()), tuple(walk.unchecked))


@dataclass(frozen=True, slots=True)
class _Place:
    """How often a node can occur (None if unbounded), and the nearest ancestor that cannot be correlated.

    `typeless`: a node with rules at or above it has no type in CEL, and so the rules below have none either.
    `scoped`: it stands below rules, and its type is part of its parent's: of a resource's metadata there are only
    the names, as `typed` then has it.
    """

    count: int | None
    uncorrelatable: str | None
    root: bool = False
    embedded: bool = False
    typeless: bool = False
    scoped: bool = False
    typed: Schema | None = None


@dataclass(slots=True)
class _Walk:
    root: str
    compiling: bool
    broken: Container[str]
    shape: list[FieldError] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    _types: dict[int, Declared | None] = field(default_factory=dict)
    _cost: int = 0
    _expensive: list[tuple[int, str]] = field(default_factory=list)

    def node(self, schema: Schema, path: str, place: _Place) -> bool:
        """Visit a node after its children; whether it and all below are sound enough to be compiled."""
        sound = path not in self.broken
        if schema.x_validations:
            place = replace(place, scoped=True)
        if self.compiling and place.scoped and not place.typeless:
            place = replace(place, typeless=not has_type(schema))
        seen = _seen(schema, place)
        extra = schema.additional_properties
        if isinstance(extra, Schema):
            below = self._below(schema, place)
            sound &= self.node(extra, f"{path}.additionalProperties", below)
        for name, child in schema.properties.items():
            where = f"{path}.properties[{name}]"
            if child.plain:
                sound &= where not in self.broken
                continue
            below = self._below(schema, place, path if schema.x_map_type not in _CORRELATED_MAPS else None)
            if seen is not None and seen.properties.get(name, child) is not child:
                below = replace(below, typed=seen.properties[name])
            sound &= self.node(child, where, below)
        for where, nested in _junctors(schema):
            sound &= self._shape_below(nested, f"{path}.{where}")
        if schema.items is not None:
            below = self._below(schema, place, path if schema.x_list_type != "map" else None)
            sound &= self.node(schema.items, f"{path}.items", below)
        if schema.x_validations:
            sound &= self._shape(schema, path)
            if sound and self.compiling:
                self._compile(schema, path, place)
        return sound

    def _declared(self, schema: Schema, place: _Place) -> Declared | None:
        if place.typed is not None:
            return declared(place.typed, root=False)
        key = id(schema)
        if key not in self._types:
            self._types[key] = declared(schema, root=place.root or schema.x_embedded_resource)
        return self._types[key]

    def _below(self, schema: Schema, place: _Place, uncorrelatable: str | None = None) -> _Place:
        factor = occurrences(schema)
        count = None if factor is None or place.count is None else min(place.count * factor, _MOST)
        uncorrelatable = place.uncorrelatable or uncorrelatable
        return _Place(count, uncorrelatable, typeless=place.typeless, scoped=place.scoped)

    def _shape_below(self, schema: Schema, path: str) -> bool:
        sound = path not in self.broken
        for name, child in schema.properties.items():
            sound &= self._shape_below(child, f"{path}.properties[{name}]")
        if isinstance(schema.additional_properties, Schema):
            sound &= self._shape_below(schema.additional_properties, f"{path}.additionalProperties")
        for where, nested in _junctors(schema):
            sound &= self._shape_below(nested, f"{path}.{where}")
        if schema.items is not None:
            sound &= self._shape_below(schema.items, f"{path}.items")
        return self._shape(schema, path) and sound

    def _shape(self, schema: Schema, path: str) -> bool:
        before = len(self.shape)
        for index, rule in enumerate(schema.x_validations):
            self.shape += _shape_errors(schema, rule, f"{path}.x-kubernetes-validations[{index}]")
        return len(self.shape) == before

    def _compile(self, schema: Schema, path: str, place: _Place) -> None:
        where = f"{path}.x-kubernetes-validations"
        node = None if place.typeless else self._declared(schema, place)
        if node is None:
            text = (
                "internal error: failed to construct type information for x-kubernetes-validations rules: "
                "unable to convert structural schema to CEL declarations"
            )
            self.errors.append(FieldError(where, ErrorType.INTERNAL, text))
            return
        count = cardinality(node) if place.count is None else place.count
        for index, compiled in enumerate(compile_rules(schema, node)):
            self._judge(compiled, f"{where}[{index}]", count, place.uncorrelatable)

    def _judge(self, found: Compiled, where: str, count: int, uncorrelatable: str | None) -> None:
        if found.unchecked:
            self.unchecked.append(f"{where}: {found.rule.rule}: {found.unchecked}")
            if not found.judged:
                return
        value = rule_struct(found.rule)
        cost = min(found.cost * count, _MOST)
        if cost > RULE_LIMIT:
            text = _over("estimated rule cost", cost, RULE_LIMIT)
            self.errors.append(FieldError(f"{where}.rule", ErrorType.FORBIDDEN, text))
        self._observe(cost, f"{where}.rule")
        if found.error:
            self.errors.append(FieldError(f"{where}.rule", ErrorType.INVALID, found.error, value))
        if found.message_error:
            self.errors.append(
                FieldError(f"{where}.messageExpression", ErrorType.INVALID, found.message_error, value)
            )
        elif found.message is not None:
            if found.message_cost > RULE_LIMIT:
                text = _over("estimated messageExpression cost", found.message_cost, RULE_LIMIT)
                self.errors.append(FieldError(f"{where}.messageExpression", ErrorType.FORBIDDEN, text))
            self._observe(found.message_cost, f"{where}.messageExpression")
        if found.uses_old:
            if uncorrelatable is not None:
                text = f"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelatable}"
                self.errors.append(FieldError(f"{where}.rule", ErrorType.INVALID, text, found.rule.rule))
        elif found.rule.optional_old_self is not None:
            self.errors.append(
                FieldError(
                    f"{where}.optionalOldSelf",
                    ErrorType.INVALID,
                    "may not be set if oldSelf is not used in rule",
                    found.rule.optional_old_self,
                )
            )

    def _observe(self, cost: int, path: str) -> None:
        self._cost = min(self._cost + cost, _MOST)
        if cost >= TOTAL_LIMIT // 100:
            self._expensive.append((cost, path))
            self._expensive.sort(key=lambda entry: -entry[0])
            del self._expensive[_SHOWN_RULES:]

    def total(self) -> list[FieldError]:
        """The errors of the whole, if its rules together cost too much."""
        if self._cost <= TOTAL_LIMIT:
            return []
        text = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"
        found = [FieldError(path, ErrorType.FORBIDDEN, text) for _, path in self._expensive]
        name = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
        return [*found, FieldError(self.root, ErrorType.FORBIDDEN, _over(name, self._cost, TOTAL_LIMIT))]


def _seen(schema: Schema, place: _Place) -> Schema | None:
    """The node as rules at or above it see it, where that may not be all of it."""
    if not place.scoped:
        return None
    if place.typed is not None:
        return place.typed
    return with_object_meta(schema) if place.root or schema.x_embedded_resource else None


_CORRELATED_MAPS = (None, "granular", "atomic")


_ELSEWHERE = frozenset(("not_", "all_of", "one_of", "any_of", "items_list", "definitions", "dependencies"))


def _junctors(schema: Schema) -> list[tuple[str, Schema]]:
    if _ELSEWHERE.isdisjoint(schema.given):
        return []
    found = [("not", schema.not_)] if schema.not_ is not None else []
    for name, branches in (("allOf", schema.all_of), ("oneOf", schema.one_of), ("anyOf", schema.any_of)):
        found += [(f"{name}[{index}]", branch) for index, branch in enumerate(branches)]
    # forbidden keywords, yet the server looks at the shape of rules below them
    found += [(f"items[{index}]", child) for index, child in enumerate(schema.items_list or ())]
    found += [(f"definitions[{name}]", child) for name, child in schema.definitions.items()]
    for name, child in schema.dependencies.items():
        if isinstance(child, Schema):
            found.append((f"dependencies[{name}]", child))
    return found


def occurrences(schema: Schema) -> int | None:
    """By how much the node multiplies the number of its children; None if nothing bounds it."""
    if schema.type == "object" and schema.additional_properties is not None:
        return None if schema.max_properties is None else max(schema.max_properties, 0)
    if schema.type == "array":
        return None if schema.max_items is None else max(schema.max_items, 0)
    return 1


def _shape_errors(schema: Schema, rule: ValidationRule, where: str) -> list[FieldError]:
    found: list[FieldError] = []

    def add(part: str, kind: ErrorType, detail: str, value: JSON = None) -> None:
        found.append(FieldError(f"{where}.{part}", kind, detail, value))

    text, message = rule.rule.strip(), rule.message.strip()
    if not text:
        add("rule", ErrorType.REQUIRED, "rule is not specified")
    elif rule.message and not message:
        add("message", ErrorType.INVALID, "must be non-empty if specified", rule.message)
    elif _NEWLINE.search(message):
        add("message", ErrorType.INVALID, "must not contain line breaks", rule.message)
    elif _NEWLINE.search(text) and not message:
        add("message", ErrorType.REQUIRED, "message must be specified if rule contains line breaks")
    if rule.message_expression and not rule.message_expression.strip():
        add("messageExpression", ErrorType.REQUIRED, "messageExpression must be non-empty if specified")
    if rule.reason is not None and rule.reason not in _REASONS:
        supported = ", ".join(f'"{reason}"' for reason in _REASONS)
        add("reason", ErrorType.NOT_SUPPORTED, f"supported values: {supported}", GoText(rule.reason))
    if rule.field_path and not rule.field_path.strip():
        add("fieldPath", ErrorType.INVALID, "must be non-empty if specified", rule.field_path)
    if _NEWLINE.search(rule.field_path):
        add("fieldPath", ErrorType.INVALID, "must not contain line breaks", rule.field_path)
    if rule.field_path and not unconvertible(schema):
        try:
            normalised(rule.field_path, schema)
        except FieldPathFault:
            add("fieldPath", ErrorType.INVALID, "must be a valid path", rule.field_path)
    return found


def _over(name: str, cost: int, limit: int) -> str:
    factor = cost / limit
    if factor > 100:
        shown = "more than 100x"
    elif factor < 1.5:
        shown = f"{factor:f}x"
    else:
        shown = f"{factor:.1f}x"
    return (
        f"{name} exceeds budget by factor of {shown} (try simplifying the rule, or adding maxItems, maxProperties, "
        "and maxLength where arrays, maps, and strings are declared)"
    )
