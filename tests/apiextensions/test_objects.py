"""Reviews of whole objects: the order of stages, unknown fields, metadata, updates, subresources."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from opgen.apiextensions import ErrorType, decode, review_object, through_storage
from opgen.ir.definition import Conversion, Definition, Names, Scale, Version, WebhookConversion
from opgen.ir.schema import Schema, ValidationRule, Value

TEXT = Schema(type="string")
INTEGER = Schema(type="integer")


def definition(
    spec: Schema, *, status: Schema | None = None, scale: Scale | None = None, scope: str = "Namespaced"
) -> Definition:
    properties = {"spec": spec}
    if status is not None:
        properties["status"] = status
    schema = Schema(type="object", properties=properties)
    version = Version(
        name="v1",
        served=True,
        storage=True,
        schema=schema,
        status_subresource=status is not None,
        scale=scale,
    )
    return Definition(
        name="widgets.example.com",
        group="example.com",
        names=Names(plural="widgets", kind="Widget", singular="widget", list_kind="WidgetList"),
        scope=scope,
        versions=(version,),
    )


def spec(**properties: Schema) -> Schema:
    return Schema(type="object", properties=properties)


def widget(spec: Any = None, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}}
    if spec is not None:
        made["spec"] = spec
    return {**made, **more}


def said(kind: Definition, obj: Any, old: Any = None, **options: Any) -> list[tuple[str, str]]:
    return [
        (e.field, str(e.type).removeprefix("FieldValue"))
        for e in review_object(kind, obj, old, **options).errors
    ]


def test_stores_what_is_pruned_and_defaulted() -> None:
    """The stored form; what was given stays as it was."""
    kind = definition(spec(a=Schema(type="string", default=Value("x")), b=TEXT))
    given = widget({"b": None})
    verdict = review_object(kind, given)
    assert verdict.allowed
    assert verdict.stored == widget({"a": "x"})
    assert given == widget({"b": None})


def test_unknown_fields_by_field_validation() -> None:
    """Strict refuses, Warn warns, Ignore drops in silence."""
    kind = definition(spec(a=TEXT))
    given = widget({"b": 1, "c": {"d": 2}}, extra=1)
    given["metadata"]["nonsense"] = 1
    names = ["metadata.nonsense", "extra", "spec.b", "spec.c"]
    strict = review_object(kind, given)
    assert not strict.allowed
    assert strict.decode == "strict decoding error: " + ", ".join(f'unknown field "{name}"' for name in names)
    warned = review_object(kind, given, field_validation="Warn")
    assert warned.allowed
    assert warned.warnings == tuple(f'unknown field "{name}"' for name in names)
    ignored = review_object(kind, given, field_validation="Ignore")
    assert ignored.warnings == ()
    assert ignored.stored == widget({})


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        (
            {"labels": {"a": 1}},
            "json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string",
        ),
        ("x", "json: cannot unmarshal string into Go value of type v1.ObjectMeta"),
    ],
)
def test_metadata_of_the_wrong_type_is_the_decoders_error(metadata: Any, text: str) -> None:
    """Nothing else is looked at then."""
    assert review_object(definition(spec()), widget({"b": 1}, metadata=metadata)).decode == text


MANAGED = {"operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1"}


def test_metadata_is_read_and_written_as_object_meta() -> None:
    """Empty fields vanish, times lose their fraction and zone."""
    metadata: dict[str, Any] = {
        "name": "w",
        "labels": {},
        "annotations": None,
        "generation": 0,
        "creationTimestamp": "2024-01-01T01:00:00.5+01:00",
        "ownerReferences": [{"kind": "K", "apiVersion": "v1", "name": "n", "uid": "u", "controller": True}],
        "finalizers": ["a.b/c"],
        "managedFields": [{**MANAGED, "manager": "", "fieldsV1": {"f:x": {}}}],
    }
    verdict = review_object(definition(spec()), widget({}, metadata=metadata))
    assert verdict.stored is not None
    assert verdict.stored["metadata"] == {
        "name": "w",
        "creationTimestamp": "2024-01-01T00:00:00Z",
        "ownerReferences": metadata["ownerReferences"],
        "finalizers": ["a.b/c"],
        "managedFields": [{**MANAGED, "fieldsV1": {"f:x": {}}}],
    }


METADATA = [
    ({"name": "UPPER"}, [("metadata.name", "Invalid")]),
    ({}, [("metadata.name", "Required")]),
    ({"generateName": "x-"}, []),
    ({"generateName": "XY-"}, [("metadata.generateName", "Invalid"), ("metadata.name", "Invalid")]),
    ({"name": "w", "namespace": "a.b"}, [("metadata.namespace", "Invalid")]),
    ({"name": "w", "generation": -1}, [("metadata.generation", "Invalid")]),
    ({"name": "w", "labels": {"-": "x"}}, [("metadata.labels", "Invalid")]),
    ({"name": "w", "labels": {"a": "-"}}, [("metadata.labels", "Invalid")]),
    ({"name": "w", "labels": {"a/b/c": ""}}, [("metadata.labels", "Invalid")]),
    ({"name": "w", "annotations": {"/b": ""}}, [("metadata.annotations", "Invalid")]),
    ({"name": "w", "annotations": {"UPPER.example/b": ""}}, []),
    ({"name": "w", "annotations": {"a": "x" * (256 * 1024)}}, [("metadata.annotations", "TooLong")]),
    ({"name": "w", "finalizers": ["orphan", "foregroundDeletion"]}, [("metadata.finalizers", "Invalid")]),
    ({"name": "w", "finalizers": ["a b"]}, [("metadata.finalizers", "Invalid")]),
    (
        {"name": "w", "ownerReferences": [{}]},
        [(f"metadata.ownerReferences.{key}", "Invalid") for key in ("apiVersion", "kind", "name", "uid")],
    ),
    (
        {
            "name": "w",
            "ownerReferences": [
                {"apiVersion": "v1", "kind": "Event", "name": "a", "uid": "u", "controller": True},
                {"apiVersion": "v1", "kind": "B", "name": "b", "uid": "v", "controller": True},
            ],
        },
        [("metadata.ownerReferences", "Invalid")] * 2,
    ),
    (
        {"name": "w", "managedFields": [{**MANAGED, "manager": "m" * 129}]},
        [("metadata.managedFields[0].manager", "TooLong")],
    ),
]


@pytest.mark.parametrize(("metadata", "errors"), METADATA)
def test_metadata_rules(metadata: Any, errors: list[tuple[str, str]]) -> None:
    """apimachinery's rules about an object's metadata."""
    assert said(definition(spec()), widget({}, metadata=metadata)) == errors


def test_namespaces_and_scope() -> None:
    """A cluster-scoped object has none; a namespaced one's may come from the request."""
    placed = {"name": "w", "namespace": "n"}
    assert said(definition(spec(), scope="Cluster"), widget({}, metadata=placed)) == [
        ("metadata.namespace", "Forbidden")
    ]
    assert said(definition(spec()), widget({}, metadata=placed)) == []


