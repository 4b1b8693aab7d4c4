"""The string formats that the server knows, and how it checks each (kube-openapi's strfmt, Go 1.26).

A name counts without its dashes: `date-time` and `datetime` are one. Formats of numbers are in `numbers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from opgen.apiextensions import goip, gomail, gourl, patterns

Checker = Callable[[str], bool]


def supported(format_: str, types: tuple[str, ...]) -> str:
    """`format_` where the server heeds it for these types, else "": it ignores the others."""
    if not format_:
        return ""
    match types[0] if len(types) == 1 else "":
        case "" | "string":
            known = normalised(format_) in _CHECKERS
        case "integer":
            known = format_ in ("int32", "int64")
        case "number":
            known = format_ in ("float", "double")
        case _:
            known = False
    return format_ if known else ""


def checker(format_: str) -> Checker | None:
    """The check of a string format, or None where the server knows none."""
    return _CHECKERS.get(normalised(format_))


def normalised(format_: str) -> str:
    """The name by which the server looks a format up."""
    return format_.replace("-", "")


_UUID = r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?%s[0-9a-fA-F]{3}-?%s[0-9a-fA-F]{3}-?[0-9a-fA-F]{12}"
_HOSTNAME = (
    r"^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)"
    r"|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$"
)
_CARD = (
    r"4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}"
    r"|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11}"
)
_BYTE = r"\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*"
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SHORT_NAME = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"


def _matching(pattern: str) -> Checker:
    # Compiled when first needed, and kept by `re`: most schemas name few formats.
    return lambda text: re.fullmatch(pattern, text, re.ASCII) is not None


def _bounded(most: int, check: Checker) -> Checker:
    return lambda text: len(text.encode(errors="replace")) <= most and check(text)


def is_hostname(text: str) -> bool:
    """Labels of letters, digits, dashes and symbols, 63 bytes each and 255 in all."""
    if not patterns.matches(_HOSTNAME, text):
        return False
    data = text.encode(errors="replace")
    return len(data) <= 255 and all(len(label) <= 63 for label in data.split(b"."))


def is_date(text: str) -> bool:
    """RFC 3339's full-date; year 0000 counts as a leap year, as in Go."""
    found = _DATE.fullmatch(text)
    if found is None or not found[0].isascii():
        return False
    year, month, day = (int(group) for group in found.groups())
    try:
        date(year or 2000, month, day)
    except ValueError:
        return False
    return True


def is_date_time(text: str) -> bool:
    """RFC 3339's date-time, without leap seconds; any character may stand before the fraction."""
    parts = text.lower().split("t")
    if len(parts) < 2 or not is_date(parts[0]):
        return False
    found = _TIME.fullmatch(parts[1])
    return found is not None and found[1] <= "23" and found[2] <= "59" and found[3] <= "59"


_NANOSECONDS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9}
_NANOSECONDS["h"] = 3600 * 10**9
_DURATION_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^.0-9]+)")
_SCALA_PART = re.compile(r"([0-9]+)\s*([A-Za-zµ]+)", re.ASCII)
_SCALA_UNITS = (
    ("ns", "nano"), ("us", "µs", "micro"), ("ms", "milli"), ("s", "sec"),
    ("m", "min"), ("h", "hr", "hour"), ("d", "day"), ("w", "wk", "week"),
)  # fmt: skip


def is_duration(text: str) -> bool:
    """Go's duration (`1h30m`), or any text that holds Scala's (`3 days`)."""
    return is_go_duration(text) or _holds_scala_duration(text)


def is_go_duration(text: str) -> bool:
    """What time.ParseDuration takes."""
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return True
    total = 0
    while rest:
        part = _DURATION_PART.match(rest)
        if part is None or not (part[1] or part[2]) or part[3] not in _NANOSECONDS:
            return False
        unit = _NANOSECONDS[part[3]]
        total += int(part[1] or "0") * unit + int(float(f"0.{part[2] or 0}") * unit)
        if total > 1 << 63:
            return False
        rest = rest[part.end() :]
    return bool(text[1:] if text[:1] in ("-", "+") else text) and total < (1 << 63) + text.startswith("-")


