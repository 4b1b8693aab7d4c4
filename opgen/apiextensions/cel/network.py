"""IP addresses and networks: `ip()`, `cidr()` and their methods, read as Go's net/netip reads them."""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from opgen.apiextensions.cel.values import CelError, Value, register_type
from opgen.apiextensions.gotext import quote

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NO_OVERLOAD = "no such overload"
_BITS = re.compile(r"(?:0|[1-9][0-9]*)\Z")


@dataclass(frozen=True, slots=True)
class IPValue:
    """An address."""

    address: Address

    @property
    def text(self) -> str:
        """The canonical form."""
        return str(self.address)

    @property
    def size(self) -> int:
        """In bytes."""
        return self.address.max_prefixlen // 8

    @property
    def unit_equality(self) -> bool:
        """Comparing two costs one unit."""
        return True

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        if type(other) is not IPValue:
            raise CelError(_NO_OVERLOAD)
        return self.address == other.address


@dataclass(frozen=True, slots=True)
class CIDRValue:
    """An address with the length of its network's prefix; the bits behind it are kept."""

    address: Address
    bits: int

    @property
    def text(self) -> str:
        """The canonical form."""
        return f"{self.address}/{self.bits}"

    @property
    def size(self) -> int:
        """Bytes of the prefix."""
        return math.ceil(self.bits / 8)

    @property
    def unit_equality(self) -> bool:
        """Comparing two costs one unit."""
        return True

    @property
    def network(self) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        """The network without the bits behind the prefix."""
        return ipaddress.ip_network((int(self.address), self.bits), strict=False) if (
            isinstance(self.address, ipaddress.IPv4Address)
        ) else ipaddress.IPv6Network((int(self.address), self.bits), strict=False)

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        if type(other) is not CIDRValue:
            raise CelError(_NO_OVERLOAD)
        return self.address == other.address and self.bits == other.bits


register_type(IPValue, "net.IP")
register_type(CIDRValue, "net.CIDR")


def _parse(text: str) -> Address | None:
    try:
        if ":" in text:
            return ipaddress.IPv6Address(text)
        return ipaddress.IPv4Address(text)
    except ValueError:
        return None


def ip(text: str) -> IPValue:
    """`ip(text)`."""
    address = _parse(text)
    if address is None:
        reason = _why(text)
        raise CelError(
            f"IP Address {quote(text)} parse error during conversion from string: ParseAddr({quote(text)}): {reason}"
        )
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise CelError(f"IP address {quote(text)} with zone value is not allowed")
        if address.ipv4_mapped is not None:
            raise CelError(f"IPv4-mapped IPv6 address {quote(text)} is not allowed")
    return IPValue(address)


def _why(text: str) -> str:
    """Go's reason for the commonest malformed IPv4 addresses."""
    if ":" in text or "." not in text:
        return "unable to parse IP"
    digits = value = fields = 0
    for index, char in enumerate(text):
        if char in "0123456789":
            if digits == 1 and value == 0:
                return "IPv4 field has octet with leading zero"
            value, digits = value * 10 + int(char), digits + 1
            if value > 255:
                return "IPv4 field has value >255"
        elif char == ".":
            if index == 0 or index == len(text) - 1 or text[index - 1] == ".":
                return f"IPv4 field must have at least one digit (at {quote(text[index:])})"
            if fields == 3:
                return "IPv4 address too long"
            fields, value, digits = fields + 1, 0, 0
        else:
            return f"unexpected character (at {quote(text[index:])})"
    return "IPv4 address too short"


def is_ip(text: str) -> bool:
    """`isIP(text)`."""
    try:
        ip(text)
    except CelError:
        return False
    return True


def cidr(text: str) -> CIDRValue:
    """`cidr(text)`."""
    address_text, slash, bits_text = text.rpartition("/")
    address = _parse(address_text) if slash else None
    reason = ""
    if not slash:
        reason = "no '/'"
    elif address is None:
        reason = f"ParseAddr({quote(address_text)}): {_why(address_text)}"
    elif isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        reason = "IPv6 zones cannot be present in a prefix"
    elif not _BITS.match(bits_text) or len(bits_text) > 9:
        reason = f"bad bits after slash: {quote(bits_text)}"
    elif int(bits_text) > address.max_prefixlen:
        reason = "prefix length out of range"
    prefix = "network address parse error during conversion from string: "
    if reason or address is None:
        raise CelError(f"{prefix}{prefix}netip.ParsePrefix({quote(text)}): {reason}")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        raise CelError(f"{prefix}IPv4-mapped IPv6 address {quote(text)} is not allowed")
    return CIDRValue(address, int(bits_text))


def is_cidr(text: str) -> bool:
    """`isCIDR(text)`."""
    try:
        cidr(text)
    except CelError:
        return False
    return True


def contains_ip(network: CIDRValue, other: IPValue) -> bool:
    """Whether the address is in the network."""
    return other.address in network.network


def _contains_ip_text(network: CIDRValue, text: str) -> bool:
    try:
        address = ip(text)
    except CelError:
        raise CelError(_NO_OVERLOAD) from None
    return contains_ip(network, address)


def contains_cidr(network: CIDRValue, other: CIDRValue) -> bool:
    """Whether the other network is within this one."""
    if network.address.version != other.address.version:
        return False
    return network.bits <= other.bits and other.address in network.network


def masked(network: CIDRValue) -> CIDRValue:
    """The network with the bits behind its prefix cleared."""
    return CIDRValue(network.network.network_address, network.bits)


def _is_link_local_multicast(value: IPValue) -> bool:
    packed = value.address.packed
    if value.address.version == 4:
        return packed[:3] == bytes((224, 0, 0))
    return packed[0] == 0xFF and packed[1] & 0x0F == 0x02


def _is_loopback(value: IPValue) -> bool:
    return value.address.is_loopback


def _is_link_local_unicast(value: IPValue) -> bool:
    packed = value.address.packed
    if value.address.version == 4:
        return packed[:2] == bytes((169, 254))
    return packed[0] == 0xFE and packed[1] & 0xC0 == 0x80


def _is_global_unicast(value: IPValue) -> bool:
    address = value.address
    if address == ipaddress.IPv4Address("255.255.255.255") or address.is_unspecified or address.is_loopback:
        return False
    return not address.is_multicast and not _is_link_local_unicast(value)


OVERLOADS: dict[str, Callable[..., Value]] = {
    "string_to_ip": ip,
    "ip_family": lambda value: value.address.version,
    "ip_is_canonical": lambda text: ip(text).text == text,
    "ip_is_unspecified": lambda value: value.address.is_unspecified,
    "ip_is_loopback": _is_loopback,
    "ip_is_link_local_multicast": _is_link_local_multicast,
    "ip_is_link_local_unicast": _is_link_local_unicast,
    "ip_is_global_unicast": _is_global_unicast,
    "is_ip": is_ip,
    "string_to_cidr": cidr,
    "is_cidr": is_cidr,
    "cidr_contains_ip_string": _contains_ip_text,
    "cidr_contains_ip_ip": contains_ip,
    "cidr_contains_cidr_string": lambda network, text: contains_cidr(network, cidr(text)),
    "cidr_contains_cidr": contains_cidr,
    "cidr_ip": lambda network: IPValue(network.address),
    "cidr_prefix_length": lambda network: network.bits,
    "cidr_masked": masked,
}
