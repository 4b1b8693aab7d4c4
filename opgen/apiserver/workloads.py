"""What the workload controllers, the scheduler and a node do on a real cluster, as far as tests of operators see it.

Off by default. When on, Deployments get ReplicaSets; those, StatefulSets, DaemonSets and Jobs get Pods; Pods run, or
succeed for a Job; all in the request that set it off. What is written has its shapes in `workload_status`,
`workload_pods` and `workload_events`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from opgen.apiserver import selectors, workload_events
from opgen.apiserver import workload_pods as pods_of
from opgen.apiserver import workload_status as shapes
from opgen.apiserver.context import Context
from opgen.apiserver.deletes import DeleteOptions, delete
from opgen.apiserver.message import JSONObject, encode
from opgen.apiserver.routing import Route
from opgen.apiserver.status import StatusError
from opgen.apiserver.storage import Change, Item
from opgen.apiserver.writes import Options, create, update

MANAGER = "kube-controller-manager"
HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
_DEPLOYMENTS, _SETS, _PODS = "apps/deployments", "apps/replicasets", "/pods"
_STATEFUL, _DAEMONS, _JOBS = "apps/statefulsets", "apps/daemonsets", "batch/jobs"
_BUDGETS, _EVENTS = "policy/poddisruptionbudgets", "/events"
_WATCHED = (_DEPLOYMENTS, _SETS, _STATEFUL, _DAEMONS, _JOBS, _PODS, _BUDGETS)
_MOST_TURNS = 10_000


class Workloads:
    """Follows the workloads. `on` starts it; `ready` False keeps Pods pending, so that nothing becomes ready."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._on = False
        self._ready = True
        self.troubles: list[str] = []
        """What the server refused to it, such as a Pod that its template makes invalid."""
        self._due: dict[tuple[str, str, str], None] = {}
        self._steps: dict[str, Callable[[Item], None]] = {
            _DEPLOYMENTS: self._deployment,
            _SETS: self._replica_set,
            _STATEFUL: self._stateful_set,
            _DAEMONS: self._daemon_set,
            _JOBS: self._job,
            _PODS: self._pod,
            _BUDGETS: self._budget,
        }
        for table in _WATCHED:
            context.store.subscribe(table, self._note)

    @property
    def on(self) -> bool:
        """Whether it works."""
        return self._on

    def switch(self, on: bool, *, ready: bool = True) -> None:
        """Start or stop; what is there already is taken up. `server.settle()` does the work."""
        self._on, self._ready = on, ready
        if on:
            for table in _WATCHED:
                for item in self._context.store.items(table):
                    self._due[table, item.namespace, item.name] = None

    def _note(self, change: Change) -> None:
        if not self._on:
            return
        item = change.item
        if not change.deleted:
            self._due[change.table, item.namespace, item.name] = None
        if change.table == _PODS:
            for budget in self._context.store.items(_BUDGETS, item.namespace):
                self._due[_BUDGETS, budget.namespace, budget.name] = None
        for owner in item.obj["metadata"].get("ownerReferences") or ():
            table = _TABLES.get((owner.get("apiVersion"), owner.get("kind")))
            if table is not None and owner.get("controller"):
                self._due[table, item.namespace, owner["name"]] = None

    def run(self) -> bool:
        """Do what is due, until nothing is; whether there was anything."""
        worked = False
        for _ in range(_MOST_TURNS):
            if not self._on or not self._due:
                break
            worked = True
            table, namespace, name = next(iter(self._due))
            del self._due[table, namespace, name]
            held = self._context.store.get(table, namespace, name)
            if held is not None and not held.obj["metadata"].get("deletionTimestamp"):
                try:
                    self._steps[table](held)
                except StatusError as refused:
                    self.troubles.append(f"{table} {namespace}/{name}: {refused}")
        return worked

    # -- one step for each kind

    def _deployment(self, held: Item) -> None:
        spec: JSONObject = held.obj["spec"]
        sets = self._owned(_SETS, held)
        new = next((item for item in sets if _plain(item) == spec["template"]), None)
        revision = int((held.obj["metadata"].get("annotations") or {}).get(REVISION) or 0)
        if new is None:
            if spec.get("paused"):
                self._deployment_status(held, None, sets)
                return
            revision = 1 + max([revision, *(int(_annotation(item, REVISION) or 0) for item in sets)])
            self._new_set(held, revision)
            self._annotate(held, REVISION, str(revision))
            return
        if _annotation(new, REVISION) and revision != int(_annotation(new, REVISION)):
            revision = 1 + max(int(_annotation(item, REVISION) or 0) for item in sets)
            self._annotate(new, REVISION, str(revision))
            self._annotate(held, REVISION, str(revision))
            return
        for item in sets:
            wanted = spec.get("replicas", 1) if item is new else 0
            if item.obj["spec"].get("replicas") != wanted and not (spec.get("paused") and item is not new):
                self._event(
                    held, *workload_events.scaled(item.name, item.obj["spec"].get("replicas", 1), wanted)
                )
                self._scale(item, wanted, _desired(spec, wanted) if item is new else {})
                return
        self._deployment_status(held, new, sets)

    def _deployment_status(self, held: Item, new: Item | None, sets: list[Item]) -> None:
        current = None if new is None else new.obj
        status = shapes.deployment(held.obj, current, [item.obj for item in sets], self._context.timestamp())
        self._status(_DEPLOYMENTS, held, status)

    def _new_set(self, held: Item, revision: int) -> None:
        spec, metadata = held.obj["spec"], held.obj["metadata"]
        digest = _digest(spec["template"])
        template = pods_of.labelled(spec["template"], {HASH: digest})
        replicas = spec.get("replicas", 1)
        annotations = {**_desired(spec, replicas), REVISION: str(revision)}
        selector = spec.get("selector") or {}
        labels = {**(selector.get("matchLabels") or {}), HASH: digest}
        obj = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"{metadata['name']}-{digest}",
                "namespace": held.namespace,
                "labels": template["metadata"]["labels"],
                "annotations": annotations,
                "ownerReferences": [pods_of.owner_of(held)],
            },
            "spec": {
                "replicas": replicas,
                "selector": {**selector, "matchLabels": labels},
                "template": template,
            },
        }
        self._create(_SETS, obj)
        if replicas:
            self._event(held, *workload_events.scaled(f"{metadata['name']}-{digest}", 0, replicas))

    def _replica_set(self, held: Item) -> None:
        spec = held.obj["spec"]
        pods = self._owned(_PODS, held)
        wanted = spec.get("replicas", 1)
        for _ in range(wanted - len(pods)):
            self._new_pod(held, pods_of.pod_of(held, f"{held.name}-"))
        for item in pods[wanted:]:
            self._delete_pod(held, item)
        if len(pods) == wanted:
            self._status(_SETS, held, shapes.replica_set(held.obj, [item.obj for item in pods]))

    def _stateful_set(self, held: Item) -> None:
        spec = held.obj["spec"]
        revision = f"{held.name}-{_digest(spec['template'])}"
        labels = {"controller-revision-hash": revision}
        pods = {item.name: item for item in self._owned(_PODS, held)}
        start = (spec.get("ordinals") or {}).get("start", 0)
        wanted = [f"{held.name}-{index}" for index in range(start, start + spec.get("replicas", 1))]
        for name in wanted:
            if name not in pods:
                index = name.rpartition("-")[2]
                more = {"statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": index}
                self._new_pod(held, pods_of.stateful(held, name, {**labels, **more}))
                return
        stale = [
            item
            for name, item in pods.items()
            if name not in wanted or _labels(item).get("controller-revision-hash") != revision
        ]
        if stale:
            self._delete_pod(held, stale[-1])
            return
        status = shapes.stateful_set(held.obj, [pods[name].obj for name in wanted], revision)
        self._status(_STATEFUL, held, status)

    def _daemon_set(self, held: Item) -> None:
        revision = _digest(held.obj["spec"]["template"])
        pods = self._owned(_PODS, held)
        stale = [item for item in pods if _labels(item).get("controller-revision-hash") != revision]
        if stale:
            self._delete_pod(held, stale[0])
        elif not pods:
            labels = {"controller-revision-hash": revision}
            self._new_pod(held, pods_of.pod_of(held, f"{held.name}-", labels=labels))
        else:
            self._status(_DAEMONS, held, shapes.daemon_set(held.obj, [item.obj for item in pods]))

    def _job(self, held: Item) -> None:
        spec, status = held.obj["spec"], held.obj.get("status") or {}
        now = self._context.timestamp()
        if spec.get("suspend") and not status.get("conditions"):
            self._status(_JOBS, held, shapes.suspended(now))
            self._event(held, "Suspended", "Job suspended")
        if status.get("completionTime") or spec.get("suspend"):
            return
        pods = self._owned(_PODS, held)
        done = [item for item in pods if item.obj["status"].get("phase") == "Succeeded"]
        wanted = spec.get("completions") or spec.get("parallelism", 1)
        numbered = spec.get("completionMode") == "Indexed"
        if len(pods) < wanted and len(pods) - len(done) < spec.get("parallelism", 1):
            if numbered:
                taken = {pods_of.index_of(item.obj) for item in pods}
                free = next(index for index in range(wanted) if index not in taken)
                self._new_pod(held, pods_of.indexed(held, free))
            else:
                self._new_pod(held, pods_of.pod_of(held, f"{held.name}-"))
            return
        found = {index for item in done if (index := pods_of.index_of(item.obj)) is not None}
        shape = shapes.job(
            held.obj, len(pods), len(done), wanted, now, pods_of.ranges(found) if numbered else ""
        )
        self._status(_JOBS, held, shape)
        if shape.get("completionTime"):
            self._event(held, "Completed", "Job completed")

    def _budget(self, held: Item) -> None:
        selector = held.obj["spec"].get("selector")
        pods = [
            item.obj
            for item in self._context.store.items(_PODS, held.namespace)
            if selector is not None and selectors.selects(selector, _labels(item))
        ]
        self._status(_BUDGETS, held, shapes.budget(held.obj, pods, self._context.timestamp()))

    def _pod(self, held: Item) -> None:
        status = held.obj.get("status") or {}
        if not self._ready or status.get("phase") not in (None, "Pending"):
            return
        spec = held.obj["spec"]
        if not spec.get("nodeName"):
            self._context.store.put(
                _PODS, held.namespace, {**held.obj, "spec": {**spec, "nodeName": shapes.NODE}}
            )
            return
        owners = held.obj["metadata"].get("ownerReferences") or ()
        ends = any(owner.get("kind") == "Job" for owner in owners)
        self._status(_PODS, held, shapes.pod(held.obj, self._context.timestamp(), ends=ends))

    # -- writes

    def _owned(self, table: str, owner: Item) -> list[Item]:
        """What the owner controls and isn't going, oldest first."""
        uid = owner.obj["metadata"]["uid"]
        found = [
            item
            for item in self._context.store.items(table, owner.namespace)
            if not item.obj["metadata"].get("deletionTimestamp")
            and any(
                o.get("uid") == uid and o.get("controller")
                for o in item.obj["metadata"].get("ownerReferences") or ()
            )
        ]
        return sorted(found, key=lambda item: (item.obj["metadata"]["creationTimestamp"], item.revision))

    def _route(self, table: str, verb: str, namespace: str, name: str = "", sub: str = "") -> Route:
        info = self._context.registry.of_table(table)
        assert info is not None
        return Route(info, verb, namespace, name, info.subresource(sub) if sub else None)

    def _create(self, table: str, obj: JSONObject) -> None:
        namespace = obj["metadata"]["namespace"]
        create(self._context, self._route(table, "create", namespace), obj, Options(MANAGER))

    def _new_pod(self, owner: Item, pod: JSONObject) -> None:
        self._create(_PODS, pod)
        self._event(owner, *workload_events.created(owner, pod["metadata"]["name"]))

    def _delete_pod(self, owner: Item, pod: Item) -> None:
        self._delete(_PODS, pod)
        self._event(owner, *workload_events.deleted(owner, pod.name))

    def _event(self, about: Item, reason: str, message: str) -> None:
        with suppress(StatusError):  # a namespace that is going takes no events
            self._create(_EVENTS, workload_events.event(about, reason, message, self._context.timestamp()))

    def _delete(self, table: str, item: Item) -> None:
        info = self._context.registry.of_table(table)
        assert info is not None
        delete(self._context, info, item.namespace, item.name, DeleteOptions())

    def _scale(self, item: Item, replicas: int, notes: dict[str, str]) -> None:
        metadata = item.obj["metadata"]
        annotations = {**(metadata.get("annotations") or {}), **notes}
        spec = {**item.obj["spec"], "replicas": replicas}
        obj = {**item.obj, "metadata": {**metadata, "annotations": annotations}, "spec": spec}
        update(self._context, self._route(_SETS, "update", item.namespace, item.name), obj, Options(MANAGER))

    def _annotate(self, item: Item, name: str, value: str) -> None:
        table = _TABLES[item.obj["apiVersion"], item.obj["kind"]]
        metadata = item.obj["metadata"]
        annotations = {**(metadata.get("annotations") or {}), name: value}
        obj = {**item.obj, "metadata": {**metadata, "annotations": annotations}}
        sub = "status" if table == _DEPLOYMENTS else ""  # that way the generation stays
        update(
            self._context, self._route(table, "update", item.namespace, item.name, sub), obj, Options(MANAGER)
        )

    def _status(self, table: str, item: Item, status: JSONObject) -> None:
        route = self._route(table, "update", item.namespace, item.name, "status")
        manager = "kubelet" if table == _PODS else MANAGER
        update(self._context, route, {**item.obj, "status": status}, Options(manager))


