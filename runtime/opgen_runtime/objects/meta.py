"""metadata of every object, and what stands in it (meta/v1)."""

from typing import Any, Literal

from pydantic import Field

from opgen_runtime.objects.struct import Struct


class OwnerReference(Struct):
    """Names the object that owns another one of the same namespace, or a cluster-scoped owner."""

    api_version: str
    block_owner_deletion: bool | None = None
    controller: bool | None = None
    kind: str
    name: str
    uid: str


class ManagedFieldsEntry(Struct):
    """What one field manager set, as server-side apply records it; `fields_v1` is plain data."""

    api_version: str | None = None
    fields_type: str | None = None
    fields_v1: dict[str, Any] | None = None
    manager: str | None = None
    operation: str | None = None
    subresource: str | None = None
    time: str | None = None


class ObjectMeta(Struct):
    """metadata. Times are RFC 3339 text, as on the wire."""

    annotations: dict[str, str] | None = None
    creation_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    deletion_timestamp: str | None = None
    finalizers: list[str] | None = None
    generate_name: str | None = None
    generation: int | None = None
    labels: dict[str, str] | None = None
    managed_fields: list[ManagedFieldsEntry] | None = None
    name: str | None = None
    namespace: str | None = None
    owner_references: list[OwnerReference] | None = None
    resource_version: str | None = None
    self_link: str | None = None
    uid: str | None = None


class Condition(Struct):
    """One condition of a status, as `meta/v1` has it. Times are RFC 3339 text."""

    last_transition_time: str
    message: str = Field(max_length=32768)
    observed_generation: int | None = Field(default=None, ge=0)
    reason: str = Field(min_length=1, max_length=1024)
    status: Literal["True", "False", "Unknown"]
    type: str = Field(max_length=316)
