"""Deployments and what else keeps pods running: selectors, templates, strategies, counts."""

from __future__ import annotations

from opgen.apiextensions.errors import GoStruct
from opgen.apiextensions.names import dns1123_label
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Data, Errors
from opgen.apiserver.rules.others import claim_spec
from opgen.apiserver.rules.pods import pod_spec


def _template(spec: Data) -> Data:
    return spec.get("template") or {}


def _selected(new: Data, old: Data | None, kind: str) -> Errors:
    """The selector: there, sound, matching the template, never changed."""
    spec: Data = new.get("spec") or {}
    selector: Data | None = spec.get("selector")
    labels: Data | None = c.part(_template(spec), "metadata").get("labels")
    sound = True
    if selector is None:
        if kind != "daemonset":
            yield c.required("spec.selector")
    else:
        problems = list(c.label_selector("spec.selector", selector))
        yield from problems
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            yield c.invalid("spec.selector", selector, f"empty selector is invalid for {kind}")
        sound = not problems
        if not sound:
            text = "" if kind == "statefulset" else "invalid label selector"
            yield c.invalid("spec.selector", _shown(selector), text)
    if selector is None or (sound and not _matches(selector, labels or {})):
        text = "`selector` does not match template `labels`"
        yield c.invalid("spec.template.metadata.labels", labels, text)
    if old is not None and selector is not None and selector != c.part(old, "spec").get("selector"):
        yield c.invalid("spec.selector", _shown(selector), "field is immutable")


def _shown(selector: Data) -> Data:
    """A selector with its fields in the order of its type."""
    return GoStruct({key: selector[key] for key in ("matchLabels", "matchExpressions") if key in selector})


def _matches(selector: Data, labels: Data) -> bool:
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for wanted in selector.get("matchExpressions") or ():
        key, values = wanted.get("key"), wanted.get("values") or ()
        match wanted.get("operator"):
            case "In":
                met = labels.get(key) in values
            case "NotIn":
                met = labels.get(key) not in values
            case "Exists":
                met = key in labels
            case _:
                met = key not in labels
        if not met:
            return False
    return True


def _always(spec: Data) -> Errors:
    restart = c.part(_template(spec), "spec").get("restartPolicy")
    if restart in ("OnFailure", "Never"):
        yield c.unsupported("spec.template.spec.restartPolicy", restart, ("Always",))


def _pods(spec: Data) -> Errors:
    template = _template(spec)
    yield from c.labels("spec.template.labels", c.part(template, "metadata").get("labels"))
    yield from pod_spec(template.get("spec") or {}, "spec.template.spec")


def deployment(new: Data, old: Data | None) -> Errors:
    """A Deployment."""
    spec: Data = new.get("spec") or {}
    yield from c.not_negative(spec, "spec", "replicas", "minReadySeconds", "revisionHistoryLimit")
    yield from _selected(new, old, "deployment")
    yield from _pods(spec)
    yield from _always(spec)
    strategy = spec.get("strategy") or {}
    kind = strategy.get("type", "RollingUpdate")
    rolling = strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            text = "may not be specified when strategy `type` is 'Recreate'"
            yield c.forbidden("spec.strategy.rollingUpdate", text)
    elif kind == "RollingUpdate":
        yield from _rolling(rolling or {}, "spec.strategy.rollingUpdate")
    else:
        yield c.unsupported(
            "spec.strategy", GoStruct(Type=kind, RollingUpdate=None), ("Recreate", "RollingUpdate")
        )
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None:
        yield from c.not_negative(spec, "spec", "progressDeadlineSeconds")
        ready = spec.get("minReadySeconds", 0)
        if deadline <= ready:
            text = "must be greater than minReadySeconds"
            yield c.invalid("spec.progressDeadlineSeconds", deadline, text)


def _rolling(rolling: Data, path: str) -> Errors:
    surge, unavailable = rolling.get("maxSurge", 0), rolling.get("maxUnavailable", 0)
    yield from c.count_or_percent(f"{path}.maxUnavailable", unavailable, at_most_100=True)
    yield from c.count_or_percent(f"{path}.maxSurge", surge)
    if c.is_zero(surge) and c.is_zero(unavailable):
        yield c.invalid(f"{path}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0")


def replica_set(new: Data, old: Data | None) -> Errors:
    """A ReplicaSet."""
    spec: Data = new.get("spec") or {}
    yield from c.not_negative(spec, "spec", "replicas", "minReadySeconds")
    yield from _selected(new, old, "deployment")  # the server's text says deployment here too
    yield from _pods(spec)
    yield from _always(spec)


