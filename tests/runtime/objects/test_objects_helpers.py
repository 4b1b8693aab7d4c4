"""Conditions, quantities, ownership and readiness."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from opgen_runtime.errors import OwnershipError
from opgen_runtime.objects import (
    Condition,
    ObjectMeta,
    OpenStruct,
    OwnerReference,
    Resource,
    ResourceType,
    Struct,
    Unstructured,
    child_name,
    controller_of,
    find_condition,
    format_quantity,
    is_condition_true,
    is_owned_by,
    is_ready,
    owner_reference,
    parse_quantity,
    remove_condition,
    same_quantity,
    set_condition,
    set_controller_reference,
    set_owner_reference,
)

EARLY = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATE = datetime(2026, 1, 2, 4, 0, 0, tzinfo=UTC)


class SmallCondition(Struct):
    type: str
    status: str
    reason: str | None = None


class Status(Struct):
    conditions: list[Condition] | None = None


class SmallStatus(Struct):
    conditions: list[SmallCondition] | None = None


class PlainStatus(Struct):
    conditions: list[Any] | None = None


class OpenStatus(OpenStruct):
    phase: str | None = None


class Widget(Resource):
    KIND: ClassVar[ResourceType] = ResourceType("example.com", "v1", "Widget", "widgets")
    status: Status | None = None


class Cluster(Resource):
    KIND: ClassVar[ResourceType] = ResourceType("example.com", "v1", "Cluster", "clusters", namespaced=False)


# -- conditions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Status, PlainStatus, OpenStatus])
def test_the_transition_time_moves_only_with_the_status(make: type[Struct]) -> None:
    status = make.model_construct()
    assert set_condition(status, "Ready", False, reason="Progressing", now=EARLY)
    first = {
        "type": "Ready",
        "status": "False",
        "reason": "Progressing",
        "message": "",
        "lastTransitionTime": "2026-01-02T03:04:05Z",
    }
    assert status.to_dict() == {"conditions": [first]}
    assert not set_condition(status, "Ready", False, reason="Progressing", now=LATE)
    assert set_condition(status, "Ready", False, reason="Other", message="m", observed_generation=2, now=LATE)
    second = first | {"reason": "Other", "message": "m", "observedGeneration": 2}
    assert status.to_dict() == {"conditions": [second]}
    assert set_condition(status, "Ready", "Unknown", reason="Other", message="m", now=LATE)
    third = second | {"status": "Unknown", "lastTransitionTime": "2026-01-02T04:00:00Z"}
    assert status.to_dict() == {"conditions": [third]}
    assert set_condition(status, "Later", True, reason="R", now=EARLY)
    found = find_condition(status, "Later")
    assert found is not None
    assert (found.type, found.status, found.reason, found.message) == ("Later", "True", "R", "")
    assert is_condition_true(status, "Later")
    assert not is_condition_true(status, "Ready")
    assert remove_condition(status, "Ready")
    assert not remove_condition(status, "Ready")
    assert [item["type"] for item in status.to_dict()["conditions"]] == ["Later"]


def test_items_get_only_what_their_schema_has_and_keep_what_was_there() -> None:
    status = SmallStatus.from_dict({"conditions": [{"type": "Ready", "status": "True", "extra": 1}]})
    assert set_condition(status, "Ready", False, reason="R", message="lost", observed_generation=3)
    assert status.to_dict() == {
        "conditions": [{"type": "Ready", "status": "False", "reason": "R", "extra": 1}]
    }


def test_a_status_without_conditions_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="no field conditions"):
        set_condition(SmallCondition(type="x", status="y"), "Ready", True, reason="R")


def test_conditions_are_found_in_objects_too() -> None:
    read = Widget.from_dict({"status": {"conditions": [{"type": "Ready", "status": "True"} | _rest()]}})
    assert is_condition_true(read, "Ready")
    assert not is_condition_true(read, "Other")
    assert find_condition(None, "Ready") is None
    assert find_condition(Widget(), "Ready") is None
    plain = Unstructured.from_dict({"status": {"conditions": [{"type": "Ready", "status": "True"}]}})
    assert is_condition_true(plain, "Ready")


def _rest() -> dict[str, str]:
    return {"lastTransitionTime": "2026-01-02T03:04:05Z", "message": "", "reason": "R"}


# -- quantities --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("500m", "0.5"),
        ("1Gi", "1073741824"),
        ("1.5Gi", "1610612736"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("1E", "1000000000000000000"),
        ("1Ei", "1152921504606846976"),
        ("-2k", "-2000"),
        ("+.5", "0.5"),
        ("5.", "5"),
        (2, "2"),
        (0.5, "0.5"),
        ("100n", "1e-7"),
        ("3u", "3e-6"),
    ],
)
def test_quantities_are_exact(text: str | int | float, value: str) -> None:
    assert parse_quantity(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "1 Gi", "Gi", "1gi", "1K", "e3", "1e", "--1", "1.2.3", "0x1"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a quantity"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("value", "binary", "text"),
    [
        ("0", False, "0"),
        ("0.5", False, "500m"),
        ("1000", False, "1k"),
        ("1500", False, "1500"),
        ("1610612736", True, "1536Mi"),
        ("0.5", True, "500m"),
        ("1e-10", False, "1n"),
        ("-2000", False, "-2k"),
    ],
)
def test_quantities_are_written_canonically(value: str, binary: bool, text: str) -> None:
    assert format_quantity(Decimal(value), binary=binary) == text


def test_quantities_are_compared_by_value() -> None:
    assert same_quantity("1", "1000m")
    assert not same_quantity("1G", "1Gi")


# -- ownership ---------------------------------------------------------------------------------------------


def widget(name: str = "a", namespace: str | None = "ns", uid: str | None = "u1") -> Widget:
    return Widget(metadata=ObjectMeta(name=name, namespace=namespace, uid=uid))


def test_child_names_fit_and_differ() -> None:
    assert child_name(widget("a"), "server") == "a-server"
    long = child_name(widget("a" * 100), "server")
    assert len(long) == 63
    assert long == child_name(widget("a" * 100), "server")
    assert long != child_name(widget("a" * 101), "server")
    assert long != child_name(widget("a" * 100), "other")
    dotted = child_name(widget("a.b"), "server")
    assert dotted.startswith("a-b-server-")
    assert len(child_name(widget("a" * 52 + "-" * 3 + "b"), "server")) <= 63
    with pytest.raises(ValueError, match="no name"):
        child_name(Widget(), "server")


def test_owner_references() -> None:
    owner, child = widget(), widget("child", uid=None)
    set_controller_reference(owner, child)
    expected = OwnerReference(
        api_version="example.com/v1",
        kind="Widget",
        name="a",
        uid="u1",
        controller=True,
        block_owner_deletion=True,
    )
    assert child.metadata.owner_references == [expected]
    assert controller_of(child) == expected
    assert is_owned_by(child, owner)
    set_controller_reference(owner, child)
    assert child.metadata.owner_references == [expected]
    other = widget("b", uid="u2")
    with pytest.raises(OwnershipError, match="controlled by Widget a"):
        set_controller_reference(other, child)
    set_owner_reference(other, child)
    assert [ref.uid for ref in child.metadata.owner_references] == ["u1", "u2"]
    assert controller_of(child) == expected
    assert not is_owned_by(widget("c"), other)


def test_owners_that_kubernetes_cannot_hold_are_refused() -> None:
    cluster = Cluster(metadata=ObjectMeta(name="c", uid="u"))
    with pytest.raises(OwnershipError, match="cluster-scoped"):
        set_controller_reference(widget(), cluster)
    with pytest.raises(OwnershipError, match="another namespace"):
        set_controller_reference(widget(), widget("child", namespace="other"))
    set_controller_reference(cluster, widget("child"))
    with pytest.raises(ValueError, match="uid"):
        owner_reference(widget(uid=None))


# -- readiness ---------------------------------------------------------------------------------------------

AVAILABLE = {"type": "Available", "status": "True"}
DONE = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
COUNTS = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "readyReplicas": 2}


@pytest.mark.parametrize(
    ("api_version", "kind", "spec", "status", "ready"),
    [
        ("v1", "ConfigMap", {}, {}, True),
        ("example.com/v1", "Widget", {}, {}, True),
        ("example.com/v1", "Widget", {}, {"conditions": [{"type": "Ready", "status": "True"}]}, True),
        ("example.com/v1", "Widget", {}, {"conditions": [{"type": "Ready", "status": "False"}]}, False),
        ("example.com/v1", "Widget", {}, {"conditions": [{"type": "Ready", "status": "Unknown"}]}, False),
        ("example.com/v1", "Widget", {}, {"conditions": [{"type": "Reconciling", "status": "True"}]}, False),
        ("example.com/v1", "Widget", {}, {"conditions": [{"type": "Stalled", "status": "True"}]}, False),
        ("example.com/v1", "Widget", {}, {"observedGeneration": 1}, False),
        ("example.com/v1", "Widget", {}, {"observedGeneration": 2}, True),
        ("apps/v1", "Deployment", {"replicas": 2}, {}, False),
        ("apps/v1", "Deployment", {"replicas": 2}, COUNTS | {"conditions": [AVAILABLE, DONE]}, True),
        ("apps/v1", "Deployment", {"replicas": 2}, COUNTS, False),
        ("apps/v1", "Deployment", {"replicas": 3}, COUNTS | {"conditions": [AVAILABLE, DONE]}, False),
        ("apps/v1", "Deployment", {"replicas": 1}, COUNTS | {"conditions": [AVAILABLE, DONE]}, False),
        (
            "apps/v1",
            "Deployment",
            {"replicas": 2, "progressDeadlineSeconds": 600},
            COUNTS | {"conditions": [AVAILABLE]},
            False,
        ),
        (
            "apps/v1",
            "Deployment",
            {"replicas": 2},
            COUNTS
            | {"conditions": [AVAILABLE, {"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]},
            False,
        ),
        ("apps/v1", "ReplicaSet", {"replicas": 2}, COUNTS | {"fullyLabeledReplicas": 2}, True),
        ("apps/v1", "ReplicaSet", {"replicas": 2}, COUNTS, False),
        (
            "apps/v1",
            "ReplicaSet",
            {"replicas": 2},
            COUNTS
            | {"fullyLabeledReplicas": 2, "conditions": [{"type": "ReplicaFailure", "status": "True"}]},
            False,
        ),
        (
            "apps/v1",
            "StatefulSet",
            {"replicas": 2},
            COUNTS | {"currentReplicas": 2, "currentRevision": "r", "updateRevision": "r"},
            True,
        ),
        (
            "apps/v1",
            "StatefulSet",
            {"replicas": 2},
            COUNTS | {"currentReplicas": 2, "currentRevision": "r", "updateRevision": "s"},
            False,
        ),
        (
            "apps/v1",
            "StatefulSet",
            {"replicas": 2, "updateStrategy": {"rollingUpdate": {"partition": 1}}},
            COUNTS | {"updatedReplicas": 1},
            True,
        ),
        ("apps/v1", "StatefulSet", {"updateStrategy": {"type": "OnDelete"}}, {}, True),
        ("apps/v1", "StatefulSet", {"replicas": 2}, {}, False),
        (
            "apps/v1",
            "DaemonSet",
            {},
            {
                "observedGeneration": 2,
                "desiredNumberScheduled": 1,
                "currentNumberScheduled": 1,
                "updatedNumberScheduled": 1,
                "numberAvailable": 1,
                "numberReady": 1,
            },
            True,
        ),
        ("apps/v1", "DaemonSet", {}, {}, False),
        ("v1", "PersistentVolumeClaim", {}, {"phase": "Bound"}, True),
        ("v1", "PersistentVolumeClaim", {}, {"phase": "Pending"}, False),
        ("v1", "Pod", {}, {"phase": "Succeeded"}, True),
        ("v1", "Pod", {}, {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}, True),
        ("v1", "Pod", {}, {"phase": "Running"}, False),
        ("v1", "Service", {}, {}, True),
        ("v1", "Service", {"type": "LoadBalancer", "clusterIP": "1"}, {}, False),
        (
            "v1",
            "Service",
            {"type": "LoadBalancer", "clusterIP": "1"},
            {"loadBalancer": {"ingress": [{"ip": "2"}]}},
            True,
        ),
        ("batch/v1", "Job", {}, {}, False),
        ("batch/v1", "Job", {}, {"startTime": "x"}, True),
        ("batch/v1", "Job", {}, {"conditions": [{"type": "Complete", "status": "True"}]}, True),
        (
            "batch/v1",
            "Job",
            {},
            {"startTime": "x", "conditions": [{"type": "Failed", "status": "True"}]},
            False,
        ),
        ("batch/v1", "CronJob", {}, {}, True),
        (
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            {},
            {"conditions": [{"type": "Established", "status": "True"}]},
            True,
        ),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", {}, {}, False),
    ],
)
def test_readiness(
    api_version: str, kind: str, spec: dict[str, Any], status: dict[str, Any], ready: bool
) -> None:
    data = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "a", "generation": 2},
        "spec": spec,
        "status": status,
    }
    assert is_ready(data) is ready
    group, _, version = api_version.rpartition("/")
    typed = Unstructured.of(ResourceType(group, version, kind, "things")).from_dict(data)
    assert is_ready(typed) is ready
    assert is_ready(data | {"metadata": {"deletionTimestamp": "x"}}) is False
