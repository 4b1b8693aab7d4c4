"""Names: one rule for attributes, classes and files, and reserved names that are frozen."""

from __future__ import annotations

import pytest
from opgen_runtime.objects import Resource, Struct
from opgen_runtime.objects.shapes import camel
from pydantic import BaseModel

from opgen.ir import names


def public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


def test_reserved_names_are_all_that_the_bases_have() -> None:
    """A pydantic that adds a method makes this fail: reserving its name renames a field in users' code."""
    assert public(BaseModel) <= names.STRUCT_NAMES
    assert public(Struct) <= names.STRUCT_NAMES
    assert public(Resource) | set(Resource.model_fields) <= names.RESOURCE_NAMES
    assert public(Struct) | names.ANNOTATION_NAMES >= names.STRUCT_NAMES
    assert public(Resource) | names.STRUCT_NAMES | set(Resource.model_fields) >= names.RESOURCE_NAMES


@pytest.mark.parametrize(
    ("wire", "attribute"),
    [
        ("externalIPs", "external_ips"),
        ("HTTPRoute", "http_route"),
        ("podCIDRs", "pod_cidrs"),
        ("podCIDR", "pod_cidr"),
        ("secretName", "secret_name"),
        ("apiVersion", "api_version"),
        ("x", "x"),
        ("URL", "url"),
        ("IPs", "ips"),
        ("ipv4Address", "ipv4_address"),
        ("nonResourceURLs", "non_resource_urls"),
        ("clusterIPsUsed", "cluster_ips_used"),
        ("fieldsV1", "fields_v1"),
        ("foo-bar", "foo_bar"),
        ("x.y", "x_y"),
        ("class", "class_"),
        ("None", "none"),
        ("1abc", "field_1abc"),
        ("", "field"),
        ("$", "field"),
        ("list", "list_"),
        ("schema", "schema_"),
        ("model_dump", "model_dump_"),
        ("type", "type"),
    ],
)
def test_attributes(wire: str, attribute: str) -> None:
    assert names.attributes([wire]) == {wire: attribute}


def test_attributes_that_clash_get_underscores_whatever_the_order() -> None:
    expected = {"foo-bar": "foo_bar_", "fooBar": "foo_bar", "foo_bar": "foo_bar__"}
    assert names.attributes(["foo_bar", "foo-bar", "fooBar"]) == expected
    assert names.attributes(["fooBar", "foo-bar", "foo_bar"]) == expected
    assert names.attributes(["class", "class_"]) == {"class": "class_", "class_": "class__"}


@pytest.mark.parametrize(
    "attribute", ["secret_name", "class_", "a", "field_1abc", "a__b", "x_y_z", "fields_v1", "a_"]
)
def test_the_runtime_derives_the_same_wire_names(attribute: str) -> None:
    assert names.camel_case(attribute) == camel(attribute)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Widget", "Widget"),
        ("foo-10", "Foo10"),
        ("None", "None_"),
        ("widget", "Widget"),
        ("HTTPRoute", "HTTPRoute"),
    ],
)
def test_class_names(kind: str, expected: str) -> None:
    assert names.class_name(kind) == expected


@pytest.mark.parametrize(
    ("kind", "plural"),
    [("Widget", "widgets"), ("Policy", "policies"), ("Bus", "buses"), ("Box", "boxes"), ("Batch", "batches")],
)
def test_plurals(kind: str, plural: str) -> None:
    assert names.plural_of(kind) == plural


def test_kinds_are_spelled_with_their_api() -> None:
    assert str(names.GroupVersionKind("apps", "v1", "Deployment")) == "apps/v1 Deployment"
    assert names.GroupVersionKind("", "v1", "Pod").api_version == "v1"
    assert names.identifier("Class") == "class_"
    assert names.pascal_case("externalIPs") == "ExternalIPs"
    assert names.is_builtin("list")
    assert not names.is_builtin("widget")
