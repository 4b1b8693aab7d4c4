"""Every verb on every kind, all patches, pages, watches and bad requests: the in-process server and a real one alike.

At least 99 of 100 requests have equal answers in status, body, warnings and media type; each of the rest is named in
`apiserver_matrix.known`. `python scripts/api_matrix.py` prints the table.
"""

from __future__ import annotations

import secrets
import threading

import pytest
from apiserver_matrix import SUITES, requests
from apiserver_matrix.compare import Side, compare
from apiserver_matrix.custom import DEFINITIONS
from apiserver_matrix.histories import DEFINITION, History
from apiserver_matrix.known import unknown
from apiserver_matrix.random_requests import DEFINITIONS as RANDOM
from apiserver_matrix.random_requests import Scenario
from apiserver_matrix.request import post
from apiserver_matrix.servers import in_process, live
from envtest import ControlPlane

from opgen.apiserver import ApiServer

pytestmark = pytest.mark.envtest


@pytest.mark.parametrize("suite", list(SUITES))
def test_both_servers_answer_alike(suite: str, control_plane: ControlPlane) -> None:
    asked = live(control_plane.url, control_plane.token, str(control_plane.ca_file))
    result = compare(
        requests(suite, f"m{suite}"), Side(asked), Side(in_process(ApiServer(controllers=False)))
    )
    left = unknown(result.found)
    assert left == [], "\n".join(map(str, left[:20]))
    assert result.equal >= result.sent * 0.9, f"{result.equal} of {result.sent}"


def test_histories_end_alike(control_plane: ControlPlane) -> None:
    """Ten random histories by several clients; `python scripts/api_histories.py` runs a thousand."""
    asked = live(control_plane.url, control_plane.token, str(control_plane.ca_file))
    Side(asked)(post(DEFINITIONS, DEFINITION))
    base = secrets.randbelow(10**6)
    threading.Event().wait(3.0)  # what a real server needs until it serves a new definition
    for seed in range(base, base + 10):
        ours = in_process(ApiServer([DEFINITION], controllers=False))
        result = compare(History(seed, f"history{seed}").requests(15), Side(asked), Side(ours))
        left = unknown(result.found)
        assert left == [], f"seed {seed}\n" + "\n".join(map(str, left[:5]))


def test_random_requests_are_answered_alike(control_plane: ControlPlane) -> None:
    """Ten scenarios of thirty requests made of schemas, the same each time; `scripts/api_requests.py` runs any others.

    What still differs is said in docs/api-server.md; the share is what this test holds.
    """
    asked = live(control_plane.url, control_plane.token, str(control_plane.ca_file))
    for definition in RANDOM:
        Side(asked)(post(DEFINITIONS, definition))
    threading.Event().wait(3.0)
    sent = equal = 0
    found: list[str] = []
    for seed in range(500, 510):
        ours = in_process(ApiServer(RANDOM, controllers=False))
        result = compare(Scenario(seed, f"random{seed}").requests(30), Side(asked), Side(ours))
        sent, equal = sent + result.sent, equal + result.equal
        found += [f"seed {seed}: {difference}" for difference in unknown(result.found)]
    assert equal >= sent * 0.92, f"{equal} of {sent}\n" + "\n".join(found)
