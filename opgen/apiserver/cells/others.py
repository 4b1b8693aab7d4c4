"""The cells of everything that isn't a workload."""

from __future__ import annotations

from typing import Any

from opgen.apiserver.cells import read
from opgen.apiserver.cells.ages import age
from opgen.apiserver.cells.read import Cells, Reader
from opgen.apiserver.jsonpath import find


def _ports(obj: dict[str, Any]) -> str:
    parts = []
    for port in read.first(obj, ".spec.ports", []):
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        parts.append(f"{port.get('port')}{node}/{port.get('protocol', 'TCP')}")
    return ",".join(parts) or "<none>"


def _node_status(obj: dict[str, Any]) -> str:
    ready = read.first(obj, ".status.conditions[?(@.type=='Ready')].status")
    shown = {"True": "Ready", None: "Unknown"}.get(ready, "NotReady")
    return f"{shown},SchedulingDisabled" if read.first(obj, ".spec.unschedulable") else shown


def _external_ip(obj: dict[str, Any]) -> str:
    if read.first(obj, ".spec.type") == "ExternalName":
        return str(read.first(obj, ".spec.externalName", ""))
    found = find(obj, ".status.loadBalancer.ingress[*].ip") + list(read.first(obj, ".spec.externalIPs", []))
    if found:
        return ",".join(found)
    return "<pending>" if read.first(obj, ".spec.type") == "LoadBalancer" else "<none>"


def _last_seen(obj: dict[str, Any]) -> str:
    for path in (".series.lastObservedTime", ".lastTimestamp", ".eventTime", ".firstTimestamp"):
        when = read.first(obj, path)
        if when:
            return age(when)
    return "<unknown>"


def _first_seen(obj: dict[str, Any]) -> str:
    return age(read.first(obj, ".firstTimestamp") or read.first(obj, ".eventTime"))


def _event_object(obj: dict[str, Any]) -> str:
    about = read.first(obj, ".involvedObject", {})
    return f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"


def _hosts(obj: dict[str, Any]) -> str:
    hosts = [host for host in find(obj, ".spec.rules[*].host") if host]
    return ",".join(hosts) or "*"


def _source(obj: dict[str, Any]) -> str:
    if read.first(obj, ".source.component"):
        return ", ".join(find(obj, ".source.component") + find(obj, ".source.host"))
    return ", ".join(
        v for v in (read.first(obj, ".reportingComponent"), read.first(obj, ".reportingInstance")) if v
    )


def _subjects(kind: str, *, namespaced: bool = False) -> Reader:
    def show(obj: dict[str, Any]) -> str:
        held = [s for s in read.first(obj, ".subjects", []) if s.get("kind") == kind]
        return ", ".join(f"{s.get('namespace', '')}/{s['name']}" if namespaced else s["name"] for s in held)

    return show


def _role(obj: dict[str, Any]) -> str:
    return f"{read.first(obj, '.roleRef.kind', '')}/{read.first(obj, '.roleRef.name', '')}"


def _node_address(kind: str) -> Reader:
    return read.text(f".status.addresses[?(@.type=='{kind}')].address")


def _modes(path: str) -> Reader:
    short = {
        "ReadWriteOnce": "RWO",
        "ReadOnlyMany": "ROX",
        "ReadWriteMany": "RWX",
        "ReadWriteOncePod": "RWOP",
    }
    return lambda obj: ",".join(short.get(mode, "") for mode in read.first(obj, path, []))


def _claim(obj: dict[str, Any]) -> str:
    reference = read.first(obj, ".spec.claimRef")
    return f"{reference.get('namespace', '')}/{reference.get('name', '')}" if reference else ""


def _endpoints(obj: dict[str, Any]) -> str:
    found = [
        f"{address['ip']}:{port['port']}" if port else address["ip"]
        for subset in read.first(obj, ".subsets", [])
        for port in subset.get("ports") or [None]
        for address in subset.get("addresses") or ()
    ]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return ",".join(found[:3]) + more or "<none>"


def _parameters(obj: dict[str, Any]) -> str:
    found = read.first(obj, ".spec.parameters")
    if not found:
        return "<none>"
    group = f".{found['apiGroup']}" if found.get("apiGroup") else ""
    return f"{found.get('kind', '')}{group}/{found.get('name', '')}"


