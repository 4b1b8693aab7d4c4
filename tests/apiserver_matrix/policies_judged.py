"""Validating admission policies at work: expressions, variables, constraints, conditions and actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apiserver_matrix.policy_support import (
    CONFIG_MAPS,
    GROUP,
    WRITES,
    Policies,
    config_map,
    path_of,
    rule_of,
    trial,
    waited,
)
from apiserver_matrix.request import MERGE, Request, apply, delete, get, patch, post, put

EXPRESSIONS = (
    "object.data.a == 'b'",
    "object.data.a == 'c'",
    "object.data.absent == 'c'",
    "!has(object.data.absent)",
    "oldObject == null",
    "request.operation == 'CREATE' && request.resource.resource == 'configmaps' && request.kind.kind == 'ConfigMap'",
    "request.name == 'x' && request.namespace == object.metadata.namespace && request.dryRun",
    "'system:masters' in request.userInfo.groups",
    "request.userInfo.extra['x'].size() > 0",
    "request.subResource == ''",
    "request.options.dryRun == ['All']",
    "namespaceObject.metadata.name == object.metadata.namespace",
    "namespaceObject.metadata.labels['team'] == 'red'",
    "namespaceObject.status.phase == 'Active'",
    "namespaceObject.spec.finalizers.size() == 1",
    "namespaceObject.metadata.creationTimestamp.getFullYear() > 2000",
    "namespaceObject.metadata.generation == 1",
    "has(object.metadata.creationTimestamp)",
    "object.kind == 'ConfigMap' && object.apiVersion == 'v1'",
    "authorizer.group('').resource('configmaps').namespace('default').check('create').allowed()",
    "authorizer.group('').resource('pods').check('get').reason() == ''",
    "authorizer.path('/healthz').check('get').allowed()",
    "authorizer.requestResource.check('delete').allowed()",
    "authorizer.serviceAccount('default', 'default').group('').resource('secrets').check('list').allowed()",
    "authorizer.serviceAccount('default', 'default').path('/version').check('get').allowed()",
    "authorizer.serviceAccount('default', 'No').path('/version').check('get').allowed()",
    "authorizer.serviceAccount('No', 'default').path('/version').check('get').allowed()",
    "authorizer.path(' ').check('get').allowed()",
    "authorizer.group('').resource('').check('get').allowed()",
    "authorizer.group('').resource('pods').subresource('log').name('x').check('get').errored()",
    "authorizer.group('').resource('pods').fieldSelector('a=b').labelSelector('c').check('list').error() == ''",
    "[1, 2, 3].all(i, i > 0) && object.data.all(k, object.data[k] != 'z')",
    "object.metadata.?labels.orValue({}).size() == 0",
    "object.metadata.name.matches('^[a-z]$')",
    "type(object) == map",
    "quantity('1Gi').isGreaterThan(quantity('1Mi'))",
    "[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, "
    "[1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, a > 0))))))",
)
"""One for each thing that expressions see."""


def judgements(ns: str) -> Iterator[Request]:
    """What validating policies make of writes."""
    yield post("/api/v1/namespaces", {"metadata": {"name": ns, "labels": {"team": "red"}}})
    made = Policies(ns)
    yield from _judged(made)
    yield from _composed(made)
    yield from _matched(made)
    yield from _conditions(made)
    yield from _actions(made)


def _judged(made: Policies) -> Iterator[Request]:
    """What each expression makes of a write: one policy for each, that only writes so labelled concern."""
    for number, text in enumerate(EXPRESSIONS):
        for policy in ("Fail", "Ignore"):
            pick = f"e{number}{policy[0].lower()}"
            spec = {"validations": [{"expression": text}], "failurePolicy": policy}
            yield from made.use("validating", spec, name=pick, constraints=made.picked(pick))
    yield from made.trials(*[f"e{number}{policy}" for number in range(len(EXPRESSIONS)) for policy in "fi"])
    yield from made.drop()
    validations: list[dict[str, Any]] = [
        {"expression": "false"},
        {"expression": " false "},
        {"expression": "false", "message": " spoken "},
        {
            "expression": "false",
            "messageExpression": "'said of ' + object.metadata.name",
            "message": "unused",
        },
        {"expression": "false", "messageExpression": "object.data.absent", "message": "used"},
        {"expression": "false", "messageExpression": "string(object.data.absent)", "message": "used"},
        {"expression": "false", "messageExpression": "'a\\nb'", "message": "used"},
        {"expression": "false", "messageExpression": "' '"},
        {"expression": "false", "reason": "Forbidden"},
        {"expression": "false", "reason": "Invalid", "message": "of reason"},
        {"expression": "false", "reason": "RequestEntityTooLarge"},
        {"expression": "false", "reason": "Invalid"},
        {"expression": "true"},
    ]
    for number, validation in enumerate(validations):
        spec = {"validations": [{"expression": "true"}, validation, {"expression": "false"}]}
        yield from made.use("validating", spec, name=f"v{number}", constraints=made.picked(f"v{number}"))
    yield from made.trials(*[f"v{number}" for number in range(len(validations))])
    yield trial(made.maps(), {"metadata": {"generateName": "x-", "labels": {"pick": "v1"}}})
    yield from made.drop()


def _composed(made: Policies) -> Iterator[Request]:
    """Variables, and what cost they have."""
    digits = "[1,2,3,4,5,6,7,8,9,10]"
    dear = f"{digits}.all(a, {digits}.all(b, {digits}.all(c, {digits}.all(d, {digits}.all(e, a > 0)))))"
    cases: list[tuple[list[tuple[str, str]], str]] = [
        ([("x", "object.data.a"), ("y", "variables.x + 'c'")], "variables.y == 'bc'"),
        ([("x", "object.data.a"), ("y", "variables.x + 'c'")], "variables.y == 'b'"),
        ([("x", "object.data.absent")], "true || variables.x == 1"),
        ([("x", "object.data.absent")], "variables.x == 'a'"),
        ([("x", "object.data.absent"), ("y", "variables.x")], "variables.y == 'a'"),
        ([("x", "object.data.absent")], "variables.x == 'a' || true"),
        ([("x", "{'a': 1}")], "variables.x.a == 1 && has(variables.x.a) && !has(variables.x.b)"),
        ([("x", "[1, 2]")], "variables.x.map(i, i + 1) == [2, 3]"),
        ([("x", "authorizer.path('/version').check('get')")], "variables.x.allowed()"),
        ([("x", "authorizer.group('')")], "variables.x.resource('pods').check('get').allowed()"),
        ([("x", dear)], "variables.x"),
        ([("x", dear), ("y", dear)], "variables.x && variables.y"),
        ([("x", "duration('1s')")], "variables.x < duration('2s')"),
        ([("x", "optional.of(1)")], "variables.x.orValue(2) == 1"),
        ([("x", "1"), ("x", "2")], "variables.x == 2"),
        ([("namespace", "1")], "variables.namespace == 1"),
    ]
    for number, (variables, text) in enumerate(cases):
        named = [{"name": name, "expression": expression} for name, expression in variables]
        validations = [{"expression": text, "messageExpression": "string(variables.x)"}]
        spec = {"variables": named, "validations": validations}
        yield from made.use("validating", spec, name=f"c{number}", constraints=made.picked(f"c{number}"))
    yield from made.trials(*[f"c{number}" for number in range(len(cases))])
    yield from made.drop()


def _matched(made: Policies) -> Iterator[Request]:
    """Whom a policy and its binding concern."""
    path, ns = made.maps(), made.namespace
    deny: dict[str, Any] = {"validations": [{"expression": "false", "message": "asked"}]}
    cases: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
        ({"resourceRules": [{**WRITES, "operations": ["UPDATE"]}]}, None),
        ({"resourceRules": [{**WRITES, "operations": ["DELETE"]}]}, None),
        ({"resourceRules": [{**WRITES, "resourceNames": ["y"]}]}, None),
        ({"resourceRules": [{**WRITES, "resourceNames": ["x", "held3"]}]}, None),
        ({"resourceRules": [{**WRITES, "resources": ["*"]}]}, None),
        ({"resourceRules": [{**WRITES, "resources": ["*/*"], "scope": "Namespaced"}]}, None),
        ({"resourceRules": [{**WRITES, "scope": "Cluster"}]}, None),
        ({"excludeResourceRules": [WRITES]}, None),
        ({"excludeResourceRules": [{**WRITES, "resourceNames": ["x"]}]}, None),
        ({"objectSelector": {"matchLabels": {"pick": "none"}}}, None),
        ({"namespaceSelector": {"matchLabels": {"team": "red"}}}, None),
        ({}, {"resourceRules": [{**CONFIG_MAPS, "operations": ["UPDATE"]}]}),
        ({}, {"namespaceSelector": {"matchLabels": {"team": "blue"}}}),
        ({}, {"objectSelector": {"matchLabels": {"held": "yes"}}}),
        ({}, {"excludeResourceRules": [{**WRITES, "operations": ["CREATE"]}]}),
        ({}, {}),
    ]
    for number, (constraints, resources) in enumerate(cases):
        pick = f"m{number}"
        spec: dict[str, Any] = {**deny, "matchConstraints": {**made.picked(pick), **constraints}}
        bound = {} if resources is None else {"matchResources": resources}
        yield post(path, config_map(f"held{number}", labels={"pick": pick, "held": "yes"}))
        yield from made.use("validating", spec, name=pick, **bound)
    yield from made.trials(*[f"m{number}" for number in range(len(cases))])
    for number in range(len(cases)):
        yield patch(f"{path}/held{number}?dryRun=All", {"data": {"c": "d"}})
        yield delete(f"{path}/held{number}?dryRun=All")
    yield post(f"{GROUP}/validatingwebhookconfigurations?dryRun=All", {"metadata": {"name": f"{ns}-w"}})
    yield from made.drop()


def _conditions(made: Policies) -> Iterator[Request]:
    cases = (
        ["true"], ["false"], ["object.data.absent == 'x'"], ["object.data.absent == 'x'", "false"],
        ["false", "object.data.absent == 'x'"], ["object.data.absent == 'x'", "object.data.other == 'x'"],
        ["request.resource.resource == 'configmaps'"], ["namespaceObject == null"],
        ["namespaceObject.metadata.name != ''"], ["authorizer.path('/version').check('get').allowed()"],
    )  # fmt: skip
    for number, conditions in enumerate(cases):
        for policy in ("Fail", "Ignore"):
            pick = f"k{number}{policy[0].lower()}"
            named = [{"name": f"c{index}", "expression": text} for index, text in enumerate(conditions)]
            spec = {
                "matchConditions": named,
                "validations": [{"expression": "false"}],
                "failurePolicy": policy,
            }
            yield from made.use("validating", spec, name=pick, constraints=made.picked(pick))
    yield from made.trials(*[f"k{number}{policy}" for number in range(len(cases)) for policy in "fi"])
    yield from made.drop()


def _actions(made: Policies) -> Iterator[Request]:
    path = made.maps()
    annotations = [
        {"key": "a", "valueExpression": "'x'"},
        {"key": "b", "valueExpression": "object.data.?a == optional.of('b') ? 'y' : null"},
    ]
    broken = [{"key": "a", "valueExpression": "string(object.data.absent)"}]
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"validations": [{"expression": "false"}]}, ["Warn"]),
        (
            {"validations": [{"expression": "false", "message": 'quoted "x"'}, {"expression": "false"}]},
            ["Warn"],
        ),
        ({"validations": [{"expression": "false"}]}, ["Audit"]),
        ({"validations": [{"expression": "false"}]}, ["Audit", "Warn"]),
        ({"validations": [{"expression": "object.data.absent == 'x'"}]}, ["Warn"]),
        ({"auditAnnotations": broken}, ["Warn"]),
        ({"auditAnnotations": broken, "failurePolicy": "Ignore"}, ["Deny"]),
        ({"auditAnnotations": broken}, ["Audit"]),
        ({"validations": [{"expression": "true"}]}, ["Deny"]),
    ]
    cases += [({"auditAnnotations": annotations}, ["Deny"])]
    for number, (spec, actions) in enumerate(cases):
        pick = made.picked(f"a{number}")
        yield from made.use(
            "validating", spec, name=f"a{number}", constraints=pick, validationActions=actions
        )
    yield from made.trials(*[f"a{number}" for number in range(len(cases))])
    yield from made.drop()
    # an update through the same policy, and one of the policy
    updates = made.constraints(resourceRules=[rule_of("", "v1", "configmaps", "UPDATE")])
    same = {"validations": [{"expression": "object.data == oldObject.data"}]}
    yield from made.use("validating", same, constraints=updates)
    yield waited(post(path, config_map("u")))
    yield patch(f"{path}/u", {"data": {"c": "d"}})
    yield patch(f"{path}/u", {"metadata": {"labels": {"c": "d"}}})
    yield put(f"{path}/u", config_map("u"))
    yield apply(
        f"{path}/u", {"apiVersion": "v1", "kind": "ConfigMap", **config_map("u", {"x": "y"})}, force=True
    )
    policy = f"{path_of('validating')}/{made.namespace}-p"
    binding = f"{path_of('validating', bindings=True)}/{made.namespace}-p-b"
    yield get(policy)
    yield patch(policy, {"spec": {"validations": [{"expression": "object."}]}}, MERGE)
    yield patch(policy, {"spec": {"failurePolicy": "Ignore"}}, MERGE)
    yield patch(f"{policy}/status", {"status": {"observedGeneration": 1}}, MERGE)
    yield get(binding)
    yield from made.drop()
