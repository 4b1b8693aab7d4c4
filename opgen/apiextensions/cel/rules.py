"""The rules of one schema node, compiled: errors as the server words them, worst-case costs, programs to run.

`review` puts the results of all nodes together for a definition, `validation` runs the programs over an object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.ast import Call, Comprehension, Expr, Ident, Select, children
from opgen.apiextensions.cel.checker import check
from opgen.apiextensions.cel.environment import Environment
from opgen.apiextensions.cel.estimate import estimate
from opgen.apiextensions.cel.fieldpath import FieldPathFault, normalised
from opgen.apiextensions.cel.parser import parse
from opgen.apiextensions.cel.plan import Program, plan
from opgen.apiextensions.cel.schema_types import Declared, structs
from opgen.apiextensions.cel.source import Source
from opgen.apiextensions.cel.types import Type
from opgen.apiextensions.cel.validators import validate
from opgen.apiextensions.cel.values import CelError, Unsupported
from opgen.ir.schema import Schema, ValidationRule

SELF, OLD_SELF = "self", "oldSelf"
_TOO_DEEP = "the expression nests too deeply to be read here"


@dataclass(frozen=True, slots=True)
class Compiled:
    """One rule. `error` and `message_error` are "" if it compiled; `unchecked` says why it cannot be run here.

    `judged` is False where not even its errors could be found.
    """

    rule: ValidationRule
    error: str = ""
    cost: int = 0
    uses_old: bool = False
    program: Program | None = None
    message_error: str = ""
    message_cost: int = 0
    message: Program | None = None
    path: str = ""
    unchecked: str = ""
    judged: bool = True


def compile_rules(
    schema: Schema, node: Declared, rules: Sequence[ValidationRule] | None = None
) -> tuple[Compiled, ...]:
    """The rules of `schema` (not of its children), or others for it; `node` is its type."""
    compiler = _Compiler(schema, node)
    return tuple(compiler.rule(rule) for rule in (schema.x_validations if rules is None else rules))


class _Rejected(Exception):
    """The expression has an error; the message is the server's."""


class _Compiler:
    def __init__(self, schema: Schema, node: Declared) -> None:
        self._schema = schema
        self._node = node
        self._structs = structs(node)

    def rule(self, rule: ValidationRule) -> Compiled:
        if not rule.rule.strip():
            return Compiled(rule)
        environment = self._environment(rule)
        try:
            tree = _checked(rule.rule, environment, types.BOOL, "cel expression must evaluate to a bool")
            uses_old = _mentions(tree, OLD_SELF)
            program, unchecked = _planned(tree)
            cost = estimate(tree, self._node)
        except _Rejected as rejected:
            return Compiled(rule, error=str(rejected))
        except CelError as error:
            return Compiled(rule, error=f"program instantiation failed: {error}", uses_old=uses_old)
        except Unsupported as reason:
            return Compiled(rule, unchecked=str(reason), judged=False)
        except RecursionError:
            return Compiled(rule, unchecked=_TOO_DEEP, judged=False)
        found = Compiled(rule, "", cost, uses_old, program, unchecked=unchecked, path=self._path(rule))
        return self._with_message(found, environment) if rule.message_expression else found

    def _environment(self, rule: ValidationRule) -> Environment:
        old = types.optional_of(self._node.type) if rule.optional_old_self else self._node.type
        variables: dict[str, Type] = {SELF: self._node.type, OLD_SELF: old}
        return Environment(variables, self._structs)

    def _with_message(self, found: Compiled, environment: Environment) -> Compiled:
        error, cost, program, unchecked = "", 0, None, found.unchecked
        text = found.rule.message_expression
        try:
            tree = _checked(
                text,
                environment,
                types.STRING,
                "messageExpression must evaluate to a string",
                "messageExpression ",
            )
            program, unplanned = _planned(tree)
            unchecked = unchecked or unplanned
            cost = estimate(tree, self._node)
        except _Rejected as rejected:
            error = str(rejected)
        except CelError as failed:
            error = f"messageExpression instantiation failed: {failed}"
        except Unsupported as reason:
            unchecked = unchecked or f"messageExpression: {reason}"
        except RecursionError:
            unchecked = unchecked or f"messageExpression: {_TOO_DEEP}"
        return Compiled(
            found.rule, "", found.cost, found.uses_old, found.program, error, cost, program,
            "" if error else found.path, unchecked,
        )  # fmt: skip

    def _path(self, rule: ValidationRule) -> str:
        if not rule.field_path:
            return ""
        try:
            return normalised(rule.field_path, self._schema)
        except FieldPathFault:
            return ""


def _planned(tree: Expr) -> tuple[Program | None, str]:
    """The program, or why there is none."""
    try:
        return plan(tree), ""
    except Unsupported as reason:
        return None, str(reason)


def _checked(text: str, environment: Environment, wanted: Type, otherwise: str, prefix: str = "") -> Expr:
    source = Source(text)
    tree = parse(source)
    if not source.issues:
        check(source, tree, environment)
    if not source.issues:
        validate(source, tree)
    if source.issues:
        raise _Rejected(f"{prefix}compilation failed: {source.render()}")
    if tree.type != wanted:
        raise _Rejected(otherwise)
    return tree


def _mentions(tree: Expr, name: str) -> bool:
    """Whether a reference resolved to this name; names of loop variables count, as they do for the server."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Select) and node.ident is not None:
            node = node.ident
        if isinstance(node, Ident):
            if node.name == name:
                return True
            continue
        if isinstance(node, Call | Select | Comprehension) or not isinstance(node, Ident):
            waiting.extend(children(node))
    return False
