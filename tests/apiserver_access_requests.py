"""Requests about who asks and whether they may: tokens, impersonation, RBAC, reviews; see `apiserver_requests`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apiserver_requests import MERGE, SSA

Send = Callable[..., None]

RBAC = "/apis/rbac.authorization.k8s.io/v1"
AUTHN = "/apis/authentication.k8s.io/v1"
AUTHZ = "/apis/authorization.k8s.io/v1"
SETTLED = "1"
"""Seconds after which the real server's authorizer has seen a new binding."""


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}


def _rule(groups: list[str], resources: list[str], verbs: list[str], **more: Any) -> dict[str, Any]:
    return {"apiGroups": groups, "resources": resources, "verbs": verbs, **more}


def access_requests(r: Send, ns: str, definition: Any = None) -> None:
    """All of them, one part after the other."""
    r("POST", "/api/v1/namespaces", {"metadata": {"name": ns}})
    r("POST", f"/api/v1/namespaces/{ns}/serviceaccounts", {"metadata": {"name": "sa"}})
    r("GET", AUTHN)
    r("GET", AUTHZ)
    _tokens(r, ns)
    _anonymous(r)
    _refusals(r, ns)
    _rights(r, ns)
    _impersonation(r, ns)
    _reviews(r, ns)
    _escalation(r, ns)
    _shapes(r, ns)
    _subjects(r, ns)
    _from_the_start(r)