_TABLES: dict[tuple[Any, Any], str] = {
    ("apps/v1", "Deployment"): _DEPLOYMENTS,
    ("apps/v1", "ReplicaSet"): _SETS,
    ("apps/v1", "StatefulSet"): _STATEFUL,
    ("apps/v1", "DaemonSet"): _DAEMONS,
    ("batch/v1", "Job"): _JOBS,
}


def _labels(item: Item) -> dict[str, str]:
    return item.obj["metadata"].get("labels") or {}


def _annotation(item: Item, name: str) -> str:
    return str((item.obj["metadata"].get("annotations") or {}).get(name) or "")


def _desired(spec: JSONObject, replicas: int) -> dict[str, str]:
    """What a ReplicaSet notes of its Deployment's size."""
    prefix = "deployment.kubernetes.io"
    most = shapes.most(spec, replicas)
    return {f"{prefix}/desired-replicas": str(replicas), f"{prefix}/max-replicas": str(most)}


def _plain(item: Item) -> JSONObject:
    """A ReplicaSet's template without the hash that tells it from others."""
    template: JSONObject = item.obj["spec"]["template"]
    metadata: JSONObject = template.get("metadata") or {}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH}
    return {**template, "metadata": {**metadata, "labels": labels}}


_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def _digest(template: JSONObject) -> str:
    """A short name for a template."""
    raw = hashlib.sha256(encode(template)).digest()[:10]
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in raw)
