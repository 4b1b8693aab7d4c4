"""Built-in types as components of an OpenAPI v3 document: each under its own name, others by reference.

The vendored schemas are inlined; their nodes still know which type they came from, and are taken apart here.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from opgen import coretypes
from opgen.apiextensions import encode_schema
from opgen.apiserver.message import JSONObject
from opgen.ir.schema import CoreRef, Schema

_SPECIAL = {
    "Quantity": "io.k8s.apimachinery.pkg.api.resource.Quantity",
    "IntOrString": "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    "RawExtension": "io.k8s.apimachinery.pkg.runtime.RawExtension",
}
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
OBJECT_META = CoreRef("meta/v1", "ObjectMeta")
HEAD: JSONObject = {
    "apiVersion": {
        "type": "string",
        "description": (
            "APIVersion defines the versioned schema of this representation of an object. Servers should convert "
            "recognized schemas to the latest internal value, and may reject unrecognized values. More info: "
            "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"
        ),
    },
    "kind": {
        "type": "string",
        "description": (
            "Kind is a string value representing the REST resource this object represents. Servers may infer this "
            "from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: "
            "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"
        ),
    },
}
"""What every object has; the words are the Kubernetes API's own."""
METADATA = (
    "Standard object's metadata. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
)


def name_of(ref: CoreRef) -> str:
    """A type's component name: `io.k8s.api.apps.v1.Deployment`."""
    if ref.api == "meta/v1":
        return _SPECIAL.get(ref.name) or f"{_META}.{ref.name}"
    return f"io.k8s.api.{ref.api.replace('/', '.')}.{ref.name}"


def reference(ref: CoreRef) -> str:
    """Where a component is."""
    return f"#/components/schemas/{name_of(ref)}"


@cache
def components(ref: CoreRef) -> dict[str, JSONObject]:
    """A type and all that it refers to, by component name; empty for a type that holds itself."""
    schema = coretypes.lookup(ref, descriptions=True)
    if schema is None:
        return {}
    found: dict[CoreRef, JSONObject] = {}
    _take(ref, schema, found)
    return {name_of(each): component for each, component in found.items()}


def _take(ref: CoreRef, schema: Schema, found: dict[CoreRef, JSONObject]) -> None:
    if ref in found:
        return
    found[ref] = {}  # its place, for types that meet again on the way
    own = coretypes.lookup(ref, descriptions=True) or schema
    body = replace(_apart(own, found, root=True), ref=None)
    found[ref] = dict(encode_schema(body))


def _apart(schema: Schema, found: dict[CoreRef, JSONObject], *, root: bool = False) -> Schema:
    """The node with references in place of the types below it."""
    if schema.ref is not None and not root:
        _take(schema.ref, schema, found)
        pointer = Schema(ref_uri=reference(schema.ref))
        return Schema(description=schema.description, all_of=(pointer,)) if schema.description else pointer
    properties = {name: _apart(child, found) for name, child in schema.properties.items()}
    items = None if schema.items is None else _apart(schema.items, found)
    more = schema.additional_properties
    if isinstance(more, Schema):
        more = _apart(more, found)
    return schema.changed(properties=properties, items=items, additional_properties=more)
