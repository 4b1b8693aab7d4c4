"""Pods and pod templates, apart from their containers: volumes, scheduling, names, deadlines."""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.names import dns1123_label, label_value
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import LARGEST_ID, Data, Errors
from opgen.apiserver.rules.containers import containers, identifier, seccomp

RESTART_POLICIES = ("Always", "OnFailure", "Never")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")


def pod(new: Data, old: Data | None) -> Errors:
    """A Pod; what of one may change is left to the server."""
    if old is None:
        yield from pod_spec(new.get("spec") or {}, "spec")


def pod_spec(spec: Data, path: str) -> Errors:
    """The spec of a Pod or of a template."""
    yield from _volumes(spec.get("volumes") or (), f"{path}.volumes")
    yield from containers(spec, path)
    restart = spec.get("restartPolicy") or ""
    if not restart:
        yield c.required(f"{path}.restartPolicy")
    elif restart not in RESTART_POLICIES:
        yield c.unsupported(f"{path}.restartPolicy", restart, RESTART_POLICIES)
    policy = spec.get("dnsPolicy")
    if policy not in (None, "", *_DNS_POLICIES):
        yield c.unsupported(f"{path}.dnsPolicy", policy, _DNS_POLICIES)
    if policy == "None" and not spec.get("dnsConfig"):
        text = "must provide `dnsConfig` when `dnsPolicy` is None"
        yield c.required(f"{path}.dnsConfig", text)
    context = spec.get("securityContext") or {}
    for key in ("runAsUser", "runAsGroup", "fsGroup"):
        yield from identifier(context, key, f"{path}.securityContext")
    yield from seccomp(context, f"{path}.securityContext")
    yield from _sysctls(context.get("sysctls") or (), f"{path}.securityContext.sysctls")
    yield from _names(spec, path)
    yield from _deadlines(spec, path)
    yield from _tolerations(spec.get("tolerations") or (), f"{path}.tolerations")
    yield from _affinity(spec.get("affinity") or {}, f"{path}.affinity")
    yield from _spread(spec.get("topologySpreadConstraints") or (), f"{path}.topologySpreadConstraints")
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        where = f"{path}.hostAliases[{index}]"
        yield from c.ip_address(f"{where}.ip", alias.get("ip") or "")
        for place, name in enumerate(alias.get("hostnames") or ()):
            yield from c.subdomain(f"{where}.hostnames[{place}]", name)


def _sysctls(sysctls: Any, path: str) -> Errors:
    names: set[str] = set()
    for index, sysctl in enumerate(sysctls):
        name = sysctl.get("name") or ""
        if not name:
            yield c.required(f"{path}[{index}].name")
        elif name in names:
            yield c.duplicate(f"{path}[{index}].name", name)
        names.add(name)


def _names(spec: Data, path: str) -> Errors:
    yield from c.labels(f"{path}.nodeSelector", spec.get("nodeSelector"))
    for key in ("serviceAccountName", "nodeName", "priorityClassName"):
        yield from c.subdomain(f"{path}.{key}", spec.get(key) or "")
    for key in ("hostname", "subdomain"):
        if spec.get(key):
            yield from c.each(f"{path}.{key}", spec[key], dns1123_label(spec[key]))


def _deadlines(spec: Data, path: str) -> Errors:
    value = spec.get("activeDeadlineSeconds")
    if value is not None and not 1 <= value <= LARGEST_ID:
        yield c.invalid(
            f"{path}.activeDeadlineSeconds", value, f"must be between 1 and {LARGEST_ID}, inclusive"
        )


# Volumes ---------------------------------------------------------------------------------------------------


def _volumes(volumes: Any, path: str) -> Errors:
    names: set[str] = set()
    for index, volume in enumerate(volumes):
        where = f"{path}[{index}]"
        name = volume.get("name") or ""
        problems = list(_sources(volume, where))
        if not name:
            problems.append(c.required(f"{where}.name"))
        else:
            problems.extend(c.each(f"{where}.name", name, dns1123_label(name)))
        if name in names:
            problems.append(c.duplicate(f"{where}.name", name))
        if not problems:  # a volume that is wrong takes no name
            names.add(name)
        yield from problems


def _sources(volume: Data, path: str) -> Errors:
    kinds = [kind for kind in volume if kind != "name" and volume[kind] is not None]
    for kind in sorted(kinds, key=_order)[1:]:
        yield c.forbidden(f"{path}.{kind}", "may not specify more than 1 volume type")
    yield from _volume(volume, path)


_KINDS = (
    "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi",
    "glusterfs", "flexVolume", "configMap", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "flocker", "fc",
    "azureFile", "vsphereVolume", "quobyte", "downwardAPI", "azureDisk", "storageos", "projected", "scaleIO",
    "photonPersistentDisk", "portworxVolume", "csi", "ephemeral", "image",
)  # fmt: skip


def _order(kind: str) -> int:
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS)


def _volume(volume: Data, path: str) -> Errors:
    for item in c.part(volume, "downwardAPI").get("items") or ():
        yield from _downward(item, f"{path}.downwardAPI")
    for source in c.part(volume, "projected").get("sources") or ():
        token = source.get("serviceAccountToken")
        if token is not None and not token.get("path"):
            yield c.required(f"{path}.projected.path")
        for item in c.part(source, "downwardAPI").get("items") or ():
            yield from _downward(item, f"{path}.projected")
    for kind, key in (
        ("configMap", "name"),
        ("secret", "secretName"),
        ("persistentVolumeClaim", "claimName"),
        ("hostPath", "path"),
    ):
        source = volume.get(kind)
        if source is None:
            continue
        if not source.get(key):
            yield c.required(f"{path}.{kind}.{key}")
        for index, item in enumerate(source.get("items") or ()):
            for name in ("key", "path"):
                if not item.get(name):
                    yield c.required(f"{path}.{kind}.items[{index}].{name}")
            if ".." in (item.get("path") or "").split("/"):
                where = f"{path}.{kind}.items[{index}].path"
                yield c.invalid(where, item["path"], "must not contain '..'")
        mode = source.get("defaultMode")
        if mode is not None and not 0 <= mode <= 0o777:
            text = "must be a number between 0 and 0777 (octal), both inclusive"
            yield c.invalid(f"{path}.{kind}.defaultMode", mode, text)


