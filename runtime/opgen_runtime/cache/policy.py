"""What a reflector does next: list or watch, and after how long. Pure; `reflector` carries it out.

- A list is streamed where the server can, else paged; then a watch resumes from its version.
- A watch that ends is resumed from the last version seen. 410 means: list again, and compare.
- Whatever fails is tried again with jittered, growing delays; a watch that lived a second resets them.
- A kind that the server does not know is asked for every ten seconds: its definition may come.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from opgen_runtime.errors import (
    ApiError,
    BadRequest,
    ConnectionFailed,
    Gone,
    Invalid,
    NotFound,
    ServerTimeout,
    ServiceUnavailable,
    TooManyRequests,
)

FIRST_DELAY = 0.2
LONGEST_DELAY = 30.0
UNKNOWN_KIND_DELAY = 10.0
LIVED = 1.0
"""Seconds after which a watch counts as having worked."""
STUCK = 3
"""Failures in a row without a new version after which a watch gives way to a list: something at this version
can't be got over. An outage is not of that kind: it ends, and then the watch resumes."""

_OUTAGES = (ConnectionFailed, ServerTimeout, ServiceUnavailable, TooManyRequests)


@dataclass(frozen=True, slots=True)
class State:
    """`version` to watch from ("" means: list), whether to try a streaming list, failures in a row."""

    version: str = ""
    streaming: bool = True
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last list or watch went. `version` is the newest seen; `error` None if it ended in order;
    `lived` the seconds that it lasted; `watched` is false for a paged list, which is meant to end."""

    version: str
    error: Exception | None = None
    lived: float = 0.0
    watched: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """Wait `after` seconds, then list or watch."""

    watch: bool
    after: float = 0.0


def decide(state: State, outcome: Outcome, chance: float) -> tuple[State, Step]:
    """The next step. `chance` is a random number from 0 to 1, for the jitter."""
    error = outcome.error
    listing = not state.version
    if error is None:
        if not outcome.watched or outcome.lived >= LIVED:
            return replace(state, version=outcome.version, failures=0), Step(watch=True)
        return _again(replace(state, version=outcome.version), chance)
    if listing and state.streaming and isinstance(error, Invalid | BadRequest):
        return replace(state, streaming=False), Step(watch=False)
    if isinstance(error, NotFound):
        return replace(state, version=""), Step(watch=False, after=UNKNOWN_KIND_DELAY)
    if isinstance(error, Gone):
        expired = replace(state, version="", failures=state.failures + 1)
        return expired, Step(watch=False, after=_delay(state.failures - 1, chance))
    moved = outcome.version != state.version and not listing
    if outcome.lived >= LIVED or moved:
        state = replace(state, failures=0)
    if not listing:
        stuck = state.failures + 1 >= STUCK and not isinstance(error, _OUTAGES)
        state = replace(state, version="" if stuck else outcome.version)
    return _again(state, chance, _asked(error))


def _again(state: State, chance: float, at_least: float = 0.0) -> tuple[State, Step]:
    wait = max(_delay(state.failures, chance), at_least)
    return replace(state, failures=state.failures + 1), Step(watch=bool(state.version), after=wait)


def _delay(failures: int, chance: float) -> float:
    if failures < 0:
        return 0.0
    return float(min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(failures, 16))) * (0.5 + chance)


def _asked(error: Exception) -> float:
    return error.retry_after or 0.0 if isinstance(error, ApiError) else 0.0
