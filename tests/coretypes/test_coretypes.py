"""The vendored built-in types: schemas fit for a CRD, recognition, kinds, and data that match their source."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from opgen import coretypes
from opgen.apiextensions import apply_defaults, encode_schema, prune, review_definition
from opgen.coretypes import recognition
from opgen.coretypes.lookups import apis
from opgen.ir.schema import CoreRef, Schema

ROOT = Path(__file__).parents[2]
PACKED = ROOT.parent / "shared" / "corpus" / "openapi-v3-1.36.1.tar.gz"


def schema_of(name: str, *, descriptions: bool = False) -> Schema:
    api, _, kind = name.partition(".")
    found = coretypes.lookup(CoreRef(api, kind), descriptions)
    assert found is not None, name
    return found


def at(schema: Schema, *path: str) -> Schema:
    for step in path:
        below = schema.items if step == "[]" else schema.properties[step]
        assert below is not None
        schema = below
    return schema


def definition(schemas: dict[str, Schema]) -> dict[str, Any]:
    properties = {name: encode_schema(schema) for name, schema in schemas.items()}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {
            "openAPIV3Schema": {
                "type": "object",
                "properties": {"spec": {"type": "object", "properties": properties}},
            }
        },
    }
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]},
    }


def lookups() -> dict[str, Schema]:
    found = {}
    for api in apis():
        for name in coretypes.names(api):
            ref = CoreRef(api, name)
            schema = coretypes.lookup(ref)
            assert (schema is None) == bool(coretypes.problem(ref))
            if schema is not None:
                found[str(ref)] = schema
    return found


def test_every_type_may_stand_in_a_crd() -> None:
    """All of them by the rules; a real server took each (tests marked envtest repeat that)."""
    found = lookups()
    assert len(found) > 450
    refused = {}
    for name, schema in found.items():
        verdict = review_definition(definition({"value": schema}))
        if not verdict.allowed:
            refused[name] = [str(error) for error in verdict.errors][:2]
    assert refused == {}


def test_defaults_and_list_types() -> None:
    port = at(schema_of("core/v1.PodTemplateSpec"), "spec", "containers", "[]", "ports")
    assert (port.x_list_type, port.x_list_map_keys) == ("map", ("containerPort", "protocol"))
    assert at(port, "[]", "protocol").default is not None
    assert at(port, "[]", "containerPort").default is None
    assert at(schema_of("core/v1.LocalObjectReference"), "name").default is not None
    assert at(schema_of("meta/v1.ObjectMeta"), "finalizers").x_list_type == "set"


def test_quantities_and_times_are_as_controller_gen_writes_them() -> None:
    limits = at(schema_of("core/v1.ResourceRequirements"), "limits").additional_properties
    assert isinstance(limits, Schema)
    assert limits.x_int_or_string
    assert limits.pattern.startswith("^(\\+|-)?")
    assert [part.type for part in limits.any_of] == ["integer", "string"]
    port = at(schema_of("core/v1.HTTPGetAction"), "port")
    assert port.x_int_or_string
    assert port.pattern == ""
    time = schema_of("meta/v1.Time")
    assert (time.type, time.format) == ("string", "date-time")
    assert schema_of("meta/v1.Quantity") == replace(
        limits, description="", ref=CoreRef("meta/v1", "Quantity")
    )


def test_nothing_of_embedded_metadata_is_pruned() -> None:
    template = schema_of("core/v1.PodTemplateSpec")
    data: Any = {
        "metadata": {
            "labels": {"a": "b"},
            "annotations": {"c": "d"},
            "name": "x",
            "managedFields": [{"fieldsV1": {"f:spec": {".": {}}}}],
        },
        "spec": {"containers": [{"name": "c", "ports": [{"containerPort": 1}]}]},
    }
    before = json.loads(json.dumps(data))
    prune(template, data)
    assert data == before
    apply_defaults(template, data)
    assert data["spec"]["containers"][0]["ports"][0]["protocol"] == "TCP"


def test_descriptions_are_apart() -> None:
    assert schema_of("core/v1.Container").properties["image"].description == ""
    described = schema_of("core/v1.Container", descriptions=True)
    assert "image" in described.properties["image"].description.lower()
    assert "reason" in schema_of("meta/v1.Condition", descriptions=True).properties["reason"].description


def test_types_that_hold_themselves_are_refused_with_a_remedy() -> None:
    ref = CoreRef("apiextensions/v1", "JSONSchemaProps")
    assert coretypes.lookup(ref) is None
    assert "holds itself" in coretypes.problem(ref)
    assert "holds itself" in coretypes.problem(CoreRef("apiextensions/v1", "CustomResourceDefinitionSpec"))


def test_unknown_names_get_a_hint() -> None:
    assert "did you mean core/v1.PodSpec" in coretypes.problem(CoreRef("core/v1", "PodSpce"))
    assert "not a built-in API" in coretypes.problem(CoreRef("cor/v1", "PodSpec"))
    assert coretypes.names("nothing/v1") == ()
    assert "PodSpec" in coretypes.names("core/v1")
    assert "Duration" in coretypes.names("meta/v1")


@pytest.mark.parametrize(
    ("spelled", "canonical"),
    [
        ("v1.PodSpec", "core/v1.PodSpec"),
        ("networking.k8s.io/v1.IngressSpec", "networking/v1.IngressSpec"),
        ("rbac.authorization.k8s.io/v1.PolicyRule", "rbac/v1.PolicyRule"),
        ("core/v1.Quantity", "meta/v1.Quantity"),
    ],
)
def test_apis_may_be_spelled_as_the_server_does(spelled: str, canonical: str) -> None:
    api, _, name = spelled.rpartition(".")
    assert str(coretypes.canonical(CoreRef(api, name))) == canonical
    assert coretypes.lookup(CoreRef(api, name)) is not None


def bare(schema: Schema) -> Schema:
    """As somebody wrote it out: without references, otherwise the same."""
    changed: dict[str, Any] = {
        "properties": {wire: bare(node) for wire, node in schema.properties.items()},
        "items": schema.items and bare(schema.items),
    }
    if isinstance(schema.additional_properties, Schema):
        changed["additional_properties"] = bare(schema.additional_properties)
    return replace(schema, ref=None, description="other words", **changed)


@pytest.mark.parametrize(
    "name",
    [
        *("meta/v1.Condition", "meta/v1.LabelSelector", "core/v1.PodTemplateSpec", "core/v1.Container"),
        *("core/v1.ResourceRequirements", "core/v1.LocalObjectReference", "batch/v1.JobSpec"),
    ],
)
def test_written_out_types_are_recognised(name: str) -> None:
    written = bare(schema_of(name))
    place = Schema(
        type="object", properties={"x": Schema(type="array", items=replace(written, nullable=True))}
    )
    found = at(coretypes.recognise(place), "x", "[]")
    assert str(found.ref) == name
    assert found.nullable
    assert found.description == "other words"
    changed = replace(written, required=(*written.required, "more"))
    assert coretypes.recognise(changed).ref is None


def test_ambiguous_and_small_types_are_not_recognised() -> None:
    """Selectors of a Secret's and of a ConfigMap's key look alike."""
    assert coretypes.recognise(bare(schema_of("core/v1.SecretKeySelector"))).ref is None
    assert coretypes.recognise(Schema(type="object", properties={"name": Schema(type="string")})).ref is None


def test_a_reference_says_no_more_than_the_structure() -> None:
    """A type that is named and one that is written out become the same, ambiguous ones and those below them too."""
    for name in ("core/v1.SecretKeySelector", "core/v1.PodSpec", "meta/v1.Time", "storage/v1.StorageClass"):
        named = schema_of(name)
        written = bare(named)
        found = coretypes.recognise(named)
        assert bare(found) == bare(written)
        assert coretypes.recognise(replace(named, description="mine")).ref == found.ref
        assert refs(found) == refs(coretypes.recognise(written))


def refs(schema: Schema, place: str = "") -> dict[str, str]:
    found = {place: str(schema.ref)} if schema.ref else {}
    for wire, node in schema.properties.items():
        found |= refs(node, f"{place}.{wire}")
    if schema.items:
        found |= refs(schema.items, f"{place}[]")
    if isinstance(schema.additional_properties, Schema):
        found |= refs(schema.additional_properties, f"{place}{{}}")
    return found


def test_recognition_goes_through_maps_and_known_references() -> None:
    known = schema_of("core/v1.ResourceRequirements")
    values = Schema(type="object", additional_properties=bare(known))
    free = Schema(type="object", additional_properties=True)
    place = Schema(type="object", properties={"a": values, "b": known, "c": free})
    found = coretypes.recognise(place)
    inner = found.properties["a"].additional_properties
    assert isinstance(inner, Schema)
    assert inner.ref == known.ref == found.properties["b"].ref
    assert found.properties["c"] == free


def test_kinds() -> None:
    deployment = coretypes.kind("apps", "v1", "Deployment")
    assert deployment is not None
    assert (deployment.plural, deployment.namespaced, deployment.api_version) == (
        "deployments",
        True,
        "apps/v1",
    )
    assert deployment.subresources == ("scale", "status")
    assert (deployment.module, deployment.class_name) == ("opgen_runtime.kinds.apps_v1", "Deployment")
    role = coretypes.kind("rbac.authorization.k8s.io", "v1", "ClusterRole")
    assert role is not None
    assert (role.module, role.namespaced) == ("opgen_runtime.kinds.rbac_v1", False)
    assert coretypes.kind("", "v1", "Pod") is not None
    assert coretypes.kind("apps", "v1", "Nothing") is None


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_core", ROOT / "scripts" / "generate_core.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def unpacked(content: bytes) -> Any:
    return json.loads(gzip.decompress(content))


def test_vendored_digests_are_those_of_the_types() -> None:
    """Regenerate with `python scripts/generate_core.py --openapi ...`."""
    data = ROOT / "opgen" / "coretypes" / "data"
    assert unpacked((data / "digests.json.gz").read_bytes()) == recognition.digests()
    assert unpacked((data / "shapes.json.gz").read_bytes()) == recognition.shapes()


@pytest.mark.corpus
def test_vendored_data_are_what_the_server_answered() -> None:
    if not PACKED.is_file():
        assert os.environ.get("CI") != "true"
        pytest.skip("needs ../shared/corpus")
    generate = script()
    for name, content in generate.derive(generate.read(str(PACKED))).items():
        assert unpacked((ROOT / "opgen" / "coretypes" / "data" / name).read_bytes()) == unpacked(content), (
            name
        )


def test_the_models_of_built_in_kinds_are_what_the_emitter_writes() -> None:
    """Regenerate with `python scripts/generate_core.py`."""
    from opgen.emit.models.builtin import modules

    folder = ROOT / "runtime" / "opgen_runtime" / "kinds"
    by_hand = {"__init__.py", "_lazy.py"}
    there = {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in folder.rglob("*.py")
        if file.relative_to(folder).as_posix() not in by_hand
    }
    made = modules()
    assert sorted(there) == sorted(made)
    assert {name for name, text in made.items() if there[name] != text} == set()
