"""MutatingAdmissionPolicies: apply configurations and JSON patches that expressions make, laid over the object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from opgen.apiextensions.cel.dynamic import Made, Patch
from opgen.apiextensions.cel.values import elements, native
from opgen.apiserver.apply.typed import StructureError, check, merge
from opgen.apiserver.apply.types import Form, Node, resolve
from opgen.apiserver.call import Call
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.patch.json_patch import PatchError, PatchSyntaxError, PatchTestFailed, json_patch
from opgen.apiserver.policies.expressions import BUDGET, Activation, Expression, Inputs, OutOfBudget
from opgen.apiserver.policies.running import Invocation, Runner, Unready
from opgen.apiserver.policies.stored import MUTATING, Binding, Policy
from opgen.apiserver.status import StatusError, internal_error
from opgen.apiserver.strategy import Strategy
from opgen.apiserver.webhooks.conditions import ConditionsFailed, all_hold
from opgen.apiserver.webhooks.matching import Write
from opgen.apiserver.webhooks.reinvocation import Rounds
from opgen.apiserver.webhooks.request import forbidden

Strategies = Callable[[ResourceInfo], Strategy]


class _Failed(Exception):
    """A mutation that can't be made: the failurePolicy decides."""


def mutate(runner: Runner, strategies: Strategies, call: Call, write: Write, rounds: Rounds) -> Write:
    """The write with the object as the policies leave it. Raises StatusError."""
    found = list(runner.invocations(MUTATING, write))
    errors = [_told(item) for item in found if isinstance(item, Unready)]  # policy, reason, message
    invocations = [item for item in found if isinstance(item, Invocation)]
    if invocations:
        rounds.begin(rounds.policies, write.obj)
        dirty = False
        for invocation in invocations:
            before = write.obj
            write, made = _invoked(runner, strategies, call, write, invocation, rounds, errors)
            dirty = dirty or bool(made)
            if write.obj != before:
                rounds.changed(rounds.policies)
            if made is not None and invocation.policy.spec.get("reinvocationPolicy") == "IfNeeded":
                rounds.policies.asked.add(_key(invocation))
        if dirty:
            rounds.changed(rounds.policies)
        rounds.policies.left = write.obj
    if errors:
        raise _refusal(write, errors)
    return write


def _told(unready: Unready) -> tuple[str, str, str]:
    policy, binding = unready.policy, unready.binding
    who = f'policy "{policy.name}"' if binding is None else _named(policy, binding)
    return who, "", unready.problem


def _key(invocation: Invocation) -> tuple[str, ...]:
    """What tells one invocation from the others when mutations are run again."""
    metadata = (invocation.param or {}).get("metadata") or {}
    return (
        invocation.policy.name,
        invocation.binding.name,
        metadata.get("namespace") or "",
        metadata.get("name") or "",
    )


def _untitled(param: JSONObject | None, kind: ResourceInfo | None) -> JSONObject | None:
    """A parameter as mutations see it: built-in ones don't say there what they are."""
    if param is None or kind is None or kind.custom:
        return param
    return {key: value for key, value in param.items() if key not in ("apiVersion", "kind")}


def _named(policy: Policy, binding: Binding) -> str:
    return f"policy '{policy.name}' with binding '{binding.name}'"


def _refusal(write: Write, errors: list[tuple[str, str, str]]) -> StatusError:
    messages = [f"{who} denied request: {message}" for who, _, message in errors]
    refused = forbidden(write, "")
    refused.message, refused.reason = messages[0], errors[0][1] or refused.reason
    refused.details = {**(refused.details or {}), "causes": [{"message": text} for text in messages]}
    return refused


