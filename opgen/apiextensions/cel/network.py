"""IP addresses and networks: `ip()`, `cidr()` and their methods, read as Go's net/netip reads them."""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from opgen.apiextensions.cel.addresses import Address, Refused, parse
from opgen.apiextensions.cel.values import CelError, Value, register_type
from opgen.apiextensions.gotext import quote

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
        return (
            ipaddress.ip_network((int(self.address), self.bits), strict=False)
            if (isinstance(self.address, ipaddress.IPv4Address))
            else ipaddress.IPv6Network((int(self.address), self.bits), strict=False)
        )

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        if type(other) is not CIDRValue:
            raise CelError(_NO_OVERLOAD)
        return self.address == other.address and self.bits == other.bits


register_type(IPValue, "net.IP")
register_type(CIDRValue, "net.CIDR")


def ip(text: str) -> IPValue:
    """`ip(text)`."""
    shown = quote(text)
    try:
        address, zone = parse(text)
    except Refused as reason:
        raise CelError(
            f"IP Address {shown} parse error during conversion from string: ParseAddr({shown}): {reason}"
        ) from None
    if zone:
        raise CelError(f"IP address {shown} with zone value is not allowed")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        raise CelError(f"IPv4-mapped IPv6 address {shown} is not allowed")
    return IPValue(address)


def is_ip(text: str) -> bool:
    """`isIP(text)`."""
    try:
        ip(text)
    except CelError:
        return False
    return True


def cidr(text: str) -> CIDRValue:
    """`cidr(text)`."""
    prefix = "network address parse error during conversion from string: "
    try:
        address, bits = _prefix(text)
    except Refused as reason:
        raise CelError(f"{prefix}{prefix}netip.ParsePrefix({quote(text)}): {reason}") from None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        raise CelError(f"{prefix}IPv4-mapped IPv6 address {quote(text)} is not allowed")
    return CIDRValue(address, bits)


def _prefix(text: str) -> tuple[Address, int]:
    address_text, slash, bits_text = text.rpartition("/")
    if not slash:
        raise Refused("no '/'")
    try:
        address, zone = parse(address_text)
    except Refused as reason:
        raise Refused(f"ParseAddr({quote(address_text)}): {reason}") from None
    if zone:
        raise Refused("IPv6 zones cannot be present in a prefix")
    if not _BITS.match(bits_text) or len(bits_text) > 9:
        raise Refused(f"bad bits after slash: {quote(bits_text)}")
    if int(bits_text) > address.max_prefixlen:
        raise Refused("prefix length out of range")
    return address, int(bits_text)


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
