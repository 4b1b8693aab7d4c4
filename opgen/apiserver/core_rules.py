"""The checks of built-in kinds that users of an operator meet, beyond types: selectors, names, immutable fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiserver.access import validation as access_rules
from opgen.apiserver.metadata import dns_label, validate_labels

Data = dict[str, Any]
Rule = Callable[[Data, "Data | None"], Iterator[FieldError]]

_KEY = re.compile(r"[-._a-zA-Z0-9]+\Z")
_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
    "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_IMMUTABLE = "field is immutable"


def _immutable(new: Any, old: Any, path: str) -> Iterator[FieldError]:
    if new != old:
        yield FieldError(path, ErrorType.INVALID, _IMMUTABLE, new)


def _keys(obj: Data, path: str) -> Iterator[FieldError]:
    for key in sorted(obj.get(path) or {}):
        where = f"{path}[{key}]"
        if len(key) > 253:
            yield FieldError(where, ErrorType.INVALID, "must be no more than 253 bytes", key)
        if not _KEY.match(key):
            yield FieldError(where, ErrorType.INVALID, _KEY_TEXT, key)


def _frozen(new: Data, old: Data | None, *fields: str) -> Iterator[FieldError]:
    """What `immutable: true` forbids."""
    if old is None or not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield FieldError("immutable", ErrorType.FORBIDDEN, "field is immutable when `immutable` is set")
    for name in fields:
        if new.get(name) != old.get(name):
            yield FieldError(name, ErrorType.FORBIDDEN, "field is immutable when `immutable` is set")


def _config_map(new: Data, old: Data | None) -> Iterator[FieldError]:
    yield from _frozen(new, old, "data", "binaryData")
    yield from _keys(new, "data")
    yield from _keys(new, "binaryData")


def _secret(new: Data, old: Data | None) -> Iterator[FieldError]:
    if old is not None:
        yield from _immutable(new.get("type"), old.get("type"), "type")
    yield from _frozen(new, old, "data")
    yield from _keys(new, "data")


def _selector(new: Data, old: Data | None) -> Iterator[FieldError]:
    """A workload's selector: there, matching its template, never changed."""
    spec: Data = new.get("spec") or {}
    selector: Data | None = spec.get("selector")
    if selector is None:
        yield FieldError("spec.selector", ErrorType.REQUIRED, "")
    elif not selector.get("matchLabels") and not selector.get("matchExpressions"):
        yield FieldError(
            "spec.selector", ErrorType.INVALID, "empty selector is invalid for deployment", selector
        )
    template: Data = spec.get("template") or {}
    labels: Data | None = (template.get("metadata") or {}).get("labels")
    wanted: Data = (selector or {}).get("matchLabels") or {}
    if selector is None or any((labels or {}).get(key) != value for key, value in wanted.items()):
        yield FieldError(
            "spec.template.metadata.labels",
            ErrorType.INVALID,
            "`selector` does not match template `labels`",
            labels,
        )
    if old is not None and selector is not None:
        yield from _immutable(selector, (old.get("spec") or {}).get("selector"), "spec.selector")


def _workload(new: Data, old: Data | None) -> Iterator[FieldError]:
    spec: Data = new.get("spec") or {}
    replicas = spec.get("replicas", 0)
    if isinstance(replicas, int) and replicas < 0:
        yield FieldError("spec.replicas", ErrorType.INVALID, "must be greater than or equal to 0", replicas)
    yield from _selector(new, old)
    kind = (spec.get("strategy") or {}).get("type", "RollingUpdate")
    if kind not in ("Recreate", "RollingUpdate"):
        shown = {"Type": kind, "RollingUpdate": None}
        yield _unsupported("spec.strategy", shown, ("Recreate", "RollingUpdate"))
    restart = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy")
    if restart not in (None, "Always"):
        yield _unsupported("spec.template.spec.restartPolicy", restart, ("Always",))
    yield from _pod_spec((spec.get("template") or {}).get("spec") or {}, "spec.template.spec")
    if kind == "Recreate" and (spec.get("strategy") or {}).get("rollingUpdate") is not None:
        text = "may not be specified when strategy `type` is 'Recreate'"
        yield FieldError("spec.strategy.rollingUpdate", ErrorType.FORBIDDEN, text)


def _pod(new: Data, old: Data | None) -> Iterator[FieldError]:
    yield from _pod_spec(new.get("spec") or {}, "spec")


def _pod_spec(spec: Data, path: str) -> Iterator[FieldError]:
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    containers = spec.get("containers") or []
    if not containers:
        yield FieldError(f"{path}.containers", ErrorType.REQUIRED, "")
    seen: set[str] = set()
    for field in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(field) or ()):
            yield from _container(container, f"{path}.{field}[{index}]", seen, volumes)


