"""Jobs and CronJobs: counts, restart policies, schedules as robfig/cron reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from opgen.apiextensions.errors import OMITTED, FieldError, GoStruct
from opgen.apiextensions.gotext import quote
from opgen.apiserver.metadata import validate_labels
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Data, Errors
from opgen.apiserver.rules.paths import domain_prefixed
from opgen.apiserver.rules.pods import pod_spec
from opgen.ir.schema import JSON

_LONGEST_CRON_NAME = 52
_CONTROLLER = "batch.kubernetes.io/controller-uid"


def _template(spec: Data) -> Data:
    return spec.get("template") or {}


_JOB_NAME = "job-name"
_MOST_INDEXES = 100_000
_COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)


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
    yield from c.not_negative(spec, path, *_COUNTS)
    per_index, failed = spec.get("backoffLimitPerIndex"), spec.get("maxFailedIndexes")
    if failed is not None and per_index is None:
        yield c.required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    if spec.get("managedBy") is not None:
        yield from domain_prefixed(f"{path}.managedBy", spec["managedBy"])
    mode = spec.get("completionMode")
    if mode not in (None, "NonIndexed", "Indexed"):
        yield c.unsupported(f"{path}.completionMode", mode, ("NonIndexed", "Indexed"))
    if mode == "Indexed":
        yield from _indexed(spec, path)
    elif mode in (None, "NonIndexed"):
        for key in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(key) is not None:
                yield c.invalid(f"{path}.{key}", spec[key], "requires indexed completion mode")
    if spec.get("podFailurePolicy") is not None:
        yield from _failure_rules(spec, f"{path}.podFailurePolicy.rules")
    if spec.get("successPolicy") is not None and mode != "Indexed":
        rules: list[JSON] = [
            GoStruct(SucceededIndexes=rule.get("succeededIndexes"), SucceededCount=rule.get("succeededCount"))
            for rule in spec["successPolicy"].get("rules") or ()
        ]
        text = "requires indexed completion mode"
        yield c.invalid(f"{path}.successPolicy", GoStruct(Rules=rules or None), text)
    elif spec.get("successPolicy") is not None and not spec["successPolicy"].get("rules"):
        text = "at least one rules must be specified when the successPolicy is specified"
        yield c.required(f"{path}.successPolicy.rules", text)
    yield from _replacement(spec, path)
    template = _template(spec)
    yield from pod_spec(template.get("spec") or {}, f"{path}.template.spec")
    restart = c.part(template, "spec").get("restartPolicy")
    if restart in (None, "", "Always"):
        yield c.required(f"{path}.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"')
    elif restart not in ("OnFailure", "Never"):
        yield c.unsupported(f"{path}.template.spec.restartPolicy", restart, ("OnFailure", "Never"))
    elif spec.get("podFailurePolicy") is not None and restart != "Never":
        text = 'only "Never" is supported when podFailurePolicy is specified'
        yield c.invalid(f"{path}.template.spec.restartPolicy", restart, text)


def _indexed(spec: Data, path: str) -> Errors:
    """What holds for a Job whose pods have numbers."""
    completions, failed = spec.get("completions"), spec.get("maxFailedIndexes")
    if completions is None:
        yield c.required(f"{path}.completions", "when completion mode is Indexed")
    if (spec.get("parallelism") or 0) > _MOST_INDEXES:
        text = f"must be less than or equal to {_MOST_INDEXES} when completion mode is Indexed"
        yield c.invalid(f"{path}.parallelism", spec["parallelism"], text)
    if completions is not None and failed is not None and failed > completions:
        yield c.invalid(f"{path}.maxFailedIndexes", failed, "must be less than or equal to completions")
    if (failed or 0) > _MOST_INDEXES:
        text = f"must be less than or equal to {_MOST_INDEXES}"
        yield c.invalid(f"{path}.maxFailedIndexes", failed, text)


_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")


def _failure_rules(spec: Data, path: str) -> Errors:
    for index, rule in enumerate(spec["podFailurePolicy"].get("rules") or ()):
        here, action = f"{path}[{index}]", rule.get("action") or ""
        if not action:
            listed = " ".join(map(quote, _ACTIONS))
            yield c.required(f"{here}.action", f"valid values: [{listed}]")
        elif action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
            yield c.invalid(f"{here}.action", action, "requires the backoffLimitPerIndex to be set")
        elif action not in _ACTIONS:
            yield c.unsupported(f"{here}.action", action, _ACTIONS)
        codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions") or ()
        if codes is not None and conditions:
            text = "specifying both OnExitCodes and OnPodConditions is not supported"
            yield c.invalid(here, OMITTED, text)
        elif codes is None and not conditions:
            yield c.invalid(here, OMITTED, "specifying one of OnExitCodes and OnPodConditions is required")


def _replacement(spec: Data, path: str) -> Errors:
    policy, known = spec.get("podReplacementPolicy"), ("Failed", "TerminatingOrFailed")
    where = f"{path}.podReplacementPolicy"
    if policy is None:
        return
    if spec.get("podFailurePolicy") is not None:
        if policy != "Failed":
            yield c.unsupported(where, policy, ("Failed",))
    elif policy not in known:
        yield c.unsupported(where, policy, known)


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
