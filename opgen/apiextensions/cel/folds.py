"""Comprehensions: loops over lists and maps, with the cost of every turn as the server counts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opgen.apiextensions.cel.attributes import Constant, Frame, Lazy, Planned, Run
from opgen.apiextensions.cel.operations import NO_OVERLOAD, is_list, is_map
from opgen.apiextensions.cel.values import (
    CelError,
    CostExceeded,
    ErrorValue,
    GrowingList,
    GrowingMap,
    ListValue,
    MapValue,
    Value,
    go_type,
)

LIMIT = 1_000_000


def bind(place: int, init: Run, result: Run) -> Run:
    """A name for a value, which is worked out when the name is first used."""

    def run(frame: Frame) -> Value:
        frame[place] = Lazy(init)
        return result(frame)

    return run


def _turns(frame: Frame, ranged: Value, first: int, second: int) -> Iterator[None]:
    """Sets the loop's variables for each element; data that does not fit its schema becomes an ErrorValue."""
    if is_list(ranged):
        for index in range(len(ranged)):
            if second:
                frame[first] = index
                frame[second] = _element(ranged, index)
            else:
                frame[first] = _element(ranged, index)
            yield
    elif is_map(ranged):
        for key in ranged:
            frame[first] = key
            if second:
                frame[second] = _entry(ranged, key)
            yield
    else:
        shown = go_type(ranged)
        if second:
            raise CelError(f"unsupported comprehension range type: {shown}")
        raise CelError(f"got '{shown}', expected iterable type")


def _element(ranged: Value, index: int) -> Value:
    try:
        return ranged.at(index)
    except CelError as error:
        return ErrorValue(error)


def _entry(ranged: Value, key: Value) -> Value:
    try:
        value, found = ranged.find(key)
    except CelError as error:
        return ErrorValue(error)
    return value if found else ErrorValue(CelError(f"no such key: {key}"))


def quantify(ranged: Run, variables: tuple[int, int], predicate: Run, *, ends: bool) -> Run:
    """`all` (ends at false) and `exists` (ends at true)."""
    first, second = variables
    turn = 3 if ends else 2

    def run(frame: Frame) -> Value:
        collection = ranged(frame)
        so_far: bool | CelError = not ends
        for _ in _turns(frame, collection, first, second):
            frame[0] += turn
            if so_far is ends:
                break
            frame[0] += 1
            try:
                value = predicate(frame)
            except CelError as error:
                if not isinstance(so_far, CelError):
                    so_far = error
            else:
                if value is ends:
                    so_far = ends
                elif type(value) is not bool and not isinstance(so_far, CelError):
                    so_far = CelError(NO_OVERLOAD)
            if frame[0] > LIMIT:
                raise CostExceeded
        frame[0] += 1
        if isinstance(so_far, CelError):
            raise so_far
        return so_far

    return run


@dataclass(slots=True)
class Loop:
    """The parts of a comprehension: places of its variables (`second` 0 if there is one), then its functions."""

    accumulator: int
    first: int
    second: int
    init: Planned
    condition: Planned
    step: Run
    result: Run


def fold(ranged: Run, loop: Loop) -> Run:
    """Any other comprehension."""
    init = loop.init.run()
    always = isinstance(loop.condition, Constant) and loop.condition.value is True
    condition = loop.condition.run()

    def start(frame: Frame) -> Value:
        value = init(frame)
        if type(value) is ListValue and not value.items:
            return GrowingList([])
        if type(value) is MapValue and not value.entries:
            return GrowingMap({})
        return value

    def run(frame: Frame) -> Value:
        collection = ranged(frame)
        accumulator = loop.accumulator
        frame[accumulator] = Lazy(start)
        for _ in _turns(frame, collection, loop.first, loop.second):
            if not always and not _continues(condition, frame):
                break
            try:
                frame[accumulator] = loop.step(frame)
            except CelError as error:
                frame[accumulator] = ErrorValue(error)
            if frame[0] > LIMIT:
                raise CostExceeded
        return _settled(loop.result(frame))

    return run


def _continues(condition: Run, frame: Frame) -> bool:
    try:
        value = condition(frame)
    except CelError:
        return True
    return type(value) is not bool or value


def _settled(value: Value) -> Value:
    if type(value) is GrowingList:
        return ListValue(value.items, value.weight)
    if type(value) is GrowingMap:
        return MapValue(value.entries, value.weight)
    return value