def _holds_scala_duration(text: str) -> bool:
    found = False
    for amount, unit in _SCALA_PART.findall(text):
        if int(amount) >= 1 << 63:
            return False
        unit = unit.lower()
        found = found or any(unit in names or unit.startswith(names[-1]) for names in _SCALA_UNITS)
    return found


def is_card_number(text: str) -> bool:
    """A credit card number with a right check digit; anything but digits is skipped."""
    digits = re.sub("[^0-9]+", "", text)
    if re.fullmatch(_CARD, digits) is None:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value % 10 + 1 if value >= 10 else value
    return total % 10 == 0


def is_isbn10(text: str) -> bool:
    """An ISBN of ten digits, spaces and dashes aside."""
    digits = re.sub(r"[\s-]+", "", text, flags=re.ASCII)
    if re.fullmatch("[0-9]{9}[0-9X]", digits) is None:
        return False
    return sum((i + 1) * (10 if digit == "X" else int(digit)) for i, digit in enumerate(digits)) % 11 == 0


def is_isbn13(text: str) -> bool:
    """An ISBN of thirteen digits, spaces and dashes aside."""
    digits = re.sub(r"[\s-]+", "", text, flags=re.ASCII)
    if re.fullmatch("[0-9]{13}", digits) is None:
        return False
    total = sum(int(digit) * (1, 3)[i % 2] for i, digit in enumerate(digits[:12]))
    return int(digits[12]) == (10 - total % 10) % 10


_HEX = "[0-9a-fA-F]"
_BASE64 = "[A-Za-z0-9+/]"
_MAC = "|".join(
    f"{_HEX}{{{2 * n}}}|{_HEX}{{2}}(?::{_HEX}{{2}}){{{n - 1}}}|{_HEX}{{2}}(?:-{_HEX}{{2}}){{{n - 1}}}"
    f"|{_HEX}{{4}}(?:\\.{_HEX}{{4}}){{{n // 2 - 1}}}"
    for n in (6, 8, 20)
)

_CHECKERS: Mapping[str, Checker] = {
    "bsonobjectid": _matching(f"{_HEX}{{24}}"),
    "uri": gourl.is_request_uri,
    "email": gomail.is_address,
    "hostname": is_hostname,
    "ipv4": lambda text: "." in text and goip.is_lenient_ip(text),
    "ipv6": goip.is_ipv6,
    "cidr": goip.is_lenient_cidr,
    "mac": _matching(_MAC),
    "uuid": _matching(_UUID % (_HEX, _HEX)),
    "uuid3": _matching(_UUID % ("3", _HEX)),
    "uuid4": _matching(_UUID % ("4", "[89abAB]")),
    "uuid5": _matching(_UUID % ("5", "[89abAB]")),
    "isbn": lambda text: is_isbn10(text) or is_isbn13(text),
    "isbn10": is_isbn10,
    "isbn13": is_isbn13,
    "creditcard": is_card_number,
    "ssn": _bounded(11, _matching("[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}")),
    "hexcolor": _matching(f"#?({_HEX}{{3}}|{_HEX}{{6}})"),
    "rgbcolor": _matching(rf"rgb\({_BYTE},{_BYTE},{_BYTE}\)"),
    "byte": _matching(f"(?:{_BASE64}{{4}})*(?:{_BASE64}{{2}}==|{_BASE64}{{3}}=|{_BASE64}{{4}})"),
    "password": lambda text: True,
    "date": is_date,
    "duration": is_duration,
    "datetime": is_date_time,
    "k8sshortname": _bounded(63, _matching(_SHORT_NAME)),
    "k8slongname": _bounded(253, _matching(rf"{_SHORT_NAME}(?:\.{_SHORT_NAME})*")),
}
NAMES = frozenset(_CHECKERS)
