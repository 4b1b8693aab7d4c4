"""Struct and Resource: the three states of a field, what is checked when, and that nothing is lost."""

from __future__ import annotations

import copy
import json
import pickle
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import pytest
from opgen_runtime.objects import (
    DecodeError,
    Field,
    Nullable,
    ObjectKey,
    ObjectMeta,
    OpenStruct,
    OwnerReference,
    Resource,
    ResourceType,
    Struct,
    Unstructured,
)
from pydantic import ValidationError, field_validator


class WidgetTls(Struct):
    secret_name: str
    mode: Literal["strict", "lax"] = "strict"


class WidgetSpec(Struct):
    size: int = Field(default=1, ge=1, le=5)
    tls: WidgetTls | None = None
    tags: dict[str, str] | None = None
    hosts: list[WidgetTls] | None = None
    port: int | str | None = None
    ratio: int | float | None = Field(default=None, gt=0)
    pause: Nullable[int] = None
    names: list[str] | None = Field(default=None, min_length=1)
    external_ips: list[str] | None = Field(default=None, validation_alias="externalIPs")
    raw: Any = None


class WidgetStatus(OpenStruct):
    phase: str | None = None


class Widget(Resource):
    KIND: ClassVar[ResourceType] = ResourceType("example.com", "v1", "Widget", "widgets")

    spec: WidgetSpec | None = None
    status: WidgetStatus | None = None


def widget(**spec: Any) -> Widget:
    return Widget.from_dict({"metadata": {"name": "a"}, "spec": spec})


def spec_of(obj: Widget) -> WidgetSpec:
    assert obj.spec is not None
    return obj.spec


# -- reading and writing -----------------------------------------------------------------------------------

ODD: list[dict[str, Any]] = [
    {},
    {"size": 3, "unknown": {"deep": [1, None, {"a": 1.0}]}},
    {"size": None},
    {"size": 99, "tls": {"secretName": "s", "mode": "from a newer version"}},
    {"hosts": [{"secretName": "s", "mode": None, "secret_name": 3, "secretname": 4}], "size": None},
    {"external_ips": "not the field", "externalIPs": ["1"]},
    {"external_ips": "not the field"},
    {"ratio": 3, "port": "80"},
    {"ratio": 3.0, "port": 80},
    {"ratio": -1, "names": []},
    {"pause": None, "tags": None, "tls": None, "hosts": None, "raw": None},
    {"tags": {"a": None}, "names": [None]},
    {"raw": {"a": [1, 2.5, None, True, "x"]}},
    {"size": 2**70, "raw": -(2**70)},
    {"tags": {"": "", "\ud7ff": "é\u2028"}},
]


@pytest.mark.parametrize("data", ODD)
def test_reading_and_writing_changes_nothing(data: dict[str, Any]) -> None:
    whole = {"apiVersion": "x/v9", "kind": "Other", "metadata": {"name": "a", "x": 1}, "spec": data, "y": [1]}
    read = Widget.from_dict(whole)
    assert json.dumps(read.to_dict(), sort_keys=True) == json.dumps(whole, sort_keys=True)
    again = Widget.from_json(json.dumps(whole))
    assert json.dumps(json.loads(again.to_json()), sort_keys=True) == json.dumps(whole, sort_keys=True)
    assert again == read


