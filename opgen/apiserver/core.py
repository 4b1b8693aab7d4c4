"""Built-in kinds: their strategy, by the vendored definitions and the few rules that users meet."""

from __future__ import annotations

from opgen.apiserver import metadata as meta
from opgen.apiserver.apply.fieldset import EMPTY, FieldSet
from opgen.apiserver.apply.types import Node, object_node
from opgen.apiserver.beginnings import PREPARE
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.strategy import Reviewed

_GENERATION = frozenset(
    (
        "apps/daemonsets",
        "apps/deployments",
        "apps/replicasets",
        "apps/statefulsets",
        "/pods",
        "/replicationcontrollers",
        "batch/jobs",
        "batch/cronjobs",
        "networking.k8s.io/ingresses",
        "networking.k8s.io/ingressclasses",
        "networking.k8s.io/networkpolicies",
        "policy/poddisruptionbudgets",
        "apiextensions.k8s.io/customresourcedefinitions",
        "admissionregistration.k8s.io/validatingwebhookconfigurations",
        "admissionregistration.k8s.io/mutatingwebhookconfigurations",
        "admissionregistration.k8s.io/validatingadmissionpolicies",
        "admissionregistration.k8s.io/validatingadmissionpolicybindings",
        "discovery.k8s.io/endpointslices",
        "flowcontrol.apiserver.k8s.io/flowschemas",
        "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations",
    )
)
_STATUS_ONLY: FieldSet = {"f:status": {}}
_ALL_BUT_STATUS: FieldSet = {"f:metadata": {}, "f:spec": {}}


class CoreStrategy:
    """One built-in kind."""

    def __init__(self, info: ResourceInfo) -> None:
        self._info = info
        self._node: Node | None = None
        self._status = info.subresource("status") is not None
        self.has_generation = f"{info.group}/{info.plural}" in _GENERATION

    @property
    def node(self) -> Node:
        """The kind's shape for comparing and merging."""
        if self._node is None:
            self._node = object_node(None)
        return self._node

    def ignored(self, subresource: str) -> FieldSet:
        """The fields that a writer of this subresource never owns."""
        if not self._status:
            return EMPTY
        return _ALL_BUT_STATUS if subresource == "status" else _STATUS_ONLY

    def decode(self, obj: JSONObject, field_validation: str) -> tuple[JSONObject, tuple[str, ...]]:
        """The object as the kind's type reads it."""
        return obj, ()

    def prepare_create(self, obj: JSONObject) -> JSONObject:
        """An empty status where that is a subresource, and what the kind has from the start."""
        if self._status:
            obj = {**obj, "status": {}}
        prepare = PREPARE.get(self._info.table)
        return prepare(obj) if prepare is not None else obj

    def prepare_update(self, new: JSONObject, old: JSONObject, subresource: str) -> JSONObject:
        """A status update takes the status alone, any other write all but the status."""
        if not self._status:
            return new
        if subresource == "status":
            metadata = {**old["metadata"]}
            for name in ("managedFields", "resourceVersion"):
                if name in new["metadata"]:
                    metadata[name] = new["metadata"][name]
            return {**old, "metadata": metadata, "status": new.get("status") or {}}
        return {**new, "status": old.get("status") or {}}

    def spec_changed(self, new: JSONObject, old: JSONObject) -> bool:
        """Any change but of metadata and status."""
        keys = (new.keys() | old.keys()) - {"metadata", "status", "apiVersion", "kind"}
        return any(new.get(key) != old.get(key) for key in keys)

    def review(self, new: JSONObject, old: JSONObject | None, subresource: str) -> Reviewed:
        """Check and complete the object that would be stored."""
        errors = list(meta.validate(new["metadata"], self._info))
        if old is not None:
            errors.extend(meta.validate_update(new["metadata"], old["metadata"]))
        return Reviewed(new, tuple(errors))