def test_type_is_checked_against_kind_and_version() -> None:
    """Another kind or version is refused; without a kind there is nothing to judge."""
    kind = definition(spec())
    assert said(kind, {**widget({}), "kind": "Other"}) == [("kind", "Invalid")]
    assert said(kind, {**widget({}), "apiVersion": "example.com/v2"}) == [("apiVersion", "Invalid")]
    elsewhere = review_object(kind, {**widget({}), "apiVersion": "example.com/v2"}, version="v1")
    assert "does not match the expected API version (example.com/v1)" in elsewhere.decode
    assert review_object(kind, {"apiVersion": "example.com/v1"}).decode == "Object 'Kind' is missing"
    assert not review_object(kind, []).allowed


def test_rules_wait_for_structural_errors() -> None:
    """A cause at <nil> says so, where there are rules at all."""
    rule = ValidationRule("self.a < 5")
    ruled = Schema(
        type="object", properties={"a": INTEGER, "b": TEXT}, required=("b",), x_validations=(rule,)
    )
    assert said(definition(ruled), widget({"a": 9, "b": ""})) == [("spec", "Invalid")]
    assert said(definition(ruled), widget({"a": 9})) == [("spec.b", "Required"), ("<nil>", "Invalid")]
    plain = Schema(type="object", properties={"b": TEXT}, required=("b",))
    assert said(definition(plain), widget({})) == [("spec.b", "Required")]