def _unsupported(path: str, value: Any, supported: tuple[str, ...]) -> FieldError:
    listed = ", ".join(f'"{name}"' for name in supported)
    return FieldError(path, ErrorType.NOT_SUPPORTED, f"supported values: {listed}", value)


def _container(container: Data, path: str, seen: set[str], volumes: set[Any]) -> Iterator[FieldError]:
    name = container.get("name") or ""
    if not name:
        yield FieldError(f"{path}.name", ErrorType.REQUIRED, "")
    elif name in seen:
        yield FieldError(f"{path}.name", ErrorType.DUPLICATE, "", name)
    else:
        for text in dns_label(name):
            yield FieldError(f"{path}.name", ErrorType.INVALID, text, name)
    seen.add(name)
    if not container.get("image"):
        yield FieldError(f"{path}.image", ErrorType.REQUIRED, "")
    policy = container.get("imagePullPolicy")
    if policy not in (None, "Always", "IfNotPresent", "Never"):
        yield _unsupported(f"{path}.imagePullPolicy", policy, ("Always", "IfNotPresent", "Never"))
    for index, port in enumerate(container.get("ports") or ()):
        number = port.get("containerPort", 0)
        where = f"{path}.ports[{index}].containerPort"
        if number == 0:
            yield FieldError(where, ErrorType.REQUIRED, "")
        elif not 1 <= number <= 65535:
            yield FieldError(where, ErrorType.INVALID, "must be between 1 and 65535, inclusive", number)
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        if mount.get("name") not in volumes:
            yield FieldError(
                f"{path}.volumeMounts[{index}].name", ErrorType.NOT_FOUND, "", mount.get("name") or ""
            )


def _service(new: Data, old: Data | None) -> Iterator[FieldError]:
    spec: Data = new.get("spec") or {}
    ports = spec.get("ports") or []
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield FieldError("spec.ports", ErrorType.REQUIRED, "")
    names: set[str] = set()
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        name = port.get("name") or ""
        if not name and len(ports) > 1:
            yield FieldError(f"{path}.name", ErrorType.REQUIRED, "")
        elif name in names:
            yield FieldError(f"{path}.name", ErrorType.DUPLICATE, "", name)
        if name:
            names.add(name)
        if not 1 <= port.get("port", 0) <= 65535:
            yield FieldError(
                f"{path}.port",
                ErrorType.INVALID,
                "must be between 1 and 65535, inclusive",
                port.get("port", 0),
            )
    yield from validate_labels(spec.get("selector"), "spec.selector")
    before = (old or {}).get("spec") or {}
    held = before.get("clusterIP")
    if held and spec.get("type") != "ExternalName" and spec.get("clusterIP") != held:
        addresses = spec.get("clusterIPs") or []
        yield FieldError("spec.clusterIPs[0]", ErrorType.INVALID, "may not change once set", addresses)


def _job(new: Data, old: Data | None) -> Iterator[FieldError]:
    spec: Data = new.get("spec") or {}
    template: Data = spec.get("template") or {}
    labels: Data = (template.get("metadata") or {}).get("labels") or {}
    for name in ("batch.kubernetes.io/job-name", "job-name"):
        value = labels.get(name)
        if old is None and isinstance(value, str):
            yield from validate_labels({name: value}, "spec.template.labels")
    if old is not None and spec.get("selector") is None:
        for _ in range(2):  # the real server says both twice
            yield FieldError("spec.selector", ErrorType.REQUIRED, "")
            text = "`selector` does not match template `labels`"
            yield FieldError("spec.template.metadata.labels", ErrorType.INVALID, text, labels or None)
    yield from _pod_spec(template.get("spec") or {}, "spec.template.spec")
    restart = (template.get("spec") or {}).get("restartPolicy")
    if restart not in ("Never", "OnFailure"):
        yield FieldError(
            "spec.template.spec.restartPolicy", ErrorType.REQUIRED, 'valid values: "OnFailure", "Never"'
        )
    if old is not None:
        before = old.get("spec") or {}
        yield from _immutable(spec.get("selector"), before.get("selector"), "spec.selector")
        yield from _immutable(template, before.get("template"), "spec.template")


RULES: dict[str, Rule] = {
    "/configmaps": _config_map,
    "/secrets": _secret,
    "/pods": _pod,
    "/services": _service,
    "apps/deployments": _workload,
    "apps/replicasets": _workload,
    "apps/statefulsets": _workload,
    "apps/daemonsets": _workload,
    "batch/jobs": _job,
    **access_rules.RULES,
}
"""By storage table; each gives the errors of an object, created or, with the old one, updated."""
