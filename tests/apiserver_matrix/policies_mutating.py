"""Mutating admission policies at work, and policies of both kinds with parameters and in other versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apiserver_matrix.custom import DEFINITIONS, definition
from apiserver_matrix.policy_support import Policies, applied, config_map, patched, rule_of, trial, waited
from apiserver_matrix.request import Request, apply, patch, post, put

_SERVED = 31.0
"""Seconds after which the real server's policies know the kinds of a new definition."""


def mutations(ns: str) -> Iterator[Request]:
    """What mutating policies make of objects."""
    yield post("/api/v1/namespaces", {"metadata": {"name": ns, "labels": {"team": "red"}}})
    made = Policies(ns)
    yield from _changed(made)
    yield from _reinvoked(made)
    yield from _deployments(made)


_CHANGES: tuple[list[dict[str, Any]], ...] = (
    [applied("Object{data: {'x': 'y'}}")],
    [applied("Object{data: Object.data{x: 'y'}}")],
    [applied("Object{metadata: Object.metadata{labels: Object.metadata.labels{added: 'yes'}}}")],
    [applied("Object{metadata: Object.metadata{labels: {'a/b': 'c'}, finalizers: ['example.com/x']}}")],
    [applied("Object{data: {'x': object.metadata.name + request.operation}}")],
    [applied("Object{nonsense: 1}")],
    [applied("Object{data: 1}")],
    [applied("Object{data: {'a': 1}}")],
    [applied("Object{data: Object.wrong{x: 'y'}}")],
    [applied("Object{metadata: Object.metadata{annotations: Object.y{z: '1'}}}")],
    [applied("Object{}")],
    [applied("Object{immutable: true}")],
    [applied("Object{data: {'x': object.data.absent}}")],
    [applied("Object{metadata: Object.metadata{ownerReferences: []}}")],
    [applied("has(object.data.a) ? Object{data: {'b': 'c'}} : Object{}")],
    [applied("Object{data: {'x': namespaceObject.metadata.labels['team']}}")],
    [applied("Object{?data: optional.of({'x': 'y'}), ?immutable: optional.none()}")],
    [applied("Object{binaryData: {'x': 'eA=='}}"), applied("Object{data: {'y': object.binaryData['x']}}")],
    [patched("[JSONPatch{op: 'add', path: '/data/x', value: 'y'}]")],
    [patched("[JSONPatch{op: 'remove', path: '/data'}]")],
    [patched("[JSONPatch{op: 'replace', path: '/data', value: {'n': 'm'}}]")],
    [patched("[JSONPatch{op: 'add', path: '/data/x', value: 1}]")],
    [patched("[JSONPatch{op: 'add', path: '/nonsense', value: 1}]")],
    [
        patched(
            "[JSONPatch{op: 'test', path: '/data/a', value: 'b'}, JSONPatch{op: 'remove', path: '/data/a'}]"
        )
    ],
    [
        patched(
            "[JSONPatch{op: 'test', path: '/data/a', value: 'c'}, JSONPatch{op: 'remove', path: '/data/a'}]"
        )
    ],
    [patched("[JSONPatch{op: 'copy', from: '/data/a', path: '/data/z'}]")],
    [patched("[JSONPatch{op: 'move', from: '/data/a', path: '/data/z'}]")],
    [patched("[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('x/y'), value: 'z'}]")],
    [patched("[JSONPatch{op: 'add', path: '/metadata/annotations', value: {'x/y': 'z'}}]")],
    [patched("[JSONPatch{op: 'add', path: '/data', value: Object.data{q: 'r'}}]")],
    [patched("[JSONPatch{op: 'add', path: '/data', value: Object.wrong{q: Object.x{}}}]")],
    [patched("object.data.a == 'b' ? [JSONPatch{op: 'add', path: '/data/x', value: 'y'}] : []")],
    [patched("[JSONPatch{op: 'add', path: '/data/x', value: object.data.absent}]")],
    [patched("[]")],
    [
        applied("Object{data: {'x': '1'}}"),
        patched("[JSONPatch{op: 'add', path: '/data/y', value: object.data.x}]"),
    ],
)
_BROKEN: tuple[list[dict[str, Any]], ...] = (
    [patched("[JSONPatch{op: 'remove', path: '/data/absent'}]")],
    [patched("[JSONPatch{op: 'add', path: '/absent/x/y', value: 1}]")],
    [patched("[JSONPatch{op: 'replace', path: '/data/absent', value: '1'}]")],
    [patched("[JSONPatch{op: 'copy', from: '/absent', path: '/data/z'}]")],
    [patched("[JSONPatch{op: 'move', from: '/data/absent', path: '/data/z'}]")],
    [patched("[JSONPatch{op: 'nonsense', path: '/data/z'}]")],
    [patched("[JSONPatch{op: 'test', path: '/data/absent', value: 'x'}]")],
)


