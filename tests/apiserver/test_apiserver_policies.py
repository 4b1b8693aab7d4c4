"""Admission policies in the process; what they say is held against a real server by `apiserver_matrix`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from apiserver_fixtures import MERGE, Api
from definition_support import definition

from opgen.apiserver import ApiServer, Request

GROUP = "/apis/admissionregistration.k8s.io/v1"
MAPS = "/api/v1/namespaces/default/configmaps"
RULE = {
    "apiGroups": [""],
    "apiVersions": ["v1"],
    "resources": ["configmaps"],
    "operations": ["CREATE", "UPDATE"],
}


def bind(api: Api, kind: str, spec: dict[str, Any], **binding: Any) -> None:
    """A policy for all ConfigMaps, with its binding."""
    bound = {"policyName": "p", **binding}
    if kind == "validating":
        bound = {"validationActions": ["Deny"], **bound}
    whole = {"matchConstraints": {"resourceRules": [RULE]}, **spec}
    api("POST", f"{GROUP}/{kind}admissionpolicies", {"metadata": {"name": "p"}, "spec": whole})
    api("POST", f"{GROUP}/{kind}admissionpolicybindings", {"metadata": {"name": "b"}, "spec": bound})


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "data": data}


def test_a_policy_holds_at_once_and_ends_with_its_binding(api: Api) -> None:
    """The real server takes a second to see either."""
    spec = {
        "validations": [{"expression": "object.data.a == 'b'", "messageExpression": "'not ' + object.data.a"}]
    }
    bind(api, "validating", spec)
    refused = api.fails(422, "POST", MAPS, config_map("x", a="c"))
    assert refused["message"].endswith("ValidatingAdmissionPolicy 'p' with binding 'b' denied request: not c")
    api("POST", MAPS, config_map("x", a="b"))
    api("DELETE", f"{GROUP}/validatingadmissionpolicybindings/b")
    api("PATCH", f"{MAPS}/x", {"data": {"a": "c"}}, MERGE)


def test_a_warning_lets_it_pass(api: Api) -> None:
    """The action decides."""
    bind(
        api,
        "validating",
        {"validations": [{"expression": "false", "message": "hm"}]},
        validationActions=["Warn"],
    )
    answer = api.request("POST", MAPS, config_map("x"))
    assert answer.status == 201
    assert answer.header("warning").endswith("with binding 'b': hm\"")


def test_a_variable_is_worked_out_when_it_is_read_and_only_once(api: Api) -> None:
    """What is never read may fail."""
    variables = [
        {"name": "broken", "expression": "object.data.absent"},
        {"name": "twice", "expression": "object.data.a + object.data.a"},
    ]
    spec = {"variables": variables, "validations": [{"expression": "variables.twice == variables.twice"}]}
    bind(api, "validating", spec)
    api("POST", MAPS, config_map("x", a="b"))


def test_the_sender_is_asked_about_by_its_own_rights() -> None:
    """`authorizer` speaks for whoever sends the request, not for the administrator."""
    server = ApiServer()
    api = Api(server)
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]}]
    api("POST", f"{rbac}/clusterroles", {"metadata": {"name": "r"}, "rules": rules})
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "r"}
    subjects = [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "bob"}]
    binding = {"metadata": {"name": "b"}, "roleRef": reference, "subjects": subjects}
    api("POST", f"{rbac}/clusterrolebindings", binding)
    ask = "authorizer.group('').resource('configmaps').namespace('default').check('delete').allowed()"
    bind(api, "validating", {"validations": [{"expression": ask, "message": "may not delete"}]})
    api("POST", MAPS, config_map("mine"))
    answer = api.request("POST", MAPS, config_map("bobs"), **{"Impersonate-User": "bob"})
    assert answer.status == 422
    assert "may not delete" in answer.body.decode()


@pytest.mark.parametrize(
    ("patch", "expression"),
    [
        ("applyConfiguration", "Object{data: {'made': object.metadata.name}}"),
        ("jsonPatch", "[JSONPatch{op: 'add', path: '/data/made', value: object.metadata.name}]"),
    ],
)
def test_a_mutation_changes_what_is_stored_and_owns_nothing(api: Api, patch: str, expression: str) -> None:
    """managedFields name the sender's fields alone."""
    kind = "ApplyConfiguration" if patch == "applyConfiguration" else "JSONPatch"
    mutation = {"patchType": kind, patch: {"expression": expression}}
    bind(api, "mutating", {"mutations": [mutation], "reinvocationPolicy": "Never"})
    made = api("POST", MAPS, config_map("x", a="b"))
    assert made["data"] == {"a": "b", "made": "x"}
    (entry,) = made["metadata"]["managedFields"]
    assert "f:made" not in entry["fieldsV1"]["f:data"]


