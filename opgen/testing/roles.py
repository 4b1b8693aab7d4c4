"""The roles that a project gives to its operator: what config/rbac binds to its ServiceAccounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opgen.apiserver.access.rules import Rule, read_rules
from opgen.testing.project import documents_of

FOLDER = "config/rbac"
_API = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Bound:
    """A role that the operator has; `wide` where it holds in all namespaces. `file` is where the role stands."""

    kind: str
    name: str
    wide: bool
    rules: tuple[dict[str, Any], ...]
    file: str

    @property
    def parsed(self) -> tuple[Rule, ...]:
        """Its rules, to be compared."""
        return read_rules(self.rules)


def roles_of(root: Path) -> list[Bound]:
    """The operator's roles, in the order of their files. Raises OpgenError for a file that can't be read."""
    found = list(_documents(root))
    roles = {(doc["kind"], doc["metadata"]["name"]): (doc, file) for doc, file in found if _is_role(doc)}
    bound: dict[tuple[str, str, bool], Bound] = {}
    for doc, _ in found:
        if doc.get("kind") not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        reference = doc.get("roleRef") or {}
        held = roles.get((reference.get("kind", ""), reference.get("name", "")))
        if held is None or not any(s.get("kind") == "ServiceAccount" for s in doc.get("subjects") or ()):
            continue
        role, file = held
        wide = doc["kind"] == "ClusterRoleBinding"
        key = (role["kind"], role["metadata"]["name"], wide)
        bound[key] = Bound(*key, tuple(role.get("rules") or ()), file)
    return list(bound.values())


def _documents(root: Path) -> Iterator[tuple[dict[str, Any], str]]:
    for path in sorted((root / FOLDER).rglob("*.yaml")):
        for document in documents_of(path):
            yield document, str(path.relative_to(root))


def _is_role(document: dict[str, Any]) -> bool:
    return document.get("kind") in ("Role", "ClusterRole") and bool(document.get("metadata"))


def objects_for(bound: Iterable[Bound], namespace: str, account: str) -> list[tuple[str, dict[str, Any]]]:
    """Paths and objects that give these roles to a ServiceAccount of a test's namespace, and to nobody else."""
    prefix = f"/apis/{_API}/v1"
    subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
    found: list[tuple[str, dict[str, Any]]] = [
        (f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": account}}),
    ]
    for role in bound:
        cluster = role.kind == "ClusterRole"
        name = f"{namespace}-{role.name}" if cluster else role.name
        where = prefix if cluster else f"{prefix}/namespaces/{namespace}"
        plural = "clusterroles" if cluster else "roles"
        found.append((f"{where}/{plural}", {"metadata": {"name": name}, "rules": list(role.rules)}))
        reference = {"apiGroup": _API, "kind": role.kind, "name": name}
        binding = {"metadata": {"name": name}, "roleRef": reference, "subjects": [subject]}
        if role.wide:
            found.append((f"{prefix}/clusterrolebindings", binding))
        else:
            found.append((f"{prefix}/namespaces/{namespace}/rolebindings", binding))
    return found