def _changed(made: Policies) -> Iterator[Request]:
    path = made.maps()
    every = (*_CHANGES, *_BROKEN)
    for number, mutations_ in enumerate(every):
        for policy in ("Fail", "Ignore"):
            pick = f"n{number}{policy[0].lower()}"
            constraints = made.picked(pick)
            spec = {"mutations": mutations_, "failurePolicy": policy}
            yield from made.use("mutating", spec, name=pick, constraints=constraints)
    for number, pick in enumerate([f"n{number}{policy}" for number in range(len(every)) for policy in "fi"]):
        request = post(f"{path}?fieldManager=m", config_map(pick, labels={"pick": pick}))
        yield request if number else waited(request)
    yield patch(f"{path}/n0f", {"data": {"a": None}})
    yield patch(f"{path}/n0f", {"data": {"x": "other"}})
    yield apply(f"{path}/n0f", {"apiVersion": "v1", "kind": "ConfigMap",
                                **config_map("n0f", {"x": "mine"}, labels={"pick": "n0f"})}, force=True)  # fmt: skip
    yield put(f"{path}/n19f", config_map("n19f", labels={"pick": "n19f"}))
    yield patch(f"{path}/n3f", {"metadata": {"finalizers": None, "labels": {"pick": "none"}}})
    yield from made.drop("mutating")


def _reinvoked(made: Policies) -> Iterator[Request]:
    """Two policies that build on each other, in the order of their names; the real server has none."""
    path = made.maps()
    counted = "Object{data: {'count': has(object.data.count) ? object.data.count + 'i' : 'i'}}"
    spec: dict[str, Any]
    for number, policy in enumerate(("Never", "IfNeeded")):
        spec = {"mutations": [applied(counted)], "reinvocationPolicy": policy}
        yield from made.use("mutating", spec, name=f"r{number}", constraints=made.picked(f"r{number}"))
    named = applied("Object{data: {params.metadata.labels.number: string(has(params.kind))}}")
    spec = {"mutations": [named], "paramKind": {"apiVersion": "v1", "kind": "Namespace"}}
    chosen = {"selector": {"matchLabels": {"param": made.namespace}}, "parameterNotFoundAction": "Deny"}
    yield from made.use("mutating", spec, name="r2", constraints=made.picked("r2"), paramRef=chosen)
    for number, conditions in enumerate((["false"], ["object.data.absent == 'x'"])):
        conditioned = [{"name": "c", "expression": text} for text in conditions]
        spec = {"mutations": [applied(counted)], "matchConditions": conditioned}
        yield from made.use(
            "mutating", spec, name=f"r{number + 3}", constraints=made.picked(f"r{number + 3}")
        )
    yield waited(post(path, config_map("r0", labels={"pick": "r0"})))
    yield post(path, config_map("r1", labels={"pick": "r1"}))
    yield post(path, config_map("r2", labels={"pick": "r2"}))
    for digit in ("1", "2"):
        labels = {"param": made.namespace, "number": digit}
        yield post(
            "/api/v1/namespaces", {"metadata": {"name": f"{made.namespace}-{digit}", "labels": labels}}
        )
    yield waited(post(path, config_map("r2", labels={"pick": "r2"})))
    yield post(path, config_map("r3", labels={"pick": "r3"}))
    yield post(path, config_map("r4", labels={"pick": "r4"}))
    yield from made.drop("mutating")


