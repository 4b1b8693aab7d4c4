"""Points in time and durations as Go reads, prints and adds them; years 1 to 9999."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from opgen.apiextensions.cel.values import CelError, Duration, Timestamp
from opgen.apiextensions.gotext import plain, quote

SECOND = 10**9
FIRST, LAST = -62135596800, 253402300799
_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?\Z"
)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": SECOND}
_UNITS |= {"m": 60 * SECOND, "h": 3600 * SECOND}
_PART = re.compile(r"([0-9]*)(?:(\.)([0-9]*))?([^.0-9]+)")
_SCALA = re.compile(r"([0-9]+)\s*([A-Za-zµ]+)", re.ASCII)
_SCALA_UNITS = (
    (1, "ns", "nano"), (10**3, "us", "µs", "micro"), (10**6, "ms", "milli"), (SECOND, "s", "sec"),
    (60 * SECOND, "m", "min"), (3600 * SECOND, "h", "hr", "hour"), (86400 * SECOND, "d", "day"),
    (7 * 86400 * SECOND, "w", "wk", "week"),
)  # fmt: skip
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_INT64 = 2**63


def days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 in the Gregorian calendar, year 0 included."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def _is_date(year: int, month: int, day: int) -> bool:
    leap = month == 2 and (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return 1 <= month <= 12 and 1 <= day <= _MONTH_DAYS[month - 1] + leap


def parse_time(text: str, *, local: bool = False) -> Timestamp | None:
    """RFC 3339; `local` also takes a time without an offset, as UTC. None if it is neither."""
    found = _RFC3339.match(text)
    if found is None or (found[8] is None and not local):
        return None
    year, month, day, hour, minute, second = (int(found[i]) for i in range(1, 7))
    if not _is_date(year, month, day) or hour > 23 or minute > 59 or second > 59:
        return None
    offset = 0
    if found[8] not in (None, "Z"):
        hours, minutes = int(found[8][1:3]), int(found[8][4:6])
        if hours > 24 or minutes > 60:
            return None
        offset = (hours * 3600 + minutes * 60) * (-1 if found[8][0] == "-" else 1)
    seconds = days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
    fraction = int((found[7] or "0")[:9].ljust(9, "0"))
    return Timestamp(seconds * SECOND + fraction, offset)


def parse_date(text: str) -> Timestamp | None:
    """RFC 3339's full-date."""
    found = _DATE.match(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    return Timestamp(days(year, month, day) * 86400 * SECOND) if _is_date(year, month, day) else None


_LAYOUT = (
    ("2006", r"[0-9]{4}"), ("-", "-"), ("01", "[0-9]{2}"), ("-", "-"), ("02", "[0-9]{2}"), ("T", "T"),
    ("15", "[0-9]{1,2}"), (":", ":"), ("04", "[0-9]{2}"), (":", ":"), ("05", r"[0-9]{2}(?:[.,][0-9]+)?"),
)  # fmt: skip
_LIMITS = {"01": ("month", 1, 12), "15": ("hour", 0, 23), "04": ("minute", 0, 59), "05": ("second", 0, 59)}


def complaint(text: str, *, date_only: bool) -> str:
    """Go's error for a text that is no `2006-01-02` or no `2006-01-02T15:04:05`."""
    layout = _LAYOUT[:5] if date_only else _LAYOUT
    shown, rest = quote(text), text
    for name, pattern in layout:
        found = re.match(pattern, rest)
        if found is None:
            wanted = quote("".join(part for part, _ in layout))
            return f"parsing time {shown} as {wanted}: cannot parse {quote(rest)} as {quote(name)}"
        what, low, high = _LIMITS.get(name, ("", 0, 99))
        if what and not low <= int(found.group()[:2]) <= high:
            return f"parsing time {shown}: {what} out of range"
        rest = rest[found.end() :]
    if rest:
        return f"parsing time {shown}: extra text: {quote(rest)}"
    return f"parsing time {shown}: day out of range"


def parse_duration(text: str) -> Duration | None:
    """Go's duration: `1h30m`, `-1.5s`."""
    negative = text.startswith("-")
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return Duration(0)
    if not rest:
        return None
    total = 0
    while rest:
        part = _PART.match(rest)
        if part is None or not (part[1] or part[3]) or part[4] not in _UNITS:
            return None
        unit = _UNITS[part[4]]
        whole = int(part[1][-40:] or "0") if len(part[1]) <= 40 else _INT64
        fraction = (part[3] or "")[:18]
        total += whole * unit + int(float(int(fraction or "0")) * (float(unit) / float(10 ** len(fraction))))
        if total > _INT64:
            return None
        rest = rest[part.end() :]
    if total == _INT64 and not negative:
        return None
    return Duration(-total if negative else total)


def parse_any_duration(text: str) -> Duration | None:
    """Go's duration, or Scala's (`3 days`) wherever it stands in the text."""
    found = parse_duration(text)
    if found is not None:
        return found
    total, known = 0, False
    for amount, unit in _SCALA.findall(text):
        if len(amount) > 19 or int(amount) >= _INT64:
            return None
        for size, *names in _SCALA_UNITS:
            for index, name in enumerate(names):
                low = unit.lower()
                if low == name or (index == len(names) - 1 and low.startswith(name)):
                    total, known = total + int(amount) * size, True
    return Duration((total + _INT64) % (2 * _INT64) - _INT64) if known else None


def show_duration(value: Duration) -> str:
    """Seconds and an `s`."""
    sign = -1 if value.nanoseconds < 0 else 1
    seconds, rest = divmod(abs(value.nanoseconds), SECOND)
    return plain(float(sign * seconds) + float(sign * rest) / 1e9) + "s"


def show_time(value: Timestamp) -> str:
    """RFC 3339 with as many digits of the second as it has, in the offset it was written with."""
    seconds, nanoseconds = divmod(value.nanoseconds + value.offset * SECOND, SECOND)
    text = (datetime(1970, 1, 1) + timedelta(seconds=seconds)).isoformat()
    if nanoseconds:
        text += f".{nanoseconds:09d}".rstrip("0")
    if value.offset == 0:
        return text + "Z"
    hours, minutes = divmod(abs(value.offset) // 60, 60)
    return f"{text}{'-' if value.offset < 0 else '+'}{hours:02d}:{minutes:02d}"


def duration(nanoseconds: int) -> Duration:
    """A duration within 64 bits."""
    if not -_INT64 <= nanoseconds < _INT64:
        raise CelError("integer overflow")
    return Duration(nanoseconds)


def timestamp(nanoseconds: int, offset: int = 0) -> Timestamp:
    """A point in time within years 1 to 9999."""
    if not FIRST <= nanoseconds // SECOND <= LAST:
        raise CelError("timestamp overflow")
    return Timestamp(nanoseconds, offset)


def in_zone(value: Timestamp, zone: str) -> datetime:
    """Local time in a named zone or at an offset `(+|-)hh:mm`; the microsecond is not to be used."""
    seconds = value.nanoseconds // SECOND
    hours, colon, minutes = zone.partition(":")
    if not colon:
        if zone.startswith(("/", "\\")) or ".." in zone:
            raise CelError("time: invalid location name")
        utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        try:
            return utc.astimezone(ZoneInfo("UTC" if zone in ("", "Local") else zone))  # servers run in UTC
        except (ValueError, OSError, LookupError, OverflowError):
            raise CelError(f"unknown time zone {zone}") from None
    hour, minute = _number(hours), _number(minutes)
    offset = hour * 60 - minute if zone.startswith("-") else hour * 60 + minute
    try:
        return datetime(1970, 1, 1) + timedelta(seconds=seconds, minutes=offset)
    except OverflowError:
        raise CelError(f"time out of range in zone {zone}") from None


def _number(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise CelError(f'strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)


GETTERS: dict[str, Callable[[datetime], int]] = {
    "getFullYear": lambda at: at.year,
    "getMonth": lambda at: at.month - 1,
    "getDayOfYear": lambda at: at.timetuple().tm_yday - 1,
    "getDayOfMonth": lambda at: at.day - 1,
    "getDate": lambda at: at.day,
    "getDayOfWeek": lambda at: at.isoweekday() % 7,
    "getHours": lambda at: at.hour,
    "getMinutes": lambda at: at.minute,
    "getSeconds": lambda at: at.second,
}
DURATION_GETTERS = {
    "getHours": 3600 * SECOND,
    "getMinutes": 60 * SECOND,
    "getSeconds": SECOND,
    "getMilliseconds": 10**6,
}
