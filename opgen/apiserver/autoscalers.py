"""HorizontalPodAutoscalers as autoscaling/v1 shows them; they are stored as autoscaling/v2.

What v1 has no field for travels in annotations, under the names and in the form that the real server uses.
Source: k8s.io/kubernetes pkg/apis/autoscaling/v1, the rules of its conversion.
"""

from __future__ import annotations

import json
from typing import Any

from opgen.apiserver.message import JSONObject

_PREFIX = "autoscaling.alpha.kubernetes.io/"
_METRICS, _CURRENT = f"{_PREFIX}metrics", f"{_PREFIX}current-metrics"
_BEHAVIOR, _CONDITIONS = f"{_PREFIX}behavior", f"{_PREFIX}conditions"
_RULES = ("stabilizationWindowSeconds", "selectPolicy", "policies", "tolerance")
_AMOUNTS = {"averageUtilization": "AverageUtilization", "averageValue": "AverageValue", "value": "Value"}


def to_v1(obj: JSONObject) -> JSONObject:
    """A stored autoscaler in the form of autoscaling/v1."""
    spec, status = dict(obj.get("spec") or {}), dict(obj.get("status") or {})
    metrics = spec.pop("metrics", None) or []
    behavior = spec.pop("behavior", None)
    shown = {**obj, "apiVersion": "autoscaling/v1", "spec": spec, "status": status}
    for metric in metrics:
        if _is_cpu(metric):
            spec["targetCPUUtilizationPercentage"] = metric["resource"]["target"]["averageUtilization"]
            break
    current = status.pop("currentMetrics", None) or []
    for metric in current:
        used = ((metric.get("resource") or {}).get("current") or {}).get("averageUtilization")
        if (metric.get("resource") or {}).get("name") == "cpu" and used is not None:
            status["currentCPUUtilizationPercentage"] = used
    status.setdefault("currentReplicas", 0)
    status.setdefault("desiredReplicas", 0)
    conditions = status.pop("conditions", None)
    extra: dict[str, Any] = {
        _METRICS: [_metric_to_v1(metric, "target") for metric in metrics if not _is_cpu(metric)],
        _CURRENT: [_metric_to_v1(metric, "current") for metric in current],
        _CONDITIONS: conditions,
    }
    annotations = {
        **_plain(obj["metadata"]),
        **{name: _dump(value) for name, value in extra.items() if value},
        **({_BEHAVIOR: _dump(_go(behavior))} if behavior else {}),
    }
    return {**shown, "metadata": _annotated(obj["metadata"], annotations)}


def to_v2(obj: JSONObject) -> JSONObject:
    """An autoscaler of autoscaling/v1 as it is stored."""
    spec, status = dict(obj.get("spec") or {}), dict(obj.get("status") or {})
    annotations = obj["metadata"].get("annotations") or {}
    metrics = [_metric_to_v2(metric, "target") for metric in _load(annotations.get(_METRICS), [])]
    percent = spec.pop("targetCPUUtilizationPercentage", None)
    if percent is not None or not metrics:
        target = {"type": "Utilization", "averageUtilization": 80 if percent is None else percent}
        metrics.append({"type": "Resource", "resource": {"name": "cpu", "target": target}})
    spec["metrics"] = metrics
    if behavior := _load(annotations.get(_BEHAVIOR), None):
        spec["behavior"] = _ungo(behavior)
    status.pop("currentCPUUtilizationPercentage", None)
    current = [_metric_to_v2(metric, "current") for metric in _load(annotations.get(_CURRENT), [])]
    status["currentMetrics"] = current or None
    if conditions := _load(annotations.get(_CONDITIONS), None):
        status["conditions"] = conditions
    if not status.get("currentReplicas"):
        status.pop("currentReplicas", None)
    metadata = _annotated(obj["metadata"], _plain(obj["metadata"]))
    return {**obj, "apiVersion": "autoscaling/v2", "metadata": metadata, "spec": spec, "status": status}


