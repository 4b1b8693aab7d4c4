"""The OpenAPI v3 documents that kubectl reads for `explain` and for validating what it applies."""

from __future__ import annotations

import hashlib
from functools import cache

from opgen import coretypes
from opgen.apiextensions import encode_schema
from opgen.apiserver.context import Context
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject, RequestLike, Response, header, json_response

PREFIX_HEADER = "X-Forwarded-Prefix"
"""The path that a shell took off the front of the request's; clients want it back in links."""


def respond(context: Context, request: RequestLike, rest: list[str]) -> Response:
    """The index at /openapi/v3, or one group version's document."""
    if rest == ["v3"]:
        return json_response({"paths": _index(context, header(request.headers, PREFIX_HEADER))})
    if rest[:1] == ["v3"]:
        match rest[1:]:
            case ["api", version]:
                return _document(context, "", version)
            case ["apis", group, version]:
                return _document(context, group, version)
    return Response(404, {"Content-Type": "text/plain; charset=utf-8"}, b"404 page not found\n")


def _index(context: Context, prefix: str) -> JSONObject:
    paths: JSONObject = {}
    for info in context.registry:
        path = f"apis/{info.group}/{info.version}" if info.group else f"api/{info.version}"
        if path not in paths:
            tag = hashlib.sha256(f"{path}{context.registry.revision}".encode()).hexdigest()
            paths[path] = {"serverRelativeURL": f"{prefix}/openapi/v3/{path}?hash={tag[:32].upper()}"}
    return paths


def _document(context: Context, group: str, version: str) -> Response:
    schemas: JSONObject = {}
    paths: JSONObject = {}
    for info in context.registry:
        if (info.group, info.version) == (group, version):
            schemas[_component(info)] = _schema(info)
            paths |= _paths(info)
    if not schemas:
        return Response(404, {"Content-Type": "text/plain; charset=utf-8"}, b"404 page not found\n")
    return json_response(
        {
            "openapi": "3.0.0",
            "info": {"title": "Kubernetes", "version": "v1.36.1"},
            "paths": paths,
            "components": {"schemas": schemas},
        }
    )


def _component(info: ResourceInfo) -> str:
    prefix = ".".join(reversed((info.group or "core.api.k8s.io").split(".")))
    return f"{prefix}.{info.version}.{info.kind}"


def _schema(info: ResourceInfo) -> JSONObject:
    schema: JSONObject = {"type": "object"}
    version = info.definition.version(info.version) if info.definition is not None else None
    if version is not None and version.schema is not None:
        schema = dict(encode_schema(version.schema))
    elif info.definition is None:
        schema = _builtin(info)
    gvk = {"group": info.group, "kind": info.kind, "version": info.version}
    return {**schema, "x-kubernetes-group-version-kind": [gvk]}


@cache
def _builtin(info: ResourceInfo) -> JSONObject:
    core = coretypes.kind(info.group, info.version, info.kind)
    found = coretypes.lookup(core.type, descriptions=True) if core is not None else None
    if found is None:
        return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return dict(encode_schema(found))


def _paths(info: ResourceInfo) -> JSONObject:
    base = f"/apis/{info.group}/{info.version}" if info.group else f"/api/{info.version}"
    if info.namespaced:
        base += "/namespaces/{namespace}"
    gvk = {"group": info.group, "kind": info.kind, "version": info.version}
    reference = {"$ref": f"#/components/schemas/{_component(info)}"}
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": reference}}}}
    query = [
        {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
        for name in ("dryRun", "fieldManager", "fieldValidation")
    ]

    def operation(action: str) -> JSONObject:
        return {"responses": answer, "x-kubernetes-action": action, "x-kubernetes-group-version-kind": gvk}

    return {
        f"{base}/{info.plural}": {
            "get": operation("list"),
            "post": {**operation("post"), "parameters": query},
        },
        f"{base}/{info.plural}/{{name}}": {
            "get": operation("get"),
            "put": {**operation("put"), "parameters": query},
            "patch": {**operation("patch"), "parameters": query},
            "delete": operation("delete"),
        },
    }
