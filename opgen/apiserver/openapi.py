"""The OpenAPI v3 documents that kubectl reads for `explain` and for validating what it applies."""

from __future__ import annotations

import hashlib

from opgen import coretypes
from opgen.apiextensions import encode_schema
from opgen.apiserver import openapi_types
from opgen.apiserver.context import Context
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject, RequestLike, Response, encode, header, json_response

PREFIX_HEADER = "X-Forwarded-Prefix"
"""The path that a shell took off the front of the request's; clients want it back in links."""


def respond(context: Context, request: RequestLike, rest: list[str]) -> Response:
    """The index at /openapi/v3, one group version's document, or what clients ask of /openapi/v2."""
    if rest == ["v2"]:
        return _version_two(context, header(request.headers, "accept"))
    if rest == ["v3"]:
        return json_response({"paths": _index(context, header(request.headers, PREFIX_HEADER))})
    if rest[:1] == ["v3"]:
        match rest[1:]:
            case ["api", version]:
                return _document(context, "", version)
            case ["apis", group, version]:
                return _document(context, group, version)
    return Response(404, {"Content-Type": "text/plain; charset=utf-8"}, b"404 page not found\n")


def _version_two(context: Context, accept: str) -> Response:
    """Version 2 as JSON, with all types; as protobuf, which kubectl reads for lists, without any.

    kubectl validates nothing of a kind that the document doesn't hold; the server does, as it always does.
    """
    if "protobuf" in accept:
        return Response(200, {"Content-Type": _PROTOBUF}, _EMPTY)
    definitions: JSONObject = {}
    for info in context.registry:
        definitions |= _schemas(info)
    text = encode({"swagger": "2.0", "info": _INFO, "paths": {}, "definitions": definitions}).decode()
    moved = text.replace("#/components/schemas/", "#/definitions/")
    return Response(200, {"Content-Type": "application/json"}, moved.encode())


_INFO = {"title": "Kubernetes", "version": "v1.36.1"}
_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_EMPTY = b"\n\x032.0\x12\x15\n\nKubernetes\x12\x07v1.36.1B\x00J\x00"
"""The message openapi.v2.Document: swagger, info (title, version), no paths, no definitions."""


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
            schemas |= _schemas(info)
            paths |= _paths(info)
    if not schemas:
        return Response(404, {"Content-Type": "text/plain; charset=utf-8"}, b"404 page not found\n")
    return json_response(
        {
            "openapi": "3.0.0",
            "info": _INFO,
            "paths": paths,
            "components": {"schemas": schemas},
        }
    )


def _component(info: ResourceInfo) -> str:
    core = None if info.custom else coretypes.kind(info.group, info.version, info.kind)
    if core is not None:
        return openapi_types.name_of(core.type)
    prefix = ".".join(reversed((info.group or "core.api.k8s.io").split(".")))
    return f"{prefix}.{info.version}.{info.kind}"


def _schemas(info: ResourceInfo) -> dict[str, JSONObject]:
    """A kind's component and those that it refers to."""
    name = _component(info)
    found = _custom(info, name) if info.custom else _builtin(info, name)
    gvk = {"group": info.group, "kind": info.kind, "version": info.version}
    return {**found, name: {**found[name], "x-kubernetes-group-version-kind": [gvk]}}


def _builtin(info: ResourceInfo, name: str) -> dict[str, JSONObject]:
    core = coretypes.kind(info.group, info.version, info.kind)
    found = openapi_types.components(core.type) if core is not None else {}
    return dict(found) or {name: {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}


def _custom(info: ResourceInfo, name: str) -> dict[str, JSONObject]:
    """The definition's schema, with what every object has."""
    version = info.definition.version(info.version) if info.definition is not None else None
    schema: JSONObject = {"type": "object"}
    if version is not None and version.schema is not None:
        schema = dict(encode_schema(version.schema))
    pointer = {"$ref": openapi_types.reference(openapi_types.OBJECT_META)}
    metadata = {"description": openapi_types.METADATA, "allOf": [pointer]}
    schema["properties"] = {**(schema.get("properties") or {}), **openapi_types.HEAD, "metadata": metadata}
    return {**openapi_types.components(openapi_types.OBJECT_META), name: schema}


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
