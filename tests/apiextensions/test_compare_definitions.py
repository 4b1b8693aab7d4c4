"""What is said of a definition as a whole: names, scope, versions, conversion, subresources, the server's refusals."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from compare_support import decoded, line, lines
from definition_support import definition

from opgen.apiextensions.compare import CODES, compare
from opgen.ir.schema import JSON

STRING: dict[str, Any] = {"type": "string"}
ROOT: dict[str, Any] = {
    "type": "object",
    "properties": {"spec": {"type": "object", "properties": {"a": STRING}}},
}


def version(name: str, schema: Any = None, **more: Any) -> dict[str, Any]:
    """A version that is served and not stored."""
    return {
        "name": name,
        "served": True,
        "storage": False,
        "schema": {"openAPIV3Schema": deepcopy(schema or ROOT)},
        **more,
    }


def of_versions(*versions: dict[str, Any], status: Any = None, **spec: Any) -> dict[str, Any]:
    """A definition of these versions, the first stored unless one says so."""
    listed = [dict(v) for v in versions]
    if not any(v["storage"] for v in listed):
        listed[0]["storage"] = True
    raw = definition(versions=listed, **spec)
    if status is not None:
        raw["status"] = status
    return raw


def test_nothing_changed() -> None:
    raw = of_versions(version("v1"), version("v1beta1"))
    assert lines(raw, raw) == []


def test_scope() -> None:
    assert lines(definition(), definition(scope="Cluster")) == [
        "breaking spec.scope: the scope was Namespaced and is Cluster [scope-changed]"
    ]


def test_names() -> None:
    old = definition(
        names={"plural": "widgets", "kind": "Widget", "shortNames": ["wd", "w"], "categories": ["all"]}
    )
    new = definition(
        names={"plural": "widgets", "kind": "Widget", "shortNames": ["w", "wi"], "singular": "wid"}
    )
    assert lines(old, new) == [
        "dangerous spec.names.singular: widget is gone [name-removed]",
        "safe spec.names.singular: wid is new [name-added]",
        "dangerous spec.names.shortNames: wd is gone [name-removed]",
        "safe spec.names.shortNames: wi is new [name-added]",
        "dangerous spec.names.categories: all is gone [name-removed]",
    ]


def test_another_kind_group_or_plural() -> None:
    renamed = definition(names={"plural": "widgets", "kind": "Gadget"})
    assert lines(definition(), renamed) == [
        "breaking spec.names.kind: the kind was Widget and is Gadget [kind-changed]"
    ]
    moved = definition(group="other.example.com")
    assert lines(definition(), moved) == [
        "breaking spec.group: the group was example.com and is other.example.com [group-changed]"
    ]
    plural = definition(names={"plural": "wodgets", "singular": "widget", "kind": "Widget"})
    assert lines(definition(), plural) == [
        "breaking spec.names.plural: the plural was widgets and is wodgets [plural-changed]"
    ]
    listed = definition(names={"plural": "widgets", "kind": "Widget", "listKind": "Widgets"})
    assert lines(definition(), listed) == [
        "breaking spec.names.listKind: the listKind was WidgetList and is Widgets [list-kind-changed]"
    ]


def test_versions_that_come_and_go() -> None:
    both = of_versions(version("v1"), version("v1beta1"))
    one = of_versions(version("v1"))
    assert lines(both, one) == ["breaking spec.versions: v1beta1 is gone [version-removed]"]
    assert lines(one, both) == ["safe spec.versions: v1beta1 is new [version-added]"]
    hidden = of_versions(version("v1"), version("v1beta1", served=False))
    assert lines(both, hidden) == ["breaking spec.versions: v1beta1 is no longer served [version-unserved]"]
    assert lines(hidden, both) == ["safe spec.versions: v1beta1 is served now [version-served]"]
    assert lines(hidden, one) == ["safe spec.versions: v1beta1 is gone [unserved-version-removed]"]
    assert lines(one, hidden) == ["safe spec.versions: v1beta1 is new, not served [version-added]"]


def test_a_stored_version_must_stay() -> None:
    status = {"storedVersions": ["v1", "v1beta1"]}
    old = of_versions(version("v1"), version("v1beta1", served=False), status=status)
    assert lines(old, of_versions(version("v1"))) == [
        "breaking spec.versions: v1beta1 is gone [stored-version-removed]"
    ]
    # Without a status, what was the storage version counts as stored.
    assert lines(of_versions(version("v1")), of_versions(version("v2"))) == [
        "breaking spec.versions: v1 is gone [stored-version-removed]",
        "safe spec.versions: v2 is new [version-added]",
        "dangerous spec.versions: the storage version was v1 and is v2 [storage-version-changed]",
    ]


def test_deprecation() -> None:
    old = of_versions(version("v1"), version("v1beta1"))
    new = of_versions(version("v1"), version("v1beta1", deprecated=True))
    assert lines(old, new) == ["dangerous spec.versions: v1beta1 is deprecated [version-deprecated]"]


def test_conversion() -> None:
    def by_webhook(path: str, bundle: str = "") -> dict[str, Any]:
        config: dict[str, Any] = {"service": {"namespace": "n", "name": "s", "path": path}}
        if bundle:
            config["caBundle"] = bundle
        webhook = {"conversionReviewVersions": ["v1"], "clientConfig": config}
        return {"strategy": "Webhook", "webhook": webhook}

    def converted(conversion: JSON) -> dict[str, Any]:
        return of_versions(version("v1"), version("v2"), conversion=conversion)

    none, hook = converted({"strategy": "None"}), converted(by_webhook("/a"))
    assert lines(none, hook) == [
        "dangerous spec.conversion: the strategy was None and is Webhook [conversion-added]"
    ]
    assert lines(hook, none) == [
        "breaking spec.conversion: the strategy was Webhook and is None [conversion-dropped]"
    ]
    assert lines(hook, converted(by_webhook("/b"))) == [
        "dangerous spec.conversion: the webhook is another [conversion-changed]"
    ]
    bundle = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"
    assert not any("conversion-changed" in text for text in lines(hook, converted(by_webhook("/a", bundle))))


def test_served_versions_that_grow_apart() -> None:
    more = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"a": STRING, "b": STRING}}},
    }
    same = of_versions(version("v1"), version("v1beta1"))
    apart = of_versions(version("v1", more), version("v1beta1"))
    assert lines(same, apart) == [
        "safe v1 spec.b: is new, of type string [field-added]",
        "dangerous v1beta1 spec.b: is not declared, unlike in v1 [versions-diverge]",
    ]
    assert lines(apart, apart) == []  # no news
    other = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"a": {"type": "integer"}}}},
    }
    assert lines(of_versions(version("v1")), of_versions(version("v1"), version("v2", other)))[1:] == [
        "dangerous v1 spec.a: is not as in v2: the type was integer and is string [versions-diverge]",
        "dangerous v2 spec.a: is not as in v1: the type was string and is integer [versions-diverge]",
    ]
    short = deepcopy(ROOT)
    short["properties"]["spec"]["properties"]["a"]["maxLength"] = 3
    assert lines(of_versions(version("v1")), of_versions(version("v1"), version("v1beta1", short)))[1:] == [
        "dangerous v1beta1 spec.a: is not as in v1: maxLength 3 is new [versions-diverge]"
    ]


def test_subresources() -> None:
    with_status = {
        "type": "object",
        "properties": {
            **ROOT["properties"],
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
    plain, declared = of_versions(version("v1")), of_versions(version("v1", with_status))
    status = of_versions(version("v1", with_status, subresources={"status": {}}))
    assert lines(status, declared) == [
        "breaking v1: the subresource status is gone [status-subresource-removed]"
    ]
    assert lines(declared, status) == [
        "dangerous v1: the subresource status is new [status-subresource-added]"
    ]
    assert lines(plain, status)[0] == "safe v1: the subresource status is new [status-began]"

    def scaled(**paths: str) -> dict[str, Any]:
        scale = {"specReplicasPath": ".spec.a", "statusReplicasPath": ".status.a", **paths}
        return of_versions(version("v1", subresources={"scale": scale}))

    assert lines(plain, scaled()) == ["safe v1: the subresource scale is new [scale-added]"]
    assert lines(scaled(), plain) == ["breaking v1: the subresource scale is gone [scale-removed]"]
    assert lines(scaled(), scaled(specReplicasPath=".spec.b")) == [
        "breaking v1: specReplicasPath was .spec.a and is .spec.b [scale-changed]"
    ]
    assert lines(scaled(), scaled(labelSelectorPath=".status.s")) == [
        "safe v1: labelSelectorPath was unset and is .status.s [scale-added]"
    ]


def test_selectable_fields_and_columns() -> None:
    selectable = of_versions(version("v1", selectableFields=[{"jsonPath": ".spec.a"}]))
    plain = of_versions(version("v1"))
    assert lines(selectable, plain) == [
        "breaking v1: .spec.a is no longer selectable [selectable-field-removed]"
    ]
    assert lines(plain, selectable) == ["safe v1: .spec.a is selectable now [selectable-field-added]"]
    column = {"name": "A", "type": "string", "jsonPath": ".spec.a"}
    assert lines(of_versions(version("v1", additionalPrinterColumns=[column])), plain) == [
        "safe v1: the columns are others: -A [columns-changed]"
    ]


def test_pruning() -> None:
    kept = definition(ROOT, preserveUnknownFields=True)
    assert lines(kept, definition(ROOT)) == [
        "breaking spec.preserveUnknownFields: undeclared fields are dropped now [pruning-began]"
    ]
    assert lines(definition(ROOT), kept) == [
        "dangerous spec.preserveUnknownFields: undeclared fields are kept now [pruning-ended]",
        "breaking spec.preserveUnknownFields: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
        "spec.versions[*].schema instead [refused-by-server]",
    ]


def test_what_the_server_refuses_is_said_in_its_words() -> None:
    broken = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"a": {"type": "text"}}}},
    }
    found = lines(definition(ROOT), definition(broken))
    assert found[0] == "breaking v1 spec.a: the type was string and is text [type-changed]"
    assert found[1] == (
        "breaking spec.validation.openAPIV3Schema.properties[spec].properties[a].type: supported values: "
        '"array", "boolean", "integer", "number", "object", "string" [refused-by-server]'
    )
    assert lines(definition(broken), definition(broken)) == []


def test_every_reason_carries_kind_place_and_hint() -> None:
    reasons = compare(decoded(definition(ROOT)), decoded(definition({"type": "object"})))
    assert [(r.kind, r.code, r.place) for r in reasons] == [
        ("Widget", "field-removed", "spec.versions[0].schema.openAPIV3Schema")
    ]
    assert reasons[0].hint == CODES["field-removed"].hint


def test_two_versions_say_the_same_twice() -> None:
    old = of_versions(version("v1"), version("v1beta1"))
    gone = {"type": "object", "properties": {"spec": {"type": "object"}}}
    new = of_versions(version("v1", gone), version("v1beta1", gone))
    assert [line(r) for r in compare(decoded(old), decoded(new))] == [
        "breaking v1 spec.a: is gone [field-removed]",
        "breaking v1beta1 spec.a: is gone [field-removed]",
    ]


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_told_by_some_test(code: str) -> None:
    """A reason whose text nobody looked at is none."""
    from pathlib import Path

    here = Path(__file__).parent
    texts = [
        path.read_text()
        for path in (*here.glob("test_compare_*.py"), *(here.parent / "cli").glob("test_diff*.py"))
    ]
    assert any(f"[{code}]" in text for text in texts), code
