"""DELETE: preconditions, finalizers, propagation; what follows from a deletion is `collect`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opgen.apiserver.context import Context
from opgen.apiserver.conversion import served
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.status import conflict, not_found
from opgen.apiserver.storage import Item
from opgen.apiserver.webhooks.matching import Write

DEFINITIONS = "apiextensions.k8s.io/customresourcedefinitions"
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"


_ORPHANING = frozenset(("batch/jobs", "/replicationcontrollers"))
"""Kinds whose dependents stay unless the request says otherwise."""


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """The body and parameters of a DELETE.

    `accepts` is the old `orphanDependents: false`: the answer is 202 where finalizers hold the object.
    """

    uid: str = ""
    resource_version: str = ""
    propagation: str = ""
    dry_run: bool = False
    accepts: bool = False


@dataclass(frozen=True, slots=True)
class Deleted:
    """`item` is the last state; `gone` is False where finalizers hold the object."""

    item: Item
    gone: bool


def delete_options(body: JSONObject | None, query: Mapping[str, str] | None = None) -> DeleteOptions:
    """The options that a body holds; of the query counts whether the request is a dry run."""
    given = body or {}
    preconditions: Any = given.get("preconditions") or {}
    propagation = given.get("propagationPolicy") or ""
    orphan = given.get("orphanDependents")
    if not propagation and orphan is not None:
        propagation = "Orphan" if orphan else "Background"
    return DeleteOptions(
        uid=preconditions.get("uid") or "",
        resource_version=preconditions.get("resourceVersion") or "",
        propagation=propagation,
        dry_run=bool(given.get("dryRun") or (query or {}).get("dryRun")),
        accepts=orphan is False,
    )


def delete(
    context: Context,
    info: ResourceInfo,
    namespace: str,
    name: str,
    options: DeleteOptions,
    *,
    admitted: bool = False,
) -> Deleted:
    """Delete an object, or mark it where finalizers hold it. `admitted`: nobody is asked any more."""
    held = context.store.get(info.table, namespace, name)
    if held is None:
        raise not_found(info.group, info.plural, name)
    metadata = held.obj["metadata"]
    _check_preconditions(info, metadata, options)
    if not admitted:
        admit(context, info, held, options)
    finalizers = _finalizers(info, metadata, options.propagation)
    if info.table == DEFINITIONS and CLEANUP not in finalizers:
        finalizers.append(CLEANUP)
    if finalizers or (info.table == "/namespaces" and held.obj.get("spec", {}).get("finalizers")):
        return Deleted(_mark(context, info, held, finalizers, options), gone=False)
    gone = held if options.dry_run else context.store.delete(info.table, namespace, name)
    if info.table == "/pods":  # deleted at once like a pod without a node, which is marked all the same
        gone = Item(
            {**gone.obj, "metadata": _marked(context, info, gone.obj["metadata"])}, gone.revision, namespace
        )
    return Deleted(gone, gone=True)


def admit(context: Context, info: ResourceInfo, held: Item, options: DeleteOptions) -> None:
    """Ask the webhooks whether an object may go. Raises StatusError and Outside."""
    call = context.call
    if call.admits:
        old = served(held, info)
        write = Write(
            info, "DELETE", held.namespace, held.name, "", None, old, options.dry_run, _shown(options)
        )
        context.admission.mutate(call, write)
        context.admission.validate(call, write)


def _shown(options: DeleteOptions) -> JSONObject:
    """What of the options a webhook is told."""
    found: JSONObject = {}
    pairs = (("uid", options.uid), ("resourceVersion", options.resource_version))
    if preconditions := {key: value for key, value in pairs if value}:
        found["preconditions"] = preconditions
    if options.propagation:
        found["propagationPolicy"] = options.propagation
    return found


def _check_preconditions(info: ResourceInfo, metadata: JSONObject, options: DeleteOptions) -> None:
    pairs = (
        ("UID", "uid", options.uid, "deleted and then recreated"),
        ("ResourceVersion", "resourceVersion", options.resource_version, "modified"),
    )
    for title, name, wanted, happened in pairs:
        found = metadata.get(name)
        if wanted and wanted != found and info.table == "/namespaces":
            why = f"Precondition failed: {title} in precondition: {wanted}, {title} in object meta: {found}"
            raise conflict(info.group, info.plural, metadata["name"], why)
        if wanted and wanted != found:
            raise conflict(
                info.group,
                info.kind,
                metadata["name"],
                f"the {title} in the precondition ({wanted}) does not match the {title} in record ({found}). "
                f"The object might have been {happened}",
            )


def _finalizers(info: ResourceInfo, metadata: JSONObject, propagation: str) -> list[str]:
    if info.table == "/events":  # has no dependents
        return [f for f in metadata.get("finalizers") or [] if f not in (FOREGROUND, ORPHAN)]
    if info.table in _ORPHANING and not {FOREGROUND, ORPHAN} & set(metadata.get("finalizers") or ()):
        propagation = propagation or "Orphan"
    finalizers = [
        f for f in metadata.get("finalizers") or [] if f not in (FOREGROUND, ORPHAN) or not propagation
    ]
    if propagation == "Foreground":
        finalizers.append(FOREGROUND)
    elif propagation == "Orphan":
        finalizers.append(ORPHAN)
    return finalizers


def _mark(
    context: Context, info: ResourceInfo, held: Item, finalizers: list[str], options: DeleteOptions
) -> Item:
    metadata = dict(held.obj["metadata"])
    if finalizers:
        metadata["finalizers"] = finalizers
    if not metadata.get("deletionTimestamp"):
        metadata = _marked(context, info, metadata)
    elif metadata == held.obj["metadata"]:
        return held
    obj = {**held.obj, "metadata": metadata}
    if info.table == "/namespaces":
        obj["status"] = {**(obj.get("status") or {}), "phase": "Terminating"}
    elif info.table == DEFINITIONS:
        obj["status"] = _terminating(obj.get("status") or {}, context.timestamp())
    if options.dry_run:
        return Item(obj, held.revision, held.namespace)
    return context.store.put(info.table, held.namespace, obj)


def _marked(context: Context, info: ResourceInfo, metadata: JSONObject) -> JSONObject:
    """Metadata of an object that is going."""
    marked = {**metadata, "deletionTimestamp": context.timestamp()}
    if info.table not in ("/namespaces", DEFINITIONS):
        marked["deletionGracePeriodSeconds"] = 0
        if metadata.get("generation"):
            marked["generation"] = metadata["generation"] + 1
    return marked


def _terminating(status: JSONObject, now: str) -> JSONObject:
    """A definition's status with the condition that its objects are about to go."""
    condition = {
        "type": "Terminating",
        "status": "True",
        "lastTransitionTime": now,
        "reason": "InstanceDeletionPending",
        "message": "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    }
    others = [held for held in status.get("conditions") or () if held.get("type") != "Terminating"]
    return {**status, "conditions": [*others, condition]}
