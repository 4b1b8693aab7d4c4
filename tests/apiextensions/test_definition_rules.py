"""Names, versions, columns, scale, selectable fields, conversion, approval: each rule of a definition's spec."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from definition_support import definition, of_field, wrong

from opgen.apiextensions import review_definition
from opgen.apiextensions.complaints import text
from opgen.apiextensions.errors import FieldError, Omitted
from opgen.apiextensions.gotext import bad_value

LABEL = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
MIXED = f"may have mixed case, but should otherwise match: {LABEL}"


def shown_value(error: FieldError) -> str:
    assert not isinstance(error.value, Omitted)
    return bad_value(error.value)


def test_a_plain_definition_is_taken_and_stored_with_its_defaults() -> None:
    verdict = review_definition(definition())
    assert verdict.allowed
    stored: Any = verdict.stored
    assert stored["spec"]["names"] == {
        "plural": "widgets",
        "singular": "widget",
        "kind": "Widget",
        "listKind": "WidgetList",
    }
    assert stored["spec"]["conversion"] == {"strategy": "None"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"singular": "Widget"}, [("spec.names.singular", LABEL)]),
        ({"kind": "Wid_get"}, [("spec.names.kind", MIXED), ("spec.names.listKind", MIXED)]),
        ({"kind": "Widget-2"}, []),
        ({"listKind": "Widget"}, [("spec.names.listKind", "kind and listKind may not be the same")]),
        ({"shortNames": ["w", "W"]}, [("spec.names.shortNames[1]", LABEL)]),
        ({"categories": ["all", "1"]}, [("spec.names.categories[1]", LABEL)]),
        ({"singular": "a" * 64}, [("spec.names.singular", "must be no more than 63 characters")]),
    ],
)
def test_names_are_labels(names: Any, expected: list[tuple[str, str]]) -> None:
    found = wrong(definition(names={"plural": "widgets", "kind": "Widget", "singular": "widget", **names}))
    assert found == expected


def test_the_definition_is_named_after_plural_and_group() -> None:
    raw = definition()
    raw["metadata"]["name"] = "widget.example.com"
    assert wrong(raw) == [("metadata.name", 'must be spec.names.plural+"."+spec.group')]


def test_what_is_missing_is_required() -> None:
    verdict = review_definition({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"})
    assert [e.field for e in verdict.errors if str(e.type) == "FieldValueRequired"] == [
        "metadata.name",
        "spec.group",
        "spec.scope",
        "spec.names.plural",
        "spec.names.singular",
        "spec.names.kind",
        "spec.names.listKind",
    ]


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("example", "should be a domain with at least one dot"),
        ("Example.com", "a lowercase RFC 1123 subdomain"),
    ],
)
def test_the_group_is_a_domain(group: str, text: str) -> None:
    found = dict(wrong(definition(group=group)))
    assert found["spec.group"].startswith(text)


def test_the_scope_is_one_of_two() -> None:
    text = 'supported values: "Cluster", "Namespaced"'
    assert wrong(definition(scope="Everywhere")) == [("spec.scope", text)]
    assert wrong(definition(scope="Cluster")) == []


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("https://github.com/kubernetes/enhancements/pull/1111", ""),
        ("unapproved, for a test", ""),
        ("", 'protected groups must have approval annotation "api-approved.kubernetes.io", see'),
        (
            "approved",
            'protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL',
        ),
    ],
)
@pytest.mark.parametrize("group", ["x.k8s.io", "kubernetes.io"])
def test_protected_groups_need_approval(group: str, annotation: str, expected: str) -> None:
    raw = definition(group=group)
    raw["metadata"]["annotations"] = {"api-approved.kubernetes.io": annotation}
    found = wrong(raw)
    assert [place for place, _ in found] == ["metadata.annotations[api-approved.kubernetes.io]"] * bool(
        expected
    )
    assert all(text.startswith(expected) for _, text in found)


def version(name: str, *, storage: bool = False, **keywords: Any) -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object"}}
    return {"name": name, "served": True, "storage": storage, "schema": schema, **keywords}


def test_versions_have_unique_names_and_one_is_stored() -> None:
    assert wrong(definition(versions=[version("v1", storage=True), version("v1")])) == [
        ("spec.versions", "must contain unique version names")
    ]
    assert wrong(definition(versions=[version("v1")])) == [
        ("spec.versions", "must have exactly one version marked as storage version"),
        ("status.storedVersions", "must have at least one stored version"),
    ]
    both = [version("v1", storage=True), version("v2", storage=True)]
    assert wrong(definition(versions=both)) == [
        ("spec.versions", "must have exactly one version marked as storage version"),
        ("status.storedVersions", "must have the storage version v2"),
    ]


def test_versions_are_named_by_labels_the_first_one_twice_blamed() -> None:
    assert wrong(definition(versions=[version("V1", storage=True)])) == [
        ("spec.version", LABEL),
        ("spec.versions[0].name", LABEL),
    ]
    assert wrong(definition(versions=[version("foo-10", storage=True)])) == []


def test_every_version_has_a_schema() -> None:
    raw = definition(versions=[version("v1", storage=True), version("v2", schema=None)])
    assert wrong(raw) == [("spec.versions[1].schema.openAPIV3Schema", "")]


def test_a_schema_that_all_versions_share_is_blamed_once_at_the_top() -> None:
    bad = {"openAPIV3Schema": {"type": "object", "properties": {"a": {}}}}
    other = {"openAPIV3Schema": {"type": "object", "properties": {"b": {}}}}
    text = "must not be empty for specified object fields"
    shared = definition(versions=[version("v1", storage=True, schema=bad), version("v2", schema=bad)])
    assert wrong(shared) == [(".properties[a].type", text)]
    own = definition(versions=[version("v1", storage=True, schema=bad), version("v2", schema=other)])
    assert wrong(own) == [
        ("spec.versions[0].schema.openAPIV3Schema.properties[a].type", text),
        ("spec.versions[1].schema.openAPIV3Schema.properties[b].type", text),
    ]


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({"deprecated": True, "deprecationWarning": "use v2"}, []),
        ({"deprecationWarning": "use v2"}, ["can only be set for deprecated versions"]),
        ({"deprecated": True, "deprecationWarning": ""}, ["must not be an empty string"]),
        ({"deprecated": True, "deprecationWarning": "x" * 257}, ["must be <= 256 characters long"]),
        (
            {"deprecated": True, "deprecationWarning": "é\n"},
            ["must only contain printable UTF-8 characters; non-printable character found at index 2"],
        ),
    ],
)
def test_deprecation_warnings(keywords: Any, expected: list[str]) -> None:
    raw = definition(versions=[version("v1", storage=True, **keywords)])
    assert wrong(raw) == [("spec.versions[0].deprecationWarning", text) for text in expected]


TYPES = "must be one of boolean,date,integer,number,string"


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ({"name": "A", "type": "date", "jsonPath": ".metadata.creationTimestamp"}, []),
        ({"name": "A", "type": "string", "jsonPath": "spec.a"},
         [("JSONPath", "must be a simple json path starting with .")]),
        ({}, [("JSONPath", ""), ("name", ""), ("type", TYPES)]),
        ({"name": "A", "type": "time", "jsonPath": ".a"}, [("type", TYPES)]),
        ({"name": "A", "type": "integer", "jsonPath": ".a", "format": "x"},
         [("format", "must be one of byte,date,date-time,double,float,int32,int64,password")]),
    ],
)  # fmt: skip
def test_printer_columns(column: Any, expected: list[tuple[str, str]]) -> None:
    raw = definition(versions=[version("v1", storage=True, additionalPrinterColumns=[column])])
    assert wrong(raw) == [(f"spec.additionalPrinterColumns[0].{field}", text) for field, text in expected]


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ({"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n", "labelSelectorPath": ".spec.s"}, []),
        ({"specReplicasPath": ".status.n", "statusReplicasPath": ".spec.n", "labelSelectorPath": ".x"},
         [("labelSelectorPath", "should be a json path under either .spec or .status"),
          ("specReplicasPath", "should be a json path under .spec"),
          ("statusReplicasPath", "should be a json path under .status")]),
        ({"specReplicasPath": "spec.n"},
         [("specReplicasPath", "must be a simple json path starting with ."), ("statusReplicasPath", "")]),
    ],
)  # fmt: skip
def test_scale(scale: Any, expected: list[tuple[str, str]]) -> None:
    raw = definition(versions=[version("v1", storage=True, subresources={"scale": scale})])
    assert wrong(raw) == [(f"spec.subresources.scale.{field}", text) for field, text in expected]


def test_subresources_and_columns_of_one_version_are_blamed_below_it() -> None:
    column = {"name": "", "type": "string", "jsonPath": ".a"}
    first = version("v1", storage=True, subresources={"scale": {}}, additionalPrinterColumns=[column])
    assert [place for place, _ in wrong(definition(versions=[first, version("v2")]))] == [
        "spec.versions[0].additionalPrinterColumns[0].name",
        "spec.versions[0].subresources.scale.specReplicasPath",
        "spec.versions[0].subresources.scale.statusReplicasPath",
    ]


SPEC = {
    "type": "object",
    "properties": {
        "a": {"type": "string"},
        "n": {"type": "number"},
        "m": {"type": "object", "additionalProperties": {"type": "string"}},
        **{f"f{number}": {"type": "integer"} for number in range(9)},
    },
}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".spec.a", ""),
        (".spec.m.x", ""),
        ("spec.a", "is an invalid path: expected [ or . but got: spec"),
        (".spec.", "is an invalid path: unexpected end of JSON path"),
        (".spec.z", "is an invalid path: does not refer to a valid field"),
        (".spec.m['x']", "is an invalid path: array notation is not allowed"),
        (".metadata.name", "must not point to fields in metadata"),
        (".spec.n", "must point to a field of type string, boolean or integer. Enum string fields and strings with "
                    "formats are allowed."),
    ],
)  # fmt: skip
def test_selectable_fields(path: str, text: str) -> None:
    metadata = {"type": "object", "properties": {"name": {"type": "string"}}}
    raw = definition({"type": "object", "properties": {"spec": SPEC, "metadata": metadata}})
    raw["spec"]["versions"][0]["selectableFields"] = [{"jsonPath": path}]
    assert wrong(raw) == ([("spec.selectableFields[0].jsonPath", text)] if text else [])


def test_selectable_fields_are_given_unique_and_at_most_eight() -> None:
    raw = definition({"type": "object", "properties": {"spec": SPEC}})
    fields = raw["spec"]["versions"][0]["selectableFields"] = [
        {},
        {"jsonPath": ".spec.a"},
        {"jsonPath": ".spec.a"},
    ]
    assert [(e.field, str(e.type)) for e in review_definition(raw).errors] == [
        ("spec.selectableFields[0].jsonPath", "FieldValueRequired"),
        ("spec.selectableFields[2].jsonPath", "FieldValueDuplicate"),
    ]
    fields[:] = [{"jsonPath": f".spec.f{number}"} for number in range(9)]
    assert wrong(raw) == [("spec.selectableFields", "must have at most 8 items")]


def webhook(**config: Any) -> dict[str, Any]:
    return definition(
        conversion={
            "strategy": "Webhook",
            "webhook": {"clientConfig": config, "conversionReviewVersions": ["v1"]},
        }
    )


def test_the_conversions_strategy_and_what_goes_with_it() -> None:
    assert wrong(definition(conversion={"strategy": "Magic"})) == [
        ("spec.conversion.strategy", 'supported values: "None", "Webhook"')
    ]
    assert wrong(definition(conversion={"strategy": "Webhook"})) == [
        ("spec.conversion.conversionReviewVersions", ""),
        ("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook"),
    ]
    raw = webhook(url="https://a.b/c")
    raw["spec"]["conversion"]["strategy"] = "None"
    text = "should not be set when strategy is not set to Webhook"
    assert wrong(raw) == [
        ("spec.conversion.conversionReviewVersions", text),
        ("spec.conversion.webhookClientConfig", text),
    ]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://a.b/c", ""),
        ("http://a.b", "'https' is the only allowed URL scheme; desired format: https://host[/path]"),
        ("https:///c", "host must be specified; desired format: https://host[/path]"),
        ("https://me@a.b", "user information is not permitted in the URL"),
        ("https://a.b#c", "fragments are not permitted in the URL"),
        ("https://a.b?c=d", "query parameters are not permitted in the URL"),
        ("https://a.b:x", 'url must be a valid URL: parse "https://a.b:x": invalid port ":x" after host; '
                          "desired format: https://host[/path]"),
        ("https://a.b/%zz", 'url must be a valid URL: parse "https://a.b/%zz": invalid URL escape "%zz"; '
                            "desired format: https://host[/path]"),
    ],
)  # fmt: skip
def test_the_webhooks_url(url: str, text: str) -> None:
    place = "spec.conversion.webhookClientConfig.url"
    assert wrong(webhook(url=url)) == ([(place, text)] if text else [])


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"namespace": "ns", "name": "n", "path": "/a/b"}, []),
        ({"namespace": "", "name": "n"}, [("name", "")]),  # the server blames the other one
        (
            {"namespace": "ns", "name": "n", "port": 0},
            [("port", "port is not valid: must be between 1 and 65535, inclusive")],
        ),
        ({"namespace": "ns", "name": "n", "path": "//"}, [("path", "segment[0] may not be empty")]),
        ({"namespace": "ns", "name": "n", "path": "/a//b"}, [("path", "segment[1] may not be empty")]),
    ],
)
def test_the_webhooks_service(service: Any, expected: list[tuple[str, str]]) -> None:
    place = "spec.conversion.webhookClientConfig.service"
    assert wrong(webhook(service=service)) == [(f"{place}.{field}", text) for field, text in expected]


def test_a_webhook_has_one_address_and_a_version_that_the_server_speaks() -> None:
    raw = webhook()
    raw["spec"]["conversion"]["webhook"]["conversionReviewVersions"] = ["v2", "v2", "V3"]
    assert wrong(raw) == [
        ("spec.conversion.conversionReviewVersions", "must include at least one of v1, v1beta1"),
        ("spec.conversion.conversionReviewVersions[1]", "duplicate version"),
        ("spec.conversion.conversionReviewVersions[2]", LABEL),
        ("spec.conversion.webhookClientConfig", "exactly one of url or service is required"),
    ]


def test_a_bundle_that_is_no_certificate_is_taken_while_the_kind_is_not_established() -> None:
    bundle = base64.b64encode(b"no certificate").decode()
    raw = webhook(url="https://a.b", caBundle=bundle)
    assert wrong(raw) == []


def test_unknown_fields_may_not_be_preserved_as_a_whole() -> None:
    raw = definition(preserveUnknownFields=True)
    text = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
    assert wrong(raw) == [("spec.preserveUnknownFields", text)]
    with_default = of_field({"type": "string", "default": ""})
    with_default["spec"]["preserveUnknownFields"] = True
    assert wrong(with_default) == [
        ("spec.preserveUnknownFields", text),
        ("spec.preserveUnknownFields", "must be false in order to use defaults in the schema"),
    ]


def test_metadata_follows_the_rules_of_all_objects() -> None:
    raw = definition()
    raw["metadata"].update(labels={"a b": "c"}, namespace="x", finalizers=["a b"])
    assert [place for place, _ in wrong(raw)] == [
        "metadata.finalizers",
        "metadata.labels",
        "metadata.namespace",
    ]


def test_field_validation_decides_what_becomes_of_unknown_fields() -> None:
    raw = definition()
    raw["spec"]["extra"] = 1
    assert review_definition(raw).decode == 'strict decoding error: unknown field "spec.extra"'
    warned = review_definition(raw, field_validation="Warn")
    assert warned.allowed
    assert warned.warnings == ('unknown field "spec.extra"',)
    ignored = review_definition(raw, field_validation="Ignore")
    assert ignored.allowed
    assert ignored.warnings == ()


def test_formats_that_the_server_ignores_are_warned_of_once_and_not_again_on_update() -> None:
    raw = of_field({"type": "string", "format": "magic"}, required=["a"])
    raw["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["b"] = {
        "type": "string",
        "format": "magic",
    }
    raw["metadata"]["resourceVersion"] = "1"
    assert review_definition(raw).warnings == ('unrecognized format "magic"',)
    assert review_definition(raw, raw).warnings == ()


def test_a_webhook_needs_a_client_and_a_path_that_is_one() -> None:
    hook = {"conversionReviewVersions": ["v1"]}
    raw = definition(conversion={"strategy": "Webhook", "webhook": hook})
    place = "spec.conversion.webhookClientConfig"
    assert wrong(raw) == [(place, "required when strategy is set to Webhook")]
    assert wrong(definition(conversion={"strategy": ""})) == [("spec.conversion.strategy", "")]
    found = wrong(webhook(service={"namespace": "", "name": "", "path": "a/B"}))
    assert [field.removeprefix(f"{place}.service.") for field, _ in found] == [
        "name",
        "namespace",
        "path",
        "path",
        "path",
    ]
    # the first character is cut off unseen
    assert [text[:40] for _, text in found[2:]] == [
        "must start with a '/'",
        "segment[0] may not be empty",
        "segment[1]: a lowercase RFC 1123 subdoma",
    ]


def test_what_only_one_version_has_is_blamed_below_it() -> None:
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"a": {"type": "string"}}}}
    first = version("v1", storage=True, schema=schema, selectableFields=[{"jsonPath": ".b"}])
    place = "spec.versions[0].selectableFields[0].jsonPath"
    text = "is an invalid path: does not refer to a valid field"
    assert wrong(definition(versions=[first, version("v2")])) == [(place, text)]


def test_selectable_fields_need_a_schema_that_can_be_followed() -> None:
    fields = [{"jsonPath": ".a"}, {"jsonPath": "a"}]
    missing = definition(versions=[version("v1", storage=True, schema=None, selectableFields=fields)])
    assert ("spec.selectableFields", "may only be set when validations.schema is included") in wrong(missing)
    own = [version("v1", storage=True, schema=None, selectableFields=fields), version("v2")]
    text = "may only be set when `version.schema.openAPIV3Schema` is not included"
    assert ("spec.versions[0].selectableFields", text) in wrong(definition(versions=own))
    unfit = of_field({"type": "string", "$schema": "x"})
    unfit["spec"]["versions"][0]["selectableFields"] = fields
    assert wrong(unfit)[1:] == [
        ("spec.schema.openAPIV3Schema", "OpenAPIV3Schema 'schema' is not supported"),
        ("spec.selectableFields[1].jsonPath", "is an invalid path: expected [ or . but got: a"),
    ]


def test_a_selectable_path_through_a_map_of_anything_leads_to_nothing() -> None:
    raw = of_field({"type": "object", "additionalProperties": True})
    raw["spec"]["versions"][0]["selectableFields"] = [{"jsonPath": ".a.b"}, {"jsonPath": ".a.b.c"}]
    assert [text.split(":")[0] for _, text in wrong(raw)] == [
        "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are "
        "allowed.",
        "is an invalid path",
    ]


def test_a_webhook_conversion_needs_unknown_fields_to_be_pruned() -> None:
    raw = webhook(url="https://a.b")
    raw["spec"]["preserveUnknownFields"] = True
    assert ("spec.conversion.strategy", "must be None if spec.preserveUnknownFields is true") in wrong(raw)


def test_a_services_port_defaults() -> None:
    stored: Any = review_definition(webhook(service={"namespace": "ns", "name": "n"})).stored
    assert stored["spec"]["conversion"]["webhook"]["clientConfig"]["service"]["port"] == 443


def test_structs_are_shown_as_the_server_shows_them() -> None:
    """Every field of its internal types; a person is spared them."""
    raw = definition({"type": "object", "maxProperties": 3, "required": []})
    raw["spec"]["versions"][0] |= {"subresources": {"status": {}}, "storage": False}
    found = {error.field: error for error in review_definition(raw).errors}
    versions, root = found["spec.versions"], found["spec.validation.openAPIV3Schema"]
    assert shown_value(versions) == (
        '[{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,'
        '"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]'
    )
    shown = shown_value(root)
    assert shown.startswith(
        '{"ID":"","Schema":"","Ref":null,"Description":"","Type":"object","Nullable":false,'
    )
    assert '"MaxProperties":3,"MinProperties":null,"Required":[],"Items":null' in shown
    assert text(versions) == f"spec.versions: Invalid value: {versions.detail}"


def test_texts_behind_pointers_are_shown_as_json() -> None:
    raw = definition()
    raw["spec"]["versions"][0]["deprecationWarning"] = "\u00a0<"
    (error,) = review_definition(raw).errors
    assert shown_value(error) == '"\u00a0\\u003c"'


def test_kinds_are_lowered_as_go_does() -> None:
    """Go has one letter for each, Python two for a dotted capital I."""
    raw = definition(names={"plural": "widgets", "kind": "Kind\u0130"})
    stored: Any = review_definition(raw).stored
    assert stored["spec"]["names"]["singular"] == "kindi"


def test_a_conversion_without_a_webhook_stores_none() -> None:
    raw = definition(conversion={"strategy": "None", "webhook": {"conversionReviewVersions": []}})
    stored: Any = review_definition(raw).stored
    assert stored["spec"]["conversion"] == {"strategy": "None"}


@pytest.mark.parametrize(
    ("minimum", "stored"),
    [(2**60, 1152921504606847000), (-(2**63), -9223372036854776000), (2**53, 2**53), (10**21, 1e21)],
)
def test_large_bounds_are_stored_with_their_shortest_digits(minimum: int, stored: float) -> None:
    stored_form: Any = review_definition(of_field({"type": "integer", "minimum": minimum})).stored
    schema = stored_form["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert repr(schema["properties"]["a"]["minimum"]) == repr(stored)