def test_list_types() -> None:
    """Doubles in sets and of keys in maps, each told once."""
    item = Schema(type="object", properties={"k": TEXT, "l": TEXT})
    kind = definition(
        spec(
            s=Schema(type="array", items=Schema(x_preserve_unknown_fields=True), x_list_type="set"),
            m=Schema(type="array", items=item, x_list_type="map", x_list_map_keys=("k",)),
            n=Schema(type="array", items=item, x_list_type="map", x_list_map_keys=("k", "l")),
        )
    )
    assert said(kind, widget({"s": ["a", "b", "a", "a", 1, True, 1.0, {"x": 1}, {"x": 1}]})) == [
        ("spec.s[2]", "Duplicate"),
        ("spec.s[8]", "Duplicate"),
    ]
    assert said(kind, widget({"m": [{"k": "a"}, {"k": "b"}, {"k": "a"}, {}, {}]})) == [
        ("spec.m[2]", "Duplicate"),
        ("spec.m[4]", "Duplicate"),
    ]
    assert said(kind, widget({"n": [{"k": "a", "l": "x"}, {"k": "a", "l": "y"}, {"k": "a", "l": "x"}]})) == [
        ("spec.n[2]", "Duplicate")
    ]
    verdict = review_object(kind, widget({"m": [{"k": "a"}, {"k": "a", "l": "x"}]}))
    assert verdict.errors[0].value == {"k": "a"}


def test_embedded_resources() -> None:
    """Their type is required and their metadata read, validated and rewritten."""
    embedded = Schema(type="object", x_embedded_resource=True, x_preserve_unknown_fields=True)
    kind = definition(spec(e=embedded, m=Schema(type="object", additional_properties=embedded)))
    assert said(kind, widget({"e": {}})) == [("spec.e.apiVersion", "Required"), ("spec.e.kind", "Required")]
    bad = {"apiVersion": "a/b/c", "kind": "k.x", "metadata": {"name": "a/b", "labels": {"-": ""}}}
    assert said(kind, widget({"m": {"k": bad}})) == [
        ("spec.m[k].apiVersion", "Invalid"),
        ("spec.m[k].kind", "Invalid"),
        ("spec.m[k].metadata.name", "Invalid"),
        ("spec.m[k].metadata.labels", "Invalid"),
    ]
    good = {"apiVersion": "v1", "kind": "K", "metadata": {"creationTimestamp": None, "labels": {}}, "x": 1}
    stored = review_object(kind, widget({"e": good})).stored
    assert stored is not None
    assert stored["spec"] == {"e": {"apiVersion": "v1", "kind": "K", "metadata": {}, "x": 1}}
    lost = review_object(kind, widget({"e": {**good, "metadata": {"odd": 1}}}))
    assert lost.decode == 'strict decoding error: unknown field "spec.e.metadata.odd"'
    wrong = review_object(kind, widget({"e": {**good, "kind": 5}}))
    assert wrong.decode == "spec.e.kind: Invalid value: 5: must be a string"


def test_scale() -> None:
    """Replicas at the scale subresource's paths."""
    kind = definition(
        spec(
            replicas=Schema(x_preserve_unknown_fields=True), selector=Schema(x_preserve_unknown_fields=True)
        ),
        scale=Scale(".spec.replicas", ".status.replicas", ".spec.selector"),
    )
    assert said(kind, widget({"replicas": 1})) == []
    assert said(kind, widget({"replicas": -1})) == [(".spec.replicas", "Invalid")]
    assert said(kind, widget({"replicas": 1 << 31})) == [(".spec.replicas", "Invalid")]
    verdict = review_object(kind, widget({"replicas": "1", "selector": 5}))
    assert [error.detail for error in verdict.errors] == [
        ".spec.replicas accessor error: 1 is of the type string, expected int64",
        ".spec.selector accessor error: 5 is of the type int64, expected string",
    ]


