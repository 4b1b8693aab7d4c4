"""Definitions: reviewed, served at once, changed in place; discovery and OpenAPI say what is served."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from opgen.apiserver import StatusError

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGET = "/apis/example.com/v1/namespaces/n/widgets"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def test_a_definition_is_established_and_served(api: Any) -> None:
    stored = api("GET", f"{CRDS}/widgets.example.com")
    conditions = {c["type"]: c["status"] for c in stored["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}
    assert stored["status"]["storedVersions"] == ["v1"]
    assert stored["status"]["acceptedNames"]["listKind"] == "WidgetList"
    assert api("GET", WIDGET)["kind"] == "WidgetList"


def test_a_definition_that_the_server_refuses(api: Any, widgets: Any) -> None:
    widgets["metadata"]["name"] = "wrong.example.com"
    refused = api.fails(422, "POST", CRDS, widgets)
    assert 'must be spec.names.plural+"."+spec.group' in refused["message"]
    with pytest.raises(StatusError, match="is invalid"):
        api.server.install(widgets)


def test_installing_again_keeps_objects_and_reads_them_anew(api: Any, widgets: Any) -> None:
    api(
        "POST",
        WIDGET,
        {
            "apiVersion": "example.com/v1",
            "kind": "Widget",
            "metadata": {"name": "w"},
            "spec": {"m": {"k": "v"}},
        },
    )
    changed = copy.deepcopy(widgets)
    spec = changed["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    del spec["m"]
    spec["colour"] = {"type": "string", "default": "red"}
    api.server.install(changed)
    assert api("GET", f"{WIDGET}/w")["spec"] == {"size": 3, "colour": "red"}
    assert api("GET", f"{CRDS}/widgets.example.com")["metadata"]["generation"] == 2
    api.server.install(changed)
    assert api("GET", f"{CRDS}/widgets.example.com")["metadata"]["generation"] == 2


def test_two_versions_show_the_same_objects(api: Any, widgets: Any) -> None:
    second = copy.deepcopy(widgets["spec"]["versions"][0]) | {"name": "v2", "storage": False}
    widgets["spec"]["versions"].append(second)
    api.server.install(widgets)
    api("POST", WIDGET, {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}})
    found = api("GET", WIDGET.replace("/v1/", "/v2/"))
    assert (found["apiVersion"], found["items"][0]["apiVersion"]) == ("example.com/v2", "example.com/v2")
    deprecated = second | {"deprecated": True}
    widgets["spec"]["versions"][1] = deprecated
    api.server.install(widgets)
    warned = api.request("GET", WIDGET.replace("/v1/", "/v2/"))
    assert warned.headers["Warning"] == '299 - "example.com/v2 Widget is deprecated"'
    group = api("GET", "/apis/example.com")
    assert group["preferredVersion"]["version"] == "v2"


def test_selectable_fields_select(api: Any, widgets: Any) -> None:
    widgets["spec"]["versions"][0]["selectableFields"] = [{"jsonPath": ".spec.size"}]
    api.server.install(widgets)
    for name, size in (("a", 1), ("b", 2)):
        body = {
            "apiVersion": "example.com/v1",
            "kind": "Widget",
            "metadata": {"name": name},
            "spec": {"size": size},
        }
        api("POST", WIDGET, body)
    found = api("GET", f"{WIDGET}?fieldSelector=spec.size%3D2")
    assert [item["metadata"]["name"] for item in found["items"]] == ["b"]
    refused = api.fails(400, "GET", f"{WIDGET}?fieldSelector=spec.other%3D2")
    assert refused["message"] == "field label not supported: spec.other"


def test_discovery_lists_resources_and_subresources(api: Any) -> None:
    found = {r["name"]: r for r in api("GET", "/apis/example.com/v1")["resources"]}
    assert list(found) == ["widgets", "widgets/status", "widgets/scale"]
    assert found["widgets"]["shortNames"] == ["wd"]
    assert found["widgets/scale"]["kind"] == "Scale"
    assert "pods" in [r["name"] for r in api("GET", "/api/v1")["resources"]]
    assert "apps" in [g["name"] for g in api("GET", "/apis")["groups"]]


def test_aggregated_discovery_has_everything_in_two_answers(api: Any) -> None:
    groups = api.request("GET", "/apis", Accept=AGGREGATED).json()
    assert groups["apiVersion"] == "apidiscovery.k8s.io/v2"
    by_name = {item["metadata"]["name"]: item for item in groups["items"]}
    (resource,) = by_name["example.com"]["versions"][0]["resources"]
    assert resource["responseKind"] == {"group": "example.com", "version": "v1", "kind": "Widget"}
    core = api.request("GET", "/api", Accept=AGGREGATED).json()
    assert len(core["items"]) == 1


def test_openapi_documents_hold_the_schema(api: Any) -> None:
    paths = api("GET", "/openapi/v3")["paths"]
    document = api("GET", paths["apis/example.com/v1"]["serverRelativeURL"].partition("?")[0])
    schemas = document["components"]["schemas"]
    schema = schemas["com.example.v1.Widget"]
    pointer = schema["properties"]["metadata"]["allOf"][0]["$ref"].rpartition("/")[2]
    assert "finalizers" in schemas[pointer]["properties"]
    assert schema["x-kubernetes-group-version-kind"] == [
        {"group": "example.com", "kind": "Widget", "version": "v1"}
    ]
    assert schema["properties"]["spec"]["properties"]["size"]["description"] == "How big."
    apps = api("GET", "/openapi/v3/apis/apps/v1")["components"]["schemas"]
    deployment = next(s for name, s in apps.items() if name.endswith(".Deployment"))
    (pointer,) = deployment["properties"]["spec"]["allOf"]
    spec = apps[pointer["$ref"].rpartition("/")[2]]
    assert spec["properties"]["replicas"]["type"] == "integer"
    assert api.request("GET", "/openapi/v3/apis/nothing/v1").status == 404


def test_every_reference_of_an_openapi_document_leads_somewhere(api: Any) -> None:
    for path in api("GET", "/openapi/v3")["paths"]:
        answer = api.request("GET", f"/openapi/v3/{path}")
        names = {name.decode() for name in re.findall(rb"#/components/schemas/([^\"]+)", answer.body)}
        assert names <= set(answer.json()["components"]["schemas"]), path


def test_version_two_of_openapi_serves_what_clients_read(api: Any) -> None:
    definitions = api("GET", "/openapi/v2")["definitions"]
    assert "com.example.v1.Widget" in definitions
    asked = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
    message = api.request("GET", "/openapi/v2", Accept=asked)
    assert message.body.startswith(b"\n\x032.0")


_ASKED = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}


def test_the_server_says_what_it_is(api: Any) -> None:
    assert api("GET", "/version")["gitVersion"].startswith("v1.36")
    assert api.request("GET", "/readyz").body == b"ok"
    answer = api("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", _ASKED)
    assert answer["status"]["allowed"] is True
    who = api("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    assert who["status"]["userInfo"]["username"] == "admin"
