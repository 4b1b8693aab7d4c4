"""Updates: what may never change, and what an old definition may keep although a new one may not have it."""

from __future__ import annotations

import base64
from copy import deepcopy
from typing import Any

import pytest
from definition_support import definition, details, of_field, wrong

from opgen.apiextensions import decode, prepared_for_create, prepared_for_update, review_definition
from opgen.apiextensions.cel import check_schema
from opgen.ir.definition import Definition
from opgen.ir.schema import Schema, ValidationRule


def stored(raw: dict[str, Any], *, established: bool = False) -> dict[str, Any]:
    """The definition as it is in a cluster."""
    raw = deepcopy(raw)
    raw["metadata"]["resourceVersion"] = "7"
    raw["status"] = {
        "storedVersions": [version["name"] for version in raw["spec"]["versions"] if version["storage"]],
        "conditions": [{"type": "Established", "status": "True" if established else "False"}],
    }
    return raw


def updated(old: dict[str, Any], new: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """What is wrong with replacing `old`; without `new`, by itself."""
    new = deepcopy(old if new is None else new)
    new["metadata"]["resourceVersion"] = "7"
    new.setdefault("status", old["status"])
    return wrong(new, old)


def test_an_update_names_the_version_that_it_replaces() -> None:
    old = stored(definition())
    new = deepcopy(old)
    del new["metadata"]["resourceVersion"]
    assert wrong(new, old) == [("metadata.resourceVersion", "must be specified for an update")]


@pytest.mark.parametrize("established", [False, True])
def test_group_and_plural_never_change_scope_and_kind_not_once_established(established: bool) -> None:
    old = stored(definition(), established=established)
    new = definition(names={"plural": "gadgets", "kind": "Gadget"}, group="example.org", scope="Cluster")
    new["metadata"]["name"] = old["metadata"]["name"]
    fixed = ["spec.group", "spec.names.plural"]
    if established:
        fixed += ["spec.names.kind", "spec.scope"]
    assert updated(old, new) == sorted((place, "field is immutable") for place in fixed)


def test_a_version_that_was_stored_remains() -> None:
    old = stored(definition())
    new = definition()
    new["spec"]["versions"][0]["name"] = "v2"
    new["status"] = {"storedVersions": ["v1", "v2"]}
    ((place, text),) = updated(old, new)
    assert place == "status.storedVersions[0]"
    assert text.startswith("missing from spec.versions; v1 was previously a storage version, and must remain")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ({"type": "file"}, "supported values"),
        ({}, "must not be empty for specified object fields"),
        (
            {"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "set"},
            "must be atomic as item of a list",
        ),
        (
            {"type": "array", "items": {"type": "string", "nullable": True}, "x-kubernetes-list-type": "set"},
            "cannot be nullable when x-kubernetes-list-type is set",
        ),
    ],
)
def test_what_an_old_definition_broke_is_kept_and_not_introduced(field: Any, text: str) -> None:
    broken = of_field(field)
    if field != {}:  # what is not structural is kept only where unknown fields are preserved as a whole
        assert updated(stored(broken)) == []
    (found,) = updated(stored(of_field({"type": "string"})), broken)
    assert found[1].startswith(text)


def test_schemas_that_are_not_structural_are_kept_where_unknown_fields_are_preserved() -> None:
    loose = of_field({"properties": {"b": {}}})
    loose["spec"]["preserveUnknownFields"] = True
    assert updated(stored(loose)) == []


def test_a_missing_schema_is_kept_where_its_version_is_not_served() -> None:
    old = definition()
    del old["spec"]["versions"][0]["schema"]
    place = "spec.versions[0].schema.openAPIV3Schema"
    assert updated(stored(old)) == [(place, "because otherwise all fields are pruned")]
    old["spec"]["versions"][0]["served"] = False
    assert updated(stored(old)) == []
    assert updated(stored(definition()), old) == [(place, "")]


def test_unpruned_defaults_are_kept() -> None:
    field = {"type": "object", "properties": {"b": {"type": "string"}}, "default": {"z": 1}}
    assert details(of_field(field)) == ["must not have unknown fields"]
    assert updated(stored(of_field(field))) == []


def test_an_unknown_review_version_is_kept() -> None:
    hook = {"clientConfig": {"url": "https://a.b"}, "conversionReviewVersions": ["v9"]}
    raw = definition(conversion={"strategy": "Webhook", "webhook": hook})
    assert updated(stored(raw)) == []
    assert [place for place, _ in updated(stored(definition()), raw)] == [
        "spec.conversion.conversionReviewVersions"
    ]


