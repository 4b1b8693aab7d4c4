"""Built-in kinds: their strategy, by the vendored definitions and the few rules that users meet."""

from __future__ import annotations

from opgen import coretypes
from opgen.apiextensions import apply_defaults
from opgen.apiextensions.errors import FieldError
from opgen.apiextensions.names import dns1123_label
from opgen.apiserver import metadata as meta
from opgen.apiserver.apply.fieldset import EMPTY, FieldSet
from opgen.apiserver.apply.types import Node, object_node
from opgen.apiserver.beginnings import PREPARE
from opgen.apiserver.carry import CARRY
from opgen.apiserver.conversion import to_stored
from opgen.apiserver.core_decode import Reader, Unfit, empty
from opgen.apiserver.core_defaults import DEFAULTS, merge_string_data
from opgen.apiserver.core_rules import RULES
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.rules.statuses import STATUS_RULES
from opgen.apiserver.status import bad_request
from opgen.apiserver.strategy import Reviewed
from opgen.apiserver.structs import STRUCTS
from opgen.ir.schema import Schema

_GENERATION = frozenset(
    (
        "apps/daemonsets",
        "apps/deployments",
        "apps/replicasets",
        "apps/statefulsets",
        "/pods",
        "/replicationcontrollers",
        "/podtemplates",
        "scheduling.k8s.io/priorityclasses",
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
        "resource.k8s.io/deviceclasses",
        "resource.k8s.io/resourceslices",
        "admissionregistration.k8s.io/mutatingadmissionpolicies",
        "admissionregistration.k8s.io/mutatingadmissionpolicybindings",
        "flowcontrol.apiserver.k8s.io/flowschemas",
        "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations",
    )
)
_BORN_WITH_GENERATION = frozenset(("scheduling.k8s.io/priorityclasses",))
"""Kinds whose generation never moves."""
_COUNTED_METADATA = {"apps/deployments": "annotations", "discovery.k8s.io/endpointslices": "labels"}
_STATUS_ONLY: FieldSet = {"f:status": {}}
_SPEC: FieldSet = {"f:spec": {}}
_SPEC_AND_LABELS: FieldSet = {"f:spec": {}, "f:metadata": {"f:labels": {}}}


_FREE_FINALIZERS = frozenset(
    (
        "admissionregistration.k8s.io/mutatingwebhookconfigurations",
        "admissionregistration.k8s.io/validatingwebhookconfigurations",
        "coordination.k8s.io/leases",
        "node.k8s.io/runtimeclasses",
        "policy/poddisruptionbudgets",
    )
)
"""Kinds whose finalizers need no domain."""
_LOOKED_AT_ONCE = frozenset(
    (
        "/limitranges",
        "admissionregistration.k8s.io/mutatingwebhookconfigurations",
        "admissionregistration.k8s.io/validatingwebhookconfigurations",
        "discovery.k8s.io/endpointslices",
        "policy/poddisruptionbudgets",
        "storage.k8s.io/volumeattachments",
    )
)
"""Kinds whose own rules for updates leave the metadata out."""
_WHOLE_AGAIN = frozenset(
    (
        "/configmaps",
        "/endpoints",
        "/limitranges",
        "/namespaces",
        "/nodes",
        "/persistentvolumeclaims",
        "/persistentvolumes",
        "/pods",
        "/secrets",
        "/serviceaccounts",
        "admissionregistration.k8s.io/mutatingwebhookconfigurations",
        "admissionregistration.k8s.io/validatingwebhookconfigurations",
        "apps/controllerrevisions",
        "batch/jobs",
        "discovery.k8s.io/endpointslices",
        "networking.k8s.io/ingressclasses",
        "networking.k8s.io/ingresses",
        "node.k8s.io/runtimeclasses",
        "rbac.authorization.k8s.io/clusterrolebindings",
        "rbac.authorization.k8s.io/clusterroles",
        "rbac.authorization.k8s.io/rolebindings",
        "rbac.authorization.k8s.io/roles",
        "resource.k8s.io/deviceclasses",
        "resource.k8s.io/resourceclaims",
        "resource.k8s.io/resourceclaimtemplates",
        "storage.k8s.io/csistoragecapacities",
        "storage.k8s.io/storageclasses",
        "storage.k8s.io/volumeattachments",
        "storage.k8s.io/volumeattributesclasses",
    )
)
"""Kinds whose rules for updates begin with all the rules for new objects."""

_KEPT_BY_STATUS = {"apps/deployments": ("labels",), "/pods": ("ownerReferences",)}
"""What of metadata a status update leaves as it was, by storage table."""


_POD_NAMES = frozenset(
    ("/replicationcontrollers", "apps/deployments", "apps/replicasets", "batch/cronjobs", "batch/jobs")
)


def _name_warnings(table: str, name: str) -> tuple[str, ...]:
    """Names that can't be those of hosts are taken, and warned of, where pods are named after them."""
    if table not in _POD_NAMES and table != "/pods":
        return ()
    problems = dns1123_label(name)
    if not problems:
        return ()
    what = (
        "this is used in the Pod's hostname"
        if table == "/pods"
        else "this is used in Pod names and hostnames"
    )
    advice = "which can result in surprising behavior; a DNS label is recommended"
    return (f"metadata.name: {what}, {advice}: [{' '.join(problems)}]",)


