"""PodDisruptionBudgets and HorizontalPodAutoscalers."""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.errors import GoStruct
from opgen.apiserver.quantities import amount_of
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Data, Errors


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
