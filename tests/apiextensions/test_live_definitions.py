"""Doubtful points of definitions, asked of a real kube-apiserver: status, message, warnings, what is stored."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from definition_support import definition, of_field

from opgen.apiextensions import decode, prepared_for_create, review_definition
from opgen.apiserver.status import describe
from opgen.ir.definition import Definition

if TYPE_CHECKING:
    from envtest import ControlPlane

pytestmark = pytest.mark.envtest


def versioned(*names: str, **shared: Any) -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", **shared}}
    return definition(
        versions=[{"name": n, "served": True, "storage": n == names[0], "schema": schema} for n in names]
    )


def with_status(raw: dict[str, Any], **status: Any) -> dict[str, Any]:
    return raw | {"status": status}


def with_version(raw: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    raw["spec"]["versions"][0].update(keywords)
    return raw


EMBEDDED = {
    "type": "object",
    "x-kubernetes-embedded-resource": True,
    "x-kubernetes-preserve-unknown-fields": True,
}


def with_branch(**keywords: Any) -> dict[str, Any]:
    branches = [{"type": "integer", **keywords}, {"type": "string"}]
    return of_field({"x-kubernetes-int-or-string": True, "anyOf": branches})


BRANCH_EXTRAS: list[dict[str, Any]] = [
    *({name: []} for name in ("required", "x-kubernetes-list-map-keys", "x-kubernetes-validations")),
    *({name: []} for name in ("enum", "allOf", "items")),
    *(
        {name: {}}
        for name in ("properties", "items", "definitions", "patternProperties", "dependencies", "not")
    ),
    {"example": 1},
    {"externalDocs": {"url": "a"}},
    {"additionalProperties": False},
    {"additionalProperties": True},
    {"$ref": ""},
    {"nullable": False},
    {"title": ""},
]
CASES: dict[str, dict[str, Any]] = {
    "plain": definition(),
    "status of a new definition is the server's": with_status(definition(), storedVersions=["v9"]),
    "junk names in the status": with_status(definition(), acceptedNames={"plural": "X", "kind": "a b"}),
    **{f"a branch of int-or-string with {extra}": with_branch(**extra) for extra in BRANCH_EXTRAS},
    "unknown format": of_field({"type": "string", "format": "magic"}),
    "unknown format of an integer": of_field({"type": "integer", "format": "date"}),
    "Go's own classes": of_field({"type": "string", "pattern": "\\p{Letter}\\p{ASCII}\\p{greek}"}),
    "a byte class": of_field({"type": "string", "pattern": "\\C"}),
    "a lookbehind": of_field({"type": "string", "pattern": "(?<=a)b>c"}),
    "an unknown keyword": of_field({"type": "string", "const": "x"}),
    "an unknown keyword below items": of_field({"type": "array", "items": {"type": "string", "const": "x"}}),
    "a wrong type below items": of_field({"type": "array", "items": {"type": 1}}),
    "a wrong type": of_field({"type": ["string", "null"]}),
    "items that are a number": of_field({"type": "array", "items": 5}),
    "a float for a length": of_field({"type": "string", "maxLength": 1.5}),
    "a shared schema": versioned("v1", "v2", properties={"a": {}}),
    "duplicate versions": versioned("v1", "v1"),
    "capital version": versioned("V1"),
    "root metadata with labels": definition(
        {"type": "object", "properties": {"metadata": {"type": "object", "description": "x"}}}
    ),
    "a root schema that is not an object": definition({"type": "array", "items": {"type": "string"}}),
    "a default of an embedded resource": of_field(
        EMBEDDED | {"default": {"kind": "a b", "apiVersion": "a/b/c"}}
    ),
    "a default with unknown fields": of_field(
        {"type": "object", "properties": {"b": {"type": "string"}}, "default": {"z": 1}}
    ),
    "null as default": of_field({"type": "string", "default": None}),
    "empty enum": of_field({"type": "string", "enum": []}),
    "nullable root": definition({"type": "object", "nullable": True}),
    "$schema": of_field({"type": "string", "$schema": "x"}),
    "a webhook without namespace": definition(
        conversion={
            "strategy": "Webhook",
            "webhook": {
                "clientConfig": {"service": {"name": "n", "namespace": ""}},
                "conversionReviewVersions": ["v1"],
            },
        }
    ),
    "a webhook with a path for URL": definition(
        conversion={
            "strategy": "Webhook",
            "webhook": {"clientConfig": {"url": "https://a b/"}, "conversionReviewVersions": ["v1"]},
        }
    ),
    "an approved group": definition(group="x.k8s.io"),
    "a selectable field by index": with_version(
        of_field({"type": "string"}), selectableFields=[{"jsonPath": ".a['b']"}, {"jsonPath": ".a"}]
    ),
    "status subresource and junctors": with_version(
        definition({"type": "object", "anyOf": [{"required": ["a"]}]}), subresources={"status": {}}
    ),
    "junctors at the root": definition(
        {"type": "object", "anyOf": [{"properties": {"a": {"minLength": 1}}}]}
    ),
    "a dear rule": of_field(
        {
            "type": "array",
            "items": {"type": "string"},
            "x-kubernetes-validations": [{"rule": "self.all(x, self.all(y, x != y))"}],
        }
    ),
    "preserve at the top": definition(preserveUnknownFields=True),
    "a bad label": definition() | {"metadata": {"name": "widgets.example.com", "labels": {"a b": "c d"}}},
}


def dry_run(plane: ControlPlane, raw: Any, mode: str) -> tuple[int, Any, list[str]]:
    """Status, answer and warnings of a dry-run creation."""
    request = urllib.request.Request(
        f"{plane.url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All&fieldValidation={mode}",
        data=json.dumps(raw).encode(),
        headers={"Authorization": f"Bearer {plane.token}", "Content-Type": "application/json"},
    )
    context = ssl.create_default_context(cafile=str(plane.ca_file))
    context.check_hostname = False
    try:
        with urllib.request.urlopen(request, context=context) as answer:
            warnings = answer.headers.get_all("Warning") or []
            return answer.status, json.load(answer), [said.split('"', 1)[1] for said in warnings]
    except urllib.error.HTTPError as answer:
        return answer.code, json.load(answer), []


def asked(raw: dict[str, Any], mode: str) -> tuple[int, list[str], list[str], Any]:
    """Our answer to the same: what the server does to a new status comes first."""
    decoded = decode(raw, strict=mode != "Ignore")
    subject: Definition | dict[str, Any] = raw
    if not decoded.strict_error and decoded.definition is not None:
        subject = prepared_for_create(decoded.definition)
    verdict = review_definition(subject, field_validation=mode)
    if verdict.decode:
        return 400, [verdict.decode], [], None
    if not verdict.allowed:
        return 422, [f"{error.field}: {describe(error)}" for error in verdict.errors], [], None
    return 201, [], list(verdict.warnings), verdict.stored


@pytest.mark.parametrize("mode", ["Strict", "Ignore"])
@pytest.mark.parametrize("name", CASES)
def test_answers_as_a_real_server_does(control_plane: ControlPlane, name: str, mode: str) -> None:
    raw = deepcopy(CASES[name])
    status, answer, warnings = dry_run(control_plane, raw, mode)
    ours, messages, our_warnings, stored = asked(raw, mode)
    assert ours == status, answer
    if status == 201:
        assert stored["spec"] == answer["spec"]
        assert [said.replace('\\"', '"').rstrip('"') for said in warnings] == [
            w.rstrip('"') for w in our_warnings
        ]
    else:
        # in no order: the server goes through maps as they come
        missing = [said for said in messages if said not in answer["message"]]
        assert missing == [], answer["message"]
