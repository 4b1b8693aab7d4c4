"""What admission policies and their bindings must look like, in the real server's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.escaping import RESERVED
from opgen.apiextensions.cel.types import Type
from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiserver.metadata import dns_1035_label, path_segment, qualified_name, subdomain
from opgen.apiserver.policies.environment import Sees, composed
from opgen.apiserver.policies.expressions import Expression, compiled
from opgen.apiserver.policies.stored import GROUP, RESULTS
from opgen.apiserver.rules.common import (
    Errors,
    duplicate,
    each,
    forbidden,
    invalid,
    label_selector,
    required,
    unsupported,
)
from opgen.apiserver.webhooks.rules import rule_errors

Data = dict[str, Any]
_IDENTIFIER = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_FAILURE = ("Fail", "Ignore")
_MATCH = ("Equivalent", "Exact")
_REINVOCATION = ("IfNeeded", "Never")
_ACTIONS = ("Audit", "Deny", "Warn")
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")
_MUTATED = ("*", "CONNECT", "CREATE", "UPDATE")
_MOST_CONDITIONS = 64
_MOST_ANNOTATIONS = 20
_LONGEST_ANNOTATION = 5 * 1024


# policies


def _validating_policy(new: Data, old: Data | None) -> Errors:
    spec = new.get("spec") or {}
    yield from _common(spec)
    yield from _conditions(spec, old)
    scope = _Scope(spec, composing=bool(spec.get("variables")))
    yield from _variables(spec, scope)
    validations, annotations = spec.get("validations") or [], spec.get("auditAnnotations") or []
    if not validations and not annotations:
        text = "validations or auditAnnotations must contain at least one item"
        yield required("spec.validations", text)
        yield required("spec.auditAnnotations", text)
    for index, validation in enumerate(validations):
        yield from _validation(validation, f"spec.validations[{index}]", scope)
    yield from _annotations(annotations, str(new["metadata"].get("name") or ""), scope)


def _mutating_policy(new: Data, old: Data | None) -> Errors:
    spec = new.get("spec") or {}
    yield from _common(spec)
    yield from _mutated_operations(spec.get("matchConstraints"), "spec.matchConstraints")
    yield from _conditions(spec, old)
    scope = _Scope(spec, composing=True)
    yield from _variables(spec, scope)
    mutations = spec.get("mutations") or []
    if not mutations:
        yield required("spec.mutations", "mutations must contain at least one item")
    for index, mutation in enumerate(mutations):
        yield from _mutation(mutation, f"spec.mutations[{index}]", scope)
    yield from _choice(spec, "reinvocationPolicy", "spec", _REINVOCATION)


def _common(spec: Data) -> Errors:
    yield from _choice(spec, "failurePolicy", "spec", _FAILURE)
    kind = spec.get("paramKind")
    if kind is not None:
        yield from _param_kind(kind, "spec.paramKind")
    constraints = spec.get("matchConstraints")
    if constraints is None:
        yield required("spec.matchConstraints")
        return
    yield from _match_resources(constraints, "spec.matchConstraints")
    if not constraints.get("resourceRules"):
        yield required("spec.matchConstraints.resourceRules")


def _choice(data: Data, key: str, path: str, known: tuple[str, ...]) -> Errors:
    value = data.get(key)
    if not value and (value is None or key == "reinvocationPolicy"):
        yield required(f"{path}.{key}")
    elif value not in known:
        yield unsupported(f"{path}.{key}", value, known)


def _param_kind(kind: Data, path: str) -> Errors:
    given, name = kind.get("apiVersion") or "", kind.get("kind") or ""
    if not given:
        yield required(f"{path}.apiVersion")
    elif given.count("/") > 1:
        yield invalid(f"{path}.apiVersion", given, f"unexpected GroupVersion string: {given}")
    else:
        group, _, version = given.rpartition("/")
        if group and (wrong := subdomain(group)):
            yield invalid(f"{path}.apiVersion", group, ",".join(wrong))
        if not version:
            yield invalid(f"{path}.apiVersion", given, "version must be specified")
        elif wrong := dns_1035_label(version):
            yield invalid(f"{path}.apiVersion", version, ",".join(wrong))
    if not name:
        yield required(f"{path}.kind")
    elif wrong := dns_1035_label(name.lower()):
        text = f"may have mixed case, but should otherwise match: {','.join(wrong)}"
        yield invalid(f"{path}.kind", name, text)


def _match_resources(constraints: Data, path: str) -> Errors:
    yield from _choice(constraints, "matchPolicy", path, _MATCH)
    for name in ("namespaceSelector", "objectSelector"):
        if constraints.get(name) is None:
            yield required(f"{path}.{name}")
        else:
            yield from label_selector(f"{path}.{name}", constraints[name])
    for name in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(constraints.get(name) or ()):
            where = f"{path}.{name}[{index}]"
            yield from _resource_names(rule.get("resourceNames") or (), f"{where}.resourceNames")
            yield from rule_errors(rule, where)


def _resource_names(names: Sequence[str], path: str) -> Errors:
    for index, name in enumerate(names):
        yield from each(f"{path}[{index}]", name, path_segment(name))
        if name in names[:index]:
            yield duplicate(f"{path}[{index}]", name)


def _mutated_operations(constraints: Data | None, path: str) -> Errors:
    for rule in (constraints or {}).get("resourceRules") or ():
        for operation in rule.get("operations") or ():
            if operation not in _MUTATED:
                yield unsupported(f"{path}.resourceRules.operations", operation, _MUTATED)


def _conditions(spec: Data, old: Data | None) -> Errors:
    conditions = spec.get("matchConditions") or []
    if old is not None and _same_conditions(spec, old.get("spec") or {}):
        return
    path = "spec.matchConditions"
    if len(conditions) > _MOST_CONDITIONS:
        text = f"must have at most {_MOST_CONDITIONS} items"
        yield FieldError(path, ErrorType.TOO_MANY, text, len(conditions))
    yield from condition_errors(conditions, path, params=spec.get("paramKind") is not None)


def _same_conditions(new: Data, old: Data) -> bool:
    """Whether conditions that were stored before are not looked at again."""
    return all(new.get(name) == old.get(name) for name in ("matchConditions", "paramKind"))


def condition_errors(conditions: Sequence[Data], path: str, *, params: bool = False) -> Iterator[FieldError]:
    """What is wrong with match conditions."""
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        where = f"{path}[{index}]"
        text, name = (condition.get("expression") or "").strip(), condition.get("name") or ""
        if not text:
            yield required(f"{where}.expression")
        else:
            yield from _compiled(text, f"{where}.expression", Sees(params=params), types.BOOL)
        if not name:
            yield required(f"{where}.name")
        else:
            yield from each(f"{where}.name", name, qualified_name(name))
            if name in seen:
                yield duplicate(f"{where}.name", name)
            seen.add(name)


# expressions


class _Scope:
    """What the expressions of a policy may name: its parameters, and the variables composed until then."""

    def __init__(self, spec: Data, *, composing: bool) -> None:
        self._params = spec.get("paramKind") is not None
        self._composing = composing
        self._variables: dict[str, Type] = {}

    def add(self, name: str, found: Expression) -> None:
        self._variables[name] = composed(found.type)

    def sees(self, *, authorizer: bool = True, patches: bool = False) -> Sees:
        variables = tuple(self._variables.items()) if self._composing else None
        return Sees(self._params, authorizer, patches, variables)


def _compiled(text: str, path: str, sees: Sees, *wanted: Type, shown: str | None = None) -> Errors:
    found = compiled(text, sees, *wanted)
    if found.internal:
        yield FieldError(path, ErrorType.INTERNAL, found.error)
    elif found.error:
        yield invalid(path, text if shown is None else shown, found.error)


def _variables(spec: Data, scope: _Scope) -> Errors:
    for index, variable in enumerate(spec.get("variables") or ()):
        path = f"spec.variables[{index}]"
        name, text = variable.get("name") or "", variable.get("expression") or ""
        if not name.strip():
            yield required(f"{path}.name", "name is not specified")
        elif _IDENTIFIER.fullmatch(name) is None or name in RESERVED:
            yield invalid(f"{path}.name", name, "must be a valid CEL identifier")
        if not text.strip():
            yield required(f"{path}.expression", "expression is not specified")
        else:
            yield from _compiled(text, f"{path}.expression", scope.sees())
            scope.add(name, compiled(text, scope.sees()))


def _validation(validation: Data, path: str, scope: _Scope) -> Errors:
    text, message = validation.get("expression") or "", validation.get("message") or ""
    speech = validation.get("messageExpression") or ""
    if not text.strip():
        yield required(f"{path}.expression", "expression is not specified")
    else:
        yield from _compiled(text, f"{path}.expression", scope.sees(), types.BOOL)
    if speech and not speech.strip():
        yield invalid(f"{path}.messageExpression", speech, "must be non-empty if specified")
    elif speech:
        yield from _compiled(speech, f"{path}.messageExpression", scope.sees(authorizer=False), types.STRING)
    if message and not message.strip():
        yield invalid(f"{path}.message", message, "must be non-empty if specified")
    elif re.search(r"[\n\r]", message.strip()):
        yield invalid(f"{path}.message", message, "must not contain line breaks")
    reason = validation.get("reason")
    if reason is not None and reason not in _REASONS:
        yield unsupported(f"{path}.reason", reason, _REASONS)


def _annotations(annotations: list[Data], policy: str, scope: _Scope) -> Errors:
    path = "spec.auditAnnotations"
    if len(annotations) > _MOST_ANNOTATIONS:
        yield invalid(path, annotations, f"must not have more than {_MOST_ANNOTATIONS} auditAnnotations")
    seen: set[str] = set()
    for index, annotation in enumerate(annotations):
        where = f"{path}[{index}]"
        key, text = annotation.get("key") or "", annotation.get("valueExpression") or ""
        if policy:
            yield from each(f"{where}.key", f"{policy}/{key}", qualified_name(f"{policy}/{key}"))
        else:
            yield invalid(f"{where}.key", key, "requires metadata.name be non-empty")
        if not text.strip():
            yield required(f"{where}.valueExpression", "valueExpression is not specified")
        elif len(text.strip().encode()) > _LONGEST_ANNOTATION:
            yield required(
                f"{where}.valueExpression", f"must not exceed {_LONGEST_ANNOTATION} bytes in length"
            )
        else:
            yield from _compiled(
                text.strip(),
                f"{where}.valueExpression",
                scope.sees(),
                types.STRING,
                types.NULL,
                shown=text,
            )
        if key in seen:
            yield duplicate(f"{where}.key", key)
        seen.add(key)


_PATCHES = {"ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"}


def _mutation(mutation: Data, path: str, scope: _Scope) -> Errors:
    kind = mutation.get("patchType")
    if not kind:
        yield required(f"{path}.patchType")
        return
    if kind not in _PATCHES:
        yield unsupported(f"{path}.patchType", kind, tuple(_PATCHES))
        return
    own, other = _PATCHES[kind], next(name for name in _PATCHES.values() if name != _PATCHES[kind])
    patch = mutation.get(own)
    if patch is None:
        yield required(f"{path}.{own}", f"must be specified when patchType is {kind}")
    else:
        text = (patch.get("expression") or "").strip()
        where = f"{path}.{own}.expression"
        if not text:
            yield required(where)
        else:
            yield from _compiled(text, where, scope.sees(patches=True), RESULTS[kind])
    if mutation.get(other) is not None:
        text = f"must not be specified when patchType is {kind}"
        yield invalid(f"{path}.{other}", f"{{{other}}}", text)


# bindings


def _validating_binding(new: Data, old: Data | None) -> Errors:
    spec = new.get("spec") or {}
    yield from _bound(spec)
    actions = spec.get("validationActions") or []
    path = "spec.validationActions"
    for index, action in enumerate(actions):
        if action not in _ACTIONS:
            yield unsupported(f"{path}[{index}]", action, _ACTIONS)
        if action in actions[:index]:
            yield duplicate(f"{path}[{index}]", action)
    if "Deny" in actions and "Warn" in actions:
        yield invalid(
            path,
            actions,
            "must not contain both Deny and Warn (repeating the same validation failure information in the API "
            "response and headers serves no purpose)",
        )
    if not actions:
        yield required(path, "at least one validation action is required")


def _mutating_binding(new: Data, old: Data | None) -> Errors:
    spec = new.get("spec") or {}
    yield from _bound(spec)
    yield from _mutated_operations(spec.get("matchResources"), "spec.matchResources")


def _bound(spec: Data) -> Errors:
    policy = spec.get("policyName") or ""
    if not policy:
        yield required("spec.policyName")
    else:
        yield from each("spec.policyName", policy, subdomain(policy))
    reference = spec.get("paramRef")
    if reference is not None:
        yield from _param_ref(reference, "spec.paramRef")
    if spec.get("matchResources") is not None:
        yield from _match_resources(spec["matchResources"], "spec.matchResources")


def _param_ref(reference: Data, path: str) -> Errors:
    name, selector = reference.get("name") or "", reference.get("selector")
    text = "name and selector are mutually exclusive"
    if name:
        yield from each(f"{path}.name", name, path_segment(name))
        if selector is not None:
            yield forbidden(f"{path}.name", text)
    if selector is not None:
        yield from label_selector(f"{path}.selector", selector)
        if name:
            yield forbidden(f"{path}.selector", text)
    if not name and selector is None:
        yield required(path, "one of name or selector must be specified")
    action = reference.get("parameterNotFoundAction")
    if not action:
        yield required(f"{path}.parameterNotFoundAction")
    elif action not in ("Deny", "Allow"):
        yield unsupported(f"{path}.parameterNotFoundAction", action, ("Deny", "Allow"))


RULES: dict[str, Callable[[Data, Data | None], Errors]] = {
    f"{GROUP}/validatingadmissionpolicies": _validating_policy,
    f"{GROUP}/mutatingadmissionpolicies": _mutating_policy,
    f"{GROUP}/validatingadmissionpolicybindings": _validating_binding,
    f"{GROUP}/mutatingadmissionpolicybindings": _mutating_binding,
}
"""By storage table."""
