"""What the rules of webhooks and policies must look like: groups, versions, resources, operations and scope."""

from __future__ import annotations

from typing import Any

from opgen.apiserver.rules.common import Errors, invalid, required, unsupported

Data = dict[str, Any]
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SCOPES = ("*", "Cluster", "Namespaced")


def rule_errors(rule: Data, path: str) -> Errors:
    """The errors of one rule."""
    operations = rule.get("operations") or []
    where = f"{path}.operations"
    if not operations:
        yield required(where)
    if len(operations) > 1 and "*" in operations:
        yield invalid(where, operations, "if '*' is present, must not specify other operations")
    for index, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            yield unsupported(f"{where}[{index}]", operation, _OPERATIONS)
    for name, noun in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values = rule.get(name) or []
        if not values:
            yield required(f"{path}.{name}")
        if len(values) > 1 and "*" in values:
            yield invalid(f"{path}.{name}", values, f"if '*' is present, must not specify other {noun}")
    for index, version in enumerate(rule.get("apiVersions") or ()):
        if not version:
            yield required(f"{path}.apiVersions[{index}]")
    yield from _resources(rule.get("resources") or [], f"{path}.resources")
    scope = rule.get("scope")
    if scope is not None and scope not in _SCOPES:
        yield unsupported(f"{path}.scope", scope, _SCOPES)


def _resources(resources: list[str], path: str) -> Errors:
    if not resources:
        yield required(path)
    whole: set[str] = set()  # x of x/*
    everywhere: set[str] = set()  # y of */y
    plain = False
    for index, resource in enumerate(resources):
        where = f"{path}[{index}]"
        if not resource:
            yield required(where)
            continue
        name, slash, sub = resource.partition("/")
        if not slash:
            plain = resource != "*"
            continue
        if name in whole:
            yield invalid(where, resource, f"if '{name}/*' is present, must not specify {resource}")
        if sub in everywhere:
            yield invalid(where, resource, f"if '*/{sub}' is present, must not specify {resource}")
        if sub == "*":
            whole.add(name)
        if name == "*":
            everywhere.add(sub)
    if len(resources) > 1 and "*/*" in resources:
        yield invalid(path, resources, "if '*/*' is present, must not specify other resources")
    if "*" in resources and plain:
        text = "if '*' is present, must not specify other resources without subresources"
        yield invalid(path, resources, text)