def test_parameters_are_found_in_the_writes_namespace(api: Api) -> None:
    """And a missing one denies, where the binding says so."""
    spec = {
        "paramKind": {"apiVersion": "v1", "kind": "Secret"},
        "validations": [{"expression": "object.data.a in params.data", "message": "not listed"}],
    }
    bind(api, "validating", spec, paramRef={"name": "list", "parameterNotFoundAction": "Deny"})
    refused = api.fails(422, "POST", MAPS, config_map("x", a="b"))
    assert "no params found" in refused["message"]
    api("POST", "/api/v1/namespaces/default/secrets", {"metadata": {"name": "list"}, "data": {"b": "eA=="}})
    api("POST", MAPS, config_map("x", a="b"))
    assert api.fails(422, "POST", MAPS, config_map("y", a="c"))["message"].endswith("not listed")


def test_nothing_is_asked_where_no_policy_is_bound(api: Api) -> None:
    """Writes pay for policies only where there are some."""
    call = type("Call", (), {"admits": True})()
    info = api.server.context.registry.get("", "v1", "configmaps")
    assert info is not None
    assert not api.server.context.admission.concerns("validating", call, info)
    bind(api, "validating", {"validations": [{"expression": "true"}]})
    assert api.server.context.admission.concerns("validating", call, info)


@pytest.mark.parametrize(
    ("raw", "warning", "data"),
    [
        (b'{"metadata":{"name":"d"},"data":{"a":"1","a":"2"}}', 'duplicate field \\"data.a\\"', {"a": "2"}),
        (
            b'{"metadata":{"name":"d"},"data":{"a":"1"},"data":{"b":"2"}}',
            'duplicate field \\"data\\"',
            {"a": "1", "b": "2"},
        ),
        (b'{"metadata":{"name":"d"},"data":{"a":"x:y"}}', "", {"a": "x:y"}),
    ],
)
def test_keys_that_stand_twice_are_told_of(api: Api, raw: bytes, warning: str, data: dict[str, str]) -> None:
    """Go lays structs and maps over one another; the last scalar counts."""
    headers = {"Content-Type": "application/json", "User-Agent": "probe/1.0"}
    answer = api.server.respond(Request("POST", MAPS, (), headers, raw))
    assert answer.status == 201
    assert warning in answer.header("warning")
    assert bool(answer.header("warning")) == bool(warning)
    assert answer.json()["data"] == data
    strict = api.server.respond(Request("PUT", f"{MAPS}/d", (("fieldValidation", "Strict"),), headers, raw))
    assert strict.status == (400 if warning else 200)


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ('"type":"string","type":"string"', True),
        ('"type":"object","properties":{"items":{"type":"string","type":"string"}}', True),
        ('"type":"array","items":{"type":"string","type":"string"}', False),
        ('"type":"object","additionalProperties":{"type":"string","type":"string"}', False),
        ('"type":"object","x-kubernetes-preserve-unknown-fields":true,"default":{"k":1,"k":2}', False),
        ('"type":"array","items":{"type":"string"},"items":{"type":"string"}', True),
    ],
)
def test_doubles_in_definitions_are_seen_where_their_decoder_looks(api: Api, field: str, told: bool) -> None:
    """Types with a decoder of their own read leniently what stands below them."""
    names = {"plural": "twins", "kind": "Twin"}
    raw = json.dumps(definition({"type": "object", "properties": {"a": {"title": "X"}}}, names=names))
    raw = raw.replace('"title": "X"', field)
    headers = {"Content-Type": "application/json"}
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    query = (("fieldValidation", "Strict"), ("dryRun", "All"))
    answer = api.server.respond(Request("POST", path, query, headers, raw.encode()))
    assert answer.status == (400 if told else 201), answer.json()
