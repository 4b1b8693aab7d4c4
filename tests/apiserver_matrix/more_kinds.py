"""An object of every built-in kind that operators rarely touch."""

from __future__ import annotations

from typing import Any

from apiserver_matrix.kinds import Kind

STORAGE = "storage.k8s.io/v1"
RESOURCE = "resource.k8s.io/v1"
REQUESTS: dict[str, Any] = {
    "devices": {"requests": [{"name": "r", "exactly": {"deviceClassName": "c.example.com"}}]}
}

MORE_KINDS = (
    Kind(
        "events.k8s.io/v1",
        "Event",
        "events",
        {
            "eventTime": "2026-01-01T00:00:00.000000Z",
            "reportingController": "example.com/c",
            "reportingInstance": "c-1",
            "action": "Acting",
            "reason": "Acted",
            "type": "Normal",
        },
    ),
    Kind(STORAGE, "CSIDriver", "csidrivers", {"spec": {"attachRequired": False}}, namespaced=False),
    Kind(
        STORAGE,
        "CSIStorageCapacity",
        "csistoragecapacities",
        {"storageClassName": "s", "capacity": "1Gi"},
    ),
    Kind(
        STORAGE,
        "VolumeAttachment",
        "volumeattachments",
        {"spec": {"attacher": "a.example.com", "nodeName": "n", "source": {"persistentVolumeName": "p"}}},
        namespaced=False,
        status={"attached": True},
    ),
    Kind(
        STORAGE,
        "VolumeAttributesClass",
        "volumeattributesclasses",
        {"driverName": "d.example.com", "parameters": {"a": "b"}},
        namespaced=False,
    ),
    Kind(
        RESOURCE,
        "DeviceClass",
        "deviceclasses",
        {"spec": {"selectors": [{"cel": {"expression": "true"}}]}},
        namespaced=False,
    ),
    Kind(RESOURCE, "ResourceClaim", "resourceclaims", {"spec": REQUESTS}),
    Kind(RESOURCE, "ResourceClaimTemplate", "resourceclaimtemplates", {"spec": {"spec": REQUESTS}}),
)