def test_an_integral_float_in_an_integer_field_becomes_an_integer() -> None:
    """As the server stores it; `range(spec.size)` works."""
    read = widget(size=5.0, port=80.0)
    assert spec_of(read).to_dict() == {"size": 5, "port": 80}
    assert type(spec_of(read).size) is int
    assert list(range(spec_of(read).size)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"size": "3"}, "spec.size"),
        ({"size": 1.5}, "spec.size"),
        ({"size": True}, "spec.size"),
        ({"tls": {}}, "spec.tls.secretName: Field required"),
        ({"tls": {"secretName": None}}, "spec.tls.secretName"),
        ({"tags": []}, "spec.tags"),
        ({"tags": {"a": 1}}, "spec.tags.a"),
        ({"hosts": {}}, "spec.hosts"),
        ({"hosts": [3]}, "spec.hosts.0"),
        ({"port": True}, "spec.port"),
        ({"ratio": "1"}, "spec.ratio"),
    ],
)
def test_a_wrong_shape_is_a_decode_error(data: dict[str, Any], message: str) -> None:
    with pytest.raises(DecodeError, match=message.replace(".", r"\.")) as told:
        widget(**data)
    assert not any(step in str(told.value) for step in ("union", "function", "(value)", "(null)", "None"))
    raw = json.dumps({"spec": data}).encode()
    with pytest.raises(DecodeError) as caught:
        Widget.from_json(raw)
    assert caught.value.raw == raw


@pytest.mark.parametrize("raw", [b"{", b"[]", b"3", b"null", b'"x"', b""])
def test_what_is_no_object_is_a_decode_error(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        Widget.from_json(raw)


def test_data_are_not_shared() -> None:
    data: dict[str, Any] = {"spec": {"raw": {"a": [1]}, "tags": {"a": "b"}}, "other": {"x": []}}
    read = Widget.from_dict(data)
    data["spec"]["raw"]["a"].append(2)
    data["other"]["x"].append(2)
    dumped = read.to_dict()
    assert dumped == {"spec": {"raw": {"a": [1]}, "tags": {"a": "b"}}, "other": {"x": []}}
    dumped["spec"]["raw"]["a"].append(3)
    dumped["spec"]["tags"]["c"] = "d"
    dumped["other"]["x"].append(3)
    assert read.to_dict() == {"spec": {"raw": {"a": [1]}, "tags": {"a": "b"}}, "other": {"x": []}}


def test_deep_plain_data_are_read_and_written() -> None:
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    data = {"spec": {"raw": deep}}
    read = Widget.from_json(json.dumps(data))
    assert read.to_dict() == data
    assert json.loads(read.to_json()) == data


# -- absent, default, null ---------------------------------------------------------------------------------


def test_absent_reads_as_none_or_the_default_and_is_not_written() -> None:
    spec = WidgetSpec()
    assert (spec.size, spec.tls, spec.tags, spec.pause) == (1, None, None, None)
    assert spec.to_dict() == {}


def test_null_at_a_defaulted_field_reads_as_the_default_and_stays_null() -> None:
    spec = spec_of(widget(size=None))
    assert spec.size + 1 == 2
    assert spec.to_dict() == {"size": None}
    spec.size = 3
    assert spec.to_dict() == {"size": 3}


@pytest.mark.parametrize("remove", ["del", "None"])
def test_a_field_can_be_made_absent(remove: str) -> None:
    spec = spec_of(widget(size=None, tls={"secretName": "s"}, externalIPs=["a"]))
    for name in ("size", "tls", "external_ips"):
        if remove == "del":
            delattr(spec, name)
        else:
            setattr(spec, name, None)
    assert spec.to_dict() == {}
    assert (spec.size, spec.tls) == (1, None)


def test_none_is_null_for_a_nullable_field_only() -> None:
    spec = WidgetSpec(pause=1)
    spec.pause = None
    assert spec.to_dict() == {"pause": None}
    del spec.pause
    assert spec.to_dict() == {}


def test_none_in_the_constructor_is_not_given() -> None:
    assert WidgetSpec(pause=None, tls=None, tags=None).to_dict() == {}


def test_a_nullable_field_that_is_required_can_be_null() -> None:
    class Holder(Struct):
        value: Nullable[int]

    assert Holder(value=None).to_dict() == {"value": None}
    assert Holder.from_dict({"value": None}).value is None
    with pytest.raises(DecodeError):
        Holder.from_dict({})


def test_changes_in_place_are_written() -> None:
    read = widget(tags={"a": "b"}, hosts=[{"secretName": "s"}], raw={"x": []})
    spec = spec_of(read)
    assert spec.tags is not None
    assert spec.hosts is not None
    spec.tags["c"] = "d"
    spec.hosts[0].mode = "lax"
    spec.hosts.append(WidgetTls(secret_name="t"))
    spec.raw["x"].append(1)
    assert spec.to_dict() == {
        "tags": {"a": "b", "c": "d"},
        "hosts": [{"secretName": "s", "mode": "lax"}, {"secretName": "t"}],
        "raw": {"x": [1]},
    }


def test_a_deleted_required_field_reads_as_none() -> None:
    tls = WidgetTls(secret_name="s")
    del tls.secret_name
    assert tls.to_dict() == {}
    assert tls.secret_name is None


# -- checks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keywords", "path"),
    [
        ({"size": 0}, ("size",)),
        ({"size": "1"}, ("size",)),
        ({"size": True}, ("size",)),
        ({"tls": {"secretName": "s"}}, ("tls",)),
        ({"names": []}, ("names",)),
        ({"external_ips": [3]}, ("externalIPs", 0)),
        ({"tags": {"a": 1}}, ("tags", "a")),
        ({"ratio": 0}, ("ratio",)),
        ({"port": 1.5}, ("port",)),
    ],
)
def test_constructor_and_assignment_check_with_wire_names(
    keywords: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    with pytest.raises(ValidationError) as constructed:
        WidgetSpec(**keywords)
    assert constructed.value.title == "WidgetSpec"
    assert constructed.value.errors()[0]["loc"] == path
    spec = WidgetSpec()
    for name, value in keywords.items():
        with pytest.raises(ValidationError) as assigned:
            setattr(spec, name, value)
        assert assigned.value.title == "WidgetSpec"
        assert assigned.value.errors()[0]["loc"] == path
    assert spec.to_dict() == {}


def test_an_enum_is_checked_when_it_is_set() -> None:
    with pytest.raises(ValidationError, match="'strict' or 'lax'"):
        WidgetTls(secret_name="s", mode="x")  # type: ignore[arg-type]  # what a user without a checker writes
    with pytest.raises(ValidationError, match="secretName"):
        WidgetTls()  # type: ignore[call-arg]


def test_misspelt_names_are_refused_with_a_hint() -> None:
    with pytest.raises(ValidationError, match="no field 'siez'; did you mean 'size'"):
        WidgetSpec(siez=1)  # type: ignore[call-arg]
    spec = WidgetSpec()
    with pytest.raises(AttributeError, match="no field 'siez'; did you mean 'size'"):
        spec.siez = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="did you mean 'external_ips'"):
        spec.externalIPs = []  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="no field 'siez'"):
        del spec.siez  # type: ignore[attr-defined]
    assert spec.to_dict() == {}


