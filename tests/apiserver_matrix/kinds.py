"""An object of every built-in kind that operators touch, the least that the API server takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CONTAINERS: list[dict[str, Any]] = [{"name": "c", "image": "nginx:1"}]
SELECTOR = {"matchLabels": {"a": "b"}}
TEMPLATE: dict[str, Any] = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": CONTAINERS}}
SCALED = {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"}}
JOB: dict[str, Any] = {"spec": {"restartPolicy": "Never", "containers": CONTAINERS}}


@dataclass(frozen=True, slots=True)
class Kind:
    """`change` is a merge patch that the kind takes; `status` one for its status, where it has that subresource."""

    api: str
    kind: str
    plural: str
    body: dict[str, Any] = field(default_factory=dict)
    namespaced: bool = True
    change: dict[str, Any] = field(default_factory=lambda: {"metadata": {"annotations": {"changed": "yes"}}})
    status: dict[str, Any] | None = None

    def path(self, namespace: str) -> str:
        """The collection's path."""
        root = f"/apis/{self.api}" if "/" in self.api else f"/api/{self.api}"
        place = f"/namespaces/{namespace}" if self.namespaced else ""
        return f"{root}{place}/{self.plural}"

    def object(self, name: str, **metadata: Any) -> dict[str, Any]:
        """A whole object."""
        head = {"apiVersion": self.api, "kind": self.kind, "metadata": {"name": name, **metadata}}
        return {**head, **self.body}


def _workload(kind: str, plural: str, status: dict[str, Any] | None = None, **spec: Any) -> Kind:
    body = {"spec": {"selector": SELECTOR, "template": TEMPLATE, **spec}}
    return Kind("apps/v1", kind, plural, body, status=status)


RULES = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]
RBAC = "rbac.authorization.k8s.io/v1"
NET = "networking.k8s.io/v1"
SUBJECTS = [{"kind": "ServiceAccount", "name": "sa", "namespace": "default"}]
HOOKS: list[dict[str, Any]] = [
    {
        "name": "a.example.com",
        "clientConfig": {"url": "https://127.0.0.1:9/x"},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "failurePolicy": "Ignore",
        "rules": [
            {
                "apiGroups": ["none.example.com"],
                "apiVersions": ["v1"],
                "resources": ["x"],
                "operations": ["*"],
            }
        ],
    }
]

