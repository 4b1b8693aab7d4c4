"""IP addresses and networks as Go's net, net/netip and Kubernetes' lenient copy of an older net read them."""

from __future__ import annotations

import ipaddress
import re


def is_ip(text: str) -> bool:
    """net.ParseIP: IPv4 without leading zeros or IPv6 without a zone."""
    return is_ipv4(text) or is_ipv6(text)


def is_ipv4(text: str) -> bool:
    """A dotted IPv4 address, without leading zeros."""
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return text.isascii()


def is_ipv6(text: str, *, zone: bool = False) -> bool:
    """An IPv6 address, an embedded IPv4 one included; `zone` allows `%zone` behind it."""
    if zone and "%" in text:
        text, _, name = text.partition("%")
        if not name:
            return False
    if "%" in text or ":" not in text or not text.isascii():
        return False
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


_LENIENT_IPV4 = re.compile(r"[0-9]{1,7}(\.[0-9]{1,7}){3}")
_PREFIX = re.compile(r"[0-9]{1,7}")


def is_lenient_ipv4(text: str) -> bool:
    """A dotted IPv4 address whose fields may have leading zeros."""
    return _LENIENT_IPV4.fullmatch(text) is not None and all(int(field) <= 255 for field in text.split("."))


def is_lenient_ipv6(text: str) -> bool:
    """An IPv6 address whose groups may have more than four digits as long as the rest are zeros."""
    groups = text.split(":")
    if "." in groups[-1]:
        if not is_lenient_ipv4(groups[-1]):
            return False
        groups[-1] = "1.1.1.1"
    return is_ipv6(":".join(_short(group) for group in groups))


def _short(group: str) -> str:
    return group.lstrip("0") or "0" if 4 < len(group) <= 8 else group


def is_lenient_ip(text: str) -> bool:
    """Kubernetes' ParseIPSloppy: the first `.` or `:` says which family it is."""
    for char in text:
        if char == ".":
            return is_lenient_ipv4(text)
        if char == ":":
            return is_lenient_ipv6(text)
    return False


def is_lenient_cidr(text: str) -> bool:
    """Kubernetes' ParseCIDRSloppy."""
    address, slash, prefix = text.partition("/")
    if not slash or _PREFIX.fullmatch(prefix) is None:
        return False
    if is_lenient_ipv4(address):
        return int(prefix) <= 32
    return is_lenient_ipv6(address) and int(prefix) <= 128
