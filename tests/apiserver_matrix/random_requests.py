"""Random requests about one kind: every verb, option, media type, patch and subresource; a seed is a scenario."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import quote

from apiserver_matrix import random_bodies
from apiserver_matrix.custom import definition
from apiserver_matrix.kinds import KINDS, Kind
from apiserver_matrix.more_kinds import MORE_KINDS
from apiserver_matrix.request import APPLY, JSON_PATCH, MERGE, STRATEGIC, Request

GROUP, WIDE_GROUP = "random.example.com", "randomwide.example.com"
DEFINITIONS = (definition(GROUP, namespaced=True), definition(WIDE_GROUP, namespaced=False))
BY_KIND = {crd["spec"]["names"]["kind"]: crd for crd in DEFINITIONS}
SPEC = {"size": 1, "mode": "Fast", "parts": [{"name": "p"}], "tags": ["t"], "free": {"x": ["y"]}}
CUSTOM = (
    Kind(f"{GROUP}/v1", "Gadget", "gadgets", {"spec": SPEC}, status={"size": 2}),
    Kind(f"{GROUP}/v1beta1", "Gadget", "gadgets", {"spec": SPEC}, status={"size": 2}),
    Kind(f"{WIDE_GROUP}/v1", "Planet", "planets", {"spec": SPEC}, namespaced=False, status={"phase": "x"}),
)
ALL_KINDS = (*KINDS, *MORE_KINDS, *CUSTOM * 8)
FAMILIAR = ("Pod", "Deployment", "ConfigMap", "Secret", "Service", "StatefulSet", "Job", "Ingress")
WEIGHTS = [6 if kind.kind in FAMILIAR else 1 for kind in ALL_KINDS]
WHOLE_CLUSTER = frozenset(("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"))
"""Kinds whose objects say what happens to other requests: only their metadata is random."""

META = "g=meta.k8s.io"
ACCEPTS = (
    f"application/json;as=Table;v=v1;{META},application/json",
    f"application/json;as=Table;v=v1;{META}",
    f"application/json;as=Table;v=v1beta1;{META}",
    f"application/json;as=PartialObjectMetadata;v=v1;{META}",
    f"application/json;as=PartialObjectMetadata;v=v1;{META},application/json",
    f"application/json;as=PartialObjectMetadataList;v=v1;{META}",
    f"application/json;as=PartialObjectMetadataList;v=v1;{META},application/json",
    f"application/yaml;as=PartialObjectMetadata;v=v1;{META}",
    f"application/yaml;as=Table;v=v1;{META}",
    "application/yaml",
    "application/json, */*",
    "application/json;q=0.1, application/yaml",
    "text/plain",
    "*/*",
)
LABEL_SELECTORS = (
    "app=web",
    "app!=web",
    "app in (web, db)",
    "app notin (web)",
    "!app",
    "app",
    "app,tier",
    "n>1",
    "app in ()",
    "app=",
    "=",
    "app in (web",
    "app==web,tier!=x",
    "a/b/c",
    "app=a b",
    "app=" + "x" * 64,
    " app = web ",
    "app in (a,,b)",
    "app exists",
    "(app)",
)
FIELD_SELECTORS = (
    "metadata.name=a",
    "metadata.name!=a",
    "metadata.namespace=x",
    "metadata.labels=x",
    "spec.nodeName=x",
    "status.phase=Pending",
    "status.phase!=Running",
    "spec.mode=Fast",
    "spec.size=1",
    "type=Opaque",
    "spec.nope=1",
    "metadata.name=a,status.phase=Pending",
    "metadata.name",
    "metadata.name=",
    "metadata.name==a",
    "a=b=c",
    "spec.restartPolicy=Always",
    "spec.clusterIP=None",
)
VERSIONS = ("0", "{rv}", "{first}", "{rv}", "", "abc", "-1", "1.5", "99999999999", "{first}")
SUBRESOURCES = (
    "status", "scale", "nope", "log", "exec", "attach", "eviction", "binding", "token", "proxy", "ephemeralcontainers",
    "resize", "finalize", "approval", "status/x",
)  # fmt: skip
USERS = ("alice", "system:anonymous", "system:serviceaccount:default:default", "system:admin", "")
POINTERS = (
    "",
    "/",
    "spec",
    "/spec",
    "/spec/nope",
    "/spec/nope/deeper",
    "/data/a",
    "/metadata/labels/app",
    "/metadata/labels/a~1b",
    "/metadata/labels/a~2b",
    "/metadata/labels",
    "/metadata/annotations",
    "/metadata/annotations/x",
    "/metadata/name",
    "/metadata/namespace",
    "/metadata/uid",
    "/metadata/resourceVersion",
    "/metadata/managedFields",
    "/metadata/finalizers",
    "/metadata/finalizers/-",
    "/metadata/finalizers/0",
    "/metadata/creationTimestamp",
    "/kind",
    "/apiVersion",
    "/status",
    "/status/phase",
    "/spec/parts/-",
    "/spec/parts/0",
    "/spec/parts/0/n",
    "/spec/parts/9",
    "/spec/parts/-1",
    "/spec/parts/01",
    "/spec/parts/x",
    "/spec/containers/0/image",
    "/spec/template/spec/containers/0/image",
    "/spec/template/spec/containers/-",
    "/spec/replicas",
    "/spec/ports/0/port",
)
VALUES: tuple[Any, ...] = (
    "x",
    1,
    None,
    True,
    [],
    {},
    {"a": "b"},
    ["x"],
    "example.com/f",
    {"name": "q"},
    0,
    "",
)


class Scenario:
    """Requests about one kind in a namespace of its own; `random` decides everything."""

    def __init__(self, seed: int, namespace: str) -> None:
        self.random = random = Random(seed)
        self.namespace = namespace
        self.kind = random.choices(ALL_KINDS, WEIGHTS)[0]
        self.path = self.kind.path(namespace)
        self.schema = random_bodies.schema_of(self.kind.api, self.kind.kind, BY_KIND)
        prefix = "" if self.kind.namespaced else f"{namespace}-"
        self.names = tuple(prefix + name for name in ("a", "b", "c"))

    def requests(self, steps: int) -> Iterator[Request]:
        """The namespace, an object to begin with, and the steps."""
        yield Request("POST", "/api/v1/namespaces", {"metadata": {"name": self.namespace}})
        yield Request("GET", f"{self.path}?{self._mine()}")
        yield Request("POST", self.path, self.kind.object(self.names[0], labels=self._labels()))
        for _ in range(steps):
            yield self.step()
        if not self.kind.namespaced:
            yield Request("DELETE", f"{self.path}?{self._mine()}&gracePeriodSeconds=0")

    def step(self) -> Request:
        """One request."""
        steps: dict[Callable[[], Request], int] = {
            self._create: 7,
            self._update: 4,
            self._merge: 3,
            self._json_patch: 4,
            self._strategic: 3,
            self._apply: 5,
            self._get: 3,
            self._list: 5,
            self._watch: 1,
            self._delete: 2,
            self._delete_many: 1,
            self._subresource: 4,
        }
        request = self.random.choices(list(steps), list(steps.values()))[0]()
        if self.random.random() < 0.25:
            request = replace(request, accept=self.random.choice(ACCEPTS))
        if self.random.random() < 0.04:
            request = replace(request, headers=self._impersonation())
        return request

    # -- what requests are made of

    def _labels(self) -> dict[str, str]:
        return {"suite": self.namespace, "app": self.random.choice(("web", "db"))}

    def _mine(self) -> str:
        return f"labelSelector={quote(f'suite={self.namespace}')}"

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _one(self) -> tuple[str, str]:
        name = self.random.choice(self.names)
        return name, f"{self.path}/{name}"

    def _body(self) -> dict[str, Any]:
        if self.kind.kind in WHOLE_CLUSTER:
            return dict(self.kind.body)
        if self.kind.kind == "Event":
            return {**self.kind.body, "regarding": {"kind": "Pod", "name": "p", "namespace": self.namespace}}
        changes = self.random.choices((0, 1, 2), (4, 5, 2))[0]
        return random_bodies.changed(self.random, self.kind.body, self.schema, changes)

    def _object(self, name: str) -> dict[str, Any]:
        metadata = random_bodies.metadata(self.random, name, self._labels())
        if not self.kind.namespaced and metadata.get("name") not in (name, None):
            metadata["name"] = f"{self.namespace}-{metadata['name']}"
        head: dict[str, Any] = {"apiVersion": self.kind.api, "kind": self.kind.kind, "metadata": metadata}
        if self._chance(0.03):
            head[self.random.choice(("apiVersion", "kind"))] = self.random.choice(("", "v9", "Nope", 1, None))
        if self._chance(0.03):
            del head[self.random.choice(("apiVersion", "kind", "metadata"))]
        return {**head, **self._body()}

    def _query(self, path: str, *pairs: str) -> str:
        given = [pair for pair in pairs if pair]
        return f"{path}?{'&'.join(given)}" if given else path

    def _write_options(self) -> list[str]:
        choices = {
            "dryRun": ("All", "All", "All", "all", ""),
            "fieldManager": ("me", "me too", "x" * 128, "x" * 129, "%00", ""),
            "fieldValidation": ("Strict", "Strict", "Warn", "Ignore", "strict", ""),
            "pretty": ("true", "false", "1", "x"),
            "force": ("true", "false", "x"),
            "timeoutSeconds": ("5", "x"),
            "timeout": ("5s", "x", "1000h"),
        }
        shares = (0.12, 0.12, 0.25, 0.04, 0.02, 0.02, 0.02)
        return [
            f"{name}={self.random.choice(values)}"
            for (name, values), share in zip(choices.items(), shares, strict=True)
            if self._chance(share)
        ]

    def _impersonation(self) -> tuple[tuple[str, str], ...]:
        headers = [("Impersonate-User", self.random.choice(USERS))]
        if self._chance(0.4):
            headers.append(
                ("Impersonate-Group", self.random.choice(("devs", "system:masters", "system:authenticated")))
            )
        if self._chance(0.2):
            headers.append(("Impersonate-Extra-Scopes", "view"))
        if self._chance(0.2):
            headers.append(("Impersonate-Uid", "u1"))
        return tuple(headers[self.random.choice((0, 0, 0, 1)) :])

    # -- the requests

    def _create(self) -> Request:
        name, one = self._one()
        path = one if self._chance(0.03) else self.path
        return Request("POST", self._query(path, *self._write_options()), self._object(name))

    def _update(self) -> Request:
        name, one = self._one()
        obj = self._object(name)
        if isinstance(obj.get("metadata"), dict) and self._chance(0.5):
            obj["metadata"]["resourceVersion"] = self.random.choice(("{own}", "{own}", "1", "x", ""))
        return Request("PUT", self._query(one, *self._write_options()), obj)

    def _change(self) -> Any:
        kept = {"metadata": {"labels": {"more": self.random.choice(("x", None, "y"))}}}
        if self._chance(0.04):
            return self.random.choice(([], "x", None, 1, {}, [{}]))
        if self.kind.kind in WHOLE_CLUSTER or self._chance(0.3):
            return kept if self._chance(0.6) else self.kind.change
        body = random_bodies.changed(self.random, self.kind.body, self.schema, 1)
        top = [name for name, value in body.items() if value != self.kind.body.get(name)]
        return {name: body[name] for name in top} or kept

    def _merge(self) -> Request:
        _, one = self._one()
        return Request("PATCH", self._query(one, *self._write_options()), self._change(), MERGE)

    def _strategic(self) -> Request:
        _, one = self._one()
        change = self._change()
        if isinstance(change, dict) and self._chance(0.2):
            directives: tuple[dict[str, Any], ...] = (
                {"$patch": "replace"},
                {"$patch": "delete"},
                {"$patch": "nope"},
                {"$retainKeys": ["spec"]},
                {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}},
                {"metadata": {"$setElementOrder/finalizers": ["b", "a"], "finalizers": ["a.b/a", "a.b/b"]}},
                {"metadata": {"labels": {"$patch": "replace", "only": "x"}}},
                {"spec": {"$setElementOrder/containers": [{"name": "c"}]}},
                {"spec": {"$setElementOrder/nope": []}},
                {"spec": None},
            )
            change = {**change, **self.random.choice(directives)}
        return Request("PATCH", self._query(one, *self._write_options()), change, STRATEGIC)

    def _json_patch(self) -> Request:
        _, one = self._one()
        steps: Any = [self._operation() for _ in range(self.random.choice((1, 1, 1, 2)))]
        if self._chance(0.04):
            steps = self.random.choice(({}, [1], [{}], "x", [None], [[]]))
        return Request("PATCH", self._query(one, *self._write_options()), steps, JSON_PATCH)

    def _operation(self) -> dict[str, Any]:
        operation = self.random.choice(("add", "add", "replace", "remove", "test", "copy", "move", "nope"))
        step: dict[str, Any] = {"op": operation, "path": self.random.choice(POINTERS)}
        if operation in ("copy", "move"):
            step["from"] = self.random.choice(POINTERS)
        elif operation != "remove" or self._chance(0.1):
            step["value"] = self.random.choice(VALUES)
        if self._chance(0.04):
            step.pop(self.random.choice(list(step)))
        return step

    def _apply(self) -> Request:
        name, one = self._one()
        options = [pair for pair in self._write_options() if not pair.startswith("fieldManager=")]
        if self._chance(0.95):
            options.append(f"fieldManager={self.random.choice(('m1', 'm2'))}")
        if self._chance(0.4):
            options.append("force=true")
        return Request("PATCH", self._query(one, *options), self._object(name), APPLY)

    def _get(self) -> Request:
        name, one = self._one()
        options = []
        if self._chance(0.3):
            options.append(
                self.random.choice(("resourceVersion=0", "resourceVersion={rv}", "resourceVersion=x"))
            )
        if self._chance(0.1):
            options.append(f"pretty={self.random.choice(('true', 'x'))}")
        path = (
            one
            if self._chance(0.9)
            else f"{self.path}/{self.random.choice(('A', 'a b', name + '%2Fx', '%00'))}"
        )
        return Request("GET", self._query(path, *options))

    def _selectors(self) -> list[str]:
        """Never beyond what this scenario has made."""
        label = f"suite={self.namespace}"
        if self._chance(0.4):
            label += f",{self.random.choice(LABEL_SELECTORS)}"
        options = [f"labelSelector={quote(label)}"]
        if self._chance(0.3):
            options.append(f"fieldSelector={quote(self.random.choice(FIELD_SELECTORS))}")
        return options

    def _list_options(self) -> list[str]:
        options = self._selectors()
        if self._chance(0.35):
            options.append(f"limit={self.random.choice(('1', '2', '500', '0', '-1', 'x'))}")
        if self._chance(0.2):
            options.append(f"continue={self.random.choice(('{token}', '{token}', 'x', ''))}")
        if self._chance(0.35):
            options.append(f"resourceVersion={self.random.choice(VERSIONS)}")
        if self._chance(0.25):
            match = self.random.choice(("Exact", "NotOlderThan", "NotOlderThan", "nope", ""))
            options.append(f"resourceVersionMatch={match}")
        if self._chance(0.06):
            options.append(f"sendInitialEvents={self.random.choice(('true', 'false', 'x'))}")
        if self._chance(0.06):
            options.append(f"allowWatchBookmarks={self.random.choice(('true', 'x'))}")
        return options

    def _list(self) -> Request:
        options = self._list_options()
        if self._chance(0.06):
            options.append(f"timeoutSeconds={self.random.choice(('5', 'x', '-1', '0'))}")
        return Request("GET", self._query(self.path, *options))

    def _watch(self) -> Request:
        options = [
            *self._list_options(),
            f"watch={self.random.choice(('1', 'true', 'True'))}",
            "timeoutSeconds=1",
        ]
        return Request("GET", self._query(self.path, *options))

    def _delete_options(self) -> tuple[list[str], Any]:
        choices: tuple[tuple[str, tuple[str, ...]], ...] = (
            ("propagationPolicy", ("Foreground", "Background", "Orphan", "nope", "")),
            ("gracePeriodSeconds", ("0", "30", "-1", "x", "1")),
            ("dryRun", ("All", "nope")),
            ("orphanDependents", ("true", "false", "x")),
            ("ignoreStoreReadErrorWithClusterBreakingPotential", ("true", "false")),
        )
        options = [f"{n}={self.random.choice(v)}" for n, v in choices if self._chance(0.15)]
        body: Any = None
        if self._chance(0.4):
            bodies: tuple[Any, ...] = (
                {},
                {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"},
                {"propagationPolicy": "Orphan", "orphanDependents": True},
                {"orphanDependents": False},
                {"preconditions": {"resourceVersion": "1"}},
                {"preconditions": {"resourceVersion": "{own}"}},
                {"preconditions": {"uid": "x"}},
                {"preconditions": {}},
                {"gracePeriodSeconds": 0},
                {"gracePeriodSeconds": 5, "dryRun": ["All"]},
                {"dryRun": ["All", "All"]},
                {"dryRun": []},
                {"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1"},
                {"kind": "DeleteOptions", "apiVersion": self.kind.api},
                {"kind": "Nope", "apiVersion": "v1"},
                {"gracePeriodSeconds": "1"},
                {"nope": 1},
                [1],
                "",
            )
            body = self.random.choice(bodies)
        return options, body

    def _delete(self) -> Request:
        _, one = self._one()
        options, body = self._delete_options()
        return Request("DELETE", self._query(one, *options), body)

    def _delete_many(self) -> Request:
        options, body = self._delete_options()
        given = [*self._selectors(), *options]
        if self._chance(0.2):
            given.append(f"limit={self.random.choice(('1', 'x'))}")
        if self._chance(0.1):
            given.append(f"resourceVersion={self.random.choice(VERSIONS)}")
        return Request("DELETE", self._query(self.path, *given), body)

    def _subresource(self) -> Request:
        name, one = self._one()
        share = 0.5 if self.kind.status is not None else 0.2
        sub = "status" if self._chance(share) else self.random.choice(SUBRESOURCES)
        path = f"{one}/{sub}"
        method = self.random.choice(("GET", "PUT", "PATCH", "PATCH", "POST", "DELETE"))
        if method in ("GET", "DELETE"):
            return Request(method, path)
        body = self._subresource_body(name, sub)
        kind = (
            self.random.choice((MERGE, MERGE, STRATEGIC, APPLY)) if method == "PATCH" else "application/json"
        )
        options = self._write_options()
        if kind == APPLY:
            options = [*[o for o in options if not o.startswith("fieldManager=")], "fieldManager=m3"]
        return Request(method, self._query(path, *options), body, kind)

    def _subresource_body(self, name: str, sub: str) -> Any:
        head = {"apiVersion": self.kind.api, "kind": self.kind.kind, "metadata": {"name": name}}
        match sub:
            case "scale":
                api, kind = "autoscaling/v1", "Scale"
                return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, "spec": self._replicas()}
            case "eviction":
                api, kind = self.random.choice(("policy/v1", "policy/v1", "v1")), "Eviction"
                options = self.random.choice(({}, {"deleteOptions": {"dryRun": ["All"]}}))
                return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **options}
            case "binding":
                target = self.random.choice(({"kind": "Node", "name": "n"}, {}, {"kind": "x", "name": "n"}))
                return {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name}, "target": target}
            case "token":
                spec = self.random.choice(({}, {"audiences": ["a"]}, {"expirationSeconds": 5}, {"nope": 1}))
                return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
            case "status":
                node = self.schema.properties.get("status")
                if node is None or self._chance(0.3):
                    return {**head, **self._body(), "status": self.kind.status or {"phase": "x"}}
                status = random_bodies.changed(self.random, self.kind.status or {}, node, 1)
                return {**head, "status": status}
            case _:
                return self._object(name)

    def _replicas(self) -> dict[str, Any]:
        return self.random.choice(({"replicas": 2}, {"replicas": -1}, {"replicas": "x"}, {}, {"replicas": 0}))


def show(request: Request) -> str:
    """A request as it can be read in a report."""
    body = json.dumps(request.body)[:400] if request.body is not None else ""
    kind = f" {request.content_type}" if request.method == "PATCH" else ""
    accept = f" accept={request.accept}" if request.accept != "application/json" else ""
    return f"{request.method} {request.path}{kind}{accept}{dict(request.headers) or ''} {body}"
