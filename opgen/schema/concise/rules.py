"""CEL that the concise language writes for its users: rules, unions and immutability."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from opgen.apiextensions.cel.escaping import escape
from opgen.apiextensions.cel.schema_types import has_type
from opgen.ir.schema import Schema, ValidationRule
from opgen.schema.concise.keys import RULE, UNIONS
from opgen.schema.concise.scope import Scope, describe

_UNION_TEST = {"exactlyOneOf": "== 1", "atMostOneOf": "<= 1", "atLeastOneOf": ">= 1"}
_UNION_WORDS = {"exactlyOneOf": "exactly one", "atMostOneOf": "at most one", "atLeastOneOf": "at least one"}


def cel_name(field: str) -> str:
    """A field's name as CEL knows it (KEP-2876, "Field names")."""
    return escape(field) or field


def read_rules(scope: Scope) -> tuple[ValidationRule, ...]:
    """`rules:`: CEL texts, or mappings with rule, message and the rest."""
    if not isinstance(scope.data, list):
        scope.problem(f"rules must be a list, not {describe(scope.data)}")
        return ()
    result = []
    for index in range(len(scope.data)):
        entry = scope.child(index)
        if isinstance(entry.data, str):
            result.append(ValidationRule(entry.data))
        elif isinstance(entry.data, dict):
            entry.known(RULE, "a rule")
            if not entry.text("rule"):
                entry.problem("a rule needs `rule`, its CEL text")
                continue
            result.append(
                ValidationRule(
                    rule=entry.text("rule"),
                    message=entry.text("message"),
                    message_expression=entry.text("messageExpression"),
                    reason=entry.text("reason") or None,
                    field_path=entry.text("fieldPath"),
                    optional_old_self=entry.flag("optionalOldSelf")
                    if "optionalOldSelf" in entry.data
                    else None,
                )
            )
        else:
            entry.problem(
                f"a rule is a CEL text or a mapping, not {describe(entry.data)}", "quote texts that hold `: `"
            )
    return tuple(result)


def can_say(name: str, schema: Schema) -> bool:
    """Whether a CEL rule can speak of the field: of one with an odd name or without a type it can't."""
    return escape(name) is not None and has_type(schema)


def read_unions(
    scope: Scope, fields: Mapping[str, Schema]
) -> tuple[tuple[ValidationRule, ...], tuple[Schema, ...]]:
    """exactlyOneOf, atMostOneOf and atLeastOneOf over the object's own `fields`; a list of lists makes several.

    As CEL rules, which have messages of their own; as schemas to hold too where no rule can speak of the fields.
    """
    rules, schemas = [], []
    for key in UNIONS:
        if key not in scope.data:
            continue
        place = scope.child(key)
        value = place.data
        nested = isinstance(value, list) and bool(value) and all(isinstance(v, list) for v in value)
        groups = (
            [(place.child(i), _texts(place.child(i))) for i in range(len(value))]
            if nested
            else [(place, scope.texts(key))]
        )
        for group, names in groups:
            for name in names:
                if name not in fields:
                    group.problem(f"{key} names `{name}`, which is not a field here")
            if len(names) < 2:
                group.problem(f"{key} needs at least two fields")
            if all(can_say(name, fields[name]) for name in names if name in fields):
                rules.append(_union(key, names))
            else:
                schemas.append(_junctor(key, names))
    return tuple(rules), tuple(schemas)


def _texts(scope: Scope) -> tuple[str, ...]:
    return tuple(name for name in scope.data if isinstance(name, str))


def _union(key: str, names: tuple[str, ...]) -> ValidationRule:
    tests = ", ".join(f"has(self.{cel_name(name)})" for name in names)
    rule = f"[{tests}].filter(set, set).size() {_UNION_TEST[key]}"
    return ValidationRule(rule, message=f"{_UNION_WORDS[key]} of {', '.join(names)} must be set")


def _junctor(key: str, names: tuple[str, ...]) -> Schema:
    alone = tuple(Schema(required=(name,)) for name in names)
    match key:
        case "exactlyOneOf":
            return Schema(one_of=alone)
        case "atLeastOneOf":
            return Schema(any_of=alone)
    pairs = (Schema(required=pair) for pair in itertools.combinations(names, 2))
    return Schema(not_=Schema(any_of=tuple(pairs)))


def immutable_value() -> ValidationRule:
    """The value can't be changed."""
    return ValidationRule("self == oldSelf", message="the value is immutable")


def immutable_presence(field: str) -> ValidationRule:
    """On the parent: a transition rule does not run when an optional field goes, so its going is refused here."""
    name = cel_name(field)
    return ValidationRule(
        f"!has(oldSelf.{name}) || has(self.{name})", message=f"{field} is immutable and can't be removed"
    )
