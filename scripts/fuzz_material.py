"""What `fuzz_server.py` makes its requests of: objects of many kinds, and values that don't belong anywhere."""

from __future__ import annotations

import random
from typing import Any

CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {
                    "status": {},
                    "scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n"},
                },
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "x-kubernetes-preserve-unknown-fields": True,
                                "x-kubernetes-validations": [{"rule": "!has(self.n) || self.n < 100"}],
                                "properties": {
                                    "n": {"type": "integer", "default": 1},
                                    "items": {
                                        "type": "array",
                                        "x-kubernetes-list-type": "map",
                                        "x-kubernetes-list-map-keys": ["name"],
                                        "items": {
                                            "type": "object",
                                            "required": ["name"],
                                            "properties": {"name": {"type": "string"}},
                                        },
                                    },
                                    "tags": {
                                        "type": "array",
                                        "x-kubernetes-list-type": "set",
                                        "items": {"type": "string"},
                                    },
                                    "any": {"x-kubernetes-int-or-string": True},
                                },
                            },
                            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                        },
                    }
                },
            }
        ],
    },
}
LABELS = {"matchLabels": {"a": "b"}}
POD: dict[str, Any] = {
    "metadata": {"labels": {"a": "b"}},
    "spec": {"containers": [{"name": "c", "image": "i"}]},
}
OBJECTS: list[tuple[str, dict[str, Any]]] = [
    (
        "/apis/example.com/v1/namespaces/default/widgets",
        {
            "apiVersion": "example.com/v1",
            "kind": "Widget",
            "spec": {"n": 3, "items": [{"name": "a"}], "tags": ["x"], "any": "50%"},
        },
    ),
    ("/api/v1/namespaces/default/configmaps", {"data": {"a": "b"}, "binaryData": {"c": "AAAA"}}),
    ("/api/v1/namespaces/default/secrets", {"stringData": {"a": "b"}}),
    ("/api/v1/namespaces/default/services", {"spec": {"ports": [{"port": 80}], "selector": {"a": "b"}}}),
    ("/api/v1/namespaces/default/pods", POD),
    (
        "/api/v1/namespaces/default/events",
        {"involvedObject": {"namespace": "default", "name": "x"}, "reason": "r"},
    ),
    ("/api/v1/namespaces", {}),
    (
        "/apis/apps/v1/namespaces/default/deployments",
        {"spec": {"selector": LABELS, "template": POD, "replicas": 1}},
    ),
    (
        "/apis/batch/v1/namespaces/default/jobs",
        {"spec": {"template": {"spec": {**POD["spec"], "restartPolicy": "Never"}}}},
    ),
    ("/apis/coordination.k8s.io/v1/namespaces/default/leases", {"spec": {"holderIdentity": "me"}}),
    (
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
    ),
    (
        "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
        {"spec": {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "d"}}},
    ),
    (
        "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
        {"spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 1}}}}},
    ),
    (
        "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
        {"spec": {"selector": LABELS, "minAvailable": "50%"}},
    ),
    ("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", CRD),
    (
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}},
    ),
    ("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": "x.y.z"}}),
    ("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {"webhooks": []}),
]
SUBRESOURCES = (
    "status",
    "scale",
    "token",
    "eviction",
    "binding",
    "finalize",
    "log",
    "exec",
    "proxy/x",
    "",
    "%2e%2e",
)
METHODS = (
    ("GET",) * 4
    + ("POST",) * 8
    + ("PUT",) * 6
    + ("PATCH",) * 8
    + ("DELETE",) * 2
    + ("HEAD", "OPTIONS", "ODD")
)
TYPES = (
    "application/json",
    "application/json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/json-patch+json",
    "application/apply-patch+yaml",
    "application/apply-patch+cbor",
    "application/yaml",
    "application/vnd.kubernetes.protobuf",
    "text/plain",
    "application/json; charset=\xff",
    "",
)
PATCHES = TYPES[2:6]
ACCEPTS = (
    "application/json",
    "*/*",
    "",
    "application/json;as=Table;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadataList;v=v1beta1;g=meta.k8s.io, application/json",
    "application/vnd.kubernetes.protobuf",
    "application/json;as=Nothing;v=;g",
    ";;;,,,",
)
PARAMETERS = (
    "limit", "continue", "resourceVersion", "resourceVersionMatch", "labelSelector", "fieldSelector", "watch",
    "timeoutSeconds", "allowWatchBookmarks", "sendInitialEvents", "dryRun", "fieldManager", "fieldValidation",
    "force", "pretty", "propagationPolicy", "gracePeriodSeconds", "includeObject",
)  # fmt: skip
VALUES = (
    "", "0", "1", "-1", "2", "true", "false", "99999999999999999999", "abc", "a=b", "a in (b", "metadata.name=x",
    "!a,b!=c", "eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ", "All", "Strict", "Warn", "Foreground", "Orphan", "é\u0000ö",
    "NotOlderThan", "Exact", "x" * 300, "1e9", "=,=", "in (,)", "a=b=c", "%", "٣",
)  # fmt: skip
SCALARS: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e308, 2**31, 2**63, 2**70, "", "x", "é", "\u0000", "\ud800", "2024-01-01T00:00:00Z",
    "x" * 1000, [], {}, [[]], [None], {"": None}, {"a": {"b": [1, {"c": None}]}}, "$patch", {"$patch": "delete"},
    {"$patch": "replace"}, {"$setElementOrder/items": ["a"]}, [{"name": "a"}, {"name": "a"}], {"$retainKeys": ["a"]},
    "999999999999Gi", "1.5m", "..", "../../etc", "-", "A" * 64,
)  # fmt: skip
POINTERS = (
    "", "/", "/spec", "/spec/items/-", "/spec/items/0", "/spec/items/99", "/metadata", "/metadata/name", "/a~2b",
    "/~0~1", "spec", "/spec/items/01", "/spec/n", "/metadata/labels/x", "/spec/items/-1",
)  # fmt: skip
YAMLS = (
    b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
    b"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
    b"g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g]\nmetadata: {annotations: *h}\n",
    b"&a a: *a",
    b"&x {a: *x, metadata: *x}",
    b"<<: [1, 2]",
    b"<<: {a: 1}\n? [a, b]\n: c",
    b"!!python/object/apply:os.system ['true']",
    b"!!binary x",
    b"a: !!timestamp 2001-01-01\nb: 0o17\nc: 1_000\nd: .inf\ne: .nan",
    b"--- a\n--- b",
    b"\xff\xfe\x00a",
    b"\t",
    b"? ",
    b"a: b: c",
)


def raw_bytes(dice: random.Random) -> bytes:
    """Bytes that are hardly HTTP."""
    lines = (
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100_000,
        b"GET / HTTP/1.1\r\nX: " + b"y" * 1_000_000,
        b"GET /" + b"a" * 1_000_000,
        b"POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
        b"POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"\r\n" * 1000,
        dice.randbytes(500),
    )
    return dice.choice(lines)
