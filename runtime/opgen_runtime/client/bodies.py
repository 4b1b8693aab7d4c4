"""From what a caller holds to what is sent: pure.

Callers hand over models, plain data, or the official client's models; what goes out is plain data with
apiVersion and kind. Options common to all writes become queries here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from opgen_runtime import json
from opgen_runtime.client.exchange import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Query
from opgen_runtime.objects import ObjectKey, Resource, ResourceType, Unstructured

Data = dict[str, Any]
Patch = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""A merge or strategic patch as a mapping, a JSON patch as a list of operations."""

PATCH_TYPES: Mapping[str, str] = {
    "merge": MERGE_PATCH,
    "json": JSON_PATCH,
    "strategic": STRATEGIC_PATCH,
}


class OfficialModel(Protocol):
    """A model of the official `kubernetes` client: taken as desired state, never used for reads."""

    def to_str(self) -> str: ...
    def to_json(self) -> str: ...


Desired = Resource | Mapping[str, Any] | OfficialModel


def as_resource(desired: Desired) -> Resource:
    """The object as a Resource; one without a model becomes Unstructured."""
    if isinstance(desired, Resource):
        return desired
    data = desired if isinstance(desired, Mapping) else json.loads(desired.to_json())
    if not data.get("apiVersion") or not data.get("kind"):
        raise ValueError("an object without a model needs apiVersion and kind")
    return Unstructured.from_dict(data)


def full_body(obj: Resource, kind: ResourceType) -> Data:
    """All that the object holds, with apiVersion and kind."""
    data = obj.to_dict()
    data["apiVersion"] = kind.api_version
    data["kind"] = kind.kind
    return data


def applied_body(obj: Resource, kind: ResourceType, namespace: str) -> Data:
    """What a server-side apply of the object says: without what only a server writes."""
    data = full_body(obj, kind)
    metadata: Data = dict(data.get("metadata") or {})
    for field in ("managedFields", "creationTimestamp", "generation", "selfLink", "deletionTimestamp"):
        metadata.pop(field, None)
    if namespace:
        metadata["namespace"] = namespace
    data["metadata"] = metadata
    return data


def namespace_of(kind: ResourceType, given: str | None, default: str) -> str:
    """The namespace to use: empty for cluster-scoped kinds."""
    return (given or default) if kind.namespaced else ""


def key_of(obj: Resource, kind: ResourceType, default_namespace: str) -> ObjectKey:
    """The key of an object that has a name. Raises ValueError if it has none."""
    name = obj.metadata.name
    if not name:
        raise ValueError(f"the {kind.kind} has no metadata.name")
    return ObjectKey(namespace_of(kind, obj.metadata.namespace, default_namespace), name)


def write_query(field_owner: str, field_validation: str = "", *, dry_run: bool = False) -> Query:
    """The options of a write."""
    query: Query = ()
    if field_owner:
        query += (("fieldManager", field_owner),)
    if field_validation:
        query += (("fieldValidation", field_validation),)
    if dry_run:
        query += (("dryRun", "All"),)
    return query


def delete_options(
    propagation: str | None, grace_period: int | None, uid: str | None, resource_version: str | None
) -> Data:
    """A DeleteOptions body with what is set."""
    options: Data = {"apiVersion": "v1", "kind": "DeleteOptions"}
    if propagation is not None:
        options["propagationPolicy"] = propagation
    if grace_period is not None:
        options["gracePeriodSeconds"] = grace_period
    preconditions = {k: v for k, v in (("uid", uid), ("resourceVersion", resource_version)) if v}
    if preconditions:
        options["preconditions"] = preconditions
    return options
