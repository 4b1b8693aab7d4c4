"""Which fields of built-in types are structs by value: they are always there, empty or not.

A pointer that isn't set is absent, a struct isn't; this shows in what is stored and in managedFields. One line
for a type: its name, then the fields.
"""

from __future__ import annotations

_ROWS = """
APIService metadata spec status
AllocationResult devices
Binding metadata target
CSIDriver metadata spec
CSINode metadata spec
CSIStorageCapacity metadata
CertificateSigningRequest metadata spec status
ClusterRole metadata
ClusterRoleBinding metadata roleRef
ComponentStatus metadata
ConfigMap metadata
Container resources
ContainerResourceMetricSource target
ContainerResourceMetricStatus current
ContainerStatus lastState state
ControllerRevision metadata
CronJob metadata spec status
CronJobSpec jobTemplate
CustomResourceDefinition metadata spec status
CustomResourceDefinitionSpec names
CustomResourceDefinitionStatus acceptedNames
DaemonSet metadata spec status
DaemonSetSpec template updateStrategy
Deployment metadata spec status
DeploymentSpec strategy template
DeviceClass metadata spec
Endpoint conditions
EndpointSlice metadata
Endpoints metadata
EphemeralContainer resources
Event deprecatedSource involvedObject metadata regarding source
Eviction metadata
ExternalMetricSource metric target
ExternalMetricStatus current metric
FlowSchema metadata spec status
FlowSchemaSpec priorityLevelConfiguration
HTTPIngressPath backend
HorizontalPodAutoscaler metadata spec status
HorizontalPodAutoscalerSpec scaleTargetRef
IPAddress metadata spec
Ingress metadata spec status
IngressClass metadata spec
IngressServiceBackend port
IngressStatus loadBalancer
Job metadata spec status
JobSpec template
JobTemplateSpec metadata spec
Lease metadata spec
LimitRange metadata spec
LimitedPriorityLevelConfiguration limitResponse
LocalSubjectAccessReview metadata spec status
MutatingAdmissionPolicy metadata spec
MutatingAdmissionPolicyBinding metadata spec
MutatingWebhook clientConfig
MutatingWebhookConfiguration metadata
Namespace metadata spec status
NetworkPolicy metadata spec
NetworkPolicySpec podSelector
Node metadata spec status
NodeDaemonEndpoints kubeletEndpoint
NodeStatus daemonEndpoints nodeInfo
ObjectMetricSource describedObject metric target
ObjectMetricStatus current describedObject metric
PersistentVolume metadata spec status
PersistentVolumeClaim metadata spec status
PersistentVolumeClaimSpec resources
PersistentVolumeClaimTemplate metadata spec
Pod metadata spec status
PodDisruptionBudget metadata spec status
PodTemplate metadata template
PodTemplateSpec metadata spec
PodsMetricSource metric target
PodsMetricStatus current metric
PreferredSchedulingTerm preference
PriorityClass metadata
PriorityLevelConfiguration metadata spec status
ReplicaSet metadata spec status
ReplicaSetSpec template
ReplicationController metadata spec status
ResourceClaim metadata spec status
ResourceClaimSpec devices
ResourceClaimTemplate metadata spec
ResourceClaimTemplateSpec metadata spec
ResourceMetricSource target
ResourceMetricStatus current
ResourceQuota metadata spec status
ResourceSlice metadata spec
ResourceSliceSpec pool
Role metadata
RoleBinding metadata roleRef
RuntimeClass metadata
Scale metadata spec status
Secret metadata
SelfSubjectAccessReview metadata spec status
SelfSubjectReview metadata status
SelfSubjectReviewStatus userInfo
SelfSubjectRulesReview metadata spec status
Service metadata spec status
ServiceAccount metadata
ServiceCIDR metadata spec status
ServiceStatus loadBalancer
StatefulSet metadata spec status
StatefulSetSpec template updateStrategy
Status metadata
StorageClass metadata
SubjectAccessReview metadata spec status
TokenRequest metadata spec status
TokenReview metadata spec status
TokenReviewStatus user
ValidatingAdmissionPolicy metadata spec status
ValidatingAdmissionPolicyBinding metadata spec
ValidatingWebhook clientConfig
ValidatingWebhookConfiguration metadata
VolumeAttachment metadata spec status
VolumeAttachmentSpec source
VolumeAttributesClass metadata
WeightedPodAffinityTerm podAffinityTerm
"""

STRUCTS: dict[str, tuple[str, ...]] = {
    name: tuple(fields) for name, *fields in (row.split() for row in _ROWS.strip().splitlines())
}
"""By type name."""