def test_a_broken_bundle_is_kept_and_not_introduced_once_established() -> None:
    def hooked(bundle: bytes) -> dict[str, Any]:
        config = {"url": "https://a.b", "caBundle": base64.b64encode(bundle).decode()}
        hook = {"clientConfig": config, "conversionReviewVersions": ["v1"]}
        return definition(conversion={"strategy": "Webhook", "webhook": hook})

    place = "spec.conversion.webhookClientConfig.caBundle"
    prefix = "unable to load root certificates: "
    plain = stored(definition(), established=True)
    assert updated(stored(hooked(b"x"), established=True)) == []
    assert updated(plain, hooked(b"x")) == [(place, f"{prefix}unable to parse bytes as PEM block")]
    key = b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"
    assert updated(plain, hooked(key)) == [(place, f"{prefix}no valid certificate authority data seen")]
    junk = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    assert updated(plain, hooked(junk)) == [
        (place, f"{prefix}failed to parse certificate: x509: malformed certificate")
    ]
    # the smallest that counts here: one DER sequence
    assert updated(plain, hooked(junk.replace(b"AAAA", b"MAA="))) == []


def test_more_than_eight_selectable_fields_are_kept_unchanged() -> None:
    names = [f"f{number}" for number in range(10)]
    raw = definition({"type": "object", "properties": {name: {"type": "string"} for name in names}})
    raw["spec"]["versions"][0]["selectableFields"] = [{"jsonPath": f".{name}"} for name in names]
    assert updated(stored(raw)) == []
    fewer = deepcopy(raw)
    del fewer["spec"]["versions"][0]["selectableFields"][0]
    assert updated(stored(raw), fewer) == [("spec.selectableFields", "must have at most 8 items")]


def test_dear_rules_are_kept_where_the_schema_is_unchanged() -> None:
    rule = "self.all(x, self.all(y, self.all(z, x == y || y == z)))"
    field = {"type": "array", "items": {"type": "string"}, "x-kubernetes-validations": [{"rule": rule}]}
    raw = of_field(field)
    fresh = details(raw)
    assert any(text.startswith("estimated rule cost exceeds budget") for text in fresh)
    kept = [text for _, text in updated(stored(raw))]
    assert not any(text.startswith("estimated rule cost exceeds budget") for text in kept)
    # what all rules of a schema cost together is never forgiven
    assert any("rule cost total" in text for text in kept)


def test_an_unchanged_approval_is_never_a_reason_to_refuse() -> None:
    raw = definition(group="x.k8s.io")
    assert len(wrong(raw)) == 1
    assert updated(stored(raw)) == []


def test_preserving_unknown_fields_is_kept_and_not_introduced() -> None:
    raw = definition(preserveUnknownFields=True)
    assert updated(stored(raw)) == []
    assert len(updated(stored(definition()), raw)) == 1


def test_the_server_writes_status_itself() -> None:
    def decoded(raw: dict[str, Any]) -> Definition:
        found = decode(raw).definition
        assert found is not None
        return found

    raw = definition()
    raw["status"] = {"storedVersions": ["v0"], "acceptedNames": {"plural": "X", "kind": "Y"}}
    created = prepared_for_create(decoded(raw))
    assert created.stored_versions == ("v1",)
    assert created.accepted_names is None
    raw["spec"]["versions"][0]["name"] = "v2"
    changed = prepared_for_update(decoded(raw), created)
    assert changed.stored_versions == ("v1", "v2")


def test_a_namespace_managers_and_generation_in_a_request_are_not_looked_at() -> None:
    def decoded(raw: dict[str, Any]) -> Definition:
        found = decode(raw).definition
        assert found is not None
        return found

    raw = definition()
    raw["metadata"]["resourceVersion"] = "7"
    plain = prepared_for_create(decoded(raw))
    raw["metadata"] |= {"namespace": "kube-system", "managedFields": [{"operation": "Odd"}], "generation": -1}
    assert not review_definition(raw).allowed
    assert review_definition(prepared_for_create(decoded(raw))).allowed
    assert review_definition(prepared_for_update(decoded(raw), plain), plain).allowed


def test_rules_at_and_above_a_broken_node_are_not_compiled() -> None:
    rule = (ValidationRule("self +"),)
    schema = Schema(
        type="object",
        properties={"a": Schema(type="string", x_validations=rule), "b": Schema(type="string")},
        x_validations=rule,
    )
    assert [e.field for e in check_schema(schema, "p", broken={"p.properties[b]"})] == [
        "p.properties[a].x-kubernetes-validations[0].rule"
    ]