def test_unknown_fields_that_were_read_can_be_set_and_removed() -> None:
    spec = spec_of(widget(newer={"a": 1}))
    assert spec.newer == {"a": 1}  # type: ignore[attr-defined]
    spec.newer = 2  # type: ignore[attr-defined]
    assert spec.to_dict() == {"newer": 2}
    del spec.newer  # type: ignore[attr-defined]
    assert spec.to_dict() == {}


def test_an_open_struct_takes_undeclared_fields() -> None:
    status = WidgetStatus(phase="x", anything=[1])  # type: ignore[call-arg]
    assert status.model_extra is not None
    status.model_extra["more"] = 2
    assert status.to_dict() == {"phase": "x", "anything": [1], "more": 2}


def test_a_wrong_item_is_written_without_a_warning() -> None:
    spec = WidgetSpec(hosts=[])
    assert spec.hosts is not None
    spec.hosts.append(3)  # type: ignore[arg-type]
    assert spec.to_dict() == {"hosts": [3]}


# -- comparison, copies ------------------------------------------------------------------------------------


def test_equality_is_of_what_is_written() -> None:
    assert WidgetSpec() != WidgetSpec(size=1)
    assert WidgetSpec(size=1) == WidgetSpec.from_dict({"size": 1})
    assert WidgetSpec() != WidgetTls.model_construct()
    assert WidgetSpec() != 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(WidgetSpec())


