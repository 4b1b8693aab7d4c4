"""The in-process server answers as a kube-apiserver 1.36.1 did when `recorded` was written.

`test_apiserver_differential` compares with a live one, and renews the recording.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apiserver_access_requests import access_requests
from apiserver_comparison import Answer, Comparison
from apiserver_requests import basic_requests, custom_requests, workload_requests
from apiserver_webhook_requests import webhook_requests

RECORDINGS = Path(__file__).parent / "recorded"


@pytest.mark.parametrize(
    "requests",
    [basic_requests, workload_requests, custom_requests, access_requests, webhook_requests],
    ids=["basic", "workload", "custom", "access", "webhook"],
)
def test_answers_are_those_of_the_real_server(requests: Callable[..., None], widgets: dict[str, Any]) -> None:
    name = requests.__name__.partition("_")[0]
    answers = iter(json.loads(gzip.decompress((RECORDINGS / f"{name}.json.gz").read_bytes())))

    def real(method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Answer:
        request, *answer = next(answers)
        assert request == f"{method} {path}", "the requests have changed: record them anew"
        return Answer(*answer)

    comparison = Comparison(real, waits=False)
    requests(comparison, f"d{name}", widgets)
    assert not comparison.unknown, f"{len(comparison.unknown)} of {comparison.sent} requests"
    assert next(answers, None) is None
