"""ValidatingAdmissionPolicies: every validation of every policy that concerns a write, and the first that denies it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opgen.apiextensions.cel.values import type_name
from opgen.apiserver.call import Call
from opgen.apiserver.message import JSONObject
from opgen.apiserver.policies.expressions import BUDGET, Activation, Inputs, Outcome, OutOfBudget
from opgen.apiserver.policies.running import Runner, Unready
from opgen.apiserver.policies.stored import VALIDATING, Binding, Policy
from opgen.apiserver.status import StatusError
from opgen.apiserver.webhooks.conditions import ConditionsFailed, all_hold
from opgen.apiserver.webhooks.matching import Write
from opgen.apiserver.webhooks.request import forbidden

_CODES = {"Forbidden": 403, "Unauthorized": 401, "RequestEntityTooLarge": 413, "Invalid": 422}
_LONGEST_MESSAGE = 5 * 1024


@dataclass(frozen=True, slots=True)
class _Denial:
    """Why a write may not be; `reason` is that of the answer."""

    message: str
    reason: str = ""


def validate(runner: Runner, call: Call, write: Write) -> None:
    """Run all validating policies. Raises StatusError where one denies the write."""
    denied: list[tuple[str, _Denial]] = []
    for item in runner.invocations(VALIDATING, write):
        policy, binding = item.policy, item.binding
        who = f"ValidatingAdmissionPolicy '{policy.name}'"
        named = who if binding is None else f"{who} with binding '{binding.name}'"
        if isinstance(item, Unready):
            denied.append((named, _Denial(item.problem)))
            continue
        inputs = runner.inputs(call, write, item.info, item.param)
        failures, errors = _validated(policy, inputs, runner.conditions_inputs(inputs, write))
        denied += [(named, failure) for failure in _acted(policy, item.binding, failures, call)]
        denied += [(named, error) for error in errors]
    if denied:
        who, denial = denied[0]
        raise _refusal(write, f"{who} denied request: {denial.message}", denial.reason or "Invalid")


def _acted(policy: Policy, binding: Binding, failures: Sequence[_Denial], call: Call) -> Iterator[_Denial]:
    """Those failures of validations that deny the write; of others the sender may be warned."""
    actions = binding.spec.get("validationActions") or ()
    for failure in failures:
        if "Warn" in actions:
            call.warnings.append(
                f"Validation failed for ValidatingAdmissionPolicy '{policy.name}' with binding "
                f"'{binding.name}': {failure.message}"
            )
        if "Deny" in actions:
            yield failure


def _refusal(write: Write, message: str, reason: str) -> StatusError:
    refused = forbidden(write, message)
    refused.reason, refused.code = reason, _CODES.get(reason, 422)
    refused.details = {**(refused.details or {}), "causes": [{"message": message}]}
    return refused


def _validated(policy: Policy, inputs: Inputs, conditions: Inputs) -> tuple[list[_Denial], list[_Denial]]:
    """The failures of validations, and those of audit annotations."""
    try:
        if not all_hold(policy.spec.get("matchConditions") or (), conditions, params=policy.takes_params):
            return [], []
        failures = _failures(policy, inputs)
        return failures, list(_misannotated(policy, inputs))
    except (ConditionsFailed, OutOfBudget) as failed:
        return ([] if policy.ignores_failures else [_Denial(str(failed))]), []


def _failures(policy: Policy, inputs: Inputs) -> list[_Denial]:
    """Raises OutOfBudget."""
    activation, budget = Activation(inputs, policy.variables), BUDGET
    outcomes: list[Outcome] = []
    for expression in policy.validations:
        outcome, budget = activation.evaluate(expression, budget)
        outcomes.append(outcome)
    messages, spent = _messages(policy, inputs, budget)
    failures: list[_Denial] = []
    for index, outcome in enumerate(outcomes):
        validation = policy.spec["validations"][index]
        error = outcome.error or (f"failed messageExpression: {spent}" if spent else "")
        if error:
            if not policy.ignores_failures:
                failures.append(_Denial(error))
        elif outcome.value is not True:
            text = messages[index] or str(validation.get("message") or "").strip()
            text = text or f"failed expression: {validation['expression'].strip()}"
            failures.append(_Denial(text, validation.get("reason") or "Invalid"))
    return failures


def _messages(policy: Policy, inputs: Inputs, budget: int) -> tuple[list[str], str]:
    """What the validations' own expressions say, empty where that is of no use; and why none could be run."""
    activation = Activation(replace(inputs, decide=None), policy.variables)
    found: list[str] = []
    try:
        for expression in policy.messages:
            value: Any = None
            if expression is not None:
                outcome, budget = activation.evaluate(expression, budget)
                value = outcome.value
            found.append(_usable(value))
    except OutOfBudget as spent:
        return [], str(spent)
    return found, ""


def _usable(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return "" if "\n" in text or len(text.encode("utf-8", "surrogatepass")) > _LONGEST_MESSAGE else text


def _misannotated(policy: Policy, inputs: Inputs) -> Iterator[_Denial]:
    """The audit annotations that come to nothing usable. Raises OutOfBudget."""
    activation, budget = Activation(replace(inputs, decide=None), policy.variables), BUDGET
    for index, expression in enumerate(policy.annotations):
        outcome, budget = activation.evaluate(expression, budget)
        if outcome.error:
            if not policy.ignores_failures:
                yield _Denial(outcome.error)
        elif outcome.value is not None and not isinstance(outcome.value, str):
            text: JSONObject = policy.spec["auditAnnotations"][index]["valueExpression"]
            yield _Denial(
                f"valueExpression '{text}' resulted in unsupported return type: {type_name(outcome.value)}. "
                "Return type must be either string or null."
            )
