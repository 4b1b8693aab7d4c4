"""Looks for a plan whose object the API server takes: builds, asks the server's rules, mends, and asks again.

The search is bounded by work, not by time, so that the same definition gives the same sample everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from opgen.apiextensions.errors import FieldError
from opgen.emit.samples.build import Builder, Built, Impossible, Values
from opgen.emit.samples.plan import Plan
from opgen.ir.schema import JSON, Schema

# What one search may do, in parts of objects that are built and judged (a second is 50,000 to 100,000 of them), and
# what is added for each part of a large object; rounds of mending.
WORK = 12_000
MORE = 6
ROUNDS = 200
_QUESTION = 2
_CHOSEN = 6  # changes tried from the first on that helps, of which the best is taken
_FEW = 2  # the same for objects of more than so many parts
_LARGE = 300
_MOVES = 80  # changes tried in one round
_DIVES = 3  # of these, the first so many are followed up
_DIVE_ROUNDS = 12
_DIVE_MOVES = 12
_PAIRS = 8  # of these, the first so many also two by two

Judge: TypeAlias = "Callable[[JSON], tuple[FieldError, ...]]"


@dataclass(frozen=True, slots=True)
class Found:
    """The best object of a search; none are left in `errors` if it is what was looked for."""

    value: JSON
    errors: tuple[FieldError, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _State:
    plan: Plan
    built: Built
    errors: tuple[FieldError, ...]

    @property
    def cost(self) -> tuple[int, int]:
        """Errors that hide the rules' count more than any number of rules."""
        hidden = any(
            error.detail.startswith("some validation rules were not checked") for error in self.errors
        )
        return int(hidden), len(self.errors)


class Search:
    """One search for an object of a schema."""

    def __init__(self, schema: Schema, judge: Judge, values: Values) -> None:
        self._schema = schema
        self._judge = judge
        self._values = values
        self._work = WORK
        self._seen: set[object] = set()

    def run(self, plan: Plan) -> Found:
        """Mends `plan` until its object is taken, or until the work is used up."""
        try:
            state = self._state(plan)
        except Impossible as impossible:
            return Found(None, (), str(impossible))
        self._work += MORE * len(state.built.places)
        for _ in range(ROUNDS):
            if not state.errors:
                return Found(state.built.value, ())
            better = self._better(state)
            if better is None:
                break
            state = better
        return Found(state.built.value, state.errors)

    def _state(self, plan: Plan) -> _State:
        built = Builder(plan, self._values).build(self._schema, (), "")
        self._work -= 20 + len(built.places)
        return _State(plan, built, self._judge(built.value))

    def _better(self, state: _State) -> _State | None:
        """The state that the best of the next changes leads to; else of two changes, else one that is no worse."""
        equal: _State | None = None
        for error in state.errors:
            tried: list[_State] = []
            better: list[_State] = []
            left = _CHOSEN if len(state.built.places) < _LARGE else _FEW
            for plan in self._moves(state, error):
                found = self._try(plan)
                if found is not None:
                    (better if found.cost < state.cost else tried).append(found)
                left = left - 1 if better else left
                if not left or len(tried) >= _MOVES:
                    break
            if better:
                return min(better, key=self._loss)
            for one in tried[:_DIVES]:
                found = self._dive(one, state.cost)
                if found is not None:
                    return found
            for one in tried[:_PAIRS]:
                for again in one.errors[:1]:
                    for plan in list(self._moves(one, again, helped=False))[: 2 * _PAIRS]:
                        found = self._try(plan)
                        if found is not None and found.cost < state.cost:
                            return found
            equal = equal or next((found for found in tried if found.cost == state.cost), None)
        return equal

    def _moves(self, state: _State, error: FieldError, *, helped: bool = True) -> Iterator[Plan]:
        """Plans that may mend an error; `helped` also by asking the rules, which takes more work."""
        # Both load all of CEL; most objects need no mending.
        from opgen.emit.samples.fulfil import Help
        from opgen.emit.samples.moves import moves

        help_ = Help(self._rebuilt, self._asked) if helped else None
        return moves(state.plan, state.built, error, self._values, help_)

    def _dive(self, state: _State, below: tuple[int, int]) -> _State | None:
        """What comes of mending one after the other the errors that a change has brought; None if not few enough."""
        for _ in range(_DIVE_ROUNDS):
            if state.cost < below:
                return state
            nearer = None
            for error in state.errors:
                for plan in islice(
                    self._moves(state, error),
                    _DIVE_MOVES,
                ):
                    found = self._try(plan)
                    if found is not None and found.cost < state.cost:
                        nearer = found
                        break
                if nearer is not None:
                    break
            if nearer is None:
                return None
            state = nearer
        return None

    def _loss(self, state: _State) -> tuple[tuple[int, int], int]:
        """What is left to mend, and how far the object is from as full, or as small, as it could be."""
        size = len(state.built.places)
        return state.cost, -size if state.plan.full else size

    def _rebuilt(self, plan: Plan) -> Built | None:
        """What a plan gives, unjudged; None where it is impossible or the work is used up."""
        if self._work <= 0:
            return None
        try:
            built = Builder(plan, self._values).build(self._schema, (), "")
        except Impossible:
            return None
        self._work -= 5 + len(built.places) // 2
        return built

    def _asked(self) -> bool:
        """Counts one question about a part of a rule; whether it may be asked."""
        self._work -= _QUESTION
        return self._work > 0

    def _try(self, plan: Plan) -> _State | None:
        key = plan.key()
        if key in self._seen or self._work <= 0:
            return None
        self._seen.add(key)
        try:
            return self._state(plan)
        except Impossible:
            return None