def _invoked(
    runner: Runner,
    strategies: Strategies,
    call: Call,
    write: Write,
    invocation: Invocation,
    rounds: Rounds,
    errors: list[tuple[str, str, str]],
) -> tuple[Write, bool | None]:
    """The write after one policy, and whether a mutation was made; None where the policy wasn't run."""
    policy, info = invocation.policy, invocation.info
    inputs = runner.inputs(call, write, info, _untitled(invocation.param, invocation.kind))
    who = _named(policy, invocation.binding)
    try:
        conditions = runner.conditions_inputs(inputs, write)
        if not all_hold(policy.spec.get("matchConditions") or (), conditions, params=policy.takes_params):
            return write, None
    except ConditionsFailed as failed:
        if not policy.ignores_failures:
            errors.append((who, "Invalid", str(failed)))
        return write, None
    if rounds.skips(rounds.policies, _key(invocation)):
        return write, None
    made = False
    for kind, expression in policy.mutations:
        if inputs.obj is None:
            continue
        try:
            change = _patched if kind == "JSONPatch" else _merged
            shape = write.shape or info
            made_of = _evaluated(policy, expression, inputs)
            changed = change(made_of, inputs.obj, strategies(shape), shape)
        except _Failed as failed:
            if not policy.ignores_failures:
                errors.append((who, "Invalid", str(failed)))
            continue
        made = True
        inputs = replace(inputs, obj=changed)
    if made and inputs.obj is not None:
        write = replace(write, obj=write.seen(inputs.obj, write.info))
    return write, made


def _evaluated(policy: Policy, expression: Expression, inputs: Inputs) -> Any:
    """What an expression makes. Raises _Failed."""
    if expression.program is None:
        raise _Failed(expression.error)
    try:
        outcome, _ = Activation(inputs, policy.variables).evaluate(expression, BUDGET)
    except OutOfBudget as spent:
        raise _Failed(str(spent)) from None
    if outcome.error:
        raise _Failed(outcome.error)
    return outcome.value


def _typed(made: Any) -> None:
    wrong = made.misnamed() if isinstance(made, Made) else []
    if wrong:
        raise _Failed("type mismatch: " + "\n".join(wrong))


# apply configurations


def _merged(made: Any, obj: JSONObject, strategy: Strategy, info: ResourceInfo) -> JSONObject:
    """The object with an apply configuration laid over it."""
    _typed(made)
    config: JSONObject = {**native(made), "apiVersion": obj.get("apiVersion"), "kind": obj.get("kind")}
    try:
        check(strategy.node, config)
    except StructureError as error:
        why = f"failed to convert patch object to typed object: {error}"
        raise _Failed(f"error applying patch: {why}") from None
    atomic = list(_atomics(strategy.node, config, ""))
    if atomic:
        why = f"may not mutate atomic arrays, maps or structs: {', '.join(atomic)}"
        raise _Failed(f"error applying patch: invalid ApplyConfiguration: {why}")
    try:
        merged = merge(strategy.node, obj, config)
    except StructureError as error:
        raise _Failed(f"error applying patch: failed to merge patch: {error}") from None
    try:
        return strategy.decode(merged, "Ignore")[0]
    except StatusError as error:
        raise _Failed(_why(error, info)) from None


def _atomics(node: Node, value: Any, path: str) -> Iterator[str]:
    """Where a configuration would replace a whole list or map."""
    shape = resolve(node, value)
    if isinstance(value, dict) and shape.form is Form.MAP:
        if shape.atomic:
            yield path
        for key, item in value.items():
            if key in shape.fields:
                yield from _atomics(shape.fields[key], item, f"{path}.{key}")
    elif isinstance(value, list) and shape.form is Form.LIST:
        if shape.atomic:
            yield path
        for index, item in enumerate(value):
            yield from _atomics(shape.item(), item, f"{path}[{index}]")


# JSON patches


def _patched(made: Any, obj: JSONObject, strategy: Strategy, info: ResourceInfo) -> JSONObject:
    """The object after a JSON patch."""
    operations = [_operation(patch) for patch in elements(made) if isinstance(patch, Patch)]
    try:
        result = json_patch(obj, operations)
    except PatchTestFailed:
        return obj
    except (PatchError, PatchSyntaxError) as error:
        raise _Failed(f"JSON Patch: {error}") from None
    if not isinstance(result, dict):
        raise internal_error("the patched object is no object")
    try:
        return strategy.decode(result, "Ignore" if info.custom else "Strict")[0]
    except StatusError as error:
        raise internal_error(_why(error, info)) from None


def _operation(patch: Patch) -> JSONObject:
    operation: JSONObject = {}
    for name, value in patch.fields.items():
        if name == "value":
            _typed(value)
            operation[name] = native(value)
        elif value or name != "from":
            operation[name] = value
    return {"op": "", "path": "", **operation}


def _why(error: StatusError, info: ResourceInfo) -> str:
    """What a decoder complains of, without the kind that it was about."""
    return error.message.partition(f"cannot be handled as a {info.kind}: ")[2] or error.message
