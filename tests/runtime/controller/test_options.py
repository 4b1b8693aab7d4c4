"""What can be wrong with what users declare, said all at once; and what durations and results mean."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from opgen_runtime import Controller, ControllerOptions, For, Owns, Result
from opgen_runtime.controller import outcome
from opgen_runtime.controller.options import seconds
from runtime_harness import ConfigMap, Recorded, Widget


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"max_concurrent_reconciles": 0}, "max_concurrent_reconciles must be at least 1, not 0"),
        ({"reconcile_timeout": 0}, "reconcile_timeout must be more than 0 s, not 0"),
        ({"resync_period": timedelta(seconds=-1)}, "resync_period must be more than 0 s"),
        ({"cache_sync_timeout": float("nan")}, "cache_sync_timeout must be more than 0 s, not nan"),
        ({"rate_limit_base": 5.0, "rate_limit_max": 1.0}, "rate_limit_base must not exceed rate_limit_max"),
        ({"namespaces": "default"}, "namespaces must be a list such as ['default']"),
        ({"namespaces": []}, "namespaces must name at least one"),
        ({"finalizer": "cleanup"}, "finalizer must look like group.example.com/name, not 'cleanup'"),
        ({"label_selector": "a in b"}, "label selector 'a in b': cannot read"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match="ControllerOptions: ") as refusal:
        ControllerOptions(**options)
    assert complaint in str(refusal.value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"max_concurrent_reconciles.*; reconcile_timeout.*; finalizer"):
        ControllerOptions(max_concurrent_reconciles=-1, reconcile_timeout=-1.0, finalizer="x")


def test_durations_are_seconds_or_timedeltas() -> None:
    assert seconds(1.5) == 1.5
    assert seconds(timedelta(minutes=2)) == 120.0
    assert ControllerOptions(requeue_after=timedelta(hours=1)).requeue_after == timedelta(hours=1)


@pytest.mark.parametrize("name", ["", "Widget", "a_b", "-a", "a-", "a" * 64, "a.b"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a controller's name is"):
        Controller(name, Recorded(), For(Widget))


def test_a_kind_is_owned_once() -> None:
    with pytest.raises(ValueError, match=r"Owns\(ConfigMap\) stands there twice"):
        Controller("widget", Recorded(), For(Widget), Owns(ConfigMap), Owns(ConfigMap))


def test_a_results_time_and_priority_go_before_the_options() -> None:
    options = ControllerOptions(requeue_after=60.0)
    decision = outcome.after_success(Result(requeue_after=timedelta(seconds=5), priority=3), options, 0)
    assert (decision.result, decision.after, decision.priority) == ("requeue_after", 5.0, 3)
    assert outcome.after_success(None, options, -100).priority == -100
    assert outcome.after_success(Result(), options, 0).after == 60.0
    assert outcome.after_success(Result(), ControllerOptions(), 0).result == "success"
