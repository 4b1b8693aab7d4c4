"""The built-in resources, one line each: group, version, plural, kind, scope | short names | categories | subresources.

Facts of the real server's discovery; subresources that make no sense without nodes (exec, log, proxy) are left out.
"""

from __future__ import annotations

from functools import cache

from opgen.apiserver.kinds import ALL_VERBS, ResourceInfo, Subresource

_ROWS = """
- v1 configmaps ConfigMap N | cm |  |
- v1 endpoints Endpoints N | ep |  |
- v1 events Event N | ev |  |
- v1 limitranges LimitRange N | limits |  |
- v1 namespaces Namespace C | ns |  | finalize status
- v1 nodes Node C | no |  | status
- v1 persistentvolumeclaims PersistentVolumeClaim N | pvc |  | status
- v1 persistentvolumes PersistentVolume C | pv |  | status
- v1 pods Pod N | po | all | binding eviction status
- v1 podtemplates PodTemplate N |  |  |
- v1 replicationcontrollers ReplicationController N | rc | all | scale status
- v1 resourcequotas ResourceQuota N | quota |  | status
- v1 secrets Secret N |  |  |
- v1 serviceaccounts ServiceAccount N | sa |  | token
- v1 services Service N | svc | all | status
apiregistration.k8s.io v1 apiservices APIService C |  | api-extensions | status
apps v1 controllerrevisions ControllerRevision N |  |  |
apps v1 daemonsets DaemonSet N | ds | all | status
apps v1 deployments Deployment N | deploy | all | scale status
apps v1 replicasets ReplicaSet N | rs | all | scale status
apps v1 statefulsets StatefulSet N | sts | all | scale status
events.k8s.io v1 events Event N | ev |  |
authentication.k8s.io v1 selfsubjectreviews SelfSubjectReview C |  |  |
authentication.k8s.io v1 tokenreviews TokenReview C |  |  |
authorization.k8s.io v1 localsubjectaccessreviews LocalSubjectAccessReview N |  |  |
authorization.k8s.io v1 selfsubjectaccessreviews SelfSubjectAccessReview C |  |  |
authorization.k8s.io v1 selfsubjectrulesreviews SelfSubjectRulesReview C |  |  |
authorization.k8s.io v1 subjectaccessreviews SubjectAccessReview C |  |  |
autoscaling v2 horizontalpodautoscalers HorizontalPodAutoscaler N | hpa | all | status
autoscaling v1 horizontalpodautoscalers HorizontalPodAutoscaler N | hpa | all | status
batch v1 cronjobs CronJob N | cj | all | status
batch v1 jobs Job N |  | all | status
certificates.k8s.io v1 certificatesigningrequests CertificateSigningRequest C | csr |  | approval status
networking.k8s.io v1 ingressclasses IngressClass C |  |  |
networking.k8s.io v1 ingresses Ingress N | ing |  | status
networking.k8s.io v1 ipaddresses IPAddress C | ip |  |
networking.k8s.io v1 networkpolicies NetworkPolicy N | netpol |  |
networking.k8s.io v1 servicecidrs ServiceCIDR C |  |  | status
policy v1 poddisruptionbudgets PodDisruptionBudget N | pdb |  | status
rbac.authorization.k8s.io v1 clusterrolebindings ClusterRoleBinding C |  |  |
rbac.authorization.k8s.io v1 clusterroles ClusterRole C |  |  |
rbac.authorization.k8s.io v1 rolebindings RoleBinding N |  |  |
rbac.authorization.k8s.io v1 roles Role N |  |  |
storage.k8s.io v1 csidrivers CSIDriver C |  |  |
storage.k8s.io v1 csinodes CSINode C |  |  |
storage.k8s.io v1 csistoragecapacities CSIStorageCapacity N |  |  |
storage.k8s.io v1 storageclasses StorageClass C | sc |  |
storage.k8s.io v1 volumeattachments VolumeAttachment C |  |  | status
storage.k8s.io v1 volumeattributesclasses VolumeAttributesClass C | vac |  |
admissionregistration.k8s.io v1 mutatingadmissionpolicies MutatingAdmissionPolicy C || api-extensions |
admissionregistration.k8s.io v1 mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding C || api-extensions |
admissionregistration.k8s.io v1 mutatingwebhookconfigurations MutatingWebhookConfiguration C || api-extensions |
admissionregistration.k8s.io v1 validatingadmissionpolicies ValidatingAdmissionPolicy C |  | api-extensions | status
admissionregistration.k8s.io v1 validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding C || api-extensions |
admissionregistration.k8s.io v1 validatingwebhookconfigurations ValidatingWebhookConfiguration C || api-extensions |
apiextensions.k8s.io v1 customresourcedefinitions CustomResourceDefinition C | crd crds | api-extensions | status
scheduling.k8s.io v1 priorityclasses PriorityClass C | pc |  |
coordination.k8s.io v1 leases Lease N |  |  |
node.k8s.io v1 runtimeclasses RuntimeClass C |  |  |
discovery.k8s.io v1 endpointslices EndpointSlice N |  |  |
resource.k8s.io v1 deviceclasses DeviceClass C |  |  |
resource.k8s.io v1 resourceclaims ResourceClaim N |  |  | status
resource.k8s.io v1 resourceclaimtemplates ResourceClaimTemplate N |  |  |
resource.k8s.io v1 resourceslices ResourceSlice C |  |  |
flowcontrol.apiserver.k8s.io v1 flowschemas FlowSchema C |  |  | status
flowcontrol.apiserver.k8s.io v1 prioritylevelconfigurations PriorityLevelConfiguration C |  |  | status
"""