STORED = {"name": "w", "namespace": "n", "resourceVersion": "1", "uid": "u", "generation": 1}


def stored(spec: Any, **more: Any) -> dict[str, Any]:
    return {**widget(spec, metadata=dict(STORED)), **more}


def test_updates_are_ratcheted() -> None:
    """What was wrong already and did not change is forgiven; a changed part, or a new one, is not."""
    item = Schema(type="object", properties={"k": TEXT, "v": Schema(type="string", max_length=1)})
    kind = definition(
        spec(
            a=Schema(type="string", max_length=1),
            b=TEXT,
            m=Schema(type="array", items=item, x_list_type="map", x_list_map_keys=("k",)),
            plain=Schema(type="array", items=Schema(type="string", max_length=1)),
        )
    )
    old = stored({"a": "long", "m": [{"k": "x", "v": "long"}], "plain": ["long"]})
    assert (
        said(kind, stored({"a": "long", "b": "new", "m": [{"k": "x", "v": "long"}], "plain": ["long"]}), old)
        == []
    )
    assert said(kind, stored({"a": "longer"}), old) == [("spec.a", "TooLong")]
    moved = stored({"m": [{"k": "y", "v": "1"}, {"k": "x", "v": "long"}]})
    assert said(kind, moved, old) == []
    assert said(kind, stored({"m": [{"k": "y", "v": "long"}]}), old) == [("spec.m[0].v", "TooLong")]
    assert said(kind, stored({"plain": ["long", "1"]}), old) == [("spec.plain[0]", "TooLong")]


def test_updates_of_lists_that_were_wrong_already() -> None:
    """Doubles are forgiven where the stored object has some."""
    kind = definition(spec(s=Schema(type="array", items=TEXT, x_list_type="set"), b=TEXT))
    old = stored({"s": ["a", "a"]})
    assert said(kind, stored({"s": ["a", "a"], "b": "x"}), old) == []
    assert said(kind, stored({"s": ["a", "a"]}), stored({"s": ["a"]})) == [("spec.s[1]", "Duplicate")]


def test_metadata_on_update() -> None:
    """Identity is immutable, the resourceVersion is needed, no finalizers join a deletion."""
    kind = definition(spec())
    old = stored({})
    changed = {**STORED, "uid": "other", "resourceVersion": "", "generation": 0}
    assert said(kind, widget({}, metadata=changed), old) == [
        ("metadata.resourceVersion", "Invalid"),
        ("metadata.generation", "Invalid"),
        ("metadata.uid", "Invalid"),
    ]
    deleted = {**STORED, "deletionTimestamp": "2024-01-01T00:00:00Z", "finalizers": ["a.b/c"]}
    more = {**deleted, "finalizers": ["a.b/c", "d.e/f"]}
    verdict = review_object(kind, widget({}, metadata=more), widget({}, metadata=deleted))
    assert [(e.field, e.type) for e in verdict.errors] == [("metadata.finalizers", ErrorType.FORBIDDEN)]
    assert verdict.errors[0].detail.endswith('found new finalizers []string{"d.e/f"}')


def test_status_subresource() -> None:
    """Each writer changes its own part; the status is judged under its own path."""
    status = Schema(type="object", properties={"n": INTEGER}, required=("n",))
    kind = definition(spec(a=TEXT), status=status)
    old = stored({"a": "x"}, status={"n": 1})
    new = stored({"a": "y"}, status={"n": 2})
    main = review_object(kind, new, old)
    assert main.stored is not None
    assert (main.stored["spec"], main.stored["status"]) == ({"a": "y"}, {"n": 1})
    below = review_object(kind, new, old, subresource="status")
    assert below.stored is not None
    assert (below.stored["spec"], below.stored["status"]) == ({"a": "x"}, {"n": 2})
    assert said(kind, stored({"a": 5}, status={}), old, subresource="status") == [("status.n", "Required")]


