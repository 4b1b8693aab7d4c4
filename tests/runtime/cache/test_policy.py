"""What a reflector does next, as a function: no server, no time."""

from __future__ import annotations

import pytest
from opgen_runtime.cache.policy import LONGEST_DELAY, Outcome, State, Step, decide
from opgen_runtime.errors import ConnectionFailed, DecodeError, Expired, Invalid, NotFound, TooManyRequests

WATCHING = State(version="7")
MIDDLE = 0.5
"""The chance that leaves a delay as it is."""


def test_a_paged_list_is_followed_by_a_watch_at_once() -> None:
    assert decide(State("7", streaming=False), Outcome("7", watched=False), MIDDLE)[1] == Step(watch=True)


def test_a_watch_that_ran_its_time_is_followed_by_the_next_at_once_from_the_newest_version() -> None:
    state, step = decide(State("7", failures=4), Outcome("9", lived=300.0), MIDDLE)
    assert (state, step) == (State("9"), Step(watch=True))


def test_a_watch_that_ends_at_once_is_waited_for() -> None:
    state, step = decide(WATCHING, Outcome("7", lived=0.0), MIDDLE)
    assert (state.failures, step) == (1, Step(watch=True, after=0.2))


@pytest.mark.parametrize(("chance", "after"), [(0.0, 0.1), (0.5, 0.2), (1.0, 0.3)])
def test_delays_are_jittered(chance: float, after: float) -> None:
    _, step = decide(WATCHING, Outcome("7", ConnectionFailed()), chance)
    assert step.after == pytest.approx(after)


def test_delays_double_up_to_a_bound_and_an_outage_never_costs_the_version() -> None:
    state, delays = WATCHING, []
    for _ in range(12):
        state, step = decide(state, Outcome("7", ConnectionFailed()), MIDDLE)
        assert step.watch
        assert state.version == "7"
        delays.append(step.after)
    assert delays[:3] == [0.2, 0.4, 0.8]
    assert delays[-1] == LONGEST_DELAY


def test_progress_resets_the_delays() -> None:
    for outcome in (Outcome("8", ConnectionFailed()), Outcome("7", ConnectionFailed(), lived=60.0)):
        _, step = decide(State("7", failures=6), outcome, MIDDLE)
        assert step.after == 0.2


def test_what_cannot_be_got_over_at_a_version_leads_to_a_list() -> None:
    state = WATCHING
    steps = []
    for _ in range(3):
        state, step = decide(state, Outcome("7", DecodeError("nonsense")), MIDDLE)
        steps.append(step.watch)
    assert steps == [True, True, False]
    assert state.version == ""


def test_an_expired_version_is_listed_anew_at_once_the_first_time() -> None:
    state, step = decide(WATCHING, Outcome("7", Expired(410)), MIDDLE)
    assert (state.version, step) == ("", Step(watch=False))
    assert decide(state, Outcome("", Expired(410)), MIDDLE)[1].after == 0.2


def test_a_refused_streaming_list_becomes_a_paged_one_for_good() -> None:
    state, step = decide(State(), Outcome("", Invalid(422)), MIDDLE)
    assert (state.streaming, step) == (False, Step(watch=False))
    assert decide(state, Outcome("", Invalid(422)), MIDDLE)[1].after > 0


def test_an_unknown_kind_is_asked_for_every_ten_seconds() -> None:
    state, step = decide(WATCHING, Outcome("7", NotFound(404)), MIDDLE)
    assert (state.version, step) == ("", Step(watch=False, after=10.0))


def test_the_server_says_how_long_to_wait() -> None:
    _, step = decide(WATCHING, Outcome("7", TooManyRequests(429, retry_after=17.0)), MIDDLE)
    assert step.after == 17.0
