"""One kind in the three input forms, each as somebody would write it: the same bytes of CRD and models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opgen.commands.compile import PARTS, CompileRequest, compile_schemas
from opgen.schema import Given

CONCISE = """\
kind: Cache
group: cache.example.com
scope: Namespaced
versions:
- name: v1
  storage: true
  description: A cache of several members.
  spec:
    size: {type: integer, required: true, minimum: 1, maximum: 9, default: 3, description: Number of members.}
    engine: {type: string, enum: [memcached, redis]}
    ratio: {type: number, minimum: 0, exclusiveMinimum: true}
    name: {type: string, pattern: '^[a-z]+$', minLength: 2, maxLength: 20}
    note: {type: string, nullable: true}
    zones: list<string>
    tags: {type: list, items: string, listType: set}
    weights: map<integer>
    port: int-or-string
    memory: quantity
    started: {type: string, format: date-time}
    users:
      type: list
      maxItems: 10
      mapKeys: [name]
      items: {fields: {name: string!, admin: {type: boolean, default: false}}}
    limits: core/v1.ResourceRequirements
    password: core/v1.SecretKeySelector
    class: string
  status:
    observedGeneration: {type: integer, format: int64}
    conditions: list<meta/v1.Condition>
"""

QUANTITY = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
QUALIFIED = (
    r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
    r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"
)
REASON = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"

# Not in the order in which it will be written, and with the server's defaults left out.
CRD = """\
kind: CustomResourceDefinition
apiVersion: apiextensions.k8s.io/v1
metadata: {name: caches.cache.example.com}
spec:
  scope: Namespaced
  group: cache.example.com
  names: {plural: caches, kind: Cache}
  versions:
  - storage: true
    served: true
    name: v1
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        description: A cache of several members.
        properties:
          metadata: {type: object}
          kind: {type: string}
          apiVersion: {type: string}
          status:
            type: object
            properties:
              observedGeneration: {format: int64, type: integer}
              conditions:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [type]
                items:
                  type: object
                  required: [lastTransitionTime, message, reason, status, type]
                  properties:
                    type:
                      type: string
                      maxLength: 316
                      pattern: QUALIFIED
                    status: {type: string, enum: ["True", "False", Unknown]}
                    reason: {type: string, minLength: 1, maxLength: 1024, pattern: 'REASON'}
                    message: {type: string, maxLength: 32768}
                    observedGeneration: {type: integer, format: int64, minimum: 0}
                    lastTransitionTime: {type: string, format: date-time}
          spec:
            type: object
            required: [size]
            properties:
              class: {type: string}
              size: {type: integer, minimum: 1, maximum: 9, default: 3, description: Number of members.}
              engine: {type: string, enum: [memcached, redis]}
              ratio: {type: number, minimum: 0, exclusiveMinimum: true}
              name: {type: string, pattern: '^[a-z]+$', minLength: 2, maxLength: 20}
              note: {type: string, nullable: true}
              zones: {type: array, items: {type: string}}
              tags: {type: array, items: {type: string}, x-kubernetes-list-type: set}
              weights: {type: object, additionalProperties: {type: integer}}
              port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
              memory: &quantity
                anyOf: [{type: integer}, {type: string}]
                pattern: QUANTITY
                x-kubernetes-int-or-string: true
              started: {type: string, format: date-time}
              users:
                type: array
                maxItems: 10
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  required: [name]
                  properties: {name: {type: string}, admin: {type: boolean, default: false}}
              password:
                type: object
                required: [key]
                x-kubernetes-map-type: atomic
                properties: {key: {type: string}, name: {type: string, default: ""}, optional: {type: boolean}}
              limits:
                type: object
                properties:
                  limits: {type: object, additionalProperties: *quantity}
                  requests: {type: object, additionalProperties: *quantity}
                  claims:
                    type: array
                    x-kubernetes-list-type: map
                    x-kubernetes-list-map-keys: [name]
                    items:
                      type: object
                      required: [name]
                      properties: {name: {type: string}, request: {type: string}}
