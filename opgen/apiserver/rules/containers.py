"""Containers: names, images, environment, ports, resources, probes, mounts, security."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError, GoStruct
from opgen.apiextensions.names import qualified_name
from opgen.apiserver.quantities import NotAQuantity, amount_of
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import LARGEST_ID, Data, Errors

PULL_POLICIES = ("Always", "IfNotPresent", "Never")
PROTOCOLS = ("SCTP", "TCP", "UDP")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_HOOKS = ("exec", "httpGet", "tcpSocket", "sleep")
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_VARIABLE = re.compile(r"[ -<>-~]+\Z")
_VARIABLE_TEXT = (
    "a valid environment variable name must consist only of printable ASCII characters other than '='"
)
_FIELDS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "metadata.labels", "metadata.annotations",
)  # fmt: skip
_STANDARD = ("cpu", "ephemeral-storage", "memory")
_HUGE = "hugepages-"
_PROC_MOUNTS = ("Default", "Unmasked")
_GO_SECURITY = (
    "Capabilities", "Privileged", "SELinuxOptions", "WindowsOptions", "RunAsUser", "RunAsGroup", "RunAsNonRoot",
    "ReadOnlyRootFilesystem", "AllowPrivilegeEscalation", "ProcMount", "SeccompProfile", "AppArmorProfile",
)  # fmt: skip


def containers(spec: Data, path: str) -> Errors:
    """All containers of a pod, the ones that run first included."""
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    given = spec.get("containers") or []
    if not given:
        yield c.required(f"{path}.containers")
    names: set[str] = set()
    for field in ("containers", "initContainers"):
        ports: set[tuple[Any, ...]] = set()
        for index, container in enumerate(spec.get(field) or ()):
            where = f"{path}.{field}[{index}]"
            yield from _container(container, where, names, volumes, spec, ports)
            if field == "initContainers" and container.get("restartPolicy") != "Always":
                for name in (*_PROBES, "lifecycle"):
                    if container.get(name) is not None:
                        text = "may not be set for init containers without restartPolicy=Always"
                        yield c.forbidden(f"{where}.{name}", text)


def _container(
    container: Data,
    path: str,
    names: set[str],
    volumes: set[Any],
    spec: Data,
    host_ports: set[tuple[Any, ...]],
) -> Errors:
    name = container.get("name") or ""
    if name and name in names:
        yield c.duplicate(f"{path}.name", name)
    else:
        yield from c.label(container, "name", path)
    names.add(name)
    image = container.get("image") or ""
    if not image:
        yield c.required(f"{path}.image")
    elif image != image.strip():
        yield c.invalid(f"{path}.image", image, "must not have leading or trailing whitespace")
    yield from c.one_of(container, "imagePullPolicy", path, *PULL_POLICIES)
    yield from c.one_of(container, "terminationMessagePolicy", path, "File", "FallbackToLogsOnError")
    yield from _ports(
        container.get("ports") or (), f"{path}.ports", host_ports, host_network=bool(spec.get("hostNetwork"))
    )
    yield from environment(container, path)
    yield from _mounts(container.get("volumeMounts") or (), f"{path}.volumeMounts", volumes)
    yield from resources(container.get("resources") or {}, f"{path}.resources")
    sidecar = container.get("restartPolicy") in (None, "Always")
    for kind in _PROBES:
        if container.get(kind) is not None and (".initContainers[" not in path or sidecar):
            yield from _probe(container[kind], f"{path}.{kind}", ready=kind == "readinessProbe")
    for hook in ("postStart", "preStop"):
        action = c.part(container, "lifecycle").get(hook)
        if action is not None:
            where = f"{path}.lifecycle.{hook}"
            yield from _handler(action, where, _HOOKS)
    host_users = spec.get("hostUsers") is not False
    yield from security(
        container.get("securityContext") or {}, f"{path}.securityContext", host_users=host_users
    )


def _ports(ports: Any, path: str, host_ports: set[tuple[Any, ...]], *, host_network: bool) -> Errors:
    names: set[str] = set()
    for index, port in enumerate(ports):
        where = f"{path}[{index}]"
        name, number = port.get("name") or "", port.get("containerPort", 0)
        if name:
            problems = c.port_name_problems(name)
            yield from c.each(f"{where}.name", name, problems)
            if not problems and name in names:
                yield c.duplicate(f"{where}.name", name)
            names.add(name)
        if number == 0:
            yield c.required(f"{where}.containerPort")
        else:
            yield from c.port_number(f"{where}.containerPort", number)
        host = port.get("hostPort", 0)
        if host:
            yield from c.port_number(f"{where}.hostPort", host)
            if host_network and host != number:
                text = "must match `containerPort` when `hostNetwork` is true"
                yield c.invalid(f"{where}.hostPort", host, text)
            place = (host, port.get("protocol"), port.get("hostIP"))
            if place in host_ports:
                shown = "/".join((str(port.get("protocol")), port.get("hostIP") or "", str(host)))
                yield c.duplicate(f"{where}.hostPort", shown)
            host_ports.add(place)
        protocol = port.get("protocol") or ""
        if not protocol:
            yield c.required(f"{where}.protocol")
        elif protocol not in PROTOCOLS:
            yield c.unsupported(f"{where}.protocol", protocol, PROTOCOLS)


def environment(container: Data, path: str) -> Errors:
    """Variables and where they come from."""
    for index, variable in enumerate(container.get("env") or ()):
        where = f"{path}.env[{index}]"
        name = variable.get("name") or ""
        if not name:
            yield c.required(f"{where}.name")
        elif not _VARIABLE.match(name):
            yield c.invalid(f"{where}.name", name, _VARIABLE_TEXT)
        source = variable.get("valueFrom")
        if source is None:
            continue
        place = f"{where}.valueFrom"
        given = [kind for kind in _SOURCES if source.get(kind) is not None]
        if not given:
            listed = ", ".join(f"`{kind}`" for kind in _SOURCES[:-1])
            yield c.invalid(place, "", f"must specify one of: {listed} or `{_SOURCES[-1]}`")
        elif variable.get("value"):
            yield c.invalid(place, "", "may not be specified when `value` is not empty")
        elif len(given) > 1:
            yield c.invalid(place, "", "may not have more than one field specified at a time")
        yield from _references(source, place)
    for index, source in enumerate(container.get("envFrom") or ()):
        where = f"{path}.envFrom[{index}]"
        given = [kind for kind in ("configMapRef", "secretRef") if source.get(kind) is not None]
        if not given:
            yield c.invalid(f"{path}.envFrom", "", "must specify one of: `configMapRef` or `secretRef`")
        elif len(given) > 1:
            text = "may not have more than one field specified at a time"
            yield c.invalid(f"{path}.envFrom", "", text)
        for kind in given:
            if not source[kind].get("name"):
                yield c.required(f"{where}.{kind}.name")


def _references(source: Data, path: str) -> Errors:
    for kind in ("configMapKeyRef", "secretKeyRef"):
        reference = source.get(kind)
        if reference is None:
            continue
        if not reference.get("name"):
            yield c.required(f"{path}.{kind}.name")
        if not reference.get("key"):
            yield c.required(f"{path}.{kind}.key")
    field = source.get("fieldRef")
    if field is not None:
        name = field.get("fieldPath") or ""
        where = f"{path}.fieldRef.fieldPath"
        if not name:
            yield c.required(where)
        elif name.partition("[")[0] not in _FIELDS:
            text = f"error converting fieldPath: field label not supported: {name}"
            yield c.invalid(where, name, text)


def _mounts(mounts: Any, path: str, volumes: set[Any]) -> Errors:
    places: set[str] = set()
    for index, mount in enumerate(mounts):
        where = f"{path}[{index}]"
        name, place = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            yield c.required(f"{where}.name")
        if name not in volumes:
            yield FieldError(f"{where}.name", ErrorType.NOT_FOUND, "", name)
        if not place:
            yield c.required(f"{where}.mountPath")
        elif place in places:
            yield c.invalid(f"{where}.mountPath", place, "must be unique")
        places.add(place)
        inner = mount.get("subPath") or ""
        if inner.startswith("/"):
            yield c.invalid(f"{path}.subPath", inner, "must be a relative path")
        if ".." in inner.split("/"):
            yield c.invalid(f"{path}.subPath", inner, "must not contain '..'")


def resources(given: Data, path: str) -> Errors:
    """Limits and requests: known names, no negative amounts, requests within limits."""
    limits: Mapping[str, str] = given.get("limits") or {}
    requests: Mapping[str, str] = given.get("requests") or {}
    for field, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            where = f"{path}.{field}[{name}]"
            yield from _resource_name(where, name)
            yield from not_below_zero(where, amount)
    for name, amount in requests.items():
        limit = limits.get(name)
        if limit is None:
            continue
        overcommit = name in _STANDARD
        wanted, most = _amount(amount), _amount(limit)
        if wanted is None or most is None:
            continue
        if wanted > most:
            text = f"must be less than or equal to {name} limit of {limit}"
            yield c.invalid(f"{path}.requests", amount, text)
        elif wanted != most and not overcommit:
            text = f"must be equal to {name} limit of {limit}"
            yield c.invalid(f"{path}.requests", amount, text)


def _resource_name(path: str, name: str) -> Errors:
    problems = qualified_name(name)
    yield from c.each(path, name, problems)
    if problems or "/" in name:
        return
    if name in _STANDARD or name.startswith(_HUGE):
        return
    yield c.invalid(path, name, "must be a standard resource type or fully qualified")
    yield c.invalid(path, name, "must be a standard resource for containers")


def _amount(text: Any) -> Any:
    try:
        return amount_of(str(text))
    except NotAQuantity:
        return None


def not_below_zero(path: str, amount: Any) -> Errors:
    """A quantity that is not negative."""
    value = _amount(amount)
    if value is not None and value < 0:
        yield c.invalid(path, amount, "must be greater than or equal to 0")


def _probe(probe: Data, path: str, *, ready: bool) -> Errors:
    yield from _handler(probe, path, _HANDLERS)
    numbers = (
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    )
    yield from c.not_negative(probe, path, *numbers)
    grace = probe.get("terminationGracePeriodSeconds")
    if ready:
        if grace is not None:
            yield c.invalid(
                f"{path}.terminationGracePeriodSeconds", grace, "must not be set for readinessProbes"
            )
        return
    if grace is not None and grace <= 0:
        yield c.invalid(f"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0")
    successes = probe.get("successThreshold", 1)
    if successes != 1:
        yield c.invalid(f"{path}.successThreshold", successes, "must be 1")


def _handler(action: Data, path: str, known: tuple[str, ...]) -> Errors:
    yield from c.handlers(action, path, known, c.required(path, "must specify a handler type"))
    first = next((name for name in known if action.get(name) is not None), "")
    found = action.get(first) or {}
    where = f"{path}.{first}"
    if first == "exec" and not found.get("command"):
        yield c.required(f"{where}.command")
    if first == "httpGet":
        if not found.get("path"):
            yield c.required(f"{where}.path")
        yield from c.port_or_name(f"{where}.port", found.get("port", 0))
        scheme = found.get("scheme")
        if scheme not in ("HTTP", "HTTPS"):
            yield c.unsupported(f"{where}.scheme", scheme, ("HTTP", "HTTPS"))
    if first == "tcpSocket":
        yield from c.port_or_name(f"{where}.port", found.get("port", 0))
    if first == "grpc":
        yield from c.port_number(f"{where}.port", found.get("port", 0))


def security(context: Data, path: str, *, host_users: bool) -> Iterator[FieldError]:
    """Users, groups, and what excludes one another. `host_users` says that the pod has no user namespace of its own."""
    for key in ("runAsUser", "runAsGroup", "fsGroup"):
        yield from identifier(context, key, path)
    mount = context.get("procMount")
    if mount is not None and mount not in _PROC_MOUNTS:
        yield c.unsupported(f"{path}.procMount", mount, _PROC_MOUNTS)
    elif mount == "Unmasked" and host_users:
        yield c.invalid(f"{path}.procMount", mount, "`hostUsers` must be false to use `Unmasked`")
    yield from seccomp(context, path)
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged"):
            text = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            yield c.invalid(path, _go_security(context), text)
        if "CAP_SYS_ADMIN" in (c.part(context, "capabilities").get("add") or ()):
            text = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            yield c.invalid(path, _go_security(context), text)


def seccomp(context: Data, path: str) -> Errors:
    """Which system calls are allowed: a known profile, a file for a local one."""
    profile = context.get("seccompProfile")
    if profile is None:
        return
    kind, where = profile.get("type") or "", f"{path}.seccompProfile"
    known = ("Localhost", "RuntimeDefault", "Unconfined")
    if not kind:
        yield c.required(f"{where}.type", "type is required when seccompProfile is set")
    elif kind not in known:
        yield c.unsupported(f"{where}.type", kind, known)
    elif kind == "Localhost" and not profile.get("localhostProfile"):
        yield c.required(f"{where}.localhostProfile", "must be set when seccomp type is Localhost")
    if kind != "Localhost" and profile.get("localhostProfile") is not None:
        text = "can only be set when seccomp type is Localhost"
        yield c.invalid(f"{where}.localhostProfile", profile["localhostProfile"], text)


def identifier(context: Data, key: str, path: str) -> Errors:
    """A user's or group's number."""
    value = context.get(key)
    if value is not None and not 0 <= value <= LARGEST_ID:
        yield c.invalid(f"{path}.{key}", value, f"must be between 0 and {LARGEST_ID}, inclusive")


def _go_security(context: Data) -> Data:
    """The context as Go prints the struct."""
    by_name = {name.lower(): name for name in _GO_SECURITY}
    shown = GoStruct(dict.fromkeys(_GO_SECURITY))
    for key, value in context.items():
        name = by_name.get(key.lower())
        if name is not None:
            shown[name] = value
    capabilities = context.get("capabilities")
    if capabilities is not None:
        shown["Capabilities"] = GoStruct(Add=capabilities.get("add"), Drop=capabilities.get("drop"))
    return shown