@pytest.mark.parametrize("data", ODD)
def test_copies_are_equal_and_apart(data: dict[str, Any]) -> None:
    read = Widget.from_dict({"metadata": {"name": "a"}, "spec": data})
    for made in (copy.copy(read), copy.deepcopy(read), pickle.loads(pickle.dumps(read)), read.model_copy()):
        assert made == read
        assert made.to_dict() == read.to_dict()
    deep = copy.deepcopy(read)
    spec_of(deep).size = 4
    assert deep != read


def test_an_object_without_checks_can_be_filled() -> None:
    made = OwnerReference.model_construct()
    assert made.to_dict() == {}
    assert made.name is None
    made.name = "x"
    assert made.to_dict() == {"name": "x"}


def test_repr_shows_what_is_set() -> None:
    assert repr(WidgetSpec(size=2)) == "WidgetSpec(size=2)"


# -- kinds -------------------------------------------------------------------------------------------------


def test_a_constructed_kind_says_what_it_is() -> None:
    made = Widget(metadata=ObjectMeta(name="a", namespace="b"), spec=WidgetSpec(size=2))
    assert made.to_dict() == {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "a", "namespace": "b"},
        "spec": {"size": 2},
    }
    assert made.key == ObjectKey("b", "a")
    assert (str(made.key), str(ObjectKey("", "a"))) == ("b/a", "a")


def test_a_kind_that_was_read_keeps_what_was_there() -> None:
    assert Widget.from_dict({}).to_dict() == {}
    assert Widget.from_dict({"kind": "X"}).to_dict() == {"kind": "X"}


def test_metadata_is_always_there_and_written_once_filled() -> None:
    for made in (Widget(), Widget.from_dict({})):
        assert made.metadata.generation is None
        made.metadata.labels = {"a": "b"}
        assert made.to_dict()["metadata"] == {"labels": {"a": "b"}}
    assert Widget().metadata is not Widget().metadata


def test_null_metadata_read_as_empty_and_stay_null_until_filled() -> None:
    read = Widget.from_dict({"metadata": None})
    assert read.metadata.name is None
    assert read.to_dict() == {"metadata": None}
    read.metadata.name = "a"
    assert read.to_dict() == {"metadata": {"name": "a"}}


def test_resource_type_and_key_name_things() -> None:
    assert Widget.KIND.api_version == "example.com/v1"
    assert ResourceType("", "v1", "Pod", "pods").api_version == "v1"
    assert str(Widget.KIND) == "widgets.v1.example.com"
    assert str(ResourceType("", "v1", "Pod", "pods")) == "pods.v1"
    assert sorted([ObjectKey("b", "a"), ObjectKey("a", "z")]) == [ObjectKey("a", "z"), ObjectKey("b", "a")]


def test_a_kind_without_a_name_cannot_be_constructed() -> None:
    with pytest.raises(TypeError, match="has no KIND"):
        Unstructured(metadata=ObjectMeta(name="a"))


def test_unstructured_holds_plain_data() -> None:
    kind = Unstructured.of(ResourceType("example.com", "v2", "Gadget", "gadgets"))
    assert Unstructured.of(ResourceType("example.com", "v2", "Gadget", "gadgets")) is kind
    made = kind(metadata=ObjectMeta(name="g"))
    made["spec"] = {"size": 1}
    made["kind"] = "Gadget"
    assert made["spec"]["size"] == 1
    assert "spec" in made
    assert made.get("status", {}) == {}
    assert made.to_dict() == {
        "apiVersion": "example.com/v2",
        "kind": "Gadget",
        "metadata": {"name": "g"},
        "spec": {"size": 1},
    }
    assert pickle.loads(pickle.dumps(made)) == made
    del made["spec"]
    with pytest.raises(KeyError):
        made["spec"]
    data = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "n"}, "data": {"a": None}}
    assert kind.from_dict(data).to_dict() == data
    assert Unstructured.from_dict(data).to_dict() == data


