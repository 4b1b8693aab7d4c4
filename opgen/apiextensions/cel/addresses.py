"""Texts of IP addresses as Go's net/netip reads them, with its reasons for refusing one."""

from __future__ import annotations

import ipaddress
import re
from typing import TypeAlias

from opgen.apiextensions.gotext import quote

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_GROUP = re.compile(r"[0-9a-fA-F]*")


class Refused(ValueError):
    """The text is no address; the message is Go's, without the text itself."""

    def __init__(self, reason: str, at: str = "") -> None:
        super().__init__(f"{reason} (at {quote(at)})" if at else reason)


def parse(text: str) -> tuple[Address, str]:
    """The address and its zone, "" if it has none."""
    mark = re.search(r"[.:%]", text)
    if mark is None:
        raise Refused("unable to parse IP")
    match mark.group():
        case ".":
            return ipaddress.IPv4Address(_ipv4(text)), ""
        case ":":
            return _ipv6(text)
        case _:
            raise Refused("missing IPv6 address")


def _ipv4(text: str) -> bytes:
    fields: list[int] = []
    value = digits = 0
    for index, char in enumerate(text):
        if char in "0123456789":
            if digits == 1 and value == 0:
                raise Refused("IPv4 field has octet with leading zero")
            value, digits = value * 10 + int(char), digits + 1
            if value > 255:
                raise Refused("IPv4 field has value >255")
        elif char == ".":
            if index in (0, len(text) - 1) or text[index - 1] == ".":
                raise Refused("IPv4 field must have at least one digit", text[index:])
            if len(fields) == 3:
                raise Refused("IPv4 address too long")
            fields.append(value)
            value = digits = 0
        else:
            raise Refused("unexpected character", text[index:])
    if len(fields) < 3:
        raise Refused("IPv4 address too short")
    return bytes([*fields, value])


def _ipv6(text: str) -> tuple[Address, str]:
    rest, percent, zone = text.partition("%")
    if percent and not zone:
        raise Refused("zone must be a non-empty string")
    packed = bytearray()
    gap = -1
    if rest.startswith("::"):
        gap, rest = 0, rest[2:]
    while rest and len(packed) < 16:
        rest = _field(rest, packed, gap)
        if not rest:
            break
        rest = rest[1:]
        if rest.startswith(":"):
            if gap >= 0:
                raise Refused("multiple :: in address", rest)
            gap, rest = len(packed), rest[1:]
    if rest:
        raise Refused("trailing garbage after address", rest)
    if len(packed) < 16:
        if gap < 0:
            raise Refused("address string too short")
        packed[gap:gap] = bytes(16 - len(packed))
    elif gap >= 0:
        raise Refused("the :: must expand to at least one field of zeros")
    return ipaddress.IPv6Address(bytes(packed)), zone


def _field(rest: str, packed: bytearray, gap: int) -> str:
    """Read one field onto `packed`; what is left starts with the colon behind it."""
    found = _GROUP.match(rest)
    group = found.group() if found else ""
    if len(group) > 4:
        raise Refused("each group must have 4 or less digits", rest)
    if not group:
        raise Refused("each colon-separated field must have at least one digit", rest)
    left = rest[len(group) :]
    if left.startswith("."):
        if gap < 0 and len(packed) != 12:
            raise Refused("embedded IPv4 address must replace the final 2 fields of the address", rest)
        if len(packed) > 12:
            raise Refused("too many hex fields to fit an embedded IPv4 at the end of the address", rest)
        packed += _ipv4(rest)
        return ""
    packed += int(group, 16).to_bytes(2, "big")
    if left and left[0] != ":":
        raise Refused("unexpected character, want colon", left)
    if left == ":":
        raise Refused("colon must be followed by more characters", left)
    return left
