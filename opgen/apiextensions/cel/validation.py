"""Rules over an object, in the server's order: a node's own rules, then its fields or items, one budget for all.

`validate` is the public question. The schema is compiled once (`validators`, by identity) into a tree of the nodes
at or above rules; running it needs no more than the object.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from opgen.apiextensions.cel.budget import LONGEST_MESSAGE, OBJECT_LIMIT
from opgen.apiextensions.cel.correlation import Correlated, MapList
from opgen.apiextensions.cel.escaping import escape
from opgen.apiextensions.cel.result import CelResult
from opgen.apiextensions.cel.rules import Compiled, compile_rules
from opgen.apiextensions.cel.schema_types import Declared, declared, with_object_meta
from opgen.apiextensions.cel.unstructured import Shape
from opgen.apiextensions.cel.values import (
    NONE,
    CelError,
    CostExceeded,
    ErrorValue,
    OptionalValue,
    Unsupported,
    Value,
)
from opgen.apiextensions.errors import OMITTED, ErrorType, FieldError
from opgen.apiextensions.gotext import joined, quote
from opgen.apiextensions.memo import IdentityCache
from opgen.ir.schema import JSON, Schema, ValidationRule

_OUT_OF_BUDGET = (
    "validation failed due to running out of cost budget, no further validation rules will be run"
)
_MESSAGE_OUT_OF_BUDGET = (
    "messageExpression evaluation failed due to running out of cost budget, no further validation rules "
    "will be run"
)
_REASONS = {
    "FieldValueForbidden": ErrorType.FORBIDDEN,
    "FieldValueRequired": ErrorType.REQUIRED,
    "FieldValueDuplicate": ErrorType.DUPLICATE,
}
_NEWLINE = re.compile(r"\n")


def validate(
    schema: Schema,
    obj: JSON,
    old: JSON | None,
    *,
    field_path: str = "",
    has_old: bool = False,
    root: bool = True,
    ratchet: bool | None = None,
) -> CelResult:
    """Run every rule of `schema` over `obj`.

    `old` is the stored object on update (`has_old`), None on create. `root` tells that the schema is that of a
    whole resource. On update, failures on unchanged parts are forgiven, unless `ratchet` is False.
    """
    tree = _TREES(schema) if root else _NESTED_TREES(schema)
    if tree is None:
        return CelResult()
    run = _Run()
    pair = Correlated(obj, old, schema) if (has_old if ratchet is None else ratchet) else None
    with suppress(_Stop):
        run.node(tree, field_path, obj, old, _Pairs(pair, None))
    return CelResult(tuple(run.errors), tuple(run.unchecked), tuple(run.forgiven))


def has_rules(schema: Schema) -> bool:
    """Whether an object of this schema meets any rule at all."""
    return _TREES(schema) is not None


def cost(schema: Schema, obj: JSON, old: JSON | None) -> int:
    """What running the rules over an object costs, for comparison with the server's count."""
    tree = _TREES(schema)
    run = _Run()
    if tree is not None:
        try:
            run.node(tree, "", obj, old, _Pairs(None, None))
        except _Stop:
            return OBJECT_LIMIT + 1
    return OBJECT_LIMIT - run.budget


# compiled trees


@dataclass(slots=True)
class _Node:
    """A schema node at or above rules."""

    schema: Schema
    shape: Shape
    rules: tuple[Compiled, ...]
    no_type: bool = False
    items: _Node | None = None
    values: _Node | None = None
    fields: dict[str, _Node] = field(default_factory=dict)
    branches: list[_Node] = field(default_factory=list)


def _has_rules(schema: Schema) -> bool:
    waiting = [schema]
    while waiting:
        here = waiting.pop()
        if here.x_validations:
            return True
        waiting += here.properties.values()
        if here.items is not None:
            waiting.append(here.items)
        if isinstance(here.additional_properties, Schema):
            waiting.append(here.additional_properties)
    return False


def _tree(schema: Schema, *, root: bool) -> _Node | None:
    if not _has_rules(schema):
        return None
    return _build(schema, schema, root=root, node=declared(schema, root=root))


