"""Which rules hold for which built-in kind, beyond types: see `rules`."""

from __future__ import annotations

from opgen.apiserver.access import validation as access_rules
from opgen.apiserver.policies import validation as policy_rules
from opgen.apiserver.rules import events, jobs, networking, others, scaling, storage, templates, workloads
from opgen.apiserver.rules.common import Rule
from opgen.apiserver.webhooks import validation as webhook_rules

RULES: dict[str, Rule] = {
    "/configmaps": others.config_map,
    "/secrets": others.secret,
    "/pods": templates.pod,
    "/podtemplates": templates.pod_template,
    "/services": networking.service,
    "/persistentvolumeclaims": others.claim,
    "/persistentvolumes": others.volume,
    "/nodes": others.node,
    "/endpoints": others.endpoints,
    "/events": events.event,
    "/resourcequotas": others.quota,
    "/limitranges": others.limit_range,
    "/replicationcontrollers": workloads.replication_controller,
    "apps/deployments": workloads.deployment,
    "apps/replicasets": workloads.replica_set,
    "apps/statefulsets": workloads.stateful_set,
    "apps/daemonsets": workloads.daemon_set,
    "batch/jobs": jobs.job,
    "batch/cronjobs": jobs.cron_job,
    "policy/poddisruptionbudgets": scaling.budget,
    "autoscaling/horizontalpodautoscalers": scaling.autoscaler,
    "networking.k8s.io/ingresses": networking.ingress,
    "networking.k8s.io/ingressclasses": networking.ingress_class,
    "networking.k8s.io/networkpolicies": networking.network_policy,
    "storage.k8s.io/csidrivers": storage.driver,
    "storage.k8s.io/storageclasses": others.storage_class,
    "storage.k8s.io/volumeattributesclasses": storage.attributes_class,
    "scheduling.k8s.io/priorityclasses": others.priority_class,
    "coordination.k8s.io/leases": others.lease,
    **access_rules.RULES,
    **webhook_rules.RULES,
    **policy_rules.RULES,
}
"""By storage table; each gives the errors of an object, created or, with the old one, updated."""