def test_finalizers_that_may_clash_are_warned_of() -> None:
    """As the server warns; on update of new ones alone."""
    kind = definition(spec())
    verdict = review_object(
        kind, widget({}, metadata={"name": "w", "finalizers": ["mine", "a.b", "c.d/e", "orphan"]})
    )
    assert verdict.warnings == (
        'metadata.finalizers: "a.b": prefer a domain-qualified finalizer name including a path (/) to avoid '
        "accidental conflicts with other finalizer writers",
        'metadata.finalizers: "mine": prefer a domain-qualified finalizer name to avoid accidental conflicts '
        "with other finalizer writers",
    )


def test_numbers_and_texts_as_gos_decoder_reads_them() -> None:
    """Integers beyond 64 bits are floats; what is not JSON, or too deep, is refused without a traceback."""
    kind = definition(spec(n=Schema(type="number"), s=TEXT, p=Schema(x_preserve_unknown_fields=True)))
    verdict = review_object(kind, widget({"n": 1 << 70, "s": "\ud800"}))
    assert verdict.stored is not None
    assert verdict.stored["spec"] == {"n": float(1 << 70), "s": "\ufffd"}
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    assert "max depth" in review_object(kind, widget({"p": deep})).decode
    assert review_object(kind, widget({"n": float("nan")})).decode == "json: unsupported value: nan"
    assert review_object(kind, widget({"p": {1: 2}})).decode == "json: object keys must be strings"


def test_integral_floats_are_stored_as_integers() -> None:
    """As Go writes them; they pass for integers, in metadata too."""
    kind = definition(spec(n=INTEGER, x=Schema(type="number")))
    verdict = review_object(kind, widget({"n": 5.0, "x": 1.5}, metadata={"name": "w", "generation": 2.0}))
    assert verdict.stored is not None
    assert verdict.stored["metadata"] == {"name": "w", "generation": 2}
    assert verdict.stored["spec"] == {"n": 5, "x": 1.5}
    assert json.dumps(verdict.stored["spec"]) == '{"n": 5, "x": 1.5}'


def test_a_rule_that_an_update_is_forgiven_is_warned_of() -> None:
    """The part that breaks it was stored so, before the rule came."""
    rule = ValidationRule(rule="self > 5", message="too small")
    kind = definition(spec(a=Schema(type="integer", x_validations=(rule,)), b=INTEGER))
    old = widget({"a": 1, "b": 1}, metadata={"name": "w", "resourceVersion": "1"})
    verdict = review_object(kind, widget({"a": 1, "b": 2}, metadata=old["metadata"]), old)
    assert verdict.allowed
    assert verdict.warnings == ("spec.a: Invalid value: 1: too small",)
    assert not review_object(kind, widget({"a": 2, "b": 2}, metadata=old["metadata"]), old).allowed


def test_finalizers_of_an_update_are_checked_as_those_of_a_create() -> None:
    metadata = {"name": "w", "resourceVersion": "1"}
    new = widget({}, metadata={**metadata, "finalizers": ["a b/c"]})
    assert said(definition(spec()), new, widget({}, metadata=metadata)) == [
        ("metadata.finalizers", "Invalid")
    ]


def test_an_object_comes_back_through_its_storage_version() -> None:
    """What that version does not have is gone, its defaults are there, and no version's own come after."""
    kind = definition(spec(a=INTEGER, b=Schema(type="integer", default=Value(1))))
    storage = replace(
        kind.versions[0],
        name="v2",
        schema=Schema(
            type="object", properties={"spec": spec(a=INTEGER, c=Schema(type="string", default=Value("x")))}
        ),
    )
    kind = replace(kind, versions=(replace(kind.versions[0], storage=False), storage))
    obj = widget({"a": 1, "b": 2})
    assert through_storage(kind, obj, "v1") == {**obj, "spec": {"a": 1}}
    assert through_storage(kind, {**obj, "apiVersion": "example.com/v2"}, "v2")["spec"] == {"a": 1, "c": "x"}
    webhook = WebhookConversion(url="https://example.com", has_client_config=True)
    by_webhook = replace(kind, conversion=Conversion(strategy="Webhook", webhook=webhook))
    assert through_storage(by_webhook, obj, "v1") is obj