def _slice_ports(obj: dict[str, Any]) -> str:
    return ",".join(str(port.get("port", "*")) for port in read.first(obj, ".ports", [])) or "<unset>"


def _slice_endpoints(obj: dict[str, Any]) -> str:
    found = [address for point in obj.get("endpoints") or () for address in point.get("addresses") or ()]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return ",".join(found[:3]) + more or "<unset>"


def _amounts(limits: bool) -> Reader:
    """A quota's usage: what it limits, or what it caps requests and counts at."""

    def show(obj: dict[str, Any]) -> str:
        hard, used = read.first(obj, ".status.hard", {}), read.first(obj, ".status.used", {})
        return ", ".join(
            f"{name}: {used.get(name, 0)}/{hard[name]}"
            for name in sorted(hard)
            if name.startswith("limits.") is limits
        )

    return show


def _data(obj: dict[str, Any]) -> int:
    return len(obj.get("data") or {}) + len(obj.get("binaryData") or {})


def _flag(path: str, default: bool = False) -> Reader:
    return lambda obj: bool(read.first(obj, path, default))


def _word(path: str) -> Reader:
    return lambda obj: (
        "true" if read.first(obj, path) else "false" if read.first(obj, path) is False else "<unset>"
    )


_BINDING: Cells = {
    "Role": _role,
    "Users": _subjects("User"),
    "Groups": _subjects("Group"),
    "ServiceAccounts": _subjects("ServiceAccount", namespaced=True),
}
_HOOKS: Cells = {"Webhooks": read.count(".webhooks")}

