"""All functions by overload, or by name where one implementation serves every overload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opgen.apiextensions.cel import (
    authorization,
    dynamic,
    lib_lists,
    lib_strings,
    named_formats,
    network,
    quantity,
    semver,
    urls,
)
from opgen.apiextensions.cel.convert import CONVERSIONS
from opgen.apiextensions.cel.formatting import format_string
from opgen.apiextensions.cel.operations import (
    NO_OVERLOAD,
    add,
    contains,
    divide,
    equal,
    is_list,
    is_map,
    logical_not,
    modulo,
    multiply,
    negate,
    no_trait,
    ordering,
    subtract,
    unequal,
)
from opgen.apiextensions.cel.times import DURATION_GETTERS, GETTERS, full_year, in_zone
from opgen.apiextensions.cel.values import (
    NONE,
    CelError,
    Duration,
    GrowingMap,
    MapValue,
    OptionalValue,
    Timestamp,
    TypeValue,
    Value,
    map_key,
    type_name,
)

_MILLISECOND = 10**6
_EPOCH_OF_YEAR_1 = -62135596800 * 10**9


def _size(value: Value) -> int:
    if type(value) in (str, bytes) or is_list(value) or is_map(value):
        return len(value)
    raise no_trait(value, "size")


def _milliseconds(value: Timestamp, zone: str = "") -> int:
    in_zone(value, zone)
    return value.nanoseconds % 10**9 // _MILLISECOND


def _getter(name: str) -> Callable[..., int]:
    if name == "getMilliseconds":
        return _milliseconds
    if name == "getFullYear":
        return full_year
    read = GETTERS[name]
    return lambda value, zone="": read(in_zone(value, zone))


def _duration_getter(unit: int, *, exact: bool) -> Callable[[Duration], int]:
    def run(value: Duration) -> int:
        whole = abs(value.nanoseconds) // unit
        return -whole if value.nanoseconds < 0 else whole

    return run


def _is_zero(value: Value) -> bool:
    if value is None:
        return True
    if type(value) is Timestamp:
        return bool(value.nanoseconds == _EPOCH_OF_YEAR_1)
    if type(value) is Duration:
        return bool(value.nanoseconds == 0)
    if isinstance(value, bool | int | float | str | bytes):
        return not value
    name = type(value).__name__
    return name in _ZEROABLE and len(value) == 0


_ZEROABLE = {"ListValue", "GrowingList", "RawList", "MapValue", "GrowingMap", "RawMap"}


def _of_non_zero(value: Value) -> OptionalValue:
    return NONE if _is_zero(value) else OptionalValue(value)


def _has_value(value: Value) -> bool:
    """A message is given the old value itself where its rule has an optional."""
    return _optional(value, "hasValue").present


def _optional(value: Value, function: str) -> OptionalValue:
    if type(value) is OptionalValue:
        return value
    raise CelError(NO_OVERLOAD if value is None else f"{NO_OVERLOAD}: {function}({type_name(value)})")


def _value(value: Value) -> Value:
    if not _optional(value, "value").present:
        raise CelError("optional.none() dereference")
    return value.value


def _insert(target: MapValue, key: Value, value: Value) -> MapValue:
    if target.find(key)[1]:
        raise CelError(f"insert failed: key {key} already exists")
    name: Any = map_key(key)
    if isinstance(target, GrowingMap):
        target.entries[name] = (key, value)
        return target
    return MapValue({**target.entries, name: (key, value)})


def _insert_all(target: MapValue, update: Value) -> MapValue:
    for key in update:
        value, _ = update.find(key)
        target = _insert(target, key, value)
    return target


def _is_in(wanted: Value, container: Value) -> bool:
    if is_list(container) or is_map(container):
        return contains(wanted, container)
    raise CelError(NO_OVERLOAD)


SINGLETONS: dict[str, Callable[..., Value]] = {
    "_==_": equal,
    "_!=_": unequal,
    "_+_": add,
    "_-_": subtract,
    "_*_": multiply,
    "_/_": divide,
    "_%_": modulo,
    "-_": negate,
    "!_": logical_not,
    "_<_": ordering("_<_", lambda order: order < 0),
    "_<=_": ordering("_<=_", lambda order: order <= 0),
    "_>_": ordering("_>_", lambda order: order > 0),
    "_>=_": ordering("_>=_", lambda order: order >= 0),
    "@in": _is_in,
    "_in_": _is_in,
    "in": _is_in,
    "@not_strictly_false": lambda value: value if type(value) is bool else True,
    "__not_strictly_false__": lambda value: value if type(value) is bool else True,
    "size": _size,
    "type": lambda value: TypeValue(type_name(value)),
    "dyn": lambda value: value,
    "matches": lib_strings.matches,
    "sort": lib_lists.sort,
    "@sortByAssociatedKeys": lib_lists.sort_by,
}

OVERLOADS: dict[str, Callable[..., Value]] = {
    **lib_strings.OVERLOADS,
    **lib_lists.OVERLOADS,
    **network.OVERLOADS,
    **named_formats.OVERLOADS,
    **quantity.OVERLOADS,
    **semver.OVERLOADS,
    **urls.OVERLOADS,
    **authorization.OVERLOADS,
    **dynamic.OVERLOADS,
    "string_format": format_string,
    "optional_none": lambda: NONE,
    "optional_of": OptionalValue,
    "optional_ofNonZeroValue": _of_non_zero,
    "optional_value": _value,
    "optional_hasValue": _has_value,
    "@mapInsert_map_key_value": _insert,
    "@mapInsert_map_map": _insert_all,
}
for _name, _kinds in (
    ("bool", "bool_to_bool string_to_bool"),
    ("bytes", "bytes_to_bytes string_to_bytes"),
    ("double", "double_to_double int64_to_double string_to_double uint64_to_double"),
    ("duration", "duration_to_duration int64_to_duration string_to_duration"),
    (
        "int",
        "int64_to_int64 double_to_int64 duration_to_int64 string_to_int64 timestamp_to_int64 uint64_to_int64",
    ),
    (
        "string",
        "string_to_string bool_to_string bytes_to_string double_to_string duration_to_string int64_to_string "
        "timestamp_to_string uint64_to_string ip_to_string cidr_to_string",
    ),
    ("timestamp", "timestamp_to_timestamp int64_to_timestamp string_to_timestamp"),
    ("uint", "uint64_to_uint64 double_to_uint64 int64_to_uint64 string_to_uint64"),
):
    OVERLOADS |= dict.fromkeys(_kinds.split(), CONVERSIONS[_name])
for _name, _id in (
    ("getFullYear", "timestamp_to_year"),
    ("getMonth", "timestamp_to_month"),
    ("getDayOfYear", "timestamp_to_day_of_year"),
    ("getDayOfMonth", "timestamp_to_day_of_month"),
    ("getDate", "timestamp_to_day_of_month_1_based"),
    ("getDayOfWeek", "timestamp_to_day_of_week"),
    ("getHours", "timestamp_to_hours"),
    ("getMinutes", "timestamp_to_minutes"),
    ("getSeconds", "timestamp_to_seconds"),
    ("getMilliseconds", "timestamp_to_milliseconds"),
):
    OVERLOADS[_id] = OVERLOADS[f"{_id}_with_tz"] = _getter(_name)
OVERLOADS["timestamp_to_seconds_tz"] = OVERLOADS["timestamp_to_seconds"]
for _name, _unit in DURATION_GETTERS.items():
    OVERLOADS[f"duration_to_{_name[3:].lower()}"] = _duration_getter(_unit, exact=True)