def _is_cpu(metric: JSONObject) -> bool:
    resource = metric.get("resource") or {}
    target = resource.get("target") or {}
    return (
        metric.get("type") == "Resource"
        and resource.get("name") == "cpu"
        and target.get("averageUtilization") is not None
    )


def _metric_to_v1(metric: JSONObject, part: str) -> JSONObject:
    """`part` is target or current: v1 writes the amount into the metric's own fields, under that prefix."""
    kind = metric.get("type", "")
    key = kind[:1].lower() + kind[1:]
    source = dict(metric.get(key) or {})
    amount = source.pop(part, None) or {}
    named = source.pop("metric", None) or {}
    if named:
        source["metricName"] = named.get("name", "")
        if named.get("selector") is not None:
            source["metricSelector" if kind == "External" else "selector"] = named["selector"]
    if "describedObject" in source:
        source["target"] = source.pop("describedObject")
    for name, title in _AMOUNTS.items():
        if name in amount:
            source[_amount_name(kind, part, title)] = amount[name]
    return {"type": kind, key: source}


def _metric_to_v2(metric: JSONObject, part: str) -> JSONObject:
    kind = metric.get("type", "")
    key = kind[:1].lower() + kind[1:]
    source = dict(metric.get(key) or {})
    if kind == "Object" and "target" in source:
        source["describedObject"] = source.pop("target")
    amount: JSONObject = {}
    for name, title in _AMOUNTS.items():
        if (held := source.pop(_amount_name(kind, part, title), None)) is not None:
            amount[name] = held
    if "metricName" in source:
        named = {"name": source.pop("metricName")}
        selector = source.pop("metricSelector", None) or source.pop("selector", None)
        source["metric"] = {**named, "selector": selector} if selector is not None else named
    if part == "target":
        kinds = {"averageUtilization": "Utilization", "averageValue": "AverageValue", "value": "Value"}
        amount = {"type": next((kinds[name] for name in kinds if name in amount), ""), **amount}
    source[part] = amount
    return {"type": kind, key: source}


def _amount_name(kind: str, part: str, title: str) -> str:
    """`targetAverageUtilization`, `currentAverageValue`; an object's average has no prefix."""
    if kind == "Object" and title == "AverageValue":
        return "averageValue"
    return part + title


def _go(behavior: JSONObject) -> JSONObject:
    """Behavior is kept in the form of the real server's internal type: Go's names, absent fields as null."""

    def rules(found: JSONObject | None) -> JSONObject | None:
        if found is None:
            return None
        shown: JSONObject = {_title(name): found.get(name) for name in _RULES}
        shown["Policies"] = [
            {_title(k): v for k, v in policy.items()} for policy in found.get("policies") or ()
        ]
        return shown

    return {"ScaleUp": rules(behavior.get("scaleUp")), "ScaleDown": rules(behavior.get("scaleDown"))}


def _ungo(value: Any) -> Any:
    if isinstance(value, dict):
        return {k[:1].lower() + k[1:]: _ungo(v) for k, v in value.items() if v is not None}
    return [_ungo(item) for item in value] if isinstance(value, list) else value


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]


def _plain(metadata: JSONObject) -> dict[str, str]:
    kept = (_METRICS, _CURRENT, _BEHAVIOR, _CONDITIONS)
    return {name: value for name, value in (metadata.get("annotations") or {}).items() if name not in kept}


def _annotated(metadata: JSONObject, annotations: dict[str, str]) -> JSONObject:
    rest = {name: value for name, value in metadata.items() if name != "annotations"}
    return {**rest, "annotations": annotations} if annotations else rest


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _load(text: Any, default: Any) -> Any:
    try:
        found = json.loads(text) if isinstance(text, str) else default
    except ValueError:
        return default
    return found if isinstance(found, type(default)) or default is None else default