class CoreStrategy:
    """One built-in kind."""

    def __init__(self, info: ResourceInfo) -> None:
        self._info = info
        self._node: Node | None = None
        self._schema: Schema | None = None
        self._looked_up = False
        self._status = info.subresource("status") is not None
        self.has_generation = f"{info.group}/{info.plural}" in _GENERATION

    @property
    def node(self) -> Node:
        """The kind's shape for comparing and merging."""
        if self._node is None:
            self._node = object_node(self.schema, STRUCTS)
        return self._node

    @property
    def schema(self) -> Schema | None:
        """The kind's vendored schema; None for one that can't be written without recursion."""
        if not self._looked_up:
            self._looked_up = True
            core = coretypes.kind(self._info.group, self._info.version, self._info.kind)
            self._schema = coretypes.lookup(core.type) if core is not None else None
        return self._schema

    def ignored(self, subresource: str) -> FieldSet:
        """The fields that a writer of this subresource never owns."""
        if not self._status:
            return EMPTY
        if subresource != "status":
            return _STATUS_ONLY
        return _SPEC_AND_LABELS if self._info.plural == "deployments" else _SPEC

    def decode(self, obj: JSONObject, field_validation: str) -> tuple[JSONObject, tuple[str, ...]]:
        """The object as the kind's type reads it, with the defaults of its schema and of the server's code."""
        schema = self.schema
        if schema is None:
            return obj, ()
        reader = Reader()
        kind = self._info.kind
        try:
            read: JSONObject = reader.read(obj, schema, kind, "")
        except Unfit as unfit:
            raise bad_request(self._misfit(str(unfit))) from None
        unknown = tuple(f'unknown field "{path}"' for path in reader.unknown)
        if unknown and field_validation == "Strict":
            raise bad_request(self._misfit(f"strict decoding error: {', '.join(unknown)}"))
        apply_defaults(schema, read)
        complete = DEFAULTS.get(self._info.table)
        if self._info.table == "/secrets":
            read = merge_string_data(read)
        stored = to_stored(read, self._info)
        if complete is not None:
            complete(stored)
        return stored, unknown if field_validation == "Warn" else ()

    def _misfit(self, why: str) -> str:
        kind = self._info.kind
        return f'{kind} in version "{self._info.version}" cannot be handled as a {kind}: {why}'

    def prepare_create(self, obj: JSONObject) -> JSONObject:
        """An empty status where that is a subresource, and what the kind has from the start."""
        if self._status:
            schema = self.schema.properties.get("status") if self.schema is not None else None
            obj = {**obj, "status": empty(schema) if schema is not None else {}}
        prepare = PREPARE.get(self._info.table)
        return prepare(obj) if prepare is not None else obj

    def prepare_update(self, new: JSONObject, old: JSONObject, subresource: str) -> JSONObject:
        """A status update takes status and metadata, any other write all but the status.

        What the server once filled in itself stays where the writer says nothing of it.
        """
        carry = CARRY.get(self._info.table)
        if carry is not None and subresource != "status":
            new = carry(new, old)
        if not self._status:
            return new
        if subresource == "status":
            metadata = dict(new["metadata"])
            for name in _KEPT_BY_STATUS.get(self._info.table, ()):
                metadata.pop(name, None)
                if name in old["metadata"]:
                    metadata[name] = old["metadata"][name]
            return {**old, "metadata": metadata, "status": new.get("status") or {}}
        return {**new, "status": old.get("status") or {}}

    def spec_changed(self, new: JSONObject, old: JSONObject) -> bool:
        """Any change but of metadata and status; of a few kinds a part of the metadata counts, of one nothing."""
        table = self._info.table
        if table in _BORN_WITH_GENERATION:
            return False
        counted = _COUNTED_METADATA.get(table)
        if counted and (new["metadata"].get(counted) or {}) != (old["metadata"].get(counted) or {}):
            return True
        keys = (new.keys() | old.keys()) - {"metadata", "status", "apiVersion", "kind"}
        return any(new.get(key) != old.get(key) for key in keys)

    def review(self, new: JSONObject, old: JSONObject | None, subresource: str) -> Reviewed:
        """Check and complete the object that would be stored."""
        errors = self._review_metadata(new["metadata"], None if old is None else old["metadata"], subresource)
        check = RULES.get(self._info.table)
        if check is not None:
            errors.extend(check(new, old))
        check = STATUS_RULES.get(self._info.table)
        if subresource == "status" and check is not None:
            errors.extend(check(new, old))
        warnings = _name_warnings(self._info.table, new["metadata"].get("name") or "") if old is None else ()
        return Reviewed(new, tuple(errors), warnings)

    def _review_metadata(self, new: JSONObject, old: JSONObject | None, subresource: str) -> list[FieldError]:
        """The errors about metadata, each as often as the real server finds it: up to four times in an update."""
        table = self._info.table
        whole = meta.validate(new, self._info)
        standard = [] if table in _FREE_FINALIZERS else meta.standard_finalizers(new)
        if old is None or table == "/events":
            return [*whole, *standard]
        change = meta.validate_change(new, old)
        errors = [*change, *(error for error in whole if error.field != "metadata.generateName")]
        if table not in _LOOKED_AT_ONCE:
            errors += [*change, *standard]
        if not subresource and table in _WHOLE_AGAIN:
            errors += [*whole, *standard]
        return errors