def test_a_field_with_an_empty_name_has_a_path() -> None:
    resource = Schema(type="object", x_embedded_resource=True, x_preserve_unknown_fields=True)
    kind = definition(Schema(type="object", properties={"": resource}))
    assert said(kind, widget({"": {"apiVersion": "v1"}})) == [("spec[].kind", "Required")]


def test_a_default_of_an_integral_float_is_an_integer() -> None:
    """It has gone through the definition's JSON, and what an integer is held to holds for it."""
    kind = definition(spec(a=Schema(type="number", multiple_of=0.5, default=Value(3.0))))
    assert said(kind, widget({})) == [("spec.a", "Invalid")]
    kind = definition(spec(a=Schema(type="number", default=Value(3.0))))
    stored: Any = review_object(kind, widget({})).stored
    assert type(stored["spec"]["a"]) is int


def test_lone_surrogates_become_replacement_characters() -> None:
    field = {"description": "a\ud800", "default": {"\ud801": "\ud800"}}
    versions: Any = [{"schema": {"openAPIV3Schema": {"properties": {"\udc00": field}}}}]
    read = decode({"kind": "\ud800", "spec": {"versions": versions}}).definition
    assert read is not None
    schema = read.versions[0].schema
    assert schema is not None
    below = schema.properties["\ufffd"]
    assert below.description == "a\ufffd"
    assert below.default == Value({"\ufffd": "\ufffd"})


def test_of_several_things_wrong_with_metadata_the_first_in_order_of_names_is_told() -> None:
    """The server decodes its own writing of it."""
    metadata = {"name": "a", "labels": {"a": 1}, "generation": "7"}
    verdict = review_object(definition(spec()), widget({}, metadata=metadata))
    assert verdict.decode.endswith(
        "json: cannot unmarshal string into Go struct field ObjectMeta.generation of type int64"
    )
    unknown = review_object(definition(spec()), widget({}, metadata={"name": "a", "z": 1, "y": 1}))
    assert unknown.decode == 'strict decoding error: unknown field "metadata.y", unknown field "metadata.z"'


def test_repeated_owners_and_managed_fields_that_mean_nothing_go_before_metadata_is_judged() -> None:
    """Two controllers would be refused; the same twice is one, with a warning. An unreadable entry drops all."""
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", "controller": True}
    managed = [{"manager": "m" * 129, "operation": "Update"}]
    metadata = {"name": "a", "ownerReferences": [owner, owner], "managedFields": managed}
    verdict = review_object(definition(spec()), widget({}, metadata=metadata))
    assert verdict.allowed
    assert verdict.stored is not None
    assert verdict.stored["metadata"] == {"name": "a", "ownerReferences": [owner]}
    assert verdict.warnings == (
        ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may "
        "reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u",
    )


def test_a_prefix_of_names_is_held_to_the_rules_of_names_when_its_object_is_created_alone() -> None:
    kind, before = definition(spec()), widget({}, metadata={"name": "a", "resourceVersion": "1"})
    metadata = {**before["metadata"], "generateName": "AB-"}
    assert [field for field, _ in said(kind, widget({}, metadata=metadata))] == ["metadata.generateName"]
    assert said(kind, widget({}, metadata=metadata), before) == []
    slashed = widget({}, metadata={**metadata, "generateName": "a/"})
    assert said(kind, slashed, before) == [("metadata.generateName", "Invalid")]


def test_numbers_of_metadata_that_no_integer_holds_are_told_as_they_are_written() -> None:
    verdict = review_object(definition(spec()), widget({}, metadata={"name": "a", "generation": 2**63}))
    assert "cannot unmarshal number 9223372036854776000 into" in verdict.decode


def test_bounds_below_nothing_are_told_without_a_number() -> None:
    """No new definition has one; a stored one may."""
    texts = Schema(type="array", items=Schema(type="string", max_length=-1), max_items=-1)
    verdict = review_object(definition(spec(l=texts)), widget({"l": [""]}))
    details = [error.detail for error in verdict.errors]
    assert details == ["value is too long", "has too many items"]
