"""Roles: the operator's own from what its code needs, and admin, editor and viewer of each kind for its users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opgen.ir.layout import Layout
from opgen.ir.project import Project, ProjectResource
from opgen.ir.rbac import Rule, merge
from opgen.ir.schema import JSON

_API = "rbac.authorization.k8s.io/v1"
MANAGER_ROLE = "manager-role"
_EDITOR = ("create", "delete", "get", "list", "patch", "update", "watch")
_VIEWER = ("get", "list", "watch")


def kustomization(resources: Sequence[str]) -> dict[str, JSON]:
    """A kustomization that lists files."""
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(resources),
    }


def manager_roles(
    project: Project, rules: Iterable[Rule], cluster_scoped: frozenset[tuple[str, str]]
) -> list[dict[str, JSON]]:
    """The operator's roles as documents of one file, bindings included where config/rbac has none for them.

    A namespaced project gets a Role, and a ClusterRole just for the (group, resource) pairs in `cluster_scoped`
    and for URLs. Rules with a namespace of their own get a Role there.
    """
    plain: list[Rule] = []
    wide: list[Rule] = []
    apart: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        if rule.namespace or rule.role:
            apart.setdefault((rule.role or MANAGER_ROLE, rule.namespace), []).append(rule)
        elif project.namespaced:
            inside, outside = _split(rule, cluster_scoped)
            plain.extend(inside)
            wide.extend(outside)
        else:
            plain.append(rule)
    main = "Role" if project.namespaced else "ClusterRole"
    documents = [_role(main, MANAGER_ROLE, plain, "system" if project.namespaced else "")]
    if wide:
        documents.append(_role("ClusterRole", f"{MANAGER_ROLE}-cluster", wide, ""))
        documents.append(_binding("ClusterRole", f"{MANAGER_ROLE}-cluster", ""))
    for (name, namespace), own in sorted(apart.items()):
        kind = "Role" if namespace else "ClusterRole"
        documents.append(_role(kind, name, own, namespace))
        documents.append(_binding(kind, name, namespace))
    return documents


def _split(rule: Rule, cluster_scoped: frozenset[tuple[str, str]]) -> tuple[list[Rule], list[Rule]]:
    if rule.urls:
        return [], [rule]
    inside: list[Rule] = []
    outside: list[Rule] = []
    for group in rule.groups or ("",):
        for resource in rule.resources:
            one = Rule((group,), (resource,), rule.verbs, rule.resource_names)
            wide = (group, resource.split("/")[0]) in cluster_scoped
            (outside if wide else inside).append(one)
    return inside, outside


def _metadata(name: str, namespace: str) -> dict[str, JSON]:
    return {"name": name, "namespace": namespace} if namespace else {"name": name}


def _role(kind: str, name: str, rules: Iterable[Rule], namespace: str) -> dict[str, JSON]:
    return {
        "apiVersion": _API,
        "kind": kind,
        "metadata": _metadata(name, namespace),
        "rules": [_rule(rule) for rule in merge(tuple(rules))],
    }


def _binding(kind: str, name: str, namespace: str) -> dict[str, JSON]:
    return {
        "apiVersion": _API,
        "kind": f"{kind}Binding",
        "metadata": _metadata(f"{name}binding", namespace),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": "controller-manager", "namespace": "system"}],
    }


def _rule(rule: Rule) -> dict[str, JSON]:
    if rule.urls:
        return {"nonResourceURLs": list(rule.urls), "verbs": list(rule.verbs)}
    raw: dict[str, JSON] = {"apiGroups": list(rule.groups), "resources": list(rule.resources)}
    if rule.resource_names:
        raw["resourceNames"] = list(rule.resource_names)
    raw["verbs"] = list(rule.verbs)
    return raw


def kind_roles(
    project: Project, resource: ProjectResource, *, has_status: bool
) -> dict[str, dict[str, JSON]]:
    """Admin, editor and viewer roles of one kind, for the cluster's administrators to hand out."""
    stem = Layout.of(project).role_stem(resource).replace("_", "-")
    group, plural = (resource.qualified_group,), (resource.plural,)
    status = [Rule(group, (f"{resource.plural}/status",), ("get",))] if has_status else []
    namespaced = project.namespaced and resource.namespaced
    kind, namespace = ("Role", "system") if namespaced else ("ClusterRole", "")
    verbs = {"admin": ("*",), "editor": _EDITOR, "viewer": _VIEWER}
    roles: dict[str, dict[str, JSON]] = {}
    for role, allowed in verbs.items():
        rules = [Rule(group, plural, allowed), *status]
        roles[role] = {
            "apiVersion": _API,
            "kind": kind,
            "metadata": {
                "labels": {
                    "app.kubernetes.io/name": project.name,
                    "app.kubernetes.io/managed-by": "kustomize",
                },
                **_metadata(f"{stem}-{role}-role", namespace),
            },
            "rules": [_rule(rule) for rule in merge(tuple(rules))],
        }
    return roles
