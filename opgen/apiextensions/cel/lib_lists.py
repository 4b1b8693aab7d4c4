"""Functions on lists: Kubernetes' own (`sum`, `max`, `isSorted`, ...), CEL's extension and the set functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cmp_to_key

from opgen.apiextensions.cel.operations import (
    add,
    compare,
    contains,
    equal_values,
    is_list,
    no_trait,
)
from opgen.apiextensions.cel.values import (
    NONE,
    CelError,
    CostExceeded,
    Duration,
    ListValue,
    OptionalValue,
    UInt,
    Value,
    elements,
    type_name,
)

_LONGEST = 1_000_000


def is_sorted(items: Value) -> bool:
    """Whether no element is greater than the next; two that can't be compared are in order."""
    before: Value = None
    for place in range(len(items)):
        value = items.at(place)
        _comparable(value)
        if place and _order(before, value) > 0:
            return False
        before = value
    return True


def _picked(items: Value, places: Iterable[int]) -> Value:
    """A list of some elements; those that don't fit their schema stay errors until they are used."""
    chosen = list(places)
    try:
        return ListValue([items.at(place) for place in chosen])
    except CelError:
        return items.picked(chosen)


def _comparable(value: Value) -> None:
    if type_name(value) not in _COMPARABLE:
        raise CelError("no such overload")


def _sum(zero: Value) -> Callable[[Value], Value]:
    def run(items: Value) -> Value:
        total = zero
        for value in elements(items):
            total = add(total, value)
        return total

    return run


def _extreme(name: str, sign: int) -> Callable[[Value], Value]:
    def run(items: Value) -> Value:
        values = elements(items)
        if not values:
            raise CelError(f"{name} called on empty list")
        best = values[0]
        for value in values:
            _comparable(value)
            if _order(best, value) == sign:
                best = value
        return best

    return run


def _equal(one: Value, two: Value) -> bool:
    try:
        return two is None if one is None else equal_values(one, two)
    except CelError:
        return False


def index_of(items: Value, wanted: Value) -> int:
    """The first place of an element, -1 if it is not there."""
    for index in range(len(items)):
        if _is_at(items, index, wanted):
            return index
    return -1


def _is_at(items: Value, index: int, wanted: Value) -> bool:
    try:
        return _equal(items.at(index), wanted)
    except CelError:  # an element that doesn't fit its schema is like none
        return False


def last_index_of(items: Value, wanted: Value) -> int:
    """The last place of an element, -1 if it is not there."""
    for index in range(len(items) - 1, -1, -1):
        if _is_at(items, index, wanted):
            return index
    return -1


def slice_(items: Value, start: int, end: int) -> Value:
    """From `start` up to `end`."""
    if start < 0 or end < 0:
        raise CelError(f"cannot slice({start}, {end}), negative indexes not supported")
    if start > end:
        raise CelError(f"cannot slice({start}, {end}), start index must be less than or equal to end index")
    if len(items) < end:
        raise CelError(f"cannot slice({start}, {end}), list is length {len(items)}")
    return _picked(items, range(start, end))


def flatten(items: Value, *depths: Value) -> ListValue:
    """Nested lists opened up to a depth, by default 1; looks at its arguments itself."""
    depth = depths[0] if depths else 1
    if not is_list(items) or type(depth) is not int:
        raise CelError(f"no such overload: {type_name(items)}.flatten({', '.join(map(type_name, depths))})")
    if depth < 0:
        raise CelError("level must be non-negative")
    found: list[Value] = []
    _flatten(items, depth, found)
    return ListValue(found)


def _flatten(items: Value, depth: int, into: list[Value]) -> None:
    for value in elements(items):
        if depth and is_list(value):
            _flatten(value, depth - 1, into)
        else:
            into.append(value)
        if len(into) > _LONGEST:
            raise CostExceeded


def sort(items: Value) -> Value:
    """In ascending order."""
    if not is_list(items):
        raise no_trait(items, "sort")
    return sort_by(items, items)


