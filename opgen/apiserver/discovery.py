"""Discovery: groups, versions and resources, one by one and aggregated; the server's version and health."""

from __future__ import annotations

import base64
import hashlib

from opgen.apiserver import openapi
from opgen.apiserver.context import Context
from opgen.apiserver.kinds import Registry, ResourceInfo, version_priority
from opgen.apiserver.message import JSONObject, RequestLike, Response, header, json_response
from opgen.apiserver.routing import split
from opgen.apiserver.status import method_not_allowed, no_such_resource

_VERSION = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.1",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "opgen",
    "platform": "linux/amd64",
}
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"
_ADDRESSES = [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:443"}]


def _text(body: str, status: int = 200) -> Response:
    return Response(status, {"Content-Type": "text/plain; charset=utf-8"}, body.encode())


def respond(context: Context, request: RequestLike) -> Response:
    """The answer to a path that isn't a resource's."""
    parts = split(request.path)
    match parts:
        case ["version"]:
            found = json_response(_VERSION)
        case ["healthz" | "livez" | "readyz", *_]:
            found = _text("ok")
        case ["openapi", _, *_]:
            rest = parts[1:]
            found = openapi.respond(context, request, rest)
        case ["api"]:
            found = _root(context, request, core=True)
        case ["apis"]:
            found = _root(context, request, core=False)
        case ["api", version] if context.registry.has_version("", version):
            found = json_response(_resource_list(context.registry, "", version))
        case ["apis", group] if any(info.group == group for info in context.registry):
            found = json_response({"kind": "APIGroup", "apiVersion": "v1", **_group(context.registry, group)})
        case ["apis", group, version] if context.registry.has_version(group, version):
            found = json_response(_resource_list(context.registry, group, version))
        case [""]:
            found = json_response({"paths": _paths(context.registry)})
        case ["api", _, *_]:
            raise no_such_resource()
        case ["apis", group, *_] if any(info.group == group and not info.custom for info in context.registry):
            raise no_such_resource()
        case _:
            return _text("404 page not found\n", 404)
    if request.method not in ("GET", "HEAD") and not _answers_any_method(parts):
        raise method_not_allowed()
    return found


def _answers_any_method(parts: list[str]) -> bool:
    """Places where the real server doesn't look at the method."""
    match parts:
        case [""] | ["apis"] | ["healthz" | "livez" | "readyz", *_] | ["openapi", _, *_]:
            return True
        case ["apis", _]:
            return True
        case _:
            return False


def _paths(registry: Registry) -> list[str]:
    """What the root lists: the groups and versions that are served, and the few other places there are."""
    places = {
        "/api",
        "/api/v1",
        "/apis",
        "/apis/",
        "/healthz",
        "/livez",
        "/readyz",
        "/version",
        "/openapi/v3",
    }
    for info in registry:
        if info.group:
            places |= {f"/apis/{info.group}", f"/apis/{info.group}/{info.version}"}
    return sorted(places)


def _root(context: Context, request: RequestLike, *, core: bool) -> Response:
    accept = header(request.headers, "accept")
    for version in ("v2", "v2beta1"):
        if f"v={version};" in accept and "APIGroupDiscoveryList" in accept:
            headers = {"Content-Type": _AGGREGATED.format(version)}
            return json_response(_aggregated(context.registry, version, core=core), headers=headers)
    if core:
        return json_response(
            {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": _ADDRESSES}
        )
    groups = [_group(context.registry, group) for group in _groups(context.registry) if group]
    return json_response({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})


def _groups(registry: Registry) -> list[str]:
    built_in = dict.fromkeys(info.group for info in registry if not info.custom)
    return [*built_in, *sorted({info.group for info in registry} - built_in.keys())]


def _versions(registry: Registry, group: str) -> list[str]:
    found = dict.fromkeys(info.version for info in registry if info.group == group)
    return sorted(found, key=version_priority)


def _group(registry: Registry, group: str) -> JSONObject:
    versions = [{"groupVersion": f"{group}/{v}", "version": v} for v in _versions(registry, group)]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def _resource_list(registry: Registry, group: str, version: str) -> JSONObject:
    resources: list[JSONObject] = []
    for info in sorted(registry, key=lambda i: i.plural):
        if (info.group, info.version) == (group, version):
            resources.append(_resource(info))
            resources.extend(_subresources(info))
    api_version = f"{group}/{version}" if group else version
    head = {"kind": "APIResourceList", "apiVersion": "v1"} if group else {"kind": "APIResourceList"}
    return {**head, "groupVersion": api_version, "resources": resources}


def _resource(info: ResourceInfo) -> JSONObject:
    entry: JSONObject = {
        "name": info.plural,
        "singularName": info.singular,
        "namespaced": info.namespaced,
        "kind": info.kind,
        "verbs": list(info.verbs),
    }
    if info.short_names:
        entry["shortNames"] = list(info.short_names)
    if info.categories:
        entry["categories"] = list(info.categories)
    if info.stored:
        entry["storageVersionHash"] = _storage_hash(info)
    return entry


_STORED_AS = {
    "admissionregistration.k8s.io/mutatingadmissionpolicies": (
        "admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy"
    ),
    "admissionregistration.k8s.io/mutatingadmissionpolicybindings": (
        "admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicyBinding"
    ),
    "apiextensions.k8s.io/customresourcedefinitions": "apiextensions.k8s.io/v1beta1/CustomResourceDefinition",
    "autoscaling/horizontalpodautoscalers": "autoscaling/v2/HorizontalPodAutoscaler",
    "events.k8s.io/events": "/v1/Event",
}
"""Kinds that the real server stores in another version than it offers first."""


def _storage_hash(info: ResourceInfo) -> str:
    """What tells clients that a resource is stored in another version than before."""
    stored = info.definition.storage_version if info.definition is not None else None
    version = stored.name if stored is not None else info.version
    name = _STORED_AS.get(f"{info.group}/{info.plural}") or f"{info.group}/{version}/{info.kind}"
    digest = hashlib.sha256(name.encode()).digest()
    return base64.b64encode(digest[:8]).decode()


def _subresources(info: ResourceInfo) -> list[JSONObject]:
    entries: list[JSONObject] = []
    for sub in info.subresources:
        entry: JSONObject = {
            "name": f"{info.plural}/{sub.name}",
            "singularName": "",
            "namespaced": info.namespaced,
        }
        if sub.version:
            entry |= {"group": sub.group, "version": sub.version}
        entries.append({**entry, "kind": sub.kind, "verbs": list(sub.verbs)})
    return entries


def _aggregated(registry: Registry, version: str, *, core: bool) -> JSONObject:
    items = [
        {
            "metadata": {"name": group} if group else {},
            "versions": [
                {
                    "version": v,
                    "resources": [
                        _aggregated_resource(info)
                        for info in sorted(registry, key=lambda i: i.plural)
                        if (info.group, info.version) == (group, v)
                    ],
                    "freshness": "Current",
                }
                for v in _versions(registry, group)
            ],
        }
        for group in _groups(registry)
        if bool(group) is not core
    ]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{version}",
        "metadata": {},
        "items": items,
    }


def _aggregated_resource(info: ResourceInfo) -> JSONObject:
    entry: JSONObject = {
        "resource": info.plural,
        "responseKind": {"group": info.group, "version": info.version, "kind": info.kind},
        "scope": "Namespaced" if info.namespaced else "Cluster",
        "singularResource": info.singular,
        "verbs": list(info.verbs),
    }
    if info.short_names:
        entry["shortNames"] = list(info.short_names)
    if info.categories:
        entry["categories"] = list(info.categories)
    if info.subresources:
        entry["subresources"] = [
            {
                "subresource": sub.name,
                "responseKind": {
                    "group": sub.group if sub.version else info.group,
                    "version": sub.version or info.version,
                    "kind": sub.kind,
                },
                "verbs": list(sub.verbs),
            }
            for sub in info.subresources
        ]
    return entry