def _downward(item: Data, path: str) -> Errors:
    place = item.get("path") or ""
    if not place:
        yield c.required(f"{path}.path")
    elif ".." in place.split("/"):
        yield c.invalid(f"{path}.path", place, "must not contain '..'")
    field = item.get("fieldRef")
    if field is not None and not field.get("fieldPath"):
        yield c.required(f"{path}.fieldRef.fieldPath")


# Scheduling ------------------------------------------------------------------------------------------------


def _tolerations(tolerations: Any, path: str) -> Errors:
    for index, found in enumerate(tolerations):
        where = f"{path}[{index}]"
        operator, key, effect = found.get("operator") or "", found.get("key") or "", found.get("effect") or ""
        if key:
            yield from c.key(f"{where}.key", key)
        elif operator != "Exists":
            text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            yield c.invalid(f"{where}.operator", operator, text)
        if found.get("tolerationSeconds") is not None and effect != "NoExecute":
            text = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            yield c.invalid(f"{where}.effect", effect, text)
        value = found.get("value") or ""
        if operator == "Exists" and value:
            yield c.invalid(f"{where}.operator", value, "value must be empty when `operator` is 'Exists'")
        elif operator in ("", "Equal"):
            yield from c.each(f"{where}.operator", value, label_value(value))
        elif operator != "Exists":
            yield c.unsupported(f"{where}.operator", operator, ("Equal", "Exists"))
        if effect and effect not in _EFFECTS:
            yield c.unsupported(f"{where}.effect", effect, _EFFECTS)


def _affinity(affinity: Data, path: str) -> Errors:
    node = affinity.get("nodeAffinity") or {}
    where = f"{path}.nodeAffinity"
    wanted = node.get("requiredDuringSchedulingIgnoredDuringExecution")
    if wanted is not None:
        place = f"{where}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
        terms = wanted.get("nodeSelectorTerms") or []
        if not terms:
            yield c.required(place, "must have at least one node selector term")
        for index, term in enumerate(terms):
            yield from _node_term(term, f"{place}[{index}]")
    for index, preferred in enumerate(node.get("preferredDuringSchedulingIgnoredDuringExecution") or ()):
        place = f"{where}.preferredDuringSchedulingIgnoredDuringExecution[{index}]"
        yield from _weight(preferred, place)
        yield from _node_term(preferred.get("preference") or {}, f"{place}.preference")
    for name in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(name) or {}
        where = f"{path}.{name}"
        for index, term in enumerate(rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ()):
            yield from _pod_term(term, f"{where}.requiredDuringSchedulingIgnoredDuringExecution[{index}]")
        for index, term in enumerate(rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ()):
            place = f"{where}.preferredDuringSchedulingIgnoredDuringExecution[{index}]"
            yield from _weight(term, place)
            yield from _pod_term(term.get("podAffinityTerm") or {}, f"{place}.podAffinityTerm")


def _weight(term: Data, path: str) -> Errors:
    weight = term.get("weight", 0)
    if not 1 <= weight <= 100:
        yield c.invalid(f"{path}.weight", weight, "must be in the range 1-100")


def _node_term(term: Data, path: str) -> Errors:
    for index, wanted in enumerate(term.get("matchExpressions") or ()):
        where = f"{path}.matchExpressions[{index}]"
        operator, values = wanted.get("operator") or "", wanted.get("values") or []
        if operator in ("In", "NotIn"):
            if not values:
                yield c.required(f"{where}.values", "must be specified when `operator` is 'In' or 'NotIn'")
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                yield c.forbidden(f"{where}.values", text)
        elif operator in ("Gt", "Lt"):
            if len(values) != 1:
                text = "must be specified single value when `operator` is 'Lt' or 'Gt'"
                yield c.required(f"{where}.values", text)
        else:
            yield c.invalid(f"{where}.operator", operator, "not a valid selector operator")
        yield from c.key(f"{where}.key", wanted.get("key") or "")


def _pod_term(term: Data, path: str) -> Errors:
    yield from c.label_selector(f"{path}.labelSelector", term.get("labelSelector"))
    topology = term.get("topologyKey") or ""
    if not topology:
        yield c.required(f"{path}.topologyKey", "can not be empty")
    yield from c.key(f"{path}.topologyKey", topology)


def _spread(constraints: Any, path: str) -> Errors:
    for index, constraint in enumerate(constraints):
        where = f"{path}[{index}]"
        skew = constraint.get("maxSkew", 0)
        if skew <= 0:
            yield c.invalid(f"{where}.maxSkew", skew, "must be greater than zero")
        if not constraint.get("topologyKey"):
            yield c.required(f"{where}.topologyKey", "can not be empty")
        action = constraint.get("whenUnsatisfiable") or ""
        if action not in ("DoNotSchedule", "ScheduleAnyway"):
            yield c.unsupported(f"{where}.whenUnsatisfiable", action, ("DoNotSchedule", "ScheduleAnyway"))
        yield from c.label_selector(f"{where}.labelSelector", constraint.get("labelSelector"))
