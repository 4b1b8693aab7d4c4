"""What roles and bindings must look like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiserver.metadata import path_segment, subdomain

Data = dict[str, Any]
_GROUP = "rbac.authorization.k8s.io"


def _unsupported(path: str, value: Any, *supported: str) -> FieldError:
    listed = ", ".join(f'"{name}"' for name in supported)
    return FieldError(path, ErrorType.NOT_SUPPORTED, f"supported values: {listed}", value)


def _required(path: str, text: str = "") -> FieldError:
    return FieldError(path, ErrorType.REQUIRED, text)


def _rule(rule: Data, path: str, *, namespaced: bool) -> Iterator[FieldError]:
    if not rule.get("verbs"):
        yield _required(f"{path}.verbs", "verbs must contain at least one value")
    urls = rule.get("nonResourceURLs")
    if urls:
        where = f"{path}.nonResourceURLs"
        if namespaced:
            text = "namespaced rules cannot apply to non-resource URLs"
            yield FieldError(where, ErrorType.INVALID, text, urls)
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            text = "rules cannot apply to both regular resources and non-resource URLs"
            yield FieldError(where, ErrorType.INVALID, text, urls)
        return
    if not rule.get("apiGroups"):
        yield _required(f"{path}.apiGroups", "resource rules must supply at least one api group")
    if not rule.get("resources"):
        yield _required(f"{path}.resources", "resource rules must supply at least one resource")


def _role(new: Data, old: Data | None) -> Iterator[FieldError]:
    for index, rule in enumerate(new.get("rules") or ()):
        yield from _rule(rule, f"rules[{index}]", namespaced=True)


def _cluster_role(new: Data, old: Data | None) -> Iterator[FieldError]:
    for index, rule in enumerate(new.get("rules") or ()):
        yield from _rule(rule, f"rules[{index}]", namespaced=False)
    aggregation = new.get("aggregationRule")
    if aggregation is not None and not aggregation.get("clusterRoleSelectors"):
        text = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        yield _required("aggregationRule.clusterRoleSelectors", text)


def _binding(new: Data, old: Data | None, *, namespaced: bool) -> Iterator[FieldError]:
    reference: Data = new.get("roleRef") or {}
    group, kind, name = (reference.get(key) or "" for key in ("apiGroup", "kind", "name"))
    if group != _GROUP:
        yield _unsupported("roleRef.apiGroup", group, _GROUP)
    kinds = ("Role", "ClusterRole") if namespaced else ("ClusterRole",)
    if kind not in kinds:
        yield _unsupported("roleRef.kind", kind, *kinds)
    if not name:
        yield _required("roleRef.name")
    for text in path_segment(name) if name else ():
        yield FieldError("roleRef.name", ErrorType.INVALID, text, name)
    for index, subject in enumerate(new.get("subjects") or ()):
        yield from _subject(subject, f"subjects[{index}]", namespaced=namespaced)
    if old is not None and reference != old.get("roleRef"):
        shown = {go: reference.get(key, "") for go, key in _ROLE_REF}
        yield FieldError("roleRef", ErrorType.INVALID, "cannot change roleRef", shown)


_ROLE_REF = (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name"))


def _subject(subject: Data, path: str, *, namespaced: bool) -> Iterator[FieldError]:
    kind, name, group = (subject.get(key) or "" for key in ("kind", "name", "apiGroup"))
    if not name:
        yield _required(f"{path}.name")
    if kind == "ServiceAccount":
        for text in subdomain(name) if name else ():
            yield FieldError(f"{path}.name", ErrorType.INVALID, text, name)
        if group:
            yield _unsupported(f"{path}.apiGroup", group, "")
        if not namespaced and not subject.get("namespace"):
            yield _required(f"{path}.namespace")
    elif kind in ("User", "Group"):
        if group != _GROUP:
            yield _unsupported(f"{path}.apiGroup", group, _GROUP)
    else:
        yield _unsupported(f"{path}.kind", kind, "ServiceAccount", "User", "Group")


def _role_binding(new: Data, old: Data | None) -> Iterator[FieldError]:
    yield from _binding(new, old, namespaced=True)


def _cluster_role_binding(new: Data, old: Data | None) -> Iterator[FieldError]:
    yield from _binding(new, old, namespaced=False)


RULES: dict[str, Callable[[Data, Data | None], Iterator[FieldError]]] = {
    f"{_GROUP}/roles": _role,
    f"{_GROUP}/clusterroles": _cluster_role,
    f"{_GROUP}/rolebindings": _role_binding,
    f"{_GROUP}/clusterrolebindings": _cluster_role_binding,
}
"""By storage table; each gives the errors of an object, created or, with the old one, updated."""