OTHERS: dict[str, Cells] = {
    "/services": {
        "Type": read.at(".spec.type"),
        "Cluster-IP": read.text(".spec.clusterIP"),
        "External-IP": _external_ip,
        "Port(s)": _ports,
        "Selector": read.labels(".spec.selector"),
    },
    "/endpoints": {"Endpoints": _endpoints},
    "/configmaps": {"Data": _data},
    "/secrets": {"Type": read.at(".type"), "Data": lambda obj: len(obj.get("data") or {})},
    "/namespaces": {"Status": read.at(".status.phase")},
    "/nodes": {
        "Status": _node_status,
        "Roles": lambda obj: "<none>",
        "Version": read.at(".status.nodeInfo.kubeletVersion"),
        "Internal-IP": _node_address("InternalIP"),
        "External-IP": _node_address("ExternalIP"),
        "OS-Image": read.text(".status.nodeInfo.osImage", "<unknown>"),
        "Kernel-Version": read.text(".status.nodeInfo.kernelVersion", "<unknown>"),
        "Container-Runtime": read.text(".status.nodeInfo.containerRuntimeVersion", "<unknown>"),
    },
    "/events": {
        "Last Seen": _last_seen,
        "Type": read.at(".type"),
        "Reason": read.at(".reason"),
        "Object": _event_object,
        "Subobject": read.at(".involvedObject.fieldPath"),
        "Source": _source,
        "Message": lambda obj: str(read.first(obj, ".message", "")).strip(),
        "First Seen": _first_seen,
        "Count": read.at(".count", 1),
    },
    "/persistentvolumeclaims": {
        "Status": read.at(".status.phase"),
        "Volume": read.at(".spec.volumeName"),
        "Capacity": read.at(".status.capacity.storage"),
        "Access Modes": _modes(".status.accessModes"),
        "StorageClass": read.at(".spec.storageClassName"),
        "VolumeAttributesClass": read.text(".spec.volumeAttributesClassName", "<unset>"),
        "VolumeMode": read.at(".spec.volumeMode", "Filesystem"),
    },
    "/persistentvolumes": {
        "Capacity": read.at(".spec.capacity.storage"),
        "Access Modes": _modes(".spec.accessModes"),
        "Reclaim Policy": read.at(".spec.persistentVolumeReclaimPolicy"),
        "Status": read.at(".status.phase"),
        "Claim": _claim,
        "StorageClass": read.at(".spec.storageClassName"),
        "VolumeAttributesClass": read.text(".spec.volumeAttributesClassName", "<unset>"),
        "Reason": read.at(".status.reason"),
        "VolumeMode": read.at(".spec.volumeMode", "Filesystem"),
    },
    "/resourcequotas": {"Request": _amounts(limits=False), "Limit": _amounts(limits=True)},
    "networking.k8s.io/ingresses": {
        "Class": read.text(".spec.ingressClassName"),
        "Hosts": _hosts,
        "Address": lambda obj: ",".join(find(obj, ".status.loadBalancer.ingress[*].ip")),
        "Ports": lambda obj: "80, 443" if read.first(obj, ".spec.tls") else "80",
    },
    "networking.k8s.io/ingressclasses": {
        "Controller": read.at(".spec.controller"),
        "Parameters": _parameters,
    },
    "networking.k8s.io/networkpolicies": {"Pod-Selector": read.selector(".spec.podSelector")},
    "networking.k8s.io/servicecidrs": {"CIDRs": read.joined(".spec.cidrs[*]")},
    "coordination.k8s.io/leases": {"Holder": read.at(".spec.holderIdentity")},
    "rbac.authorization.k8s.io/rolebindings": _BINDING,
    "rbac.authorization.k8s.io/clusterrolebindings": _BINDING,
    "storage.k8s.io/storageclasses": {
        "Provisioner": read.at(".provisioner"),
        "ReclaimPolicy": read.at(".reclaimPolicy", "Delete"),
        "VolumeBindingMode": read.at(".volumeBindingMode", "Immediate"),
        "AllowVolumeExpansion": _flag(".allowVolumeExpansion"),
    },
    "storage.k8s.io/csidrivers": {
        "AttachRequired": _flag(".spec.attachRequired", True),
        "PodInfoOnMount": _flag(".spec.podInfoOnMount"),
        "StorageCapacity": _flag(".spec.storageCapacity"),
        "TokenRequests": lambda obj: ",".join(find(obj, ".spec.tokenRequests[*].audience")) or "<unset>",
        "RequiresRepublish": _flag(".spec.requiresRepublish"),
        "Modes": lambda obj: ",".join(read.first(obj, ".spec.volumeLifecycleModes", [])) or "<none>",
    },
    "storage.k8s.io/csinodes": {"Drivers": read.count(".spec.drivers")},
    "storage.k8s.io/volumeattachments": {
        "Attacher": read.at(".spec.attacher"),
        "PV": read.at(".spec.source.persistentVolumeName"),
        "Node": read.at(".spec.nodeName"),
        "Attached": _flag(".status.attached"),
    },
    "storage.k8s.io/volumeattributesclasses": {"DriverName": read.at(".driverName")},
    "admissionregistration.k8s.io/mutatingwebhookconfigurations": _HOOKS,
    "admissionregistration.k8s.io/validatingwebhookconfigurations": _HOOKS,
    "admissionregistration.k8s.io/validatingadmissionpolicies": {
        "Validations": read.count(".spec.validations"),
        "ParamKind": _word(".spec.paramKind"),
    },
    "admissionregistration.k8s.io/validatingadmissionpolicybindings": {
        "PolicyName": read.at(".spec.policyName"),
        "ParamRef": _word(".spec.paramRef"),
    },
    "admissionregistration.k8s.io/mutatingadmissionpolicies": {
        "Mutations": read.count(".spec.mutations"),
        "ParamKind": _word(".spec.paramKind"),
    },
    "admissionregistration.k8s.io/mutatingadmissionpolicybindings": {
        "PolicyName": read.at(".spec.policyName"),
        "ParamRef": _word(".spec.paramRef"),
    },
    "scheduling.k8s.io/priorityclasses": {
        "Value": read.at(".value", 0),
        "Global-Default": _flag(".globalDefault"),
        "PreemptionPolicy": read.at(".preemptionPolicy"),
    },
    "node.k8s.io/runtimeclasses": {"Handler": read.at(".handler")},
    "discovery.k8s.io/endpointslices": {
        "AddressType": read.at(".addressType"),
        "Ports": _slice_ports,
        "Endpoints": _slice_endpoints,
    },
}
"""By storage table."""
