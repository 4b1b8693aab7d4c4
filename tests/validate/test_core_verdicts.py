"""Built-in kinds: `opgen validate` says of each object of the table what a real kube-apiserver says.

The real answers are recorded; with a control plane (marked envtest) they are held against it, and recorded anew where
OPGEN_RECORD is set.
"""

from __future__ import annotations

import json
import os
import ssl
import urllib.error
import urllib.request
from typing import Any

import pytest
from core_verdicts import ANSWERS, ask, objects, opgens_answer, recorded
from envtest import ControlPlane

OBJECTS = objects()
RECORDED = recorded()
DIFFERENCES: dict[str, str] = {}
"""Cases in which the verdicts differ, and why; docs/validate.md names the same."""


def test_the_table_is_recorded_whole() -> None:
    assert list(RECORDED) == sorted(OBJECTS)
    refused = sum(1 for answer in RECORDED.values() if answer)
    assert len(OBJECTS) > 120
    assert 60 < refused < len(OBJECTS) - 30


@pytest.mark.parametrize("case", OBJECTS)
def test_opgen_says_what_the_server_says(case: str) -> None:
    answer = opgens_answer(OBJECTS[case])
    if case in DIFFERENCES:
        assert answer != RECORDED[case], "no difference any more: take it out"
    else:
        assert answer == RECORDED[case]


@pytest.mark.envtest
def test_the_recorded_answers_are_the_servers(control_plane: ControlPlane) -> None:
    def post(path: str, obj: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(
            control_plane.url + path,
            data=json.dumps(obj).encode(),
            headers={
                "Authorization": f"Bearer {control_plane.token}",
                "Content-Type": "application/json",
            },
        )
        context = ssl._create_unverified_context()
        try:
            with urllib.request.urlopen(request, timeout=10, context=context) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    answers = ask(post)
    if os.environ.get("OPGEN_RECORD"):
        text = json.dumps(answers, indent=1, sort_keys=True, ensure_ascii=False)
        ANSWERS.write_text(f"{text}\n", encoding="utf-8")
    assert answers == RECORDED or os.environ.get("OPGEN_RECORD")