def _build(
    rules: Schema, schema: Schema, *, root: bool, node: Declared | None, typed: Schema | None = None
) -> _Node | None:
    """The tree of `schema`, with the rules found on `rules` (the same node, or a branch of its allOf).

    `typed` is what rules see of it where that is not all: the names of a resource's metadata.
    """
    shape = Shape(with_object_meta(schema) if root else schema)
    seen = typed or shape.schema
    made = _Node(schema, shape, (), no_type=node is None and bool(rules.x_validations))
    if node is not None and rules.x_validations:
        made.rules = compile_rules(schema, declared(seen, root=root) or node, rules.x_validations)
    element = None if node is None else node.element
    if rules.items is not None and schema.items is not None:
        made.items = _build(rules.items, schema.items, root=schema.items.x_embedded_resource, node=element)
    for name, child_rules in rules.properties.items():
        child = schema.properties.get(name)
        built = None if child is None else _field(name, child_rules, child, node, seen.properties.get(name))
        if built is not None:
            made.fields[name] = built
    extra, extra_rules = schema.additional_properties, rules.additional_properties
    if isinstance(extra, Schema) and isinstance(extra_rules, Schema):
        made.values = _build(extra_rules, extra, root=extra.x_embedded_resource, node=element)
    for branch in rules.all_of:
        built = _build(branch, schema, root=root, node=node, typed=typed)
        if built is not None:
            made.branches.append(built)
    below = made.items or made.values or made.fields or made.branches
    return made if made.rules or made.no_type or below else None


def _field(
    name: str, rules: Schema, schema: Schema, parent: Declared | None, seen: Schema | None
) -> _Node | None:
    escaped = escape(name)
    if escaped is None:
        node = declared(schema, root=schema.x_embedded_resource)
    else:
        node = None if parent is None else parent.fields.get(escaped)
    if node is None:
        return None
    typed = None if seen is schema else seen
    return _build(rules, schema, root=schema.x_embedded_resource, node=node, typed=typed)


_TREES: IdentityCache[_Node | None] = IdentityCache(lambda schema: _tree(schema, root=True))
_NESTED_TREES: IdentityCache[_Node | None] = IdentityCache(lambda schema: _tree(schema, root=False))


# running


class _Stop(Exception):
    """No further rules are run."""


@dataclass(frozen=True, slots=True)
class _Pairs:
    """What a part is compared with for ratcheting: its own pair, else the nearest ancestor's."""

    own: Correlated | None
    nearest: Correlated | None

    def key(self, name: str) -> _Pairs:
        if self.own is None:
            return self
        if self.nearest is None and name in ("apiVersion", "kind"):
            return _Pairs(None, None)
        return _Pairs(self.own.key(name), self.own)

    def index(self, place: int) -> _Pairs:
        return self if self.own is None else _Pairs(self.own.index(place), self.own)

    def unchanged(self) -> bool:
        pair = self.own or self.nearest
        return pair is not None and pair.unchanged()


_Values: TypeAlias = tuple[Value, Value]
"""What `self` and `oldSelf` are."""


