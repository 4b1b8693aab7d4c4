"""Services, Ingresses and NetworkPolicies."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from opgen.apiextensions.errors import GoStruct
from opgen.apiextensions.names import dns1123_label, dns1123_subdomain
from opgen.apiserver.metadata import path_segment
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Data, Errors
from opgen.apiserver.rules.paths import domain_prefixed

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_EXTERNAL = ("NodePort", "LoadBalancer")
_WILDCARD = re.compile(r"\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")
_WILDCARD_TEXT = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', "
    r"regex used for validation is '\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


def service(new: Data, old: Data | None) -> Errors:
    """A Service."""
    spec: Data = new.get("spec") or {}
    kind = spec.get("type") or ""
    headless = spec.get("clusterIP") == "None"
    ports = spec.get("ports") or []
    if not ports and kind != "ExternalName" and not headless:
        yield c.required("spec.ports")
    if kind == "ExternalName":
        name = (spec.get("externalName") or "").removesuffix(".")
        if name:
            yield from c.each("spec.externalName", name, dns1123_subdomain(name))
        else:
            yield c.required("spec.externalName")
    yield from _service_ports(ports, kind)
    yield from c.labels("spec.selector", spec.get("selector"))
    affinity = spec.get("sessionAffinity") or ""
    if not affinity:
        yield c.required("spec.sessionAffinity")
    elif affinity not in ("ClientIP", "None"):
        yield c.unsupported("spec.sessionAffinity", affinity, ("ClientIP", "None"))
    seconds = c.part(spec, "sessionAffinityConfig", "clientIP").get("timeoutSeconds")
    if affinity == "ClientIP" and seconds is not None and not 0 < seconds <= 86400:
        text = "must be greater than 0 and less than 86400"
        yield c.invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", seconds, text)
    if kind not in _TYPES:
        yield c.unsupported("spec.type", kind, _TYPES)
    if kind in ("ClusterIP", *_EXTERNAL):
        yield from _addresses(spec)
    policy = spec.get("externalTrafficPolicy")
    if policy and kind not in _EXTERNAL and not spec.get("externalIPs"):
        text = "may only be set for externally-accessible services"
        yield c.invalid("spec.externalTrafficPolicy", policy, text)
    elif policy and policy not in ("Cluster", "Local"):
        yield c.unsupported("spec.externalTrafficPolicy", policy, ("Cluster", "Local"))
    ranges = spec.get("loadBalancerSourceRanges") or []
    if ranges and kind != "LoadBalancer":
        text = "may only be used when `type` is 'LoadBalancer'"
        yield c.forbidden("spec.LoadBalancerSourceRanges", text)
    elif kind == "LoadBalancer":
        for index, value in enumerate(ranges):
            yield from c.network(f"spec.LoadBalancerSourceRanges[{index}]", value.strip())
    held = c.part(old or {}, "spec").get("clusterIP")
    if held and kind != "ExternalName" and spec.get("clusterIP") != held:
        addresses = spec.get("clusterIPs") or []
        yield c.invalid("spec.clusterIPs[0]", addresses, "may not change once set")


def _addresses(spec: Data) -> Errors:
    for index, address in enumerate(spec.get("clusterIPs") or ()):
        if address != "None":
            yield from c.ip_address(f"spec.clusterIPs[{index}]", address)


def _service_ports(ports: Any, kind: str) -> Errors:
    names: set[str] = set()
    served: set[tuple[Any, ...]] = set()
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        name = port.get("name") or ""
        if not name:
            if len(ports) > 1:
                yield c.required(f"{path}.name")
        elif name in names:
            yield c.duplicate(f"{path}.name", name)
        else:
            yield from c.service_name(f"{path}.name", name)
        if name:
            names.add(name)
        yield from c.port_number(f"{path}.port", port.get("port", 0))
        protocol = port.get("protocol") or ""
        if not protocol:
            yield c.required(f"{path}.protocol")
        elif protocol not in _PROTOCOLS:
            yield c.unsupported(f"{path}.protocol", protocol, _PROTOCOLS)
        if port.get("appProtocol"):
            yield from c.key(f"{path}.appProtocol", port["appProtocol"])
        yield from c.port_or_name(f"{path}.targetPort", port.get("targetPort", 0))
        if port.get("nodePort") and kind not in _EXTERNAL:
            yield c.forbidden(f"{path}.nodePort", f"may not be used when `type` is '{kind}'")
        key = (protocol, port.get("port"))
        if key in served:
            yield c.duplicate(path, _go_port(protocol, port.get("port")))
        served.add(key)


def _go_port(protocol: str, port: int | None) -> GoStruct:
    """A port as Go prints the struct, of which the server shows these two fields."""
    return GoStruct(Name="", Protocol=protocol, AppProtocol=None, Port=port, TargetPort=0, NodePort=0)


# Ingress ---------------------------------------------------------------------------------------------------


def ingress(new: Data, old: Data | None) -> Errors:
    """An Ingress."""
    spec: Data = new.get("spec") or {}
    rules, backend = spec.get("rules") or [], spec.get("defaultBackend")
    if not rules and backend is None:
        text = "either `defaultBackend` or `rules` must be specified"
        yield c.invalid("spec", spec.get("rules"), text)
    if backend is not None:
        yield from _backend(backend, "spec.defaultBackend")
    for index, rule in enumerate(rules):
        path = f"spec.rules[{index}]"
        yield from _host(rule.get("host") or "", f"{path}.host")
        http = rule.get("http")
        if http is None:
            continue
        paths = http.get("paths") or []
        if not paths:
            yield c.required(f"{path}.http.paths")
        for place, found in enumerate(paths):
            yield from _path(found, f"{path}.http.paths[{place}]")
    for index, tls in enumerate(spec.get("tls") or ()):
        for place, host in enumerate(tls.get("hosts") or ()):
            where = f"spec.tls[{index}].hosts[{place}]"
            if "*" in host:
                yield from _wildcard(host, where)
            else:
                yield from c.each(where, host, dns1123_subdomain(host))
        yield from c.subdomain(f"spec.tls[{index}].secretName", tls.get("secretName") or "")
    yield from c.subdomain("spec.ingressClassName", spec.get("ingressClassName") or "")


def _host(host: str, path: str) -> Errors:
    if not host:
        return
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        yield c.invalid(path, host, "must be a DNS name, not an IP address")
        return
    if "*" in host:
        yield from _wildcard(host, path)
    else:
        yield from c.each(path, host, dns1123_subdomain(host))


def _wildcard(host: str, path: str) -> Errors:
    if not _WILDCARD.match(host):
        yield c.invalid(path, host, _WILDCARD_TEXT)


_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")


def _path(found: Data, path: str) -> Errors:
    kind = found.get("pathType")
    value = found.get("path") or ""
    if not kind:
        yield c.required(f"{path}.pathType", "pathType must be specified")
        return
    if kind not in _PATH_TYPES:
        yield c.unsupported(f"{path}.pathType", kind, _PATH_TYPES)
    elif kind == "ImplementationSpecific":
        if value and not value.startswith("/"):
            yield c.invalid(f"{path}.path", value, "must be an absolute path")
    else:
        if not value.startswith("/"):
            yield c.invalid(f"{path}.path", value, "must be an absolute path")
        for sequence in ("//", "/./", "/../", "%2f", "%2F"):
            if value and sequence in value:
                yield c.invalid(f"{path}.path", value, f"must not contain '{sequence}'")
        for end in ("/..", "/."):
            if value.endswith(end):
                yield c.invalid(f"{path}.path", value, f"cannot end with '{end}'")
    yield from _backend(found.get("backend") or {}, f"{path}.backend")


def _backend(backend: Data, path: str) -> Errors:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        yield c.invalid(path, "", "cannot set both resource and service backends")
    elif resource is not None:
        yield from c.subdomain(f"{path}.resource.apiGroup", resource.get("apiGroup") or "")
        for key in ("name", "kind"):
            if not resource.get(key):
                yield c.required(f"{path}.resource.{key}")
    elif service is None:
        yield c.invalid(path, "", "resource or service backend is required")
    else:
        name = service.get("name") or ""
        if name:
            yield from c.service_name(f"{path}.service.name", name)
        else:
            yield c.required(f"{path}.service.name")
        port = service.get("port") or {}
        if port.get("name") and port.get("number"):
            yield c.invalid(path, "", "cannot set both port name & port number")
        elif port.get("name"):
            yield from c.each(f"{path}.service.port.name", port["name"], c.port_name_problems(port["name"]))
        elif port.get("number"):
            yield from c.port_number(f"{path}.service.port.number", port["number"])
        else:
            yield c.required(path, "port name or number is required")


def ingress_class(new: Data, old: Data | None) -> Errors:
    """An IngressClass."""
    spec = new.get("spec") or {}
    controller = spec.get("controller") or ""
    if old is not None and controller != c.part(old, "spec").get("controller"):
        yield c.invalid("spec.controller", controller, "field is immutable")
    yield from domain_prefixed("spec.controller", controller)
    if spec.get("parameters") is not None:
        yield from _class_parameters(spec["parameters"], "spec.parameters")


def _class_parameters(parameters: Data, path: str) -> Errors:
    """What an IngressClass refers to, in a namespace or in the cluster."""
    group, scope, namespace = parameters.get("apiGroup"), parameters.get("scope"), parameters.get("namespace")
    if group is not None:
        yield from c.each(f"{path}.apiGroup", group, dns1123_subdomain(group))
    for key in ("kind", "name"):
        value = parameters.get(key) or ""
        if not value:
            yield c.required(f"{path}.{key}")
        else:
            yield from c.each(f"{path}.{key}", value, path_segment(value))
    if scope is None:
        yield c.required(f"{path}.scope")
    elif scope not in ("Cluster", "Namespace"):
        yield c.unsupported(f"{path}.scope", scope, ("Cluster", "Namespace"))
    elif scope == "Namespace" and namespace is None:
        yield c.required(f"{path}.namespace", "`parameters.scope` is set to 'Namespace'")
    elif scope == "Namespace" and namespace is not None:
        yield from c.each(f"{path}.namespace", namespace, dns1123_label(namespace))
    elif namespace is not None:
        yield c.forbidden(f"{path}.namespace", "`parameters.scope` is set to 'Cluster'")


# NetworkPolicy ---------------------------------------------------------------------------------------------


def network_policy(new: Data, old: Data | None) -> Errors:
    """A NetworkPolicy."""
    spec: Data = new.get("spec") or {}
    yield from c.label_selector("spec.podSelector", spec.get("podSelector"))
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or ()):
            path = f"spec.{direction}[{index}]"
            for place, port in enumerate(rule.get("ports") or ()):
                yield from _policy_port(port, f"{path}.ports[{place}]")
            for place, peer in enumerate(rule.get(peers) or ()):
                yield from _peer(peer, f"{path}.{peers}[{place}]")
    types = spec.get("policyTypes") or []
    if len(types) > 2:
        yield c.invalid("spec.policyTypes", types, "may not specify more than two policyTypes")
        return
    for index, kind in enumerate(types):
        if kind not in ("Ingress", "Egress"):
            yield c.unsupported(f"spec.policyTypes[{index}]", kind, ("Ingress", "Egress"))


def _policy_port(port: Data, path: str) -> Errors:
    protocol = port.get("protocol")
    if protocol not in (None, *_PROTOCOLS):
        yield c.unsupported(f"{path}.protocol", protocol, ("TCP", "UDP", "SCTP"))
    number, end = port.get("port"), port.get("endPort")
    if number is None:
        if end is not None:
            yield c.required(f"{path}.port", "must be specified if 'endPort' is specified")
        return
    yield from c.port_or_name(f"{path}.port", number)
    if end is not None and isinstance(number, int) and end < number:
        yield c.invalid(f"{path}.endPort", end, "must be greater than or equal to `port`")


def _peer(peer: Data, path: str) -> Errors:
    given = [key for key in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(key) is not None]
    for key in ("podSelector", "namespaceSelector"):
        yield from c.label_selector(f"{path}.{key}", peer.get(key))
    block = peer.get("ipBlock")
    if block is not None:
        yield from _block(block, f"{path}.ipBlock")
    if not given:
        yield c.required(path, "must specify a peer")
    elif block is not None and len(given) > 1:
        yield c.forbidden(path, "may not specify both ipBlock and another peer")


def _block(block: Data, path: str) -> Errors:
    value = block.get("cidr") or ""
    if not value:
        yield c.required(f"{path}.cidr")
        return
    problems = list(c.network(f"{path}.cidr", value))
    yield from problems
    if problems:
        return
    whole = ipaddress.ip_network(value, strict=False)
    for index, excepted in enumerate(block.get("except") or ()):
        where = f"{path}.except[{index}]"
        wrong = list(c.network(where, excepted))
        yield from wrong
        if wrong:
            continue
        inner = ipaddress.ip_network(excepted, strict=False)
        inside = inner.version == whole.version and inner.subnet_of(whole)  # type: ignore[arg-type]  # same version
        if not inside or inner == whole:
            yield c.invalid(where, excepted, "must be a strict subset of `cidr`")