def sort_by(items: Value, keys: Value) -> Value:
    """In the order of as many keys."""
    if len(items) != len(keys):
        raise CelError(
            "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got "
            f"{len(items)} and {len(keys)} elements respectively"
        )
    if not len(items):
        return items
    try:
        first = keys.at(0)
    except CelError:
        raise CelError("list elements must be comparable") from None
    if type_name(first) not in _COMPARABLE:
        raise CelError("list elements must be comparable")
    values = elements(keys)
    if any(type(value) is not type(values[0]) for value in values) and len(values) > 1:
        raise CelError("list elements must have the same type")
    by_key = cmp_to_key(_order)
    order = sorted(range(len(values)), key=lambda index: by_key(values[index]))
    return _picked(items, order)


def _order(one: Value, two: Value) -> int:
    try:
        return compare(one, two)
    except CelError:
        return 0


_COMPARABLE = {
    "int", "uint", "double", "bool", "string", "bytes", "google.protobuf.Duration", "google.protobuf.Timestamp",
}  # fmt: skip


def range_(count: int) -> ListValue:
    """The numbers from 0 up to `count`."""
    if count > _LONGEST:
        raise CostExceeded
    return ListValue(list(range(count)))


def distinct(items: Value) -> Value:
    """Each element once, where it first stands."""
    if not len(items):
        return items
    found: list[Value] = []
    texts: set[str] = set()
    places: list[int] = []
    for place in range(len(items)):
        try:
            value = items.at(place)
        except CelError:  # like no other
            places.append(place)
            continue
        if type(value) is str:
            if value in texts:
                continue
            texts.add(value)
        elif any(_equal(value, other) for other in found):
            continue
        found.append(value)
        places.append(place)
    return ListValue(found) if len(found) == len(places) else _picked(items, places)


def sets_contains(items: Value, wanted: Value) -> bool:
    """Whether all of `wanted` are in `items`."""
    return all(contains(value, items) for value in elements(wanted))


def sets_intersects(items: Value, others: Value) -> bool:
    """Whether they have an element in common."""
    for value in (items.at(place) for place in range(len(items))):
        try:
            if contains(value, others):
                return True
        except CelError:
            continue
    return False


def sets_equivalent(items: Value, others: Value) -> bool:
    """Whether each contains the other."""
    return sets_contains(items, others) and sets_contains(others, items)


def unwrap(items: Value) -> ListValue:
    """What the optionals in a list hold."""
    found: list[Value] = []
    for value in elements(items):
        if type(value) is not OptionalValue:
            raise CelError(f"value {value} is not optional")
        if value.present:
            found.append(value.value)
    return ListValue(found)


def _end(index: int) -> Callable[[Value], OptionalValue]:
    return lambda items: OptionalValue(items.at(index % len(items))) if len(items) else NONE


OVERLOADS: dict[str, Callable[..., Value]] = {
    "list_a_index_of_int": index_of,
    "list_a_last_index_of_int": last_index_of,
    "list_slice": slice_,
    "list_flatten": flatten,
    "list_flatten_int": flatten,
    "lists_range": range_,
    "list_reverse": lambda items: _picked(items, range(len(items) - 1, -1, -1)),
    "list_distinct": distinct,
    "list_sets_contains_list": sets_contains,
    "list_sets_intersects_list": sets_intersects,
    "list_sets_equivalent_list": sets_equivalent,
    "optional_unwrap": unwrap,
    "optional_unwrapOpt": unwrap,
    "list_first": _end(0),
    "list_last": _end(-1),
}
for _kind in ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"):
    OVERLOADS[f"list_{_kind}_is_sorted_bool"] = is_sorted
    OVERLOADS[f"list_{_kind}_max_{_kind}"] = _extreme("max", -1)
    OVERLOADS[f"list_{_kind}_min_{_kind}"] = _extreme("min", 1)
for _kind, _zero in (("int", 0), ("uint", UInt(0)), ("double", 0.0), ("duration", Duration(0))):
    OVERLOADS[f"list_{_kind}_sum_{_kind}"] = _sum(_zero)