class _Run:
    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.forgiven: list[FieldError] = []
        self.unchecked: list[str] = []
        self.budget = OBJECT_LIMIT

    def node(self, node: _Node, path: str, new: Any, old: Any, pairs: _Pairs) -> None:
        if new is None:
            return
        if node.no_type:
            text = (
                "rule compiler initialization error: failed to convert to declType for CEL validation rules"
            )
            self._add(path, ErrorType.INVALID, text, node.schema.type)
        elif node.rules:
            self._rules(node, path, new, old, pairs)
        for branch in node.branches:
            self.node(branch, path, new, old, _Pairs(None, pairs.nearest))
        if type(new) is list:
            if node.items is not None:
                self._items(node, node.items, path, new, old, pairs)
        elif type(new) is dict:
            self._fields(node, path, new, old if type(old) is dict else {}, pairs)

    def _items(self, node: _Node, items: _Node, path: str, new: list[Any], old: Any, pairs: _Pairs) -> None:
        before = MapList(node.schema, old if type(old) is list else None)
        for place, item in enumerate(new):
            self.node(items, f"{path}[{place}]", item, before.get(item), pairs.index(place))

    def _fields(
        self, node: _Node, path: str, new: dict[str, Any], old: dict[str, Any], pairs: _Pairs
    ) -> None:
        correlated = node.schema.x_map_type in (None, "granular", "atomic")
        for name, value in new.items():
            before = old.get(name) if correlated else None
            if node.values is not None:
                self.node(node.values, f"{path}[{name}]", value, before, pairs.key(name))
            child = node.fields.get(name)
            if child is not None:
                self.node(child, joined(path, name), value, before, pairs.key(name))

    def _add(self, path: str, kind: ErrorType, detail: str, value: Any) -> None:
        self.errors.append(FieldError(path or "<nil>", kind, detail, value))

    def _rules(self, node: _Node, path: str, new: Any, old: Any, pairs: _Pairs) -> None:
        kind = node.schema.type
        if self.budget <= 0:
            self._add(path, ErrorType.INVALID, _OUT_OF_BUDGET, kind)
            raise _Stop
        own = _converted(node.shape, new)
        # Where no rule of the node uses oldSelf, a messageExpression that does has none, not even on update.
        with_old = any(compiled.uses_old for compiled in node.rules)
        before = _converted(node.shape, old) if with_old and old is not None else _NO_OLD
        optional = _NO_OLD if not with_old else NONE if old is None else OptionalValue(before)
        for compiled in node.rules:
            if compiled.error:
                self._add(path, ErrorType.INVALID, f"rule compile error: {compiled.error}", kind)
                continue
            if not compiled.rule.rule.strip():
                continue
            is_optional = bool(compiled.rule.optional_old_self)
            if compiled.uses_old and old is None and not is_optional:
                continue
            if compiled.program is None or compiled.unchecked:
                self.unchecked.append(f"{path or '<nil>'}: {compiled.rule.rule}: {compiled.unchecked}")
                continue
            values = (own, optional if is_optional else before)
            # The message of a rule with an optional oldSelf is given the old value itself, or none.
            self._rule(compiled, path, node, new, values, (own, before), pairs)

    def _rule(
        self,
        compiled: Compiled,
        path: str,
        node: _Node,
        new: Any,
        values: _Values,
        told: _Values,
        pairs: _Pairs,
    ) -> None:
        rule, kind = compiled.rule, node.schema.type
        assert compiled.program is not None
        try:
            result, cost = compiled.program.evaluate(*values)
        except CostExceeded as exceeded:
            if exceeded.cost > self.budget:
                self._add(path, ErrorType.INVALID, _OUT_OF_BUDGET, kind)
                raise _Stop from None
            text = (
                "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to "
                f"call cost exceeds limit for rule: {_shown(rule)}"
            )
            self._add(path, ErrorType.INVALID, text, kind)
            raise _Stop from None
        except (Unsupported, RecursionError) as reason:
            self.unchecked.append(f"{path or '<nil>'}: {rule.rule}: {reason}")
            return
        if cost > self.budget:
            self._add(path, ErrorType.INVALID, _OUT_OF_BUDGET, kind)
            raise _Stop
        self.budget -= cost
        if isinstance(result, CelError):
            self._add(path, ErrorType.INVALID, _failure(result, rule), kind)
        elif result is not True:
            self._failed(compiled, path, node, new, told, pairs)

    def _failed(
        self, compiled: Compiled, path: str, node: _Node, new: Any, values: _Values, pairs: _Pairs
    ) -> None:
        rule = compiled.rule
        where = f"{path}.{compiled.path}" if path and compiled.path else path or compiled.path
        into = self.forgiven if not compiled.uses_old and pairs.unchanged() else self.errors
        detail = ""
        if compiled.message is not None:
            try:
                detail = self._message(compiled, values)
            except _MessageFault as fault:
                into.append(FieldError(where or "<nil>", ErrorType.INVALID, str(fault), node.schema.type))
                raise _Stop from None
            except (Unsupported, RecursionError) as reason:
                self.unchecked.append(f"{path or '<nil>'}: {rule.message_expression}: {reason}")
        shown = OMITTED if node.schema.type in ("object", "array") else new
        error = _REASONS.get(rule.reason or "", ErrorType.INVALID)
        detail = "" if error is ErrorType.DUPLICATE else detail or _message(rule)
        into.append(FieldError(where or "<nil>", error, detail, shown))

    def _message(self, compiled: Compiled, values: _Values) -> str:
        """The text of the rule's messageExpression, "" where it yields none that is fit to show."""
        assert compiled.message is not None
        expression = quote(compiled.rule.message_expression)
        try:
            result, cost = compiled.message.evaluate(*values)
        except CostExceeded as exceeded:
            if exceeded.cost > self.budget:
                raise _MessageFault(_MESSAGE_OUT_OF_BUDGET) from None
            raise _MessageFault(
                "no further validation rules will be run due to call cost exceeds limit for messageExpression: "
                f"{expression}"
            ) from None
        if cost > self.budget:
            raise _MessageFault(_MESSAGE_OUT_OF_BUDGET)
        self.budget -= cost
        if type(result) is not str:
            return ""
        text = result.strip()
        if len(text.encode("utf-8", "surrogatepass")) > LONGEST_MESSAGE or _NEWLINE.search(text):
            return ""
        return text


_NO_OLD = ErrorValue(CelError("no such attribute(s): oldSelf"))


class _MessageFault(Exception):
    """The messageExpression ends the run."""


def _converted(shape: Shape, data: Any) -> Value:
    try:
        return shape.convert(data)
    except CelError as error:
        return ErrorValue(error)


def _shown(rule: ValidationRule) -> str:
    return rule.message.strip() if rule.message else rule.rule.strip()


def _message(rule: ValidationRule) -> str:
    return rule.message.strip() if rule.message else f"failed rule: {_shown(rule)}"


def _failure(error: CelError, rule: ValidationRule) -> str:
    text = str(error)
    if text.startswith("no such overload"):
        return (
            f"'{text}': call arguments did not match a supported operator, function or macro signature for rule: "
            f"{_shown(rule)}"
        )
    return f"{text} evaluating rule: {_shown(rule)}"
