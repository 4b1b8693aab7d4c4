"""Deployments and what else makes pods: selectors, strategies, counts, schedules; and budgets and autoscalers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from opgen.apiextensions.errors import FieldError, GoStruct
from opgen.apiserver.metadata import validate_labels
from opgen.apiserver.quantities import amount_of
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Data, Errors
from opgen.apiserver.rules.others import claim_spec
from opgen.apiserver.rules.pods import pod_spec

_LONGEST_CRON_NAME = 52
_CONTROLLER = "batch.kubernetes.io/controller-uid"


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
            yield c.invalid("spec.selector", selector, "invalid label selector")
    if selector is None or (sound and not _matches(selector, labels or {})):
        text = "`selector` does not match template `labels`"
        yield c.invalid("spec.template.metadata.labels", labels, text)
    if old is not None and selector is not None and selector != c.part(old, "spec").get("selector"):
        yield c.invalid("spec.selector", selector, "field is immutable")


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
        yield from c.each("spec.serviceName", name, c.dns1123_label(name) if name else ())
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


# Jobs ------------------------------------------------------------------------------------------------------


_JOB_NAME = "job-name"


def job(new: Data, old: Data | None) -> Errors:
    """A Job."""
    spec: Data = new.get("spec") or {}
    labels = c.part(_template(spec), "metadata").get("labels") or {}
    for key in (f"batch.kubernetes.io/{_JOB_NAME}", _JOB_NAME):
        if old is None and isinstance(labels.get(key), str):
            yield from validate_labels({key: labels[key]}, "spec.template.labels")
    if old is not None and spec.get("selector") is None:
        for _ in range(2):  # the real server says both twice
            yield c.required("spec.selector")
            text = "`selector` does not match template `labels`"
            yield c.invalid("spec.template.metadata.labels", labels or None, text)
    yield from _job_spec(spec, "spec")
    if old is None and not spec.get("manualSelector"):
        generated = {"matchLabels": {_CONTROLLER: c.part(new, "metadata").get("uid")}}
        if spec.get("selector") != generated:
            yield c.invalid("spec.selector", spec.get("selector"), "`selector` not auto-generated")
    if old is not None:
        before = old.get("spec") or {}
        for key in ("completions", "selector", "template", "completionMode", "backoffLimitPerIndex"):
            if key == "completions" and spec.get("completionMode") == "Indexed":
                continue
            if spec.get(key) != before.get(key):
                yield c.invalid(f"spec.{key}", spec.get(key), "field is immutable")


def _job_spec(spec: Data, path: str) -> Errors:
    keys = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")
    yield from c.not_negative(spec, path, *keys)
    mode = spec.get("completionMode")
    if mode not in (None, "NonIndexed", "Indexed"):
        yield c.unsupported(f"{path}.completionMode", mode, ("NonIndexed", "Indexed"))
    if mode == "Indexed" and spec.get("completions") is None:
        yield c.required(f"{path}.completions", "when completion mode is Indexed")
    template = _template(spec)
    yield from pod_spec(template.get("spec") or {}, f"{path}.template.spec")
    restart = c.part(template, "spec").get("restartPolicy")
    if restart in (None, "", "Always"):
        yield c.required(f"{path}.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"')
    elif restart not in ("OnFailure", "Never"):
        yield c.unsupported(f"{path}.template.spec.restartPolicy", restart, ("OnFailure", "Never"))


def cron_job(new: Data, old: Data | None) -> Errors:
    """A CronJob."""
    name = c.part(new, "metadata").get("name") or ""
    if old is None and len(name) > _LONGEST_CRON_NAME:
        yield c.invalid("metadata.name", name, f"must be no more than {_LONGEST_CRON_NAME} characters")
    spec: Data = new.get("spec") or {}
    schedule = spec.get("schedule") or ""
    if not schedule:
        yield c.required("spec.schedule")
    else:
        yield from _schedule(schedule)
    yield from c.not_negative(
        spec, "spec", "startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"
    )
    policy = spec.get("concurrencyPolicy") or ""
    if not policy:
        yield c.required("spec.concurrencyPolicy")
    elif policy not in ("Allow", "Forbid", "Replace"):
        yield c.unsupported("spec.concurrencyPolicy", policy, ("Allow", "Forbid", "Replace"))
    zone = spec.get("timeZone")
    if zone is not None:
        yield from _zone(zone)
    yield from _job_spec(c.part(spec, "jobTemplate", "spec"), "spec.jobTemplate.spec")


def _schedule(schedule: str) -> Iterator[FieldError]:
    if "TZ" in schedule:
        yield c.invalid(
            "spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        )
        return
    if schedule.startswith("@"):
        words = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
        if schedule not in words and not schedule.startswith("@every "):
            yield c.invalid("spec.schedule", schedule, f"unrecognized descriptor: {schedule}")
        return
    fields = schedule.split()
    if len(fields) != 5:
        text = f"expected exactly 5 fields, found {len(fields)}: [{schedule}]"
        yield c.invalid("spec.schedule", schedule, text)
        return
    for field, (low, high, names) in zip(fields, _CRON_FIELDS, strict=True):
        problem = _cron_problem(field, low, high, names)
        if problem:
            yield c.invalid("spec.schedule", schedule, problem)
            return


_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_CRON_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)


def _cron_problem(field: str, low: int, high: int, names: dict[str, int]) -> str:
    """What robfig/cron says of one field; "" if it is sound."""
    for item in field.split(","):
        span, _, step = item.partition("/")
        if item.count("/") > 1:
            return f"too many slashes: {item}"
        first, dash, last = span.partition("-")
        if span.count("-") > 1:
            return f"too many hyphens: {item}"
        numbers: list[int] = []
        if first in ("*", "?"):
            numbers = [low, high]
        else:
            for word in (first, last) if dash else (first,):
                number = names.get(word.lower())
                if number is None:
                    if not re.fullmatch(r"-?[0-9]+", word):
                        return (
                            f'failed to parse int from {word}: strconv.Atoi: parsing "{word}": invalid syntax'
                        )
                    number = int(word)
                numbers.append(number)
        start, end = numbers[0], numbers[-1]
        if step:
            if not re.fullmatch("[0-9]+", step):
                return f'failed to parse int from {step}: strconv.Atoi: parsing "{step}": invalid syntax'
            if len(numbers) == 1:
                end = high
            if int(step) == 0:
                return f"step of range should be a positive number: {item}"
        if start < low:
            return f"beginning of range ({start}) below minimum ({low}): {item}"
        if end > high:
            return f"end of range ({end}) above maximum ({high}): {item}"
        if start > end:
            return f"beginning of range ({start}) beyond end of range ({end}): {item}"
    return ""


def _zone(zone: str) -> Errors:
    if not zone:
        yield c.invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string")
        return
    if zone.lower() == "local":
        yield c.invalid(
            "spec.timeZone",
            zone,
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
        )
        return
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield c.invalid("spec.timeZone", zone, f"unknown time zone {zone}")


# Budgets and autoscalers -----------------------------------------------------------------------------------


def budget(new: Data, old: Data | None) -> Errors:
    """A PodDisruptionBudget."""
    spec: Data = new.get("spec") or {}
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        keys = ("MinAvailable", "Selector", "MaxUnavailable", "UnhealthyPodEvictionPolicy")
        shown = GoStruct({key: spec.get(key[0].lower() + key[1:]) for key in keys})
        yield c.invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set")
    for key in ("minAvailable", "maxUnavailable"):
        if spec.get(key) is not None:
            yield from c.count_or_percent(f"spec.{key}", spec[key], at_most_100=True)
    yield from c.label_selector("spec.selector", spec.get("selector"))
    yield from c.one_of(spec, "unhealthyPodEvictionPolicy", "spec", "AlwaysAllow", "IfHealthyBudget")


_METRICS = ("ContainerResource", "External", "Object", "Pods", "Resource")


def autoscaler(new: Data, old: Data | None) -> Errors:
    """A HorizontalPodAutoscaler of autoscaling/v2."""
    spec: Data = new.get("spec") or {}
    least, most = spec.get("minReplicas"), spec.get("maxReplicas", 0)
    metrics = spec.get("metrics") or []
    if least is not None and least < 1:
        yield c.invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if most == 0:
        yield c.required("spec.maxReplicas", "must be set and greater than 0")
    elif most < 0:
        yield c.invalid("spec.maxReplicas", most, "must be greater than or equal to 1")
    if least is not None and most < least:
        yield c.invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    target = spec.get("scaleTargetRef") or {}
    for key in ("kind", "name"):
        if not target.get(key):
            yield c.required(f"spec.scaleTargetRef.{key}")
    if "/" not in (target.get("apiVersion") or "") and target.get("kind") != "ReplicationController":
        version = target.get("apiVersion") or ""
        yield c.invalid("spec.scaleTargetRef.apiVersion", version, "apiVersion must specify API group")
    for index, metric in enumerate(metrics):
        yield from _metric(metric, f"spec.metrics[{index}]")
    for direction in ("scaleUp", "scaleDown"):
        rules = c.part(spec, "behavior").get(direction)
        if rules is not None:
            yield from _behavior(rules, f"spec.behavior.{direction}")
    if least == 0 and not any(metric.get("type") in ("Object", "External") for metric in metrics):
        text = "must specify at least one Object or External metric to support scaling to zero replicas"
        yield c.forbidden("spec.metrics", text)


def _metric(metric: Data, path: str) -> Errors:
    kind = metric.get("type") or ""
    if not kind:
        yield c.required(f"{path}.type", "must specify a metric source type")
        return
    if kind not in _METRICS:
        yield c.unsupported(f"{path}.type", kind, _METRICS)
        return
    key = kind[0].lower() + kind[1:]
    source: Any = metric.get(key)
    if source is None:
        yield c.required(f"{path}.{key}", "must populate information for the given metric source")
        return
    where, target = f"{path}.{key}", source.get("target") or {}
    if kind in ("Resource", "ContainerResource"):
        if not source.get("name"):
            yield c.required(f"{where}.name", "must specify a resource name")
        yield from _target(target, f"{where}.target")
        if target.get("averageUtilization") is None and target.get("averageValue") is None:
            text = "must set either a target raw value or a target utilization"
            yield c.required(f"{where}.target.averageUtilization", text)
        return
    if not c.part(source, "metric").get("name"):
        yield c.required(f"{where}.metric.name", "must specify a metric name")
    yield from _target(target, f"{where}.target")
    if kind == "Pods":
        if target.get("averageValue") is None:
            yield c.required(f"{where}.target.averageValue", "must specify a positive target averageValue")
    elif target.get("value") is None and target.get("averageValue") is None:
        text = "must set either a target value for metric or a per-pod target"
        yield c.required(f"{where}.target.averageValue", text)


def _target(target: Data, path: str) -> Errors:
    kind = target.get("type") or ""
    if not kind:
        yield c.required(f"{path}.type", "must specify a metric target type")
    if kind not in ("Utilization", "Value", "AverageValue"):
        yield c.invalid(f"{path}.type", kind, "must be either Utilization, Value, or AverageValue")
    for key in ("value", "averageValue"):
        amount = target.get(key)
        if amount is not None and amount_of(str(amount)) <= 0:
            yield c.invalid(f"{path}.{key}", amount, "must be positive")
    share = target.get("averageUtilization")
    if share is not None and share < 1:
        yield c.invalid(f"{path}.averageUtilization", share, "must be greater than 0")


def _behavior(rules: Data, path: str) -> Errors:
    window = rules.get("stabilizationWindowSeconds")
    if window is not None:
        if window < 0:
            yield c.invalid(
                f"{path}.stabilizationWindowSeconds", window, "must be greater than or equal to zero"
            )
        elif window > 3600:
            text = "must be less than or equal to 3600"
            yield c.invalid(f"{path}.stabilizationWindowSeconds", window, text)
    select = rules.get("selectPolicy")
    if select not in (None, "Max", "Min", "Disabled"):
        yield c.unsupported(f"{path}.selectPolicy", select, ("Disabled", "Max", "Min"))
    policies = rules.get("policies")
    if policies is not None and not policies:
        yield c.required(f"{path}.policies", "must specify at least one Policy")
    for index, policy in enumerate(policies or ()):
        where = f"{path}.policies[{index}]"
        if policy.get("type") not in ("Percent", "Pods"):
            yield c.unsupported(f"{where}.type", policy.get("type") or "", ("Percent", "Pods"))
        for key, most in (("value", None), ("periodSeconds", 1800)):
            number = policy.get(key, 0)
            if number <= 0:
                yield c.invalid(f"{where}.{key}", number, "must be greater than zero")
            elif most is not None and number > most:
                yield c.invalid(f"{where}.{key}", number, f"must be less than or equal to {most}")