def _tokens(r: Send, ns: str) -> None:
    core = f"/api/v1/namespaces/{ns}"
    token = f"{core}/serviceaccounts/sa/token"
    r("POST", token, {}, keep="sa")
    r("POST", token, {"spec": {"expirationSeconds": 600, "audiences": ["x"]}}, keep="other audience")
    r("POST", token, {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": {}})
    for seconds in (5, 2**33):
        r("POST", token, {"spec": {"expirationSeconds": seconds}})
    for metadata in (
        {"name": "other"},
        {"namespace": "other"},
        {"uid": "x"},
        {"name": "sa", "namespace": ns},
    ):
        r("POST", token, {"metadata": metadata, "spec": {}})
    r("POST", f"{core}/serviceaccounts/nope/token", {"spec": {}})
    r("GET", token)
    containers = [{"name": "c", "image": "i"}]
    spec: dict[str, Any] = {"serviceAccountName": "sa", "containers": containers}
    r("POST", f"{core}/pods", {"metadata": {"name": "p"}, "spec": spec})
    r("POST", f"{core}/serviceaccounts", {"metadata": {"name": "second"}})
    pod = {"kind": "Pod", "apiVersion": "v1", "name": "p"}
    r("POST", token, {"spec": {"boundObjectRef": pod}}, keep="bound")
    r("POST", f"{core}/serviceaccounts/second/token", {"spec": {"boundObjectRef": pod}})
    for reference in ({**pod, "name": "zz"}, {**pod, "uid": "q"}, {**pod, "kind": "ConfigMap"}):
        r("POST", token, {"spec": {"boundObjectRef": reference}})
    reviews = f"{AUTHN}/tokenreviews"
    for name in ("sa", "other audience", "bound"):
        r("POST", reviews, {"spec": {"token": f"$TOKEN {name}$"}})
        r("POST", reviews, {"spec": {"token": f"$TOKEN {name}$", "audiences": ["x"]}})
    r("POST", reviews, {"spec": {"token": "$TOKEN sa$", "audiences": ["q"]}})
    r("POST", reviews, {"spec": {"token": "$TOKEN sa$", "audiences": ["q", "x"]}})
    for text in ("bad", "a.b.c", "", "$TOKEN sa$x"):
        r("POST", reviews, {"spec": {"token": text}})
    r("POST", f"{core}/serviceaccounts/second/token", {"spec": {}}, keep="second")
    r("DELETE", f"{core}/serviceaccounts/second")
    r("WAIT", "11")
    r("POST", reviews, {"spec": {"token": "$TOKEN second$"}})
    r("GET", "/api/v1/pods", token="second")


def _anonymous(r: Send) -> None:
    r("GET", "/api", token="bad")
    r("GET", "/healthz", token="bad")
    as_nobody = {"Impersonate-User": "system:anonymous"}
    for path in ("/api", "/api/v1/pods", "/healthz", "/readyz", "/nosuch", "/apis/apps/v1"):
        r("GET", path, headers=as_nobody)


def _refusals(r: Send, ns: str) -> None:
    core, apps = f"/api/v1/namespaces/{ns}", f"/apis/apps/v1/namespaces/{ns}"
    for path in (
        f"{core}/configmaps",
        f"{core}/configmaps?watch=1",
        f"{core}/configmaps?watch=1&fieldSelector=metadata.name%3Da",
        f"{core}/configmaps?fieldSelector=metadata.name%3Da",
        f"{core}/configmaps?fieldSelector=metadata.name!%3Da",
        f"{core}/configmaps/a",
        "/api/v1/configmaps",
        "/api/v1/configmaps?watch=true",
        "/api/v1/watch/configmaps",
        core,
        f"{core}/status",
        "/api/v1/namespaces",
        "/apis/no.such/v1/things",
        f"/apis/no.such/v1/namespaces/{ns}/things/x/sub",
        "/apis/apps/v1/nodes2/x",
        "/api/v1/nodes/x/proxy/metrics",
        "/foo/bar",
        "/metrics",
        "/logs/",
        f"{apps}/deployments/d/scale",
        f"{AUTHZ}/selfsubjectrulesreviews",
    ):
        r("GET", path, token="sa")
    for path in (AUTHN, "/healthz", "/readyz"):
        r("GET", path, token="sa")
    r("POST", f"{core}/configmaps", {"metadata": {"name": "a"}}, token="sa")
    r("POST", f"{core}/configmaps", "{bad", token="sa")
    r("PUT", f"{core}/pods/p/status", {}, token="sa")
    r("PATCH", f"{core}/configmaps/a", {}, content_type=MERGE, token="sa")
    r("DELETE", f"{core}/configmaps/a", token="sa")
    r("DELETE", f"{apps}/deployments", token="sa")
    r("POST", "/foo/bar", {}, token="sa")
    r("POST", f"{core}/pods/p/eviction", {}, token="sa")
    r("POST", f"{core}/serviceaccounts/sa/token", {}, token="sa")
    r("POST", f"{AUTHN}/tokenreviews", {"spec": {"token": "x"}}, token="sa")
    r("POST", f"{AUTHN}/selfsubjectreviews", {}, token="sa")
    r("POST", f"{AUTHN}/selfsubjectreviews", {}, token="bound")
    r("POST", f"{AUTHN}/selfsubjectreviews", {"kind": "SelfSubjectReview", "apiVersion": f"{AUTHN[6:]}"})


def _rights(r: Send, ns: str) -> None:
    core, rbac = f"/api/v1/namespaces/{ns}", f"{RBAC}/namespaces/{ns}"
    rules = [
        _rule([""], ["configmaps"], ["get", "list", "patch"]),
        _rule([""], ["secrets"], ["get", "list", "delete", "watch"], resourceNames=["one"]),
        _rule([""], ["pods", "*/status"], ["get"]),
        _rule(["apps"], ["*"], ["*"]),
    ]
    r("POST", f"{rbac}/roles", {"metadata": {"name": "r"}, "rules": rules})
    account = {"kind": "ServiceAccount", "name": "sa", "namespace": ns}
    binding = {"metadata": {"name": "rb"}, "roleRef": _reference("Role", "r"), "subjects": [account]}
    r("POST", f"{rbac}/rolebindings", binding)
    r("POST", f"{RBAC}/clusterroles", {
        "metadata": {"name": f"{ns}-urls"},
        "rules": [{"nonResourceURLs": ["/foo/*", "/logs"], "verbs": ["get"]}],
    })  # fmt: skip
    r("POST", f"{RBAC}/clusterrolebindings", {
        "metadata": {"name": f"{ns}-urls"},
        "roleRef": _reference("ClusterRole", f"{ns}-urls"),
        "subjects": [account],
    })  # fmt: skip
    r("WAIT", SETTLED)
    r("GET", f"{core}/configmaps", token="sa")
    r("GET", f"{core}/configmaps?labelSelector=a%3Db", token="sa")
    for name in ("one", "two"):
        r("GET", f"{core}/secrets/{name}", token="sa")
        r("GET", f"{core}/secrets?fieldSelector=metadata.name%3D{name}", token="sa")
        r("DELETE", f"{core}/secrets/{name}", token="sa")
    r("GET", f"{core}/secrets", token="sa")
    r("GET", f"{core}/pods/p/status", token="sa")
    r("GET", f"{core}/pods/p/log", token="sa")
    r("GET", f"{core}/persistentvolumeclaims/c/status", token="sa")
    r("GET", f"{core}/persistentvolumeclaims/c", token="sa")
    r("GET", f"/apis/apps/v1/namespaces/{ns}/deployments", token="sa")
    r("GET", f"/apis/apps/v1/namespaces/{ns}/deployments/d/scale", token="sa")
    r("GET", "/apis/apps/v1/deployments", token="sa")
    r("GET", "/foo/bar", token="sa")
    r("GET", "/foo", token="sa")
    new = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new"}, "data": {"a": "b"}}
    r("PATCH", f"{core}/configmaps/new?fieldManager=x", new, content_type=SSA, token="sa")
    r("PATCH", f"{core}/configmaps/new?fieldManager=x", new, content_type=SSA)
    r("PATCH", f"{core}/configmaps/new?fieldManager=x", new, content_type=SSA, token="sa")
    r("PATCH", f"{core}/configmaps/absent", {"data": {}}, content_type=MERGE, token="sa")
    gone = {
        "metadata": {"name": "rb2"},
        "roleRef": _reference("ClusterRole", "gone"),
        "subjects": [account, {"kind": "User", "name": "bob"}, {"kind": "Group", "name": "grp"}],
    }
    r("POST", f"{rbac}/rolebindings", gone)
    r("WAIT", SETTLED)
    r("GET", f"{core}/secrets", token="sa")
    r("GET", f"{core}/configmaps", token="sa")
    r("PATCH", f"{core}/configmaps/newer?fieldManager=x", {**new, "metadata": {"name": "newer"}}, content_type=SSA,
      token="sa")  # fmt: skip


def _impersonation(r: Send, ns: str) -> None:
    path = f"/api/v1/namespaces/{ns}/configmaps"
    account = f"system:serviceaccount:{ns}:sa"
    wanted: list[dict[str, str]] = [
        {"Impersonate-User": "bob"},
        {"Impersonate-User": account},
        {"Impersonate-User": "bob", "Impersonate-Group": "g"},
        {"Impersonate-User": account, "Impersonate-Group": "g"},
        {"Impersonate-User": "system:node:a"},
        {"Impersonate-User": "bob", "Impersonate-Group": "system:masters"},
        {"Impersonate-User": "bob", "Impersonate-Uid": "u"},
        {"Impersonate-User": "bob", "Impersonate-Extra-Scopes": "view"},
        {"Impersonate-Group": "g"},
        {"Impersonate-Uid": "u"},
        {"Impersonate-Extra-Scopes": "view"},
    ]
    for headers in wanted:
        r("GET", path, token="sa", headers=headers)
        r("GET", path, headers=headers)
        r("POST", f"{AUTHN}/selfsubjectreviews", {}, headers=headers)
    r("GET", "/metrics", token="sa", headers={"Impersonate-User": "bob"})
    rights = [
        _rule([""], ["users"], ["impersonate"], resourceNames=["bob"]),
        _rule(["authentication.k8s.io"], ["uids"], ["impersonate"]),
        _rule(["authentication.k8s.io"], ["userextras/scopes"], ["impersonate"], resourceNames=["view"]),
        _rule(["authentication.k8s.io"], ["users"], ["impersonate:user-info"], resourceNames=["eve"]),
    ]
    r("POST", f"{RBAC}/clusterroles", {"metadata": {"name": f"{ns}-imp"}, "rules": rights})
    r("POST", f"{RBAC}/clusterrolebindings", {
        "metadata": {"name": f"{ns}-imp"},
        "roleRef": _reference("ClusterRole", f"{ns}-imp"),
        "subjects": [{"kind": "ServiceAccount", "name": "sa", "namespace": ns}],
    })  # fmt: skip
    on = [_rule([""], ["configmaps"], ["impersonate-on:user-info:list", "list"])]
    r("POST", f"{RBAC}/namespaces/{ns}/roles", {"metadata": {"name": "on"}, "rules": on})
    subjects = [
        {"kind": "ServiceAccount", "name": "sa", "namespace": ns},
        {"kind": "User", "name": "eve"},
    ]
    binding = {"metadata": {"name": "on"}, "roleRef": _reference("Role", "on"), "subjects": subjects}
    r("POST", f"{RBAC}/namespaces/{ns}/rolebindings", binding)
    r("WAIT", SETTLED)
    for headers in [
        *wanted,
        {"Impersonate-User": "eve"},
        {"Impersonate-User": "eve", "Impersonate-Group": "g"},
    ]:
        r("GET", path, token="sa", headers=headers)


def _reviews(r: Send, ns: str) -> None:
    account = f"system:serviceaccount:{ns}:sa"
    groups = [f"system:serviceaccounts:{ns}", "system:serviceaccounts", "system:authenticated"]
    asked: list[dict[str, Any]] = [
        {"namespace": ns, "verb": "get", "resource": "configmaps"},
        {"namespace": ns, "verb": "delete", "resource": "configmaps", "name": "x"},
        {"namespace": ns, "verb": "get", "resource": "pods", "subresource": "status"},
        {"namespace": ns, "verb": "*", "group": "apps", "resource": "*"},
        {"verb": "get", "resource": "configmaps"},
    ]
    who: list[dict[str, Any]] = [
        {"user": account, "groups": groups},
        {"user": "bob"},
        {"groups": ["grp"]},
        {"user": "root", "groups": ["system:masters"]},
        {"user": "x", "groups": ["system:masters"], "extra": {"a": ["b"]}, "uid": "1"},
    ]
    sar, local = f"{AUTHZ}/subjectaccessreviews", f"{AUTHZ}/namespaces/{ns}/localsubjectaccessreviews"
    for resource in asked:
        for subject in who:
            r("POST", sar, {"spec": {**subject, "resourceAttributes": resource}})
        r("POST", local, {"spec": {"user": account, "resourceAttributes": resource}})
        for token in ("sa", ""):
            r(
                "POST",
                f"{AUTHZ}/selfsubjectaccessreviews",
                {"spec": {"resourceAttributes": resource}},
                token=token,
            )
    urls = {"path": "/api", "verb": "get"}
    for subject in ({"user": "bob"}, {"user": "y", "groups": ["system:unauthenticated"]}):
        r("POST", sar, {"spec": {**subject, "nonResourceAttributes": urls}})
    r("POST", sar, {"spec": {"user": "bob", "nonResourceAttributes": urls, "resourceAttributes": asked[0]}})
    r("POST", sar, {"spec": {}})
    r("POST", sar, {"metadata": {"name": "x"}, "spec": {"user": "b"}})
    r("POST", local, {"spec": {"user": "bob", "nonResourceAttributes": urls}})
    r(
        "POST",
        local,
        {"metadata": {"namespace": "other"}, "spec": {"user": "bob", "resourceAttributes": asked[0]}},
    )
    r("POST", f"{AUTHZ}/selfsubjectaccessreviews", {"spec": {}})
    r("POST", f"{AUTHZ}/selfsubjectaccessreviews", {"spec": {"nonResourceAttributes": urls}}, token="sa")
    for token in ("sa", ""):
        r("POST", f"{AUTHZ}/selfsubjectrulesreviews", {"spec": {"namespace": ns}}, token=token)
        r("POST", f"{AUTHZ}/selfsubjectrulesreviews", {"spec": {"namespace": "elsewhere"}}, token=token)
    r("POST", f"{AUTHZ}/selfsubjectrulesreviews", {"spec": {}})
    r("GET", f"{AUTHZ}/selfsubjectrulesreviews")
    r("DELETE", f"{AUTHZ}/subjectaccessreviews/x")
    r("POST", sar, "{bad")
    r("POST", sar, {"kind": "ConfigMap", "apiVersion": "v1"})


def _escalation(r: Send, ns: str) -> None:
    rbac = f"{RBAC}/namespaces/{ns}"
    rules = [_rule(["rbac.authorization.k8s.io"], ["*"], ["get", "create", "update", "patch"])]
    r("POST", f"{RBAC}/clusterroles", {"metadata": {"name": f"{ns}-maker"}, "rules": rules})
    account = {"kind": "ServiceAccount", "name": "sa", "namespace": ns}
    r("POST", f"{RBAC}/clusterrolebindings", {
        "metadata": {"name": f"{ns}-maker"},
        "roleRef": _reference("ClusterRole", f"{ns}-maker"),
        "subjects": [account],
    })  # fmt: skip
    r("DELETE", f"{rbac}/rolebindings/rb2")
    r("WAIT", SETTLED)

    def role(name: str, *rules: dict[str, Any]) -> dict[str, Any]:
        return {"metadata": {"name": name}, "rules": list(rules)}

    r("POST", f"{rbac}/roles", role("x1", _rule([""], ["configmaps"], ["get"])), token="sa")
    r("POST", f"{rbac}/roles", role("x2", _rule(["", "apps"], ["configmaps", "secrets"], ["get", "delete"]),
      _rule([""], ["pods"], ["get", "list"], resourceNames=["a", "b"])), token="sa")  # fmt: skip
    r("POST", f"{rbac}/roles", role("x5", _rule([""], ["pods/status", "pods/log"], ["get"])), token="sa")
    r(
        "POST",
        f"{rbac}/roles",
        role("x6", _rule([""], ["secrets"], ["get"], resourceNames=["one"])),
        token="sa",
    )
    r("POST", f"{rbac}/roles", role("x7", _rule(["*"], ["*"], ["*"])), token="sa")
    r("POST", f"{RBAC}/clusterroles", role(f"{ns}-x3", {"nonResourceURLs": ["/metrics", "/api", "/foo/x", "/foo/*"],
      "verbs": ["get", "post"]}), token="sa")  # fmt: skip
    gathering = {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
    r(
        "POST",
        f"{RBAC}/clusterroles",
        {"metadata": {"name": f"{ns}-x4"}, "aggregationRule": gathering},
        token="sa",
    )
    for name, kind, ref in (("b1", "ClusterRole", "cluster-admin"), ("b2", "ClusterRole", "absent"),
                            ("b4", "Role", "absent"), ("b5", "Role", "r"), ("b6", "Role", "x1")):  # fmt: skip
        binding = {"metadata": {"name": name}, "roleRef": _reference(kind, ref), "subjects": [account]}
        r("POST", f"{rbac}/rolebindings", binding, token="sa")
    r("POST", f"{RBAC}/clusterrolebindings", {
        "metadata": {"name": f"{ns}-b3"}, "roleRef": _reference("ClusterRole", f"{ns}-maker"), "subjects": [],
    }, token="sa")  # fmt: skip
    everything = {"rules": [_rule(["*"], ["*"], ["*"])]}
    r("PATCH", f"{rbac}/roles/x1", everything, content_type=MERGE, token="sa")
    r("PATCH", f"{rbac}/roles/x1", {"metadata": {"labels": {"a": "b"}}}, content_type=MERGE, token="sa")
    r("PATCH", f"{rbac}/roles/r", {"metadata": {"finalizers": ["a.b/c"]}}, content_type=MERGE, token="sa")
    r("PATCH", f"{rbac}/roles/r", {"metadata": {"finalizers": None}}, content_type=MERGE)
    may = [
        _rule(["rbac.authorization.k8s.io"], ["roles"], ["escalate"]),
        _rule(["rbac.authorization.k8s.io"], ["clusterroles"], ["bind"], resourceNames=["view"]),
    ]
    r("POST", f"{rbac}/roles", role("may", *may))
    binding = {"metadata": {"name": "may"}, "roleRef": _reference("Role", "may"), "subjects": [account]}
    r("POST", f"{rbac}/rolebindings", binding)
    r("WAIT", SETTLED)
    r("PATCH", f"{rbac}/roles/x1", everything, content_type=MERGE, token="sa")
    for name in ("view", "edit"):
        binding = {
            "metadata": {"name": f"c-{name}"},
            "roleRef": _reference("ClusterRole", name),
            "subjects": [],
        }
        r("POST", f"{rbac}/rolebindings", binding, token="sa")


def _shapes(r: Send, ns: str) -> None:
    rbac = f"{RBAC}/namespaces/{ns}"
    rules: list[Any] = [
        {},
        {"nonResourceURLs": ["/x"], "verbs": ["get"]},
        {"nonResourceURLs": ["/x"], "apiGroups": [""], "verbs": ["get"]},
    ]
    r("POST", f"{rbac}/roles", {"metadata": {"name": "v1"}, "rules": rules})
    r("POST", f"{RBAC}/clusterroles", {"metadata": {"name": "v1"}, "rules": rules})
    r(
        "POST",
        f"{RBAC}/clusterroles",
        {"metadata": {"name": "v2"}, "aggregationRule": {}, "rules": [{"verbs": ["get"]}]},
    )
    r("POST", f"{rbac}/rolebindings", {
        "metadata": {"name": "v3"},
        "roleRef": {"kind": "X", "name": "a/b", "apiGroup": "z"},
        "subjects": [
            {"kind": "Z", "name": ""},
            {"kind": "ServiceAccount", "name": "A_", "apiGroup": "q"},
            {"kind": "User", "name": "u", "apiGroup": "v"},
        ],
    })  # fmt: skip
    role = {"kind": "Role", "name": "a"}
    r("POST", f"{RBAC}/clusterrolebindings", {
        "metadata": {"name": "v4"}, "roleRef": role, "subjects": [{"kind": "ServiceAccount", "name": "a"}],
    })  # fmt: skip
    r("POST", f"{RBAC}/clusterrolebindings", {"metadata": {"name": "v5"}})
    r("PATCH", f"{rbac}/rolebindings/rb", {"roleRef": {"name": "other"}}, content_type=MERGE)
    r("POST", f"{rbac}/roles", {"metadata": {"name": "system:x:y"}, "rules": []})
    r("POST", f"{rbac}/roles", {"metadata": {"name": "none"}})
    r("POST", f"{RBAC}/clusterroles", {"metadata": {"name": f"{ns}-none"}, "rules": None})
    r("POST", f"{rbac}/roles", {"metadata": {"name": "a%b"}, "rules": []})


def _subjects(r: Send, ns: str) -> None:
    """Users and groups, bound here and everywhere."""
    rbac, core = f"{RBAC}/namespaces/{ns}", f"/api/v1/namespaces/{ns}"
    r("POST", f"{rbac}/rolebindings", {
        "metadata": {"name": "people"},
        "roleRef": _reference("Role", "r"),
        "subjects": [{"kind": "User", "name": "ann"}, {"kind": "Group", "name": f"{ns}-team"}],
    })  # fmt: skip
    r("POST", f"{rbac}/rolebindings", {
        "metadata": {"name": "home"},
        "roleRef": _reference("Role", "r"),
        "subjects": [{"kind": "Group", "name": f"system:serviceaccounts:{ns}-x"},
                     {"kind": "ServiceAccount", "name": "unqualified"}],
    })  # fmt: skip
    r("WAIT", SETTLED)
    people: list[dict[str, str]] = [
        {"Impersonate-User": "ann"},
        {"Impersonate-User": "zoe"},
        {"Impersonate-User": "zoe", "Impersonate-Group": f"{ns}-team"},
        {"Impersonate-User": f"system:serviceaccount:{ns}-x:any"},
        {"Impersonate-User": f"system:serviceaccount:{ns}:unqualified"},
        {"Impersonate-User": "root", "Impersonate-Group": "system:masters"},
    ]
    for headers in people:
        r("GET", f"{core}/configmaps/new", headers=headers)
        r("GET", f"{core}/secrets/one", headers=headers)
        r("DELETE", f"{core}/secrets/two", headers=headers)
        r("POST", f"{AUTHZ}/selfsubjectaccessreviews", {
            "spec": {"resourceAttributes": {"namespace": ns, "verb": "get", "resource": "configmaps"}}
        }, headers=headers)  # fmt: skip


def _from_the_start(r: Send) -> None:
    for name in ("cluster-admin", "admin", "edit", "view", "system:discovery", "system:aggregate-to-edit"):
        r("GET", f"{RBAC}/clusterroles/{name}")
    for name in ("cluster-admin", "system:discovery", "system:public-info-viewer"):
        r("GET", f"{RBAC}/clusterrolebindings/{name}")
    r("GET", f"{RBAC}/namespaces/kube-system/roles")
    r("GET", f"{RBAC}/namespaces/kube-public/rolebindings")
    selected = "labelSelector=kubernetes.io%2Fbootstrapping%3Drbac-defaults"
    for plural in ("clusterroles", "clusterrolebindings", "roles", "rolebindings"):
        r("GET", f"{RBAC}/{plural}?{selected}")
