"""ValidatingWebhookConfiguration and MutatingWebhookConfiguration."""

from __future__ import annotations

from urllib.parse import urlsplit

from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Data, Errors

_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")


def webhooks(new: Data, old: Data | None) -> Errors:
    """A ValidatingWebhookConfiguration or MutatingWebhookConfiguration."""
    names: set[str] = set()
    for index, hook in enumerate(new.get("webhooks") or ()):
        path = f"webhooks[{index}]"
        name = hook.get("name") or ""
        yield from _webhook_name(name, f"{path}.name", names)
        for place, rule in enumerate(hook.get("rules") or ()):
            yield from _webhook_rule(rule, f"{path}.rules[{place}]")
        versions = hook.get("admissionReviewVersions") or []
        if not versions:
            text = "must specify one of v1, v1beta1"
            yield c.required(f"{path}.admissionReviewVersions", text)
        elif not {"v1", "v1beta1"} & set(versions):
            text = "must include at least one of v1, v1beta1"
            yield c.invalid(f"{path}.admissionReviewVersions", versions, text)
        for place, version in enumerate(versions):
            where = f"{path}.admissionReviewVersions[{place}]"
            yield from c.each(where, version, c.dns1035_label(version))
            if version in versions[:place]:
                yield c.invalid(where, version, "duplicate version")
        policy = hook.get("failurePolicy")
        if policy not in (None, "Fail", "Ignore"):
            yield c.unsupported(f"{path}.failurePolicy", policy, ("Fail", "Ignore"))
        match = hook.get("matchPolicy")
        if match not in (None, "Equivalent", "Exact"):
            yield c.unsupported(f"{path}.matchPolicy", match, ("Equivalent", "Exact"))
        effects = hook.get("sideEffects")
        if effects is None:
            text = "must specify one of None, NoneOnDryRun"
            yield c.required(f"{path}.sideEffects", text)
        elif effects not in ("None", "NoneOnDryRun"):
            yield c.unsupported(f"{path}.sideEffects", effects, ("None", "NoneOnDryRun"))
        timeout = hook.get("timeoutSeconds")
        if timeout is not None and not 1 <= timeout <= 30:
            text = "the timeout value must be between 1 and 30 seconds"
            yield c.invalid(f"{path}.timeoutSeconds", timeout, text)
        yield from c.label_selector(f"{path}.namespaceSelector", hook.get("namespaceSelector"))
        yield from c.label_selector(f"{path}.objectSelector", hook.get("objectSelector"))
        yield from _webhook_client(hook.get("clientConfig") or {}, f"{path}.clientConfig")


def _webhook_name(name: str, path: str, names: set[str]) -> Errors:
    if not name:
        yield c.required(path)
    else:
        problems = c.dns1123_subdomain(name)
        yield from c.each(path, name, problems)
        if not problems and name.count(".") < 2:
            text = "should be a domain with at least three segments separated by dots"
            yield c.invalid(path, name, text)
    if name in names:
        yield c.duplicate(path, name)
    names.add(name)


def _webhook_rule(rule: Data, path: str) -> Errors:
    for key in ("apiGroups", "apiVersions", "resources"):
        values = rule.get(key) or []
        if not values:
            yield c.required(f"{path}.{key}")
        elif "*" in values and len(values) > 1 and key != "resources":
            text = "if '*' is present, must not specify other " + (
                "API groups" if key == "apiGroups" else "API versions"
            )
            yield c.invalid(f"{path}.{key}", values, text)
    operations = rule.get("operations") or []
    if not operations:
        yield c.required(f"{path}.operations")
    if "*" in operations and len(operations) > 1:
        text = "if '*' is present, must not specify other operations"
        yield c.invalid(f"{path}.operations", operations, text)
    scope = rule.get("scope")
    if scope not in (None, "*", "Cluster", "Namespaced"):
        yield c.unsupported(f"{path}.scope", scope, ("*", "Cluster", "Namespaced"))
    for index, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            yield c.unsupported(f"{path}.operations[{index}]", operation, _OPERATIONS)


def _webhook_client(client: Data, path: str) -> Errors:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        yield c.required(path, "exactly one of url or service is required")
        return
    if url is not None:
        form = "desired format: https://host[/path]"
        parts = urlsplit(url)
        if parts.scheme != "https":
            text = f"'https' is the only allowed URL scheme; {form}"
            yield c.invalid(f"{path}.url", parts.scheme, text)
        if not parts.netloc:
            yield c.invalid(f"{path}.url", parts.netloc, f"host must be specified; {form}")
    for key in ("name", "namespace"):
        if service is not None and not service.get(key):
            yield c.required(f"{path}.service.{key}")
