"""The counts that workloads' statuses hold: what a status update may say of replicas."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from opgen.apiextensions.errors import FieldError
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Data, Rule

_READY = "cannot be greater than readyReplicas"


def _counts(
    new: Data, old: Data | None, *, within: tuple[str, ...], more: tuple[str, ...], unready: str = _READY
) -> Iterator[FieldError]:
    """No count below zero, none of those `within` above the replicas, and none available that isn't ready."""
    status = c.part(new, "status")
    yield from c.not_negative(status, "status", "replicas", *within, *more)
    for name in within:
        count = status.get(name) or 0
        if count > (status.get("replicas") or 0):
            yield c.invalid(f"status.{name}", count, "cannot be greater than status.replicas")
    available = status.get("availableReplicas") or 0
    if available > (status.get("readyReplicas") or 0):
        yield c.invalid("status.availableReplicas", available, unready)


STATUS_RULES: dict[str, Rule] = {
    "apps/deployments": partial(
        _counts,
        within=("updatedReplicas", "readyReplicas", "availableReplicas"),
        more=("observedGeneration", "unavailableReplicas", "terminatingReplicas", "collisionCount"),
    ),
    "apps/replicasets": partial(
        _counts,
        within=("fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
        more=("observedGeneration", "terminatingReplicas"),
    ),
    "/replicationcontrollers": partial(
        _counts,
        within=("fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
        more=("observedGeneration",),
    ),
    "apps/statefulsets": partial(
        _counts,
        within=("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"),
        more=("observedGeneration", "collisionCount"),
        unready="cannot be greater than status.readyReplicas",
    ),
}
"""By storage table."""