def _deployments(made: Policies) -> Iterator[Request]:
    """Nested objects, lists by their keys, and atomic ones."""
    path = f"/apis/apps/v1/namespaces/{made.namespace}/deployments"
    rule = rule_of("apps", "v1", "deployments")
    containers = "Object.spec.template.spec.containers"
    texts = (
        "Object{spec: Object.spec{replicas: object.spec.replicas + 3}}",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: "
        f"[{containers}{{name: 'c', image: 'changed'}}, {containers}{{name: 'd', image: 'new'}}]}}}}}}}}",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: "
        f"[{containers}{{name: 'c', args: ['a']}}]}}}}}}}}",
        "Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'x': 'y'}}}}",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{tolerations: "
        "[Object.spec.template.spec.tolerations{key: 'k'}]}}}}",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: "
        f"[{containers}{{image: 'changed'}}]}}}}}}}}",
        "Object{spec: Object.spec{replicas: 'x'}}",
        "Object{spec: Object.spec{template: Object.spec.template{metadata: Object.spec.template.metadata{labels: "
        "Object.spec.template.metadata.labels{added: 'yes'}}}}}",
    )
    for number, text in enumerate(texts):
        constraints = made.picked(f"d{number}", resourceRules=[rule])
        yield from made.use(
            "mutating", {"mutations": [applied(text)]}, name=f"d{number}", constraints=constraints
        )
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    for number in range(len(texts)):
        body = {"metadata": {"name": f"d{number}", "labels": {"pick": f"d{number}"}}, "spec": spec}
        request = post(path, body)
        yield request if number else waited(request)
    yield patch(f"{path}/d0", {"spec": {"replicas": 2}})
    yield from made.drop("mutating")


def parameters(ns: str) -> Iterator[Request]:
    """Policies with parameters, built-in and custom, and for custom resources in several versions."""
    yield post("/api/v1/namespaces", {"metadata": {"name": ns}})
    yield post("/api/v1/namespaces", {"metadata": {"name": f"{ns}-other"}})
    group = f"{ns}.example.com"
    for namespaced in (True, False):
        yield post(DEFINITIONS, definition(group, namespaced=namespaced))
    made = Policies(ns)
    account = {"apiVersion": "v1", "kind": "ServiceAccount"}
    text = [{"expression": "params == null || object.data.a == params.metadata.annotations.a", "messageExpression":
             "params == null ? 'none' : params.kind + params.metadata.name"}]  # fmt: skip

    def named(**more: Any) -> dict[str, Any]:
        return {"parameterNotFoundAction": "Deny", **more}

    references: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
        (account, None),
        (account, named(name="limit")),
        (account, named(name="limit", namespace=f"{ns}-other")),
        (account, named(name="absent")),
        (account, {"name": "absent", "parameterNotFoundAction": "Allow"}),
        (account, named(selector={"matchLabels": {"kind": "limit"}})),
        (account, named(selector={})),
        (account, named(selector={"matchLabels": {"none": "such"}})),
        ({"apiVersion": "v1", "kind": "Namespace"}, named(name=ns)),
        ({"apiVersion": "v1", "kind": "Namespace"}, named(name=ns, namespace=ns)),
        ({"apiVersion": "v1", "kind": "Nothing"}, named(name=ns)),
        ({"apiVersion": "a.b.c/v1", "kind": "Nothing"}, named(name=ns)),
        ({"apiVersion": f"{group}/v1", "kind": "Gadget"}, named(name="limit")),
        ({"apiVersion": f"{group}/v1", "kind": "Planet"}, named(name="limit")),
        ({"apiVersion": f"{group}/v1", "kind": "Planet"}, named(name="limit", namespace=ns)),
    ]
    for where, value in ((ns, "c"), (f"{ns}-other", "b")):
        metadata = {"name": "limit", "labels": {"kind": "limit"}, "annotations": {"a": value}}
        yield post(f"/api/v1/namespaces/{where}/serviceaccounts", {"metadata": metadata})
    gadgets, planets = f"/apis/{group}/v1/namespaces/{ns}/gadgets", f"/apis/{group}/v1/planets"
    for where, named_kind in ((gadgets, "Gadget"), (planets, "Planet")):
        body = {
            "apiVersion": f"{group}/v1",
            "kind": named_kind,
            "metadata": {"name": "limit"},
            "spec": {"size": 1},
        }
        yield Request("POST", where, body, wait=3.0)
    for number, (kind, reference) in enumerate(references):
        own = (
            [{"expression": "object.data.a == params.spec.mode"}] if "example" in kind["apiVersion"] else text
        )
        if kind["kind"] == "Namespace":
            own = [{"expression": "params.metadata.labels.size() > 1", "messageExpression": "params.kind"}]
        for policy in ("Fail", "Ignore"):
            pick = f"q{number}{policy[0].lower()}"
            constraints = made.picked(pick)
            bound = {} if reference is None else {"paramRef": reference}
            spec = {"paramKind": kind, "validations": own, "failurePolicy": policy}
            yield from made.use("validating", spec, name=pick, constraints=constraints, **bound)
    labels = [f"q{number}{policy}" for number in range(len(references)) for policy in "fi"]
    first, *others = made.trials(*labels)
    yield Request(first.method, first.path, first.body, wait=_SERVED)
    yield from others
    yield from made.drop()
    yield from _versions(made, group)


