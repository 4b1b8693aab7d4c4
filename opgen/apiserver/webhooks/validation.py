"""What webhook configurations must look like, in the real server's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from opgen.apiextensions.conversion_rules import client_errors
from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiserver.webhooks.conditions import ConditionError, compiled
from opgen.ir.definition import ServiceReference, WebhookConversion

Data = dict[str, Any]
_GROUP = "admissionregistration.k8s.io"
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_CHOICES = {
    "failurePolicy": ("Fail", "Ignore"),
    "matchPolicy": ("Equivalent", "Exact"),
    "reinvocationPolicy": ("IfNeeded", "Never"),
}
_SIDE_EFFECTS = ("None", "NoneOnDryRun")


def _invalid(path: str, value: Any, text: str) -> FieldError:
    return FieldError(path, ErrorType.INVALID, text, value)


def _unsupported(path: str, value: Any, supported: tuple[str, ...]) -> FieldError:
    listed = ", ".join(f'"{name}"' for name in supported)
    return FieldError(path, ErrorType.NOT_SUPPORTED, f"supported values: {listed}", value)


def _configuration(new: Data, old: Data | None) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, hook in enumerate(new.get("webhooks") or ()):
        path = f"webhooks[{index}]"
        yield from _versions(hook, path)
        yield from _hook(hook, path)
        name = hook.get("name") or ""
        if name in seen:
            yield FieldError(f"{path}.name", ErrorType.DUPLICATE, "", name)
        seen.add(name)


def _versions(hook: Data, path: str) -> Iterator[FieldError]:
    versions = hook.get("admissionReviewVersions") or []
    where = f"{path}.admissionReviewVersions"
    if not versions:
        yield FieldError(where, ErrorType.REQUIRED, "must specify one of v1, v1beta1")
    elif not {"v1", "v1beta1"} & set(versions):
        yield _invalid(where, versions, "must include at least one of v1, v1beta1")


def _hook(hook: Data, path: str) -> Iterator[FieldError]:
    name = hook.get("name") or ""
    if not name:
        yield FieldError(f"{path}.name", ErrorType.REQUIRED, "")
    elif len(name.split(".")) < 3:
        text = "should be a domain with at least three segments separated by dots"
        yield _invalid(f"{path}.name", name, text)
    for index, rule in enumerate(hook.get("rules") or ()):
        yield from _rule(rule, f"{path}.rules[{index}]")
    for field, supported in _CHOICES.items():
        if hook.get(field) is not None and hook[field] not in supported:
            yield _unsupported(f"{path}.{field}", hook[field], supported)
    effects = hook.get("sideEffects")
    if not effects:
        text = f"must specify one of {', '.join(_SIDE_EFFECTS)}"
        yield FieldError(f"{path}.sideEffects", ErrorType.REQUIRED, text)
    elif effects not in _SIDE_EFFECTS:
        yield _unsupported(f"{path}.sideEffects", effects, _SIDE_EFFECTS)
    timeout = hook.get("timeoutSeconds")
    if timeout is not None and not 1 <= timeout <= 30:
        text = "the timeout value must be between 1 and 30 seconds"
        yield _invalid(f"{path}.timeoutSeconds", timeout, text)
    yield from _client(hook.get("clientConfig") or {}, f"{path}.clientConfig")
    yield from _conditions(hook.get("matchConditions") or (), f"{path}.matchConditions")


def _rule(rule: Data, path: str) -> Iterator[FieldError]:
    for field in ("apiGroups", "apiVersions", "resources"):
        values = rule.get(field) or []
        if not values:
            yield FieldError(f"{path}.{field}", ErrorType.REQUIRED, "")
        if len(values) > 1 and "*" in values:
            text = "if '*' is present, must not specify other"
            nouns = {"apiGroups": "API groups", "apiVersions": "API versions"}
            if field in nouns:
                yield _invalid(f"{path}.{field}", values, f"{text} {nouns[field]}")
    operations = rule.get("operations") or []
    if not operations:
        yield FieldError(f"{path}.operations", ErrorType.REQUIRED, "")
    if len(operations) > 1 and "*" in operations:
        text = "if '*' is present, must not specify other operations"
        yield _invalid(f"{path}.operations", operations, text)
    for index, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            yield _unsupported(f"{path}.operations[{index}]", operation, _OPERATIONS)


def _client(client: Data, path: str) -> Iterator[FieldError]:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        yield FieldError(path, ErrorType.REQUIRED, "exactly one of url or service is required")
        return
    reference = None
    if service is not None:
        port = service.get("port")
        reference = ServiceReference(
            service.get("namespace") or "", service.get("name") or "", service.get("path"), port
        )
    yield from client_errors(WebhookConversion((), url, reference, None, True), path)


def _conditions(conditions: Any, path: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        where = f"{path}[{index}]"
        text, name = condition.get("expression") or "", condition.get("name") or ""
        if not text.strip():
            yield FieldError(f"{where}.expression", ErrorType.REQUIRED, "")
        else:
            try:
                compiled(text)
            except ConditionError as error:
                yield _invalid(f"{where}.expression", text, str(error))
        if not name:
            yield FieldError(f"{where}.name", ErrorType.REQUIRED, "")
        elif name in seen:
            yield FieldError(f"{where}.name", ErrorType.DUPLICATE, "", name)
        seen.add(name)


RULES: dict[str, Callable[[Data, Data | None], Iterator[FieldError]]] = {
    f"{_GROUP}/mutatingwebhookconfigurations": _configuration,
    f"{_GROUP}/validatingwebhookconfigurations": _configuration,
}
"""By storage table."""
