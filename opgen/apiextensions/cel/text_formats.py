"""Texts of the formats that CEL has types for: times, durations and bytes, read as the server reads them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from opgen.apiextensions.cel.times import complaint, parse_any_duration, parse_date, parse_time
from opgen.apiextensions.cel.values import CelError, Timestamp, Value

Convert = Callable[[Any], Value]


def _duration(text: str) -> Value:
    found = parse_any_duration(text)
    if found is None:
        raise CelError(f"Invalid duration {text}: unable to parse {text} as duration")
    return found


def _date(text: str) -> Value:
    found = parse_date(text)
    if found is None:
        raise CelError(f"Invalid date formatted string {text}: {complaint(text, date_only=True)}")
    return found


def _date_time(text: str) -> Value:
    if not text:
        return Timestamp(0)
    found = parse_time(text, local=True)
    if found is None:
        raise CelError(f"Invalid date-time formatted string {text}: {complaint(text, date_only=False)}")
    return found


def _bytes(text: str) -> Value:
    wrong = _wrong_base64(text)
    if wrong is not None:
        raise CelError(f"Invalid byte formatted string {text}: illegal base64 data at input byte {wrong}")
    return base64.urlsafe_b64decode(text.replace("\r", "").replace("\n", ""))


def _wrong_base64(text: str) -> int | None:
    """The byte at which Go's URL-safe decoder stops, None if it takes the text."""
    data = text.encode("utf-8", "surrogatepass")
    place = digits = 0
    while place < len(data):
        byte = data[place]
        place += 1
        if byte in b"\r\n":
            continue
        if byte in _BASE64:
            digits = (digits + 1) % 4
            continue
        if byte != 0x3D or digits < 2:
            return place - 1
        if digits == 2:
            place = _past_newlines(data, place)
            if place == len(data):
                return place
            if data[place] != 0x3D:
                return place - 1
            place += 1
        place = _past_newlines(data, place)
        return place if place < len(data) else None
    return place - digits if digits else None


def _past_newlines(data: bytes, place: int) -> int:
    while place < len(data) and data[place] in b"\r\n":
        place += 1
    return place


_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
FORMATS: dict[str, Convert] = {
    "duration": _duration,
    "date": _date,
    "date-time": _date_time,
    "byte": _bytes,
}
