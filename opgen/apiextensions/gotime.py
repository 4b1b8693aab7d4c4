"""Points in time as Go's time.Parse reads them, with its complaints, and as apimachinery writes them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

Layout: TypeAlias = "tuple[tuple[str, str], ...]"

DATE: Layout = (("2006", "[0-9]{4}"), ("-", "-"), ("01", "[0-9]{2}"), ("-", "-"), ("02", "[0-9]{2}"))
LOCAL: Layout = (
    *DATE, ("T", "T"), ("15", "[0-9]{1,2}"), (":", ":"), ("04", "[0-9]{2}"), (":", ":"),
    ("05", "[0-9]{2}(?:[.,][0-9]+)?"),
)  # fmt: skip
RFC3339: Layout = (*LOCAL, ("Z07:00", "Z|[+-][0-9]{2}:[0-9]{2}"))
"""What a layout is made of: its own spelling, and the texts that fit."""

SECOND = 10**9
_LIMITS = {"01": ("month", 1, 12), "15": ("hour", 0, 23), "04": ("minute", 0, 59), "05": ("second", 0, 59)}
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ZERO = -62135596800 * SECOND  # Go's zero time: the first of January of the year 1


class NotATime(ValueError):
    """The text does not fit the layout; the message is Go's."""


@lru_cache(maxsize=1024)
def read(text: str, layout: Layout = RFC3339) -> tuple[int, int]:
    """Nanoseconds since 1970 and the offset in seconds of a time in the years 0 to 9999."""
    data = text.encode(errors="replace").decode("latin-1")  # Go counts bytes
    shown, rest = _quote(data), data
    parts: dict[str, str] = {}
    for name, pattern in layout:
        found = re.match(pattern, rest)
        if found is None:
            wanted = _quote("".join(part for part, _ in layout))
            raise NotATime(f"parsing time {shown} as {wanted}: cannot parse {_quote(rest)} as {_quote(name)}")
        part = parts[name] = found.group()
        _within(name, part, shown)
        rest = rest[found.end() :]
    if rest:
        raise NotATime(f"parsing time {shown}: extra text: {_quote(rest)}")
    year, month, day = int(parts["2006"]), int(parts["01"]), int(parts["02"])
    if not is_date(year, month, day):
        raise NotATime(f"parsing time {shown}: day out of range")
    seconds = days(year, month, day) * 86400
    second, _, fraction = parts.get("05", "0").replace(",", ".").partition(".")
    seconds += int(parts.get("15", 0)) * 3600 + int(parts.get("04", 0)) * 60 + int(second)
    offset = _offset(parts.get("Z07:00", "Z"))
    return (seconds - offset) * SECOND + int(fraction[:9].ljust(9, "0")), offset


def _within(name: str, part: str, shown: str) -> None:
    what, low, high = _LIMITS.get(name, ("", 0, 0))
    if what and not low <= int(part[:2]) <= high:
        raise NotATime(f"parsing time {shown}: {what} out of range")
    if name == "Z07:00" and part != "Z":
        # Go takes 24 hours and 60 minutes, "as some people do write" them.
        if int(part[1:3]) > 24:
            raise NotATime(f"parsing time {shown}: time zone offset hour out of range")
        if int(part[4:6]) > 60:
            raise NotATime(f"parsing time {shown}: time zone offset minute out of range")


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    return (int(zone[1:3]) * 60 + int(zone[4:6])) * (-60 if zone[0] == "-" else 60)


def _quote(data: str) -> str:
    """Bytes in quotes, those that are no printable ASCII as `\\xff`."""
    escaped = ("\\" + c if c in '"\\' else c if " " <= c < "\x80" else f"\\x{ord(c):02x}" for c in data)
    return f'"{"".join(escaped)}"'


def normalised(text: str) -> str | None:
    """A time as metadata holds it: in UTC, cut to the second; None for Go's zero time. NotATime if it is none."""
    nanoseconds, _ = read(text)
    if nanoseconds == _ZERO:
        return None
    return f"{written(nanoseconds // SECOND)}Z"


def written(seconds: int) -> str:
    """Seconds since 1970 as date and time, in any year."""
    day, second = divmod(seconds, 86400)
    year, month, day = _date(day)
    sign = "-" if year < 0 else ""
    hour, minute = divmod(second // 60, 60)
    return f"{sign}{abs(year):04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second % 60:02d}"


def days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 in the Gregorian calendar, year 0 included."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def _date(number: int) -> tuple[int, int, int]:
    """The inverse of `days`."""
    era, of_era = divmod(number + 719468, 146097)
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    return year + era * 400 + (month <= 2), month, day


def is_date(year: int, month: int, day: int) -> bool:
    """Whether the calendar has the day; the year 0 is a leap year, as in Go."""
    leap = month == 2 and (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return 1 <= month <= 12 and 1 <= day <= _MONTH_DAYS[month - 1] + leap