REVIEWS = ("authentication.k8s.io", "authorization.k8s.io")
"""The groups whose kinds are questions: created, answered, never stored."""
_SUBRESOURCES = {
    "scale": Subresource("scale", "Scale", group="autoscaling", version="v1"),
    "finalize": Subresource("finalize", "Namespace", ("update",)),
    "eviction": Subresource("eviction", "Eviction", ("create",), group="policy", version="v1"),
    "binding": Subresource("binding", "Binding", ("create",)),
    "token": Subresource("token", "TokenRequest", ("create",), group="authentication.k8s.io", version="v1"),
}
# Two groups serve the events; both see the same objects.
_TABLES = {"events.k8s.io/events": "/events"}
_CONDITIONAL = frozenset(
    (
        "poddisruptionbudgets",
        "leases",
        "runtimeclasses",
        "validatingwebhookconfigurations",
        "mutatingwebhookconfigurations",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
        "csidrivers",
        "csinodes",
        "csistoragecapacities",
        "volumeattachments",
        "customresourcedefinitions",
    )
)
_WARNINGS = {"endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"}
_FIELDS: dict[str, tuple[str, ...]] = {
    "events": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "namespaces": ("status.phase",),
    "nodes": ("spec.unschedulable",),
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    "replicationcontrollers": ("status.replicas",),
    "secrets": ("type",),
    "services": ("spec.clusterIP", "spec.type"),
    "jobs": ("status.successful",),
    "certificatesigningrequests": ("spec.signerName",),
}


@cache
def builtin_resources() -> tuple[ResourceInfo, ...]:
    """All built-in resources in the order of discovery."""
    return tuple(_resource(row) for row in _ROWS.strip().splitlines())


def _resource(row: str) -> ResourceInfo:
    names, short, categories, subresources = (part.split() for part in row.split("|"))
    group, version, plural, kind, scope = names
    group = "" if group == "-" else group
    verbs: tuple[str, ...] = ALL_VERBS
    if plural == "namespaces":
        verbs = tuple(v for v in ALL_VERBS if v != "deletecollection")
    elif group in REVIEWS:
        verbs = ("create",)
    table = f"{group}/{plural}"
    return ResourceInfo(
        group=group,
        version=version,
        plural=plural,
        kind=kind,
        namespaced=scope == "N",
        singular=kind.lower(),
        list_kind=f"{kind}List",
        short_names=tuple(short),
        categories=tuple(categories),
        subresources=tuple(_SUBRESOURCES.get(name) or Subresource(name, kind) for name in subresources),
        verbs=verbs,
        table=_TABLES.get(table, table),
        fields=_FIELDS.get(plural, ()),
        unconditional=plural not in _CONDITIONAL,
        warning=_WARNINGS.get(plural, ""),
    )
