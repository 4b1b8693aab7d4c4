"""matchConditions: CEL about the object, the old object and the request."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.checker import check
from opgen.apiextensions.cel.environment import Environment
from opgen.apiextensions.cel.parser import parse
from opgen.apiextensions.cel.plan import Program, plan
from opgen.apiextensions.cel.source import Source
from opgen.apiextensions.cel.validators import validate
from opgen.apiextensions.cel.values import CelError, CostExceeded, Unsupported, from_native
from opgen.apiserver.message import JSONObject

VARIABLES = ("object", "oldObject", "request")
_ENVIRONMENT = Environment(dict.fromkeys(VARIABLES, types.DYN), {})


class ConditionError(Exception):
    """An expression that can't be compiled or run; the message is the server's."""


@lru_cache(maxsize=256)
def compiled(text: str) -> Program:
    """The program of a condition. Raises ConditionError."""
    source = Source(text)
    try:
        tree = parse(source)
        if not source.issues:
            check(source, tree, _ENVIRONMENT)
        if not source.issues:
            validate(source, tree)
        if source.issues:
            raise ConditionError(f"compilation failed: {source.render()}")
        if tree.type not in (types.BOOL, types.DYN):
            raise ConditionError(f"must evaluate to bool but got {tree.type}")
        return plan(tree, VARIABLES)
    except (CelError, Unsupported) as error:
        raise ConditionError(f"compilation failed: {error}") from None
    except RecursionError:
        raise ConditionError("compilation failed: the expression nests too deeply") from None


def holds(text: str, obj: JSONObject | None, old: JSONObject | None, request: JSONObject) -> bool:
    """Whether a condition holds. Raises ConditionError."""
    program = compiled(text)
    values: list[Any] = [from_native(value) for value in (obj, old, request)]
    try:
        result, _ = program.evaluate(*values)
    except (Unsupported, CostExceeded, RecursionError) as error:
        raise ConditionError(f"expression '{text}' resulted in error: {error}") from None
    if isinstance(result, CelError):
        raise ConditionError(f"expression '{text}' resulted in error: {result}")
    if not isinstance(result, bool):
        raise ConditionError(f"expression '{text}' resulted in error: cel evaluation error: not a bool")
    return result
