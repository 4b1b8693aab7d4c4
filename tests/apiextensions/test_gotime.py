"""Times as Go's time.Parse takes them, with the messages that a real server gave."""

from __future__ import annotations

import pytest

from opgen.apiextensions.gotime import DATE, NotATime, normalised, read


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2024-01-01T00:00:00+02:00", "2023-12-31T22:00:00Z"),
        ("2024-01-01T1:00:00Z", "2024-01-01T01:00:00Z"),
        ("2024-01-01T00:00:00,25Z", "2024-01-01T00:00:00Z"),
        ("2024-01-01T00:00:00+24:00", "2023-12-31T00:00:00Z"),
        ("2024-02-29T23:59:59.999999999999Z", "2024-02-29T23:59:59Z"),
        ("0000-01-01T00:00:00+01:00", "-0001-12-31T23:00:00Z"),
        ("9999-12-31T23:59:59-01:00", "10000-01-01T00:59:59Z"),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_times_are_written_in_utc_to_the_second(text: str, written: str | None) -> None:
    assert normalised(text) == written


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("2024-01-01t00:00:00Z", 'cannot parse "t00:00:00Z" as "T"'),
        ("2024-01-01T00:00:00z", 'cannot parse "z" as "Z07:00"'),
        ("2024-01-01", 'cannot parse "" as "T"'),
        ("2024-13-01T00:00:00Z", "month out of range"),
        ("2024-01-01T24:00:00Z", "hour out of range"),
        ("2024-02-30T00:00:00Z", "day out of range"),
        ("2024-01-01T00:00:00+25:00", "time zone offset hour out of range"),
        ("2024-01-01T00:00:00Zx", 'extra text: "x"'),
        ('2024ä"', r'cannot parse "\xc3\xa4\"" as "-"'),
    ],
)
def test_what_is_no_time_is_told_in_gos_words(text: str, wrong: str) -> None:
    with pytest.raises(NotATime) as refused:
        read(text)
    assert str(refused.value).startswith("parsing time ")
    assert str(refused.value).endswith(f": {wrong}")


def test_every_day_of_some_years_is_written_as_it_was_read() -> None:
    lengths = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    for year in (0, 1, 1899, 1900, 1999, 2000, 2023, 2024, 9999):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        for month, length in enumerate(lengths, 1):
            for day in (1, 28, length - (month == 2 and not leap)):
                noon = f"{year:04d}-{month:02d}-{day:02d}T12:34:56Z"
                assert normalised(noon) == noon
    with pytest.raises(NotATime, match="day out of range"):
        read("1900-02-29", DATE)