KINDS = (
    Kind("v1", "ConfigMap", "configmaps", {"data": {"a": "1"}}, change={"data": {"b": "2"}}),
    Kind("v1", "Secret", "secrets", {"data": {"a": "MQ=="}}, change={"stringData": {"b": "2"}}),
    Kind(
        "v1",
        "Service",
        "services",
        {"spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]}},
        change={"spec": {"ports": [{"port": 81, "name": "x"}]}},
    ),
    Kind("v1", "ServiceAccount", "serviceaccounts", change={"automountServiceAccountToken": False}),
    Kind("v1", "Pod", "pods", {"spec": {"containers": CONTAINERS}}, status={"phase": "Running"}),
    Kind("v1", "PodTemplate", "podtemplates", {"template": TEMPLATE}),
    Kind(
        "v1",
        "ReplicationController",
        "replicationcontrollers",
        {"spec": {"selector": {"a": "b"}, "template": TEMPLATE}},
        change={"spec": {"replicas": 3}},
        status={"replicas": 2},
    ),
    Kind(
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
        status={"phase": "Bound"},
    ),
    Kind(
        "v1",
        "Endpoints",
        "endpoints",
        {"subsets": [{"addresses": [{"ip": "10.1.2.3"}], "ports": [{"port": 80}]}]},
    ),
    Kind(
        "v1", "LimitRange", "limitranges", {"spec": {"limits": [{"type": "Container", "max": {"cpu": "2"}}]}}
    ),
    Kind("v1", "ResourceQuota", "resourcequotas", {"spec": {"hard": {"count/cronjobs.batch": "90"}}}),
    Kind("v1", "Namespace", "namespaces", namespaced=False),
    Kind(
        "v1",
        "Node",
        "nodes",
        namespaced=False,
        change={"spec": {"unschedulable": True}},
        status={"capacity": {"cpu": "4"}},
    ),
    Kind(
        "v1",
        "PersistentVolume",
        "persistentvolumes",
        {
            "spec": {
                "capacity": {"storage": "1Gi"},
                "accessModes": ["ReadWriteOnce"],
                "hostPath": {"path": "/x"},
            }
        },
        namespaced=False,
        status={"phase": "Available"},
    ),
    _workload("Deployment", "deployments", {"replicas": 1, "readyReplicas": 1}),
    _workload("StatefulSet", "statefulsets", {"replicas": 1}, serviceName="x"),
    _workload(
        "DaemonSet",
        "daemonsets",
        {"currentNumberScheduled": 1, "numberMisscheduled": 0, "desiredNumberScheduled": 1, "numberReady": 1},
    ),
    _workload("ReplicaSet", "replicasets", {"replicas": 1}),
    Kind("apps/v1", "ControllerRevision", "controllerrevisions", {"revision": 1, "data": {"x": 1}}),
    Kind(
        "batch/v1",
        "Job",
        "jobs",
        {"spec": {"template": JOB}},
        change={"spec": {"parallelism": 2}},
        status={"active": 1},
    ),
    Kind(
        "batch/v1",
        "CronJob",
        "cronjobs",
        {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": JOB}}}},
        change={"spec": {"suspend": True}},
        status={"lastScheduleTime": "2026-01-01T00:00:00Z"},
    ),
    Kind(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        {"spec": SCALED},
        change={"spec": {"maxReplicas": 4}},
        status={"currentReplicas": 1, "desiredReplicas": 2},
    ),
    Kind(
        "autoscaling/v1",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        {"spec": SCALED},
        change={"spec": {"maxReplicas": 4}},
        status={"currentReplicas": 1, "desiredReplicas": 2},
    ),
    Kind(
        "policy/v1",
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        {"spec": {"minAvailable": 1, "selector": SELECTOR}},
        change={"spec": {"minAvailable": "50%"}},
        status={"currentHealthy": 1, "desiredHealthy": 1, "disruptionsAllowed": 0, "expectedPods": 1},
    ),
    Kind(
        NET,
        "Ingress",
        "ingresses",
        {"spec": {"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}}}},
        status={"loadBalancer": {"ingress": [{"ip": "10.1.2.3"}]}},
    ),
    Kind(
        NET,
        "NetworkPolicy",
        "networkpolicies",
        {"spec": {"podSelector": {}}},
        change={"spec": {"policyTypes": ["Egress"]}},
    ),
    Kind(NET, "IngressClass", "ingressclasses", {"spec": {"controller": "example.com/x"}}, namespaced=False),
    Kind(RBAC, "Role", "roles", {"rules": RULES}, change={"rules": []}),
    Kind(
        RBAC,
        "RoleBinding",
        "rolebindings",
        {
            "roleRef": {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"},
            "subjects": SUBJECTS,
        },
        change={"subjects": []},
    ),
    Kind(RBAC, "ClusterRole", "clusterroles", {"rules": RULES}, namespaced=False, change={"rules": []}),
    Kind(
        RBAC,
        "ClusterRoleBinding",
        "clusterrolebindings",
        {
            "roleRef": {"kind": "ClusterRole", "name": "r", "apiGroup": "rbac.authorization.k8s.io"},
            "subjects": SUBJECTS,
        },
        namespaced=False,
        change={"subjects": []},
    ),
    Kind(
        "coordination.k8s.io/v1",
        "Lease",
        "leases",
        {"spec": {"holderIdentity": "x", "leaseDurationSeconds": 15}},
        change={"spec": {"leaseTransitions": 1}},
    ),
    Kind(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        "endpointslices",
        {"addressType": "IPv4", "endpoints": [{"addresses": ["10.1.2.3"]}]},
    ),
    Kind(
        "scheduling.k8s.io/v1",
        "PriorityClass",
        "priorityclasses",
        {"value": 5},
        namespaced=False,
        change={"description": "x"},
    ),
    Kind(
        "storage.k8s.io/v1",
        "StorageClass",
        "storageclasses",
        {"provisioner": "x.y/z"},
        namespaced=False,
        change={"allowVolumeExpansion": True},
    ),
    Kind("node.k8s.io/v1", "RuntimeClass", "runtimeclasses", {"handler": "x"}, namespaced=False),
    Kind(
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        {"webhooks": HOOKS},
        namespaced=False,
        change={"webhooks": []},
    ),
    Kind(
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        {"webhooks": HOOKS},
        namespaced=False,
        change={"webhooks": []},
    ),
)
