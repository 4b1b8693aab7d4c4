"""Admission policies and bindings as they are written: what is refused, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apiserver_matrix.policies_judged import EXPRESSIONS
from apiserver_matrix.policy_support import CONFIG_MAPS, WRITES, Policies, applied, patched, path_of, trial
from apiserver_matrix.request import Request, post

_UNCOMPILABLE = (
    "object.",
    "1 + 1",
    "object.data.a",
    "nothing",
    "request.nonsense == 1",
    "request.object == null",
    "namespaceObject.metadata.uid == ''",
    "params.x == 1",
    "variables.x == 1",
    "authorizer.nothing()",
    "authorizer.path(1).check('get').allowed()",
    "authorizer.group('').resource('x').allowed()",
    "Object{a: 1} == object",
    "JSONPatch{op: 'add'} == object",
    "jsonpatch.escapeKey('a') == 'b'",
    "object.metadata.labels.exists(",
    "'a' == 1",
    "duration('x') == duration('1s')",
    "[1, 'a'] == [1]",
    "string(object) == 5",
    "request.userInfo.groups.all(g, g)",
    "",
    "  ",
)


def policies(ns: str) -> Iterator[Request]:
    """What is refused, and what each expression makes of a write."""
    yield post("/api/v1/namespaces", {"metadata": {"name": ns, "labels": {"team": "red"}}})
    made = Policies(ns)
    yield from _refused(made)
    yield from _bindings_refused(made)


def _trial_policy(kind: str, spec: dict[str, Any], name: str = "try") -> Request:
    return trial(path_of(kind), {"metadata": {"name": name}, "spec": spec})


def _refused(made: Policies) -> Iterator[Request]:
    here = made.constraints()
    fine = [{"expression": "true"}]

    def tried(**spec: Any) -> Request:
        whole = {"matchConstraints": here, "validations": fine, **spec}
        return _trial_policy("validating", {key: value for key, value in whole.items() if value is not ...})

    for text in (*_UNCOMPILABLE, *EXPRESSIONS):
        yield tried(validations=[{"expression": text}])
    for text in ("1", "'a' + object.metadata.name", "authorizer.path('/').check('get').reason()", "variables.x",
                 "object.metadata.name", "string(object.metadata.name)", " "):  # fmt: skip
        yield tried(validations=[{"expression": "true", "messageExpression": text}])
    for message in (" ", "a\nb", "fine"):
        yield tried(validations=[{"expression": "true", "message": message}])
    for reason in ("Forbidden", "NotFound", "", "Unauthorized"):
        yield tried(validations=[{"expression": "true", "reason": reason}])
    yield tried(validations=...)
    yield tried(matchConstraints=...)
    yield tried(matchConstraints={})
    yield tried(matchConstraints={"resourceRules": [{}]})
    for rule in (
        {**WRITES, "operations": ["*", "CREATE"]},
        {**WRITES, "operations": ["NONE"]},
        {**WRITES, "resources": ["*", "pods"]},
        {**WRITES, "resources": ["pods/*", "pods/status"]},
        {**WRITES, "resources": ["*/status", "pods/status"]},
        {**WRITES, "resources": ["*/*", "pods"]},
        {**WRITES, "resources": [""]},
        {**WRITES, "apiVersions": ["", "v1"]},
        {**WRITES, "apiGroups": ["*", "a"]},
        {**WRITES, "scope": "Nowhere"},
        {**WRITES, "resourceNames": ["a", "a", "b/c"]},
    ):
        yield tried(matchConstraints={"resourceRules": [rule]})
        yield tried(matchConstraints={**here, "excludeResourceRules": [rule]})
    yield tried(matchConstraints={**here, "matchPolicy": "Some"})
    yield tried(matchConstraints={**here, "objectSelector": {"matchLabels": {"a b": "c"}}})
    yield tried(
        matchConstraints={**here, "namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}}
    )
    yield tried(failurePolicy="Perhaps")
    for kind in (
        {"apiVersion": "v1", "kind": "ConfigMap"},
        {"kind": "ConfigMap"},
        {"apiVersion": "v1"},
        {"apiVersion": "a/b/c", "kind": "X"},
        {"apiVersion": "A_/v1", "kind": "X"},
        {"apiVersion": "a/", "kind": "X"},
        {"apiVersion": "a/1", "kind": "X_"},
    ):
        yield tried(paramKind=kind)
    with_params = [{"expression": "params.data.a == 'b'", "messageExpression": "params.data.a + 'b'"}]
    yield tried(paramKind={"apiVersion": "v1", "kind": "ConfigMap"}, validations=with_params)
    for condition in (
        {"name": "a", "expression": "true"},
        {"name": "a b", "expression": "true"},
        {"expression": "true"},
        {"name": "a"},
        {"name": "a", "expression": "variables.x"},
        {"name": "a", "expression": "params.x == 1"},
        {"name": "a", "expression": "object.x"},
        {"name": "a", "expression": " 1 "},
        {"name": "a", "expression": "authorizer.requestResource.check('get').allowed()"},
    ):
        yield tried(matchConditions=[condition])
        yield tried(matchConditions=[condition, condition])
    for variables in (
        [{"name": "x", "expression": "1"}, {"name": "y", "expression": "variables.x + 1"}],
        [{"name": "x", "expression": "variables.y"}, {"name": "y", "expression": "1"}],
        [{"name": "x", "expression": "object."}],
        [{"name": "", "expression": "1"}],
        [{"name": "a-b", "expression": "1"}],
        [{"name": "in", "expression": "1"}],
        [{"name": "x", "expression": ""}],
        [{"name": "x"}, {"name": "x", "expression": "1"}],
    ):
        yield tried(variables=variables)
        yield tried(variables=variables, validations=[{"expression": "variables.x == 1"}])
        yield tried(variables=variables, validations=[{"expression": "variables.x.foo == 1"}])
    for audited in (
        [{"key": "k", "valueExpression": "'a'"}],
        [{"key": "k", "valueExpression": "null"}],
        [{"key": "k", "valueExpression": "1"}],
        [{"key": "k", "valueExpression": "object.metadata.name"}],
        [{"key": "k", "valueExpression": " "}],
        [{"key": "a b", "valueExpression": "'a'"}],
        [{"key": "", "valueExpression": "'a'"}],
        [{"key": "k", "valueExpression": "'a'"}] * 2,
    ):
        yield tried(auditAnnotations=audited)
    yield tried(validations=..., auditAnnotations=[{"key": "k", "valueExpression": "'a'"}])
    yield from _mutations_refused(here)


def _mutations_refused(here: dict[str, Any]) -> Iterator[Request]:
    def tried(**spec: Any) -> Request:
        fine = {"reinvocationPolicy": "Never", "mutations": [applied("Object{}")]}
        whole: dict[str, Any] = {"matchConstraints": here, **fine, **spec}
        return _trial_policy("mutating", {key: value for key, value in whole.items() if value is not ...})

    yield tried()
    yield tried(mutations=...)
    yield tried(reinvocationPolicy=...)
    yield tried(reinvocationPolicy="Always")
    yield tried(matchConstraints={"resourceRules": [CONFIG_MAPS]})
    yield tried(matchConstraints={"resourceRules": [{**CONFIG_MAPS, "operations": ["DELETE", "CREATE"]}]})
    for mutation in (
        {},
        {"patchType": "Some"},
        {"patchType": "JSONPatch"},
        {"patchType": "ApplyConfiguration"},
        {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": " "}},
        {**applied("Object{}"), "jsonPatch": {"expression": "[]"}},
        {**patched("[]"), "applyConfiguration": {"expression": "Object{}"}},
    ):
        yield tried(mutations=[mutation])
    for text in (
        "Object{data: Object.data{a: 'x'}}",
        "Object{data: {'a': 'x'}}",
        "Object.data{}",
        "object",
        "{'a': 1}",
        "1",
        "Nothing{a: 1}",
        "Object{a: }",
        "Object{?a: optional.of(1)}",
        "Object{?a: 1}",
        "Object{a: nothing}",
        "has(object.a) ? Object{} : Object{data: Object.data{}}",
    ):
        yield tried(mutations=[applied(text)])
    for text in (
        "[JSONPatch{op: 'add', path: '/a', value: 1}]",
        "[JSONPatch{op: 1}]",
        "JSONPatch{op: 'add'}",
        "[]",
        "[1]",
        "[JSONPatch{op: 'test', path: '/a', value: Object.a{b: 1}}, JSONPatch{op: 'remove', path: '/a'}]",
        "[JSONPatch{op: 'add', path: '/' + jsonpatch.escapeKey('a/b~c'), value: {'a': 'b'}}]",
        "[JSONPatch{op: 'move', from: '/a', path: '/b'}]",
        "object.list.map(x, JSONPatch{op: 'remove', path: x})",
    ):
        yield tried(mutations=[patched(text)])


def _bindings_refused(made: Policies) -> Iterator[Request]:
    for kind in ("validating", "mutating"):
        path = path_of(kind, bindings=True)

        def tried(path: str = path, **spec: Any) -> Request:
            whole = {"policyName": "some", "validationActions": ["Deny"], **spec}
            if "mutating" in path:
                whole.pop("validationActions")
            return trial(path, {"metadata": {"name": "try"}, "spec": whole})

        yield tried()
        yield tried(policyName="")
        yield tried(policyName="A_b")
        for reference in (
            {"name": "a", "parameterNotFoundAction": "Deny"},
            {"name": "a/b", "parameterNotFoundAction": "Deny"},
            {"name": "a"},
            {"parameterNotFoundAction": "Allow"},
            {"selector": {}, "parameterNotFoundAction": "Allow"},
            {"selector": {}, "name": "a", "parameterNotFoundAction": "Allow"},
            {"selector": {"matchLabels": {"a b": ""}}, "parameterNotFoundAction": "Some"},
        ):
            yield tried(paramRef=reference)
        yield tried(matchResources={"matchPolicy": "No"})
        yield tried(matchResources={"resourceRules": [{**CONFIG_MAPS, "operations": ["DELETE"]}]})
    for actions in (["Deny", "Warn"], ["Warn", "Audit"], ["Deny", "Deny"], ["No"], []):
        body = {"metadata": {"name": "try"}, "spec": {"policyName": "p", "validationActions": actions}}
        yield trial(path_of("validating", bindings=True), body)
