"""PodTemplates, and what of a Pod may change once it is there."""

from __future__ import annotations

from typing import Any

from opgen.apiserver.metadata import validate_annotations, validate_labels
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Data, Errors
from opgen.apiserver.rules.pods import pod as new_pod
from opgen.apiserver.rules.pods import pod_spec

_CHANGEABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
    "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it "
    "was previously negative)"
)
_CHECKED_APART = ("activeDeadlineSeconds", "schedulingGates", "tolerations")


def pod_template(new: Data, old: Data | None) -> Errors:
    """A PodTemplate."""
    template = c.part(new, "template")
    metadata = c.part(template, "metadata")
    yield from validate_labels(metadata.get("labels"), "template.labels")
    yield from validate_annotations(metadata.get("annotations"), "template.annotations")
    yield from pod_spec(c.part(template, "spec"), "template.spec")


def pod(new: Data, old: Data | None) -> Errors:
    """A Pod: images may change, and little else."""
    if old is None:
        yield from new_pod(new, None)
        return
    spec, before = c.part(new, "spec"), c.part(old, "spec")
    if spec == before:
        return
    yield from pod_spec(spec, "spec")
    for key in ("containers", "initContainers"):
        if len(spec.get(key) or ()) != len(before.get(key) or ()):
            # Pods may not add or remove containers at all; nothing else is looked at then.
            yield c.forbidden(f"spec.{key}", "pod updates may not add or remove containers")
            return
    stops = list(_deadline(spec.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds")))
    yield from stops
    if stops and spec.get("activeDeadlineSeconds") is not None:
        return
    yield from _tolerations(spec.get("tolerations") or [], before.get("tolerations") or [])
    yield from _gates(spec.get("schedulingGates") or [], before.get("schedulingGates") or [])
    if _fixed(spec, before) != _fixed(before, before):
        yield c.forbidden("spec", f"pod updates may not change fields other than {_CHANGEABLE}\n")


def _deadline(new: int | None, old: int | None) -> Errors:
    path = "spec.activeDeadlineSeconds"
    if new is None:
        if old is not None:
            yield c.invalid(path, None, "must not update from a positive integer to nil value")
    elif not 0 <= new <= c.LARGEST_ID:
        yield c.invalid(path, new, f"must be between 0 and {c.LARGEST_ID}, inclusive")
    elif old is not None and old < new:
        yield c.invalid(path, new, "must be less than or equal to previous value")


def _tolerations(new: list[Data], old: list[Data]) -> Errors:
    kept = [_without_seconds(toleration) for toleration in new]
    if any(_without_seconds(toleration) not in kept for toleration in old):
        text = "existing toleration can not be modified except its tolerationSeconds"
        yield c.forbidden("spec.tolerations", text)


def _without_seconds(toleration: Data) -> Data:
    return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}


def _gates(new: list[Data], old: list[Data]) -> Errors:
    held = {gate.get("name") for gate in old}
    for gate in new:
        if gate.get("name") not in held:
            text = "only deletion is allowed, but found new scheduling gate '{}'"
            yield c.forbidden("spec.schedulingGates", text.format(gate.get("name")))


def _fixed(spec: Data, before: Data) -> dict[str, Any]:
    """What may not change of a pod's spec; a grace period that was negative may become 1."""
    found = {key: value for key, value in spec.items() if key not in _CHECKED_APART}
    for key in ("containers", "initContainers"):
        if found.get(key):
            found[key] = [
                {name: value for name, value in one.items() if name != "image"} for one in found[key]
            ]
    seconds = "terminationGracePeriodSeconds"
    if spec.get(seconds) == 1 and (before.get(seconds) or 0) < 0:
        found[seconds] = before[seconds]
    return found