def replication_controller(new: Data, old: Data | None) -> Errors:
    """A ReplicationController."""
    spec: Data = new.get("spec") or {}
    yield from c.not_negative(spec, "spec", "minReadySeconds", "replicas")
    selector, template = spec.get("selector") or {}, spec.get("template")
    if not selector:
        yield c.required("spec.selector")
    if template is None:
        yield c.required("spec.template")
        return
    labels = c.part(template, "metadata").get("labels") or {}
    if selector and any(labels.get(key) != value for key, value in selector.items()):
        text = "`selector` does not match template `labels`"
        yield c.invalid("spec.template.metadata.labels", labels, text)
    yield from _pods(spec)
    yield from _always(spec)


def stateful_set(new: Data, old: Data | None) -> Errors:
    """A StatefulSet."""
    spec: Data = new.get("spec") or {}
    policy = spec.get("podManagementPolicy") or ""
    if not policy:
        yield c.required("spec.podManagementPolicy")
    elif policy not in ("OrderedReady", "Parallel"):
        yield c.invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    strategy = spec.get("updateStrategy") or {}
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    if not kind:
        yield c.required("spec.updateStrategy")
    elif kind == "OnDelete":
        if rolling is not None:
            partition = rolling.get("partition", 0)
            shown = GoStruct(Partition=partition, MaxUnavailable=rolling.get("maxUnavailable"))
            text = "only allowed for updateStrategy 'RollingUpdate'"
            yield c.invalid("spec.updateStrategy.rollingUpdate", shown, text)
    elif kind != "RollingUpdate":
        shown = GoStruct(Type=kind, RollingUpdate=None)
        yield c.invalid("spec.updateStrategy", shown, "must be 'RollingUpdate' or 'OnDelete'")
    elif rolling is not None:
        yield from c.not_negative(rolling, "spec.updateStrategy.rollingUpdate", "partition")
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for key in ("whenDeleted", "whenScaled"):
        where = "spec.persistentVolumeClaimRetentionPolicy"
        if retention.get(key) not in (None, "Retain", "Delete"):
            yield c.unsupported(f"{where}.{key}", retention[key], ("Retain", "Delete"))
    yield from c.not_negative(spec, "spec", "replicas", "minReadySeconds")
    if old is None:
        name = spec.get("serviceName") or ""
        yield from c.each("spec.serviceName", name, dns1123_label(name) if name else ())
        for index, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
            yield from claim_spec(claim.get("spec") or {}, f"spec.volumeClaimTemplates[{index}].spec")
    yield from _selected(new, old, "statefulset")
    yield from _pods(_with_claims(spec))
    yield from _always(spec)


def _with_claims(spec: Data) -> Data:
    """The spec with the volumes that its claims become, before the template's own."""
    given = spec.get("volumeClaimTemplates") or ()
    claims = dict.fromkeys(c.part(claim, "metadata").get("name") or "" for claim in given)
    if not claims:
        return spec
    template = _template(spec)
    inner = template.get("spec") or {}
    own = [volume for volume in inner.get("volumes") or () if volume.get("name") not in claims]
    volumes = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in claims]
    return {**spec, "template": {**template, "spec": {**inner, "volumes": [*volumes, *own]}}}


def daemon_set(new: Data, old: Data | None) -> Errors:
    """A DaemonSet."""
    spec: Data = new.get("spec") or {}
    yield from _selected(new, old, "daemonset")
    yield from _pods(spec)
    yield from _always(spec)
    yield from c.not_negative(spec, "spec", "minReadySeconds", "revisionHistoryLimit")
    strategy = spec.get("updateStrategy") or {}
    kind = strategy.get("type", "RollingUpdate")
    if kind == "RollingUpdate":
        rolling = strategy.get("rollingUpdate") or {}
        where = "spec.updateStrategy.rollingUpdate"
        surge, unavailable = rolling.get("maxSurge", 0), rolling.get("maxUnavailable", 0)
        yield from c.count_or_percent(f"{where}.maxUnavailable", unavailable, at_most_100=True)
        yield from c.count_or_percent(f"{where}.maxSurge", surge, at_most_100=True)
        if not c.is_zero(surge) and not c.is_zero(unavailable):
            yield c.invalid(f"{where}.maxSurge", surge, "may not be set when maxUnavailable is non-zero")
        elif c.is_zero(surge) and c.is_zero(unavailable):
            yield c.required(where, "cannot be 0 when maxSurge is 0")
    elif kind != "OnDelete":
        yield c.unsupported(
            "spec.updateStrategy", GoStruct(Type=kind, RollingUpdate=None), ("RollingUpdate", "OnDelete")
        )
