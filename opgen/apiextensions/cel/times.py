"""Points in time and durations as Go reads, prints and adds them; years 1 to 9999."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from opgen.apiextensions.cel.values import CelError, Duration, Timestamp
from opgen.apiextensions.gotext import plain, quote
from opgen.apiextensions.gotime import DATE, LOCAL, RFC3339, SECOND, Layout, NotATime, read, written

FIRST, LAST = -62135596800, 253402300799
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": SECOND}
_UNITS |= {"m": 60 * SECOND, "h": 3600 * SECOND}
_PART = re.compile(r"([0-9]*)(?:(\.)([0-9]*))?([^.0-9]+)")
_SCALA = re.compile(r"([0-9]+)\s*([A-Za-zµ]+)", re.ASCII)
_SCALA_UNITS = (
    (1, "ns", "nano"), (10**3, "us", "µs", "micro"), (10**6, "ms", "milli"), (SECOND, "s", "sec"),
    (60 * SECOND, "m", "min"), (3600 * SECOND, "h", "hr", "hour"), (86400 * SECOND, "d", "day"),
    (7 * 86400 * SECOND, "w", "wk", "week"),
)  # fmt: skip
_INT64 = 2**63


def parse_time(text: str, *, local: bool = False) -> Timestamp | None:
    """RFC 3339; `local` also takes a time without an offset, as UTC. None if it is neither."""
    return _parsed(text, RFC3339) or (_parsed(text, LOCAL) if local else None)


def parse_date(text: str) -> Timestamp | None:
    """RFC 3339's full-date."""
    return _parsed(text, DATE)


def _parsed(text: str, layout: Layout) -> Timestamp | None:
    try:
        return Timestamp(*read(text, layout))
    except NotATime:
        return None


def complaint(text: str, *, date_only: bool) -> str:
    """Go's error for a text that is no `2006-01-02` or no `2006-01-02T15:04:05`."""
    try:
        read(text, DATE if date_only else LOCAL)
    except NotATime as error:
        return str(error)
    return ""


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
    text = written(seconds)
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
    """Local time in a named zone or at an offset `(+|-)hh:mm`; the microsecond is not to be used.

    Years that Python does not have stand one cycle of the calendar nearer: 400 for 0, 9600 for 10000.
    """
    seconds = value.nanoseconds // SECOND - _cycles(value) * _CYCLE
    hours, colon, minutes = zone.partition(":")
    if not colon:
        if zone.startswith(("/", "\\")) or ".." in zone:
            raise CelError("time: invalid location name")
        if "\0" in zone:
            raise CelError("invalid argument")
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


_CYCLE = 146097 * 86400  # 400 years


def _cycles(value: Timestamp) -> int:
    seconds = value.nanoseconds // SECOND
    return (seconds > LAST - 86400) - (seconds < FIRST + 86400)


def _number(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise CelError(f"strconv.Atoi: parsing {quote(text)}: invalid syntax")
    value = int(text[:40])
    if not -_INT64 <= value < _INT64:
        raise CelError(f"strconv.Atoi: parsing {quote(text)}: value out of range")
    return value


def full_year(value: Timestamp, zone: str = "") -> int:
    """The year in a zone."""
    return in_zone(value, zone).year + 400 * _cycles(value)


GETTERS: dict[str, Callable[[datetime], int]] = {
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
