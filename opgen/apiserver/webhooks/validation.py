"""What webhook configurations must look like, in the real server's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from opgen.apiextensions.conversion_rules import client_errors
from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiserver.policies.validation import condition_errors
from opgen.apiserver.webhooks.rules import rule_errors
from opgen.ir.definition import ServiceReference, WebhookConversion

Data = dict[str, Any]
_GROUP = "admissionregistration.k8s.io"
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
        yield from rule_errors(rule, f"{path}.rules[{index}]")
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
    yield from condition_errors(hook.get("matchConditions") or (), f"{path}.matchConditions")


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


RULES: dict[str, Callable[[Data, Data | None], Iterator[FieldError]]] = {
    f"{_GROUP}/mutatingwebhookconfigurations": _configuration,
    f"{_GROUP}/validatingwebhookconfigurations": _configuration,
}
"""By storage table."""
