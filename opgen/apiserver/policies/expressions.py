"""Expressions of admission: compiled once, with the server's words for what is wrong, and run within a budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.ast import Expr, Select, children
from opgen.apiextensions.cel.authorization import Authorizer, Decide, Question, ResourceCheck
from opgen.apiextensions.cel.checker import check
from opgen.apiextensions.cel.dynamic import LazyMap
from opgen.apiextensions.cel.parser import parse
from opgen.apiextensions.cel.plan import Program, plan
from opgen.apiextensions.cel.source import Source
from opgen.apiextensions.cel.types import Type
from opgen.apiextensions.cel.validators import validate
from opgen.apiextensions.cel.values import (
    CelError,
    CostExceeded,
    ErrorValue,
    Unsupported,
    Value,
    from_native,
)
from opgen.apiserver.message import JSONObject
from opgen.apiserver.policies.environment import VARIABLES, Sees, environment

BUDGET = 10_000_000
CONDITIONS_BUDGET = BUDGET // 4

_OUT_OF_BUDGET = (
    "validation failed due to running out of cost budget, no further validation rules will be run"
)
_CALL_TOO_DEAR = "operation cancelled: actual cost limit exceeded"
_TOO_DEEP = "the expression nests too deeply"


class OutOfBudget(Exception):
    """No further expressions are run."""

    def __init__(self) -> None:
        super().__init__(_OUT_OF_BUDGET)


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression; without a program, `error` says what is wrong. `internal`: not the writer's fault."""

    text: str
    type: Type
    program: Program | None
    error: str = ""
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an expression came to, or `error`."""

    value: Value = None
    error: str = ""


@lru_cache(maxsize=1024)
def compiled(text: str, sees: Sees, *wanted: Type) -> Expression:
    """Compile an expression that must come to one of the `wanted` types; to any, where none is named."""
    source = Source(text)
    try:
        tree = parse(source)
        if not source.issues:
            check(source, tree, environment(sees))
        if not source.issues:
            validate(source, tree)
        if source.issues:
            return Expression(text, types.DYN, None, f"compilation failed: {source.render()}")
        if wanted and tree.type not in wanted:
            return Expression(
                text, types.DYN, None, f"must evaluate to {_listed(wanted)} but got {tree.type}"
            )
        found = tree.type
        _doubt_times(tree)
        return Expression(text, found, plan(tree, VARIABLES))
    except CelError as error:
        return Expression(text, types.DYN, None, f"program instantiation failed: {error}", internal=True)
    except Unsupported as error:
        return Expression(text, types.DYN, None, f"compilation failed: {error}")
    except RecursionError:
        return Expression(text, types.DYN, None, f"compilation failed: {_TOO_DEEP}")


def _listed(wanted: tuple[Type, ...]) -> str:
    return str(wanted[0]) if len(wanted) == 1 else f"one of [{' '.join(t.name for t in wanted)}]"


def _doubt_times(tree: Expr) -> None:
    """Times of the namespace are declared as such, but are texts when expressions run: don't rely on their type."""
    for node in _nodes(tree):
        if isinstance(node, Select) and node.type == types.TIMESTAMP:
            node.type = types.DYN


def _nodes(tree: Expr) -> Iterator[Expr]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children(node))


_NOTHING = Question()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What expressions are run on. `own` is the request's resource, as the authorizer is asked about it."""

    obj: JSONObject | None
    old: JSONObject | None
    request: JSONObject
    namespace: JSONObject | None = None
    params: JSONObject | None = None
    decide: Decide | None = None
    own: Question = _NOTHING


class Activation:
    """Values of all variables for one run of several expressions; what is composed is worked out once."""

    def __init__(self, inputs: Inputs, variables: Mapping[str, Expression] | None = None) -> None:
        authorizer: Value = ErrorValue(CelError("no such attribute(s): authorizer"))
        check: Value = ErrorValue(CelError("no such attribute(s): authorizer.requestResource"))
        if inputs.decide is not None:
            authorizer = Authorizer(inputs.decide)
            check = ResourceCheck(inputs.decide, inputs.own)
        self._composed = 0
        lazy = LazyMap({name: self._variable(name, made) for name, made in (variables or {}).items()})
        data = (inputs.obj, inputs.old, inputs.request, inputs.namespace, inputs.params)
        self._values: list[Any] = [*map(from_native, data), authorizer, check, lazy]

    def _variable(self, name: str, expression: Expression) -> Callable[[], Value]:
        def work_out() -> Value:
            if expression.program is None:
                raise CelError(f'composited variable "{name}" fails to compile: {expression.error}')
            try:
                value, cost = self._run(expression.program)
            except CelError as error:
                raise CelError(f'composited variable "{name}" fails to evaluate: {error}') from None
            self._composed += cost
            return value

        return work_out

    def _run(self, program: Program) -> tuple[Value, int]:
        """Value and cost. Raises CelError."""
        try:
            result, cost = program.evaluate(*self._values)
        except CostExceeded as exceeded:
            self._composed += exceeded.cost
            raise CelError(_CALL_TOO_DEAR) from None
        except Unsupported as error:
            raise CelError(str(error)) from None
        except RecursionError:
            raise CelError(_TOO_DEEP) from None
        if isinstance(result, CelError):
            self._composed += cost
            raise result
        return result, cost

    def evaluate(self, expression: Expression, budget: int) -> tuple[Outcome, int]:
        """What the expression comes to, and what is left of the budget. Raises OutOfBudget."""
        if expression.program is None:
            return Outcome(error=f"compilation error: {expression.error}"), budget
        self._composed = 0
        value: Value = None
        failed, cost = "", 0
        try:
            value, cost = self._run(expression.program)
        except CelError as error:
            failed = str(error)
        budget -= self._composed + cost
        if budget < 0:
            raise OutOfBudget
        if failed:
            return Outcome(error=f"expression '{expression.text}' resulted in error: {failed}"), budget
        return Outcome(value), budget
