"""Configuration, storage, policy and the like: kinds that no pod is made from."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError, GoStruct
from opgen.apiextensions.names import dns1123_label, label_value, qualified_name
from opgen.apiserver.quantities import NotAQuantity, amount_of
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Data, Errors
from opgen.apiserver.rules.storage import parameters

_KEY = re.compile(r"[-._a-zA-Z0-9]+\Z")
_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
    "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_FROZEN = "field is immutable when `immutable` is set"


def _keys(obj: Data, path: str) -> Errors:
    for key in sorted(obj.get(path) or {}):
        where = f"{path}[{key}]"
        if len(key) > 253:
            yield c.invalid(where, key, "must be no more than 253 characters")
        if not _KEY.match(key):
            yield c.invalid(where, key, _KEY_TEXT)
        if key in (".", ".."):
            yield c.invalid(where, key, f"must not be '{key}'")
        elif key.startswith(".."):
            yield c.invalid(where, key, "must not start with '..'")


def _frozen(new: Data, old: Data | None, *fields: str) -> Errors:
    """What `immutable: true` forbids."""
    if old is None or not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield c.forbidden("immutable", _FROZEN)
    for name in fields:
        if new.get(name) != old.get(name):
            yield c.forbidden(name, _FROZEN)


def config_map(new: Data, old: Data | None) -> Errors:
    """A ConfigMap."""
    yield from _frozen(new, old, "data", "binaryData")
    yield from _keys(new, "data")
    for key in sorted((new.get("data") or {}).keys() & (new.get("binaryData") or {}).keys()):
        yield c.invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    yield from _keys(new, "binaryData")


_WANTED: Mapping[str, tuple[str, ...]] = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
}
_REDACTED = "<secret contents redacted>"


def secret(new: Data, old: Data | None) -> Errors:
    """A Secret."""
    if old is not None and new.get("type") != old.get("type"):
        yield c.invalid("type", new.get("type"), "field is immutable")
    yield from _frozen(new, old, "data")
    yield from _keys(new, "data")
    data, kind = new.get("data") or {}, str(new.get("type") or "")
    for key in _WANTED.get(kind, ()):
        if key not in data:
            yield c.required(f"data[{key}]")
        elif key.startswith("."):
            yield from _json(data[key], f"data[{key}]")
    if kind == "kubernetes.io/basic-auth" and not data.keys() & {"username", "password"}:
        yield c.required("data[username]")
        yield c.required("data[password]")


def _json(value: str, path: str) -> Errors:
    raw = base64.b64decode(value)
    try:
        json.loads(raw)
    except ValueError:
        text = raw.decode("latin-1").strip(" \t\r\n")
        first = text[:1] or " "
        shown = repr(first)
        why = (
            "unexpected end of JSON input"
            if not text
            else f"invalid character {shown} looking for beginning of value"
        )
        yield c.invalid(path, _REDACTED, why)


# Storage ---------------------------------------------------------------------------------------------------

_ACCESS = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_MODES = ("Block", "Filesystem")


def claim(new: Data, old: Data | None) -> Errors:
    """A PersistentVolumeClaim."""
    if old is None:
        yield from claim_spec(new.get("spec") or {}, "spec")


def claim_spec(spec: Data, path: str) -> Errors:
    """The spec of a claim, also of a template."""
    modes = spec.get("accessModes") or []
    if not modes:
        yield c.required(f"{path}.accessModes", "at least 1 access mode is required")
    yield from _access(modes, f"{path}.accessModes")
    yield from c.label_selector(f"{path}.selector", spec.get("selector"))
    amount = c.part(spec, "resources", "requests").get("storage")
    where = f"{path}.resources[storage]"
    if amount is None:
        yield c.required(where)
    else:
        yield from _positive(where, amount)
    yield from c.subdomain(f"{path}.storageClassName", spec.get("storageClassName") or "")
    yield from c.one_of(spec, "volumeMode", path, *_MODES)


def _access(modes: Any, path: str) -> Errors:
    for mode in modes:
        if mode not in _ACCESS:
            yield c.unsupported(path, mode, _ACCESS)
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        text = "may not use ReadWriteOncePod with other access modes"
        yield c.forbidden(path, text)


def _positive(path: str, amount: Any) -> Errors:
    if amount_of(str(amount)) <= 0:
        yield c.invalid(path, amount, "must be greater than zero")


def volume(new: Data, old: Data | None) -> Errors:
    """A PersistentVolume."""
    spec: Data = new.get("spec") or {}
    modes, capacity = spec.get("accessModes") or [], spec.get("capacity") or {}
    if not modes:
        yield c.required("spec.accessModes")
    yield from _access(modes, "spec.accessModes")
    if not capacity:
        yield c.required("spec.capacity")
    if set(capacity) != {"storage"}:
        yield c.unsupported("spec.capacity", capacity or None, ("storage",))
    for name, amount in capacity.items():
        yield from _positive(f"spec.capacity[{name}]", amount)
    policy = spec.get("persistentVolumeReclaimPolicy")
    if policy not in (None, "", "Delete", "Recycle", "Retain"):
        yield c.unsupported("spec.persistentVolumeReclaimPolicy", policy, ("Delete", "Recycle", "Retain"))
    for kind, keys in _SOURCES.items():
        source: Data = spec.get(kind) or {}
        for key in keys if kind in spec else ():
            if not source.get(key):
                yield c.required(f"spec.{kind}.{key}")
    if not any(key in spec for key in _VOLUMES):
        yield c.required("spec", "must specify a volume type")
    yield from c.one_of(spec, "volumeMode", "spec", *_MODES)


_SOURCES = {
    "hostPath": ("path",),
    "nfs": ("server", "path"),
    "local": ("path",),
    "csi": ("driver", "volumeHandle"),
}
"""What some kinds of volumes need."""

_VOLUMES = (
    "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker",
    "gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume",
    "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
)  # fmt: skip


def storage_class(new: Data, old: Data | None) -> Errors:
    """A StorageClass."""
    provisioner = new.get("provisioner") or ""
    if not provisioner:
        yield c.required("provisioner")
    else:
        yield from c.each("provisioner", provisioner, qualified_name(provisioner.lower()))
    yield from parameters(new)
    yield from c.one_of(new, "reclaimPolicy", "", "Delete", "Retain")
    yield from c.one_of(new, "volumeBindingMode", "", "Immediate", "WaitForFirstConsumer")
    if old is not None:
        for key in ("provisioner", "reclaimPolicy", "volumeBindingMode"):
            if new.get(key) != old.get(key):
                yield c.invalid(key, new.get(key), "field is immutable")
        if (new.get("parameters") or {}) != (old.get("parameters") or {}):
            yield c.invalid("parameters", new.get("parameters"), "field is immutable")


# Limits and priorities -------------------------------------------------------------------------------------

_QUOTA = frozenset((
    "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
    "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods",
    "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps",
    "services.nodeports", "services.loadbalancers", "storage",
))  # fmt: skip
_COUNTED = frozenset((
    "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps",
    "services.nodeports", "services.loadbalancers",
))  # fmt: skip


def quota(new: Data, old: Data | None) -> Errors:
    """A ResourceQuota."""
    hard = c.part(new, "spec", "hard")
    for name, amount in hard.items():
        where = f"spec.hard[{name}]"
        problems = qualified_name(name)
        yield from c.each(where, name, problems)
        known = (
            name in _QUOTA or "/" in name or name.startswith(("count/", "requests.hugepages-", "hugepages-"))
        )
        if not known and ".storageclass.storage.k8s.io/" not in name:
            yield c.invalid(where, name, "must be a standard resource for quota")
        value = amount_of(str(amount))
        if value < 0:
            yield c.invalid(where, amount, "must be greater than or equal to 0")
        if (name in _COUNTED or name.startswith("count/")) and value.denominator != 1:
            yield c.invalid(where, amount, "must be an integer")


def limit_range(new: Data, old: Data | None) -> Errors:
    """A LimitRange: defaults and requests lie between what it allows."""
    kinds: set[str] = set()
    for index, limit in enumerate(c.part(new, "spec").get("limits") or ()):
        path = f"spec.limits[{index}]"
        kind = limit.get("type") or ""
        problems = qualified_name(kind)
        yield from c.each(f"{path}.type", kind, problems)
        if not problems and "/" not in kind and kind not in ("Pod", "Container", "PersistentVolumeClaim"):
            yield c.invalid(f"{path}.type", kind, "must be a standard limit type or fully qualified")
        if kind in kinds:
            yield c.duplicate(f"{path}.type", kind)
        kinds.add(kind)
        if kind == "Pod":
            for key in ("default", "defaultRequest"):
                if limit.get(key):
                    yield c.forbidden(f"{path}.{key}", "may not be specified when `type` is 'Pod'")
        yield from _limits(limit, path)


def _limits(limit: Data, path: str) -> Errors:
    amounts = {key: limit.get(key) or {} for key in ("max", "min", "default", "defaultRequest")}
    for name in sorted(set().union(*amounts.values())):
        for low, high, field, shown, words in _ORDER:
            least, most = (_number(amounts[key].get(name)) for key in (low, high))
            if least is not None and most is not None and least > most:
                text = f"{words[0]} value {amounts[low][name]} is greater than {words[1]} value {amounts[high][name]}"
                yield c.invalid(f"{path}.{field}[{name}]", amounts[shown][name], text)


_ORDER = (
    ("min", "max", "min", "min", ("min", "max")),
    ("min", "defaultRequest", "defaultRequest", "defaultRequest", ("min", "default request")),
    ("defaultRequest", "max", "defaultRequest", "defaultRequest", ("default request", "max")),
    ("defaultRequest", "default", "defaultRequest", "defaultRequest", ("default request", "default limit")),
    ("min", "default", "default", "min", ("min", "default")),
    ("default", "max", "default", "max", ("default", "max")),
)
"""The lower and the higher amount, whose field and value an error shows, and what they are called."""


def _number(amount: Any) -> Any:
    try:
        return None if amount is None else amount_of(str(amount))
    except NotAQuantity:
        return None


def priority_class(new: Data, old: Data | None) -> Errors:
    """A PriorityClass."""
    name, value = c.part(new, "metadata").get("name") or "", new.get("value", 0)
    if name.startswith("system-"):
        text = "priority class names with 'system-' prefix are reserved for system use only"
        if name not in ("system-node-critical", "system-cluster-critical"):
            yield c.forbidden("metadata.name", f"{text}. error: {name} is not a known system priority class")
    elif value > 1_000_000_000:
        yield c.forbidden("value", "maximum allowed value of a user defined priority is 1000000000")
    policy = new.get("preemptionPolicy")
    if policy not in (None, "PreemptLowerPriority", "Never"):
        yield c.unsupported("preemptionPolicy", policy, ("PreemptLowerPriority", "Never"))
    if old is not None:
        for key in ("value", "preemptionPolicy"):
            if new.get(key) != old.get(key):
                yield c.invalid(key, new.get(key), "field is immutable")


def lease(new: Data, old: Data | None) -> Errors:
    """A Lease."""
    spec: Data = new.get("spec") or {}
    duration = spec.get("leaseDurationSeconds")
    if duration is not None and duration <= 0:
        yield c.invalid("spec.leaseDurationSeconds", duration, "must be greater than 0")
    yield from c.not_negative(spec, "spec", "leaseTransitions")


def node(new: Data, old: Data | None) -> Errors:
    """A Node's taints, which the server's errors place under metadata."""
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(c.part(new, "spec").get("taints") or ()):
        pair = (taint.get("key") or "", taint.get("effect") or "")
        if pair in seen:
            shown = GoStruct(Key=pair[0], Value=taint.get("value") or "", Effect=pair[1], TimeAdded=None)
            text = "taints must be unique by key and effect pair"
            yield FieldError(f"metadata.taints[{index}]", ErrorType.DUPLICATE, text, shown)
        seen.add(pair)
        where = f"metadata.taints[{index}]"
        yield from c.key(f"{where}.key", taint.get("key") or "")
        if taint.get("value"):
            yield from c.each(f"{where}.value", taint["value"], label_value(taint["value"]))
        effect = taint.get("effect") or ""
        if not effect:
            yield c.required(f"{where}.effect")
        elif effect not in ("NoSchedule", "PreferNoSchedule", "NoExecute"):
            yield c.unsupported(f"{where}.effect", effect, ("NoSchedule", "PreferNoSchedule", "NoExecute"))


def endpoints(new: Data, old: Data | None) -> Errors:
    """Endpoints."""
    for index, subset in enumerate(new.get("subsets") or ()):
        path = f"subsets[{index}]"
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            yield c.required(path, "must specify `addresses` or `notReadyAddresses`")
        for key in ("addresses", "notReadyAddresses"):
            for place, address in enumerate(subset.get(key) or ()):
                where, ip = f"{path}.{key}[{place}].ip", address.get("ip") or ""
                problems = list(c.ip_address(where, ip))
                yield from problems
                if problems:
                    yield c.invalid(where, ip, "must be a valid IP address")
        ports = subset.get("ports") or ()
        for place, port in enumerate(ports):
            where = f"{path}.ports[{place}]"
            if not port.get("name") and len(ports) > 1:
                yield c.required(f"{where}.name")
            elif port.get("name"):
                yield from c.each(f"{where}.name", port["name"], dns1123_label(port["name"]))
            yield from c.port_number(f"{where}.port", port.get("port", 0))