"""
for word, pattern in (("QUALIFIED", QUALIFIED), ("QUANTITY", QUANTITY), ("REASON", REASON)):
    CRD = CRD.replace(word, pattern)


def keyed(key: str, items: object, **more: object) -> dict[str, object]:
    extensions = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key]}
    return {"type": "array", "items": items, **extensions, **more}


def fields(required: list[str], **properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": required}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


TEXT, WHEN = {"type": "string"}, {"type": "string", "format": "date-time"}
QUANTITIES = {"type": "object", "additionalProperties": ref("Quantity")}
# In the words of OpenAPI 3.1: references, type lists, numbers as exclusive bounds, uniqueItems, const.
OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "caches", "version": "1"},
    "paths": {},
    "components": {
        "schemas": {
            "Quantity": {"type": ["string", "integer"], "pattern": QUANTITY},
            "User": fields(["name"], name=TEXT, admin={"type": "boolean", "default": False}),
            "Claim": fields(["name"], name=TEXT, request=TEXT),
            "Requirements": {
                "type": "object",
                "properties": {
                    "limits": QUANTITIES,
                    "requests": QUANTITIES,
                    "claims": keyed("name", ref("Claim")),
                },
            },
            "Condition": fields(
                ["lastTransitionTime", "message", "reason", "status", "type"],
                type={**TEXT, "maxLength": 316, "pattern": QUALIFIED},
                status={"enum": ["True", "False", "Unknown"]},
                reason={
                    **TEXT,
                    "minLength": 1,
                    "maxLength": 1024,
                    "pattern": REASON,
                },
                message={**TEXT, "maxLength": 32768},
                observedGeneration={"type": "integer", "format": "int64", "minimum": 0},
                lastTransitionTime=WHEN,
            ),
            "Spec": fields(
                ["size"],
                size={
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 9,
                    "default": 3,
                    "description": "Number of members.",
                },
                engine={"enum": ["memcached", "redis"]},
                ratio={"type": "number", "exclusiveMinimum": 0},
                name={**TEXT, "pattern": "^[a-z]+$", "minLength": 2, "maxLength": 20},
                note={"type": ["string", "null"]},
                zones={"type": "array", "items": TEXT},
                tags={"type": "array", "items": TEXT, "uniqueItems": True},
                weights={"type": "object", "additionalProperties": {"type": "integer"}},
                port={"anyOf": [TEXT, {"type": "integer"}]},
                memory=ref("Quantity"),
                started=WHEN,
                users=keyed("name", ref("User"), maxItems=10),
                limits=ref("Requirements"),
                password={
                    "x-kubernetes-map-type": "atomic",
                    **fields(["key"], key=TEXT, name={**TEXT, "default": ""}, optional={"type": "boolean"}),
                },
                **{"class": TEXT},
            ),
            "Cache": {
                "type": "object",
                "description": "A cache of several members.",
                "required": ["spec"],
                "properties": {
                    "spec": ref("Spec"),
                    "status": {
                        "type": "object",
                        "properties": {
                            "observedGeneration": {"type": "integer", "format": "int64"},
                            "conditions": keyed("type", ref("Condition")),
                        },
                    },
                },
            },
        }
    },
}


def compiled(path: Path, given: Given | None = None) -> dict[str, bytes]:
    """What `opgen compile` makes of a file, by path."""
    request = CompileRequest([str(path)], frozenset(PARTS), given or Given())
    made = compile_schemas(request)
    return {str(artifact.path): artifact.content for artifact in made.artifacts}


GIVEN = Given("cache.example.com", "v1", "Cache", namespaced=True, pointer="/components/schemas/Cache")
MODELS = "models/cache_example_com/v1/cache.py"


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("forms")
    texts = {"concise.yaml": CONCISE, "crd.yaml": CRD, "openapi.json": json.dumps(OPENAPI)}
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: compiled(folder / name, GIVEN if name == "openapi.json" else None) for name in texts}


def test_the_three_forms_give_the_same_bytes(forms: dict[str, dict[str, bytes]]) -> None:
    concise = forms["concise.yaml"]
    assert set(concise) >= {"crds/caches.cache.example.com.yaml", MODELS}
    for name in ("crd.yaml", "openapi.json"):
        assert forms[name].keys() == concise.keys()
        for path, content in forms[name].items():
            assert content.decode() == concise[path].decode(), f"{name}: {path}"


def test_the_core_types_are_found_in_each_of_them(forms: dict[str, dict[str, bytes]]) -> None:
    """Imported by the models, never written out once more, though only the concise form names them."""
    for name, made in forms.items():
        models = made[MODELS].decode()
        assert "limits: ResourceRequirements | None" in models, name
        assert 'conditions: Annotated[list[Condition], Unique("type")] | None' in models, name
        assert "class CacheSpecLimits" not in models