def test_what_models_cannot_do_is_refused_and_said() -> None:
    class Checked(Struct):
        a: str | None = None

        @field_validator("a")
        @classmethod
        def check(cls, value: str) -> str:
            return value

    with pytest.raises(TypeError, match="Checked declares check: models hold fields only"):
        Checked(a="x")
    with pytest.raises(TypeError, match="models hold fields only"):
        Checked.from_dict({})


def test_an_annotation_that_models_cannot_have_is_refused() -> None:
    class Odd(Struct):
        when: bytes | None = None

    with pytest.raises(TypeError, match="not a type of a model's field"):
        Odd(when=b"x")
    with pytest.raises(TypeError, match="not a type of a model's field"):
        Odd.from_dict({})


def test_a_subclass_may_add_methods_and_fields() -> None:
    class Bigger(WidgetSpec):
        more: int = 2

        def total(self) -> int:
            return self.size + self.more

    assert Bigger(size=3).total() == 5
    assert Bigger.from_dict({"size": 1, "more": 4}).total() == 5


def test_recursive_models_are_read() -> None:
    tree = Tree.from_dict({"children": [{"children": [], "name": "b"}], "name": "a"})
    assert tree.children is not None
    assert tree.children[0].name == "b"
    assert tree.to_dict() == {"children": [{"children": [], "name": "b"}], "name": "a"}
    assert Tree(children=[Tree(name="x")]).to_dict() == {"children": [{"name": "x"}]}


class Tree(Struct):
    name: str | None = None
    children: list[Tree] | None = None


def test_objects_made_without_checks_are_written_within_others() -> None:
    class Lonely(Struct):
        value: int | None = None

    inner = Lonely.model_construct()
    inner.value = 3
    assert WidgetSpec.model_construct(raw=inner).to_dict() == {"raw": {"value": 3}}


def test_a_float_may_be_an_integer_and_keeps_its_form() -> None:
    class Ratio(Struct):
        value: float | None = Field(default=None, le=2)
        either: bool | str | None = None

    assert repr(Ratio(value=1).to_dict()) == "{'value': 1}"
    assert repr(Ratio.from_dict({"value": 1.0}).to_dict()) == "{'value': 1.0}"
    with pytest.raises(ValidationError):
        Ratio(value=3)
    assert Ratio(either=True).to_dict() == Ratio.from_dict({"either": True}).to_dict()


def test_plain_data_may_hold_models_and_other_mappings() -> None:
    read = Widget.from_dict({"spec": WidgetSpec(size=2), "metadata": MappingProxyType({"name": "a"})})
    assert read.to_dict() == {"spec": {"size": 2}, "metadata": {"name": "a"}}
    with pytest.raises(TypeError, match="object is not JSON data"):
        Widget.from_dict({"spec": {"raw": object()}})


def test_data_that_are_nested_beyond_reason_are_a_decode_error() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(DecodeError, match="too deeply"):
        Widget.from_dict({"spec": {"raw": deep}})


def test_nulls_and_misleading_names_are_settled_at_any_depth() -> None:
    data = {
        "spec": {
            "raw": {"a": [1]},
            "size": None,
            "tags": {"x": "y"},
            "hosts": [{"secretName": "s", "mode": None}],
        }
    }
    read = Widget.from_dict(data)
    assert read.to_dict() == data
    hosts = spec_of(read).hosts
    assert hosts is not None
    assert hosts[0].mode == "strict"
    del hosts[0].mode
    assert hosts[0].to_dict() == {"secretName": "s"}


def test_building_again_is_harmless() -> None:
    assert WidgetSpec.model_rebuild() in (None, True)
    assert WidgetSpec.model_rebuild() is None
    assert WidgetSpec.model_rebuild(force=True) is True
    assert WidgetSpec(size=2).to_dict() == {"size": 2}
