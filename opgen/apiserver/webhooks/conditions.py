"""matchConditions: CEL about the object, the old object, the request and what its sender may do."""

from __future__ import annotations

from collections.abc import Sequence

from opgen.apiextensions.cel import types
from opgen.apiserver.message import JSONObject
from opgen.apiserver.policies.environment import Sees
from opgen.apiserver.policies.expressions import (
    CONDITIONS_BUDGET,
    Activation,
    Expression,
    Inputs,
    OutOfBudget,
    compiled,
)


class ConditionsFailed(Exception):
    """Conditions that can't be run; the message is the server's."""


def condition(text: str, *, params: bool = False) -> Expression:
    """A condition compiled; `params` says whether it may name them."""
    return compiled(text, Sees(params=params), types.BOOL)


def all_hold(conditions: Sequence[JSONObject], inputs: Inputs, *, params: bool = False) -> bool:
    """Whether no condition is false, and all could be run; a false one counts before those that couldn't.

    Raises ConditionsFailed.
    """
    if not conditions:
        return True
    activation, budget = Activation(inputs), CONDITIONS_BUDGET
    errors: list[str] = []
    held = True
    try:
        for entry in conditions:
            outcome, budget = activation.evaluate(condition(entry["expression"], params=params), budget)
            if outcome.error:
                errors.append(outcome.error)
            held = held and outcome.value is not False
    except OutOfBudget as spent:
        raise ConditionsFailed(str(spent)) from None
    if not held:
        return False
    if errors:
        unique = list(dict.fromkeys(errors))
        raise ConditionsFailed(unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]")
    return True