def _versions(made: Policies, group: str) -> Iterator[Request]:
    """A policy for another version of a resource, and policies of a cluster-scoped one."""
    rule = rule_of(group, "v1beta1", "gadgets")
    show = [{"expression": "false", "messageExpression":
             "object.apiVersion + ' ' + request.kind.version + ' ' + request.requestKind.version + ' ' + "
             "request.resource.version + ' ' + request.requestResource.version"}]  # fmt: skip
    for name, policy in (("exact", "Exact"), ("equivalent", "Equivalent")):
        constraints = made.picked(name, resourceRules=[rule], matchPolicy=policy)
        yield from made.use("validating", {"validations": show}, name=name, constraints=constraints)
    change = {
        "mutations": [applied("Object{spec: Object.spec{size: 42, parts: [Object.spec.parts{name: 'a'}]}}")]
    }
    constraints = made.picked("change", resourceRules=[rule])
    yield from made.use("mutating", change, name="change", constraints=constraints)
    wrong = {"mutations": [applied("Object{spec: Object.spec{nonsense: 42}}")]}
    constraints = made.picked("wrong", resourceRules=[rule])
    yield from made.use("mutating", wrong, name="wrong", constraints=constraints)
    wrong = {"mutations": [patched("[JSONPatch{op: 'add', path: '/spec/nonsense', value: 1}]")]}
    constraints = made.picked("pruned", resourceRules=[rule])
    yield from made.use("mutating", wrong, name="pruned", constraints=constraints)
    planets = {"resourceRules": [{**rule, "resources": ["planets"], "apiVersions": ["v1"]}]}
    yield from made.use("validating", {"validations": [{"expression": "namespaceObject != null"}]}, name="planets",
                        constraints=planets)  # fmt: skip
    for number, version in enumerate(("v1", "v1beta1")):
        for pick in ("exact", "equivalent", "change", "wrong", "pruned"):
            body = {"apiVersion": f"{group}/{version}", "kind": "Gadget", "spec": {"size": 1},
                    "metadata": {"name": f"g{pick}", "labels": {"pick": pick}}}  # fmt: skip
            request = trial(f"/apis/{group}/{version}/namespaces/{made.namespace}/gadgets", body)
            yield request if number or pick != "exact" else waited(request)
    body = {"apiVersion": f"{group}/v1", "kind": "Planet", "metadata": {"name": "p"}, "spec": {"size": 1}}
    yield trial(f"/apis/{group}/v1/planets", body)
    yield from made.drop()
    yield from made.drop("mutating")
